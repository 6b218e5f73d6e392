//! How a figure went over a stretch of time, as an area with the limits that it is held against.
//!
//! ```text
//!  budget left over 10m ───────────────────
//!   100% │⣿⣿⣿⣶⣤⣀
//!    50% │⣿⣿⣿⣿⣿⣿⣿⣶⣤⣀
//!     0% │ used up ┅┅┅┅┅┅┅┅⠉⠛⠿⠿┅┅┅┅┅┅┅┅┅┅┅┅┅
//!         -10m          -5m             now
//! ```

use std::time::Duration;

use probetop_core::sample::Level;
use probetop_core::snapshot::{Feed, Snapshot};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::widgets::Widget as _;

use super::super::detail::Words;
use super::super::{heading_notes, lap, times};
use super::{LABELS, PLOT_FROM};
use crate::ui::format;
use crate::ui::theme::{Role, Theme};
use crate::ui::view::View;
use crate::ui::widget::area::Area;
use crate::ui::widget::plot::Plot;
use crate::ui::widget::text;
use crate::ui::widget::timeline::{Motion, Timeline, grown};
use crate::ui::widget::{chart, scale};

/// A figure over time.
pub(crate) struct Curve {
    pub title: Words,
    /// Oldest first; the last is that of now.
    pub values: Vec<Option<f64>>,
    /// What the bottom and the top stand for, and where the area begins.
    pub low: f64,
    pub high: f64,
    pub base: f64,
    /// Values that have a label; of two in a row the first.
    pub labels: Vec<(f64, String)>,
    pub limits: Vec<Limit>,
    pub time: Time,
    /// The style of a value.
    pub role: fn(f64) -> Role,
}

/// A line with a name.
pub(crate) struct Limit {
    pub value: f64,
    pub level: Level,
    pub name: String,
}

/// Over which time it goes.
pub(crate) enum Time {
    /// That of all charts.
    Axis,
    /// So much, in steps of such a length; while there are fewer steps, less.
    Own { length: Duration, step: Duration },
}

/// Steps that the time of its own begins with.
const FIRST_STEPS: usize = 8;

impl Curve {
    /// A heading, the area, and the time below it.
    pub(crate) fn render(&self, area: Rect, buf: &mut Buffer, snapshot: &Snapshot, view: &View, theme: &Theme) {
        let title = self
            .title
            .iter()
            .map(|(words, role)| (words.clone(), theme.style(*role)));
        heading_notes(text::rows(area, 0, 1), buf, title, theme);
        let rows = usize::from(area.height).saturating_sub(2);
        let body = text::rows(area, 1, rows);
        let plot_area = text::columns(body, PLOT_FROM, usize::from(body.width));
        if plot_area.is_empty() {
            return;
        }
        let (dots, _) = chart::dots(theme.pen);
        let columns = usize::from(plot_area.width) * dots;
        let timeline = self.timeline(columns, dots, snapshot, view);
        let heights: Vec<_> = (0..columns)
            .map(|column| self.height(timeline, column, theme))
            .collect();
        Area {
            heights: &heights,
            base: self.position(self.base),
            pen: theme.pen,
            block: theme.glyphs.bars[theme.glyphs.bars.len() - 1],
        }
        .render(plot_area, buf);
        self.scale(body, plot_area, buf, theme);
        let time = text::rows(area, 1 + rows, 1);
        match self.time {
            Time::Axis => {
                lap::over(plot_area, buf, timeline);
                times::render(time, buf, Plot::over(plot_area, timeline), snapshot, view, theme);
            }
            Time::Own { step, .. } => {
                let length = step.saturating_mul(u32::try_from(timeline.span()).unwrap_or(u32::MAX));
                ages(
                    text::columns(time, PLOT_FROM, usize::from(time.width)),
                    buf,
                    length,
                    snapshot,
                    theme,
                );
            }
        }
    }

    fn timeline(&self, columns: usize, per_cell: usize, snapshot: &Snapshot, view: &View) -> Timeline {
        match self.time {
            Time::Axis => view.charts.timeline(columns, per_cell, snapshot),
            Time::Own { length, step } => {
                let newest = (self.values.len() as u64).saturating_sub(1);
                let steps = length.as_secs() / step.as_secs().max(1);
                let steps = grown(usize::try_from(steps).unwrap_or(usize::MAX), FIRST_STEPS, newest);
                Timeline::new(columns, steps, newest, Motion::Scroll).in_cells_of(per_cell)
            }
        }
    }

