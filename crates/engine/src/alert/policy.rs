//! How an alert behaves once its condition is judged: how long it waits, whom it tells, and how often.

use std::time::Duration;

use probetop_core::sample::{Severity, Text};
use probetop_core::snapshot::Route;

use super::state::Patience;
use super::trigger::Trigger;

/// What a rule, or the defaults of all thresholds, ask for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Policy {
    pub patience: Patience,
    /// `None`: each evaluation counts by itself.
    pub trigger: Option<Trigger>,
    pub telling: NotifyPolicy,
}

/// Whom an alert tells, and how often. `None`: as `[alerts]` says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NotifyPolicy {
    pub route: Option<Route>,
    pub remind: Option<Remind>,
    /// Steps taken while nobody looks after the alert, soonest first.
    pub escalation: Option<Vec<Escalation>>,
    /// What to do about it, in a few words.
    pub action: Option<Text>,
}

impl NotifyPolicy {
    /// The channels that are told that it fires.
    pub fn route(&self, defaults: &Self) -> Route {
        self.route
            .as_ref()
            .or(defaults.route.as_ref())
            .cloned()
            .unwrap_or_default()
    }

    pub fn remind(&self, defaults: &Self) -> Remind {
        self.remind.or(defaults.remind).unwrap_or_default()
    }

    pub fn escalation<'a>(&'a self, defaults: &'a Self) -> &'a [Escalation] {
        self.escalation
            .as_ref()
            .or(defaults.escalation.as_ref())
            .map_or(&[], Vec::as_slice)
    }
}

/// Whether there are channels that are told in the usual way: that do not say they want to be named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Usual {
    #[default]
    Channels,
    Nobody,
}

/// Whether an alert that goes on is told again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Remind {
    #[default]
    Never,
    /// Ever more rarely.
    Every(Reminders),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reminders {
    /// Until the first; each wait is twice the one before.
    pub first: Duration,
    /// No wait is longer.
    pub longest: Duration,
}

impl Reminders {
    /// How long to wait after `given` reminders.
    pub fn wait(self, given: u32) -> Duration {
        let doubled = 2_u32.checked_pow(given).and_then(|times| self.first.checked_mul(times));
        doubled.map_or(self.longest, |wait| wait.min(self.longest))
    }
}

/// A step louder.
#[derive(Clone, Debug, PartialEq)]
pub struct Escalation {
    /// Since the alert was told, or somebody stopped looking after it.
    pub after: Duration,
    /// `None`: as it is.
    pub severity: Option<Severity>,
    pub route: Route,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wait_for_a_reminder_is_twice_the_one_before_up_to_the_longest() {
        let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
        let reminders = Reminders {
            first: minutes(10),
            longest: minutes(60),
        };
        let waits = [0, 1, 2, 3, 4, 31, 32, u32::MAX].map(|given| reminders.wait(given).as_secs() / 60);
        assert_eq!(waits, [10, 20, 40, 60, 60, 60, 60, 60]);
    }
}
