//! A session with one server: opened phase by phase, asked one question at a time.

use bytes::BytesMut;
use fallible_iterator::FallibleIterator as _;
use postgres_protocol::authentication::md5_hash;
use postgres_protocol::authentication::sasl::{ChannelBinding, SCRAM_SHA_256, ScramSha256};
use postgres_protocol::message::backend::{
    AuthenticationSaslBody, AuthenticationSaslContinueBody, DataRowBody, Message, ParameterStatusBody,
};
use postgres_protocol::message::frontend;
use probetop_core::sample::{Failure, FailureKind, Phase, Text};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use url::Host;

use super::address::{Address, Encryption};
use super::fault;
use super::inbox::{Inbox, no_message};
use crate::source::attempt::{Fault, Stopwatch};
use crate::source::endpoint::Place;
use crate::source::idle::Kept;
use crate::source::link::Link;
use crate::source::tls;

/// A server that wants more rounds keeps a core of ours busy instead of proving anything; PostgreSQL's own default
/// is 4096, and OWASP recommends 600,000.
const ITERATIONS_LIMIT: u32 = 1_000_000;

/// Rows that are held at most; statistics ask for fewer.
const ROWS_LIMIT: usize = 1000;

/// Of the rows that are held: a thousand statements cut to a line each.
const ROWS_LIMIT_BYTES: u64 = 1024 * 1024;

/// Messages beside an answer (notices, parameters, notifications). A script that raises a notice for each row has
/// thousands; a server that has more to say than to answer has lost its way.
const ASIDES_LIMIT: usize = 10_000;

pub struct Session {
    pub link: Link,
    inbox: Inbox,
    pub server_version: Option<Text>,
    /// By which another connection can break this one's query off.
    pub key: Option<(i32, i32)>,
}

/// What is done with the rows of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    Counted,
    Held,
}

/// An answer, to its end.
#[derive(Debug, Default)]
pub struct Reply {
    pub bytes: u64,
    /// Columns as text, where rows are held.
    pub rows: Vec<Vec<Option<String>>>,
    /// The server's own error. The session goes on after it.
    pub error: Option<Fault>,
    /// Whether the session is outside a transaction, so that another may use it.
    pub idle: bool,
}

impl Kept for Session {
    fn is_alive(&mut self) -> bool {
        self.inbox.is_empty() && self.link.is_alive()
    }
}

impl Session {
    /// Opens a session as safely as `sslmode` says. Where it leaves the choice to the server, what the server refuses in
    /// one way is tried in the other.
    pub async fn open(watch: &mut Stopwatch, address: &Address, client: &tls::Client) -> Result<Self, Failure> {
        let Place::Network(endpoint) = &address.place else {
            return Self::log_in(watch, address, None).await;
        };
        let tls = Some((client, &endpoint.host));
        let (first, second) = match address.encryption {
            Encryption::Disable => (None, None),
            Encryption::Allow => (None, Some(tls)),
            Encryption::Prefer => (tls, address.may_fall_back().then_some(None)),
            Encryption::Require | Encryption::VerifyCa | Encryption::VerifyFull => (tls, None),
        };
        let failure = match Self::log_in(watch, address, first).await {
            Ok(session) => return Ok(session),
            Err(failure) => failure,
        };
        let handshake = failure.phase == Some(Phase::Tls) && failure.kind != FailureKind::Timeout;
        let Some(second) = second.filter(|_| handshake || fault::is_of_access(&failure)) else {
            return Err(failure);
        };
        // What was wanted first is what is told when neither goes.
        Self::log_in(watch, address, second).await.map_err(|_second| failure)
    }

    async fn log_in(
        watch: &mut Stopwatch,
        address: &Address,
        tls: Option<(&tls::Client, &Host)>,
    ) -> Result<Self, Failure> {
        let mut link = Link::open_plain(watch, &address.place).await?;
        if let Some((client, host)) = tls {
            let secured = secure(link, host, address.encryption, client);
            link = watch.phase(Phase::Tls, secured).await?;
        }
        let mut session = Self {
            link,
            inbox: Inbox::default(),
            server_version: None,
            key: None,
        };
        watch.phase(Phase::Authenticate, session.authenticate(address)).await?;
        Ok(session)
    }

