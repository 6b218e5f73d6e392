//! What the footer says for a while: a short message, and the first keys at the start of a run.

use probetop_core::clock::Timestamp;
use probetop_core::sample::{Severity, Text};
use probetop_core::snapshot::Notice;

/// A short message in the footer, for some ticks.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    pub severity: Severity,
    pub text: Text,
    ticks_left: u8,
}

/// How many snapshots a message outlives: long enough to read a path.
const MESSAGE_TICKS: u8 = 5;

/// Who has seen the first keys for so long has read them.
const HINT_UNTIL: Timestamp = Timestamp::from_secs(20);

/// The line of first keys in the footer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Hint {
    Shown,
    /// Never again in this run.
    #[default]
    Gone,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Said {
    pub message: Option<Message>,
    /// When the newest notice of the engine was given that somebody has seen.
    noticed: Option<Timestamp>,
    pub(super) hint: Hint,
}

impl Said {
    pub(super) fn tell(&mut self, severity: Severity, text: Text) {
        self.message = Some(Message {
            severity,
            text,
            ticks_left: MESSAGE_TICKS,
        });
    }

    /// A key was pressed: what stood there was read.
    pub(super) fn read(&mut self, notice: Option<&Notice>) {
        self.hint = Hint::Gone;
        self.message = None;
        self.noticed = notice.map(|notice| notice.at);
    }

    /// Whether a notice of the engine was not seen yet.
    pub fn is_new(&self, notice: &Notice) -> bool {
        self.noticed.is_none_or(|seen| notice.at > seen)
    }

    /// Whether the first keys are told.
    pub fn hint(&self) -> Hint {
        self.hint
    }

    /// A second has passed.
    pub(super) fn tick(&mut self) {
        if let Some(message) = &mut self.message {
            message.ticks_left = message.ticks_left.saturating_sub(1);
            if message.ticks_left == 0 {
                self.message = None;
            }
        }
    }

    /// Forgets the hint when it has been there long enough.
    pub(super) fn age_hint(&mut self, now: Timestamp) {
        if now >= HINT_UNTIL {
            self.hint = Hint::Gone;
        }
    }
}
