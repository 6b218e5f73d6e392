//! What `INFO` tells, as gauges: levels as they are, counters as rates between two readings.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::sample::{Gauge, Text};

/// From one reading to the next.
pub const EVERY: Duration = Duration::from_secs(10);

/// What is known of one server.
#[derive(Debug, Default)]
pub struct Info {
    pub next: Timestamp,
    pub gauges: Vec<Gauge>,
    /// Why there are none.
    pub trouble: Option<Text>,
    pub version: Option<Text>,
    pub role: Option<Text>,
    before: Option<Counters>,
}

/// Counters since the server's start; another run of it begins anew.
#[derive(Clone, Debug, PartialEq)]
struct Counters {
    at: Timestamp,
    run: String,
    hits: f64,
    misses: f64,
    evicted: f64,
}

impl Info {
    /// Old figures would be taken for new.
    pub fn fail(&mut self, why: Text) {
        self.gauges.clear();
        self.trouble = Some(why);
    }

    /// Reads the answer to `INFO`.
    pub fn take(&mut self, text: &str, now: Timestamp) {
        let told: BTreeMap<_, _> = text
            .lines()
            .filter_map(|line| line.trim_end().split_once(':'))
            .collect();
        let figure = |name: &str| told.get(name)?.parse::<f64>().ok().filter(|value| value.is_finite());
        let mut gauges = Vec::new();
        let mut tell = |name: &str, value: Option<f64>| gauges.extend(value.map(|value| Gauge::new(name, value)));
        let counters = figure("keyspace_hits")
            .zip(figure("keyspace_misses"))
            .map(|(hits, misses)| Counters {
                at: now,
                run: told.get("run_id").copied().unwrap_or_default().to_owned(),
                hits,
                misses,
                evicted: figure("evicted_keys").unwrap_or(0.0),
            });
        let interval = self.before.as_ref().zip(counters.as_ref());
        tell(
            "hit_ratio",
            interval.and_then(|(before, after)| hit_ratio(before, after)),
        );
        tell(
            "evicted_per_s",
            interval.and_then(|(before, after)| evicted_per_s(before, after)),
        );
        let (used, limit) = (figure("used_memory"), figure("maxmemory").filter(|limit| *limit > 0.0));
        tell("memory_used_bytes", used);
        tell("memory_used_ratio", used.zip(limit).map(|(used, limit)| used / limit));
        tell("connected_clients", figure("connected_clients"));
        let lag = Lag::of(&told);
        tell("replication_lag_s", lag.seconds);
        tell("replication_lag_bytes", lag.bytes);
        let fact = |name: &str| told.get(name).map(|value| Text::clean(value));
        *self = Self {
            next: self.next,
            gauges,
            trouble: None,
            version: fact("redis_version"),
            role: fact("role"),
            before: counters,
        };
    }
}

/// Share of keys found between two readings; `None`: nothing was asked for, or the server began anew.
fn hit_ratio(before: &Counters, after: &Counters) -> Option<f64> {
    let (hits, misses) = (after.hits - before.hits, after.misses - before.misses);
    let same = before.run == after.run && hits >= 0.0 && misses >= 0.0;
    (same && hits + misses > 0.0).then(|| hits / (hits + misses))
}

fn evicted_per_s(before: &Counters, after: &Counters) -> Option<f64> {
    let (count, seconds) = (after.evicted - before.evicted, after.at.since(before.at).as_secs_f64());
    let same = before.run == after.run && count >= 0.0;
    (same && seconds > 0.0).then(|| count / seconds)
}

/// How far replicas are behind: the worst one, as a primary sees it, or this server itself.
#[derive(Debug, Default)]
struct Lag {
    seconds: Option<f64>,
    bytes: Option<f64>,
}

