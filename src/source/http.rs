//! HTTP and HTTPS over hyper's client connection, so that every phase is the one of the connection that was used.
//!
//! Pools race an idle connection against a new one, and their probes carry the phases of connections they never used.
//! Here a probe takes an idle connection or opens its own, and nobody else touches it until the probe is over.

mod settings;
mod origin;
mod credentials;
mod request;
mod redirect;
mod stream;
mod http1;
mod body;
mod fault;
mod connection;
mod idle;
mod expectation;
mod cookies;
mod session;

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use hyper::ext::ReasonPhrase;
use hyper::http::response;
use schemars::SchemaGenerator;
use serde::Deserialize as _;
use toml::Table;
use url::Url;

use body::{Appetite, Keep};
use connection::{Broken, Journey, PROTOCOLS, Reply};
use cookies::Jar;
use expectation::Expectations;
use idle::Idle;
use origin::{Origin, Scheme};
use request::Request;

use super::attempt::{Fault, Stopwatch};
use super::kind::{self, Kind, KindSettings, Means, TargetKind};
use super::resolve;
use super::tls::{self, Roots};
use super::{AddressFamily, Attempt, Probe};
use crate::clock::{Clock, Timestamp};
use crate::sample::{Answer, Failure, FailureKind, Phase, Text};
use crate::setting::Finding;

pub use cookies::Cookies;
pub use session::{Captures, Filled, Session, encoded};
pub use settings::{BODY_LIMIT_BYTES, Connection, EXPECT_VARIABLES, REDIRECT_LIMIT, Settings};

pub static KIND: Kind = Kind {
    name: "http",
    schemes: &["http", "https"],
    about: "an HTTP request, with DNS, connect, TLS, first byte and transfer timed apart",
    example: "https://shop.example/health",
    phases: &Phase::HTTP,
    gauges: &[],
    read: |keys| Settings::deserialize(keys).map(TargetKind::new),
    schema: SchemaGenerator::root_schema_for::<Settings>,
};

impl KindSettings for Settings {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn check(&self, _url: &Url) -> Vec<Finding> {
        self.findings()
    }

    fn probe(&self, url: &Url, means: Means<'_>) -> Result<Arc<dyn Probe>, String> {
        Ok(Arc::new(Http::try_new(
            means.clock.clone(),
            url,
            self,
            means.in_flight,
        )?))
    }

    fn table(&self) -> Table {
        kind::table_of(self)
    }
}

/// Probes one URL.
pub struct Http {
    clock: Clock,
    request: Request,
    connection: Connection,
    redirects: u8,
    family: AddressFamily,
    appetite: Appetite,
    expectations: Expectations,
    /// `None`: the one that all targets share.
    tls: Option<tls::Client>,
    idle: Arc<Idle>,
}

impl Http {
    /// A probe of `url` that trusts this machine's certificate authorities; `in_flight` probes may run at once.
    ///
    /// # Errors
    /// Says what in `url` or `settings` cannot be used, and what to do about it.
    pub fn try_new(clock: Clock, url: &Url, settings: &Settings, in_flight: u16) -> Result<Self, String> {
        let request = Request::try_new(url, settings)?;
        resolve::check(&request.origin.host, settings.ip)?;
        if request.origin.scheme == Scheme::Https {
            // Reading the machine's store takes milliseconds that should not be somebody's latency.
            system_tls();
        }
        let expectations = Expectations::try_new(&settings.expect)?;
        let keep = if expectations.mention("body") {
            Keep::Bytes
        } else {
            Keep::Length
        };
        Ok(Self {
            clock,
            request,
            connection: settings.connection,
            redirects: settings.redirects,
            family: settings.ip,
            appetite: Appetite {
                limit_bytes: settings.body_limit_bytes,
                keep,
            },
            expectations,
            tls: None,
            // Each probe that runs may leave one connection at each stop of its way.
            idle: Arc::new(Idle::new(
                usize::from(in_flight.max(1)) * (usize::from(settings.redirects) + 1),
            )),
        })
    }

    /// Trusts `roots` instead.
    pub fn trusting(mut self, roots: Roots) -> Self {
        self.tls = Some(tls::Client::new(roots, &PROTOCOLS));
        self
    }

    async fn attempt(&self, deadline: Timestamp) -> Attempt {
        let (journey, reply) = self.go(&self.request, None, deadline).await;
        let judge = |reply: Reply| self.judge(&reply, &journey).map_err(Fault::after_all_phases);
        let result = reply.and_then(judge);
        conclude(journey, result)
    }

    /// Asks, and tells how it went beside the answer.
    async fn go(
        &self,
        first: &Request,
        jar: Option<&mut Jar>,
        deadline: Timestamp,
    ) -> (Journey, Result<Reply, Failure>) {
        let mut journey = Journey {
            watch: Stopwatch::start(&self.clock, deadline),
            answer: Answer::default(),
        };
        let reply = self.travel(first, jar, &mut journey).await;
        (journey, reply)
    }

