//! The analysis of the fixture: a few of everything.

use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{Severity, TargetId, Unit};
use probetop_core::snapshot::{Analysis, Anomaly, AnomalyKind, AnomalyWatch, Bottleneck, Correlation, Resource, Trend};

/// `names`: of the targets, in the order of their ids.
pub(super) fn analysis(names: &[&str]) -> Analysis {
    Analysis {
        anomalies: anomalies(names),
        anomaly_watch: Some(AnomalyWatch {
            since: Timestamp::ZERO,
            known_from: Some(Timestamp::from_secs(57)),
            unknown_targets: 1,
        }),
        trends: trends(names),
        correlations: correlations(names),
        bottlenecks: bottlenecks(names),
    }
}

#[rustfmt::skip]
fn bottlenecks(names: &[&str]) -> Vec<Bottleneck> {
    let bottleneck = |resource, subject: &str, target: Option<u32>, what: &str, evidence: &str, (impact_ratio, frequency_ratio), priority, recommendation: &str| Bottleneck {
        resource,
        subject: subject.into(),
        target: target.map(TargetId),
        what: what.into(),
        evidence: evidence.into(),
        impact_ratio,
        frequency_ratio,
        priority,
        recommendation: recommendation.into(),
        since: Timestamp::from_secs(3120),
        until: None,
    };
    vec![
        bottleneck(Resource::Service, names[8], Some(8), "connections are refused", "100% of 120 probes refused within 1ms", (0.08, 1.0), Severity::Critical,
            "Nothing listens at the address: start the service or correct the address."),
        bottleneck(Resource::Database, names[6], Some(6), "connection pool nearly used up", "pool_usage_ratio 92% > 80%, 14 waiting", (0.42, 0.83), Severity::Critical,
            "Raise max_connections or put a pooler before it; then look for transactions that stay open longer than they work, because each of them holds a connection."),
        bottleneck(Resource::Cpu, "host", None, "run queue longer than the cores", "load 9.1 on 8 cores, cpu 84%, pressure 12%", (1.0, 0.4), Severity::Warning,
            "Move the load generator to another machine: it competes with what it measures."),
        bottleneck(Resource::Service, names[0], Some(0), "first byte dominates", "first byte 87% of p95, 1.41s of 1.62s", (0.87, 1.0), Severity::Warning,
            "The time passes in the service itself: profile the handler, not the network."),
        bottleneck(Resource::Monitor, "probetop", None, "probes start late", "lag p99 14ms > 10ms", (1.0, 0.02), Severity::Info,
            "Probe less often, or give probetop a core of its own."),
    ]
}

#[rustfmt::skip]
fn anomalies(names: &[&str]) -> Vec<Anomaly> {
    let anomaly = |kind, id: u32, since, until: Option<u64>, (seen, usual, unit), score, text: &str| Anomaly {
        kind,
        subject: names[id as usize].into(),
        target: Some(TargetId(id)),
        since: Timestamp::from_secs(since),
        until: until.map(Timestamp::from_secs),
        seen,
        usual,
        unit,
        score,
        text: text.into(),
    };
    vec![
        anomaly(AnomalyKind::LevelShift, 2, 3460, None, (412e3, 98e3, Unit::Microseconds), 14.2, "p50 412ms against 98.0ms, 14 deviations"),
        anomaly(AnomalyKind::ErrorBurst, 11, 3120, None, (0.12, 0.01, Unit::Ratio), 6.1, "errors(1m) 12% against 1%, p < 0.001"),
        anomaly(AnomalyKind::Spike, 0, 2800, Some(2840), (2.1e6, 1.2e6, Unit::Microseconds), 8.3, "p50 2.10s against 1.20s, 8 deviations"),
        anomaly(AnomalyKind::ColdStart, 3, 600, Some(900), (95e3, 12e3, Unit::Microseconds), 9.9, "first requests 95.0ms, those after 12.0ms"),
    ]
}

#[rustfmt::skip]
fn trends(names: &[&str]) -> Vec<Trend> {
    let trend = |subject: &str, id: Option<u32>, figure: &str, unit, (now, per_hour, limit), reaches: Option<u64>, text: &str| Trend {
        subject: subject.into(),
        target: id.map(TargetId),
        figure: figure.into(),
        unit,
        per_hour,
        now,
        p_value: 0.0004,
        span: Duration::from_secs(3000),
        limit,
        reaches_limit_in: reaches.map(Duration::from_secs),
        text: text.into(),
    };
    vec![
        trend("host", None, "memory", Unit::Ratio, (0.68, 0.054, Some(1.0)), Some(21_600), "memory grows by 5.4% of it an hour"),
        trend(names[1], Some(1), "p50", Unit::Microseconds, (48e3, 6.1e3, Some(100e3)), Some(30_660), "p50 creeps up 6.1ms an hour"),
        trend(names[6], Some(6), "hit_ratio", Unit::Ratio, (0.83, -0.04, None), None, "hit_ratio falls 4% an hour"),
    ]
}

#[rustfmt::skip]
fn correlations(names: &[&str]) -> Vec<Correlation> {
    let correlation = |id: u32, with: &str, coefficient, ahead, text: &str| Correlation {
        subject: names[id as usize].into(),
        target: TargetId(id),
        with: with.into(),
        coefficient,
        ahead: Duration::from_secs(ahead),
        points: 300,
        text: text.into(),
    };
    vec![
        correlation(0, "postgres pool_usage_ratio", 0.91, 2, "latency follows postgres pool_usage_ratio after 2s"),
        correlation(0, "host cpu", 0.64, 0, "latency moves with host cpu"),
        correlation(6, "redis hit_ratio", -0.72, 5, "latency follows redis hit_ratio, the other way round, after 5s"),
    ]
}
