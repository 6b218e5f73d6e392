//! What targets tell of themselves: pools, hit rates, queues, descriptors, limits.
//!
//! A level from the configuration decides where there is one; a figure that has none by default brings its own here.

use probetop_core::sample::Worse::{self, Higher, Lower};
use probetop_core::sample::{Gauge, Severity, Text, Unit};
use probetop_core::snapshot::Resource;

use super::target::TargetFacts;
use super::{Basis, Cause, Reading, ShownBy, Sign};

struct Row {
    /// `None`: whoever tells it.
    kind: Option<&'static str>,
    gauge: &'static str,
    worse: Worse,
    /// Warning and critical where the configuration says nothing.
    levels: Option<(f64, f64)>,
    cause: Cause,
}

const fn row(
    kind: &'static str,
    gauge: &'static str,
    worse: Worse,
    levels: Option<(f64, f64)>,
    resource: Resource,
    what: &'static str,
    recommendation: &'static str,
) -> Row {
    Row {
        kind: if kind.is_empty() { None } else { Some(kind) },
        gauge,
        worse,
        levels,
        cause: Cause {
            resource,
            what,
            recommendation,
            basis: Basis::Window,
            shown_by: ShownBy::Gauge(gauge),
        },
    }
}

const ANYBODY: &str = "";

static ROWS: &[Row] = &[
    row(
        "postgres",
        "connections_used_ratio",
        Higher,
        None,
        Resource::Database,
        "connections are nearly used up",
        "put a pooler (PgBouncer) before the server or raise max_connections; look for clients that never close",
    ),
    row(
        "postgres",
        "connections_waiting",
        Higher,
        None,
        Resource::Database,
        "sessions wait for locks",
        "find who holds them with pg_blocking_pids(), and make that transaction shorter",
    ),
    row(
        "postgres",
        "connections_idle_in_transaction",
        Higher,
        Some((5.0, 20.0)),
        Resource::Database,
        "transactions are held open by clients that do nothing",
        "commit before waiting for anything else; set idle_in_transaction_session_timeout",
    ),
    row(
        "postgres",
        "longest_transaction_s",
        Higher,
        Some((300.0, 1800.0)),
        Resource::Database,
        "a transaction is open for long",
        "end it: it keeps its locks and stops vacuum; break long jobs into batches",
    ),
    row(
        "postgres",
        "deadlocks_per_s",
        Higher,
        Some((0.0, 1.0)),
        Resource::Database,
        "transactions are ended by deadlocks",
        "read the server's log for who waited for whom, and take locks in the same order everywhere",
    ),
    row(
        "postgres",
        "cache_hit_ratio",
        Lower,
        None,
        Resource::Database,
        "blocks are read from disk rather than memory",
        "raise shared_buffers or the memory of the machine; look for scans of whole tables in pg_stat_statements",
    ),
    row(
        "postgres",
        "query_mean_us",
        Higher,
        None,
        Resource::Database,
        "queries are slow on average",
        "order pg_stat_statements by total_exec_time, and read the plan of the first",
    ),
    row(
        "postgres",
        "slow_queries_per_hour",
        Higher,
        None,
        Resource::Database,
        "many queries are slow",
        "order pg_stat_statements by max_exec_time, and read the plans of the first; an index may be missing",
    ),
    row(
        "redis",
        "hit_ratio",
        Lower,
        None,
        Resource::Cache,
        "too many keys are not found",
        "compare the time to live with how often keys are read, warm what is read first, give it more memory",
    ),
    row(
        "redis",
        "evicted_per_s",
        Higher,
        // Only a server that is asked to evicts anything: much of it is worth a look, and none of it is a failure.
        Some((100.0, f64::INFINITY)),
        Resource::Cache,
        "keys are thrown out for want of memory",
        "raise maxmemory, or let keys live shorter",
    ),
    row(
        "redis",
        "memory_used_ratio",
        Higher,
        None,
        Resource::Cache,
        "memory is nearly used up",
        "raise maxmemory before keys are thrown out; find the largest with redis-cli --bigkeys",
    ),
    row(
        "redis",
        "replication_lag_s",
        Higher,
        Some((5.0, 30.0)),
        Resource::Cache,
        "replicas fall behind",
        "look at the network to the replica and its processor, and raise repl-backlog-size",
    ),
    row(
        ANYBODY,
        "open_files_ratio",
        Higher,
        None,
        Resource::Service,
        "descriptors are nearly used up",
        "raise its limit (LimitNOFILE, ulimit -n); look for sockets in CLOSE_WAIT that it never closes",
    ),
    row(
        ANYBODY,
        "cpu_throttled_ratio",
        Higher,
        Some((0.05, 0.25)),
        Resource::Cpu,
        "a container is held back by its processor limit",
        "raise the limit (cpu.max, limits.cpu), or run more replicas",
    ),
    row(
        ANYBODY,
        "cpu_limit_ratio",
        Higher,
        Some((0.9, 0.98)),
        Resource::Cpu,
        "a container uses all the processor time it may",
        "raise the limit (cpu.max, limits.cpu), or run more replicas",
    ),
    row(
        ANYBODY,
        "memory_limit_ratio",
        Higher,
        Some((0.85, 0.95)),
        Resource::Memory,
        "a container is close to its memory limit",
        "raise the limit (memory.max, limits.memory) before the kernel ends it; look for a leak if it only grows",
    ),
    row(
        ANYBODY,
        "certificate_expires_days",
        Lower,
        None,
        Resource::Tls,
        "a certificate ends soon",
        "renew it, and see that what renews it runs",
    ),
    row(
        "k6",
        "failure_ratio",
        Higher,
        None,
        Resource::Service,
        "requests of the load test fail",
        "look at the generator's own list of failures by status: failed requests are often faster than good ones",
    ),
    row(
        "locust",
        "failure_ratio",
        Higher,
        None,
        Resource::Service,
        "requests of the load test fail",
        "look at the generator's own list of failures by status: failed requests are often faster than good ones",
    ),
    row(
        "exec",
        "plugin_status",
        Higher,
        None,
        Resource::Service,
        "a plugin reports trouble",
        "read what it says on the target's page, and run it by hand",
    ),
];

