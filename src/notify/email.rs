//! Mail over SMTP: one letter for each message, and threads of letters about the same thing.
//!
//! Each letter has a connection of its own: alerts are rare, and a server closes what is idle.

mod letter;
mod post;
mod settings;

use std::fs;

use lettre::message::Mailbox;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, TlsParameters};

use super::channel::{Channel, Delivery};
use super::message::Message;

pub use settings::{Encryption, Settings};

/// A mailbox, or several, behind one server.
pub struct Email {
    server: Server,
    from: Mailbox,
    to: Vec<Mailbox>,
}

/// How the server is reached.
struct Server {
    host: String,
    port: u16,
    security: Security,
    credentials: Option<Credentials>,
    /// The password, so that nothing the server says back shows it.
    password: String,
}

enum Security {
    Plain,
    StartTls(TlsParameters),
    Implicit(TlsParameters),
}

impl Email {
    /// # Errors
    /// Says what is wrong with the settings, or why the certificates in `ca` cannot be read.
    pub fn try_new(settings: &Settings) -> Result<Self, String> {
        let (host, port) = settings.address()?;
        let security = match settings.tls {
            Encryption::None => Security::Plain,
            Encryption::Starttls => Security::StartTls(trust(settings, &host)?),
            Encryption::Implicit => Security::Implicit(trust(settings, &host)?),
        };
        let password = settings.password.clone().unwrap_or_default();
        let credentials = settings
            .user
            .clone()
            .map(|user| Credentials::new(user, password.clone()));
        Ok(Self {
            server: Server {
                host,
                port,
                security,
                credentials,
                password,
            },
            from: settings::mailbox(&settings.from)?,
            to: settings
                .to
                .iter()
                .map(|to| settings::mailbox(to))
                .collect::<Result<_, _>>()?,
        })
    }
}

/// Whose certificates the server may show: of the issuers in `ca`, or of those this machine trusts.
fn trust(settings: &Settings, host: &str) -> Result<TlsParameters, String> {
    let mut builder = TlsParameters::builder(host.to_owned());
    if let Some(path) = &settings.ca {
        let unusable = |why: String| format!("certificates in {} cannot be read: {why}", path.display());
        let pem = fs::read(path).map_err(|error| unusable(error.to_string()))?;
        let issuers = Certificate::from_pem(&pem)
            .ok()
            .filter(|_| String::from_utf8_lossy(&pem).contains("BEGIN CERTIFICATE"))
            .ok_or_else(|| unusable("it holds none; write a PEM file of the issuers to trust".to_owned()))?;
        builder = builder
            .certificate_store(CertificateStore::None)
            .add_root_certificate(issuers);
    }
    builder.build().map_err(|error| error.to_string())
}

impl Channel for Email {
    fn deliver<'a>(&'a self, message: &'a Message) -> Delivery<'a> {
        Box::pin(async move {
            let letter = letter::write(&self.from, &self.to, message)?;
            post::send(&self.server, message.machine.as_str(), &letter).await
        })
    }
}
