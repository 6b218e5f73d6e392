//! Messages as channels are handed them.

use std::time::{Duration, SystemTime};

use probetop::notify::message::Message;
use probetop_core::clock::Timestamp;
use probetop_core::sample::{AlertId, Severity};
use probetop_core::snapshot::{AlertState, Announcement, AnnouncementReason, TimelineEntry, Turn};

/// 2026-11-21 03:00:00 UTC.
pub const ORIGIN: Duration = Duration::from_secs(1_795_230_000);

/// One alert told at `second`: slow on checkout, true from second 100 on, resolved at 700 at the earliest.
pub fn announcement(occasion: AnnouncementReason, second: u64) -> Announcement {
    let entry = |second, turn, text: &str| TimelineEntry {
        at: Timestamp::from_secs(second),
        carried: Duration::ZERO,
        turn,
        text: text.into(),
    };
    let mut announcement = Message::example(Timestamp::from_secs(second), SystemTime::UNIX_EPOCH)
        .announcements
        .remove(0);
    let alert = &mut announcement.alert;
    alert.id = AlertId(7);
    alert.name = "slow".into();
    alert.severity = Severity::Critical;
    if occasion == AnnouncementReason::Resolved {
        alert.state = AlertState::Resolved;
        alert.resolved = Some(Timestamp::from_secs(second));
    }
    alert.since = Timestamp::from_secs(100);
    alert.value = Some(812_000.0);
    alert.worst = Some(1_400_000.0);
    alert.reason = "p95 812ms > 500ms".into();
    alert.action = Some("add a replica".into());
    alert.timeline = [
        entry(100, Turn::Pending, "p95 612ms > 500ms"),
        entry(130, Turn::Fired, ""),
    ]
    .into();
    announcement.occasion = occasion;
    announcement.group = "slow".into();
    announcement
}

pub fn message(announcements: Vec<Announcement>) -> Message {
    let at = announcements.iter().map(|announcement| announcement.at).max().unwrap();
    Message {
        group: announcements[0].group.clone(),
        announcements,
        machine: "db-1".into(),
        ..Message::example(at, SystemTime::UNIX_EPOCH + ORIGIN)
    }
}

/// That it fires, told at second 130.
pub fn firing() -> Message {
    message(vec![announcement(AnnouncementReason::Firing, 130)])
}
