//! HTTP and HTTPS so that every phase is the one of the connection that was used.
//!
//! Pools race an idle connection against a new one, and their probes carry the phases of connections they never used.
//! Here a probe takes an idle connection or opens its own, and nobody else touches it until the probe is over.

mod settings;
mod origin;
pub mod credentials;
mod content;
mod request;
mod redirect;
mod reach;
mod route;
mod rotation;
pub mod head;
mod tunnel;
mod clients;
mod http1;
pub mod http2;
mod body;
mod coding;
mod document;
pub mod fault;
mod journey;
mod connection;
mod expectation;
mod tally;
mod plan;
mod pool;
mod cookies;
mod session;
mod travel;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use body::Keep;
use clients::Clients;
use connection::protocols;
use cookies::Jar;
use expectation::{Facts, ResponseContext};
use journey::{Journey, Reached, Reply};
use plan::Plan;
use pool::Pool;
use probetop_core::clock::{Clock, Timestamp};
use probetop_core::sample::{Answer, Failure, Phase};
use probetop_core::setting::Finding;
use request::Request;
use url::Url;

use super::aside::aside;
use super::attempt::{Fault, Stopwatch};
use super::kind::{Crowd, Kind, KindSettings, ProbeContext};
use super::tls::{self, Roots};
use super::{Attempt, Probe};

pub use cookies::Cookies;
pub use session::{Captures, Filled, Session, encoded};
pub use settings::{
    Addresses, Auth, BODY_LIMIT_BYTES, Basic, EXPECT_VARIABLES, HttpVersion, Permission, REDIRECT_LIMIT, Settings,
};

pub static KIND: Kind = Kind {
    name: "http",
    schemes: &["http", "https"],
    about: "an HTTP request, with DNS, connect, TLS, first byte and transfer timed apart",
    example: "https://shop.example/health",
    phases: &Phase::HTTP,
    gauges: &[tls::EXPIRES],
    ..Kind::of::<Settings>()
};

impl KindSettings for Settings {
    const KIND: &'static Kind = &KIND;

    fn check(&self, url: &Url) -> Vec<Finding> {
        self.findings(url)
    }

    fn warnings(&self) -> Vec<Finding> {
        self.doubts()
    }

    fn probe(&self, url: &Url, context: ProbeContext<'_>) -> Result<Arc<dyn Probe>, String> {
        Ok(Arc::new(Http::try_new(
            context.clock.clone(),
            url,
            self,
            context.in_flight,
        )?))
    }

    fn crowd(&self, url: &Url, context: ProbeContext<'_>) -> Result<Arc<dyn Crowd>, String> {
        Ok(Arc::new(
            Http::try_new(context.clock.clone(), url, self, 1)?.reading_all(),
        ))
    }
}

/// Probes one URL: asks by a plan, over a pool.
pub struct Http {
    clock: Clock,
    plan: Arc<Plan>,
    pool: Pool,
}

impl Http {
    /// A probe of `url` that trusts this machine's certificate authorities; `in_flight` probes may run at once.
    ///
    /// # Errors
    /// Says what in `url` or `settings` cannot be used, and what to do about it.
    pub fn try_new(clock: Clock, url: &Url, settings: &Settings, in_flight: u16) -> Result<Self, String> {
        let plan = Plan::try_new(url, settings)?;
        Ok(Self {
            clock,
            pool: Pool::new(&plan, in_flight),
            plan: Arc::new(plan),
        })
    }

    /// Another user of the same plan, who asks `in_flight` times at once and shares nothing else.
    pub fn another(&self, in_flight: u16) -> Self {
        Self {
            clock: self.clock.clone(),
            plan: Arc::clone(&self.plan),
            pool: Pool::new(&self.plan, in_flight),
        }
    }

    /// Trusts `roots` instead.
    pub fn trusting(self, roots: Roots) -> Self {
        self.planned(|plan| {
            let client = tls::Client::new(roots, protocols(plan.version));
            plan.tls = Some(Clients {
                own: client.clone(),
                strangers: client,
            });
        })
    }

    /// Keeps the body of every answer, for [`Http::fetch`].
    pub fn keeping_body(self) -> Self {
        self.planned(|plan| plan.body_limit.keep = Keep::Bytes)
    }

