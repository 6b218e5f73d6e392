//! Time in which nobody watched: the process was stopped, or the machine slept.
//!
//! Ticks come every second. Where two are further apart than [`LATE_TICK`], what lies between them was not watched: no
//! window and no objective claims it, what was under way across it says nothing, and nothing holds or clears across it.

use super::Monitor;
use crate::alert::book::LATE_TICK;
use crate::clock::Timestamp;
use crate::sample::Sample;

/// The newest stretch in which nobody watched. A probe takes two minutes at most, so that older ones matter no more.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gap {
    from: Timestamp,
    to: Timestamp,
}

impl Gap {
    /// Between two ticks.
    pub(super) fn between(from: Timestamp, to: Timestamp) -> Option<Self> {
        (to.since(from) > LATE_TICK).then_some(Self { from, to })
    }

    /// Whether a probe was under way. Its times are those of a process that did not run for most of the gap: what ended in
    /// the moment before, or began in the one after, lies in the gap with less than half of it.
    fn holds_up(self, sample: &Sample) -> bool {
        let started = sample.intended + sample.lag.as_duration();
        let inside = sample.ended().min(self.to).since(started.max(self.from));
        inside > self.to.since(self.from) / 2
    }
}

impl Monitor {
    /// Nobody watched since the tick before.
    pub(super) fn pause(&mut self, gap: Gap) {
        let Gap { from, to } = gap;
        self.totals.starts.pause(from, to);
        self.totals.services.pause(from, to);
        for watched in &mut self.targets {
            watched.series.pause(from, to);
        }
        self.objectives.pause(to.since(from));
        self.gap = Some(gap);
    }

    /// Whether a probe was under way while nobody watched.
    pub(super) fn was_cut_off(&self, sample: &Sample) -> bool {
        self.gap.is_some_and(|gap| gap.holds_up(sample))
    }

    /// Whether a probe that was due at this time could not be made because nobody watched.
    pub(super) fn slept_at(&self, due: Timestamp) -> bool {
        self.gap.is_some_and(|gap| gap.from <= due && due <= gap.to)
    }
}
