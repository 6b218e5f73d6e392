//! What an HTTP target may say about itself.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::source::AddressFamily;

/// Bytes of an answer's body that are read at most, unless the target says otherwise.
pub const BODY_LIMIT_BYTES: u64 = 1024 * 1024;

/// Redirects followed at most, unless the target says otherwise.
pub const REDIRECT_LIMIT: u8 = 5;

/// The keys of an `http://` or `https://` target beside those that every target has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Request method.
    pub method: String,
    /// Request headers.
    pub headers: BTreeMap<String, String>,
    /// Request body.
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
