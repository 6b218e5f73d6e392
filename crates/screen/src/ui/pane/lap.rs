//! Swept in place, what is right of the seam is of the lap before: it is dimmed, so that the eye finds what is new.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::ui::widget::plot::Plot;
use crate::ui::widget::text;
use crate::ui::widget::timeline::Timeline;

/// Dims the columns of these rows that are of the last lap; they are the cells of the plot.
pub(super) fn render(rows: Rect, buf: &mut Buffer, plot: Plot) {
    over(rows, buf, plot.timeline);
}

/// The same where there is no plot, only the axis over the cells.
pub(super) fn over(rows: Rect, buf: &mut Buffer, timeline: Timeline) {
    let width = usize::from(rows.width);
    let per_cell = (timeline.columns() / width.max(1)).max(1);
    let first = (0..width).find(|cell| timeline.is_of_last_lap(cell * per_cell));
    if let Some(first) = first {
        let old = text::columns(rows, first, width);
        buf.set_style(old, Style::new().add_modifier(Modifier::DIM));
    }
}
