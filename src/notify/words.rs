//! What is told, in words: one line of an announcement, one line of a message, moments and lengths of time.

use std::time::{Duration, SystemTime};

use super::message::Message;
use crate::clock::Timestamp;
use crate::snapshot::{Announcement, Occasion};

/// Why it is told, as it is called out: `FIRING`, `REMINDER 2`, `RESOLVED`.
pub fn occasion(occasion: Occasion) -> String {
    let name = occasion.name().to_ascii_uppercase();
    match occasion {
        Occasion::Reminder(number) | Occasion::Escalation(number) => format!("{name} {number}"),
        Occasion::Firing | Occasion::Flapping | Occasion::Resolved => name,
    }
}

/// What, where and how much: `slow on checkout, 812ms`.
pub fn what(announcement: &Announcement) -> String {
    let alert = &announcement.alert;
    match alert.value {
        Some(value) => format!("{} on {}, {}", alert.name, alert.subject, alert.unit.show(value)),
        None => format!("{} on {}", alert.name, alert.subject),
    }
}

/// The whole message in one line: `FIRING: slow on checkout, 812ms (and 2 more)`.
pub fn headline(message: &Message) -> String {
    let Some(worst) = message.announcements.first() else {
        return String::new();
    };
    let more = match message.announcements.len() - 1 + message.left_out {
        0 => String::new(),
        more => format!(" (and {more} more)"),
    };
    format!("{}: {}{more}", occasion(worst.occasion), what(worst))
}

/// A moment on the wall clock, as `2026-11-21 03:12:45 UTC`.
pub fn moment(message: &Message, at: Timestamp) -> String {
    let time = humantime::format_rfc3339_seconds(wall(message, at)).to_string();
    format!("{} UTC", time.trim_end_matches('Z').replace('T', " "))
}

/// The wall clock at `at`. A clock that was never set may stand before 1970, for which calendars here have no date.
pub fn wall(message: &Message, at: Timestamp) -> SystemTime {
    message.wall(at).max(SystemTime::UNIX_EPOCH)
}

/// A length of time in whole seconds: `5m 10s`.
pub fn length(length: Duration) -> String {
    humantime::format_duration(Duration::from_secs(length.as_secs())).to_string()
}
