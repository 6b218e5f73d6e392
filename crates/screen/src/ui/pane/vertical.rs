//! The vertical axis of a chart of latencies: labels at its left, a grid behind it, and the limits with their names.
//!
//! ```text
//!    1s │⠀p95 critical ┅┅┅┅┅┅┅┅┅┅┅┅┅┅┅
//! 500ms │┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈
//! ```

use probetop_core::sample::{Level, Micros};
use probetop_core::snapshot::LatencyLimits;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::frame::LABELS;
use crate::ui::format;
use crate::ui::theme::{Role, Theme};
use crate::ui::widget::scale::LogAxis;
use crate::ui::widget::{chart, text};

/// Narrower than this a name would hide too much of what it stands over.
const NAMES_FROM: u16 = 40;

/// Where a name begins: a column of its line stays free before it.
const NAME_FROM: usize = 1;

/// An axis over so many rows, with what is held against its values.
#[derive(Clone, Copy)]
pub(super) struct Vertical {
    pub axis: LogAxis,
    pub limits: LatencyLimits,
}

impl Vertical {
    /// The limits that are on the axis, and their rows.
    fn limits(&self, rows: usize) -> impl Iterator<Item = (usize, Level, f64)> {
        let axis = self.axis;
        let limits = self
            .limits
            .set()
            .map(|(level, limit)| (level, f64::from(limit.0.max(1))));
        limits
            .filter(move |(_, limit)| axis.holds(*limit))
            .map(move |(level, limit)| (row(axis, limit, rows), level, limit))
    }

    /// The rows that have a label, and the value it tells.
    fn ticks(&self, rows: usize) -> Vec<(usize, f64)> {
        let taken: Vec<usize> = self.limits(rows).map(|(y, ..)| y).collect();
        let mut ticks: Vec<(usize, f64)> = Vec::new();
        for tick in self.axis.ticks(rows) {
            let y = row(self.axis, tick, rows);
            // Two rows apart at least, so that labels read as a scale and not as a list.
            let is_free = ticks.last().is_none_or(|(last, _)| y + 2 <= *last);
            if is_free && !taken.iter().any(|taken| taken.abs_diff(y) < 2) {
                ticks.push((y, tick));
            }
        }
        ticks
    }

    /// Labels, each limit in the style of its level, and the line between them and the plot.
    pub(super) fn labels(&self, area: Rect, buf: &mut Buffer, theme: &Theme) {
        let rows = usize::from(area.height);
        for y in 0..rows {
            text::put(buf, area, LABELS + 1, y, theme.glyphs.vertical, theme.style(Role::Rule));
        }
        let limits = self
            .limits(rows)
            .map(|(y, level, limit)| (y, theme.style(level), limit));
        let ticks = self.ticks(rows).into_iter();
        let ticks = ticks.map(|(y, tick)| (y, theme.style(Role::Dim), tick));
        for (y, style, value) in ticks.chain(limits) {
            let label = format::latency_scale(value);
            text::put_cell(buf, area, 0, y, LABELS, text::Align::Right, &label, style);
        }
    }

    /// The grid and the lines of the limits, where nothing is drawn.
    pub(super) fn lines(&self, plot: Rect, buf: &mut Buffer, theme: &Theme) {
        let rows = usize::from(plot.height);
        let grid = theme.style(Role::Rule).add_modifier(Modifier::DIM);
        for (y, _) in self.ticks(rows) {
            line(text::rows(plot, y, 1), buf, theme.glyphs.grid, grid);
        }
        for (y, level, _) in self.limits(rows) {
            line(
                text::rows(plot, y, 1),
                buf,
                limit_glyph(level, theme),
                thin(level, theme),
            );
        }
    }

    /// What the limits are called, over what is drawn.
    pub(super) fn names(&self, plot: Rect, buf: &mut Buffer, theme: &Theme) {
        if plot.width < NAMES_FROM {
            return;
        }
        let quantile = format::quantile(self.limits.quantile);
        for (y, level, _) in self.limits(usize::from(plot.height)) {
            let name = format!(" {quantile} {} ", level.name());
            text::put(buf, plot, NAME_FROM, y, &name, thin(level, theme));
        }
    }
}

