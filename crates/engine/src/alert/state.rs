//! The states of one alert: a pure machine on the clock it is given.
//!
//! ```text
//!              true            true for `hold`            false for `clear`
//!   inactive ───────▶ pending ───────────────▶ firing ─────────────────────▶ resolved = inactive
//!      ▲                 │ false                  │ ▲ true: the clearing starts over
//!      └─────────────────┘                        └─┘
//! ```
//!
//! Not enough data is neither true nor false: it changes no state, and what has been held or cleared so far does not
//! count on across it, because nobody knows what was true meanwhile. The same goes for time in which nothing was
//! evaluated, and for a figure between the limits of a hysteresis.

use std::time::Duration;

use probetop_core::clock::Timestamp;

/// What an evaluation found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    True,
    False,
    /// Not enough data, or neither bad enough to fire nor good enough to clear.
    Unknown,
}

/// How long a condition must be true before the alert fires, and false before it is resolved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Patience {
    pub hold: Duration,
    pub clear: Duration,
}

/// Where an alert stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    #[default]
    Inactive,
    Pending {
        since: Timestamp,
        /// From when on the condition is known to have been true without a break.
        held: Option<Timestamp>,
    },
    Firing {
        since: Timestamp,
        fired: Timestamp,
        /// From when on the condition is known to have been false without a break.
        cleared: Option<Timestamp>,
    },
}

/// What a step changed that others should hear of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Fired,
    Resolved,
}

impl State {
    /// Takes the next evaluation, made at `now`.
    pub fn step(&mut self, condition: Condition, patience: Patience, now: Timestamp) -> Option<Change> {
        match *self {
            Self::Inactive => match condition {
                Condition::True => self.hold(now, now, patience, now),
                Condition::False | Condition::Unknown => None,
            },
            Self::Pending { since, held } => match condition {
                Condition::True => self.hold(since, held.unwrap_or(now), patience, now),
                Condition::False => {
                    *self = Self::Inactive;
                    None
                }
                Condition::Unknown => {
                    self.interrupt();
                    None
                }
            },
            Self::Firing { since, fired, cleared } => match condition {
                Condition::False => self.clear(since, fired, cleared.unwrap_or(now), patience, now),
                Condition::True | Condition::Unknown => {
                    self.interrupt();
                    None
                }
            },
        }
    }

    /// Nothing that was held or cleared counts on from here.
    pub fn interrupt(&mut self) {
        match self {
            Self::Inactive => {}
            Self::Pending { held, .. } => *held = None,
            Self::Firing { cleared, .. } => *cleared = None,
        }
    }

    fn hold(&mut self, since: Timestamp, held: Timestamp, patience: Patience, now: Timestamp) -> Option<Change> {
        if now.since(held) < patience.hold {
            *self = Self::Pending {
                since,
                held: Some(held),
            };
            return None;
        }
        *self = Self::Firing {
            since,
            fired: now,
            cleared: None,
        };
        Some(Change::Fired)
    }

    fn clear(
        &mut self,
        since: Timestamp,
        fired: Timestamp,
        cleared: Timestamp,
        patience: Patience,
        now: Timestamp,
    ) -> Option<Change> {
        if now.since(cleared) < patience.clear {
            *self = Self::Firing {
                since,
                fired,
                cleared: Some(cleared),
            };
            return None;
        }
        *self = Self::Inactive;
        Some(Change::Resolved)
    }
}
