//! What the server tells of itself: its statistics views, read now and then on the connection of a probe.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{Gauge, Text};

use super::session::{Rows, Session};
use super::slow::{Calls, Statements};
use crate::source::attempt::Fault;
use crate::source::earlier::{Share, per_second};
use crate::source::every::Every;

/// From one reading to the next: what reading costs the server is spent at most this often.
const EVERY: Duration = Duration::from_secs(10);

/// Blocks asked for, below which a hit ratio is chance, or that of the reading itself: 80 MB.
const BLOCKS_NEEDED: f64 = 10_000.0;

/// Counters since the statistics began, and what their rates are called.
const COUNTERS: [(&str, &str); 4] = [
    ("transactions", "transactions_per_s"),
    ("commits", "commits_per_s"),
    ("rollbacks", "rollbacks_per_s"),
    ("deadlocks", "deadlocks_per_s"),
];

/// Why nothing is known of single queries.
const NO_STATEMENTS: &str = "not told: pg_stat_statements is not loaded (shared_preload_libraries), or not in this \
                             database (create extension pg_stat_statements)";

/// Names and values. Who may not see the sessions of others is not told of them; `numbackends` everybody may read.
const SERVER: &str = "\
select name, value::text from (
    select count(*) as clients,
        count(*) filter (where state = 'active' and pid <> pg_backend_pid()) as active,
        count(*) filter (where state = 'idle') as idle,
        count(*) filter (where state like 'idle in%') as idle_in_transaction,
        count(*) filter (where wait_event_type = 'Lock') as waiting,
        coalesce(max(extract(epoch from clock_timestamp() - xact_start))
            filter (where pid <> pg_backend_pid() and wait_event_type is distinct from 'Lock'), 0) as longest
    from pg_catalog.pg_stat_activity where backend_type = 'client backend'
) a cross join lateral (values
    ('clients', clients::float8), ('connections_active', active), ('connections_idle', idle),
    ('connections_idle_in_transaction', idle_in_transaction), ('connections_waiting', waiting),
    ('longest_transaction_s', greatest(longest, 0)::float8)
) v(name, value) where pg_has_role('pg_read_all_stats', 'usage')
union all select 'backends', sum(numbackends)::text from pg_catalog.pg_stat_database
union all select 'connections_max', current_setting('max_connections')
union all select name, value::text from pg_catalog.pg_stat_database cross join lateral (values
    ('blocks_hit', blks_hit), ('blocks_read', blks_read), ('transactions', xact_commit + xact_rollback),
    ('commits', xact_commit), ('rollbacks', xact_rollback), ('deadlocks', deadlocks)
) v(name, value) where datname = current_database()
union all select 'statements', quote_ident(n.nspname)
    from pg_catalog.pg_extension e join pg_catalog.pg_namespace n on n.oid = e.extnamespace
    where e.extname = 'pg_stat_statements' and current_setting('pg_stat_statements.max', true) is not null
        and current_setting('server_version_num')::int >= 130000";

/// Statements that were ever slow, of which the reading goes into detail: those that took most time in all.
const STATEMENTS_LIMIT: usize = 500;

/// All statements together, then those that were ever slow, by an id of their own.
fn statements(schema: &str, slow_query: Duration) -> String {
    let slow_ms = slow_query.as_secs_f64() * 1e3;
    format!(
        "select '', coalesce(sum(calls), 0)::text, coalesce(sum(total_exec_time), 0)::text, '0', '0' \
             from {schema}.pg_stat_statements
         union all (select concat_ws('/', userid, dbid, queryid), sum(calls)::text, sum(total_exec_time)::text,
                 sum(calls * (mean_exec_time * mean_exec_time + stddev_exec_time * stddev_exec_time))::text,
                 max(max_exec_time)::text
             from {schema}.pg_stat_statements where queryid is not null and max_exec_time > {slow_ms}
             group by userid, dbid, queryid order by sum(total_exec_time) desc limit {STATEMENTS_LIMIT})"
    )
}

