//! The lane of the alerts: a stretch from when each began to fire to its end, packed into the rows there are.

use std::cmp::Reverse;
use std::ops::Range;

use probetop_core::snapshot::{AlertSnapshot, Snapshot};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::ui::format;
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

/// Draws as many as there are rows for, the shortest and of those the newest first: what lasts says nothing of a second. Those that
/// fired on the whole axis are folded into the last row.
pub(super) fn render(area: Rect, buf: &mut Buffer, plot: Plot, snapshot: &Snapshot, theme: &Theme) {
    let shown = steps_shown(snapshot);
    let lasts = |fire: &Fire| fire.steps.start <= shown.start && fire.steps.end >= shown.end;
    let (lasting, mut fires): (Vec<_>, Vec<_>) = fires(snapshot).partition(lasts);
    let mut height = usize::from(area.height);
    if lasting.len() > 1 || lasting.len() == 1 && height > 1 {
        height -= 1;
        draw_lasting(text::rows(area, height, 1), buf, &lasting, plot, snapshot, theme);
    } else {
        fires.extend(lasting);
    }
    fires.sort_by_key(|fire| {
        let length = fire.steps.end - fire.steps.start;
        (length, Reverse(fire.steps.start), fire.alert.id.0)
    });
    let mut taken = vec![vec![false; plot.width()]; height];
    for fire in fires {
        let placed = place(&fire, plot, theme);
        let is_free = |row: &Vec<bool>| placed.iter().all(|part| !row[part.cells.clone()].contains(&true));
        // What finds no room is in the number at the left.
        let Some(y) = taken.iter().position(is_free) else {
            continue;
        };
        for part in placed {
            part.draw(text::rows(area, y, 1), buf, theme.style(fire.alert.severity), theme);
            // A cell stays free before the next.
            let until = (part.cells.end + 1).min(plot.width());
            taken[y][part.cells.start..until].fill(true);
        }
    }
}

/// A name and a line on one side of the seam.
struct Part {
    name: String,
    /// The cells in which it fired.
    line: Range<usize>,
    /// Those and the name's, which begins with the line, or ends before it where there is no room behind.
    cells: Range<usize>,
}

impl Part {
    /// `▲ checkout latency ───`
    fn draw(&self, row: Rect, buf: &mut Buffer, style: Style, theme: &Theme) {
        for x in self.line.clone() {
            text::put(buf, row, x, 0, theme.glyphs.rule, style);
        }
        text::put(buf, row, self.cells.start, 0, &self.name, style);
    }
}

/// The parts of an alert, on each side of the seam.
fn place(fire: &Fire, plot: Plot, theme: &Theme) -> Vec<Part> {
    let glyph = theme.glyphs.severity(fire.alert.severity);
    let name = format!("{glyph} {} {} ", fire.alert.subject, fire.alert.name);
    let width = text::width(&name);
    let part = |line: Range<usize>| {
        if line.start + width <= plot.width() {
            let cells = line.start..line.end.max(line.start + width);
            let name = name.clone();
            Part { name, line, cells }
        } else if width <= line.start {
            let cells = line.start - width..line.end;
            let name = name.clone();
            Part { name, line, cells }
        } else {
            let name = text::cut_end(&name, line.len());
            let cells = line.clone();
            Part { name, line, cells }
        }
    };
    plot.cells(fire.steps.clone()).into_iter().map(part).collect()
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

/// `▲ 2 since 13:04: app errors, mail no data ───`.
fn draw_lasting(row: Rect, buf: &mut Buffer, fires: &[Fire], plot: Plot, snapshot: &Snapshot, theme: &Theme) {
    let alerts = || fires.iter().map(|fire| fire.alert);
    let began = |alert: &AlertSnapshot| snapshot.wall_of(alert, alert.fired.unwrap_or(alert.since));
    let (Some(first), Some(worst)) = (alerts().map(began).min(), alerts().map(|alert| alert.severity).max()) else {
        return;
    };
    let names: Vec<_> = alerts()
        .map(|alert| format!("{} {}", alert.subject, alert.name))
        .collect();
    let words = format!(
        "{} {} since {}: {} ",
        theme.glyphs.severity(worst),
        fires.len(),
        format::time_of_day(first),
        names.join(", ")
    );
    let steps = fires.iter().map(|fire| fire.steps.clone());
    let steps = steps.reduce(|all, one| all.start.min(one.start)..all.end.max(one.end));
    stretch(
        row,
        buf,
        &words,
        steps.unwrap_or_default(),
        theme.style(worst),
        plot,
        theme,
    );
}

/// The name and a line over the cells of the steps, on each side of the seam.
fn stretch(row: Rect, buf: &mut Buffer, name: &str, steps: Range<u64>, style: Style, plot: Plot, theme: &Theme) {
    for cells in plot.cells(steps) {
        let stretch = text::columns(row, cells.start, cells.len());
        let name = text::cut_end(name, cells.len());
        text::put(buf, stretch, 0, 0, &name, style);
        for x in text::width(&name)..cells.len() {
            text::put(buf, stretch, x, 0, theme.glyphs.rule, style);
        }
    }
}
