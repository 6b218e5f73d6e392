//! The alerts of the fixture: firing, pending and ended.

use std::sync::Arc;
use std::time::Duration;

use probetop::clock::Timestamp;
use probetop::sample::{AlertId, Severity, TargetId, Unit};
use probetop::snapshot::{AlertBoard, AlertSnapshot, AlertState, Steadiness};

/// Name, target, severity, state, second since when, reason.
type Case = (&'static str, Option<u32>, Severity, AlertState, u64, &'static str);

#[rustfmt::skip]
const CASES: [Case; 6] = [
    ("slow under load", Some(0), Severity::Critical, AlertState::Firing, 3500, "p99 1.62s > 1.5s, rate 2.00 > 1.0"),
    ("errors", Some(8), Severity::Critical, AlertState::Firing, 3300, "error_ratio 1.0 > 0.05"),
    ("busy machine", None, Severity::Warning, AlertState::Firing, 3580, "cpu 0.84 > 0.8"),
    ("slow search", Some(2), Severity::Warning, AlertState::Pending, 3590, "p95 612ms > 500ms"),
    ("errors", Some(11), Severity::Warning, AlertState::Resolved, 2900, "error_ratio 0.08 > 0.05"),
    ("slow under load", Some(0), Severity::Critical, AlertState::Resolved, 1200, "p99 2.10s > 1.5s, rate 2.00 > 1.0"),
];

/// `names`: of the targets, in the order of their ids.
pub fn alerts(names: &[&str]) -> AlertBoard {
    let (history, active) = CASES
        .iter()
        .partition::<Vec<_>, _>(|case| case.3 == AlertState::Resolved);
    let alerts = |cases: Vec<&Case>| cases.into_iter().map(|case| alert(case, names)).collect();
    AlertBoard {
        active: alerts(active),
        history: alerts(history),
        ..AlertBoard::default()
    }
}

fn alert(case: &Case, names: &[&str]) -> AlertSnapshot {
    let (name, target, severity, state, since, reason) = *case;
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
        value: Some(1.26),
        worst: Some(1.71),
        unit: Unit::Number,
        reason: reason.into(),
        action: None,
        steadiness: Steadiness::Steady,
        hush: None,
        acknowledged: None,
        timeline: Arc::default(),
    }
}
