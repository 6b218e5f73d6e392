//! One letter over one SMTP session (RFC 5321), with what may go wrong told apart: try again, or never.

use std::error::Error as _;
use std::time::Duration;

use lettre::Message as Letter;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::Mechanism;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use tokio::time::timeout;

use super::{Security, Server};
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
        let name = client_name(machine);
        let address = (self.host.as_str(), self.port);
        let tls = match &self.security {
            Security::Implicit(tls) => Some(tls.clone()),
            Security::Plain | Security::StartTls(_) => None,
        };
        // The time limit is that of the whole try, and kept from outside.
        let connected = AsyncSmtpConnection::connect_tokio1(address, None, &name, tls, None).await;
        let unreachable = format!("cannot reach {}:{}", self.host, self.port);
        let mut session = connected.map_err(|error| self.fault(&unreachable, &error))?;
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

/// The machine's name where it is one that may stand in a greeting.
fn client_name(machine: &str) -> ClientId {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    if !machine.is_empty() && machine.chars().all(is_name) {
        ClientId::Domain(machine.to_owned())
    } else {
        ClientId::default()
    }
}