    async fn send(&mut self, write: impl FnOnce(&mut BytesMut) -> std::io::Result<()>) -> Result<(), Fault> {
        let mut bytes = BytesMut::new();
        write(&mut bytes)?;
        self.link.write_all(&bytes).await?;
        Ok(self.link.flush().await?)
    }

    async fn authenticate(&mut self, address: &Address) -> Result<(), Fault> {
        let mut parameters = vec![
            ("user", address.user.as_str()),
            ("database", &address.database),
            ("application_name", &address.application),
            ("client_encoding", "UTF8"),
        ];
        parameters.extend(address.options.as_deref().map(|options| ("options", options)));
        self.send(|bytes| frontend::startup_message(parameters, bytes)).await?;
        let mut proofs = 0;
        for _ in 0..ASIDES_LIMIT {
            let message = self.inbox.next(&mut self.link).await?;
            proofs += usize::from(asks_for_proof(&message));
            if proofs > 1 {
                return Err(no_message(&"the password is asked for again"));
            }
            match message {
                Message::AuthenticationOk | Message::NoticeResponse(_) => {}
                Message::AuthenticationCleartextPassword => {
                    let password = password(address)?;
                    self.send(|bytes| frontend::password_message(password, bytes)).await?;
                }
                Message::AuthenticationMd5Password(body) => {
                    let hash = md5_hash(address.user.as_bytes(), password(address)?, body.salt());
                    self.send(|bytes| frontend::password_message(hash.as_bytes(), bytes))
                        .await?;
                }
                Message::AuthenticationSasl(body) => self.scram(&body, password(address)?).await?,
                Message::ParameterStatus(body) => self.learn(&body),
                Message::BackendKeyData(body) => self.key = Some((body.process_id(), body.secret_key())),
                Message::ErrorResponse(body) => return Err(fault::of(&body)),
                Message::ReadyForQuery(_) => return Ok(()),
                Message::AuthenticationGss
                | Message::AuthenticationSspi
                | Message::AuthenticationKerberosV5
                | Message::AuthenticationScmCredential => {
                    return Err(auth("the server asks for a way to authenticate other than a password"));
                }
                _other => return Err(no_message(&"a message out of place")),
            }
        }
        Err(too_talkative())
    }

    fn learn(&mut self, body: &ParameterStatusBody) {
        if let (Ok("server_version"), Ok(version)) = (body.name(), body.value()) {
            self.server_version = Some(Text::clean(version));
        }
    }

    /// RFC 5802 and 7677. Without channel binding: TLS is below us and not the server's to see.
    async fn scram(&mut self, body: &AuthenticationSaslBody, password: &[u8]) -> Result<(), Fault> {
        let mut offered = body.mechanisms();
        let known = offered.any(|name| Ok(name == SCRAM_SHA_256));
        if !known.map_err(|error| no_message(&error))? {
            return Err(auth("the server offers no way to authenticate that is known here"));
        }
        let scram = ScramSha256::new(password, ChannelBinding::unsupported());
        let first = scram.message().to_vec();
        self.send(|bytes| frontend::sasl_initial_response(SCRAM_SHA_256, &first, bytes))
            .await?;
        let challenge = match self.inbox.next(&mut self.link).await? {
            Message::AuthenticationSaslContinue(challenge) => challenge,
            Message::ErrorResponse(body) => return Err(fault::of(&body)),
            _other => return Err(no_message(&"a message out of place")),
        };
        let mut scram = prove(scram, challenge).await?;
        let proof = scram.message().to_vec();
        self.send(|bytes| frontend::sasl_response(&proof, bytes)).await?;
        match self.inbox.next(&mut self.link).await? {
            Message::AuthenticationSaslFinal(last) => scram
                .finish(last.data())
                .map_err(|_error| auth("the server does not know the password it asks for")),
            Message::ErrorResponse(body) => Err(fault::of(&body)),
            _other => Err(no_message(&"a message out of place")),
        }
    }

