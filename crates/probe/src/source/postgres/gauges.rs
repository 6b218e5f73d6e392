//! The gauges of a PostgreSQL target. Each says whether it is of the server or of the database that is connected to: they may
//! be on the same screen, and one busy database among quiet ones makes them differ.

use crate::source::kind::{KindGauge, Levels};

pub(super) static GAUGES: &[KindGauge] = &[
    KindGauge::told("connections_active", "server: connections that run a query"),
    KindGauge::told("connections_idle", "server: connections that wait for their client"),
    KindGauge::told(
        "connections_idle_in_transaction",
        "server: connections that hold a transaction open and do nothing",
    ),
    KindGauge::told("connections_max", "server: connections that it allows"),
    KindGauge::judged(
        "connections_used_ratio",
        "server: connections in use, of those allowed",
        Levels::with_target(0.70, 0.80, 0.95),
    ),
    KindGauge::judged(
        "connections_waiting",
        "server: connections that wait for a lock",
        Levels::with_target(0.0, 5.0, 20.0),
    ),
    KindGauge::told(
        "longest_transaction_s",
        "server: age of the oldest open transaction that waits for no lock",
    ),
    KindGauge::told(
        "transactions_per_s",
        "database: transactions a second that ended since the last reading, probetop's own among them",
    ),
    KindGauge::told("commits_per_s", "database: those of them that were committed"),
    KindGauge::told("rollbacks_per_s", "database: those of them that were rolled back"),
    KindGauge::told(
        "deadlocks_per_s",
        "database: transactions a second that a deadlock ended, since the last reading",
    ),
    KindGauge::judged(
        "cache_hit_ratio",
        "database: blocks found in memory, of the last 10,000 and more within five minutes; none of fewer",
        Levels::with_target(0.95, 0.85, 0.70),
    ),
    KindGauge::judged(
        "query_mean_us",
        "server: mean time of a query since the last reading (pg_stat_statements)",
        Levels::with_target(100_000.0, 500_000.0, 1_000_000.0),
    ),
    KindGauge::judged(
        "slow_queries_per_hour",
        "server: queries slower than `slow_query`, at least, at the rate of the last hour (pg_stat_statements)",
        Levels::with_target(10.0, 50.0, 100.0),
    ),
];
