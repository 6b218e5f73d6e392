//! A page of figures that a server offers over HTTP: fetched by the HTTP source, whole or not at all.

use std::collections::BTreeMap;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{Failure, FailureKind, Outcome};
use probetop_core::setting::Finding;
use url::Url;

use super::aside::{Effort, aside};
use super::attempt::Fault;
use super::http::{self, Http};
use super::idle::Connection;
use super::kind::ProbeContext;
use super::{AddressFamily, Attempt};

/// Bytes of a page that are read, unless the target says otherwise: about 50,000 series.
pub const PAGE_LIMIT_BYTES: u64 = 4 * 1024 * 1024;

/// How a page is asked for, as targets say it.
#[derive(Clone, Copy)]
pub struct PageSettings<'a> {
    /// Beside those that every request has; these win.
    pub headers: &'a BTreeMap<String, String>,
    /// The `accept` header, unless `headers` has one.
    pub accept: &'a str,
    pub connection: Connection,
    pub ip: AddressFamily,
    pub body_limit_bytes: u64,
    /// Redirects followed at most.
    pub redirects: u8,
}

impl PageSettings<'_> {
    /// What is wrong with it, and with `url`, which says by its scheme what the page holds.
    pub fn check(self, url: &Url) -> Vec<Finding> {
        let mut findings = self.settings().findings(url);
        findings.extend(
            http_url(url, None, "")
                .err()
                .map(|message| Finding::new("url", message)),
        );
        findings
    }

    /// The same, as the HTTP source has it.
    pub fn settings(self) -> http::Settings {
        let mut headers = self.headers.clone();
        if !headers.keys().any(|name| name.eq_ignore_ascii_case("accept")) {
            headers.insert("accept".to_owned(), self.accept.to_owned());
        }
        http::Settings {
            headers,
            connection: self.connection,
            ip: self.ip,
            body_limit_bytes: self.body_limit_bytes,
            redirects: self.redirects,
            ..http::Settings::default()
        }
    }
}

/// One page of one server.
pub struct Page {
    http: Http,
    limit_bytes: u64,
}

/// The page as it was read, or why not: then `body` is empty.
pub struct Reading {
    pub attempt: Attempt,
    pub body: Vec<u8>,
}

impl Page {
    /// # Errors
    /// Says what in `url` or `manner` cannot be used, and what to do about it.
    pub fn try_new(context: ProbeContext<'_>, url: &Url, page_settings: PageSettings<'_>) -> Result<Self, String> {
        let http = Http::try_new(context.clock.clone(), url, &page_settings.settings(), context.in_flight)?;
        Ok(Self {
            http: http.keeping_body(),
            limit_bytes: page_settings.body_limit_bytes,
        })
    }

    pub async fn read(&self, deadline: Timestamp) -> Reading {
        let (mut attempt, body) = self.http.fetch(deadline).await;
        if attempt.outcome.is_ok()
            && let Err(fault) = self.judge(&attempt)
        {
            attempt.outcome = failed(fault);
        }
        let body = if attempt.outcome.is_ok() { body } else { Vec::new() };
        Reading { attempt, body }
    }

    fn judge(&self, attempt: &Attempt) -> Result<(), Fault> {
        let answer = attempt.answer.as_deref();
        let status = answer.and_then(|answer| answer.status).unwrap_or_default();
        if !(200..300).contains(&status) {
            let message = format!("{status} instead of the page; it may ask for a login");
            return Err(Fault::new(FailureKind::Status, message));
        }
        if answer.is_some_and(|answer| answer.truncated) {
            let message = format!("the page is longer than {} bytes (body_limit_bytes)", self.limit_bytes);
            return Err(Fault::new(FailureKind::Protocol, message));
        }
        Ok(())
    }
}

impl Reading {
    /// What `parse` makes of the page. `None`: it did not come, or is not what it should be, and the attempt says so.
    pub async fn parse<T: Send + 'static>(
        &mut self,
        parse: impl FnOnce(&[u8]) -> Result<T, String> + Send + 'static,
    ) -> Option<T> {
        if !self.attempt.outcome.is_ok() {
            return None;
        }
        let body = std::mem::take(&mut self.body);
        let parsed = aside(Effort::Bytes(body.len()), move || parse(&body)).await;
        parsed.map_err(|message| self.refuse(message)).ok()
    }

    /// The page came, but it is not what it should be.
    fn refuse(&mut self, message: String) {
        self.attempt.outcome = failed(Fault::new(FailureKind::Protocol, message));
    }
}

fn failed(fault: Fault) -> Outcome {
    let failure: Failure = fault.after_all_phases();
    Outcome::Failed(Box::new(failure))
}

/// The URL to ask for `url`, whose scheme names what the page holds: `k6://` is asked over HTTP, `k6+https://` over
/// HTTPS. A port and a path that `url` leaves out become `port` and `path`.
///
/// # Errors
/// Says what is missing. Quotes nothing, because URLs hold secrets.
pub fn http_url(url: &Url, port: Option<u16>, path: &str) -> Result<Url, String> {
    let (scheme, rest) = url.as_str().split_once("://").ok_or("the URL has no host")?;
    let web = if scheme.ends_with("+https") { "https" } else { "http" };
    let mut asked = Url::parse(&format!("{web}://{rest}"))
        .map_err(|error| format!("the URL is none: {error}; write {scheme}://HOST:PORT"))?;
    if web == "http"
        && url.port().is_none()
        && let Some(port) = port
    {
        asked
            .set_port(Some(port))
            .map_err(|()| format!("the URL has no host; write {scheme}://HOST:{port}"))?;
    }
    if matches!(url.path(), "" | "/") {
        asked.set_path(path);
    }
    Ok(asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_says_how_a_page_is_asked_for() {
        let check = |url: &str, port, expected: &str| {
            let asked = http_url(&Url::parse(url).unwrap(), port, "/metrics").unwrap();
            assert_eq!(asked.as_str(), expected, "{url}");
        };
        check("prometheus://db.example:9187", None, "http://db.example:9187/metrics");
        check("prometheus://db.example/a?b=c", None, "http://db.example/a?b=c");
        check(
            "prometheus+https://u:p@db.example/",
            None,
            "https://u:p@db.example/metrics",
        );
        check("k6://[::1]", Some(6565), "http://[::1]:6565/metrics");
        check("k6+https://gen.example", Some(6565), "https://gen.example/metrics");
        check("k6://gen.example:80", Some(6565), "http://gen.example/metrics");
    }
}
