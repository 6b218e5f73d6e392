//! The spans on the time axis: a row below a chart that shows where A, B and the one that is being chosen lie.
//!
//! ```text
//! spans      A━━━━━━━━━━━━━━     B━━━━━━━━━━━━━━
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::snapshot::{Snapshot, Span};
use crate::ui::theme::{Role, Theme};
use crate::ui::view::View;
use crate::ui::widget::text;
use crate::ui::widget::timeline::Timeline;

/// Whether there is a span to be shown on the time axis.
pub fn is_any(snapshot: &Snapshot, view: &View) -> bool {
    let end = snapshot.axis_end.saturating_add(1);
    let shown = end.saturating_sub(snapshot.axis.points() as u64)..end;
    spans(view).any(|(_, span, _)| {
        let (from, to) = steps(span, snapshot);
        from < shown.end && to > shown.start
    })
}

/// Draws the row, its name in the first columns and the axis from column `from`, so many columns of the timeline in each cell.
/// Where two overlap the later of A, B and the chosen one is seen.
pub fn render(
    row: Rect,
    buf: &mut Buffer,
    from: usize,
    timeline: Timeline,
    columns_per_cell: usize,
    (snapshot, view): (&Snapshot, &View),
    theme: &Theme,
) {
    text::put(buf, row, 0, 0, "spans", theme.style(Role::Dim));
    let plot = text::columns(row, from, usize::from(row.width).saturating_sub(from));
    for (name, span, role) in spans(view) {
        let (begin, end) = steps(span, snapshot);
        let is_in = |cell: usize| {
            let columns = cell * columns_per_cell..(cell + 1) * columns_per_cell;
            let mut steps = columns.filter_map(|column| timeline.steps(column));
            steps.any(|steps| steps.start < end && steps.end > begin)
        };
        let mut is_inside = false;
        for cell in 0..usize::from(plot.width) {
            let was_inside = std::mem::replace(&mut is_inside, is_in(cell));
            if is_inside {
                // It begins anew where a swept chart goes round its edge.
                let symbol = if was_inside { theme.glyphs.rule } else { name };
                text::put(buf, plot, cell, 0, symbol, theme.style(role));
            }
        }
    }
}

/// The spans there are, by letter.
fn spans(view: &View) -> impl Iterator<Item = (&'static str, Span, Role)> {
    let all = [
        ("A", view.baseline, Role::Series1),
        ("B", view.against, Role::Series2),
        ("v", view.span, Role::Accent),
    ];
    all.into_iter()
        .filter_map(|(name, span, role)| Some((name, span?, role)))
}

/// The numbers of the steps that a span reaches into, the last excluded.
fn steps(span: Span, snapshot: &Snapshot) -> (u64, u64) {
    let step = snapshot.axis.step().as_secs();
    (span.from.second() / step, span.to.second().div_ceil(step))
}
