//! Text by display width: putting it into a buffer, cutting it, aligning it. Clips to the area, whatever it is handed.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Which edge of its column a text touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    Left,
    Right,
}

/// Columns that `text` takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// Writes from column `x` of row `y`, both counted from the corner of `area`, cut at its edge. Returns the column after.
pub fn put(buf: &mut Buffer, area: Rect, x: usize, y: usize, text: &str, style: Style) -> usize {
    let area = area.intersection(buf.area);
    if x >= usize::from(area.width) || y >= usize::from(area.height) {
        return x + width(text);
    }
    let room = usize::from(area.width) - x;
    buf.set_stringn(area.x + x as u16, area.y + y as u16, text, room, style);
    x + width(text)
}

/// Writes into the `columns` from `x` on, cut with an ellipsis if it does not fit.
#[expect(
    clippy::too_many_arguments,
    reason = "a cell of a table: where, how wide, how aligned, what, in which style"
)]
pub fn put_cell(
    buf: &mut Buffer,
    area: Rect,
    x: usize,
    y: usize,
    columns: usize,
    align: Align,
    text: &str,
    style: Style,
) {
    let cut = cut_end(text, columns);
    let indent = match align {
        Align::Left => 0,
        Align::Right => columns.saturating_sub(width(&cut)),
    };
    put(buf, area, x + indent, y, &cut, style);
}

/// Writes so that the text ends at the right edge of `area`.
pub fn put_right(buf: &mut Buffer, area: Rect, y: usize, text: &str, style: Style) {
    let x = usize::from(area.width).saturating_sub(width(text));
    put(buf, area, x, y, text, style);
}

/// At most `columns` wide; what is cut off leaves `…`.
pub fn cut_end(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.into();
    }
    let mut out = take_columns(text.chars(), columns.saturating_sub(1));
    if columns > 0 {
        out.push('…');
    }
    out
}

/// At most `columns` wide; the middle gives way, since names of one family differ at the end.
pub fn cut_middle(text: &str, columns: usize) -> String {
    if width(text) <= columns || columns < 5 {
        return cut_end(text, columns);
    }
    let tail_columns = (columns - 1) / 2;
    let head = take_columns(text.chars(), columns - 1 - tail_columns);
    let tail: String = take_columns(text.chars().rev(), tail_columns).chars().rev().collect();
    format!("{head}…{tail}")
}

fn take_columns(characters: impl Iterator<Item = char>, columns: usize) -> String {
    let mut used = 0;
    characters
        .take_while(|c| {
            used += c.width().unwrap_or(0);
            used <= columns
        })
        .collect()
}

/// The words in lines of at most `columns`; a word longer than that has a line to itself and is cut.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && width(&line) + 1 + width(word) > columns {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&cut_end(word, columns));
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// A part of `area` by rows, as far as they exist.
pub fn rows(area: Rect, first: usize, count: usize) -> Rect {
    let first = first.min(usize::from(area.height)) as u16;
    let count = count.min(usize::from(area.height - first)) as u16;
    Rect {
        y: area.y + first,
        height: count,
        ..area
    }
}

/// A part of `area` by columns, as far as they exist.
pub fn columns(area: Rect, first: usize, count: usize) -> Rect {
    let first = first.min(usize::from(area.width)) as u16;
    let count = count.min(usize::from(area.width - first)) as u16;
    Rect {
        x: area.x + first,
        width: count,
        ..area
    }
}

/// Without the column at either edge.
pub fn inset(area: Rect) -> Rect {
    columns(area, 1, usize::from(area.width).saturating_sub(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_by_display_width() {
        let check = |text: &str, columns, end: &str, middle: &str| {
            assert_eq!(cut_end(text, columns), end);
            assert_eq!(cut_middle(text, columns), middle);
        };
        check("checkout", 8, "checkout", "checkout");
        check("checkout-eu-west", 9, "checkout…", "chec…west");
        check("checkout", 1, "…", "…");
        check("checkout", 0, "", "");
        check("日本語サービス", 7, "日本語…", "日…ス");
    }

    #[test]
    fn nothing_is_written_outside_the_area() {
        let mut buf = Buffer::empty(Rect::new(0, 0, 10, 2));
        let area = Rect::new(2, 0, 4, 1);
        put(&mut buf, area, 2, 0, "abcdef", Style::default());
        put(&mut buf, area, 0, 3, "below", Style::default());
        put(&mut buf, area, 9, 0, "right", Style::default());
        put(&mut buf, Rect::new(50, 50, 5, 5), 0, 0, "away", Style::default());
        assert_eq!(buf, Buffer::with_lines(["    ab    ", "          "]));
    }
}
