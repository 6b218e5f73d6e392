//! The lane of the alerts: a stretch from when each began to fire to its end, packed into the rows there are.

use std::cmp::Reverse;
use std::ops::Range;

use probetop_core::snapshot::{AlertSnapshot, Snapshot};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::ui::theme::Theme;
use crate::ui::view::{step_at, steps_shown};
use crate::ui::widget::plot::Plot;
use crate::ui::widget::text;

/// An alert, and the steps in which it fired.
struct Fire<'a> {
    alert: &'a AlertSnapshot,
    steps: Range<u64>,
}

/// How many fired in that step.
pub(super) fn firing(snapshot: &Snapshot, step: u64) -> usize {
    fires(snapshot).filter(|fire| fire.steps.contains(&step)).count()
}

/// Draws as many as there are rows for, the worst first.
pub(super) fn render(area: Rect, buf: &mut Buffer, plot: Plot, snapshot: &Snapshot, theme: &Theme) {
    let mut fires: Vec<_> = fires(snapshot).collect();
    fires.sort_by_key(|fire| (Reverse(fire.alert.severity), fire.steps.start, fire.alert.id.0));
    let mut rows: Vec<Vec<Range<u64>>> = vec![Vec::new(); usize::from(area.height)];
    for fire in fires {
        let is_free = |row: &Vec<Range<u64>>| {
            let mut others = row.iter();
            others.all(|other| other.end <= fire.steps.start || fire.steps.end <= other.start)
        };
        // What finds no room is in the number at the left.
        let Some(y) = rows.iter().position(is_free) else {
            continue;
        };
        draw(text::rows(area, y, 1), buf, &fire, plot, theme);
        rows[y].push(fire.steps);
    }
}

/// Everything that fired on the axis.
fn fires(snapshot: &Snapshot) -> impl Iterator<Item = Fire<'_>> {
    let board = &snapshot.alerts;
    let oldest = steps_shown(snapshot).start;
    let fire = move |alert| Some(fire(alert, snapshot)?).filter(|fire| fire.steps.end > oldest);
    board.active.iter().chain(board.history.iter()).filter_map(fire)
}

/// `None`: it has never fired.
fn fire<'a>(alert: &'a AlertSnapshot, snapshot: &Snapshot) -> Option<Fire<'a>> {
    let step = |second: u64| step_at(second, snapshot.axis).unwrap_or_default();
    // What this run took over from the one before has fired from its beginning.
    let fired = alert.fired?;
    let first = if alert.carried.is_zero() {
        step(fired.second())
    } else {
        0
    };
    let last = match alert.resolved {
        Some(resolved) => step(resolved.second()),
        None => snapshot.axis_end,
    };
    Some(Fire {
        alert,
        steps: first.min(last)..last.saturating_add(1),
    })
}

/// `▲ checkout latency ───`, on each side of the seam.
fn draw(row: Rect, buf: &mut Buffer, fire: &Fire, plot: Plot, theme: &Theme) {
    let style = theme.style(fire.alert.severity);
    let name = format!(
        "{} {} {} ",
        theme.glyphs.severity(fire.alert.severity),
        fire.alert.subject,
        fire.alert.name
    );
    for cells in plot.cells(fire.steps.clone()) {
        let stretch = text::columns(row, cells.start, cells.len());
        let name = text::cut_end(&name, cells.len());
        text::put(buf, stretch, 0, 0, &name, style);
        for x in text::width(&name)..cells.len() {
            text::put(buf, stretch, x, 0, theme.glyphs.rule, style);
        }
    }
}
