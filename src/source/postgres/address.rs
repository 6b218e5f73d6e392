//! What a `postgres://` URL says: whom to ask, as whom, and how safely.

use std::path::PathBuf;

use percent_encoding::percent_decode_str;
use url::Url;

use crate::source::AddressFamily;
use crate::source::endpoint::Place;
use crate::source::login::Login;
use crate::source::tls::{self, Check, Roots};

const PORT: u16 = 5432;

/// Everything needed to connect. No `Debug`: it holds the password.
#[derive(Clone)]
pub struct Address {
    pub place: Place,
    pub user: String,
    pub password: Option<String>,
    pub database: String,
    pub encryption: Encryption,
    pub application: String,
    /// Settings of the session, as `-c name=value`.
    pub options: Option<String>,
    issuers: Option<PathBuf>,
}

/// `sslmode`, with libpq's names and meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encryption {
    Disable,
    /// TLS where the server has it.
    Prefer,
    Require(Check),
}

impl Address {
    /// # Errors
    /// Says what is wrong and what to write instead.
    pub fn of(url: &Url, family: AddressFamily) -> Result<Self, String> {
        let mut place = Place::of(url, PORT, family)?;
        if let Place::Socket(folder) = &mut place {
            // libpq names the folder of the socket.
            folder.push(format!(".s.PGSQL.{}", url.port().unwrap_or(PORT)));
        }
        let login = Login::of(url);
        let user = login.user.unwrap_or_else(|| "postgres".to_owned());
        let path = percent_decode_str(url.path().trim_start_matches('/')).decode_utf8_lossy();
        let database = if path.is_empty() {
            user.clone()
        } else {
            path.into_owned()
        };
        let mut address = Self {
            place,
            user,
            password: login.password,
            database,
            encryption: Encryption::Prefer,
            application: "probetop".to_owned(),
            options: None,
            issuers: None,
        };
        for (key, value) in url.query_pairs() {
            address.set(&key, &value)?;
        }
        let nul = |text: &str| text.contains('\0');
        if [&address.user, &address.database, &address.application]
            .into_iter()
            .any(|text| nul(text))
        {
            return Err("holds a zero byte; leave it out".to_owned());
        }
        Ok(address)
    }

    fn set(&mut self, key: &str, value: &str) -> Result<(), String> {
        match key {
            "host" => {}
            "sslmode" => self.encryption = encryption(value)?,
            "sslrootcert" => self.issuers = Some(PathBuf::from(value)),
            "application_name" => value.clone_into(&mut self.application),
            "options" => self.options = Some(value.replace('\0', "")),
            "user" => value.clone_into(&mut self.user),
            "password" => return Err("password is shown in the query; write postgres://USER:PASSWORD@HOST".to_owned()),
            "connect_timeout" => return Err("connect_timeout is not for probes; use the key timeout".to_owned()),
            _other => {
                return Err(format!(
                    "parameter {key:?} is not known; known are application_name, host, options, sslmode, sslrootcert, user"
                ));
            }
        }
        Ok(())
    }

    /// Makes TLS connections as `sslmode` says.
    ///
    /// # Errors
    /// Says why the file of issuers cannot be used.
    pub fn tls(&self) -> Result<tls::Client, String> {
        let roots = self
            .issuers
            .as_deref()
            .map_or_else(|| Ok(Roots::system()), Roots::from_file)?;
        let check = match self.encryption {
            Encryption::Require(check) => check,
            // libpq: with a file of issuers, certificates are checked against it.
            Encryption::Prefer | Encryption::Disable if self.issuers.is_some() => Check::Issuer,
            Encryption::Prefer | Encryption::Disable => Check::Nothing,
        };
        Ok(tls::Client::checking(roots, check))
    }
}

fn encryption(mode: &str) -> Result<Encryption, String> {
    match mode {
        "disable" => Ok(Encryption::Disable),
        "prefer" | "allow" => Ok(Encryption::Prefer),
        "require" => Ok(Encryption::Require(Check::Nothing)),
        "verify-ca" => Ok(Encryption::Require(Check::Issuer)),
        "verify-full" => Ok(Encryption::Require(Check::Full)),
        other => Err(format!(
            "sslmode {other:?} is none; use disable, prefer, require, verify-ca or verify-full"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, expected: Result<&str, &str>) {
        let address = Address::of(&Url::parse(url).unwrap(), AddressFamily::Any);
        let told = address.map(|address| format!("{}/{} {:?}", address.user, address.database, address.encryption));
        assert_eq!(told, expected.map(str::to_owned).map_err(str::to_owned), "of {url}");
    }

    #[test]
    fn a_url_says_who_asks_whom_and_how_safely() {
        check("postgres://db", Ok("postgres/postgres Prefer"));
        check("postgresql://app:pw@db:1/shop?sslmode=disable", Ok("app/shop Disable"));
        check("postgres://a%20b@db", Ok("a b/a b Prefer"));
        check("postgres:///shop?host=/tmp&user=me", Ok("me/shop Prefer"));
        check(
            "postgres://db?sslmode=verify-full",
            Ok("postgres/postgres Require(Full)"),
        );
        check(
            "postgres://db?sslmode=on",
            Err("sslmode \"on\" is none; use disable, prefer, require, verify-ca or verify-full"),
        );
        check(
            "postgres:///x?host=/tmp&password=s3cret",
            Err("password is shown in the query; write postgres://USER:PASSWORD@HOST"),
        );
        check("postgres:///shop", Err("has no host; write postgres://HOST:5432"));
        let colour =
            "parameter \"colour\" is not known; known are application_name, host, options, sslmode, sslrootcert, user";
        check("postgres://db?colour=red", Err(colour));
    }

    #[test]
    fn a_socket_lies_in_the_folder_that_is_named() {
        let address = Address::of(&Url::parse("postgres:///shop?host=/run/pg").unwrap(), AddressFamily::V6).unwrap();
        assert_eq!(address.place, Place::Socket("/run/pg/.s.PGSQL.5432".into()));
    }
}
