//! What one channel is told at once.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use probetop_core::clock::Timestamp;
use probetop_core::sample::{AlertId, Purpose, Severity, TargetId, TargetInfo, Text, Unit};
use probetop_core::snapshot::{
    AlertSnapshot, AlertState, Announcement, AnnouncementReason, Route, Stability, before_this_run,
};

use super::audience::Targets;

/// Announcements that belong together.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// What they have in common; the same for all messages about the same thing.
    pub group: Text,
    /// At least one: for people the worst first, for machines in the order in which they happened.
    pub announcements: Vec<Announcement>,
    /// More of the same that were left out, because nobody reads that many.
    pub left_out: usize,
    /// When it was put together.
    pub at: Timestamp,
    /// What is known of the targets that it is about.
    pub targets: Targets,
    /// The name of this machine.
    pub machine: Text,
    /// The wall clock at [`Timestamp::ZERO`].
    pub wall_origin: SystemTime,
}

impl Message {
    /// Whether everything in it is over.
    pub fn is_resolved(&self) -> bool {
        let is_over = |announcement: &Announcement| announcement.occasion == AnnouncementReason::Resolved;
        self.announcements.iter().all(is_over)
    }

    pub fn severity(&self) -> Severity {
        let severities = self
            .announcements
            .iter()
            .map(|announcement| announcement.alert.severity);
        severities.max().unwrap_or_default()
    }

    /// What it is about, in a line: `critical: slow under load on checkout, and 4 more`.
    pub fn title(&self) -> String {
        let Some(first) = self.announcements.first() else {
            return self.group.to_string();
        };
        let AlertSnapshot { name, subject, .. } = &first.alert;
        let more = match self.announcements.len() - 1 + self.left_out {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        format!("{}: {name} on {subject}{more}", first.headline())
    }

    /// What the announcement's target is; `None`: it is about the machine or an objective.
    pub fn target(&self, announcement: &Announcement) -> Option<&TargetInfo> {
        self.targets.get(&announcement.alert.target?).map(|info| &**info)
    }

    pub fn wall(&self, at: Timestamp) -> SystemTime {
        at.wall(self.wall_origin)
    }

    /// The wall clock at `at`, the `since` or `fired` of an alert, which may have been in a run before this one.
    pub fn wall_of(&self, alert: &AlertSnapshot, at: Timestamp) -> SystemTime {
        before_this_run(self.wall(at), alert.carried)
    }

    /// The wall clock at `at`, when the announcement was made or its alert ended, which may have been in the run before.
    pub fn wall_of_word(&self, announcement: &Announcement, at: Timestamp) -> SystemTime {
        before_this_run(self.wall(at), announcement.carried)
    }

    /// One of everything, to try templates and channels with.
    pub fn example(at: Timestamp, wall_origin: SystemTime) -> Self {
        let id = TargetId(0);
        let target = TargetInfo {
            id,
            name: "checkout".into(),
            url: "https://shop.example/checkout".into(),
            kind: "http".into(),
            purpose: Purpose::default(),
            host: None,
            group: Some("api".into()),
            interval: Duration::from_secs(1),
            timeout: Duration::from_secs(5),
            in_flight: 5,
            phases: [].into(),
        };
        let alert = AlertSnapshot {
            id: AlertId(0),
            name: "test".into(),
            subject: target.name.clone(),
            target: Some(id),
            severity: Severity::Warning,
            state: AlertState::Firing,
            since: at,
            fired: Some(at),
            resolved: None,
            clears: None,
            carried: Duration::ZERO,
            value: Some(612_000.0),
            worst: Some(731_000.0),
            unit: Unit::Microseconds,
            reason: "this is a \"test\": p95 612ms > 250ms".into(),
            action: Some("nothing to do: somebody tries the channel".into()),
            steadiness: Stability::Steady,
            suppression: None,
            acknowledged: None,
            timeline: Arc::default(),
        };
        Self {
            group: "test".into(),
            announcements: vec![Announcement {
                occasion: AnnouncementReason::Firing,
                at,
                carried: Duration::ZERO,
                route: Route::Usual,
                only_to: None,
                alert,
                group: "test".into(),
            }],
            left_out: 0,
            at,
            targets: Arc::new(HashMap::from([(id, Arc::new(target))])),
            machine: "probetop.example".into(),
            wall_origin,
        }
    }
}
