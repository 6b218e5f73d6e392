//! Bars side by side, an eighth of a cell high at least, with marks where something failed and gaps where nothing was measured.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::text;
use crate::ui::theme::{Role, Theme};

/// What one column shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mark {
    /// Nothing was measured.
    Gap,
    /// A height from 0 to 1.
    Bar(f64),
    /// A height, and something failed.
    Marred(f64),
    /// More than the scale holds.
    Above,
    /// What was tried failed.
    Failed,
}

/// Draws `marks` from the left of `area`, over its whole height; bars take `style`.
pub fn render(buf: &mut Buffer, area: Rect, marks: impl Iterator<Item = Mark>, style: Style, theme: &Theme) {
    let rows = usize::from(area.height);
    for (x, mark) in marks.enumerate().take(usize::from(area.width)) {
        let (height, style) = match mark {
            Mark::Gap => continue,
            Mark::Bar(height) => (height, style),
            Mark::Marred(height) => (height, theme.style(Role::Failure)),
            Mark::Above => {
                for y in 1..rows {
                    text::put(buf, area, x, y, theme.glyphs.bars[7], style);
                }
                text::put(buf, area, x, 0, theme.glyphs.ascending, style);
                continue;
            }
            Mark::Failed => {
                let bottom = rows.saturating_sub(1);
                text::put(buf, area, x, bottom, theme.glyphs.failed, theme.style(Role::Failure));
                continue;
            }
        };
        // A NaN becomes 0 in the cast. What was measured shows, however low it is.
        let eighths = ((height.clamp(0.0, 1.0) * (rows * 8) as f64).ceil() as usize).max(1);
        for y in 0..rows {
            let filled = eighths.saturating_sub((rows - 1 - y) * 8).min(8);
            if filled > 0 {
                text::put(buf, area, x, y, theme.glyphs.bars[filled - 1], style);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::theme::{Depth, Glyphs};

    #[test]
    fn failures_and_gaps_are_no_bars() {
        let theme = Theme::try_new("dark", Depth::None, Glyphs::UNICODE).unwrap();
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
        render(
            &mut buf,
            Rect::new(0, 0, 8, 1),
            marks.into_iter(),
            Style::default(),
            &theme,
        );
        let line: String = buf.content.iter().map(|cell| cell.symbol()).collect();
        assert_eq!(line, "▁▄ ×██▴ ");
    }

    #[test]
    fn a_bar_grows_over_several_rows() {
        let theme = Theme::try_new("dark", Depth::None, Glyphs::UNICODE).unwrap();
        let area = Rect::new(0, 0, 5, 2);
        let mut buf = Buffer::empty(area);
        let marks = [
            Mark::Bar(0.25),
            Mark::Bar(0.75),
            Mark::Failed,
            Mark::Above,
            Mark::Bar(f64::NAN),
        ];
        render(&mut buf, area, marks.into_iter(), Style::default(), &theme);
        let cells: Vec<_> = buf.content.iter().map(|cell| cell.symbol()).collect();
        assert_eq!(cells.concat(), " ▄ ▴ ▄█×█▁");
    }
}
