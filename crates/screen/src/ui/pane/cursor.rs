//! The cursor of the panes that have time as their axis, and the span that the mouse is dragged over.

use std::ops::Range;

use probetop_core::snapshot::Snapshot;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::ui::theme::{Role, Theme};
use crate::ui::view::View;
use crate::ui::widget::plot::Plot;
use crate::ui::widget::text;

/// Marks their columns on all of these rows.
pub(super) fn render(rows: Rect, buf: &mut Buffer, plot: Plot, snapshot: &Snapshot, view: &View, theme: &Theme) {
    let column = |cells: Range<usize>| {
        let x = usize::from(plot.area.x.saturating_sub(rows.x)) + cells.start;
        text::columns(rows, x, cells.len())
    };
    if let Some(drag) = view.drag {
        let (first, last) = drag.ends();
        for cells in plot.cells(first..last.saturating_add(1)) {
            buf.set_style(column(cells), theme.style(Role::Selection));
        }
    }
    if let Some(cell) = view.cursor_step(snapshot).and_then(|step| plot.cell_of(step)) {
        buf.set_style(column(cell..cell + 1), theme.style(Role::Frozen));
    }
}
