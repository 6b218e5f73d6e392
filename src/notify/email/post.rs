//! One letter over one SMTP session (RFC 5321), with what may go wrong told apart: try again, or never.

use std::error::Error as _;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use lettre::Message as Letter;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::Mechanism;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use tokio::net::{UdpSocket, lookup_host};
use tokio::time::timeout;

use super::bounded::{Bounded, Encrypted};
use super::{Security, Server, hello};
use crate::handshake;
use crate::notify::channel::Fault;

/// Both go over an encrypted connection, or to this machine.
const MECHANISMS: [Mechanism; 2] = [Mechanism::Plain, Mechanism::Login];

/// How long a server may take to say goodbye: to count its silence as a failure would send a letter twice.
const GOODBYE_LIMIT: Duration = Duration::from_secs(1);

/// Sends `letter` to everybody it is for. A mailbox that is refused keeps nobody else from theirs.
pub async fn send(server: &Server, machine: &str, letter: &Letter) -> Result<(), Fault> {
    let mut session = server.open(machine).await?;
    let sent = server.hand_over(&mut session, letter).await;
    // What was accepted stays accepted, and what was refused refused, whatever comes of the goodbye.
    let _ = timeout(GOODBYE_LIMIT, session.quit()).await;
    sent
}

impl Server {
    /// Connects, encrypts and logs in.
    async fn open(&self, machine: &str) -> Result<AsyncSmtpConnection, Fault> {
        let name = self.own_name(machine).await;
        let address = (self.host.as_str(), self.port);
        // The time limit is that of the whole try, and kept from outside.
        let stream = Bounded::connect(address)
            .await
            .map_err(|error| self.unreachable(&error))?;
        let connected = match &self.security {
            Security::Implicit(tls) => match Encrypted::over(stream, tls.clone()).await {
                Ok(stream) => AsyncSmtpConnection::connect_with_transport(Box::new(stream), &name).await,
                Err(error) => Err(error),
            },
            Security::Plain | Security::StartTls(_) => {
                AsyncSmtpConnection::connect_with_transport(Box::new(stream), &name).await
            }
        };
        let mut session = connected.map_err(|error| self.fault(&self.turned_away(&name, &error), &error))?;
        if let Security::StartTls(tls) = &self.security {
            let encrypted = session.starttls(tls.clone(), &name).await;
            encrypted.map_err(|error| self.fault("cannot encrypt", &error))?;
        }
        if let Some(credentials) = &self.credentials {
            let known = session.auth(&MECHANISMS, credentials).await;
            known.map_err(|error| self.fault("cannot log in", &error))?;
        }
        Ok(session)
    }

    /// What this machine calls itself: as it is told to, by its full name where it has one, or by the address that the
    /// server sees, in the form that RFC 5321 (4.1.3) has for machines without a name. A bare name is refused by many.
    async fn own_name(&self, machine: &str) -> ClientId {
        if let Some(name) = &self.hello {
            return hello::parse(name).unwrap_or_default();
        }
        match hello::parse(machine) {
            Ok(name) if machine.contains('.') => name,
            Ok(_) | Err(_) => self.own_address().await.unwrap_or_default(),
        }
    }

    /// The address that the connection will come from. Nothing is sent: a datagram socket only looks up the way.
    async fn own_address(&self) -> Option<ClientId> {
        let mut servers = lookup_host((self.host.as_str(), self.port)).await.ok()?;
        let server = servers.next()?;
        let any: IpAddr = match server {
            SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        };
        let socket = UdpSocket::bind((any, 0)).await.ok()?;
        socket.connect(server).await.ok()?;
        Some(match socket.local_addr().ok()?.ip() {
            IpAddr::V4(address) => ClientId::Ipv4(address),
            IpAddr::V6(address) => ClientId::Ipv6(address),
        })
    }

    fn unreachable(&self, error: &io::Error) -> Fault {
        let Self { host, port, .. } = self;
        let message = format!("cannot reach {host}:{port}: {error}").into();
        Fault::Passing { message, wait: None }
    }

    /// Why there is no session: nobody answers, or whoever answers wants none.
    fn turned_away(&self, name: &ClientId, error: &Error) -> String {
        let Self { host, port, .. } = self;
        match error.status().map(|code| code.to_string()) {
            None => format!("cannot reach {host}:{port}"),
            // What a server says in place of its greeting (RFC 5321, 4.3.2).
            Some(code) if ["421", "554"].contains(&code.as_str()) => format!("{host}:{port} takes no mail"),
            Some(_) => format!("{host}:{port} refuses our EHLO {name}; write hello = \"a full name of this machine\""),
        }
    }

    async fn hand_over(&self, session: &mut AsyncSmtpConnection, letter: &Letter) -> Result<(), Fault> {
        let envelope = letter.envelope();
        let from = Mail::new(envelope.from().cloned(), Vec::new());
        let answer = session.command(from).await;
        answer.map_err(|error| self.fault("the sender is refused", &error))?;
        let mut accepted = 0;
        let mut refused = None;
        for to in envelope.to() {
            match session.command(Rcpt::new(to.clone(), Vec::new())).await {
                Ok(_) => accepted += 1,
                Err(error) => {
                    let fault = self.fault(&format!("{to} is refused"), &error);
                    refused.get_or_insert(fault);
                }
            }
        }
        let refused = match (accepted, refused) {
            (0, Some(refused)) => return Err(refused),
            (_, refused) => refused,
        };
        let unsent = |error: &Error| self.fault("the letter is refused", error);
        session.command(Data).await.map_err(|error| unsent(&error))?;
        let answer = session.message(&letter.formatted()).await;
        answer.map_err(|error| unsent(&error))?;
        // To send it again would tell the others twice.
        refused.map_or(Ok(()), |refused| Err(lasting(refused)))
    }

    /// What `error` means for another try, without the password.
    fn fault(&self, what: &str, error: &Error) -> Fault {
        let mut message = format!("{what}: {}", reason(error));
        if !self.password.is_empty() {
            message = message.replace(&self.password, "***");
        }
        let message = message.into();
        if error.is_permanent() || error.is_client() {
            return Fault::Lasting { message };
        }
        Fault::Passing { message, wait: None }
    }
}

fn lasting(fault: Fault) -> Fault {
    match fault {
        Fault::Passing { message, wait: _ } | Fault::Lasting { message } => Fault::Lasting {
            message: format!("delivered to the others, but {message}").into(),
        },
    }
}

/// What was answered or went wrong, without the library's words around it.
fn reason(error: &Error) -> String {
    if let Some(told) = handshake::told(error) {
        return told;
    }
    let mut innermost = error.source();
    while let Some(deeper) = innermost.and_then(std::error::Error::source) {
        innermost = Some(deeper);
    }
    let said = innermost.map_or_else(|| error.to_string(), ToString::to_string);
    match error.status() {
        Some(code) => format!("{code} {said}"),
        None => said,
    }
}
