//! Requests to the receivers of notifications: one way to make them, and what their answers mean.
//!
//! The URL of a receiver is a secret, for many hold a token: errors name its host and nothing else of it.

use std::collections::BTreeMap;
use std::error::Error as _;
use std::net::Ipv6Addr;
use std::time::Duration;

use probetop_core::redact::Redactor;
use probetop_core::sample::Text;
use probetop_core::setting::Finding;
use probetop_probe::handshake;
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Method, Proxy, Response, StatusCode, Url, redirect};

use super::channel::Fault;
use super::tls;

/// What a receiver says that refuses; more of it helps nobody.
const ANSWER_LIMIT_BYTES: usize = 16 * 1024;

/// Shorter parts of a URL or a header are no secrets, and to look for them would spoil every message.
const SECRET_LENGTH_MIN: usize = 6;

const USER_AGENT: &str = concat!("probetop/", env!("CARGO_PKG_VERSION"));

/// Whom requests go to. Keeps its connection between them.
pub struct Receiver {
    client: Client,
    method: Method,
    url: Url,
    headers: HeaderMap,
    /// What an answer must not repeat.
    secrets: Redactor,
}

impl Receiver {
    /// `proxy` as in `http://user:password@host:port`; those of the environment are not used.
    ///
    /// # Errors
    /// Says what is wrong and what to write instead.
    pub fn try_new(url: &str, proxy: Option<&str>) -> Result<Self, String> {
        let url = parse(url)?;
        let mut client = Client::builder()
            .tls_backend_preconfigured(tls::system())
            .http1_only()
            .redirect(redirect::Policy::none())
            .no_proxy()
            .user_agent(USER_AGENT);
        if let Some(proxy) = proxy {
            parse(proxy).map_err(|message| format!("proxy: {message}"))?;
            let proxy = Proxy::all(proxy).map_err(|error| format!("proxy: {}", plain(&error)))?;
            client = client.proxy(proxy);
        }
        let client = client
            .build()
            .map_err(|error| format!("no HTTP client: {}", plain(&error)))?;
        let mut receiver = Self {
            client,
            method: Method::POST,
            secrets: Redactor::default(),
            headers: HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]),
            url,
        };
        receiver.hide_url();
        Ok(receiver)
    }

    /// Asks by another method than POST.
    ///
    /// # Errors
    /// It is none.
    pub fn method(mut self, method: &str) -> Result<Self, String> {
        self.method = match method {
            "POST" => Method::POST,
            "PUT" => Method::PUT,
            "PATCH" => Method::PATCH,
            _ => return Err(format!("method is {method:?}; use \"POST\", \"PUT\" or \"PATCH\"")),
        };
        Ok(self)
    }

    /// With these headers beside the usual ones, or in place of them.
    ///
    /// # Errors
    /// Names the header that cannot be sent.
    pub fn headers(mut self, headers: &BTreeMap<String, String>) -> Result<Self, String> {
        for (name, value) in headers {
            let header = HeaderName::try_from(name.as_str())
                .map_err(|_| format!("{name:?} is not a header name; use letters, digits and -"))?;
            let mut content = HeaderValue::try_from(value.as_str())
                .map_err(|_| format!("header {name}: its value has characters that cannot be sent; remove them"))?;
            content.set_sensitive(true);
            self.headers.insert(header, content);
            self.hide(value);
            value.split(' ').for_each(|word| self.hide(word));
        }
        Ok(self)
    }

    /// Leaves `secret` out of what is told of answers.
    pub fn hide(&mut self, secret: &str) {
        if secret.len() >= SECRET_LENGTH_MIN {
            self.secrets.learn(secret);
        }
    }

    fn hide_url(&mut self) {
        let url = self.url.clone();
        self.hide(url.path());
        self.hide(url.query().unwrap_or_default());
        let parts = url.path().split('/').filter(|part| !is_word(part));
        parts.for_each(|part| self.hide(part));
        url.query_pairs().for_each(|(_, value)| self.hide(&value));
        self.hide(url.username());
        self.hide(url.password().unwrap_or_default());
    }

    /// Where the content type was set by a header, whether it is still JSON.
    pub fn expects_json(&self) -> bool {
        let content_type = self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        content_type.is_some_and(|content_type| content_type.contains("json"))
    }

    /// Sends one request.
    ///
    /// # Errors
    /// There was no answer, or none of success.
    pub async fn send(&self, body: Vec<u8>) -> Result<(), Fault> {
        let request = self.client.request(self.method.clone(), self.url.clone());
        let request = request.headers(self.headers.clone()).body(body);
        let answer = request.send().await.map_err(|error| Fault::Passing {
            message: self.told(&plain(&error)),
            wait: None,
        })?;
        let (status, wait) = (answer.status(), retry_after(answer.headers()));
        let said = said(answer).await;
        self.judge(status, wait, &said)
    }

    fn judge(&self, status: StatusCode, wait: Option<Duration>, said: &[u8]) -> Result<(), Fault> {
        if status.is_success() {
            return Ok(());
        }
        if status.is_redirection() {
            let message = format!(
                "answers {}: a redirect; write the URL that it leads to",
                status.as_u16()
            );
            return Err(Fault::Lasting {
                message: self.told(&message),
            });
        }
        // Cut only once nothing of a secret is left in it.
        let said = String::from_utf8_lossy(said);
        let colon = if said.trim().is_empty() { "" } else { ": " };
        let message = self.told(&format!("answers {}{colon}{said}", status.as_u16()));
        // 408, 425 and 429 are refusals of the moment (RFC 9110, RFC 8470, RFC 6585).
        if status.is_server_error() || matches!(status.as_u16(), 408 | 425 | 429) {
            Err(Fault::Passing { message, wait })
        } else {
            Err(Fault::Lasting { message })
        }
    }

    /// A message about the receiver, in which nothing of what it was told is repeated.
    fn told(&self, what: &str) -> Text {
        let what = self.secrets.redacted(what).unwrap_or_else(|| what.to_owned());
        let host = self.url.host_str().unwrap_or_default();
        Text::from(format!("{host} {what}"))
    }
}