/// The lines of the limits that are on the axis, where nothing is drawn.
pub(crate) fn limit_lines(plot: Rect, buf: &mut Buffer, axis: LogAxis, limits: &LatencyLimits, theme: &Theme) {
    let vertical = Vertical { axis, limits: *limits };
    for (y, level, _) in vertical.limits(usize::from(plot.height)) {
        line(
            text::rows(plot, y, 1),
            buf,
            limit_glyph(level, theme),
            thin(level, theme),
        );
    }
}

/// Lines of limits of a gauge that goes from 0 to 1, where nothing is drawn.
pub(crate) fn share_lines(plot: Rect, buf: &mut Buffer, limits: impl Iterator<Item = (Level, f64)>, theme: &Theme) {
    let rows = usize::from(plot.height);
    for (level, share) in limits {
        let y = chart::row(share, rows);
        line(
            text::rows(plot, y, 1),
            buf,
            limit_glyph(level, theme),
            thin(level, theme),
        );
    }
}

/// Where in a single row a limit lies, from 0 to 1.
pub(crate) fn tick(place: Rect, buf: &mut Buffer, level: Level, height: f64, theme: &Theme) {
    let ticks = theme.glyphs.ticks;
    let glyph = ticks[((height * ticks.len() as f64) as usize).min(ticks.len() - 1)];
    text::put(buf, place, 0, 0, glyph, theme.style(level));
}

/// `limit ▲750ms ✗1s`, for a heading; nothing where none is set.
pub(super) fn legend(limits: &LatencyLimits, theme: &Theme) -> Vec<(String, Style)> {
    let limits = limits.set().rev().map(|(level, limit)| {
        let words = format!(
            "{}{}",
            theme.glyphs.level(level),
            format::latency_scale(f64::from(limit.0))
        );
        (words, thin(level, theme))
    });
    let mut legend: Vec<_> = limits.collect();
    if !legend.is_empty() {
        legend.insert(0, ("limits".into(), theme.style(Role::Dim)));
    }
    legend
}

/// A row for a limit among rows of ranges: its value before column `from`, then its name and its line.
pub(super) fn limit(
    row: Rect,
    buf: &mut Buffer,
    from: usize,
    (level, limit): (Level, Micros),
    quantile: f64,
    theme: &Theme,
) {
    let value = format::latency_scale(f64::from(limit.0));
    text::put_cell(buf, row, 0, 0, LABELS, text::Align::Right, &value, theme.style(level));
    let rule = text::columns(row, from, usize::from(row.width));
    let name = format!(" {} {} ", format::quantile(quantile), level.name());
    text::put(buf, rule, NAME_FROM, 0, &name, thin(level, theme));
    let end = NAME_FROM + text::width(&name);
    text::put(buf, rule, 0, 0, limit_glyph(level, theme), thin(level, theme));
    let rest = text::columns(rule, end, usize::from(rule.width));
    line(rest, buf, limit_glyph(level, theme), thin(level, theme));
}

/// The row of a value, from above.
pub(super) fn row(axis: LogAxis, value: f64, rows: usize) -> usize {
    chart::row(axis.position(value), rows)
}

pub(super) fn line(row: Rect, buf: &mut Buffer, glyph: &str, style: Style) {
    for x in 0..usize::from(row.width) {
        let place = text::columns(row, x, 1).as_position();
        if buf.cell(place).is_some_and(|cell| cell.symbol() == " ") {
            text::put(buf, row, x, 0, glyph, style);
        }
    }
}

pub(super) fn limit_glyph(level: Level, theme: &Theme) -> &'static str {
    let [warning, critical] = theme.glyphs.limits;
    match level {
        Level::Critical => critical,
        Level::Ok | Level::Unknown | Level::Warning => warning,
    }
}

/// A line is no alarm.
pub(super) fn thin(level: Level, theme: &Theme) -> Style {
    theme.style(level).remove_modifier(Modifier::BOLD)
}
