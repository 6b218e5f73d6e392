//! What k6 answers with (its `api/v1` package): the state of the run, and its metrics since the start.

use std::collections::BTreeMap;

use probetop_core::sample::GENERATOR_STATE;
use serde::Deserialize;
use serde_json::Value;

use super::super::{Told, number};

/// k6's states, by their numbers.
const STATES: [&str; 12] = [
    "created",
    "starting users",
    "starting executors",
    "ready",
    "paused before the run",
    "started",
    "setup",
    "running",
    "teardown",
    "ended",
    "interrupted",
    "failed",
];

/// `/v1/status`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Status {
    status: Option<Value>,
    paused: Option<Value>,
    running: Option<Value>,
    stopped: Option<Value>,
    tainted: Option<Value>,
    vus: Option<Value>,
    vus_max: Option<Value>,
}

#[derive(Deserialize)]
struct StatusDocument {
    data: StatusData,
}

#[derive(Deserialize)]
struct StatusData {
    attributes: Status,
}

impl Status {
    /// # Errors
    /// Says that it is none, and where.
    pub fn read(body: &[u8]) -> Result<Self, String> {
        let document: StatusDocument =
            serde_json::from_slice(body).map_err(|error| format!("no status of k6: {error}"))?;
        Ok(document.data.attributes)
    }

    pub fn tell(&self) -> Told {
        let mut told = Told::default();
        told.gauge("users", number(self.vus.as_ref()));
        told.gauge("users_max", number(self.vus_max.as_ref()));
        told.fact(GENERATOR_STATE, self.state());
        if is_true(self.tainted.as_ref()) {
            told.fact("thresholds", "broken");
        }
        told
    }

    fn state(&self) -> &'static str {
        if is_true(self.paused.as_ref()) {
            return "paused";
        }
        let number = self.status.as_ref().and_then(Value::as_u64);
        let named = number.and_then(|number| STATES.get(usize::try_from(number).ok()?));
        match named {
            Some(state) => state,
            // Versions without a number tell at least this much.
            None if is_true(self.stopped.as_ref()) => "stopped",
            None if is_true(self.running.as_ref()) => "running",
            None => "not running",
        }
    }
}

fn is_true(value: Option<&Value>) -> bool {
    value.and_then(Value::as_bool) == Some(true)
}

/// What is used of `/v1/metrics`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metrics {
    pub iterations: Option<f64>,
    pub dropped_iterations: Option<f64>,
    pub requests: Option<f64>,
    pub failed_ratio: Option<f64>,
    pub median_ms: Option<f64>,
    pub p90_ms: Option<f64>,
    pub p95_ms: Option<f64>,
}

#[derive(Deserialize)]
struct MetricsDocument {
    data: Vec<Metric>,
}

#[derive(Deserialize)]
struct Metric {
    id: String,
    #[serde(default)]
    attributes: Attributes,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Attributes {
    sample: BTreeMap<String, Value>,
}

impl Metrics {
    /// HTTP requests that succeeded and that failed. k6 tells the share of these, which is made whole again.
    pub fn outcomes(&self) -> Option<(f64, f64)> {
        let (requests, failed_ratio) = (self.requests?, self.failed_ratio?);
        let failed = (requests * failed_ratio).round();
        Some((requests - failed, failed))
    }

    /// # Errors
    /// Says that they are none, and where.
    pub fn read(body: &[u8]) -> Result<Self, String> {
        let document: MetricsDocument =
            serde_json::from_slice(body).map_err(|error| format!("no metrics of k6: {error}"))?;
        let mut metrics = Self::default();
        for Metric { id, attributes } in &document.data {
            let figure = |name| number(attributes.sample.get(name));
            match id.as_str() {
                "iterations" => metrics.iterations = figure("count"),
                "dropped_iterations" => metrics.dropped_iterations = figure("count"),
                "http_reqs" => metrics.requests = figure("count"),
                "http_req_failed" => metrics.failed_ratio = figure("rate"),
                "http_req_duration" => {
                    metrics.median_ms = figure("med");
                    metrics.p90_ms = figure("p(90)");
                    metrics.p95_ms = figure("p(95)");
                }
                _ => {}
            }
        }
        Ok(metrics)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check_state(attributes: &str, expected: &str) {
        let body = format!("{{\"data\":{{\"attributes\":{attributes}}}}}");
        let told = Status::read(body.as_bytes()).unwrap().tell();
        assert_eq!(told.facts[0].value.as_str(), expected, "{attributes}");
    }

    #[test]
    fn the_state_is_named_whatever_the_version_tells() {
        check_state(r#"{"status":7,"paused":false,"running":true}"#, "running");
        check_state(r#"{"status":9}"#, "ended");
        check_state(r#"{"status":7,"paused":true}"#, "paused");
        check_state(r#"{"status":99,"running":true}"#, "running");
        check_state(r#"{"status":"odd","stopped":true}"#, "stopped");
        check_state("{}", "not running");
    }

    #[test]
    fn a_broken_threshold_is_told() {
        let body = br#"{"data":{"type":"status","attributes":{"tainted":true,"vus":10,"vus-max":50}}}"#;
        let told = Status::read(body).unwrap().tell();
        assert_eq!(told.gauges.len(), 2);
        assert_eq!(told.facts[1].name, "thresholds");
    }

    #[test]
    fn what_is_not_of_k6_is_refused() {
        assert!(
            Status::read(b"<html>")
                .unwrap_err()
                .starts_with("no status of k6: expected value")
        );
        assert!(
            Status::read(b"{}")
                .unwrap_err()
                .starts_with("no status of k6: missing field")
        );
        assert!(Metrics::read(b"[]").is_err());
        assert_eq!(
            Metrics::read(br#"{"data":[{"id":"iterations"}]}"#),
            Ok(Metrics::default())
        );
        let deep = format!("{{\"data\":{}", "[".repeat(100_000));
        assert!(Metrics::read(deep.as_bytes()).is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[a-z{}\\[\\]\":,0-9.]*") {
            let _ = (Status::read(text.as_bytes()), Metrics::read(text.as_bytes()));
        }
    }
}
