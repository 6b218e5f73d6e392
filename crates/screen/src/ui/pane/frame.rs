//! What stands around a chart over time: the heading above, labels at the left, rows of failures, marks and load below.
//!
//! ```text
//!  checkout latency over 2m  p50 p95 p99 ─────────────
//!    1s │                                         │
//!       │ plot                                    │ gutter
//! 100ms │                                         │
//! failed           ××
//! spans    A━━━━━   B━━━━━
//! marks        ▴ stage 2
//! load    ▂▂▂▂▂▂▅▅▅▅▅▅▅▅
//!         │12:03       │12:04   now
//! ```

use probetop_core::snapshot::Snapshot;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{load, marks, spans, times};
use crate::ui::theme::{Role, Theme};
use crate::ui::view::View;
use crate::ui::widget::plot::Plot;
use crate::ui::widget::text;

/// Columns for the labels of the vertical axis.
pub(super) const LABELS: usize = 6;

/// Where the plot begins: behind the labels, a blank and a line.
const PLOT_FROM: usize = LABELS + 2;

/// Columns for the names of lines right of their ends, in charts at least so wide.
const GUTTER: usize = 4;
const GUTTER_FROM: u16 = 60;

/// Rows from which on one is given to the times, one to the load, and one to the marks.
const TIMES_FROM: usize = 6;
const LOAD_FROM: usize = 7;
const MARKS_FROM: usize = 7;

/// Smaller than this there is no room for a chart.
const LEAST: (u16, u16) = (20, 4);

pub(super) struct Frame {
    pub heading: Rect,
    pub labels: Rect,
    pub plot: Rect,
    pub gutter: Rect,
    /// With its label, as the rows below it.
    pub failures: Rect,
    spans: Option<Rect>,
    marks: Option<Rect>,
    load: Option<Rect>,
    times: Option<Rect>,
}

/// Columns right of the plot of a chart.
pub(super) fn gutter(area: Rect) -> usize {
    if area.width < GUTTER_FROM { 0 } else { GUTTER }
}

impl Frame {
    /// With so many columns right of the plot; `None` where there is no room for a chart.
    pub(super) fn new(area: Rect, gutter: usize, snapshot: &Snapshot, view: &View) -> Option<Self> {
        if area.width < LEAST.0 || area.height < LEAST.1 {
            return None;
        }
        let plot_to = usize::from(area.width) - gutter;
        let mut height = usize::from(area.height);
        let mut take = |is_there: bool| {
            is_there.then(|| {
                height -= 1;
                text::columns(text::rows(area, height, 1), 0, plot_to)
            })
        };
        let times = take(usize::from(area.height) >= TIMES_FROM);
        let left = usize::from(area.height) - usize::from(times.is_some());
        let load = take(left >= LOAD_FROM && load::has_course(snapshot));
        let left = left - usize::from(load.is_some());
        let marks = take(left >= MARKS_FROM && marks::is_any(snapshot));
        let left = left - usize::from(marks.is_some());
        let spans = take(left >= MARKS_FROM && spans::is_any(snapshot, view));
        let body = text::rows(area, 1, height - 2);
        Some(Self {
            heading: text::rows(area, 0, 1),
            labels: text::columns(body, 0, PLOT_FROM),
            plot: text::columns(body, PLOT_FROM, plot_to - PLOT_FROM),
            gutter: text::columns(body, plot_to, gutter),
            failures: text::columns(text::rows(area, height - 1, 1), 0, plot_to),
            spans,
            marks,
            load,
            times,
        })
    }

    /// The row of failures below the plot, without its label.
    pub(super) fn failures_plot(&self) -> Rect {
        text::columns(self.failures, PLOT_FROM, usize::from(self.plot.width))
    }

    /// The time axis over the plot and the row of failures, so many columns of it in each cell.
    pub(super) fn axis(&self, columns_per_cell: usize, snapshot: &Snapshot, view: &View) -> Plot {
        let columns = usize::from(self.plot.width) * columns_per_cell;
        let timeline = view.charts.timeline(columns, columns_per_cell, snapshot);
        Plot::over(self.plot.union(self.failures_plot()), timeline)
    }

    /// Names lines beside the rows of their ends, from above; two in one row step aside downwards, as long as there are rows.
    pub(super) fn name_lines<'a>(
        &self,
        buf: &mut Buffer,
        ends: impl Iterator<Item = (&'a str, Role, usize)>,
        theme: &Theme,
    ) {
        let ends: Vec<_> = ends.collect();
        let mut free = 0;
        for (number, (name, role, y)) in ends.iter().enumerate() {
            let last = usize::from(self.gutter.height).saturating_sub(ends.len() - number);
            let y = (*y).min(last).max(free);
            free = y + 1;
            text::put(buf, self.gutter, 1, y, name, theme.style(*role));
        }
    }

    /// Draws spans, marks, load and times.
    pub(super) fn below(&self, buf: &mut Buffer, plot: Plot, snapshot: &Snapshot, view: &View, theme: &Theme) {
        if let Some(row) = self.spans {
            spans::render(row, buf, PLOT_FROM, plot, snapshot, view, theme);
        }
        if let Some(row) = self.marks {
            marks::render(row, buf, PLOT_FROM, plot, snapshot, theme);
        }
        if let Some(row) = self.load {
            load::render(row, buf, PLOT_FROM, snapshot, view, theme);
        }
        if let Some(row) = self.times {
            times::render(row, buf, plot, snapshot, view, theme);
        }
    }
}