    /// Takes a body that has no end as it is after `pause` without more of it; the connection is closed then.
    pub fn pausing(self, pause: Duration) -> Self {
        self.planned(|plan| plan.body_limit.pause = Some(pause))
    }

    /// Reads bodies that only count to their end: where they are cut off, so is the connection, and what one costs would be
    /// measured in place of the service. What a condition looks at keeps its limit.
    pub fn reading_all(self) -> Self {
        self.planned(|plan| {
            if plan.body_limit.keep == Keep::Length {
                plan.body_limit.limit_bytes = u64::MAX;
            }
        })
    }

    /// By another plan, before the first request.
    fn planned(mut self, change: impl FnOnce(&mut Plan)) -> Self {
        change(Arc::make_mut(&mut self.plan));
        self
    }

    /// Asks for a stream of events from behind the one with this number.
    pub async fn fetch_events(&self, since: Option<u64>, deadline: Timestamp) -> (Attempt, Vec<u8>) {
        let request = self.plan.request.clone().with_last_event(since);
        self.fetch_for(&request, deadline).await
    }

    /// Makes one attempt, and gives the body of the answer beside it: empty unless it is kept.
    pub async fn fetch(&self, deadline: Timestamp) -> (Attempt, Vec<u8>) {
        self.fetch_for(&self.plan.request, deadline).await
    }

    async fn fetch_for(&self, request: &Request, deadline: Timestamp) -> (Attempt, Vec<u8>) {
        // What one answer of a probe sets goes with the requests that it redirects to, and no further.
        let mut jar = Jar::new(Cookies::Returned);
        let (journey, reply) = self.go(request, &mut jar, deadline).await;
        let (result, body) = match reply {
            Ok(reply) => {
                let (verdict, body) = self.judge(reply, &journey).await;
                (verdict.map_err(Fault::after_all_phases), body)
            }
            Err(failure) => (Err(failure), Vec::new()),
        };
        (self.conclude(journey, result), body)
    }

    /// Asks, and tells how it went beside the answer.
    async fn go(&self, first: &Request, jar: &mut Jar, deadline: Timestamp) -> (Journey, Result<Reply, Failure>) {
        let mut journey = Journey {
            watch: Stopwatch::start(&self.clock, deadline),
            answer: Answer::default(),
            reached: Reached::No,
            turn: None,
        };
        let reply = self.travel(first, jar, &mut journey).await;
        (journey, reply)
    }

    /// The attempt is over, and its answer told when a peer was reached.
    fn conclude(&self, mut journey: Journey, result: Result<(), Failure>) -> Attempt {
        self.record(&mut journey, &result);
        let Journey {
            watch, answer, reached, ..
        } = journey;
        watch.finish(result, (reached == Reached::Yes).then(|| Box::new(answer)))
    }

    /// Counts by address, and tells all of them.
    fn record(&self, journey: &mut Journey, result: &Result<(), Failure>) {
        let (Some(rotation), Some(address)) = (&self.pool.rotation, journey.turn) else {
            return;
        };
        let result = match result {
            Ok(()) => Ok(journey.watch.latency().into()),
            Err(failure) => Err(failure.kind),
        };
        rotation.record(address, result);
        journey.answer.facts.push(rotation.fact());
    }

    /// Judges the answer, after its time has been taken, and gives its body back.
    async fn judge(&self, reply: Reply, journey: &Journey) -> (Result<(), Fault>, Vec<u8>) {
        let response = ResponseContext::of(journey);
        let expectations = self.plan.expectations.clone();
        aside(expectations.effort(&reply), move || {
            let verdict = expectations.judge(&Facts::new(&reply, response));
            (verdict, reply.body.bytes)
        })
        .await
    }
}

impl Crowd for Http {
    fn user(&self, in_flight: u16) -> Arc<dyn Probe> {
        Arc::new(self.another(in_flight))
    }
}

impl Probe for Http {
    fn probe(&self, deadline: Timestamp) -> Pin<Box<dyn Future<Output = Attempt> + Send + '_>> {
        Box::pin(async move { self.fetch(deadline).await.0 })
    }
}