/// A level that somebody set on a figure which no row knows.
const BEYOND_ITS_LEVEL: Cause = Cause {
    resource: Resource::Service,
    what: "a figure the target reports is beyond its limit",
    recommendation: "look at what the figure counts, or move its level under gauges",
    basis: Basis::Window,
    shown_by: ShownBy::Nothing,
};

/// What is told by the first of each pair already, while that is broken: whoever waits for a lock waits for a transaction that is
/// open for long, and that is one trouble.
const EXPLAINED: [(&str, &str); 2] = [
    ("connections_waiting", "longest_transaction_s"),
    ("connections_waiting", "connections_idle_in_transaction"),
];

pub(super) fn signs(facts: &TargetFacts<'_>, signs: &mut Vec<Sign>) {
    for gauge in facts.gauges {
        let name = gauge.name.as_str();
        if EXPLAINED.iter().any(|(by, what)| *what == name && is_broken(facts, by)) {
            continue;
        }
        let row = ROWS.iter().find(|row| row.is_about(facts.info.kind.as_str(), name));
        let set = facts.gauge_verdicts.iter().find(|(of, _)| of.as_str() == name);
        let broken = match set {
            Some((_, verdict)) => verdict.severity().zip(verdict.reason.clone()),
            None => row.and_then(|row| row.judge(gauge)),
        };
        let Some((severity, evidence)) = broken else { continue };
        let resource = facts.resource();
        let cause = row.map_or(
            Cause {
                resource,
                ..BEYOND_ITS_LEVEL
            },
            |row| row.cause,
        );
        let extent = match row.map_or(Higher, |row| row.worse) {
            Higher => gauge.value,
            Lower => -gauge.value,
        };
        // Who is out of something is so with all that it does.
        let whole = Reading::of_share(severity, 1.0, evidence);
        signs.push(cause.sign(Reading { extent, ..whole }));
    }
}

fn is_broken(facts: &TargetFacts<'_>, gauge: &str) -> bool {
    let verdict = facts.gauge_verdicts.iter().find(|(of, _)| of.as_str() == gauge);
    verdict.is_some_and(|(_, verdict)| verdict.severity().is_some())
}

impl Row {
    fn is_about(&self, kind: &str, gauge: &str) -> bool {
        self.gauge == gauge && self.kind.is_none_or(|of| of == kind)
    }

    /// Against the levels of the row itself.
    fn judge(&self, gauge: &Gauge) -> Option<(Severity, Text)> {
        let (warning, critical) = self.levels?;
        let beyond = |limit: f64| self.worse.is_beyond(gauge.value, limit);
        let (severity, limit) = match (beyond(warning), beyond(critical)) {
            (_, true) => (Severity::Critical, critical),
            (true, false) => (Severity::Warning, warning),
            (false, false) => return None,
        };
        let unit = Unit::of_name(self.gauge);
        let (value, sign) = (unit.show(gauge.value), self.worse.sign());
        Some((
            severity,
            format!("{} {value} {sign} {}", self.gauge, unit.show(limit)).into(),
        ))
    }
}

/// Each row as a kind that tells it, and its name.
#[cfg(test)]
pub(super) fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    ROWS.iter().map(|row| (row.kind.unwrap_or("http"), row.gauge))
}
