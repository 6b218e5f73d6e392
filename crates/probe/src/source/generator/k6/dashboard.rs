//! The events that feed k6's dashboard in a browser: takes the bytes of one reading after the other, gives the
//! percentiles of the newest period, which the REST interface cannot tell.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use super::super::{Told, micros, number};

/// Metrics whose names are kept; a run has about thirty, and one more with every tag that is set apart.
const METRIC_LIMIT: usize = 4096;

/// The metric whose percentiles are told.
const DURATION: &str = "http_req_duration";

/// What is told of it, and where a snapshot has it: behind `avg` come `max`, `med`, `min`, `p(90)`, `p(95)`, `p(99)`.
const FIGURES: [(&str, usize); 4] = [
    ("period_p50_us", 2),
    ("period_p90_us", 4),
    ("period_p95_us", 5),
    ("period_p99_us", 6),
];

/// What is known from the events so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dashboard {
    /// Snapshots list their metrics in this order.
    names: BTreeSet<String>,
    last_id: Option<u64>,
    /// [`FIGURES`] of the newest period, in milliseconds.
    newest: [Option<f64>; FIGURES.len()],
}

impl Dashboard {
    /// Takes in what one reading brought. What is cut off or not understood is passed over.
    pub fn take(&mut self, body: &[u8]) {
        let text = String::from_utf8_lossy(body).replace("\r\n", "\n");
        // Only a blank line makes an event whole.
        let whole = text.rfind("\n\n").and_then(|end| text.get(..end)).unwrap_or_default();
        if whole.is_empty() {
            // k6 repeats the last event at least, so this is another run, to be read from its start.
            *self = Self::default();
        }
        for event in whole.split("\n\n") {
            let field = |name: &str| {
                let mut values = event
                    .lines()
                    .filter_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
                values.next().map(str::trim_start)
            };
            self.last_id = field("id").and_then(|id| id.parse().ok()).or(self.last_id);
            // k6 writes each document on one line.
            self.event(field("event").unwrap_or_default(), field("data").unwrap_or_default());
        }
    }

    fn event(&mut self, name: &str, data: &str) {
        match name {
            "param" => {
                self.names.clear();
                self.newest = Default::default();
            }
            "metric" => {
                let metrics: BTreeMap<String, Value> = serde_json::from_str(data).unwrap_or_default();
                let room = METRIC_LIMIT.saturating_sub(self.names.len());
                self.names.extend(metrics.into_keys().take(room));
            }
            "snapshot" => self.snapshot(data),
            "stop" => self.newest = Default::default(),
            _ => {}
        }
    }

    /// One list a metric. Which metric is which is known only as long as there are as many lists as names.
    fn snapshot(&mut self, data: &str) {
        let lists: Vec<List> = serde_json::from_str(data).unwrap_or_default();
        let mut pairs = self.names.iter().zip(&lists);
        let duration = pairs.find(|(name, _)| *name == DURATION);
        let list = duration.filter(|_| lists.len() == self.names.len());
        self.newest = FIGURES.map(|(_, at)| number(list?.1.0.get(at)));
    }

    /// The event to ask from: k6 repeats it, and with it all that came since.
    pub fn since(&self) -> Option<u64> {
        self.last_id.map(|id| id.saturating_sub(1))
    }

    pub fn tell(&self) -> Told {
        let mut told = Told::default();
        for ((name, _), millis) in FIGURES.into_iter().zip(self.newest) {
            told.gauge(name, micros(millis));
        }
        told
    }
}

/// The aggregates of one metric; a metric without samples may have none.
#[derive(Deserialize)]
#[serde(from = "Value")]
struct List(Vec<Value>);

impl From<Value> for List {
    fn from(value: Value) -> Self {
        match value {
            Value::Array(values) => Self(values),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => Self(Vec::new()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const METRICS: &str = "id: 1\nevent: metric\ndata: {\"vus\":{},\"http_req_duration\":{\"type\":\"trend\"}}\n\n";

    fn snapshot(id: u64, median: f64) -> String {
        format!("id: {id}\nevent: snapshot\ndata: [[1,9,{median},0,3,4,5],[10]]\n\n")
    }

    fn check(readings: &[&str], median_us: Option<f64>, since: Option<u64>) {
        let mut dashboard = Dashboard::default();
        readings.iter().for_each(|reading| dashboard.take(reading.as_bytes()));
        let told = dashboard.tell();
        let median = told.gauges.iter().find(|gauge| gauge.name.as_str() == "period_p50_us");
        assert_eq!(median.map(|gauge| gauge.value), median_us, "{readings:?}");
        assert_eq!(dashboard.since(), since, "{readings:?}");
    }

    #[test]
    fn the_newest_whole_snapshot_counts() {
        let (first, second) = (snapshot(2, 2.0), snapshot(3, 7.0));
        check(&[&[METRICS, &first].concat()], Some(2000.0), Some(1));
        check(&[&[METRICS, &first, &second].concat()], Some(7000.0), Some(2));
        check(&[&[METRICS, &first].concat(), &second], Some(7000.0), Some(2));
        let cut = second.trim_end();
        check(&[&[METRICS, &first, cut].concat()], Some(2000.0), Some(1));
        check(
            &[&[METRICS, &first].concat().replace('\n', "\r\n")],
            Some(2000.0),
            Some(1),
        );
    }

    #[test]
    fn a_snapshot_that_cannot_be_told_apart_tells_nothing() {
        check(&[&snapshot(2, 2.0)], None, Some(1));
        let other = "event: metric\ndata: {\"checks\":{}}\n\n";
        check(&[&[METRICS, other, &snapshot(4, 2.0)].concat()], None, Some(3));
        check(
            &[&[METRICS, &snapshot(2, 2.0), "event: stop\ndata: []\n\n"].concat()],
            None,
            Some(1),
        );
        check(&[&[METRICS, &snapshot(2, 2.0)].concat(), ""], None, None);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(event: (metric|snapshot|param)\n|data: |id: [0-9]|[\\[\\]{}\":,0-9a\r\n])*") {
            Dashboard::default().take(text.as_bytes());
        }
    }
}