/// What is wrong with the keys that all channels over HTTP have, if anything.
pub fn check(url: Option<&str>, proxy: Option<&str>, example: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    match url {
        None => findings.push(Finding::new("url", format!("has no url; add url = \"{example}\""))),
        Some(url) => findings.extend(parse(url).err().map(|message| Finding::new("url", message))),
    }
    if let Some(proxy) = proxy {
        let message = parse(proxy).err().map(|message| format!("proxy: {message}"));
        findings.extend(message.map(|message| Finding::new("proxy", message)));
    }
    findings
}

/// # Errors
/// Says what a URL of a receiver looks like, without repeating it.
pub fn parse(url: &str) -> Result<Url, String> {
    let refuse = |why: &str| format!("the URL {why}; write https://host/path");
    if is_on_one_link(url) {
        let message = "the URL has an address that only one interface leads to, and the URL of a receiver cannot name it; \
                       write a name or another address, as in https://host/path";
        return Err(message.to_owned());
    }
    let url = Url::parse(url).map_err(|error| refuse(&format!("is none: {error}")))?;
    match url.scheme() {
        "http" | "https" => Ok(url),
        scheme => Err(refuse(&format!("begins with {scheme}://"))),
    }
}

/// Whether the host is a link-local address, or any with a zone: those who send have no place for it.
fn is_on_one_link(url: &str) -> bool {
    let authority = url.split_once("://").map_or("", |(_, rest)| rest);
    let authority = authority.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let inner = host.strip_prefix('[').and_then(|host| host.split(']').next());
    inner.is_some_and(|inner| match inner.split_once('%') {
        Some(_) => true,
        None => inner
            .parse()
            .is_ok_and(|address: Ipv6Addr| address.is_unicast_link_local()),
    })
}

/// Whether a part of a path is a word such as `services`, which answers have a use for, rather than a token.
fn is_word(part: &str) -> bool {
    part.chars().all(|c| c.is_ascii_lowercase())
}

/// The first bytes of the answer. Reading small ones to their end keeps the connection.
async fn said(mut answer: Response) -> Vec<u8> {
    let mut said = Vec::new();
    while said.len() < ANSWER_LIMIT_BYTES {
        // The status was read: what is lost of the body costs some words.
        let Ok(Some(chunk)) = answer.chunk().await else { break };
        said.extend_from_slice(&chunk);
    }
    said.truncate(ANSWER_LIMIT_BYTES);
    said
}

/// How long the receiver asks to be left alone (RFC 9110, section 10.2.3): in seconds, or until a date. That one is read
/// against the answer's own, for the receiver's clock is not ours.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| Some(headers.get(name)?.to_str().ok()?.trim());
    let asked: &str = text(RETRY_AFTER)?;
    if let Ok(seconds) = asked.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = httpdate::parse_http_date(asked).ok()?;
    let answered = httpdate::parse_http_date(text(DATE)?).ok()?;
    // One that has passed asks for nothing.
    until.duration_since(answered).ok()
}

/// What a failed request died of, without its URL: the innermost cause says it in the fewest words.
fn plain(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "does not answer in time".to_owned();
    }
    if let Some(told) = handshake::told(error) {
        return format!("cannot be reached: {told}");
    }
    let mut cause = error.source();
    while let Some(inner) = cause.and_then(std::error::Error::source) {
        cause = Some(inner);
    }
    match cause {
        Some(cause) if error.is_connect() => format!("cannot be reached: {cause}"),
        Some(cause) => format!("does not answer: {cause}"),
        None => "does not answer".to_owned(),
    }
}

#[cfg(test)]
mod tests;
