//! Where the steps of a time axis lie in a row of columns.
//!
//! Scrolling: the newest is always at the right, and a tick moves every cell by the same number of columns, so that a terminal
//! can be told to move them instead of being sent them again. Swept in place: a step keeps its column, the newest overwrites
//! the oldest and an empty column after it marks the seam, as on an oscilloscope. A tick then changes two columns, whatever
//! the terminal can do.

use std::ops::Range;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a chart goes on as time passes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Motion {
    Sweep,
    #[default]
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
    /// Slots that show something; swept, one more is the seam.
    slots: usize,
    /// Columns that are drawn in one cell: what scrolls moves by whole cells.
    per_cell: u64,
}

/// Of an axis of so many steps those that are drawn while no more than `newest` and those before it have been: a young run
/// has a short axis that doubles as it fills, from `least` steps on.
pub fn grown(points: usize, least: usize, newest: u64) -> usize {
    let there = usize::try_from(newest.saturating_add(1)).unwrap_or(usize::MAX);
    let mut steps = least.max(1);
    while steps < there && steps < points {
        steps = steps.saturating_mul(2);
    }
    steps.min(points)
}

impl Timeline {
    /// `points` steps that end with step number `newest`, over `columns`.
    pub fn new(columns: usize, points: usize, newest: u64, motion: Motion) -> Self {
        let seam = usize::from(motion == Motion::Sweep);
        let room = columns.saturating_sub(seam).max(1);
        let steps_per_slot = points.div_ceil(room).max(1);
        let slots = points.div_ceil(steps_per_slot).max(1);
        Self {
            motion,
            columns,
            newest,
            steps_per_slot: steps_per_slot as u64,
            slots,
            per_cell: 1,
        }
    }

    /// With so many of its columns in each cell.
    pub fn in_cells_of(self, columns: usize) -> Self {
        Self {
            per_cell: columns.max(1) as u64,
            ..self
        }
    }

    /// How many steps lie on the axis.
    pub fn span(&self) -> u64 {
        (self.slots as u64).saturating_mul(self.steps_per_slot)
    }

    /// Whether some steps share a column.
    pub fn is_coarse(&self) -> bool {
        self.steps_per_slot > 1
    }

    /// Whether a column is of the lap before the one that is being swept: older than everything at its left.
    pub fn is_of_last_lap(&self, column: usize) -> bool {
        let newest_slot = self.newest / self.steps_per_slot;
        let period = self.slots as u64 + 1;
        self.motion == Motion::Sweep && self.position(column, period) > newest_slot % period
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
        let age = match self.motion {
            Motion::Sweep => {
                let period = self.slots as u64 + 1;
                (newest_slot % period + period - self.position(column, period)) % period
            }
            Motion::Scroll => newest_slot.checked_sub(self.scrolled(column, newest_slot)?)?,
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

    /// Slots share the columns evenly: some are a column wider than others, and stay so.
    fn position(&self, column: usize, slots: u64) -> u64 {
        column as u64 * slots / self.columns as u64
    }

    /// The slot in a column of what scrolls: a slot is as wide as it is wherever it stands, since it is placed on a tape that
    /// begins with the clock, and the tape is moved by whole cells.
    fn scrolled(&self, column: usize, newest_slot: u64) -> Option<u64> {
        let (columns, slots) = (self.columns as u64, self.slots as u64);
        let end = newest_slot.checked_add(1)?.checked_mul(columns)?.div_ceil(slots);
        let end = end.checked_next_multiple_of(self.per_cell)?;
        let on_tape = end.checked_add(column as u64)?.checked_sub(columns)?;
        Some(on_tape.checked_mul(slots)? / columns)
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
        let at = |newest| starts(Timeline::new(4, 4, newest, Motion::Scroll));
        assert_eq!(at(13), [Some(10), Some(11), Some(12), Some(13)]);
        assert_eq!(at(14), [Some(11), Some(12), Some(13), Some(14)]);
    }

    /// However steps are stretched or put together: else the terminal could not be told to move a row.
    #[test]
    fn a_scrolled_tick_moves_every_column_by_the_same_number_of_cells() {
        for (columns, points, per_cell) in [(37, 30, 1), (150, 120, 1), (300, 120, 2), (61, 120, 1), (94, 60, 2)] {
            let at = |newest| starts(Timeline::new(columns, points, newest, Motion::Scroll).in_cells_of(per_cell));
            for newest in 1000..1300 {
                let (before, after) = (at(newest), at(newest + 1));
                let first = after.iter().flatten().next();
                let by = before.iter().position(|start| start.as_ref() == first).unwrap_or(0);
                let by = by.next_multiple_of(per_cell);
                let moves = |by: usize| {
                    let pairs = before[by..].iter().zip(&after);
                    pairs.filter(|(was, _)| was.is_some()).all(|(was, is)| was == is)
                };
                assert!(
                    (0..=by.max(4 * per_cell)).step_by(per_cell).any(moves),
                    "{columns} {points} {newest}"
                );
            }
        }
    }

    #[test]
    fn an_axis_grows_until_it_is_as_long_as_it_was_asked_for() {
        let check = |newest, expected| assert_eq!(grown(120, 30, newest), expected, "{newest}");
        check(0, 30);
        check(29, 30);
        check(30, 60);
        check(60, 120);
        check(u64::MAX, 120);
        assert_eq!(grown(90, 3, 30), 48);
        assert_eq!(grown(90, 3, 60), 90);
        assert_eq!(grown(0, 0, 60), 0);
    }

    #[test]
    fn what_is_right_of_the_seam_is_of_the_last_lap() {
        let older = |motion| {
            let timeline = Timeline::new(5, 4, 13, motion);
            let at = Timeline::new(5, 4, 16, motion);
            let laps = |timeline: Timeline| (0..5).map(|column| timeline.is_of_last_lap(column)).collect::<Vec<_>>();
            (laps(timeline), laps(at))
        };
        let all_new = vec![false; 5];
        assert_eq!(older(Motion::Sweep).0, [false, false, false, false, true]);
        assert_eq!(older(Motion::Sweep).1, [false, false, true, true, true]);
        assert_eq!(older(Motion::Scroll), (all_new.clone(), all_new));
    }

    #[test]
    fn too_many_steps_share_a_column_and_too_few_are_stretched() {
        let shared = Timeline::new(4, 8, 15, Motion::Scroll);
        assert_eq!(shared.steps(3), Some(14..16));
        assert_eq!(Timeline::new(4, 8, 14, Motion::Scroll).steps(3), Some(14..15));
        let stretched = Timeline::new(8, 4, 3, Motion::Scroll);
        assert_eq!(stretched.steps(0), stretched.steps(1));
        assert_eq!(stretched.steps(7), Some(3..4));
        assert_eq!(stretched.steps(8), None);
    }

    #[test]
    fn a_young_axis_has_nothing_before_its_first_step() {
        assert_eq!(
            starts(Timeline::new(4, 4, 1, Motion::Scroll)),
            [None, None, Some(0), Some(1)]
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
