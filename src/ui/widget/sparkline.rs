//! One row of bars, an eighth of a cell high at least, with marks where something failed and gaps where nothing was measured.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::text;
use crate::ui::theme::{Glyphs, Role, Theme};

/// What one column shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mark {
    /// Nothing was measured.
    Gap,
    /// A height from 0 to 1.
    Bar(f64),
    /// A height, and something failed.
    Marred(f64),
    /// What was tried failed.
    Failed,
}

/// Draws `marks` from the left of the first row of `area`; bars take `style`.
pub fn render(buf: &mut Buffer, area: Rect, marks: impl Iterator<Item = Mark>, style: Style, theme: &Theme) {
    for (x, mark) in marks.enumerate().take(usize::from(area.width)) {
        let (symbol, style) = match mark {
            Mark::Gap => continue,
            Mark::Bar(height) => (bar(&theme.glyphs, height), style),
            Mark::Marred(height) => (bar(&theme.glyphs, height), theme.style(Role::Failure)),
            Mark::Failed => (theme.glyphs.failed, theme.style(Role::Failure)),
        };
        text::put(buf, area, x, 0, symbol, style);
    }
}

fn bar(glyphs: &Glyphs, height: f64) -> &'static str {
    // A NaN becomes 0 in the cast.
    let eighth = (height.clamp(0.0, 1.0) * 8.0).ceil() as usize;
    glyphs.bars[eighth.clamp(1, 8) - 1]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::theme::Depth;

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
            Mark::Bar(f64::NAN),
        ];
        render(
            &mut buf,
            Rect::new(0, 0, 8, 1),
            marks.into_iter(),
            Style::default(),
            &theme,
        );
        let line: String = buf.content.iter().map(|cell| cell.symbol()).collect();
        assert_eq!(line, "▁▄ ×██▁ ");
    }
}
