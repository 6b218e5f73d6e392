//! Bars side by side, an eighth of a cell high at least, with marks where something failed and gaps where nothing was measured.
//!
//! The uppermost eighth stays free, so that full bars do not grow together with those of the row above.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;

use super::text;
use crate::ui::theme::{Role, Theme};

/// What one column shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mark {
    /// Nothing was measured.
    Gap,
    /// A height from 0 to 1.
    Bar(f64),
    /// A height, in the style of what is to be told about it.
    Tinted(f64, Role),
    /// More than the scale holds.
    Above,
    /// What was tried failed.
    Failed,
}

const EIGHTHS: usize = 8;

/// Marks from the left of the area, over its whole height.
pub struct Sparkline<'a, I> {
    pub marks: I,
    /// Of bars.
    pub style: Style,
    pub theme: &'a Theme,
}

impl<I: Iterator<Item = Mark>> Widget for Sparkline<'_, I> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let Self { marks, style, theme } = self;
        for (x, mark) in marks.enumerate().take(usize::from(area.width)) {
            put(buf, text::columns(area, x, 1), mark, style, theme);
        }
    }
}

fn put(buf: &mut Buffer, column: Rect, mark: Mark, style: Style, theme: &Theme) {
    let rows = usize::from(column.height);
    let (height, style) = match mark {
        Mark::Gap => return,
        Mark::Bar(height) => (height, style),
        Mark::Tinted(height, role) => (height, theme.style(role)),
        Mark::Above => {
            for y in 1..rows {
                text::put(buf, column, 0, y, theme.glyphs.bars[EIGHTHS - 1], style);
            }
            text::put(buf, column, 0, 0, theme.glyphs.ascending, style);
            return;
        }
        Mark::Failed => {
            let bottom = rows.saturating_sub(1);
            text::put(buf, column, 0, bottom, theme.glyphs.failed, theme.style(Role::Failure));
            return;
        }
    };
    // A NaN becomes 0 in the cast. What was measured shows, however low it is.
    let full = (rows * EIGHTHS).saturating_sub(1);
    let eighths = ((height.clamp(0.0, 1.0) * full as f64).ceil() as usize).max(1);
    for y in 0..rows {
        let filled = eighths.saturating_sub((rows - 1 - y) * EIGHTHS).min(EIGHTHS);
        if filled > 0 {
            text::put(buf, column, 0, y, theme.glyphs.bars[filled - 1], style);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::theme::{Depth, Glyphs};

    fn draw(buf: &mut Buffer, marks: &[Mark]) {
        let sparkline = Sparkline {
            marks: marks.iter().copied(),
            style: Style::default(),
            theme: &Theme::try_new("dark", Depth::None, Glyphs::UNICODE).unwrap(),
        };
        sparkline.render(buf.area, buf);
    }

    #[test]
    fn failures_and_gaps_are_no_bars() {
        let mut buf = Buffer::empty(Rect::new(0, 0, 8, 1));
        let marks = [
            Mark::Bar(0.0),
            Mark::Bar(0.5),
            Mark::Gap,
            Mark::Failed,
            Mark::Bar(1.0),
            Mark::Bar(7.0),
            Mark::Above,
        ];
        draw(&mut buf, &marks);
        let line: String = buf.content.iter().map(|cell| cell.symbol()).collect();
        assert_eq!(line, "▁▄ ×▇▇▴ ");
    }

    #[test]
    fn a_bar_grows_over_several_rows() {
        let area = Rect::new(0, 0, 5, 2);
        let mut buf = Buffer::empty(area);
        let marks = [
            Mark::Bar(0.25),
            Mark::Bar(0.75),
            Mark::Failed,
            Mark::Above,
            Mark::Bar(f64::NAN),
        ];
        draw(&mut buf, &marks);
        let cells: Vec<_> = buf.content.iter().map(|cell| cell.symbol()).collect();
        assert_eq!(cells.concat(), " ▄ ▴ ▄█×█▁");
    }
}
