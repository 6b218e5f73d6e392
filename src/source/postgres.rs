//! PostgreSQL over its own protocol: connect, authenticate, and a query, each timed apart; and what the server's
//! statistics tell.

mod address;
mod inbox;
mod fault;
mod connection;
mod gauges;
mod slow;
mod statistics;
mod cancel;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use schemars::{JsonSchema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, timeout_at};
use url::Url;

use address::Address;
use connection::{Connection, Reply, Rows};
use statistics::Statistics;

use super::attempt::Stopwatch;
use super::http::Connection as Keep;
use super::idle::Idle;
use super::kind::{Kind, KindSettings, Means, TargetKind};
use super::tls;
use super::{AddressFamily, Attempt, Probe};
use crate::clock::{Clock, Timestamp};
use crate::sample::{Answer, Fact, Failure, FailureKind, Phase, Purpose, Text};
use crate::setting::{Finding, Period};

/// The keys of a `postgres://` target beside those that every target has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// What is asked; its answer is read to the end.
    pub query: String,
    /// Whether the connection is kept for the next probe or made anew each time.
    pub connection: Keep,
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
            connection: Keep::default(),
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
    purpose: Purpose::Service,
    rate: Some("transactions_per_s"),
    latency: None,
    phases: &[
        Phase::Dns,
        Phase::Connect,
        Phase::Tls,
        Phase::Authenticate,
        Phase::Query,
    ],
    gauges: gauges::GAUGES,
    read: |keys| Settings::deserialize(keys).map(TargetKind::new),
    schema: SchemaGenerator::root_schema_for::<Settings>,
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

    fn probe(&self, url: &Url, means: Means<'_>) -> Result<Arc<dyn Probe>, String> {
        let made = Postgres::try_new(means.clock.clone(), url, self, means.in_flight)?;
        Ok(Arc::new(made))
    }
}

/// Probes one database.
pub struct Postgres {
    clock: Clock,
    address: Address,
    tls: tls::Client,
    query: String,
    keep: Keep,
    statistics: Option<Statistics>,
    idle: Idle<Connection>,
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
            keep: settings.connection,
            statistics: settings
                .statistics
                .then(|| Statistics::new(settings.slow_query.duration())),
            idle: Idle::new(usize::from(in_flight.max(1))),
        })
    }

    async fn attempt(&self, deadline: Timestamp) -> Attempt {
        let mut watch = Stopwatch::start(&self.clock, deadline);
        let mut answer = None;
        let asked = self.ask(&mut watch, &mut answer).await;
        let (result, usable) = match asked {
            Ok((connection, reply)) => {
                let usable = reply.idle.then_some(connection);
                (
                    reply.error.map_or(Ok(()), |error| Err(error.during(Phase::Query))),
                    usable,
                )
            }
            Err(failure) => (Err(failure), None),
        };
        let mut attempt = watch.finish(result, None);
        if let Some(connection) = usable {
            self.read_statistics(connection, deadline).await;
        }
        attempt.answer = answer.map(|mut answer| {
            self.tell(&mut answer);
            Box::new(answer)
        });
        attempt
    }

    async fn ask(&self, watch: &mut Stopwatch, answer: &mut Option<Answer>) -> Result<(Connection, Reply), Failure> {
        // Where every probe connects anew, nothing was put there.
        let mut connection = match self.idle.take() {
            Some(connection) => connection,
            None => Box::pin(Connection::open(watch, &self.address, &self.tls)).await?,
        };
        let known = answer.insert(Answer {
            address: connection.link.address(),
            reused: connection.reused,
            tls: connection.link.tls_version(),
            facts: Vec::from_iter(connection.server_version.clone().map(|value| Fact {
                name: "server_version",
                value,
            })),
            ..Answer::default()
        });
        let reply = watch
            .phase(Phase::Query, connection.query(&self.query, Rows::Counted))
            .await;
        let reply = match reply {
            Ok(reply) => reply,
            Err(failure) => {
                if failure.kind == FailureKind::Timeout {
                    cancel::cancel(&self.address.place, &connection).await;
                }
                return Err(failure);
            }
        };
        known.body_bytes = reply.bytes;
        Ok((connection, reply))
    }

    /// Reads the statistics when it is time, and keeps the connection for the next probe.
    async fn read_statistics(&self, mut connection: Connection, deadline: Timestamp) {
        if let Some(statistics) = &self.statistics
            && statistics.is_due(self.clock.now())
        {
            let limit = Instant::from_std(self.clock.instant(deadline));
            match timeout_at(limit, statistics.read(&mut connection, self.clock.now())).await {
                Ok(Ok(())) => {}
                Ok(Err(fault)) => return statistics.failed(fault.message),
                Err(_elapsed) => return statistics.failed(Text::clean("not answered in time")),
            }
        }
        if self.keep == Keep::Reuse {
            connection.reused = true;
            self.idle.put(connection);
        }
    }

    fn tell(&self, answer: &mut Answer) {
        let Some(statistics) = &self.statistics else { return };
        let told = statistics.told();
        answer.gauges = told.gauges;
        let facts = [("statistics", told.trouble), ("slow_queries", told.no_statements)];
        let facts = facts
            .into_iter()
            .filter_map(|(name, value)| Some(Fact { name, value: value? }));
        answer.facts.extend(facts);
    }
}

impl Probe for Postgres {
    fn probe(&self, deadline: Timestamp) -> Pin<Box<dyn Future<Output = Attempt> + Send + '_>> {
        Box::pin(self.attempt(deadline))
    }
}
