//! A frame for files: as text, and as pictures (SVG, PNG) that look like the terminal.

mod color;
mod font;
mod png;
mod shape;
mod svg;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

pub use png::png;
pub use svg::svg;

/// The frame as lines of text, without what only fills them up at the right.
pub fn text(frame: &Buffer) -> String {
    let mut out = String::new();
    for row in rows(frame) {
        let line: String = letters(row).map(|(_, cell)| cell.symbol()).collect();
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

fn rows(frame: &Buffer) -> impl Iterator<Item = &[Cell]> {
    frame.content.chunks(usize::from(frame.area.width).max(1))
}

/// The cells that hold something, with their columns: those behind a wide letter hold nothing.
fn letters(row: &[Cell]) -> impl Iterator<Item = (usize, &Cell)> {
    let mut covered = 0;
    row.iter().enumerate().filter(move |(at, cell)| {
        let is_free = *at >= covered;
        if is_free {
            covered = at + cell.symbol().width().max(1);
        }
        is_free
    })
}

fn look(cell: &Cell) -> (Color, Color, Modifier) {
    (cell.fg, cell.bg, cell.modifier)
}

#[cfg(test)]
mod tests {
    use super::*;

    use ratatui::layout::Rect;
    use ratatui::style::Style;

    pub(super) fn frame() -> Buffer {
        let mut frame = Buffer::empty(Rect::new(0, 0, 12, 2));
        frame.set_string(0, 0, "p95 < 1s & ", Style::new().fg(Color::Rgb(1, 2, 255)));
        frame.set_string(0, 1, "日本 ok", Style::new().bg(Color::Indexed(196)));
        frame
    }

    #[test]
    fn text_keeps_columns_and_drops_what_only_fills() {
        assert_eq!(text(&frame()), "p95 < 1s &\n日本 ok\n");
    }

    #[test]
    fn lines_are_as_many_as_rows_and_wide_letters_keep_their_columns() {
        let mut buf = Buffer::empty(Rect::new(0, 0, 8, 3));
        buf.set_string(0, 0, "ab", Style::default());
        buf.set_string(1, 1, "日本x", Style::default());
        assert_eq!(text(&buf), "ab\n 日本x\n\n");
    }
}
