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
//! ```

use probetop_core::snapshot::Snapshot;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{load, marks, spans};
use crate::ui::theme::Theme;
use crate::ui::view::View;
use crate::ui::widget::plot::Plot;
use crate::ui::widget::text;
use crate::ui::widget::timeline::Timeline;

/// Columns for the labels of the vertical axis.
pub const LABELS: usize = 6;

/// Where the plot begins: behind the labels, a blank and a line.
const PLOT_FROM: usize = LABELS + 2;

/// Rows from which on one is given to the load, and one to the marks.
const LOAD_FROM: usize = 7;
const MARKS_FROM: usize = 7;

/// Smaller than this there is no room for a chart.
const LEAST: (u16, u16) = (20, 4);

pub struct Frame {
    pub heading: Rect,
    pub labels: Rect,
    pub plot: Rect,
    pub gutter: Rect,
    /// With its label, as the rows below it.
    pub failures: Rect,
    spans: Option<Rect>,
    marks: Option<Rect>,
    load: Option<Rect>,
}

impl Frame {
    /// With so many columns right of the plot; `None` where there is no room for a chart.
    pub fn new(area: Rect, gutter: usize, snapshot: &Snapshot, view: &View) -> Option<Self> {
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
        let load = take(usize::from(area.height) >= LOAD_FROM && load::has_course(snapshot));
        let left = usize::from(area.height) - usize::from(load.is_some());
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
        })
    }

    /// The row of failures below the plot, without its label.
    pub fn failures_plot(&self) -> Rect {
        text::columns(self.failures, PLOT_FROM, usize::from(self.plot.width))
    }

    /// The time axis over the plot and the row of failures, so many columns of it in each cell.
    pub fn axis(&self, columns_per_cell: usize, snapshot: &Snapshot, view: &View) -> Plot {
        let columns = usize::from(self.plot.width) * columns_per_cell;
        let timeline = Timeline::new(columns, snapshot.axis.points(), snapshot.axis_end, view.charts.motion);
        Plot::over(self.plot.union(self.failures_plot()), timeline)
    }

    /// Draws spans, marks and load.
    pub fn below(&self, buf: &mut Buffer, plot: Plot, snapshot: &Snapshot, view: &View, theme: &Theme) {
        if let Some(row) = self.spans {
            spans::render(row, buf, PLOT_FROM, plot, snapshot, view, theme);
        }
        if let Some(row) = self.marks {
            marks::render(row, buf, PLOT_FROM, plot, snapshot, theme);
        }
        if let Some(row) = self.load {
            load::render(row, buf, PLOT_FROM, snapshot, view, theme);
        }
    }
}
