//! What `INFO` tells, as gauges: levels as they are, counters as rates between two readings.

use std::collections::BTreeMap;
use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{Gauge, Text};

use crate::source::earlier::{Share, per_second};

/// From one reading to the next.
pub(super) const EVERY: Duration = Duration::from_secs(10);

/// Keys asked for, below which a hit ratio is chance: at a hundred it is right to a few per cent.
const READS_NEEDED: f64 = 100.0;

/// Counters since the server's start, and what their rates are called.
const COUNTERS: [(&str, &str); 3] = [
    ("total_commands_processed", "operations_per_s"),
    ("evicted_keys", "evicted_per_s"),
    ("rejected_connections", "rejected_per_s"),
];

/// What is known of one server.
#[derive(Debug, Default)]
pub(super) struct Info {
    pub gauges: Vec<Gauge>,
    /// Why there are none.
    pub trouble: Option<Text>,
    pub version: Option<Text>,
    pub role: Option<Text>,
    hits: Share,
    before: Option<Counters>,
}

/// [`COUNTERS`] as they stood; another run of the server begins anew.
#[derive(Clone, Debug, PartialEq)]
struct Counters {
    at: Timestamp,
    run: String,
    counts: [Option<f64>; COUNTERS.len()],
}

/// What a server said, by name.
struct Told<'a>(BTreeMap<&'a str, &'a str>);

impl<'a> Told<'a> {
    fn read(text: &'a str) -> Self {
        let pairs = text.lines().filter_map(|line| line.trim_end().split_once(':'));
        Self(pairs.collect())
    }

    fn word(&self, name: &str) -> Option<&'a str> {
        self.0.get(name).copied()
    }

    /// Whether there is anything that the server would throw out for what is new: the policies that are called volatile
    /// take only keys that expire.
    fn evicts(&self) -> bool {
        match self.word("maxmemory_policy") {
            None | Some("noeviction") => false,
            Some(policy) => !policy.starts_with("volatile-") || self.expiring() > 0,
        }
    }

    /// Keys that expire, in all databases: `db0:keys=3000,expires=12,avg_ttl=0`.
    fn expiring(&self) -> u64 {
        let is_database = |name: &str| {
            let number = name.strip_prefix("db");
            number.is_some_and(|number| !number.is_empty() && number.bytes().all(|c| c.is_ascii_digit()))
        };
        let databases = self.0.iter().filter(|(name, _)| is_database(name));
        let counts = databases.filter_map(|(_, value)| {
            let count = value.split(',').find_map(|part| part.strip_prefix("expires="))?;
            count.parse::<u64>().ok()
        });
        counts.fold(0, u64::saturating_add)
    }

    fn figure(&self, name: &str) -> Option<f64> {
        let value = self.word(name)?.parse::<f64>().ok();
        value.filter(|value| value.is_finite())
    }
}

impl Info {
    /// Old figures would be taken for new.
    pub(super) fn fail(&mut self, why: Text) {
        self.gauges.clear();
        self.trouble = Some(why);
    }

    /// Reads the answer to `INFO`.
    pub(super) fn take(&mut self, text: &str, now: Timestamp) {
        let told = Told::read(text);
        let counters = Counters {
            at: now,
            run: told.word("run_id").unwrap_or_default().to_owned(),
            counts: COUNTERS.map(|(counter, _)| told.figure(counter)),
        };
        let before = self.before.take().filter(|before| before.run == counters.run);
        if before.is_none() {
            self.hits.forget();
        }
        let hits = told.figure("keyspace_hits").zip(told.figure("keyspace_misses"));
        let mut gauges = Vec::new();
        let mut tell = |name: &str, value: Option<f64>| gauges.extend(value.map(|value| Gauge::new(name, value)));
        tell(
            "hit_ratio",
            hits.and_then(|hits| self.hits.read(now, hits, READS_NEEDED)),
        );
        for (at, (_, name)) in COUNTERS.iter().enumerate() {
            tell(name, before.as_ref().and_then(|before| rate(before, &counters, at)));
        }
        let (used, limit) = (
            told.figure("used_memory"),
            told.figure("maxmemory").filter(|limit| *limit > 0.0),
        );
        tell("memory_used_bytes", used);
        // A cache that throws out what is old is full when all is well; one that refuses writes is at its end.
        let filled = if told.evicts() {
            "memory_filled_ratio"
        } else {
            "memory_used_ratio"
        };
        tell(filled, used.zip(limit).map(|(used, limit)| used / limit));
        tell("memory_fragmentation_ratio", told.figure("mem_fragmentation_ratio"));
        tell("connected_clients", told.figure("connected_clients"));
        tell("blocked_clients", told.figure("blocked_clients"));
        let lag = Lag::of(&told);
        tell("replication_lag_s", lag.seconds);
        tell("replication_lag_bytes", lag.bytes);
        self.gauges = gauges;
        self.trouble = None;
        self.version = told
            .word("valkey_version")
            .or(told.word("redis_version"))
            .map(Text::clean);
        self.role = told.word("role").map(Text::clean);
        self.before = Some(counters);
    }
}

