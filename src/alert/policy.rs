//! How an alert behaves once its condition is judged: how long it waits, whom it tells, and how often.

use std::time::Duration;

use super::state::Patience;
use super::trigger::Trigger;
use crate::sample::{Severity, Text};
use crate::snapshot::Route;

/// What a rule, or the defaults of all thresholds, ask for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Policy {
    pub patience: Patience,
    /// `None`: each evaluation counts by itself.
    pub trigger: Option<Trigger>,
    pub telling: Telling,
}

/// Whom an alert tells, and how often.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Telling {
    pub route: Route,
    /// `None`: an alert is told once.
    pub remind: Option<Reminders>,
    /// Steps taken while nobody looks after the alert, soonest first.
    pub escalation: Vec<Escalation>,
    /// What to do about it, in a few words.
    pub action: Option<Text>,
}

/// An alert that goes on is told again, ever more rarely.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reminders {
    /// Until the first; each wait is twice the one before.
    pub first: Duration,
    /// No wait is longer.
    pub longest: Duration,
}

/// A step louder.
#[derive(Clone, Debug, PartialEq)]
pub struct Escalation {
    /// Since the alert was told.
    pub after: Duration,
    /// `None`: as it is.
    pub severity: Option<Severity>,
    pub route: Route,
}