impl Lag {
    fn of(told: &BTreeMap<&str, &str>) -> Self {
        let figure = |name: &str| told.get(name)?.parse::<f64>().ok().filter(|value| *value >= 0.0);
        if told.get("role") == Some(&"slave") {
            let down = figure("master_link_down_since_seconds");
            return Self {
                seconds: down.or_else(|| figure("master_last_io_seconds_ago")),
                bytes: None,
            };
        }
        let written = figure("master_repl_offset");
        // slave0:ip=10.0.0.2,port=6379,state=online,offset=14,lag=1
        let is_replica = |name: &str| {
            let number = name.strip_prefix("slave");
            number.is_some_and(|number| !number.is_empty() && number.bytes().all(|c| c.is_ascii_digit()))
        };
        let mut lag = Self::default();
        for replica in told.iter().filter(|(name, _)| is_replica(name)).map(|(_, value)| value) {
            let part = |name: &str| {
                let parts = replica.split(',').filter_map(|part| part.split_once('='));
                let mut values = parts.filter(|(key, _)| *key == name);
                values.next()?.1.parse::<f64>().ok().filter(|value| *value >= 0.0)
            };
            let behind = written
                .zip(part("offset"))
                .map(|(written, read)| (written - read).max(0.0));
            lag.seconds = worst(lag.seconds, part("lag"));
            lag.bytes = worst(lag.bytes, behind);
        }
        lag
    }
}

fn worst(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.max(b)),
        (a, b) => a.or(b),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Gauges after readings 10 s apart.
    fn check(readings: &[&str], expected: &[(&str, f64)]) {
        let mut info = Info::default();
        for (step, text) in (1..).zip(readings) {
            info.take(&text.replace(' ', "\r\n"), Timestamp::from_secs(step * 10));
        }
        let gauges: Vec<_> = info
            .gauges
            .iter()
            .map(|gauge| (gauge.name.as_str(), gauge.value))
            .collect();
        assert_eq!(gauges, expected, "{readings:?}");
    }

    #[test]
    fn the_hit_ratio_is_of_the_time_between_two_readings() {
        let first = "run_id:a keyspace_hits:1000 keyspace_misses:0 evicted_keys:5";
        check(&[first], &[]);
        let second = "run_id:a keyspace_hits:1003 keyspace_misses:1 evicted_keys:25";
        check(&[first, second], &[("hit_ratio", 0.75), ("evicted_per_s", 2.0)]);
        check(&[first, first], &[("evicted_per_s", 0.0)]);
        check(&[second, first], &[]);
        check(
            &[first, "run_id:b keyspace_hits:2000 keyspace_misses:1 evicted_keys:25"],
            &[],
        );
    }

    #[test]
    fn memory_has_a_share_only_where_it_has_a_maximum() {
        check(&["used_memory:50 maxmemory:0"], &[("memory_used_bytes", 50.0)]);
        check(
            &["used_memory:50 maxmemory:200 connected_clients:7"],
            &[
                ("memory_used_bytes", 50.0),
                ("memory_used_ratio", 0.25),
                ("connected_clients", 7.0),
            ],
        );
        check(&["used_memory:x nonsense :"], &[]);
    }

    #[test]
    fn the_lag_is_that_of_the_worst_replica_or_its_own() {
        let replicas = "role:master master_repl_offset:100 slave0:ip=x,offset=90,lag=1 slave1:offset=100,lag=3";
        check(
            &[replicas],
            &[("replication_lag_s", 3.0), ("replication_lag_bytes", 10.0)],
        );
        check(&["role:master master_repl_offset:100"], &[]);
        check(
            &["role:slave master_last_io_seconds_ago:2"],
            &[("replication_lag_s", 2.0)],
        );
        let down = "role:slave master_last_io_seconds_ago:-1 master_link_down_since_seconds:40";
        check(&[down], &[("replication_lag_s", 40.0)]);
    }

    proptest! {
        #[test]
        fn no_text_does_more_than_tell_nothing(text in "([a-z_]{1,12}:?[0-9.,=e+-]{0,30}\r?\n?){0,10}") {
            let mut info = Info::default();
            info.take(&text, Timestamp::from_secs(1));
            info.take(&text, Timestamp::from_secs(1));
            prop_assert!(info.gauges.iter().all(|gauge| gauge.value.is_finite()));
        }
    }
}