/// The gauges of one server. Shared by the probes of a target that run at once: one of them reads.
pub(super) struct Statistics {
    pub every: Every,
    slow_query: Duration,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    told: Told,
    blocks: Share,
    counters: Option<(Timestamp, [Option<f64>; COUNTERS.len()])>,
    /// All statements together.
    all: Option<Calls>,
    statements: Statements,
}

/// What was read last.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    pub gauges: Vec<Gauge>,
    /// Why there are none.
    pub trouble: Option<Text>,
    /// Why there are none about statements.
    pub no_statements: Option<Text>,
}

impl Statistics {
    pub(super) fn new(slow_query: Duration) -> Self {
        Self {
            every: Every::new(EVERY),
            slow_query,
            known: Mutex::default(),
        }
    }

    /// The newest figures, and why there are none.
    pub(super) fn told(&self) -> Told {
        self.lock().told.clone()
    }

    /// The figures could not be read: old ones would be taken for new.
    pub(super) fn failed(&self, why: Text) {
        self.lock().told = Told {
            trouble: Some(why),
            ..Told::default()
        };
    }

    /// Reads them.
    ///
    /// # Errors
    /// The session cannot be used any more.
    pub(super) async fn read(&self, session: &mut Session, now: Timestamp) -> Result<(), Fault> {
        let server = session.query(SERVER, Rows::Held).await?;
        if let Some(error) = server.error {
            self.failed(error.message);
            return Ok(());
        }
        let told: BTreeMap<String, String> = server.rows.into_iter().filter_map(pair).collect();
        let statements = match told.get("statements") {
            Some(schema) => {
                let asked = statements(schema, self.slow_query);
                let reply = session.query(&asked, Rows::Held).await?;
                match reply.error {
                    Some(error) => Err(error.message),
                    None => Ok(reply.rows.into_iter().filter_map(calls).collect()),
                }
            }
            None => Err(NO_STATEMENTS.into()),
        };
        self.lock().take(&told, statements, self.slow_query, now);
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
        statements: Result<BTreeMap<String, Calls>, Text>,
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
        let counts = COUNTERS.map(|(counter, _)| figure(counter));
        let before = self.counters.replace((now, counts));
        for (at, (_, name)) in COUNTERS.iter().enumerate() {
            let rate = before.and_then(|(then, before)| per_second(before[at]?, counts[at]?, now.since(then)));
            tell(name, rate);
        }
        let blocks = figure("blocks_hit").zip(figure("blocks_read"));
        tell(
            "cache_hit_ratio",
            blocks.and_then(|blocks| self.blocks.read(now, blocks, BLOCKS_NEEDED)),
        );
        let (of_statements, no_statements) = match statements {
            Ok(statements) => (self.take_statements(statements, slow, now), None),
            Err(why) => {
                self.all = None;
                self.statements.forget();
                (Vec::new(), Some(why))
            }
        };
        gauges.extend(of_statements);
        self.told = Told {
            gauges,
            trouble: None,
            no_statements,
        };
    }

    /// The gauges that statements tell of; all of them together have no id.
    fn take_statements(
        &mut self,
        mut statements: BTreeMap<String, Calls>,
        slow: Duration,
        now: Timestamp,
    ) -> Vec<Gauge> {
        let all = statements.remove("");
        let before = std::mem::replace(&mut self.all, all);
        let mean_ms = all.zip(before).and_then(|(all, before)| all.mean_ms_since(before));
        let mean = mean_ms.map(|mean| Gauge::new("query_mean_us", mean * 1e3));
        let is_all = statements.len() < STATEMENTS_LIMIT;
        let slow_ms = slow.as_secs_f64() * 1e3;
        let slow = self.statements.take(statements, is_all, slow_ms, now);
        mean.into_iter()
            .chain([Gauge::new("slow_queries_per_hour", slow)])
            .collect()
    }
}

fn pair(row: Vec<Option<String>>) -> Option<(String, String)> {
    let [name, value] = <[_; 2]>::try_from(row).ok()?;
    Some((name?, value?))
}

