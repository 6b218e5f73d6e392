//! k6 by its REST interface (`k6 run --address HOST:6565`): `/v1/status` with every probe, `/v1/metrics` at most every
//! five seconds.
//!
//! k6 tells everything since the start of the run. Counts are compared with the answer before, so that rates are of
//! now; percentiles cannot be, and stay those of the whole run.

mod answer;
mod dashboard;
mod listener;

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use probetop_core::clock::{Clock, Timestamp};
use probetop_core::sample::{Gauge, Micros, Phase, Purpose};
use probetop_core::setting::Finding;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use super::presence::Presence;
use super::{FAILURE_LEVELS, REQUESTS_NEEDED, Told, micros, page_settings};
use crate::source::earlier::{Earlier, Share, per_second};
use crate::source::every::Every;
use crate::source::idle::Connection;
use crate::source::kind::{Kind, KindGauge, KindSettings, ProbeContext};
use crate::source::page::{Page, PageSettings, http_url};
use crate::source::{AddressFamily, Attempt, Probe};

pub use answer::{Metrics, Status};
pub use dashboard::Dashboard;
use listener::Listener;

/// Where k6 listens unless told otherwise.
const PORT: u16 = 6565;

/// To answer, k6 sorts every sample of the run while nobody may add one: asked more often, it would slow the run down.
pub const METRICS_PERIOD: Duration = Duration::from_secs(5);

pub static KIND: Kind = Kind {
    name: "k6",
    schemes: &["k6", "k6+https"],
    about: "a load test that k6 runs, by its REST interface",
    example: "k6://localhost:6565",
    purpose: Purpose::Generator,
    rate: Some("rate_achieved_per_s"),
    phases: &Phase::HTTP,
    gauges: &[
        KindGauge::told("users", "virtual users that are active"),
        KindGauge::told("users_max", "virtual users that are ready"),
        KindGauge::told(
            "rate_offered_per_s",
            "iterations a second that were to start, those that k6 dropped among them",
        ),
        KindGauge::told("rate_achieved_per_s", "iterations a second that ended"),
        KindGauge::told("requests_per_s", "HTTP requests a second"),
        KindGauge::judged(
            "failure_ratio",
            "share of the HTTP requests that failed",
            FAILURE_LEVELS,
        ),
        KindGauge::told("p50_us", "median duration of a request since the start of the run"),
        KindGauge::told("p90_us", "p90 of the duration of a request since the start of the run"),
        KindGauge::told("p95_us", "p95 of the duration of a request since the start of the run"),
        KindGauge::told(
            "period_p50_us",
            "median duration of a request in the dashboard's newest period",
        ),
        KindGauge::told(
            "period_p90_us",
            "p90 of the duration of a request in the dashboard's newest period",
        ),
        KindGauge::told(
            "period_p95_us",
            "p95 of the duration of a request in the dashboard's newest period",
        ),
        KindGauge::told(
            "period_p99_us",
            "p99 of the duration of a request in the dashboard's newest period",
        ),
    ],
    ..Kind::of::<Settings>()
};

/// The keys of a `k6://` target beside those that every target has.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Where k6 serves its web dashboard, as in `http://localhost:5665`: percentiles of its newest period are read there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dashboard: Option<String>,
    /// Request headers.
    pub headers: BTreeMap<String, String>,
    /// Whether the connection is kept for the next probe or made anew each time.
    pub connection: Connection,
    /// IP version to use: `any`, `4` or `6`.
    pub ip: AddressFamily,
}

impl Settings {
    fn page_settings(&self) -> PageSettings<'_> {
        page_settings(&self.headers, self.connection, self.ip)
    }
}

impl fmt::Debug for Settings {
    /// Headers carry credentials: names are shown, values are not.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("dashboard", &self.dashboard.is_some())
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("connection", &self.connection)
            .field("ip", &self.ip)
            .finish()
    }
}

impl KindSettings for Settings {
    const KIND: &'static Kind = &KIND;

    fn check(&self, url: &Url) -> Vec<Finding> {
        let mut findings = self.page_settings().check(url);
        if !matches!(url.path(), "" | "/") {
            findings.push(Finding::new(
                "url",
                "has a path; k6 answers at its own, so write k6://HOST:PORT",
            ));
        }
        let dashboard = self.dashboard.as_deref().map(listener::url);
        findings.extend(
            dashboard
                .and_then(Result::err)
                .map(|message| Finding::new("dashboard", message)),
        );
        findings
    }

    fn probe(&self, url: &Url, context: ProbeContext<'_>) -> Result<Arc<dyn Probe>, String> {
        Ok(Arc::new(K6::try_new(url, self, context)?))
    }
}

/// Follows one run.
pub struct K6 {
    clock: Clock,
    status: Page,
    metrics: Page,
    earlier: Earlier<Metrics>,
    metrics_due: Every,
    known: Mutex<Known>,
    presence: Presence,
    listener: Option<Listener>,
}

/// What the metrics came to when they were asked for.
#[derive(Debug, Default)]
struct Known {
    told: Vec<Gauge>,
    succeeded: Share,
}

