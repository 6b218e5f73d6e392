//! Mail over SMTP: one letter for each message, and threads of letters about the same thing.
//!
//! Each letter has a connection of its own: alerts are rare, and a server closes what is idle.

mod hello;
mod letter;
mod reply;
mod session;
mod post;
mod settings;

use lettre::message::Mailbox;
use probetop_core::redact::Redactor;
use probetop_core::setting::Finding;
use schemars::SchemaGenerator;
use serde::Deserialize as _;
use toml::Table;

use super::channel::{Channel, Delivery, Fault};
use super::kind::{ChannelContext, ChannelKind, Kind, KindSettings, Reader, table_of};
use super::message::Message;
use super::template::Template;
use super::tls;

pub use settings::{Encryption, Settings};

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

    fn build(&self, _: &ChannelContext) -> Result<Box<dyn Channel>, String> {
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
    /// User and password.
    credentials: Option<(String, String)>,
    /// Knows the password, so that nothing the server says back shows it.
    redactor: Redactor,
}

enum Security {
    Plain,
    StartTls(tls::Client),
    Implicit(tls::Client),
}

impl Email {
    /// # Errors
    /// Says what is wrong with the settings, or why the certificates in `ca` cannot be read.
    pub fn try_new(settings: &Settings) -> Result<Self, String> {
        let (host, port) = settings.address()?;
        // Certificates name no zone.
        let name = host.split('%').next().unwrap_or(&host);
        let client = || tls::Client::try_new(name, settings.ca.as_deref());
        let security = match settings.tls {
            Encryption::None => Security::Plain,
            Encryption::Starttls => Security::StartTls(client()?),
            Encryption::Implicit => Security::Implicit(client()?),
        };
        let password = settings.password.clone().unwrap_or_default();
        let mut redactor = Redactor::default();
        redactor.learn(&password);
        let credentials = settings.user.clone().map(|user| (user, password));
        Ok(Self {
            server: Server {
                host,
                port,
                hello: settings.hello.clone(),
                security,
                credentials,
                redactor,
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

impl Channel for Email {
    fn deliver<'a>(&'a self, message: &'a Message) -> Delivery<'a> {
        Box::pin(self.send(message))
    }
}
