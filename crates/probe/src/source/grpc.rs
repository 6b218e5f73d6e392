//! The health of a gRPC server, as it tells it itself: `grpc.health.v1.Health/Check`.

mod message;
mod status;
mod call;

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use call::Line;
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue, TE};
use hyper::http::uri::{PathAndQuery, Scheme};
use hyper::{Method, Request, Uri};
use message::ServingStatus;
use probetop_core::clock::{Clock, Timestamp};
use probetop_core::sample::{Answer, Fact, Failure, FailureKind, Phase, Text, Word};
use probetop_core::setting::Finding;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use super::attempt::{Fault, Stopwatch};
use super::conversation::{self, Reply, Service};
use super::dialer::Dialer;
use super::endpoint::{self, Endpoint};
use super::header;
use super::http::credentials;
use super::idle::{Connection, Idle};
use super::kind::{Kind, KindSettings, ProbeContext};
use super::tls::Roots;
use super::{AddressFamily, Attempt, Probe};

/// The headers that make the call; a target cannot send its own.
const OURS: [&str; 8] = [
    "te",
    "content-type",
    "content-length",
    "transfer-encoding",
    "connection",
    "host",
    "grpc-encoding",
    "grpc-accept-encoding",
];

/// The keys of a `grpc://` or `grpcs://` target beside those that every target has.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Metadata of the call, such as `authorization`.
    pub headers: BTreeMap<String, String>,
    /// Whether the connection is kept for the next probe or made anew each time.
    pub connection: Connection,
    /// IP version to use: `any`, `4` or `6`.
    pub ip: AddressFamily,
}

pub static KIND: Kind = Kind {
    name: "grpc",
    schemes: &["grpc", "grpcs"],
    about: "the health of a gRPC service, by grpc.health.v1; the path names the service, no path means the whole server",
    example: "grpcs://shop.example:443/shop.Checkout",
    phases: &[Phase::Dns, Phase::Connect, Phase::Tls, Phase::Query],
    ..Kind::of::<Settings>()
};

impl KindSettings for Settings {
    const KIND: &'static Kind = &KIND;

    fn check(&self, url: &Url) -> Vec<Finding> {
        let mut findings: Vec<_> = endpoint::needs_port(url).into_iter().collect();
        findings.extend(header::check(&self.headers, &OURS));
        findings
    }

    fn probe(&self, url: &Url, context: ProbeContext<'_>) -> Result<Arc<dyn Probe>, String> {
        Ok(Arc::new(Grpc::try_new(
            context.clock.clone(),
            url,
            self,
            context.in_flight,
        )?))
    }
}

impl fmt::Debug for Settings {
    /// Metadata carries credentials: names are shown, values are not.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("connection", &self.connection)
            .field("ip", &self.ip)
            .finish()
    }
}

/// Asks one service of one server.
pub struct Grpc {
    clock: Clock,
    dialer: Dialer,
    request: Request<Full<Bytes>>,
    idle: Idle<Line>,
}

impl Grpc {
    /// A probe of `url` that trusts this machine's certificate authorities; `in_flight` probes may run at once.
    ///
    /// # Errors
    /// Says what in `url` or `settings` cannot be used, and what to do about it.
    pub fn try_new(clock: Clock, url: &Url, settings: &Settings, in_flight: u16) -> Result<Self, String> {
        let endpoint = Endpoint::try_new(url, settings.ip)?;
        Ok(Self {
            clock,
            request: request(url, &endpoint, settings)?,
            dialer: match url.scheme() {
                "grpcs" => Dialer::secure(endpoint, &ALPN),
                _ => Dialer::plain(endpoint),
            },
            idle: Idle::new(settings.connection, usize::from(in_flight.max(1))),
        })
    }

    /// Trusts `roots` instead.
    pub fn trusting(mut self, roots: Roots) -> Self {
        self.dialer = self.dialer.trusting(roots);
        self
    }
}

impl Service for Grpc {
    type Session = Line;

    fn clock(&self) -> &Clock {
        &self.clock
    }

    fn idle(&self) -> &Idle<Line> {
        &self.idle
    }

    async fn open(&self, watch: &mut Stopwatch, answer: &mut Option<Answer>) -> Result<Line, Failure> {
        let (link, address, _known) = self.dialer.open(watch, answer).await?;
        watch.phase(Phase::Query, Line::open(link, address)).await
    }

