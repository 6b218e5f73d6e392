//! What an HTTP target may say about itself.

mod check;

pub(super) use check::BODY_LIMIT_MAX_BYTES;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::source::AddressFamily;
use crate::source::idle::Connection;
use crate::source::tls::options as tls;

/// Bytes of an answer's body that are read at most, unless the target says otherwise.
pub const BODY_LIMIT_BYTES: u64 = 1024 * 1024;

/// Redirects followed at most, unless the target says otherwise.
pub const REDIRECT_LIMIT: u8 = 5;

/// Names that `expect` may use: status (number), headers (by lower-case name), body (JSON, else text), text (the body as
/// text, whatever it is), latency (duration), protocol (text, such as HTTP/2), tls (text, such as TLS 1.3, empty
/// without), redirects (number).
pub const EXPECT_VARIABLES: [&str; 8] = [
    "status",
    "headers",
    BODY,
    TEXT,
    "latency",
    "protocol",
    "tls",
    "redirects",
];

pub(super) const BODY: &str = "body";
pub(super) const TEXT: &str = "text";

/// The keys of an `http://` or `https://` target beside those that every target has.
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Request method.
    pub method: String,
    /// Added to the URL's query.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub query: BTreeMap<String, String>,
    /// Request headers.
    pub headers: BTreeMap<String, String>,
    /// Who asks; as the target's own origin alone is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth: Option<Auth>,
    /// Request body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// File with the request body; read once, at the start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body_file: Option<PathBuf>,
    /// Request body as TOML, sent as JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub json: Option<serde_json::Value>,
    /// Request body as the fields of a form.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub form: BTreeMap<String, String>,
    /// Whether the connection is kept for the next probe or made anew each time.
    pub connection: Connection,
    /// Which HTTP is spoken; `auto` takes HTTP/2 where the TLS handshake offers it, `2` speaks it without asking.
    pub http_version: HttpVersion,
    /// How many redirects are followed; 0 takes a redirect as the answer.
    pub redirects: u8,
    /// What redirects may do that they may not by themselves.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub redirects_may: Vec<Permission>,
    /// IP version to use: `any`, `4` or `6`.
    pub ip: AddressFamily,
    /// The address to use, `10.0.0.7` or `10.0.0.7:8443`; the name is not looked up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolve: Option<String>,
    /// Whether probes go to the address that connects first, or to all addresses of the name in turn.
    pub addresses: Addresses,
    /// Unix socket to connect to; the URL still gives host and path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unix: Option<PathBuf>,
    /// HTTP proxy, `http://user:password@host:port`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy: Option<String>,
    /// Whom TLS trusts, and who it says we are.
    #[serde(skip_serializing_if = "is_default")]
    pub tls: tls::Options,
    /// Header of the answer whose values are counted, such as the backend's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tally: Option<String>,
    /// Bytes of the body that are read, and that a compressed one comes to; the rest is cut off.
    pub body_limit_bytes: u64,
    /// Conditions (CEL) that the answer must meet.
    pub expect: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            method: "GET".to_owned(),
            query: BTreeMap::new(),
            headers: BTreeMap::new(),
            auth: None,
            body: None,
            body_file: None,
            json: None,
            form: BTreeMap::new(),
            connection: Connection::default(),
            http_version: HttpVersion::default(),
            redirects: REDIRECT_LIMIT,
            redirects_may: Vec::new(),
            ip: AddressFamily::default(),
            resolve: None,
            addresses: Addresses::default(),
            unix: None,
            proxy: None,
            tls: tls::Options::default(),
            tally: None,
            body_limit_bytes: BODY_LIMIT_BYTES,
            expect: Vec::new(),
        }
    }
}

fn is_default(options: &tls::Options) -> bool {
    *options == tls::Options::default()
}

impl Settings {
    /// Whether a connection made by one may carry requests of the other: all is the same but what is asked.
    pub fn connects_like(&self, other: &Self) -> bool {
        let asks_the_same = Self {
            method: other.method.clone(),
            headers: other.headers.clone(),
            query: other.query.clone(),
            auth: other.auth.clone(),
            body: other.body.clone(),
            body_file: other.body_file.clone(),
            json: other.json.clone(),
            form: other.form.clone(),
            redirects: other.redirects,
            body_limit_bytes: other.body_limit_bytes,
            expect: other.expect.clone(),
            tally: other.tally.clone(),
            ..self.clone()
        };
        asks_the_same == *other
    }
}

/// Who asks: one of the two.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Auth {
    /// User and password (RFC 7617).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basic: Option<Basic>,
    /// Token (RFC 6750).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bearer: Option<String>,
}

#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Basic {
    /// User name, without a colon.
    pub user: String,
    /// Password; best as `${NAME}`.
    #[serde(default)]
    pub password: String,
}

impl fmt::Debug for Settings {
    /// Headers and bodies carry credentials: names are shown, values are not.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("method", &self.method)
            .field("query", &self.query.keys().collect::<Vec<_>>())
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("auth", &self.auth)
            .field("body_bytes", &self.body.as_ref().map(String::len))
            .field("body_file", &self.body_file)
            .field("has_json", &self.json.is_some())
            .field("form", &self.form.keys().collect::<Vec<_>>())
            .field("connection", &self.connection)
            .field("http_version", &self.http_version)
            .field("redirects", &self.redirects)
            .field("redirects_may", &self.redirects_may)
            .field("ip", &self.ip)
            .field("resolve", &self.resolve)
            .field("addresses", &self.addresses)
            .field("unix", &self.unix)
            .field("has_proxy", &self.proxy.is_some())
            .field("tls", &self.tls)
            .field("tally", &self.tally)
            .field("body_limit_bytes", &self.body_limit_bytes)
            .field("expect", &self.expect)
            .finish()
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (basic, bearer) = (self.basic.is_some(), self.bearer.is_some());
        write!(f, "Auth(basic: {basic}, bearer: {bearer})")
    }
}

impl fmt::Debug for Basic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Basic")
    }
}

/// Which version of HTTP is spoken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum HttpVersion {
    /// What the TLS handshake agrees on; HTTP/1.1 without TLS.
    #[default]
    #[serde(rename = "auto")]
    Auto,
    #[serde(rename = "1.1")]
    Http1,
    /// Also without TLS, with prior knowledge (RFC 9113, section 3.3).
    #[serde(rename = "2")]
    Http2,
}

/// What a redirect may do only when it is asked for: whoever answers says where it leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Permission {
    /// A 307 or 308 to another origin sends the request's body there.
    ForwardBody,
    /// From elsewhere to this machine, to link-local addresses, and to those where clouds hand out credentials.
    ReachLocal,
    /// `insecure` holds for other origins, too.
    SkipVerification,
}

impl Permission {
    /// What to write.
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::ForwardBody => "allow it with redirects_may = [\"forward-body\"]",
            Self::ReachLocal => "allow it with redirects_may = [\"reach-local\"]",
            Self::SkipVerification => "allow it with redirects_may = [\"skip-verification\"]",
        }
    }
}

/// Which of a name's addresses are probed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Addresses {
    /// The one that connects first, by happy eyeballs (RFC 8305).
    #[default]
    First,
    /// Each in turn, one a probe.
    All,
}
