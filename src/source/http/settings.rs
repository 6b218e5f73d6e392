//! What an HTTP target may say about itself.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::request;
use crate::expression::{Evaluation, Expression, Value};
use crate::setting::Finding;
use crate::source::AddressFamily;

/// Bytes of an answer's body that are read at most, unless the target says otherwise.
pub const BODY_LIMIT_BYTES: u64 = 1024 * 1024;

/// Redirects followed at most, unless the target says otherwise.
pub const REDIRECT_LIMIT: u8 = 5;

/// The body that is read is held in memory, once for each probe that runs.
const BODY_LIMIT_MAX_BYTES: u64 = 64 * 1024 * 1024;

/// Names that `expect` may use: status (number), headers (by lower-case name), body (JSON, else text), latency
/// (duration), protocol (text, such as HTTP/2), tls (text, such as TLS 1.3, empty without), redirects (number).
pub const EXPECT_VARIABLES: [&str; 7] = ["status", "headers", "body", "latency", "protocol", "tls", "redirects"];

/// The keys of an `http://` or `https://` target beside those that every target has.
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Request method.
    pub method: String,
    /// Request headers.
    pub headers: BTreeMap<String, String>,
    /// Request body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Whether the connection is kept for the next probe or made anew each time.
    pub connection: Connection,
    /// How many redirects are followed; 0 takes a redirect as the answer.
    pub redirects: u8,
    /// IP version to use: `any`, `4` or `6`.
    pub ip: AddressFamily,
    /// Bytes of the body that are read; the rest is cut off.
    pub body_limit_bytes: u64,
    /// Conditions (CEL) that the answer must meet.
    pub expect: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            method: "GET".to_owned(),
            headers: BTreeMap::new(),
            body: None,
            connection: Connection::default(),
            redirects: REDIRECT_LIMIT,
            ip: AddressFamily::default(),
            body_limit_bytes: BODY_LIMIT_BYTES,
            expect: Vec::new(),
        }
    }
}

impl Settings {
    /// Whether a connection made by one may carry requests of the other: all is the same but what is asked.
    pub fn connects_like(&self, other: &Self) -> bool {
        let asks_the_same = Self {
            method: other.method.clone(),
            headers: other.headers.clone(),
            body: other.body.clone(),
            redirects: other.redirects,
            body_limit_bytes: other.body_limit_bytes,
            expect: other.expect.clone(),
            ..self.clone()
        };
        asks_the_same == *other
    }

    /// What is wrong with the values, and what to write instead.
    pub fn findings(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        if !is_token(&self.method) {
            findings.push(Finding::new(
                "method",
                format!("method {:?} is none; write for example \"POST\"", self.method),
            ));
        } else if let Err(message) = request::method(&self.method) {
            findings.push(Finding::new("method", message));
        }
        for (name, value) in &self.headers {
            if !is_token(name) {
                findings.push(Finding::new(name, format!("{name:?} is no header name")).under("headers"));
            } else if value.contains(|c: char| c.is_control() && c != '\t') {
                let message = format!("the value of {name} holds a control character; headers are one line");
                findings.push(Finding::new(name, message).under("headers"));
            } else if let Err(message) = request::user_header(name, value) {
                findings.push(Finding::new(name, message).under("headers"));
            }
        }
        if self.body_limit_bytes > BODY_LIMIT_MAX_BYTES {
            let message = format!(
                "body_limit_bytes is {}; use at most {BODY_LIMIT_MAX_BYTES}",
                self.body_limit_bytes
            );
            findings.push(Finding::new("body_limit_bytes", message));
        }
        for (index, condition) in self.expect.iter().enumerate() {
            if let Err(finding) = check_condition(condition) {
                findings.push(finding.item(index));
            }
        }
        findings
    }
}

/// Compiles a condition and tries it on an answer whose headers and body are not known, so that `latency < 500` is found
/// before the first probe.
fn check_condition(condition: &str) -> Result<(), Finding> {
    let expression = Expression::compile(condition, Some(&EXPECT_VARIABLES))
        .map_err(|error| Finding::new("expect", error.message).at(error.offset))?;
    let plausible = |name: &str| match name {
        "status" => Some(Value::Int(200)),
        "redirects" => Some(Value::Int(0)),
        "latency" => Some(Value::Duration(Duration::from_millis(1))),
        "protocol" => Some(Value::Text("HTTP/1.1".into())),
        "tls" => Some(Value::Text("TLS 1.3".into())),
        _ => None,
    };
    match expression.evaluate(&plausible) {
        Evaluation::Error { message } => Err(Finding::new("expect", message.as_str())),
        Evaluation::Holds { .. } | Evaluation::Fails { .. } | Evaluation::Unknown { .. } => Ok(()),
    }
}

/// RFC 9110, 5.6.2: what methods and header names are made of.
fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c))
}

impl fmt::Debug for Settings {
    /// Headers and bodies carry credentials: names are shown, values are not.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("method", &self.method)
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("body_bytes", &self.body.as_ref().map(String::len))
            .field("connection", &self.connection)
            .field("redirects", &self.redirects)
            .field("ip", &self.ip)
            .field("body_limit_bytes", &self.body_limit_bytes)
            .field("expect", &self.expect)
            .finish()
    }
}

/// What happens to a connection after a probe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Connection {
    /// Kept and used again, as a browser or a pooled client does.
    #[default]
    Reuse,
    /// Made anew for every probe, so that DNS, connect and TLS are measured each time.
    Fresh,
}
