//! Messages as channels are handed them.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use probetop::clock::Timestamp;
use probetop::notify::message::Message;
use probetop::sample::{AlertId, Severity, TargetId, Unit};
use probetop::snapshot::{AlertSnapshot, AlertState, Announcement, Occasion, Route, Steadiness, TimelineEntry, Turn};

/// 2026-11-21 03:00:00 UTC.
pub const ORIGIN: Duration = Duration::from_secs(1_795_230_000);

/// One alert told at `second`: slow on checkout, true from second 100 on, resolved at 700 at the earliest.
pub fn announcement(occasion: Occasion, second: u64) -> Announcement {
    let is_resolved = occasion == Occasion::Resolved;
    let entry = |second, turn, text: &str| TimelineEntry {
        at: Timestamp::from_secs(second),
        turn,
        text: text.into(),
    };
    let alert = AlertSnapshot {
        id: AlertId(7),
        name: "slow".into(),
        subject: "checkout".into(),
        target: Some(TargetId(1)),
        severity: Severity::Critical,
        state: if is_resolved {
            AlertState::Resolved
        } else {
            AlertState::Firing
        },
        since: Timestamp::from_secs(100),
        fired: Some(Timestamp::from_secs(130)),
        resolved: is_resolved.then(|| Timestamp::from_secs(second)),
        value: Some(812_000.0),
        worst: Some(1_400_000.0),
        unit: Unit::Microseconds,
        reason: "p95 812ms > 500ms".into(),
        action: Some("add a replica".into()),
        steadiness: Steadiness::Steady,
        hush: None,
        acknowledged: None,
        timeline: [
            entry(100, Turn::Pending, "p95 612ms > 500ms"),
            entry(130, Turn::Fired, ""),
        ]
        .into(),
    };
    Announcement {
        occasion,
        at: Timestamp::from_secs(second),
        route: Route::Usual,
        alert,
        group: "slow".into(),
    }
}

pub fn message(announcements: Vec<Announcement>) -> Message {
    Message {
        group: announcements[0].group.clone(),
        left_out: 0,
        at: announcements.iter().map(|announcement| announcement.at).max().unwrap(),
        targets: Arc::default(),
        announcements,
        machine: "db-1".into(),
        wall_origin: SystemTime::UNIX_EPOCH + ORIGIN,
    }
}

/// That it fires, told at second 130.
pub fn firing() -> Message {
    message(vec![announcement(Occasion::Firing, 130)])
}
