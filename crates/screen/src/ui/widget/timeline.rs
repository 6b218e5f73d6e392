//! Where the steps of a time axis lie in a row of columns.
//!
//! Swept in place (the default): a step keeps its column, the newest overwrites the oldest and an empty column after it
//! marks the seam, as on an oscilloscope. A tick then changes two columns instead of all of them, a twelfth of the bytes over
//! SSH. Scrolling: the newest is always at the right.

use std::ops::Range;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a chart goes on as time passes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Motion {
    #[default]
    Sweep,
    Scroll,
}

impl Motion {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sweep => "sweep",
            Self::Scroll => "scroll",
        }
    }
}

/// A time axis laid out over some columns. More steps than columns share one; fewer are stretched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeline {
    motion: Motion,
    columns: usize,
    /// Number of the newest step.
    newest: u64,
    steps_per_slot: u64,
    /// Slots that show something; one more is the seam.
    slots: usize,
}

impl Timeline {
    /// `points` steps that end with step number `newest`, over `columns`.
    pub fn new(columns: usize, points: usize, newest: u64, motion: Motion) -> Self {
        let room = columns.saturating_sub(1).max(1);
        let steps_per_slot = points.div_ceil(room).max(1);
        let slots = points.div_ceil(steps_per_slot).max(1);
        Self {
            motion,
            columns,
            newest,
            steps_per_slot: steps_per_slot as u64,
            slots,
        }
    }

    pub fn motion(&self) -> Motion {
        self.motion
    }

    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The steps shown in a column; `None` on the seam and before the first step.
    pub fn steps(&self, column: usize) -> Option<Range<u64>> {
        if column >= self.columns {
            return None;
        }
        let newest_slot = self.newest / self.steps_per_slot;
        let period = self.slots as u64 + 1;
        // Slots share the columns evenly: some are a column wider than others, and stay so.
        let position = column as u64 * period / self.columns as u64;
        let age = match self.motion {
            Motion::Sweep => (newest_slot % period + period - position) % period,
            Motion::Scroll => (self.slots as u64).checked_sub(position + 1)?,
        };
        if age >= self.slots as u64 {
            return None;
        }
        let first = newest_slot.checked_sub(age)? * self.steps_per_slot;
        Some(
            first
                ..first
                    .saturating_add(self.steps_per_slot)
                    .min(self.newest.saturating_add(1)),
        )
    }

    /// The points of `series`, which ends with the newest step, that belong to `steps`.
    pub fn within<'a, T>(&self, series: &'a [T], steps: Range<u64>) -> &'a [T] {
        let end = self.newest.saturating_add(1);
        let back = |step: u64| usize::try_from(end.saturating_sub(step)).unwrap_or(usize::MAX);
        let from = series.len().saturating_sub(back(steps.start));
        let to = series.len().saturating_sub(back(steps.end));
        series.get(from..to).unwrap_or_default()
    }

    /// Those of them that are shown in a column.
    pub fn points<'a, T>(&self, series: &'a [T], column: usize) -> &'a [T] {
        let steps = self.steps(column);
        steps.map_or(&[], |steps| self.within(series, steps))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn starts(timeline: Timeline) -> Vec<Option<u64>> {
        (0..timeline.columns())
            .map(|column| timeline.steps(column).map(|steps| steps.start))
            .collect()
    }

    #[test]
    fn a_swept_tick_moves_only_the_seam() {
        let at = |newest| starts(Timeline::new(5, 4, newest, Motion::Sweep));
        assert_eq!(at(13), [Some(10), Some(11), Some(12), Some(13), None]);
        assert_eq!(at(14), [None, Some(11), Some(12), Some(13), Some(14)]);
        assert_eq!(at(15), [Some(15), None, Some(12), Some(13), Some(14)]);
    }

    #[test]
    fn scrolling_keeps_the_newest_at_the_right() {
        let at = |newest| starts(Timeline::new(5, 4, newest, Motion::Scroll));
        assert_eq!(at(13), [Some(10), Some(11), Some(12), Some(13), None]);
        assert_eq!(at(14), [Some(11), Some(12), Some(13), Some(14), None]);
    }

    #[test]
    fn too_many_steps_share_a_column_and_too_few_are_stretched() {
        let shared = Timeline::new(5, 8, 15, Motion::Scroll);
        assert_eq!(shared.steps(3), Some(14..16));
        assert_eq!(Timeline::new(5, 8, 14, Motion::Scroll).steps(3), Some(14..15));
        let stretched = Timeline::new(10, 4, 3, Motion::Scroll);
        assert_eq!(stretched.steps(0), stretched.steps(1));
        assert_eq!(stretched.steps(7), Some(3..4));
        assert_eq!(stretched.steps(9), None);
    }

    #[test]
    fn a_young_axis_has_nothing_before_its_first_step() {
        assert_eq!(
            starts(Timeline::new(5, 4, 1, Motion::Scroll)),
            [None, None, Some(0), Some(1), None]
        );
        assert_eq!(
            starts(Timeline::new(5, 4, 1, Motion::Sweep)),
            [Some(0), Some(1), None, None, None]
        );
    }

    #[test]
    fn a_series_is_read_from_its_newest_end() {
        let at = |newest| Timeline::new(5, 4, newest, Motion::Sweep);
        let series = [10, 11, 12, 13];
        assert_eq!(at(13).within(&series, 12..14), [12, 13]);
        assert_eq!(at(13).within(&series, 8..11), [10]);
        assert_eq!(at(13).within(&series, 0..5), [0; 0]);
        assert_eq!(at(13).within(&[] as &[u8], 12..14), [0; 0]);
        assert_eq!(at(u64::MAX).within(&series, u64::MAX..u64::MAX), [0; 0]);
    }
}