    /// From the first request to the answer that sends us nowhere else. Cookies of `jar` go along, and into it.
    async fn travel(
        &self,
        first: &Request,
        mut jar: Option<&mut Jar>,
        journey: &mut Journey,
    ) -> Result<Reply, Failure> {
        let mut followed = jar.as_ref().map(|jar| first.clone().with_cookies(jar));
        let mut held = None;
        loop {
            let request = followed.as_ref().unwrap_or(first);
            let (reply, connection) = self.step(request, held, journey).await?;
            if let Some(jar) = jar.as_mut() {
                jar.keep(&request.url, &reply.head.headers);
            }
            let steps = (journey.answer.redirects, self.redirects);
            let next = redirect::next(request, first, &reply.head, steps);
            let stays = |next: &Request| {
                connection
                    .as_ref()
                    .is_some_and(|connection| connection.is_to(&next.origin))
            };
            held = if matches!(&next, Ok(Some(next)) if stays(next)) {
                connection
            } else {
                self.keep(connection);
                None
            };
            match next {
                Ok(Some(next)) => {
                    followed = Some(match &jar {
                        Some(jar) => next.with_cookies(jar),
                        None => next,
                    });
                }
                Ok(None) => return Ok(reply),
                Err(fault) => return Err(fault.after_all_phases()),
            }
            journey.answer.redirects += 1;
        }
    }

    /// One request and its answer, over `held`, an idle connection, or a new one.
    async fn step(
        &self,
        request: &Request,
        held: Option<connection::Connection>,
        journey: &mut Journey,
    ) -> Result<(Reply, Option<connection::Connection>), Failure> {
        if let Some(used) = held.or_else(|| self.idle(&request.origin)) {
            match used.exchange(journey, request, self.appetite).await {
                Ok(done) => return Ok(done),
                // The peer closed it just as we wrote. Every client asks once more on a new connection, and the time
                // that was lost counts, because a caller loses it too.
                Err(broken) if broken.was_stale() && request.is_idempotent() => {}
                Err(Broken { failure, .. }) => return Err(failure),
            }
        }
        let opened = connection::Connection::open(&mut journey.watch, &request.origin, self.family, || self.tls());
        // Boxed: opening is rare and its state is large, and every probe would carry room for it.
        let opened = Box::pin(opened).await?;
        let done = opened.exchange(journey, request, self.appetite).await;
        done.map_err(|broken| broken.failure)
    }

    fn idle(&self, origin: &Origin) -> Option<connection::Connection> {
        match self.connection {
            Connection::Reuse => self.idle.take(origin),
            Connection::Fresh => None,
        }
    }

    fn keep(&self, connection: Option<connection::Connection>) {
        match (self.connection, connection) {
            (Connection::Reuse, Some(connection)) => self.idle.put(connection),
            (Connection::Reuse, None) | (Connection::Fresh, _) => {}
        }
    }

    fn tls(&self) -> tls::Client {
        self.tls.clone().unwrap_or_else(|| system_tls().clone())
    }

    fn judge(&self, reply: &Reply, journey: &Journey) -> Result<(), Fault> {
        let status = reply.head.status;
        let fine = status.is_success() || status.is_redirection();
        if !fine && !self.expectations.mention("status") {
            return Err(Fault::new(FailureKind::Status, status_line(&reply.head)));
        }
        self.expectations.judge(reply, &journey.answer, journey.watch.latency())
    }
}

impl Probe for Http {
    fn probe(&self, deadline: Timestamp) -> Pin<Box<dyn Future<Output = Attempt> + Send + '_>> {
        Box::pin(self.attempt(deadline))
    }
}

/// What a journey comes to.
fn conclude(journey: Journey, result: Result<(), Failure>) -> Attempt {
    let Journey { watch, answer } = journey;
    watch.finish(result, answer.address.is_some().then(|| Box::new(answer)))
}

/// Shared by all targets that trust this machine's authorities: their certificates take a megabyte.
fn system_tls() -> &'static tls::Client {
    static CLIENT: OnceLock<tls::Client> = OnceLock::new();
    CLIENT.get_or_init(|| tls::Client::new(Roots::system(), &PROTOCOLS))
}

/// `503 Service Unavailable`, in the peer's words where it has its own.
fn status_line(head: &response::Parts) -> Text {
    let own = head.extensions.get::<ReasonPhrase>();
    let reason = match own {
        Some(own) => String::from_utf8_lossy(own.as_bytes()),
        None => head.status.canonical_reason().unwrap_or_default().into(),
    };
    Text::from(format!("{} {reason}", head.status.as_u16()))
}
