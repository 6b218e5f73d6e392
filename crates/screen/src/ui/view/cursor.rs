//! The one cursor of the panes that have time as their axis: the second looked at moves within an axis that stays.
//!
//! Every other pane shows the second itself, as of then. Timeline and heat map show what was around it: their axis is held
//! where it ends or goes on with the time, and moves only when the second would leave it.

use std::ops::Range;

use probetop_core::snapshot::{Axis, Feed, Snapshot};

use super::View;

impl View {
    /// The second looked at, wherever the axis of the snapshot ends; `None` while that is the newest.
    pub fn looked_at(&self, snapshot: &Snapshot) -> Option<u64> {
        let has_cursor = self.pages.shown.has_cursor();
        match if has_cursor { self.travel.feed } else { snapshot.feed } {
            Feed::Live => None,
            Feed::At(at) if has_cursor => Some(at.second()),
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
