//! One letter over one session, with what may go wrong told apart: try again, or never.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use lettre::Message as Letter;
use tokio::net::{TcpStream, UdpSocket, lookup_host};
use tokio::time::timeout;

use super::hello::{self, Name};
use super::reply::Silence;
use super::session::{Session, Trouble};
use super::{Security, Server};
use crate::notify::channel::Fault;

/// How long a server may take to say goodbye: to count its silence as a failure would send a letter twice.
const GOODBYE_LIMIT: Duration = Duration::from_secs(1);

/// Sends `letter` to everybody it is for. A mailbox that is refused keeps nobody else from theirs.
pub(super) async fn send(server: &Server, machine: &str, letter: &Letter) -> Result<(), Fault> {
    let mut session = server.open(machine).await?;
    let sent = server.hand_over(&mut session, letter).await;
    // What was accepted stays accepted, and what was refused refused, whatever comes of the goodbye.
    let _ = timeout(GOODBYE_LIMIT, session.command("QUIT")).await;
    sent
}

impl Server {
    /// Connects, encrypts and logs in.
    async fn open(&self, machine: &str) -> Result<Session, Fault> {
        let name = self.own_name(machine).await.to_string();
        let mut session = self.connect().await?;
        // The time limit is that of the whole try, and kept from outside.
        let greeted = session.greeting().await;
        greeted.map_err(|trouble| self.fault(&self.turned_away(&trouble), &trouble))?;
        let known = session.hello(&name).await;
        known.map_err(|trouble| self.fault(&self.not_known(&name, &trouble), &trouble))?;
        if let Security::StartTls(client) = &self.security {
            let encrypted = session.encrypt(client, &name).await;
            session = encrypted.map_err(|trouble| self.fault("cannot encrypt", &trouble))?;
        }
        if let Some((user, password)) = &self.credentials {
            let known = session.log_in(user, password).await;
            known.map_err(|trouble| self.fault("cannot log in", &trouble))?;
        }
        Ok(session)
    }

    async fn connect(&self) -> Result<Session, Fault> {
        let unreachable = |error: std::io::Error| {
            let Self { host, port, .. } = self;
            self.fault(&format!("cannot reach {host}:{port}"), &error.into())
        };
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await;
        let stream = stream.map_err(unreachable)?;
        match &self.security {
            Security::Implicit(client) => {
                let stream = client.handshake(stream).await.map_err(unreachable)?;
                Ok(Session::encrypted(stream))
            }
            Security::Plain | Security::StartTls(_) => Ok(Session::plain(stream)),
        }
    }

    /// What this machine calls itself: as it is told to, by its full name where it has one, or by the address that the
    /// server sees, in the form that RFC 5321 (4.1.3) has for machines without a name. A bare name is refused by many.
    async fn own_name(&self, machine: &str) -> Name {
        if let Some(name) = &self.hello {
            return hello::parse(name).unwrap_or_default();
        }
        match hello::parse(machine) {
            Ok(name) if machine.contains('.') => name,
            Ok(_) | Err(_) => self.own_address().await.unwrap_or_default(),
        }
    }

    /// The address that the connection will come from. Nothing is sent: a datagram socket only looks up the way.
    async fn own_address(&self) -> Option<Name> {
        let mut servers = lookup_host((self.host.as_str(), self.port)).await.ok()?;
        let server = servers.next()?;
        let any: IpAddr = match server {
            SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        };
        let socket = UdpSocket::bind((any, 0)).await.ok()?;
        socket.connect(server).await.ok()?;
        Some(Name::Address(socket.local_addr().ok()?.ip()))
    }

    /// Why there is no session: nobody answers, or whoever answers wants none.
    fn turned_away(&self, trouble: &Trouble) -> String {
        let Self { host, port, .. } = self;
        match trouble {
            // What a server says in place of its greeting (RFC 5321, 4.3.2).
            Trouble::Refused(_) => format!("{host}:{port} takes no mail"),
            Trouble::Silent(Silence::Broken(_)) | Trouble::Unable(_) => format!("cannot reach {host}:{port}"),
            Trouble::Silent(Silence::NoMail(_) | Silence::TooLong) => format!("{host}:{port} is not a mail server"),
        }
    }

    /// Why we are not greeted back.
    fn not_known(&self, name: &str, trouble: &Trouble) -> String {
        let Self { host, port, .. } = self;
        match trouble {
            Trouble::Refused(reply) => match reply.code {
                421 | 554 => format!("{host}:{port} takes no mail"),
                // EHLO was answered in this way before.
                500 | 502 => format!("{host}:{port} understands neither EHLO nor HELO"),
                _ => format!("{host}:{port} refuses our EHLO {name}; write hello = \"a full name of this machine\""),
            },
            Trouble::Silent(_) | Trouble::Unable(_) => self.turned_away(trouble),
        }
    }

    async fn hand_over(&self, session: &mut Session, letter: &Letter) -> Result<(), Fault> {
        let envelope = letter.envelope();
        let from = envelope.from().map(ToString::to_string).unwrap_or_default();
        let answer = session.command(&format!("MAIL FROM:<{from}>")).await;
        answer.map_err(|trouble| self.undone("the sender", &trouble))?;
        let mut accepted = 0;
        let mut refused = None;
        for to in envelope.to() {
            match session.command(&format!("RCPT TO:<{to}>")).await {
                Ok(_) => accepted += 1,
                Err(trouble @ Trouble::Refused(_)) => {
                    let fault = self.undone(to.as_ref(), &trouble);
                    refused.get_or_insert(fault);
                }
                Err(trouble) => return Err(self.undone(to.as_ref(), &trouble)),
            }
        }
        let refused = match (accepted, refused) {
            (0, Some(refused)) => return Err(refused),
            (_, refused) => refused,
        };
        let undone = |trouble: Trouble| self.undone("the letter", &trouble);
        session.command("DATA").await.map_err(undone)?;
        session.letter(&letter.formatted()).await.map_err(undone)?;
        match session.answer().await {
            Ok(_) => {}
            Err(trouble @ Trouble::Refused(_)) => return Err(undone(trouble)),
            // Whoever has the letter already knows it again by its id.
            Err(trouble) => return Err(self.fault("the letter was sent, but no receipt came for it", &trouble)),
        }
        // To send it again would tell the others twice.
        refused.map_or(Ok(()), |refused| Err(lasting(refused)))
    }

    /// Why the server did not take `what`: it refused, or was not heard.
    fn undone(&self, what: &str, trouble: &Trouble) -> Fault {
        match trouble {
            Trouble::Refused(_) => self.fault(&format!("{what} is refused"), trouble),
            Trouble::Silent(_) | Trouble::Unable(_) => self.fault(&format!("no answer about {what}"), trouble),
        }
    }

    /// What `trouble` means for another try, without the password.
    fn fault(&self, what: &str, trouble: &Trouble) -> Fault {
        let message = self.without_password(format_args!("{what}: {trouble}"));
        if trouble.is_lasting() {
            return Fault::Lasting { message };
        }
        Fault::Passing { message, wait: None }
    }

    fn without_password(&self, said: fmt::Arguments<'_>) -> probetop_core::sample::Text {
        let said = said.to_string();
        self.redactor.redacted(&said).unwrap_or(said).into()
    }
}

fn lasting(fault: Fault) -> Fault {
    match fault {
        Fault::Passing { message, wait: _ } | Fault::Lasting { message } => Fault::Lasting {
            message: format!("delivered to the others, but {message}").into(),
        },
    }
}
