//! The one cursor of the panes that have time as their axis: the second looked at moves within an axis that stays.
//!
//! Every other pane shows the second itself, as of then. Timeline and heat map show what was around it: their axis ends at
//! `until` or goes on with the time, and moves only when the second would leave it.

use std::ops::Range;

use super::View;
use crate::clock::Timestamp;
use crate::snapshot::{Axis, Feed, Snapshot};

impl View {
    /// What the pane that is shown asks for: the second looked at, or the axis around it.
    pub(super) fn feed_of_pane(&self) -> Feed {
        match (self.feed, self.until) {
            (Feed::At(_), Some(until)) if self.pane.has_cursor() => Feed::At(until),
            (Feed::At(_), None) if self.pane.has_cursor() => Feed::Live,
            (feed, _) => feed,
        }
    }

    /// The second looked at, wherever the axis of the snapshot ends; `None` while that is the newest.
    pub fn looked_at(&self, snapshot: &Snapshot) -> Option<u64> {
        let feed = if self.pane.has_cursor() {
            self.feed
        } else {
            snapshot.feed
        };
        match feed {
            Feed::Live => None,
            Feed::At(at) if self.pane.has_cursor() => Some(at.second()),
            Feed::At(_) => Some(snapshot.taken.second()),
        }
    }

    /// Number of the step looked at, where that is not the end of the axis but somewhere within.
    pub fn cursor_step(&self, snapshot: &Snapshot) -> Option<u64> {
        let second = self.looked_at(snapshot)?;
        if second >= snapshot.taken.second() {
            return None;
        }
        step_at(second, snapshot.axis).filter(|step| steps_shown(snapshot).contains(step))
    }

    /// Moves the axis, if it must, so that the second looked at is on it. What comes into sight stands a quarter from the
    /// edge that it came over.
    pub(super) fn keep_in_sight(&mut self, now: Timestamp) {
        let Feed::At(at) = self.feed else {
            self.until = None;
            return;
        };
        let length = self.axis.length();
        let end = self.until.unwrap_or(now);
        let until = if at.second() > end.second() {
            at + length / 4
        } else if self.is_over_the_edge(at, end) {
            at + length * 3 / 4
        } else {
            return;
        };
        self.until = (until < now).then_some(until);
    }

    /// Whether an axis with this end has left that second behind.
    fn is_over_the_edge(&self, at: Timestamp, end: Timestamp) -> bool {
        let step = |at: Timestamp| step_at(at.second(), self.axis).unwrap_or_default();
        step(end).saturating_sub(step(at)) >= self.axis.points() as u64
    }
}

/// The steps on the axis.
pub fn steps_shown(snapshot: &Snapshot) -> Range<u64> {
    let end = snapshot.axis_end.saturating_add(1);
    end.saturating_sub(snapshot.axis.points() as u64)..end
}

/// The newest step there was at the tick of that second; `None` within the very first: no step was over.
pub fn step_at(second: u64, axis: Axis) -> Option<u64> {
    Some(second.checked_sub(1)? / axis.step().as_secs())
}

/// The second at whose tick the whole of a step is there.
pub fn second_of(step: u64, axis: Axis) -> u64 {
    step.saturating_add(1).saturating_mul(axis.step().as_secs())
}
