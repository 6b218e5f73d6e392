//! Alerts as they are shown: those that are pending or firing, those that ended, and what they have in common.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::clock::Timestamp;
use crate::sample::{AlertId, Severity, TargetId, Text, Unit};

/// Alerts that are pending or firing, and those that have ended, newest first. What nobody looks after yet stands before the rest,
/// what fires before what is pending, then the worst first, and of equals the newest.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AlertBoard {
    pub active: Vec<AlertSnapshot>,
    pub history: Arc<[AlertSnapshot]>,
    /// What fires, gathered by what is behind it: a banner each, in the same order.
    pub causes: Vec<Cause>,
    /// In the order in which they end.
    pub silences: Vec<SilenceSnapshot>,
}

impl AlertBoard {
    /// The ones that fire, in their order.
    pub fn firing(&self) -> impl Iterator<Item = &AlertSnapshot> {
        self.active.iter().filter(|alert| alert.state == AlertState::Firing)
    }
}

/// One alert from when its condition became true; once it has fired it is an incident, with a timeline.
#[derive(Clone, Debug, PartialEq)]
pub struct AlertSnapshot {
    pub id: AlertId,
    pub name: Text,
    /// The target's name, `host`, or the objective's name.
    pub subject: Text,
    /// `None` for the machine and for objectives.
    pub target: Option<TargetId>,
    pub severity: Severity,
    pub state: AlertState,
    /// When the condition became true.
    pub since: Timestamp,
    /// When it began to fire; `None` while pending.
    pub fired: Option<Timestamp>,
    /// How long it had gone on already when this run took it over: `since` and `fired` lie that much further back.
    pub carried: Duration,
    /// When it was resolved.
    pub resolved: Option<Timestamp>,
    /// When it will be, if its condition stays false until then; `None`: the condition holds now.
    pub clears: Option<Timestamp>,
    /// The figure that is judged, now and at its worst.
    pub value: Option<f64>,
    pub worst: Option<f64>,
    pub unit: Unit,
    /// Figures and threshold in words, as they are; of one that is clearing, as they were.
    pub reason: Text,
    /// What the rule suggests to do.
    pub action: Option<Text>,
    pub steadiness: Stability,
    /// Why nobody is told of it though it fires; `None`: they are.
    pub suppression: Option<Suppression>,
    /// Since when somebody is known to look after it.
    pub acknowledged: Option<Timestamp>,
    /// What happened to it, oldest first; the oldest are left out of a long one.
    pub timeline: Arc<[TimelineEntry]>,
}

impl AlertSnapshot {
    /// Whether somebody looks after it, or asked for quiet: it counts neither in levels nor in the score.
    pub fn is_set_aside(&self) -> bool {
        let is_silenced = match self.suppression {
            Some(Suppression::Silenced { .. } | Suppression::Maintenance { .. }) => true,
            Some(Suppression::Behind { .. }) | None => false,
        };
        self.acknowledged.is_some() || is_silenced
    }

    /// How long the condition has been true, or was until it was resolved.
    pub fn lasted(&self, now: Timestamp) -> Duration {
        self.resolved
            .unwrap_or(now)
            .since(self.since)
            .saturating_add(self.carried)
    }

    /// How long after its condition became true `entry` happened.
    pub fn until(&self, entry: &TimelineEntry) -> Duration {
        let into = entry.at.since(self.since).saturating_add(self.carried);
        into.saturating_sub(entry.carried)
    }
}

/// The wall clock `carried` before `in_this_run`. One that was never set may stand before 1970, for which calendars here
/// have no date.
pub fn before_this_run(in_this_run: SystemTime, carried: Duration) -> SystemTime {
    let earlier = in_this_run.checked_sub(carried);
    earlier.map_or(SystemTime::UNIX_EPOCH, |at| at.max(SystemTime::UNIX_EPOCH))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AlertState {
    Pending,
    Firing,
    Resolved,
}

impl AlertState {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Firing => "firing",
            Self::Resolved => "resolved",
        }
    }
}

/// Whether an alert goes on and off so often that its turns are no news any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stability {
    #[default]
    Steady,
    /// It fired this often within the rule's span; it stays firing until it has been calm for as long.
    Flapping { turns: u32 },
}

/// Why nobody is told of an alert that fires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Suppression {
    /// What the target stands behind is down itself.
    Behind {
        parent: Text,
    },
    /// Somebody asked for quiet.
    Silenced {
        until: Timestamp,
    },
    Maintenance {
        name: Text,
        until: Timestamp,
    },
}

/// One thing that happened to an alert, in this run or the one before.
#[derive(Clone, Debug, PartialEq)]
pub struct TimelineEntry {
    pub at: Timestamp,
    /// It happened so long before this run took the alert over at `at`; zero for what happened in this run.
    pub carried: Duration,
    pub turn: Turn,
    /// Figures, a note, a channel: what is worth a word.
    pub text: Text,
}

/// What can happen to an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Turn {
    /// The condition became true.
    Pending,
    Fired,
    /// It got worse or milder, without going.
    Severity,
    FlappingBegan,
    FlappingEnded,
    /// From here on nobody is told, and why.
    Hushed,
    /// They are told again.
    Heard,
    Announced,
    Reminded,
    Escalated,
    Acknowledged,
    Noted,
    /// A mark was set on the time axis while it was on.
    Marked,
    /// Taken over from the run before.
    Restored,
    Resolved,
}

impl Turn {
    pub const ALL: [Self; 15] = [
        Self::Pending,
        Self::Fired,
        Self::Severity,
        Self::FlappingBegan,
        Self::FlappingEnded,
        Self::Hushed,
        Self::Heard,
        Self::Announced,
        Self::Reminded,
        Self::Escalated,
        Self::Acknowledged,
        Self::Noted,
        Self::Marked,
        Self::Restored,
        Self::Resolved,
    ];

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|turn| turn.name() == name)
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Fired => "fired",
            Self::Severity => "severity",
            Self::FlappingBegan => "flapping",
            Self::FlappingEnded => "steady",
            Self::Hushed => "hushed",
            Self::Heard => "heard",
            Self::Announced => "announced",
            Self::Reminded => "reminded",
            Self::Escalated => "escalated",
            Self::Acknowledged => "acknowledged",
            Self::Noted => "noted",
            Self::Marked => "marked",
            Self::Restored => "restored",
            Self::Resolved => "resolved",
        }
    }
}

/// Alerts that fire for the same reason: one banner for many victims.
#[derive(Clone, Debug, PartialEq)]
pub struct Cause {
    pub severity: Severity,
    /// When the first of them began, and how long that had gone on already when this run took it over.
    pub since: Timestamp,
    pub carried: Duration,
    /// What is wrong, in a line: `gateway: errors 100% (refused) > 5%`.
    pub headline: Text,
    /// Whom it hits, worst first; a single one is named in the headline already.
    pub victims: Vec<Text>,
    /// The alerts it is made of, the one the headline is of first.
    pub alerts: Vec<AlertId>,
    /// Whether all of them are looked after, or hushed.
    pub quiet: bool,
    /// Whether somebody looks after all of them, or asked for quiet.
    pub set_aside: bool,
    /// When the last of them is over, if all conditions stay false until then; `None`: one holds now.
    pub clears: Option<Timestamp>,
}

impl Cause {
    /// How long the first of its alerts has been true.
    pub fn lasted(&self, now: Timestamp) -> Duration {
        now.since(self.since).saturating_add(self.carried)
    }
}

/// Quiet that was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct SilenceSnapshot {
    /// The alert's name and subject.
    pub name: Text,
    pub subject: Text,
    pub until: Timestamp,
}
