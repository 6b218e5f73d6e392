//! What the header tells of the line: its cost on request, what the budget has done, and that it stood still.

use std::time::Duration;

use probetop_core::snapshot::Shown;

use crate::ui::budget::Saving;
use crate::ui::meter::Reading;

/// Snapshots for which it is told that the line stood still.
const STALL_TICKS: u8 = 30;

#[derive(Clone, Debug, PartialEq)]
pub struct Cost {
    /// Whether the reading was asked for.
    pub shown: Shown,
    pub reading: Reading,
    /// `None`: nothing had to be given up.
    pub saving: Option<Saving>,
    stall: Option<(Duration, u8)>,
}

impl Default for Cost {
    fn default() -> Self {
        Self {
            shown: Shown::No,
            reading: Reading::default(),
            saving: None,
            stall: None,
        }
    }
}

impl Cost {
    /// How long the line stood still, for a while after.
    pub fn stall(&self) -> Option<Duration> {
        self.stall.map(|(length, _)| length)
    }

    /// The line flows again.
    pub fn stood_still(&mut self, length: Duration) {
        self.stall = Some((length, STALL_TICKS));
    }

    pub(super) fn tick(&mut self) {
        self.stall = self
            .stall
            .and_then(|(length, left)| Some((length, left.checked_sub(1)?)));
    }

    pub(super) fn toggle(&mut self) {
        self.shown = match self.shown {
            Shown::Yes => Shown::No,
            Shown::No => Shown::Yes,
        };
    }
}
