//! PostgreSQL over its own protocol: connect, authenticate, and a query, each timed apart; and what the server's
//! statistics tell.

mod address;
mod inbox;
mod fault;
mod session;
mod gauges;
mod slow;
mod statistics;
mod cancel;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use address::Address;
use probetop_core::clock::{Clock, Timestamp};
use probetop_core::sample::{Answer, Fact, Failure, FailureKind, Phase, Text, Word};
use probetop_core::setting::{Finding, Period};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use session::{Rows, Session};
use statistics::Statistics;
use url::Url;

use super::attempt::{Fault, Stopwatch};
use super::conversation::{self, Reply, Service};
use super::every::Every;
use super::idle::{Connection, Idle};
use super::kind::{Kind, KindSettings, ProbeContext};
use super::tls;
use super::{AddressFamily, Attempt, Probe};

/// The keys of a `postgres://` target beside those that every target has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// What is asked; its answer is read to the end.
    pub query: String,
    /// Whether the connection is kept for the next probe or made anew each time.
    pub connection: Connection,
    /// Whether the server's statistics are read every 10 s, on the connection of a probe and outside its latency.
    pub statistics: bool,
    /// A query that takes longer counts as slow.
    pub slow_query: Period,
    /// IP version to use: `any`, `4` or `6`.
    pub ip: AddressFamily,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            query: "select 1".to_owned(),
            connection: Connection::default(),
            statistics: true,
            slow_query: Duration::from_millis(500).into(),
            ip: AddressFamily::default(),
        }
    }
}

pub static KIND: Kind = Kind {
    name: "postgres",
    schemes: &["postgres", "postgresql"],
    about: "a PostgreSQL query, with connect, TLS, authentication and query timed apart",
    example: "postgres://app:PASSWORD@db.example/shop",
    rate: Some("transactions_per_s"),
    phases: &[
        Phase::Dns,
        Phase::Connect,
        Phase::Tls,
        Phase::Authenticate,
        Phase::Query,
    ],
    gauges: gauges::GAUGES,
    ..Kind::of::<Settings>()
};

impl KindSettings for Settings {
    const KIND: &'static Kind = &KIND;

    fn check(&self, url: &Url) -> Vec<Finding> {
        let address = Address::of(url, self.ip);
        let mut findings: Vec<_> = address.err().map(|why| Finding::new("url", why)).into_iter().collect();
        if self.query.trim().is_empty() {
            findings.push(Finding::new("query", "query is empty; leave it out to ask `select 1`"));
        }
        if self.query.contains('\0') {
            findings.push(Finding::new("query", "query holds a zero byte; leave it out"));
        }
        if self.slow_query.duration().is_zero() {
            findings.push(Finding::new("slow_query", "slow_query is 0s; use more, such as 500ms"));
        }
        findings
    }

    fn probe(&self, url: &Url, context: ProbeContext<'_>) -> Result<Arc<dyn Probe>, String> {
        let made = Postgres::try_new(context.clock.clone(), url, self, context.in_flight)?;
        Ok(Arc::new(made))
    }
}

/// Probes one database.
pub struct Postgres {
    clock: Clock,
    address: Address,
    tls: tls::Client,
    query: String,
    statistics: Option<Statistics>,
    idle: Idle<Session>,
}

impl Postgres {
    /// # Errors
    /// Says what in `url` cannot be used, and what to do about it.
    pub fn try_new(clock: Clock, url: &Url, settings: &Settings, in_flight: u16) -> Result<Self, String> {
        let address = Address::of(url, settings.ip)?;
        Ok(Self {
            clock,
            tls: address.tls()?,
            address,
            query: settings.query.clone(),
            statistics: settings
                .statistics
                .then(|| Statistics::new(settings.slow_query.duration())),
            idle: Idle::new(settings.connection, usize::from(in_flight.max(1))),
        })
    }
}

impl Service for Postgres {
    type Session = Session;

    fn clock(&self) -> &Clock {
        &self.clock
    }

    fn idle(&self) -> &Idle<Session> {
        &self.idle
    }

    async fn open(&self, watch: &mut Stopwatch, _answer: &mut Option<Answer>) -> Result<Session, Failure> {
        Session::open(watch, &self.address, &self.tls).await
    }

    fn describe(&self, session: &Session) -> Answer {
        let version = session.server_version.clone();
        Answer {
            address: session.link.address(),
            tls: session.link.tls_version().map(Word::of),
            facts: Vec::from_iter(version.map(|value| Fact {
                name: "server_version".into(),
                value,
            })),
            ..Answer::default()
        }
    }

    async fn ask(&self, watch: &mut Stopwatch, session: &mut Session, answer: &mut Answer) -> Result<Reply, Failure> {
        let asked = watch.phase(Phase::Query, session.query(&self.query, Rows::Counted));
        let said = match asked.await {
            Ok(said) => said,
            Err(failure) => {
                if failure.kind == FailureKind::Timeout {
                    cancel::cancel(&self.address.place, session).await;
                }
                return Err(failure);
            }
        };
        answer.body_bytes = said.bytes;
        Ok(Reply {
            verdict: said.error.map_or(Ok(()), |error| Err(error.during(Phase::Query))),
            is_usable: said.idle,
        })
    }

    fn statistics(&self) -> Option<&Every> {
        self.statistics.as_ref().map(|statistics| &statistics.every)
    }

    async fn read_statistics(&self, session: &mut Session) -> Result<(), Fault> {
        match &self.statistics {
            Some(statistics) => statistics.read(session, self.clock.now()).await,
            None => Ok(()),
        }
    }

    fn forget_statistics(&self, why: Text) {
        if let Some(statistics) = &self.statistics {
            statistics.failed(why);
        }
    }

    fn tell_statistics(&self, answer: &mut Answer) {
        let Some(statistics) = &self.statistics else { return };
        let told = statistics.told();
        answer.gauges = told.gauges;
        let facts = [("statistics", told.trouble), ("slow_queries", told.no_statements)];
        let facts = facts
            .into_iter()
            .filter_map(|(name, value)| Some(Fact::new(name, value?)));
        answer.facts.extend(facts);
    }
}

impl Probe for Postgres {
    fn probe(&self, deadline: Timestamp) -> Pin<Box<dyn Future<Output = Attempt> + Send + '_>> {
        Box::pin(conversation::attempt(self, deadline))
    }
}
