//! What the world was told of one alert, and what is due next.

use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{Severity, Text};
use probetop_core::snapshot::Route;

/// An alert that was announced.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// Everybody who was told so far, and is told the end.
    pub route: Route,
    /// What the announcements are gathered by.
    pub group: Text,
    /// The worst that was told.
    pub severity: Severity,
    /// Whether it was told that it flaps.
    pub flapping: bool,
    pub reminders: u32,
    /// When it was told last, reminders counted.
    pub reminded: Moment,
    pub escalations: u32,
    /// Since when nobody looks after it: escalation counts from here.
    pub unattended: Moment,
    /// What an escalation raised it to.
    pub raised: Option<Severity>,
}

impl Told {
    /// Waiting starts over: for a while nobody was to be told.
    pub fn start_over(&mut self, now: Timestamp) {
        self.reminded = Moment::at(now);
        self.unattended = Moment::at(now);
    }
}

/// A moment that may lie before the run, where no timestamp reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    at: Timestamp,
    before: Duration,
}

impl Moment {
    pub const fn at(at: Timestamp) -> Self {
        Self {
            at,
            before: Duration::ZERO,
        }
    }

    /// `elapsed` before `now`.
    pub const fn ago(elapsed: Duration, now: Timestamp) -> Self {
        Self {
            at: now,
            before: elapsed,
        }
    }

    pub fn elapsed(self, now: Timestamp) -> Duration {
        now.since(self.at).saturating_add(self.before)
    }
}
