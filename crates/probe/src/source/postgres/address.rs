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
    issuers: Option<Issuers>,
}

/// `sslrootcert`: whose certificates are trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Issuers {
    File(PathBuf),
    /// The word `system`: this machine's authorities.
    System,
}

/// `sslmode`, with libpq's names and meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encryption {
    Disable,
    /// TLS where the server lets nobody in without.
    Allow,
    /// TLS where the server has it.
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
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
        let mut mode = None;
        for (key, value) in url.query_pairs() {
            if key == "sslmode" {
                mode = Some(encryption(&value)?);
            } else {
                address.set(&key, &value)?;
            }
        }
        address.encryption = encrypted(mode, address.issuers.as_ref())?;
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
            "sslrootcert" if value == "system" => self.issuers = Some(Issuers::System),
            "sslrootcert" => self.issuers = Some(Issuers::File(PathBuf::from(value))),
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
        let roots = match &self.issuers {
            Some(Issuers::File(path)) => Roots::from_file(path)?,
            Some(Issuers::System) | None => Roots::system(),
        };
        Ok(tls::Client::checking(roots, self.check()))
    }

    /// libpq: whoever names issuers wants certificates held against them, whatever the mode; the mode says whether the
    /// name must fit as well.
    const fn check(&self) -> Check {
        match self.encryption {
            Encryption::VerifyFull => Check::Full,
            Encryption::VerifyCa => Check::Issuer,
            Encryption::Disable | Encryption::Allow | Encryption::Prefer | Encryption::Require => {
                if self.issuers.is_some() {
                    Check::Issuer
                } else {
                    Check::Nothing
                }
            }
        }
    }

    /// Whether it may be asked without TLS after a handshake that failed, as libpq does. A certificate that does not
    /// hold is no reason to: then the password would go to whoever stands between.
    pub const fn may_fall_back(&self) -> bool {
        matches!(self.encryption, Encryption::Prefer) && self.issuers.is_none()
    }
}

fn encryption(mode: &str) -> Result<Encryption, String> {
    match mode {
        "disable" => Ok(Encryption::Disable),
        "allow" => Ok(Encryption::Allow),
        "prefer" => Ok(Encryption::Prefer),
        "require" => Ok(Encryption::Require),
        "verify-ca" => Ok(Encryption::VerifyCa),
        "verify-full" => Ok(Encryption::VerifyFull),
        other => Err(format!(
            "sslmode {other:?} is none; use disable, allow, prefer, require, verify-ca or verify-full"
        )),
    }
}

/// libpq: the machine's authorities issue for anybody, so that only the name tells one server from another.
fn encrypted(mode: Option<Encryption>, issuers: Option<&Issuers>) -> Result<Encryption, String> {
    match (mode, issuers) {
        (None | Some(Encryption::VerifyFull), Some(Issuers::System)) => Ok(Encryption::VerifyFull),
        (Some(_), Some(Issuers::System)) => {
            Err("sslrootcert=system goes with sslmode=verify-full alone; write that, or name a file".to_owned())
        }
        (mode, Some(Issuers::File(_)) | None) => Ok(mode.unwrap_or(Encryption::Prefer)),
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
        check("postgres://db?sslmode=verify-full", Ok("postgres/postgres VerifyFull"));
        check("postgres://db?sslmode=allow", Ok("postgres/postgres Allow"));
        check("postgres://db?sslrootcert=system", Ok("postgres/postgres VerifyFull"));
        check(
            "postgres://db?sslmode=require&sslrootcert=system",
            Err("sslrootcert=system goes with sslmode=verify-full alone; write that, or name a file"),
        );
        check(
            "postgres://db?sslmode=on",
            Err("sslmode \"on\" is none; use disable, allow, prefer, require, verify-ca or verify-full"),
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

    #[test]
    fn whoever_names_issuers_has_certificates_checked() {
        let check = |query: &str, expected| {
            let url = Url::parse(&format!("postgres://db?{query}")).unwrap();
            assert_eq!(
                Address::of(&url, AddressFamily::Any).unwrap().check(),
                expected,
                "{query}"
            );
        };
        for mode in ["allow", "prefer", "require"] {
            check(&format!("sslmode={mode}"), Check::Nothing);
            check(&format!("sslmode={mode}&sslrootcert=/ca.pem"), Check::Issuer);
        }
        check("sslmode=verify-ca", Check::Issuer);
        check("sslrootcert=/ca.pem&sslmode=verify-full", Check::Full);
    }
}
