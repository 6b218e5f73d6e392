//! What the server tells of itself: its statistics views, read now and then on the connection of a probe.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::connection::{Connection, Rows};
use crate::clock::Timestamp;
use crate::sample::{Gauge, Text};
use crate::source::attempt::Fault;

/// From one reading to the next: what reading costs the server is spent at most this often.
const EVERY: Duration = Duration::from_secs(10);

/// What slow queries are counted over.
const HOUR: Duration = Duration::from_secs(3600);

/// Names and values. Who may not see the sessions of others is not told of them; `numbackends` everybody may read.
const SERVER: &str = "\
select name, value::text from (
    select count(*) as clients,
        count(*) filter (where state = 'active' and pid <> pg_backend_pid()) as active,
        count(*) filter (where state = 'idle') as idle,
        count(*) filter (where state like 'idle in%') as idle_in_transaction,
        count(*) filter (where wait_event_type = 'Lock') as waiting,
        coalesce(max(extract(epoch from clock_timestamp() - xact_start))
            filter (where pid <> pg_backend_pid()), 0) as longest
    from pg_catalog.pg_stat_activity where backend_type = 'client backend'
) a cross join lateral (values
    ('clients', clients::float8), ('connections_active', active), ('connections_idle', idle),
    ('connections_idle_in_transaction', idle_in_transaction), ('connections_waiting', waiting),
    ('longest_transaction_s', greatest(longest, 0)::float8)
) v(name, value) where pg_has_role('pg_read_all_stats', 'usage')
union all select 'backends', sum(numbackends)::text from pg_catalog.pg_stat_database
union all select 'connections_max', current_setting('max_connections')
union all select 'blocks_hit', blks_hit::text from pg_catalog.pg_stat_database where datname = current_database()
union all select 'blocks_read', blks_read::text from pg_catalog.pg_stat_database where datname = current_database()
union all select 'statements', quote_ident(n.nspname)
    from pg_catalog.pg_extension e join pg_catalog.pg_namespace n on n.oid = e.extnamespace
    where e.extname = 'pg_stat_statements' and current_setting('pg_stat_statements.max', true) is not null
        and current_setting('server_version_num')::int >= 130000";

/// Statements that were ever slow, of which the reading goes into detail: those that took most time in all.
const STATEMENTS_LIMIT: usize = 500;

/// Calls and milliseconds of all statements, then of those that were ever slow, by an id of their own.
fn statements(schema: &str, slow_query: Duration) -> String {
    let slow_ms = slow_query.as_secs_f64() * 1e3;
    format!(
        "select '', coalesce(sum(calls), 0)::text, coalesce(sum(total_exec_time), 0)::text \
             from {schema}.pg_stat_statements
         union all (select concat_ws('/', userid, dbid, queryid), sum(calls)::text, sum(total_exec_time)::text
             from {schema}.pg_stat_statements where queryid is not null and max_exec_time > {slow_ms}
             group by userid, dbid, queryid order by sum(total_exec_time) desc limit {STATEMENTS_LIMIT})"
    )
}

/// The gauges of one server. Shared by the probes of a target that run at once: one of them reads.
pub struct Statistics {
    slow_query: Duration,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    next: Timestamp,
    gauges: Vec<Gauge>,
    /// Why there are none.
    trouble: Option<Text>,
    blocks: Option<(f64, f64)>,
    statements: BTreeMap<String, Calls>,
    slow: VecDeque<(Timestamp, u64)>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Calls {
    count: f64,
    total_ms: f64,
}

impl Calls {
    /// Since `before`; `None` after a reset.
    fn since(self, before: Self) -> Option<Self> {
        let count = self.count - before.count;
        let total_ms = self.total_ms - before.total_ms;
        (count >= 0.0 && total_ms >= 0.0).then_some(Self { count, total_ms })
    }

    fn mean_ms(self) -> Option<f64> {
        (self.count > 0.0).then(|| self.total_ms / self.count)
    }
}

impl Statistics {
    pub fn new(slow_query: Duration) -> Self {
        Self {
            slow_query,
            known: Mutex::default(),
        }
    }