fn calls(row: Vec<Option<String>>) -> Option<(String, Calls)> {
    let [id, count, total_ms, squares, longest_ms] = <[_; 5]>::try_from(row).ok()?;
    let number = |text: Option<String>| text?.parse::<f64>().ok().filter(|number| number.is_finite());
    let calls = Calls {
        count: number(count)?,
        total_ms: number(total_ms)?,
        squares: number(squares)?,
        longest_ms: number(longest_ms)?,
    };
    Some((id?, calls))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pairs, and the number of all calls and their milliseconds, where there are statements.
    type Reading<'a> = (&'a [(&'a str, f64)], Option<(f64, f64)>);

    /// Gauges after a reading each 10 s.
    fn check(readings: &[Reading<'_>], expected: &[(&str, f64)]) {
        let mut known = Known::default();
        for (step, (told, all)) in (1..).zip(readings) {
            let told = told
                .iter()
                .map(|(name, value)| (name.to_string(), value.to_string()))
                .collect();
            let all = all.map(|(count, total_ms)| Calls {
                count,
                total_ms,
                ..Calls::default()
            });
            let statements = all.map(|all| BTreeMap::from([(String::new(), all)]));
            known.take(
                &told,
                statements.ok_or(NO_STATEMENTS.into()),
                Duration::from_millis(500),
                Timestamp::from_secs(step * 10),
            );
            assert_eq!(known.told.no_statements.is_some(), all.is_none());
        }
        let gauges = &known.told.gauges;
        let gauges: Vec<_> = gauges.iter().map(|gauge| (gauge.name.as_str(), gauge.value)).collect();
        assert_eq!(gauges, expected);
    }

    #[test]
    fn connections_in_use_are_a_share_of_the_maximum() {
        check(
            &[(&[("backends", 5.0), ("connections_max", 100.0)], None)],
            &[("connections_max", 100.0), ("connections_used_ratio", 0.05)],
        );
        check(
            &[(&[("backends", 5.0), ("clients", 4.0), ("connections_max", 0.0)], None)],
            &[("connections_max", 0.0)],
        );
    }

    #[test]
    fn the_hit_ratio_is_of_the_time_between_two_readings() {
        let at = |hit, read| [("blocks_hit", hit), ("blocks_read", read)];
        check(&[(&at(1000.0, 0.0), None)], &[]);
        check(
            &[(&at(1000.0, 0.0), None), (&at(31_000.0, 10_000.0), None)],
            &[("cache_hit_ratio", 0.75)],
        );
        check(&[(&at(1000.0, 0.0), None), (&at(1000.0, 0.0), None)], &[]);
        check(&[(&at(1000.0, 0.0), None), (&at(1001.0, 300.0), None)], &[]);
        check(&[(&at(90_000.0, 0.0), None), (&at(10.0, 0.0), None)], &[]);
    }

    #[test]
    fn counters_become_rates() {
        let at = |commits, rollbacks, deadlocks| {
            [
                ("transactions", commits + rollbacks),
                ("commits", commits),
                ("rollbacks", rollbacks),
                ("deadlocks", deadlocks),
            ]
        };
        check(
            &[(&at(100.0, 5.0, 1.0), None), (&at(1100.0, 105.0, 2.0), None)],
            &[
                ("transactions_per_s", 110.0),
                ("commits_per_s", 100.0),
                ("rollbacks_per_s", 10.0),
                ("deadlocks_per_s", 0.1),
            ],
        );
    }

    #[test]
    fn the_mean_of_queries_is_of_the_time_between_two_readings() {
        check(&[(&[], Some((100.0, 90_000.0)))], &[("slow_queries_per_hour", 0.0)]);
        check(
            &[(&[], Some((100.0, 90_000.0))), (&[], Some((104.0, 92_004.0)))],
            &[("query_mean_us", 501_000.0), ("slow_queries_per_hour", 0.0)],
        );
        check(
            &[(&[], Some((104.0, 92_004.0))), (&[], Some((4.0, 4.0)))],
            &[("slow_queries_per_hour", 0.0)],
        );
    }
}