    /// Asks `sql` and reads the answer to its end.
    ///
    /// # Errors
    /// The session cannot be used any more.
    pub async fn query(&mut self, sql: &str, rows: Rows) -> Result<Reply, Fault> {
        self.send(|bytes| frontend::query(sql, bytes)).await?;
        let mut reply = Reply::default();
        let mut asides = 0;
        while asides <= ASIDES_LIMIT {
            let message = match self.inbox.next(&mut self.link).await {
                Ok(message) => message,
                // A server that shuts down says so and closes.
                Err(fault) => return Err(reply.error.unwrap_or(fault)),
            };
            match message {
                Message::DataRow(body) => {
                    reply.bytes += body.buffer().len() as u64;
                    if rows == Rows::Held && reply.rows.len() < ROWS_LIMIT && reply.bytes <= ROWS_LIMIT_BYTES {
                        reply.rows.push(columns(&body)?);
                    }
                }
                Message::CopyData(body) => reply.bytes += body.data().len() as u64,
                Message::ErrorResponse(body) => {
                    asides += 1;
                    reply.error = Some(fault::of(&body));
                }
                Message::ParameterStatus(body) => {
                    asides += 1;
                    self.learn(&body);
                }
                Message::NoticeResponse(_) | Message::NotificationResponse(_) => asides += 1,
                Message::CopyInResponse(_) => {
                    return Err(Fault::new(FailureKind::Protocol, "the query wants data copied in"));
                }
                Message::ReadyForQuery(body) => {
                    reply.idle = body.status() == b'I';
                    return Ok(reply);
                }
                Message::RowDescription(_)
                | Message::CommandComplete(_)
                | Message::EmptyQueryResponse
                | Message::CopyOutResponse(_)
                | Message::CopyDone => {}
                _other => return Err(no_message(&"a message out of place")),
            }
        }
        Err(too_talkative())
    }
}

/// Asks for TLS (PostgreSQL's documentation, 55.2.10) and shakes hands where the server agrees.
async fn secure(mut link: Link, host: &Host, wanted: Encryption, client: &tls::Client) -> Result<Link, Fault> {
    let mut request = BytesMut::new();
    frontend::ssl_request(&mut request);
    link.write_all(&request).await?;
    // One byte and no more: what follows belongs to TLS.
    let agreed = link.read_u8().await?;
    match (agreed, wanted) {
        (b'S', _) => link.secure(client, host).await,
        (b'N', Encryption::Prefer) => Ok(link),
        (b'N', _) => {
            let message = "the server has no TLS; use sslmode=disable, or switch ssl on there";
            Err(Fault::new(FailureKind::Tls, message))
        }
        _other => Err(no_message(&"no answer to whether TLS is there")),
    }
}

/// Thousands of rounds of hashing, off the thread that times all probes.
async fn prove(mut scram: ScramSha256, challenge: AuthenticationSaslContinueBody) -> Result<ScramSha256, Fault> {
    let iterations = String::from_utf8_lossy(challenge.data())
        .split(',')
        .find_map(|part| part.strip_prefix("i=")?.parse::<u32>().ok());
    if iterations.is_some_and(|iterations| iterations > ITERATIONS_LIMIT) {
        return Err(no_message(&"too many rounds of hashing"));
    }
    let hashed = tokio::task::spawn_blocking(move || scram.update(challenge.data()).map(|()| scram)).await;
    match hashed {
        Ok(Ok(scram)) => Ok(scram),
        Ok(Err(error)) => Err(no_message(&error)),
        Err(_ended) => Err(Fault::new(FailureKind::Local, "probetop is ending")),
    }
}

const fn asks_for_proof(message: &Message) -> bool {
    matches!(
        message,
        Message::AuthenticationCleartextPassword
            | Message::AuthenticationMd5Password(_)
            | Message::AuthenticationSasl(_)
    )
}

fn too_talkative() -> Fault {
    no_message(&format!("more than {ASIDES_LIMIT} messages beside it"))
}

fn password(address: &Address) -> Result<&[u8], Fault> {
    let password = address.password.as_deref().map(str::as_bytes);
    password.ok_or_else(|| auth("the server asks for a password; write postgres://USER:PASSWORD@HOST"))
}

fn auth(message: &str) -> Fault {
    Fault::new(FailureKind::Auth, message)
}

fn columns(row: &DataRowBody) -> Result<Vec<Option<String>>, Fault> {
    let text = |range: std::ops::Range<usize>| {
        let bytes = row.buffer().get(range).unwrap_or_default();
        String::from_utf8_lossy(bytes).into_owned()
    };
    let ranges = row.ranges().map(|range| Ok(range.map(text)));
    ranges.collect().map_err(|error| no_message(&error))
}
