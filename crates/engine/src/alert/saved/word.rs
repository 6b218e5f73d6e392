//! A word that had not come to its receiver when the run ended: the next run tells it.

use probetop_core::sample::{AlertId, Severity, TargetId, Text};
use probetop_core::snapshot::{AlertSnapshot, AlertState, Announcement, AnnouncementReason, Stability};
use serde::{Deserialize, Serialize};

use super::timeline::{self, SavedTurn};
use super::{Moments, UnitName, Wall, saved_route, told_route};
use crate::alert::timeline::Timeline;

/// Words that are remembered, of all channels together: 15 MB. Those that waited longest come first.
pub(super) const WORDS_LIMIT: usize = 20_000;

/// One announcement, and the channel that owes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedWord {
    channel: String,
    /// The alert's, as in the list of those that fire: the next run gives others.
    pub id: u64,
    /// Whether the subject is a target.
    pub is_target: bool,
    pub subject: String,
    name: String,
    #[serde(flatten)]
    occasion: SavedReason,
    /// When it was told to the channel; of a resolve, when the alert ended.
    at: Wall,
    usual: bool,
    named: Vec<String>,
    group: String,
    severity: Severity,
    resolved: bool,
    since: Wall,
    value: Option<f64>,
    worst: Option<f64>,
    unit: UnitName,
    reason: String,
    action: Option<String>,
    /// How often it had fired within the rule's span; `null`: it does not flap.
    flapping: Option<u32>,
    acknowledged: bool,
    timeline: Vec<SavedTurn>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "occasion")]
enum SavedReason {
    Firing,
    Worsened { before: Severity },
    Reminder { number: u32 },
    Escalation { number: u32 },
    Flapping,
    Resolved,
}

impl SavedWord {
    /// `share`: how many turns of the timeline are remembered.
    pub fn of(channel: &Text, announcement: &Announcement, share: usize, at: Moments) -> Self {
        let alert = &announcement.alert;
        let (usual, named) = saved_route(&announcement.route);
        Self {
            channel: channel.to_string(),
            id: alert.id.0,
            is_target: alert.target.is_some(),
            subject: alert.subject.to_string(),
            name: alert.name.to_string(),
            occasion: announcement.occasion.into(),
            at: at.ago(at.now.since(announcement.at).saturating_add(announcement.carried)),
            usual,
            named,
            group: announcement.group.to_string(),
            severity: alert.severity,
            resolved: alert.resolved.is_some(),
            since: at.ago(at.now.since(alert.since).saturating_add(alert.carried)),
            value: alert.value,
            worst: alert.worst,
            unit: UnitName(alert.unit),
            reason: alert.reason.to_string(),
            action: alert.action.as_ref().map(Text::to_string),
            flapping: match alert.steadiness {
                Stability::Steady => None,
                Stability::Flapping { turns } => Some(turns),
            },
            acknowledged: alert.acknowledged.is_some(),
            timeline: timeline::save(&Timeline::of(alert.timeline.clone()), share, at),
        }
    }

    /// What its channel owes, of the alert that is now called `id`.
    pub fn restore(&self, id: AlertId, target: Option<TargetId>, at: Moments) -> Announcement {
        let alert = AlertSnapshot {
            id,
            name: Text::clean(&self.name),
            subject: Text::clean(&self.subject),
            target,
            severity: self.severity,
            state: if self.resolved {
                AlertState::Resolved
            } else {
                AlertState::Firing
            },
            since: at.now,
            fired: Some(at.now),
            carried: at.elapsed(self.since),
            resolved: self.resolved.then_some(at.now),
            clears: None,
            value: self.value,
            worst: self.worst,
            unit: self.unit.0,
            reason: Text::clean(&self.reason),
            action: self.action.as_deref().map(Text::clean),
            steadiness: match self.flapping {
                None => Stability::Steady,
                Some(turns) => Stability::Flapping { turns },
            },
            suppression: None,
            acknowledged: self.acknowledged.then_some(at.now),
            timeline: timeline::restore(&self.timeline, at).entries(),
        };
        Announcement {
            occasion: self.occasion.into(),
            at: at.now,
            carried: at.elapsed(self.at),
            route: told_route(self.usual, &self.named),
            only_to: Some(Text::clean(&self.channel)),
            alert,
            group: Text::clean(&self.group),
        }
    }
}

impl From<AnnouncementReason> for SavedReason {
    fn from(occasion: AnnouncementReason) -> Self {
        match occasion {
            AnnouncementReason::Firing => Self::Firing,
            AnnouncementReason::Worsened { before } => Self::Worsened { before },
            AnnouncementReason::Reminder(number) => Self::Reminder { number },
            AnnouncementReason::Escalation(number) => Self::Escalation { number },
            AnnouncementReason::Flapping => Self::Flapping,
            AnnouncementReason::Resolved => Self::Resolved,
        }
    }
}

impl From<SavedReason> for AnnouncementReason {
    fn from(saved: SavedReason) -> Self {
        match saved {
            SavedReason::Firing => Self::Firing,
            SavedReason::Worsened { before } => Self::Worsened { before },
            SavedReason::Reminder { number } => Self::Reminder(number),
            SavedReason::Escalation { number } => Self::Escalation(number),
            SavedReason::Flapping => Self::Flapping,
            SavedReason::Resolved => Self::Resolved,
        }
    }
}
