//! A time axis over the cells of a chart: which steps stand in which cell, whatever is drawn there.
//!
//! A cell holds one column of the axis or, where there are braille dots, two. Lanes that stand one below the other share
//! one plot, so that they and the mouse agree about where a second is.

use std::ops::Range;

use ratatui::layout::Rect;

use super::timeline::{Motion, Timeline};

/// Columns of braille dots in a cell.
pub const DOTS: usize = 2;

/// Some cells, over each of which some steps of the axis lie.
#[derive(Clone, Copy, Debug)]
pub struct Plot {
    pub area: Rect,
    pub timeline: Timeline,
}

impl Plot {
    /// An axis of so many points that ends with step number `end`, over the dots of `area`.
    #[cfg(test)]
    fn new(area: Rect, points: usize, end: u64, motion: Motion) -> Self {
        let columns = usize::from(area.width) * DOTS;
        Self::over(area, Timeline::new(columns, points, end, motion).in_cells_of(DOTS))
    }

    /// The axis of a chart over its cells, which have the same number of its columns each.
    pub fn over(area: Rect, timeline: Timeline) -> Self {
        Self { area, timeline }
    }

    /// Columns of the axis in a cell.
    fn columns_per_cell(&self) -> usize {
        (self.timeline.columns() / self.width().max(1)).max(1)
    }

    pub fn width(&self) -> usize {
        usize::from(self.area.width)
    }

    /// The steps in a cell; `None` on the seam, and before the first step.
    pub fn steps(&self, cell: usize) -> Option<Range<u64>> {
        // A cell that the seam begins in belongs to the newest step; then the one after it is empty, however narrow the seam.
        let columns = self.columns_per_cell();
        let first = cell * columns;
        if columns > 1 && cell > 0 && self.timeline.motion() == Motion::Sweep {
            self.timeline.steps(first - 1)?;
        }
        let start = self.timeline.steps(first)?.start;
        let ends = (first..first + columns).filter_map(|column| self.timeline.steps(column));
        Some(start..ends.map(|steps| steps.end).max()?)
    }

    /// The points of `series`, which ends with the axis, that are shown in a cell.
    pub fn points<'a, T>(&self, series: &'a [T], cell: usize) -> &'a [T] {
        let steps = self.steps(cell);
        steps.map_or(&[], |steps| self.timeline.within(series, steps))
    }

    /// The newest step in the cell at a column and row of the screen.
    pub fn step_at(&self, x: u16, y: u16) -> Option<u64> {
        if !self.area.contains((x, y).into()) {
            return None;
        }
        self.steps(usize::from(x - self.area.x))?.end.checked_sub(1)
    }

    /// The step at a column of the screen, or the nearest one from there to the left, else to the right.
    pub fn step_near(&self, x: u16) -> Option<u64> {
        let cell = usize::from(x.saturating_sub(self.area.x)).min(self.width().saturating_sub(1));
        let mut steps = (0..=cell)
            .rev()
            .chain(cell + 1..self.width())
            .filter_map(|cell| self.steps(cell));
        steps.next()?.end.checked_sub(1)
    }

    /// The cells that show any of the steps, as stretches from left to right.
    pub fn cells(&self, steps: Range<u64>) -> Vec<Range<usize>> {
        let is_in = |cell: &usize| {
            let shown = self.steps(*cell);
            shown.is_some_and(|shown| shown.start < steps.end && steps.start < shown.end)
        };
        let mut stretches: Vec<Range<usize>> = Vec::new();
        for cell in (0..self.width()).filter(is_in) {
            match stretches.last_mut().filter(|last| last.end == cell) {
                Some(last) => last.end = cell + 1,
                None => stretches.push(cell..cell + 1),
            }
        }
        stretches
    }

    /// The cell in the middle of those that show the step.
    pub fn cell_of(&self, step: u64) -> Option<usize> {
        let cells = self.cells(step..step.saturating_add(1)).into_iter().next()?;
        Some(cells.start + (cells.len() - 1) / 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plot(width: u16, end: u64, motion: Motion) -> Plot {
        Plot::new(Rect::new(10, 5, width, 3), 60, end, motion)
    }

    #[test]
    fn a_step_is_found_in_the_cells_that_show_it() {
        let one_column = |plot: Plot, end, motion| Plot::over(plot.area, Timeline::new(plot.width(), 60, end, motion));
        for (width, end) in [(20, 77), (31, 59), (61, 3), (100, 130), (200, 1000)] {
            for motion in [Motion::Sweep, Motion::Scroll] {
                for plot in [
                    plot(width, end, motion),
                    one_column(plot(width, end, motion), end, motion),
                ] {
                    for step in end.saturating_sub(50)..=end {
                        let cell = plot.cell_of(step).expect("it is on the axis");
                        assert!(plot.steps(cell).unwrap().contains(&step), "{width} {end} {step}");
                    }
                    assert_eq!(plot.cell_of(end + 1), None);
                }
            }
        }
    }

    #[test]
    fn the_seam_leaves_a_cell_empty() {
        for (width, end) in (20..200).flat_map(|width| (100..165).map(move |end| (width, end))) {
            let plot = plot(width, end, Motion::Sweep);
            let empty = (0..plot.width()).filter(|cell| plot.steps(*cell).is_none()).count();
            // At the right edge that is the edge itself.
            let is_at_the_edge = plot.cells(end..end + 1).iter().any(|cells| cells.end == plot.width());
            let least = usize::from(!is_at_the_edge);
            assert!((least..=5).contains(&empty), "{width} {end}: {empty}");
        }
    }

    #[test]
    fn the_mouse_finds_steps_inside_the_area_only() {
        let plot = plot(61, 77, Motion::Scroll);
        assert_eq!(plot.step_at(10, 5), Some(19));
        assert_eq!(plot.step_at(69, 7), Some(77));
        assert_eq!(plot.step_at(70, 7), Some(77));
        assert_eq!(plot.step_at(71, 7), None);
        assert_eq!(plot.step_at(9, 5), None);
        assert_eq!(plot.step_at(10, 8), None);
        assert_eq!(plot.step_near(0), Some(19));
        assert_eq!(plot.step_near(69), Some(77));
        assert_eq!(plot.step_near(300), Some(77));
    }

    #[test]
    fn a_span_over_the_seam_falls_apart() {
        let plot = plot(61, 77, Motion::Sweep);
        let parts = plot.cells(20..78);
        assert_eq!(parts.len(), 2, "{parts:?}");
        assert_eq!(parts.iter().map(Range::len).sum::<usize>(), 58);
    }
}
