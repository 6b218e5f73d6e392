//! The notification document, `probetop.notification/v1`: what a webhook receives, and what templates are made over.
//!
//! As in the snapshot document numbers carry their unit in the name, and what cannot be known is `null`.

use std::time::SystemTime;

use probetop_core::clock::Timestamp;
use probetop_core::sample::TargetInfo;
use probetop_core::snapshot::{AlertSnapshot, Announcement, AnnouncementReason, Stability};
use serde::Serialize;

use super::message::Message;

/// Name and version of the document.
pub const SCHEMA: &str = "probetop.notification/v1";

/// The document on one line.
pub fn json(message: &Message) -> Vec<u8> {
    serde_json::to_vec(&Document::of(message)).expect("a document of numbers, texts and lists")
}

/// The document as a value.
pub fn value(message: &Message) -> impl Serialize + '_ {
    Document::of(message)
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    probetop: &'static str,
    machine: &'a str,
    sent_at: String,
    title: String,
    group: &'a str,
    /// `firing`, or `resolved` when everything in it is.
    state: &'static str,
    severity: &'static str,
    left_out: usize,
    alerts: Vec<AlertDocument<'a>>,
}

#[derive(Serialize)]
struct AlertDocument<'a> {
    occasion: &'static str,
    /// The number of the reminder or step.
    number: Option<u32>,
    told_at: String,
    headline: String,
    name: &'a str,
    subject: &'a str,
    target: Option<TargetDocument<'a>>,
    group: &'a str,
    severity: &'static str,
    state: &'static str,
    since: String,
    fired_at: Option<String>,
    resolved_at: Option<String>,
    value: Option<f64>,
    worst: Option<f64>,
    /// `us`, `ratio` or `number`.
    unit: &'static str,
    reason: &'a str,
    action: Option<&'a str>,
    flapping: bool,
    acknowledged: bool,
}

#[derive(Serialize)]
struct TargetDocument<'a> {
    name: &'a str,
    kind: &'a str,
    /// Without secrets.
    url: &'a str,
    group: Option<&'a str>,
}

impl<'a> Document<'a> {
    fn of(message: &'a Message) -> Self {
        let alerts = message.announcements.iter();
        Self {
            schema: SCHEMA,
            probetop: env!("CARGO_PKG_VERSION"),
            machine: message.machine.as_str(),
            sent_at: rfc3339(message.wall(message.at)),
            title: message.title(),
            group: message.group.as_str(),
            state: if message.is_resolved() { "resolved" } else { "firing" },
            severity: message.severity().name(),
            left_out: message.left_out,
            alerts: alerts
                .map(|announcement| AlertDocument::of(message, announcement))
                .collect(),
        }
    }
}

impl<'a> AlertDocument<'a> {
    fn of(message: &'a Message, announcement: &'a Announcement) -> Self {
        let alert: &AlertSnapshot = &announcement.alert;
        let time = |at: Timestamp| rfc3339(message.wall_of_word(announcement, at));
        let beginning = |at: Timestamp| rfc3339(message.wall_of(alert, at));
        Self {
            occasion: announcement.occasion.name(),
            number: match announcement.occasion {
                AnnouncementReason::Reminder(number) | AnnouncementReason::Escalation(number) => Some(number),
                AnnouncementReason::Firing
                | AnnouncementReason::Worsened { .. }
                | AnnouncementReason::Flapping
                | AnnouncementReason::Resolved => None,
            },
            told_at: time(announcement.at),
            headline: announcement.headline(),
            name: alert.name.as_str(),
            subject: alert.subject.as_str(),
            target: message.target(announcement).map(TargetDocument::of),
            group: announcement.group.as_str(),
            severity: alert.severity.name(),
            state: alert.state.name(),
            since: beginning(alert.since),
            fired_at: alert.fired.map(beginning),
            resolved_at: alert.resolved.map(time),
            value: alert.value.filter(|value| value.is_finite()),
            worst: alert.worst.filter(|worst| worst.is_finite()),
            unit: alert.unit.name(),
            reason: alert.reason.as_str(),
            action: alert.action.as_ref().map(AsRef::as_ref),
            flapping: match alert.steadiness {
                Stability::Steady => false,
                Stability::Flapping { .. } => true,
            },
            acknowledged: alert.acknowledged.is_some(),
        }
    }
}

impl<'a> TargetDocument<'a> {
    fn of(info: &'a TargetInfo) -> Self {
        Self {
            name: info.name.as_str(),
            kind: info.kind.as_str(),
            url: info.url.as_str(),
            group: info.group.as_ref().map(AsRef::as_ref),
        }
    }
}

fn rfc3339(at: SystemTime) -> String {
    humantime::format_rfc3339_millis(at).to_string()
}