    /// The least of the steps in a column: what was left, and how well it went.
    fn height(&self, timeline: Timeline, column: usize, theme: &Theme) -> Option<(f64, ratatui::style::Style)> {
        let values = timeline.points(&self.values, column).iter().flatten().copied();
        let least = values.min_by(f64::total_cmp)?;
        Some((self.position(least), theme.style((self.role)(least))))
    }

    fn position(&self, value: f64) -> f64 {
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    /// Labels and their line at the left, the grid and the limits where nothing is drawn, and the names of these.
    fn scale(&self, body: Rect, plot: Rect, buf: &mut Buffer, theme: &Theme) {
        let rows = usize::from(body.height);
        let row = |value: f64| chart::row(self.position(value), rows);
        for y in 0..rows {
            text::put(buf, body, LABELS + 1, y, theme.glyphs.vertical, theme.style(Role::Rule));
        }
        let mut taken = Vec::new();
        let grid = theme.style(Role::Rule).add_modifier(Modifier::DIM);
        for (value, label) in &self.labels {
            let y = row(*value);
            if taken.contains(&y) {
                continue;
            }
            taken.push(y);
            text::put_cell(
                buf,
                body,
                0,
                y,
                LABELS,
                text::Align::Right,
                label,
                theme.style(Role::Dim),
            );
            line(text::rows(plot, y, 1), buf, theme.glyphs.grid, grid);
        }
        for Limit { value, level, name } in &self.limits {
            let area = text::rows(plot, row(*value), 1);
            let style = theme.style(*level).remove_modifier(Modifier::BOLD);
            let glyph = theme.glyphs.limits[usize::from(*level == Level::Critical)];
            line(area, buf, glyph, style);
            if usize::from(plot.width) > text::width(name) + 8 {
                text::put(buf, area, 1, 0, &format!(" {name} "), style);
            }
        }
    }
}

/// Draws over the cells of a row that are empty.
fn line(row: Rect, buf: &mut Buffer, glyph: &str, style: ratatui::style::Style) {
    for x in 0..usize::from(row.width) {
        let place = text::columns(row, x, 1).as_position();
        let is_empty = buf.cell(place).is_some_and(|cell| matches!(cell.symbol(), " " | "┈"));
        if is_empty {
            text::put(buf, row, x, 0, glyph, style);
        }
    }
}

/// How long before it was, at round numbers, and at the right that this is now.
fn ages(row: Rect, buf: &mut Buffer, length: Duration, snapshot: &Snapshot, theme: &Theme) {
    /// Columns for a label and the blank around it.
    const LABEL: u64 = 10;
    const NOW: &str = "now";
    let width = usize::from(row.width);
    let length_s = length.as_secs().max(1);
    let interval_s = round(length_s * LABEL / (width as u64).max(1));
    let style = theme.style(Role::Dim);
    let mut ago_s = interval_s;
    while ago_s <= length_s {
        let x = width.saturating_sub(1) - (width as u64 * ago_s / length_s).min(width as u64 - 1) as usize;
        let label = format!(
            "-{}",
            format::age(Duration::from_secs(ago_s))
                .replace("m00s", "m")
                .replace("h00m", "h")
        );
        if x + text::width(&label) + NOW.len() < width {
            let after = text::put(buf, row, x, 0, theme.glyphs.vertical, theme.style(Role::Rule));
            text::put(buf, row, after, 0, &label, style);
        }
        ago_s += interval_s;
    }
    if snapshot.feed == Feed::Live {
        text::put_right(buf, row, 0, NOW, theme.style(Role::Accent));
    }
}

/// At least so many seconds, as people count them.
fn round(least_s: u64) -> u64 {
    const ROUND_S: [u64; 15] = [
        5, 10, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400, 172_800,
    ];
    let round = ROUND_S.into_iter().find(|round| *round >= least_s);
    round.unwrap_or_else(|| scale::round_up(least_s as f64 / 86_400.0) as u64 * 86_400)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_as_far_apart_as_people_count_them() {
        let check = |least, expected| assert_eq!(round(least), expected, "{least}");
        check(0, 5);
        check(7, 10);
        check(61, 120);
        check(40_000, 43_200);
        check(300_000, 5 * 86_400);
    }
}
