//! What is told, in words: one line of an announcement, moments and lengths of time.

use std::time::{Duration, SystemTime};

use probetop_core::clock::Timestamp;
use probetop_core::snapshot::{AlertSnapshot, Announcement, TimelineEntry, before_this_run};

use super::message::Message;

/// What, where and how much: `critical: slow on checkout, 812ms`.
pub fn line(announcement: &Announcement) -> String {
    let alert = &announcement.alert;
    let value = alert.value.map(|value| format!(", {}", alert.unit.show(value)));
    let value = value.unwrap_or_default();
    format!(
        "{}: {} on {}{value}",
        announcement.headline(),
        alert.name,
        alert.subject
    )
}

/// When the announcement was made or its alert ended, as `2026-11-21 03:12:45 UTC`.
pub fn moment(message: &Message, announcement: &Announcement, at: Timestamp) -> String {
    of_calendar(message.wall_of_word(announcement, at))
}

/// When the condition became true, in the same form: it may have been in a run before this one.
pub fn beginning(message: &Message, alert: &AlertSnapshot) -> String {
    of_calendar(message.wall_of(alert, alert.since))
}

/// When something happened to an alert, in the same form.
pub fn turn(message: &Message, entry: &TimelineEntry) -> String {
    of_calendar(before_this_run(message.wall(entry.at), entry.carried))
}

fn of_calendar(at: SystemTime) -> String {
    let time = humantime::format_rfc3339_seconds(at).to_string();
    format!("{} UTC", time.trim_end_matches('Z').replace('T', " "))
}

/// A length of time in whole seconds: `5m 10s`.
pub fn length(length: Duration) -> String {
    humantime::format_duration(Duration::from_secs(length.as_secs())).to_string()
}
