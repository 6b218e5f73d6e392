//! How the latencies of A and of B are spread, over each other: which share of the probes took how long.
//!
//! ```text
//!  distribution  A 600 probes  B 598 probes ───────────
//!    12% │     ⢀⡠⠒⢄          ⢀⡠⠒⠒⢄
//!        │   ⡠⠊    ⠑⢄      ⡠⠊      ⠑⢄
//!     0% │⣀⠔⠁        ⠑⠤⣀⡠⠊            ⠑⠤⣀
//!      A │     p50━━━p95
//!      B │                   p50━━━━━p95
//!         │20ms      │50ms      │100ms
//! ```

use probetop_core::snapshot::SharedBin;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget as _;

use super::super::detail::Words;
use super::super::heading_notes;
use super::{LABELS, PLOT_FROM};
use crate::ui::format;
use crate::ui::theme::{Pen, Role, Theme};
use crate::ui::widget::area::Area;
use crate::ui::widget::chart::{self, Chart, Line};
use crate::ui::widget::scale::LogAxis;
use crate::ui::widget::text;

/// The two sides, and how each is drawn.
pub(crate) const SIDES: [(&str, Role); 2] = [("A", Role::Series1), ("B", Role::Series2)];

/// Rows from which on the percentiles of both sides have a row each.
const MARKS_FROM: usize = 9;

/// What is told of each latency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OverlayForm {
    /// The share of probes that took about so long: an area and a line over it.
    Density,
    /// The share that took no longer: two lines.
    Cumulative,
}

