//! What is wrong with an HTTP target's keys, each with a remedy.

use std::time::Duration;

use hyper::header::{self, HeaderName};
use probetop_core::expression::{Evaluation, Value};
use probetop_core::setting::Finding;
use url::{Host, Url};

use super::{Addresses, Auth, HttpVersion, Settings};
use crate::source::AddressFamily;
use crate::source::http::origin::Scheme;
use crate::source::http::route::{Pinned, Proxy};
use crate::source::http::{content, expectation, request};
use crate::source::tls::options::Options;

/// The body that is read is held in memory, once for each probe that runs.
pub(crate) const BODY_LIMIT_MAX_BYTES: u64 = 64 * 1024 * 1024;

impl Settings {
    /// What is wrong with the values, alone and together, and what to write instead.
    pub fn findings(&self, url: &Url) -> Vec<Finding> {
        let mut findings = Vec::new();
        self.check_method(&mut findings);
        self.check_headers(&mut findings);
        self.check_auth(url, &mut findings);
        findings.extend(content::findings(self));
        self.check_route(url, &mut findings);
        self.check_tls(url, &mut findings);
        if let Some(name) = self.tally.as_ref().filter(|name| !is_token(name)) {
            let message = format!("tally {name:?} is not a header name; write for example \"x-backend\"");
            findings.push(Finding::new("tally", message));
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

    /// What can be done, and is probably not meant to stay.
    pub fn doubts(&self) -> Vec<Finding> {
        let insecure = self.tls.insecure.then(|| {
            let message = "insecure accepts any certificate; trust the issuer with ca = \"FILE\" instead";
            Finding::new("insecure", message).under("tls")
        });
        insecure.into_iter().collect()
    }

    fn check_method(&self, findings: &mut Vec<Finding>) {
        if !is_token(&self.method) {
            let message = format!("method {:?} is none; write for example \"POST\"", self.method);
            findings.push(Finding::new("method", message));
        } else if let Err(message) = request::method(&self.method) {
            findings.push(Finding::new("method", message));
        }
    }

    fn check_headers(&self, findings: &mut Vec<Finding>) {
        for (name, value) in &self.headers {
            if !is_token(name) {
                findings.push(Finding::new(name, format!("{name:?} is not a header name")).under("headers"));
            } else if value.contains(|c: char| c.is_control() && c != '\t') {
                let message = format!("the value of {name} holds a control character; headers are one line");
                findings.push(Finding::new(name, message).under("headers"));
            } else if let Err(message) = request::user_header(name, value) {
                findings.push(Finding::new(name, message).under("headers"));
            }
        }
    }

    fn check_auth(&self, url: &Url, findings: &mut Vec<Finding>) {
        let Some(auth) = &self.auth else { return };
        let mut wrong = |message: &str| findings.push(Finding::new("auth", message));
        if !url.username().is_empty() || url.password().is_some() {
            wrong("the URL names a user too; remove one of the two");
        }
        if self.headers.keys().any(|name| is(name, &header::AUTHORIZATION)) {
            wrong("there is a header authorization too; remove one of the two");
        }
        match auth {
            Auth {
                basic: Some(_),
                bearer: Some(_),
            } => wrong("auth has basic and bearer; remove one of the two"),
            Auth {
                basic: None,
                bearer: None,
            } => wrong("auth is empty; write { basic = { user = …, password = … } } or { bearer = … }"),
            Auth {
                basic: Some(basic),
                bearer: None,
            } if basic.user.contains(':') => wrong("user has a colon, where the password begins; remove it"),
            Auth {
                basic: None,
                bearer: Some(token),
            } if token.is_empty() || !token.chars().all(|c| c.is_ascii_graphic()) => {
                wrong("bearer is not a token; write visible ASCII characters without spaces");
            }
            Auth { .. } => {}
        }
    }

    /// There is one way to a peer: keys that name another do not go together.
    fn check_route(&self, url: &Url, findings: &mut Vec<Finding>) {
        let mut wrong = |key: &str, message: String| findings.push(Finding::new(key, message));
        let ways = [
            ("unix", self.unix.is_some()),
            ("proxy", self.proxy.is_some()),
            ("resolve", self.resolve.is_some()),
            ("addresses", self.addresses == Addresses::All),
        ];
        let mut chosen = ways.iter().filter(|(_, chosen)| *chosen).map(|(key, _)| key);
        if let (Some(first), Some(second)) = (chosen.next(), chosen.next()) {
            wrong(
                second,
                format!("{first} and {second} both say where to connect; remove one of the two"),
            );
        }
        if let Some(Err(message)) = self.proxy.as_deref().map(Proxy::parse) {
            wrong("proxy", message);
        }
        match self.resolve.as_deref().map(Pinned::parse) {
            Some(Err(message)) => wrong("resolve", message),
            Some(Ok(pinned)) if !pinned.is_of(self.ip) => {
                wrong(
                    "resolve",
                    "resolve is not of the IP version that ip wants; change one of the two".into(),
                );
            }
            Some(Ok(_)) | None => {}
        }
        if self.addresses == Addresses::All && !matches!(url.host(), Some(Host::Domain(_))) {
            wrong(
                "addresses",
                "the URL names one address; write a name, or remove addresses".into(),
            );
        }
        if self.unix.is_some() && url.scheme() == Scheme::Https.name() {
            wrong(
                "unix",
                "TLS is not spoken over a Unix socket; write http:// in the URL".into(),
            );
        }
        if self.unix.is_some() && self.ip != AddressFamily::Any {
            wrong("ip", "a Unix socket has no IP version; remove ip or unix".into());
        }
        let plain_http2 = self.http_version == HttpVersion::Http2 && url.scheme() == Scheme::Http.name();
        if self.proxy.is_some() && plain_http2 {
            let message = "a proxy forwards http:// as HTTP/1.1; write https:// or remove http_version";
            wrong("http_version", message.into());
        }
    }

    fn check_tls(&self, url: &Url, findings: &mut Vec<Finding>) {
        if url.scheme() != Scheme::Https.name() && self.tls != Options::default() {
            let message = "an http:// URL is asked without TLS; write https:// or remove tls";
            findings.push(Finding::new("tls", message));
        }
        findings.extend(self.tls.findings().into_iter().map(|finding| finding.under("tls")));
    }
}

fn is(name: &str, header: &HeaderName) -> bool {
    name.eq_ignore_ascii_case(header.as_str())
}

/// Compiles a condition and tries it on an answer whose headers and body are not known, so that `latency < 500` is found
/// before the first probe.
fn check_condition(condition: &str) -> Result<(), Finding> {
    let expression =
        expectation::compile(condition).map_err(|error| Finding::new("expect", error.message).at(error.offset))?;
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
        Evaluation::Holds { .. }
        | Evaluation::Fails { .. }
        | Evaluation::Unknown { .. }
        | Evaluation::TooLong { .. } => Ok(()),
    }
}

/// RFC 9110, 5.6.2: what methods and header names are made of.
fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c))
}
