//! Mail over SMTP: one letter for each message, and threads of letters about the same thing.
//!
//! Each letter has a connection of its own: alerts are rare, and a server closes what is idle.

mod hello;
mod letter;
mod bounded;
mod post;
mod settings;

use lettre::message::Mailbox;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, TlsParameters};
use schemars::SchemaGenerator;
use serde::Deserialize as _;
use toml::Table;

use super::channel::{Channel, Delivery, Fault};
use super::kind::{ChannelKind, Kind, KindSettings, Means, Reader, table_of};
use super::message::Message;
use super::template::Template;
use crate::file;
use crate::setting::Finding;

pub use settings::{Encryption, Settings};

/// The authorities of a whole system have 0.2 MB.
const CERTIFICATES_LIMIT_BYTES: u64 = 4 * 1024 * 1024;

pub static KIND: Kind = Kind {
    name: "email",
    about: "a mail, over SMTP",
    example: "server = \"smtp.example.com\"\nfrom = \"probetop@example.com\"\nto = [\"oncall@example.com\"]\n\
              user = \"probetop\"\npassword = \"secret\"",
    reader: Reader::People,
    required: &["server", "from", "to"],
    secret: &["password"],
    read: |keys| Settings::deserialize(keys).map(ChannelKind::new),
    schema: SchemaGenerator::root_schema_for::<Settings>,
};

impl KindSettings for Settings {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn check(&self) -> Vec<Finding> {
        self.findings()
    }

    fn build(&self, _: &Means) -> Result<Box<dyn Channel>, String> {
        Ok(Box::new(Email::try_new(self)?))
    }

    fn table(&self) -> Table {
        table_of(self)
    }
}

/// A mailbox, or several, behind one server.
pub struct Email {
    server: Server,
    from: Mailbox,
    to: Vec<Mailbox>,
    /// `None`: the title of the message, and the machine.
    subject: Option<Template>,
}

/// How the server is reached.
struct Server {
    host: String,
    port: u16,
    /// What it is to be told we are called; `None`: what this machine knows of itself.
    hello: Option<String>,
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
                hello: settings.hello.clone(),
                security,
                credentials,
                password,
            },
            from: settings.sender()?,
            to: settings
                .to
                .iter()
                .map(|to| settings::mailbox(to))
                .collect::<Result<_, _>>()?,
            subject: settings.template().map_err(|error| error.message)?,
        })
    }

    async fn send(&self, message: &Message) -> Result<(), Fault> {
        let subject = match &self.subject {
            Some(template) => template.render(message).map_err(|error| Fault::Lasting {
                message: format!("subject: {}", error.message).into(),
            })?,
            None => format!("{} [{}]", message.title(), message.machine),
        };
        let letter = letter::write(&self.from, &self.to, &subject, message)?;
        post::send(&self.server, message.machine.as_str(), &letter).await
    }
}

/// Whose certificates the server may show: of the issuers in `ca`, or of those this machine trusts.
fn trust(settings: &Settings, host: &str) -> Result<TlsParameters, String> {
    // Certificates name no zone.
    let name = host.split('%').next().unwrap_or(host);
    let mut builder = TlsParameters::builder(name.to_owned());
    if let Some(path) = &settings.ca {
        let unusable = |why: String| format!("certificates in {} cannot be read: {why}", path.display());
        let pem = file::read(path, CERTIFICATES_LIMIT_BYTES).map_err(|error| unusable(error.to_string()))?;
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
        Box::pin(self.send(message))
    }
}