impl K6 {
    /// # Errors
    /// Says what in `url` or `settings` cannot be used, and what to do about it.
    pub fn try_new(url: &Url, settings: &Settings, context: ProbeContext<'_>) -> Result<Self, String> {
        let page = |path| Page::try_new(context, &http_url(url, Some(PORT), path)?, settings.page_settings());
        Ok(Self {
            clock: context.clock.clone(),
            status: page("/v1/status")?,
            metrics: page("/v1/metrics")?,
            earlier: Earlier::default(),
            metrics_due: Every::new(METRICS_PERIOD),
            known: Mutex::default(),
            presence: Presence::default(),
            listener: match &settings.dashboard {
                Some(dashboard) => Some(Listener::try_new(dashboard, settings, context)?),
                None => None,
            },
        })
    }

    async fn attempt(&self, deadline: Timestamp) -> Attempt {
        let mut reading = self.status.read(deadline).await;
        let Some(status) = reading.parse(Status::read).await else {
            return reading.attempt;
        };
        let mut attempt = reading.attempt;
        if self.metrics_due.is_due(self.clock.now()) {
            attempt = self.ask(attempt, deadline).await;
        }
        let heard = match &self.listener {
            Some(listener) if attempt.outcome.is_ok() => listener.listen(deadline).await,
            Some(_) | None => Told::default(),
        };
        let mut told = status.tell();
        told.gauges.extend(self.known().told.iter().cloned());
        told.and(heard).add_to(attempt.answer.as_deref_mut());
        attempt
    }

    /// Asks for the metrics and keeps them until they are asked for again. What it took is part of the attempt.
    async fn ask(&self, first: Attempt, deadline: Timestamp) -> Attempt {
        let mut reading = self.metrics.read(deadline).await;
        let now = self.clock.now();
        let metrics = reading.parse(Metrics::read).await;
        let told = metrics.map(|metrics| self.tell(now, metrics));
        self.known().told = told.unwrap_or_default();
        one_after_the_other(first, reading.attempt)
    }

    fn tell(&self, now: Timestamp, metrics: Metrics) -> Vec<Gauge> {
        let mut told = Told::default();
        told.gauge("p50_us", micros(metrics.median_ms));
        told.gauge("p90_us", micros(metrics.p90_ms));
        told.gauge("p95_us", micros(metrics.p95_ms));
        let outcomes = metrics.outcomes();
        let succeeded = outcomes.and_then(|outcomes| self.known().succeeded.read(now, outcomes, REQUESTS_NEEDED));
        told.gauge("failure_ratio", succeeded.map(|succeeded| 1.0 - succeeded));
        let rates = self.earlier.compare(now, metrics, rates);
        told.gauges.splice(0..0, rates.unwrap_or_default().gauges);
        told.gauges
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        // A panic elsewhere leaves figures that were whole when they were put here.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The rates between two answers of one run.
fn rates(before: &Metrics, after: &Metrics, elapsed: Duration) -> Told {
    let mut told = Told::default();
    let rate = |of: fn(&Metrics) -> Option<f64>| per_second(of(before)?, of(after)?, elapsed);
    // k6 leaves a counter out until it counts.
    let dropped = |metrics: &Metrics| metrics.dropped_iterations.unwrap_or_default();
    let achieved = rate(|metrics| metrics.iterations);
    let lost = per_second(dropped(before), dropped(after), elapsed);
    told.gauge(
        "rate_offered_per_s",
        achieved.zip(lost).map(|(achieved, lost)| achieved + lost),
    );
    told.gauge("rate_achieved_per_s", achieved);
    let requests = rate(|metrics| metrics.requests);
    told.gauge("requests_per_s", requests);
    told
}

/// Two exchanges of one attempt: their times add up, the second says how it went.
fn one_after_the_other(first: Attempt, second: Attempt) -> Attempt {
    let mut phases = first.phases;
    second.phases.iter().for_each(|(phase, took)| phases.add(phase, took));
    Attempt {
        steps: Vec::new(),
        latency: Micros(first.latency.0.saturating_add(second.latency.0)),
        outcome: second.outcome,
        held: first.held + second.held,
        phases,
        answer: second.answer.or(first.answer),
    }
}

impl Probe for K6 {
    fn probe(&self, deadline: Timestamp) -> Pin<Box<dyn Future<Output = Attempt> + Send + '_>> {
        Box::pin(self.presence.attempt(move || self.attempt(deadline)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_of_the_time_between_two_answers() {
        let at = |iterations, dropped, requests, failed| Metrics {
            iterations: Some(iterations),
            dropped_iterations: dropped,
            requests: Some(requests),
            failed_ratio: Some(failed),
            ..Metrics::default()
        };
        let check = |before: Metrics, after: Metrics, expected: &[(&str, f64)]| {
            let told = rates(&before, &after, Duration::from_secs(5));
            let told: Vec<_> = told
                .gauges
                .iter()
                .map(|gauge| (gauge.name.as_str(), gauge.value))
                .collect();
            assert_eq!(told, expected);
        };
        check(
            at(100.0, None, 200.0, 0.5),
            at(150.0, Some(25.0), 300.0, 0.5),
            &[
                ("rate_offered_per_s", 15.0),
                ("rate_achieved_per_s", 10.0),
                ("requests_per_s", 20.0),
            ],
        );
        check(
            at(100.0, None, 200.0, 0.0),
            at(100.0, None, 200.0, 0.0),
            &[
                ("rate_offered_per_s", 0.0),
                ("rate_achieved_per_s", 0.0),
                ("requests_per_s", 0.0),
            ],
        );
        check(at(100.0, None, 200.0, 0.0), at(1.0, None, 1.0, 0.0), &[]);
        check(Metrics::default(), Metrics::default(), &[]);
    }
}