    fn describe(&self, line: &Line) -> Answer {
        Answer {
            address: Some(line.address),
            protocol: Some("gRPC".into()),
            tls: line.tls.map(Word::of),
            ..Answer::default()
        }
    }

    /// A call that failed says nothing against its connection, unless the server went silent.
    async fn ask(&self, watch: &mut Stopwatch, line: &mut Line, answer: &mut Answer) -> Result<Reply, Failure> {
        let call = line.call(self.request.clone(), &mut answer.status);
        let called = watch.phase(Phase::Query, call).await;
        let verdict = match called {
            Ok(status) => judge(status, answer),
            Err(failure) if failure.kind == FailureKind::Timeout || line.is_gone() => return Err(failure),
            Err(failure) => Err(failure),
        };
        Ok(Reply {
            verdict,
            is_usable: !line.is_gone(),
        })
    }

    fn may_ask_again(&self, _line: &Line, failure: &Failure) -> bool {
        failure.kind != FailureKind::Timeout
    }
}

impl Probe for Grpc {
    fn probe(&self, deadline: Timestamp) -> Pin<Box<dyn Future<Output = Attempt> + Send + '_>> {
        Box::pin(conversation::attempt(self, deadline))
    }
}

fn judge(status: ServingStatus, answer: &mut Answer) -> Result<(), Failure> {
    let value = Text::from(status.name());
    answer.facts.push(Fact {
        name: "serving_status".into(),
        value: value.clone(),
    });
    match status {
        ServingStatus::Serving => Ok(()),
        ServingStatus::Unknown
        | ServingStatus::NotServing
        | ServingStatus::ServiceUnknown
        | ServingStatus::Other(_) => {
            let message = format!("the service says of itself: {value}");
            Err(Fault::new(FailureKind::Status, message).after_all_phases())
        }
    }
}

fn request(url: &Url, endpoint: &Endpoint, settings: &Settings) -> Result<Request<Full<Bytes>>, String> {
    let service = credentials::percent_decoded(url.path().trim_start_matches('/'));
    let service = String::from_utf8(service).map_err(|_| "the service's name is not UTF-8")?;
    if url.query().is_some() {
        return Err("a gRPC service has no query; remove what follows the ?".to_owned());
    }
    let scheme = if url.scheme() == "grpcs" {
        Scheme::HTTPS
    } else {
        Scheme::HTTP
    };
    let mut uri = hyper::http::uri::Parts::default();
    uri.scheme = Some(scheme);
    let authority = format!("{}:{}", endpoint.host, endpoint.port);
    uri.authority = Some(
        authority
            .parse()
            .map_err(|_| format!("{authority} is not a host and port"))?,
    );
    uri.path_and_query = Some(PathAndQuery::from_static("/grpc.health.v1.Health/Check"));
    let mut request = Request::new(Full::from(message::request(&service)));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = Uri::from_parts(uri).map_err(|error| error.to_string())?;
    let headers = request.headers_mut();
    if let Some(basic) = credentials::basic_of_url(url) {
        headers.insert(AUTHORIZATION, secret("authorization", &basic)?);
    }
    for (name, value) in &settings.headers {
        let parsed = HeaderName::try_from(name).map_err(|_| format!("{name:?} is not a header name"))?;
        headers.insert(parsed, secret(name, value)?);
    }
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    headers.insert(TE, HeaderValue::from_static("trailers"));
    Ok(request)
}

/// Masked wherever a request is printed, and kept out of HTTP/2's table of headers.
fn secret(name: &str, value: &str) -> Result<HeaderValue, String> {
    let value = HeaderValue::from_str(value);
    let mut value =
        value.map_err(|_| format!("the value of {name} holds a control character; headers are one line"))?;
    value.set_sensitive(true);
    Ok(value)
}

const ALPN: [&[u8]; 1] = [b"h2"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_secret() {
        let settings = Settings {
            headers: [("authorization".to_owned(), "s3cret".to_owned())].into(),
            ..Settings::default()
        };
        let shown = format!("{settings:?}");
        assert!(shown.contains("authorization") && !shown.contains("s3cret"), "{shown}");
    }
}