    /// Whether it is time to read; whoever is told so reads.
    pub fn is_due(&self, now: Timestamp) -> bool {
        let mut known = self.lock();
        let due = now >= known.next;
        if due {
            known.next = now + EVERY;
        }
        due
    }

    /// The newest figures, and why there are none.
    pub fn told(&self) -> (Vec<Gauge>, Option<Text>) {
        let known = self.lock();
        (known.gauges.clone(), known.trouble.clone())
    }

    /// The figures could not be read: old ones would be taken for new.
    pub fn failed(&self, why: Text) {
        let mut known = self.lock();
        known.gauges.clear();
        known.trouble = Some(why);
    }

    /// Reads them.
    ///
    /// # Errors
    /// The session cannot be used any more.
    pub async fn read(&self, connection: &mut Connection, now: Timestamp) -> Result<(), Fault> {
        let server = connection.query(SERVER, Rows::Held).await?;
        if let Some(error) = server.error {
            self.failed(error.message);
            return Ok(());
        }
        let told: BTreeMap<String, String> = server.rows.into_iter().filter_map(pair).collect();
        let calls = match told.get("statements") {
            Some(schema) => {
                let reply = connection
                    .query(&statements(schema, self.slow_query), Rows::Held)
                    .await?;
                reply.rows.into_iter().filter_map(calls).collect()
            }
            None => BTreeMap::new(),
        };
        self.lock().take(&told, calls, self.slow_query, now);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        // A panic elsewhere leaves the figures as good as they were.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn take(
        &mut self,
        told: &BTreeMap<String, String>,
        calls: BTreeMap<String, Calls>,
        slow: Duration,
        now: Timestamp,
    ) {
        let figure = |name: &str| told.get(name)?.parse::<f64>().ok().filter(|value| value.is_finite());
        let mut gauges = Vec::new();
        let mut tell = |name: &str, value: Option<f64>| gauges.extend(value.map(|value| Gauge::new(name, value)));
        for name in [
            "connections_active",
            "connections_idle",
            "connections_idle_in_transaction",
            "connections_max",
            "connections_waiting",
            "longest_transaction_s",
        ] {
            tell(name, figure(name));
        }
        let used = figure("clients").or(figure("backends"));
        let limit = figure("connections_max").filter(|limit| *limit > 0.0);
        tell(
            "connections_used_ratio",
            used.zip(limit).map(|(used, limit)| used / limit),
        );
        let blocks = figure("blocks_hit").zip(figure("blocks_read"));
        tell(
            "cache_hit_ratio",
            self.blocks.zip(blocks).and_then(|(before, now)| hit_ratio(before, now)),
        );
        let mean_ms = match (self.statements.get(""), calls.get("")) {
            (Some(before), Some(after)) => after.since(*before).and_then(Calls::mean_ms),
            _ => None,
        };
        tell("query_mean_us", mean_ms.map(|mean| mean * 1e3));
        if calls.contains_key("") {
            tell("slow_queries_per_hour", Some(self.count_slow(&calls, slow, now)));
        }
        *self = Self {
            next: self.next,
            gauges,
            trouble: None,
            blocks,
            statements: calls,
            slow: std::mem::take(&mut self.slow),
        };
    }

