//! A connection to one server, logged in: asked one command at a time.

use probetop_core::sample::{Failure, FailureKind, Phase, Text};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use url::Url;

use super::reply::{self, Decoder, Kind, Reply};
use crate::source::AddressFamily;
use crate::source::attempt::{Fault, Stopwatch};
use crate::source::endpoint::Place;
use crate::source::idle::Kept;
use crate::source::link::Link;
use crate::source::login::Login;
use crate::source::tls;

const PORT: u16 = 6379;

/// Read at once.
const CHUNK_BYTES: usize = 4 * 1024;

/// Whom to ask, as whom, and in which database. No `Debug` of its own: [`Login`] hides the password.
#[derive(Clone, Debug)]
pub struct Address {
    pub place: Place,
    login: Login,
    database: u32,
}

impl Address {
    /// # Errors
    /// Says what is wrong and what to write instead.
    pub fn of(url: &Url, family: AddressFamily) -> Result<Self, String> {
        let place = Place::of(url, PORT, family)?;
        let database = match url.path().trim_start_matches('/') {
            "" => 0,
            number => number
                .parse()
                .map_err(|_| format!("{number:?} is not a database number; write {}://HOST/0", url.scheme()))?,
        };
        if let Some((key, _)) = url.query_pairs().find(|(key, _)| key != "host") {
            return Err(format!("parameter {key:?} is not known; known is host"));
        }
        Ok(Self {
            place,
            login: Login::of(url),
            database,
        })
    }

    /// What is said before the first question.
    fn greeting(&self) -> Vec<Vec<u8>> {
        let mut commands = Vec::new();
        if let Some(password) = &self.login.password {
            // Redis before version 6 knows no users.
            let words = ["AUTH"]
                .into_iter()
                .chain(self.login.user.as_deref())
                .chain([password.as_str()]);
            commands.push(reply::command(&words.collect::<Vec<_>>()));
        }
        if self.database != 0 {
            commands.push(reply::command(&["SELECT", &self.database.to_string()]));
        }
        commands
    }
}

pub struct Session {
    pub link: Link,
}

impl Kept for Session {
    fn is_alive(&mut self) -> bool {
        self.link.is_alive()
    }
}

impl Session {
    pub async fn open(watch: &mut Stopwatch, address: &Address, tls: Option<&tls::Client>) -> Result<Self, Failure> {
        let mut link = Link::open_plain(watch, &address.place).await?;
        if let (Place::Network(endpoint), Some(client)) = (&address.place, tls) {
            link = watch.phase(Phase::Tls, link.secure(client, &endpoint.host)).await?;
        }
        let mut session = Self { link };
        let greeting = address.greeting();
        if !greeting.is_empty() {
            watch.phase(Phase::Authenticate, session.greet(&greeting)).await?;
        }
        Ok(session)
    }

    async fn greet(&mut self, greeting: &[Vec<u8>]) -> Result<(), Fault> {
        for command in greeting {
            let reply = self.ask(command).await?;
            if let Some(fault) = refusal(&reply) {
                return Err(fault);
            }
        }
        Ok(())
    }

    /// Sends `command` and reads its reply to the end.
    ///
    /// # Errors
    /// The connection cannot be used any more.
    pub async fn ask(&mut self, command: &[u8]) -> Result<Reply, Fault> {
        self.link.write_all(command).await?;
        self.link.flush().await?;
        let mut decoder = Decoder::default();
        let mut chunk = [0; CHUNK_BYTES];
        loop {
            let length = self.link.read(&mut chunk).await?;
            let bytes = chunk.get(..length).unwrap_or_default();
            if bytes.is_empty() {
                return Err(Fault::new(FailureKind::Closed, "connection closed by the server"));
            }
            let fed = decoder.feed(bytes);
            if let Some(reply) = fed.map_err(|why| Fault::new(FailureKind::Protocol, why.to_string()))? {
                return Ok(reply);
            }
        }
    }
}

/// The server's own error, by its first word.
pub(super) fn refusal(reply: &Reply) -> Option<Fault> {
    if reply.kind != Kind::Error {
        return None;
    }
    let message = String::from_utf8_lossy(&reply.text);
    let message = message.trim_end();
    let kind = match message.split(' ').next() {
        Some("NOAUTH" | "WRONGPASS" | "NOPERM" | "DENIED") => FailureKind::Auth,
        // Before version 6: "ERR invalid password", "ERR Client sent AUTH, but no password is set".
        Some("ERR") if message.contains("invalid password") || message.contains("AUTH") => FailureKind::Auth,
        _other => FailureKind::Status,
    };
    Some(Fault::new(kind, Text::clean(message)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, expected: Result<&str, &str>) {
        let address = Address::of(&Url::parse(url).unwrap(), AddressFamily::Any);
        let said = address.map(|address| String::from_utf8_lossy(&address.greeting().concat()).replace("\r\n", " "));
        assert_eq!(said, expected.map(str::to_owned).map_err(str::to_owned), "of {url}");
    }

    #[test]
    fn a_url_says_who_asks_and_in_which_database() {
        check("redis://host", Ok(""));
        check("redis://host/0", Ok(""));
        check("redis://:pw@host", Ok("*2 $4 AUTH $2 pw "));
        check(
            "redis://app:p%20w@host/2",
            Ok("*3 $4 AUTH $3 app $3 p w *2 $6 SELECT $1 2 "),
        );
        check(
            "redis://host/x",
            Err("\"x\" is not a database number; write redis://HOST/0"),
        );
        check("redis://host?db=1", Err("parameter \"db\" is not known; known is host"));
    }

    #[test]
    fn refused_credentials_are_told_from_other_errors() {
        let check = |text: &str, expected| {
            let reply = Reply {
                kind: Kind::Error,
                text: text.into(),
                bytes: 0,
            };
            assert_eq!(refusal(&reply).unwrap().kind, expected, "{text}");
        };
        check("NOAUTH Authentication required.", FailureKind::Auth);
        check("WRONGPASS invalid username-password pair", FailureKind::Auth);
        check("NOPERM this user has no permissions", FailureKind::Auth);
        check("ERR invalid password", FailureKind::Auth);
        check("ERR unknown command", FailureKind::Status);
        check("LOADING Redis is loading the dataset in memory", FailureKind::Status);
        assert_eq!(refusal(&Reply::default()), None);
    }
}
