//! The alerts of the fixture: firing, pending and ended, looked after, silenced, flapping, behind another; their causes.

use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{AlertId, Severity, TargetId, Text, Unit};
use probetop_core::snapshot::{
    AlertBoard, AlertSnapshot, AlertState, Cause, SilenceSnapshot, Stability, Suppression, TimelineEntry, Turn,
};

/// Name, target, severity, state, second since when, reason.
type Case = (&'static str, Option<u32>, Severity, AlertState, u64, &'static str);

#[rustfmt::skip]
const CASES: [Case; 11] = [
    ("slow under load", Some(0), Severity::Critical, AlertState::Firing, 3500, "p99(1m) 1.62s > 1.5s, rate 2.00 > 1.0"),
    ("errors", Some(8), Severity::Critical, AlertState::Firing, 3300, "error_ratio 1.0 > 0.05"),
    ("errors", Some(4), Severity::Critical, AlertState::Firing, 3302, "error_ratio 1.0 > 0.05"),
    ("busy machine", None, Severity::Warning, AlertState::Firing, 3580, "cpu 0.84 > 0.8"),
    ("errors", Some(11), Severity::Warning, AlertState::Firing, 3120, "error_ratio 0.03 > 0.01"),
    ("latency", Some(3), Severity::Warning, AlertState::Firing, 2400, "p95(1m) 62.0ms > 50ms"),
    ("level shift", Some(2), Severity::Info, AlertState::Firing, 3460, "p50 412ms against 98.0ms, 14 deviations"),
    ("slow search", Some(2), Severity::Warning, AlertState::Pending, 3590, "p95(1m) 612ms > 500ms"),
    ("errors", Some(11), Severity::Warning, AlertState::Resolved, 2900, "error_ratio 0.08 > 0.05"),
    ("latency", Some(3), Severity::Warning, AlertState::Resolved, 1900, "p95(1m) 71.0ms > 50ms"),
    ("slow under load", Some(0), Severity::Critical, AlertState::Resolved, 1200, "p99(1m) 2.10s > 1.5s, rate 2.00 > 1.0"),
];

/// `names`: of the targets, in the order of their ids.
pub(super) fn alerts(names: &[&str]) -> AlertBoard {
    let (history, active) = CASES
        .iter()
        .partition::<Vec<_>, _>(|case| case.3 == AlertState::Resolved);
    let alerts = |cases: Vec<&Case>| cases.into_iter().map(|case| alert(case, names)).collect();
    AlertBoard {
        active: alerts(active),
        history: alerts(history).into(),
        causes: causes(names),
        silences: vec![
            SilenceSnapshot {
                name: "latency".into(),
                subject: names[3].into(),
                until: Timestamp::from_secs(4330),
            },
            SilenceSnapshot {
                name: "disk space".into(),
                subject: "host".into(),
                until: Timestamp::from_secs(14_000),
            },
        ],
    }
}

fn alert(case: &Case, names: &[&str]) -> AlertSnapshot {
    let (name, target, severity, state, since, reason) = *case;
    let until = |secs| Timestamp::from_secs(secs);
    let is_firing = state == AlertState::Firing;
    let figure = match name {
        "errors" => (0.31, 1.0, Unit::Ratio),
        "busy machine" => (0.84, 0.97, Unit::Ratio),
        "slow under load" => (1.62e6, 2.1e6, Unit::Microseconds),
        "latency" => (62e3, 94e3, Unit::Microseconds),
        _ => (412e3, 612e3, Unit::Microseconds),
    };
    AlertSnapshot {
        id: AlertId(since),
        name: name.into(),
        subject: target.map_or("host", |id| names[id as usize]).into(),
        target: target.map(TargetId),
        severity,
        state,
        since: Timestamp::from_secs(since),
        fired: (state != AlertState::Pending).then(|| Timestamp::from_secs(since + 15)),
        carried: Duration::ZERO,
        resolved: (state == AlertState::Resolved).then(|| Timestamp::from_secs(since + 95)),
        clears: None,
        value: Some(figure.0),
        worst: Some(figure.1),
        unit: figure.2,
        reason: reason.into(),
        action: (name == "slow under load")
            .then(|| "add a replica of checkout, then look at the pool of postgres".into()),
        steadiness: if is_firing && target == Some(11) {
            Stability::Flapping { turns: 7 }
        } else {
            Stability::Steady
        },
        suppression: match target.filter(|_| is_firing) {
            Some(3) => Some(Suppression::Silenced { until: until(4330) }),
            Some(4) => Some(Suppression::Behind {
                parent: names[8].into(),
            }),
            _ => None,
        },
        acknowledged: (is_firing && target.is_none()).then(|| Timestamp::from_secs(3596)),
        timeline: timeline(since, reason, state).into(),
    }
}

fn timeline(since: u64, reason: &str, state: AlertState) -> Vec<TimelineEntry> {
    let entry = |after: u64, turn, text: &str| TimelineEntry {
        at: Timestamp::from_secs(since) + Duration::from_secs(after),
        carried: Duration::ZERO,
        turn,
        text: text.into(),
    };
    let mut entries = vec![entry(0, Turn::Pending, reason)];
    if state != AlertState::Pending {
        entries.extend([
            entry(15, Turn::Fired, reason),
            entry(15, Turn::Announced, "ops, pager"),
            entry(
                40,
                Turn::Noted,
                "rolling back release 4.17 in eu-west, the new pool settings are suspected",
            ),
            entry(61, Turn::Severity, "warning to critical"),
            entry(75, Turn::Escalated, "step 1: pager"),
        ]);
    }
    if state == AlertState::Resolved {
        entries.push(entry(95, Turn::Resolved, "p99 1.10s, back for 30s"));
    }
    entries
}

fn causes(names: &[&str]) -> Vec<Cause> {
    let cause = |severity, since, headline: &str, victims: &[&str], alerts: &[u64], quiet| Cause {
        severity,
        since: Timestamp::from_secs(since),
        carried: Duration::ZERO,
        headline: headline.into(),
        victims: victims.iter().map(|name| Text::from(*name)).collect(),
        alerts: alerts.iter().copied().map(AlertId).collect(),
        quiet,
        set_aside: quiet,
        clears: None,
    };
    vec![
        cause(
            Severity::Critical,
            3300,
            &format!("{}: errors(1m) 100% (refused) > 5%", names[8]),
            &[names[8], names[4]],
            &[3300, 3302],
            false,
        ),
        cause(
            Severity::Critical,
            3500,
            &format!("{}: p99(1m) 1.62s > 1.5s, rate 2.00 > 1.0", names[0]),
            &[names[0]],
            &[3500],
            false,
        ),
        cause(
            Severity::Warning,
            3120,
            &format!("{}: errors(1m) 3% > 1%", names[11]),
            &[names[11]],
            &[3120],
            false,
        ),
        cause(Severity::Warning, 3580, "host: cpu 84% > 80%", &["host"], &[3580], true),
        cause(
            Severity::Info,
            3460,
            &format!("{}: p50 412ms against 98ms", names[2]),
            &[names[2]],
            &[3460],
            false,
        ),
    ]
}