    /// Calls of the last hour, as far as it was watched, of statements whose calls between two readings were slow at
    /// the mean: the view tells no single call.
    fn count_slow(&mut self, calls: &BTreeMap<String, Calls>, slow: Duration, now: Timestamp) -> f64 {
        let watched = self.statements.contains_key("");
        // A statement that was not there before is new, unless the list was full.
        let unknown = (self.statements.len() <= STATEMENTS_LIMIT).then(Calls::default);
        let since = |(id, after): (&String, &Calls)| after.since(self.statements.get(id).copied().or(unknown)?);
        let each = calls
            .iter()
            .filter(|(id, _)| watched && !id.is_empty())
            .filter_map(since);
        let slow_ms = slow.as_secs_f64() * 1e3;
        let count: f64 = each
            .filter(|calls| calls.mean_ms().is_some_and(|mean| mean > slow_ms))
            .map(|calls| calls.count)
            .sum();
        self.slow.push_back((now, count as u64));
        while self.slow.front().is_some_and(|(at, _)| now.since(*at) >= HOUR) {
            self.slow.pop_front();
        }
        self.slow.iter().map(|(_, count)| *count as f64).sum()
    }
}

/// Share of blocks found in memory between two readings; `None`: nothing was asked for, or the counters began anew.
fn hit_ratio((hit_before, read_before): (f64, f64), (hit, read): (f64, f64)) -> Option<f64> {
    let (hit, read) = (hit - hit_before, read - read_before);
    (hit >= 0.0 && read >= 0.0 && hit + read > 0.0).then(|| hit / (hit + read))
}

fn pair(row: Vec<Option<String>>) -> Option<(String, String)> {
    let [name, value] = <[_; 2]>::try_from(row).ok()?;
    Some((name?, value?))
}

fn calls(row: Vec<Option<String>>) -> Option<(String, Calls)> {
    let [id, count, total_ms] = <[_; 3]>::try_from(row).ok()?;
    let calls = Calls {
        count: count?.parse().ok()?,
        total_ms: total_ms?.parse().ok()?,
    };
    Some((id?, calls))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pairs, and calls as `(id, count, total_ms)`.
    type Reading<'a> = (&'a [(&'a str, f64)], &'a [(&'a str, f64, f64)]);

    /// Gauges after a reading each 10 s.
    fn check(readings: &[Reading<'_>], expected: &[(&str, f64)]) {
        let mut known = Known::default();
        for (step, (told, calls)) in (1..).zip(readings) {
            let told = told
                .iter()
                .map(|(name, value)| (name.to_string(), value.to_string()))
                .collect();
            let calls = calls.iter().map(|(id, count, total_ms)| {
                let (count, total_ms) = (*count, *total_ms);
                (id.to_string(), Calls { count, total_ms })
            });
            known.take(
                &told,
                calls.collect(),
                Duration::from_millis(500),
                Timestamp::from_secs(step * 10),
            );
        }
        let gauges: Vec<_> = known
            .gauges
            .iter()
            .map(|gauge| (gauge.name.as_str(), gauge.value))
            .collect();
        assert_eq!(gauges, expected);
    }

    #[test]
    fn connections_in_use_are_a_share_of_the_maximum() {
        check(
            &[(&[("backends", 5.0), ("connections_max", 100.0)], &[])],
            &[("connections_max", 100.0), ("connections_used_ratio", 0.05)],
        );
        check(
            &[(&[("backends", 5.0), ("clients", 4.0), ("connections_max", 0.0)], &[])],
            &[("connections_max", 0.0)],
        );
    }

    #[test]
    fn the_hit_ratio_is_of_the_time_between_two_readings() {
        let at = |hit, read| [("blocks_hit", hit), ("blocks_read", read)];
        check(&[(&at(1000.0, 0.0), &[])], &[]);
        check(
            &[(&at(1000.0, 0.0), &[]), (&at(1003.0, 1.0), &[])],
            &[("cache_hit_ratio", 0.75)],
        );
        check(&[(&at(1000.0, 0.0), &[]), (&at(1000.0, 0.0), &[])], &[]);
        check(&[(&at(1000.0, 0.0), &[]), (&at(10.0, 0.0), &[])], &[]);
    }

    #[test]
    fn slow_calls_are_those_between_two_readings_not_since_the_start() {
        let first: &[(&str, f64, f64)] = &[("", 100.0, 90_000.0), ("a", 90.0, 90_000.0)];
        check(&[(&[], first)], &[("slow_queries_per_hour", 0.0)]);
        let second: &[(&str, f64, f64)] = &[("", 104.0, 92_004.0), ("a", 92.0, 92_000.0), ("b", 1.0, 600.0)];
        check(
            &[(&[], first), (&[], second)],
            &[("query_mean_us", 501_000.0), ("slow_queries_per_hour", 3.0)],
        );
        check(&[(&[], second), (&[], first)], &[("slow_queries_per_hour", 0.0)]);
    }
}
