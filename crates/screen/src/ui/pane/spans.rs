//! The spans on the time axis: a row below a chart that shows where A, B and the one that is being chosen lie.
//!
//! ```text
//! spans      A━━━━━━━━━━━━━━     B━━━━━━━━━━━━━━
//! ```

use std::ops::Range;

use probetop_core::snapshot::{Snapshot, Span};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::ui::theme::{Role, Theme};
use crate::ui::view::{View, steps_shown};
use crate::ui::widget::plot::Plot;
use crate::ui::widget::text;

/// Whether there is a span to be shown on the time axis.
pub(super) fn is_any(snapshot: &Snapshot, view: &View) -> bool {
    let shown = steps_shown(snapshot);
    spans(view).any(|(_, span, _)| {
        let steps = steps(span, snapshot);
        steps.start < shown.end && shown.start < steps.end
    })
}

/// Draws the row, its name in the first columns and the cells of the plot from column `from` on. Where two overlap the later of A, B and the chosen one is seen.
pub(super) fn render(
    row: Rect,
    buf: &mut Buffer,
    from: usize,
    plot: Plot,
    snapshot: &Snapshot,
    view: &View,
    theme: &Theme,
) {
    text::put(buf, row, 0, 0, "spans", theme.style(Role::Dim));
    let axis = text::columns(row, from, plot.width());
    for (name, span, role) in spans(view) {
        // It begins anew where a swept chart goes round its edge.
        for cells in plot.cells(steps(span, snapshot)) {
            text::put(buf, axis, cells.start, 0, name, theme.style(role));
            for cell in cells.skip(1) {
                text::put(buf, axis, cell, 0, theme.glyphs.rule, theme.style(role));
            }
        }
    }
}

/// The spans there are, by letter.
fn spans(view: &View) -> impl Iterator<Item = (&'static str, Span, Role)> {
    let all = [
        ("A", view.spans.baseline, Role::Series1),
        ("B", view.spans.against, Role::Series2),
        ("v", view.spans.chosen, Role::Accent),
    ];
    all.into_iter()
        .filter_map(|(name, span, role)| Some((name, span?, role)))
}

/// The steps that a span reaches into.
fn steps(span: Span, snapshot: &Snapshot) -> Range<u64> {
    let step = snapshot.axis.step().as_secs();
    span.from.second() / step..span.to.second().div_ceil(step)
}
