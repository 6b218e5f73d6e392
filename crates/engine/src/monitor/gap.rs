//! Time in which nobody watched: the process was stopped, or the machine slept.
//!
//! Ticks come every second. Where two are further apart than [`LATE_TICK`], or with no probe ended in between further apart
//! than targets at their intervals leave room for, what lies between them was not watched: no window and no objective
//! claims it, what was under way across it says nothing, and nothing holds or clears across it.

use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::sample::Sample;

use super::Monitor;
use crate::alert::table::LATE_TICK;

/// A busy machine makes a tick late by less.
const LEAST: Duration = Duration::from_secs(2);

/// How far apart ticks without a probe between them are when nobody watched, where targets are probed at `intervals`: two
/// probes of some target are missing. Where all are probed rarely a short stop takes nothing away.
pub(super) fn length_least(intervals: impl Iterator<Item = Duration>) -> Duration {
    let shortest = intervals.min();
    shortest.map_or(LATE_TICK, |shortest| (2 * shortest).clamp(LEAST, LATE_TICK))
}

/// The newest stretch in which nobody watched. A probe takes two minutes at most, so that older ones matter no more.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gap {
    from: Timestamp,
    to: Timestamp,
}

impl Gap {
    /// Between two ticks that are further apart than `limit`.
    pub(super) fn between(from: Timestamp, to: Timestamp, limit: Duration) -> Option<Self> {
        (to.since(from) > limit).then_some(Self { from, to })
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
    /// How long probetop does not run before that is a gap, where it ends no probe meanwhile.
    pub const fn gap_least(&self) -> Duration {
        self.gap_least
    }

    /// The gap that ends with a tick at `now`, if there is one.
    pub(super) fn gap_before(&self, now: Timestamp) -> Option<Gap> {
        let limit = if self.is_quiet { self.gap_least } else { LATE_TICK };
        Gap::between(self.now, now, limit)
    }

    /// Nobody watched since the tick before.
    pub(super) fn pause(&mut self, gap: Gap) {
        let Gap { from, to } = gap;
        self.totals.starts.pause(from, to);
        self.totals.services.pause(from, to);
        for watched in &mut self.targets {
            watched.series.pause(from, to);
        }
        self.objectives.pause(to.since(from));
        self.table.break_off();
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