/// Both distributions.
pub(crate) struct Overlay {
    pub title: Words,
    pub form: OverlayForm,
    pub bins: Vec<SharedBin>,
    /// Percentiles of each side, by name, in microseconds.
    pub marks: [Vec<(&'static str, f64)>; 2],
}

impl Overlay {
    pub(crate) fn render(&self, area: Rect, buf: &mut Buffer, theme: &Theme) {
        let title = self
            .title
            .iter()
            .map(|(words, role)| (words.clone(), theme.style(*role)));
        heading_notes(text::rows(area, 0, 1), buf, title, theme);
        let height = usize::from(area.height);
        let marks = if height >= MARKS_FROM { 2 } else { 0 };
        let body = text::rows(area, 1, height.saturating_sub(2 + marks));
        let plot = text::columns(body, PLOT_FROM, usize::from(body.width));
        let (Some(axis), false) = (self.axis(), plot.is_empty()) else {
            return;
        };
        let shares = [0, 1].map(|side| self.shares(side));
        let most = shares.iter().flatten().copied().fold(0.0, f64::max);
        if most > 0.0 {
            self.draw(plot, buf, &shares, most, theme);
        }
        labels(body, buf, most, theme);
        let below = text::rows(area, 1 + usize::from(body.height), marks + 1);
        for (y, side) in (0..marks).enumerate() {
            self.mark(text::rows(below, y, 1), buf, axis, side, theme);
        }
        scale(text::rows(below, marks, 1), buf, axis, theme);
    }

    /// The bins are of equal width on it.
    fn axis(&self) -> Option<LogAxis> {
        let (first, last) = (self.bins.first()?, self.bins.last()?);
        let low = f64::from(first.low.0.max(1));
        let high = f64::from(last.high.0);
        (high > low).then_some(LogAxis { low, high })
    }

    /// The share of a side's probes in each bin, or up to it.
    fn shares(&self, side: usize) -> Vec<f64> {
        let all: u64 = self.bins.iter().map(|bin| u64::from(bin.counts[side])).sum();
        let mut below = 0.0;
        let share = |bin: &SharedBin| {
            let share = f64::from(bin.counts[side]) / all.max(1) as f64;
            below += share;
            match self.form {
                OverlayForm::Density => share,
                OverlayForm::Cumulative => below,
            }
        };
        self.bins.iter().map(share).collect()
    }

    /// A as an area and B as a line over it; two lines where areas would hide each other, and in letters where there are no dots.
    fn draw(&self, plot: Rect, buf: &mut Buffer, shares: &[Vec<f64>; 2], most: f64, theme: &Theme) {
        let (dots, _) = chart::dots(theme.pen);
        let columns = usize::from(plot.width) * dots;
        let heights = [0, 1].map(|side| heights(&shares[side], most, columns));
        let line = |side: usize| Line {
            heights: heights[side].clone(),
            style: theme.style(SIDES[side].1),
            letter: SIDES[side].0,
            joined: true,
        };
        let lines = match (theme.pen, self.form) {
            (Pen::Letters, _) | (Pen::Dots, OverlayForm::Cumulative) => vec![line(0), line(1)],
            (Pen::Dots, OverlayForm::Density) => {
                let style = theme.style(SIDES[0].1);
                let heights: Vec<_> = heights[0]
                    .iter()
                    .map(|height| height.map(|height| (height, style)))
                    .collect();
                let area = Area {
                    heights: &heights,
                    base: 0.0,
                    pen: theme.pen,
                    block: "",
                };
                area.render(plot, buf);
                vec![line(1)]
            }
        };
        Chart {
            lines: &lines,
            pen: theme.pen,
        }
        .render(plot, buf);
    }

    /// From one percentile of a side to the next.
    fn mark(&self, row: Rect, buf: &mut Buffer, axis: LogAxis, side: usize, theme: &Theme) {
        let (name, role) = SIDES[side];
        text::put_cell(buf, row, 0, 0, LABELS, text::Align::Right, name, theme.style(role));
        text::put(buf, row, LABELS + 1, 0, theme.glyphs.vertical, theme.style(Role::Rule));
        let plot = text::columns(row, PLOT_FROM, usize::from(row.width));
        let last = usize::from(plot.width).saturating_sub(1);
        let column = |value: f64| (axis.position(value) * last as f64).round() as usize;
        let mut end = None;
        for (name, value) in &self.marks[side] {
            let at = column(*value);
            for x in end.unwrap_or(at)..at {
                text::put(buf, plot, x, 0, theme.glyphs.lines[1], theme.style(role));
            }
            // A name that has no room before the next one, or at the edge, gives way.
            let x = at.min((last + 1).saturating_sub(text::width(name)));
            if end.is_none_or(|end| x >= end) {
                end = Some(text::put(buf, plot, x, 0, name, theme.style(role)));
            }
        }
    }
}

/// The bins over the columns, on straight lines from the middle of one to that of the next, as shares of `most`.
fn heights(shares: &[f64], most: f64, columns: usize) -> Vec<Option<f64>> {
    let last = shares.len().saturating_sub(1);
    // Where nothing is, nothing is drawn.
    let height = |column: usize| {
        let at = (column as f64 + 0.5) / columns as f64 * shares.len() as f64 - 0.5;
        let at = at.clamp(0.0, last as f64);
        let (left, way) = (at.floor() as usize, at.fract());
        let (low, high) = (shares.get(left)?, shares.get((left + 1).min(last))?);
        Some((low + (high - low) * way) / most).filter(|height| *height > 0.0)
    };
    (0..columns).map(height).collect()
}

/// The greatest share on top, nothing at the bottom, and the line at the right of both.
fn labels(body: Rect, buf: &mut Buffer, most: f64, theme: &Theme) {
    let last = usize::from(body.height).saturating_sub(1);
    for y in 0..=last {
        text::put(buf, body, LABELS + 1, y, theme.glyphs.vertical, theme.style(Role::Rule));
    }
    for (y, share) in [(0, most), (last, 0.0)] {
        let label = format::share(Some(share));
        text::put_cell(
            buf,
            body,
            0,
            y,
            LABELS,
            text::Align::Right,
            &label,
            theme.style(Role::Dim),
        );
    }
}

/// Round latencies below the columns that stand for them.
fn scale(row: Rect, buf: &mut Buffer, axis: LogAxis, theme: &Theme) {
    let plot = text::columns(row, PLOT_FROM, usize::from(row.width));
    let width = usize::from(plot.width);
    let mut free = 0;
    for tick in axis.ticks(width / 4) {
        let x = (axis.position(tick) * width.saturating_sub(1) as f64).round() as usize;
        let label = format::latency_scale(tick);
        if x < free || x + 1 + text::width(&label) > width {
            continue;
        }
        text::put(buf, plot, x, 0, theme.glyphs.vertical, theme.style(Role::Rule));
        free = text::put(buf, plot, x + 1, 0, &label, theme.style(Role::Dim)) + 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_are_joined_from_middle_to_middle() {
        let some = |values: &[f64]| values.iter().copied().map(Some).collect::<Vec<_>>();
        assert_eq!(heights(&[0.0, 0.5], 0.5, 4), [None, Some(0.25), Some(0.75), Some(1.0)]);
        assert_eq!(heights(&[0.2], 0.4, 2), some(&[0.5, 0.5]));
        assert_eq!(heights(&[], 1.0, 2), [None, None]);
    }
}