fn rate(before: &Counters, after: &Counters, counter: usize) -> Option<f64> {
    per_second(
        before.counts[counter]?,
        after.counts[counter]?,
        after.at.since(before.at),
    )
}

/// How far replicas are behind: the worst one, as a primary sees it, or this server itself.
#[derive(Debug, Default)]
struct Lag {
    seconds: Option<f64>,
    bytes: Option<f64>,
}

impl Lag {
    /// Valkey and later Redis say replica and primary where earlier ones say slave and master.
    fn of(told: &Told<'_>) -> Self {
        let figure = |names: [&str; 2]| {
            let mut figures = names.into_iter().filter_map(|name| told.figure(name));
            figures.find(|value| *value >= 0.0)
        };
        if matches!(told.word("role"), Some("slave" | "replica")) {
            let down = figure(["master_link_down_since_seconds", "primary_link_down_since_seconds"]);
            let heard = figure(["master_last_io_seconds_ago", "primary_last_io_seconds_ago"]);
            return Self {
                seconds: down.or(heard),
                bytes: None,
            };
        }
        let written = figure(["master_repl_offset", "primary_repl_offset"]);
        // slave0:ip=10.0.0.2,port=6379,state=online,offset=14,lag=1
        let is_replica = |name: &str| {
            let number = name.strip_prefix("slave").or(name.strip_prefix("replica"));
            number.is_some_and(|number| !number.is_empty() && number.bytes().all(|c| c.is_ascii_digit()))
        };
        let mut lag = Self::default();
        for replica in told
            .0
            .iter()
            .filter(|(name, _)| is_replica(name))
            .map(|(_, value)| value)
        {
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
        let second = "run_id:a keyspace_hits:1300 keyspace_misses:100 evicted_keys:25";
        check(&[first, second], &[("hit_ratio", 0.75), ("evicted_per_s", 2.0)]);
        check(&[first, first], &[("evicted_per_s", 0.0)]);
        check(&[second, first], &[]);
        check(
            &[first, "run_id:b keyspace_hits:2000 keyspace_misses:1 evicted_keys:25"],
            &[],
        );
    }

    #[test]
    fn one_key_that_is_missed_now_and_then_is_no_hit_ratio() {
        let readings: Vec<_> = (0..40)
            .map(|step| format!("run_id:a keyspace_hits:0 keyspace_misses:{step}"))
            .collect();
        let readings: Vec<_> = readings.iter().map(String::as_str).collect();
        check(&readings, &[]);
    }

    #[test]
    fn counters_become_rates() {
        let at = |operations: u32, rejected: u32| {
            format!(
                "total_commands_processed:{operations} rejected_connections:{rejected} blocked_clients:3 mem_fragmentation_ratio:1.25"
            )
        };
        check(
            &[&at(1000, 0), &at(6000, 20)],
            &[
                ("operations_per_s", 500.0),
                ("rejected_per_s", 2.0),
                ("memory_fragmentation_ratio", 1.25),
                ("blocked_clients", 3.0),
            ],
        );
    }

    #[test]
    fn a_server_that_evicts_by_policy_is_full_by_design() {
        let full = |policy: &str| format!("used_memory:99 maxmemory:100 maxmemory_policy:{policy}");
        check(
            &[&full("noeviction")],
            &[("memory_used_bytes", 99.0), ("memory_used_ratio", 0.99)],
        );
        for evicting in ["allkeys-lru", "volatile-ttl db0:keys=9,expires=0 db1:keys=3,expires=2"] {
            check(
                &[&full(evicting)],
                &[("memory_used_bytes", 99.0), ("memory_filled_ratio", 0.99)],
            );
        }
    }

    #[test]
    fn a_server_that_may_evict_only_what_expires_and_has_nothing_that_does_is_at_its_end() {
        for databases in [
            "",
            " db0:keys=3000,expires=0,avg_ttl=0",
            " db:expires=3 dbx:expires=3 db1:expires=x",
        ] {
            check(
                &[&format!(
                    "used_memory:99 maxmemory:100 maxmemory_policy:volatile-lru{databases}"
                )],
                &[("memory_used_bytes", 99.0), ("memory_used_ratio", 0.99)],
            );
        }
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
        let renamed = "role:primary primary_repl_offset:100 replica0:ip=x,offset=90,lag=1 replica1:offset=100,lag=3";
        check(
            &[renamed],
            &[("replication_lag_s", 3.0), ("replication_lag_bytes", 10.0)],
        );
        check(
            &["role:replica master_last_io_seconds_ago:2"],
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
