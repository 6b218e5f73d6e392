//! What locust answers with (its `web.py`): the run as a whole. The rows for each endpoint are passed over.

use std::collections::BTreeMap;

use probetop_core::sample::GENERATOR_STATE;
use serde::Deserialize;
use serde_json::Value;

use super::super::{REQUESTS_NEEDED, Told, micros, number};

/// Percentiles that a run may be configured to tell; those beyond are passed over.
const PERCENTILE_LIMIT: usize = 16;

/// What is current in locust are the last ten seconds.
const CURRENT_S: f64 = 10.0;

/// `/stats/requests`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Stats {
    state: Option<Value>,
    user_count: Option<Value>,
    worker_count: Option<Value>,
    current_rps: Option<Value>,
    total_rps: Option<Value>,
    current_fail_per_sec: Option<Value>,
    fail_ratio: Option<Value>,
    current_response_time_percentiles: Option<BTreeMap<String, Value>>,
    /// Before 2.18.
    current_response_time_percentile_50: Option<Value>,
    current_response_time_percentile_95: Option<Value>,
}

impl Stats {
    /// # Errors
    /// Says that they are none, and where.
    pub fn read(body: &[u8]) -> Result<Self, String> {
        let stats: Self = serde_json::from_slice(&without_non_numbers(body))
            .map_err(|error| format!("no statistics of locust: {error}"))?;
        if stats.state.is_none() && stats.user_count.is_none() {
            return Err("no statistics of locust: neither state nor user_count".to_owned());
        }
        Ok(stats)
    }

    pub fn tell(&self) -> Told {
        let mut told = Told::default();
        told.gauge("users", number(self.user_count.as_ref()));
        told.gauge("workers", number(self.worker_count.as_ref()));
        let rate = number(self.current_rps.as_ref()).or_else(|| number(self.total_rps.as_ref()));
        told.gauge("rate_achieved_per_s", rate);
        told.gauge("failure_ratio", self.failure_ratio());
        for (name, millis) in self.percentiles() {
            told.gauge(&name, micros(Some(millis)));
        }
        if let Some(state) = self.state.as_ref().and_then(Value::as_str) {
            told.fact(GENERATOR_STATE, state);
        }
        told
    }

    /// Of the requests that are counted as current; versions that do not count their failures tell that of the run.
    fn failure_ratio(&self) -> Option<f64> {
        let rate = number(self.current_rps.as_ref());
        match (number(self.current_fail_per_sec.as_ref()), rate) {
            (Some(failures), Some(rate)) if rate * CURRENT_S >= REQUESTS_NEEDED => {
                Some((failures / rate).clamp(0.0, 1.0))
            }
            (Some(_), Some(_)) => None,
            (None, _) | (_, None) => number(self.fail_ratio.as_ref()),
        }
    }

    /// As they are configured: `response_time_percentile_0.95` is `p95_us`.
    fn percentiles(&self) -> Vec<(String, f64)> {
        let named = self
            .current_response_time_percentiles
            .iter()
            .flatten()
            .take(PERCENTILE_LIMIT);
        let named = named.filter_map(|(key, value)| {
            let quantile: f64 = key.strip_prefix("response_time_percentile_")?.parse().ok()?;
            Some((percentile_name(quantile)?, value.as_f64()?))
        });
        let older = [
            ("p50_us", &self.current_response_time_percentile_50),
            ("p95_us", &self.current_response_time_percentile_95),
        ];
        let older = older
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), number(value.as_ref())?)));
        named.chain(older).collect()
    }
}

/// What Python's `json` writes and JSON has not, as long as it stands for a value: nothing is known there.
const NON_NUMBERS: [&[u8]; 3] = [b"NaN", b"-Infinity", b"Infinity"];

/// `body` with `null` for each of [`NON_NUMBERS`] outside of texts.
fn without_non_numbers(body: &[u8]) -> Vec<u8> {
    let mut clean = Vec::with_capacity(body.len());
    let (mut is_text, mut rest) = (false, body);
    while let Some((&byte, after)) = rest.split_first() {
        if !is_text && let Some(after) = NON_NUMBERS.iter().find_map(|word| rest.strip_prefix(*word)) {
            clean.extend(b"null");
            rest = after;
            continue;
        }
        clean.push(byte);
        rest = after;
        match (byte, rest.split_first()) {
            (b'"', _) => is_text = !is_text,
            (b'\\', Some((&escaped, after))) if is_text => {
                clean.push(escaped);
                rest = after;
            }
            _ => {}
        }
    }
    clean
}

fn percentile_name(quantile: f64) -> Option<String> {
    // Away from what doubles make of 0.999.
    let percent = (quantile * 1e6).round() / 1e4;
    (0.0..=100.0)
        .contains(&percent)
        .then(|| format!("p{percent}_us").replace('.', "_"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(body: &str, expected: &[(&str, f64)]) {
        let told = Stats::read(body.as_bytes()).unwrap().tell();
        let told: Vec<_> = told
            .gauges
            .iter()
            .map(|gauge| (gauge.name.as_str(), gauge.value))
            .collect();
        assert_eq!(told, expected, "of {body}");
    }

    #[test]
    fn every_version_is_read() {
        check(
            r#"{"state":"running","user_count":9,"worker_count":2,"current_rps":20.0,"current_fail_per_sec":1.0,
               "fail_ratio":0.5,"current_response_time_percentiles":
               {"response_time_percentile_0.5":12,"response_time_percentile_0.999":40.5,"response_time_percentile_0.95":null}}"#,
            &[
                ("users", 9.0),
                ("workers", 2.0),
                ("rate_achieved_per_s", 20.0),
                ("failure_ratio", 0.05),
                ("p50_us", 12_000.0),
                ("p99_9_us", 40_500.0),
            ],
        );
        check(
            r#"{"state":"running","user_count":1,"total_rps":3.5,"fail_ratio":0.25,
               "current_response_time_percentile_50":5,"current_response_time_percentile_95":7}"#,
            &[
                ("users", 1.0),
                ("rate_achieved_per_s", 3.5),
                ("failure_ratio", 0.25),
                ("p50_us", 5000.0),
                ("p95_us", 7000.0),
            ],
        );
        check(
            r#"{"state":"ready","user_count":0,"current_rps":0,"current_fail_per_sec":0}"#,
            &[("users", 0.0), ("rate_achieved_per_s", 0.0)],
        );
        check(
            r#"{"state":7,"user_count":"many","current_response_time_percentiles":{"x":1}}"#,
            &[],
        );
    }

    #[test]
    fn what_python_writes_for_no_number_is_nothing_known() {
        check(
            r#"{"state":"running","user_count":4,"current_rps":NaN,"total_rps":2.0,"fail_ratio":Infinity,
               "errors":[{"name":"NaN \"Infinity\" -Infinity"}],"current_response_time_percentile_50":-Infinity}"#,
            &[("users", 4.0), ("rate_achieved_per_s", 2.0)],
        );
    }

    #[test]
    fn what_is_not_of_locust_is_refused() {
        assert!(
            Stats::read(b"<html>login</html>")
                .unwrap_err()
                .starts_with("no statistics of locust: ")
        );
        assert!(Stats::read(b"{}").is_err());
        assert!(Stats::read(b"[]").is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[a-z_{}\\[\\]\":,0-9.]*") {
            let _ = Stats::read(text.as_bytes()).map(|stats| stats.tell());
        }
    }
}
