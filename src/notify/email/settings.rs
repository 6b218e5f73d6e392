//! What an `email` channel may say about itself.

use std::fmt;
use std::net::Ipv6Addr;
use std::path::PathBuf;
use std::time::SystemTime;

use lettre::message::Mailbox;
use probetop_core::clock::Timestamp;
use probetop_core::setting::Finding;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::hello;
use crate::notify::message::Message;
use crate::notify::template::{Template, TemplateError};

/// The keys of an `email` channel beside those that every channel has.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The mail server, as HOST or HOST:PORT; the port is 587, 465 or 25, by `tls`, when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// How the connection is encrypted: `starttls`, `implicit` (from the first byte) or `none`.
    #[schemars(extend("default" = "starttls"))]
    pub tls: Encryption,
    /// PEM file of the issuers to trust, for a server of your own; those of this machine when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca: Option<PathBuf>,
    /// Whom to log in as; nobody when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// What it logs in with; it is never shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// What this machine calls itself to the server (EHLO): `monitor.example.com`, or `[192.0.2.1]`. Left out: its full
    /// name where it has one, else the address that the server sees.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hello: Option<String>,
    /// Who sends: `probetop@example.com` or `probetop <probetop@example.com>`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Recipients.
    pub to: Vec<String>,
    /// Template (Jinja) of the subject, over the keys of the notification document. One that stays the same keeps the
    /// letters together in readers that go by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "{{ title }} [{{ machine }}]"))]
    pub subject: Option<String>,
}

/// How the connection to a mail server is encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Encryption {
    /// The server is asked to encrypt before anything is said; one that cannot is not talked to.
    #[default]
    Starttls,
    Implicit,
    None,
}

impl Encryption {
    /// RFC 6409, RFC 8314 and RFC 5321.
    const fn usual_port(self) -> u16 {
        match self {
            Self::Starttls => 587,
            Self::Implicit => 465,
            Self::None => 25,
        }
    }
}

impl Settings {
    /// What is wrong with the values, and what to write instead.
    pub fn findings(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        findings.extend(self.address().err().map(|message| Finding::new("server", message)));
        findings.extend(self.sender().err().map(|message| Finding::new("from", message)));
        let hello = self.hello.as_deref().and_then(|name| hello::parse(name).err());
        findings.extend(hello.map(|wrong| Finding::new("hello", format!("hello {wrong}"))));
        if self.to.is_empty() {
            let message = "to names nobody; write to = [\"oncall@example.com\"]";
            findings.push(Finding::new("to", message));
        }
        for (index, to) in self.to.iter().enumerate() {
            let wrong = mailbox(to).err();
            findings.extend(wrong.map(|message| Finding::new("to", format!("to {message}")).item(index)));
        }
        if self.user.is_some() != self.password.is_some() {
            let (key, lacks) = if self.user.is_some() {
                ("user", "password = \"${SMTP_PASSWORD}\"")
            } else {
                ("password", "user = \"…\"")
            };
            findings.push(Finding::new(
                key,
                format!("user and password belong together; add {lacks}"),
            ));
        }
        if self.ca.is_some() && self.tls == Encryption::None {
            let message = "ca means nothing with tls = \"none\"; leave one of them out";
            findings.push(Finding::new("ca", message));
        }
        findings.extend(self.clear_password());
        findings.extend(self.broken_subject());
        findings
    }

    /// A template that cannot be read, or that does not fit what it is made over.
    fn broken_subject(&self) -> Option<Finding> {
        let example = Message::example(Timestamp::ZERO, SystemTime::UNIX_EPOCH);
        let made = self
            .template()
            .and_then(|template| template.map(|template| template.render(&example)).transpose());
        let error = made.err()?;
        Some(Finding::new("subject", format!("subject: {}", error.message)).at(error.offset))
    }

    /// The subject's template, where there is one.
    ///
    /// # Errors
    /// Says where it cannot be read, and why.
    pub fn template(&self) -> Result<Option<Template>, TemplateError> {
        self.subject.as_deref().map(Template::compile).transpose()
    }

    /// A password that everybody on the way could read.
    fn clear_password(&self) -> Option<Finding> {
        let (host, _) = self.address().ok()?;
        let is_here = matches!(host.as_str(), "localhost" | "127.0.0.1" | "::1");
        let is_open = self.password.is_some() && self.tls == Encryption::None && !is_here;
        let message = "tls = \"none\" would send the password readable to all; use \"starttls\" or \"implicit\"";
        is_open.then(|| Finding::new("tls", message))
    }

    /// Who sends.
    ///
    /// # Errors
    /// Says what it should look like.
    pub fn sender(&self) -> Result<Mailbox, String> {
        match self.from.as_deref() {
            None => Err("has no from; add from = \"probetop@example.com\"".to_owned()),
            Some(from) => mailbox(from).map_err(|wrong| format!("from {wrong}")),
        }
    }

    /// Host and port of the server.
    ///
    /// # Errors
    /// Says what it should look like.
    pub fn address(&self) -> Result<(String, u16), String> {
        let Some(text) = self.server.as_deref().map(str::trim) else {
            return Err("has no server; add server = \"smtp.example.com:587\"".to_owned());
        };
        let wrong = || format!("server {text:?} is not an address; write for example \"smtp.example.com:587\"");
        let (host, port) = match text.rsplit_once(':') {
            // More than one colon and no brackets: an IPv6 address alone.
            Some((host, _)) if host.contains(':') && !host.ends_with(']') => (text, None),
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        };
        let host = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'))
            .unwrap_or(host);
        if !is_host(host) {
            return Err(wrong());
        }
        if host
            .parse()
            .is_ok_and(|address: Ipv6Addr| address.is_unicast_link_local())
        {
            return Err(format!(
                "server {host} is an address on one link only; write its zone, the interface that leads there, as in \
                 \"[{host}%eth0]:587\""
            ));
        }
        let port = match port.map(str::parse) {
            None => self.tls.usual_port(),
            Some(Ok(port @ 1..)) => port,
            Some(Ok(0) | Err(_)) => return Err(wrong()),
        };
        Ok((host.to_owned(), port))
    }
}

/// Whether it may be a name or an address; one of IPv6 may have a zone, which the system's own lookup understands.
fn is_host(host: &str) -> bool {
    let is_of_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
    match host.split_once('%') {
        Some((address, zone)) => address.parse::<Ipv6Addr>().is_ok() && !zone.is_empty(),
        None => !host.is_empty() && host.chars().all(is_of_host),
    }
}

/// Reads `ops@example.com` or `Operations <ops@example.com>`.
///
/// # Errors
/// Says what it should look like.
pub(super) fn mailbox(text: &str) -> Result<Mailbox, String> {
    let hint = "write for example \"ops@example.com\" or \"Operations <ops@example.com>\"";
    let mailbox: Mailbox = text.parse().map_err(|_| format!("{text:?} is not a mailbox; {hint}"))?;
    let is_plain = |text: &str| text.is_ascii() && !text.contains(|c: char| c.is_control() || c == ' ');
    let name_breaks = mailbox
        .name
        .as_deref()
        .is_some_and(|name| name.contains(char::is_control));
    if name_breaks || !is_plain(mailbox.email.user()) || !is_plain(mailbox.email.domain()) {
        return Err(format!("{text:?} is not a mailbox that every server takes; {hint}"));
    }
    Ok(mailbox)
}

impl fmt::Debug for Settings {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("server", &self.server)
            .field("tls", &self.tls)
            .field("ca", &self.ca)
            .field("user", &self.user)
            .field("hello", &self.hello)
            .field("from", &self.from)
            .field("to", &self.to)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
