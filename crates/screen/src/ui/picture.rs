//! A frame for files: as text, and as a picture (SVG) that looks like the terminal.

use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

/// Size of a cell in the picture, in its units: the proportions of common terminal fonts.
const CELL: (f32, f32) = (8.4, 18.0);

/// From the top of a cell down to the line that letters stand on.
const BASELINE: f32 = 13.5;

/// What a terminal shows where no colour is asked for.
const FOREGROUND: &str = "#d0d0d0";
const BACKGROUND: &str = "#16181d";

/// The 16 colours by their usual values (xterm's), darker blues lifted so that they can be read.
const ANSI: [&str; 16] = [
    "#000000", "#cd3131", "#0dbc79", "#e5e510", "#3b78ff", "#bc3fbc", "#11a8cd", "#cccccc", "#767676", "#f14c4c",
    "#23d18b", "#f5f543", "#6a9bff", "#d670d6", "#29b8db", "#ffffff",
];

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

/// The frame as an SVG document, with the colours it has.
pub fn svg(frame: &Buffer) -> String {
    let (width, height) = (
        f32::from(frame.area.width) * CELL.0,
        f32::from(frame.area.height) * CELL.1,
    );
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.1} {height:.1}\" width=\"{width:.0}\" \
         height=\"{height:.0}\" font-family=\"ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace\" \
         font-size=\"14\" xml:space=\"preserve\">\n<rect width=\"100%\" height=\"100%\" fill=\"{BACKGROUND}\"/>\n"
    );
    for (number, row) in rows(frame).enumerate() {
        let top = number as f32 * CELL.1;
        let letters: Vec<_> = letters(row).collect();
        for run in letters.chunk_by(|(_, a), (_, b)| look(a) == look(b)) {
            draw(&mut out, run, top);
        }
    }
    out.push_str("</svg>\n");
    out
}

/// Cells that look alike, as one ground and one text.
fn draw(out: &mut String, run: &[(usize, &Cell)], top: f32) {
    let [(column, first), ..] = run else { return };
    let (foreground, background) = colours(first);
    let words: String = run.iter().map(|(_, cell)| cell.symbol()).collect();
    let (left, width) = (*column as f32 * CELL.0, words.width() as f32 * CELL.0);
    // Writing to a string does not fail.
    if let Some(fill) = background {
        let _ = writeln!(
            out,
            "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{:.1}\" fill=\"{fill}\"/>",
            CELL.1
        );
    }
    if words.trim().is_empty() {
        return;
    }
    let baseline = top + BASELINE;
    let _ = write!(
        out,
        "<text x=\"{left:.1}\" y=\"{baseline:.1}\" textLength=\"{width:.1}\" lengthAdjust=\"spacingAndGlyphs\" fill=\"{foreground}\""
    );
    let marks = [
        (Modifier::BOLD, " font-weight=\"bold\""),
        (Modifier::ITALIC, " font-style=\"italic\""),
        (Modifier::UNDERLINED, " text-decoration=\"underline\""),
        (Modifier::DIM, " opacity=\"0.6\""),
    ];
    for (_, attribute) in marks.iter().filter(|(mark, _)| first.modifier.contains(*mark)) {
        out.push_str(attribute);
    }
    let _ = writeln!(out, ">{}</text>", escaped(&words));
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

/// Of the letters, and of the ground where it is not the usual one.
fn colours(cell: &Cell) -> (String, Option<String>) {
    let foreground = colour(cell.fg);
    let background = colour(cell.bg);
    if cell.modifier.contains(Modifier::REVERSED) {
        let letters = background.unwrap_or_else(|| BACKGROUND.to_owned());
        return (letters, Some(foreground.unwrap_or_else(|| FOREGROUND.to_owned())));
    }
    (foreground.unwrap_or_else(|| FOREGROUND.to_owned()), background)
}

/// `None`: the terminal's own.
fn colour(colour: Color) -> Option<String> {
    let ansi = |index: usize| Some(ANSI[index].to_owned());
    match colour {
        Color::Reset => None,
        Color::Black => ansi(0),
        Color::Red => ansi(1),
        Color::Green => ansi(2),
        Color::Yellow => ansi(3),
        Color::Blue => ansi(4),
        Color::Magenta => ansi(5),
        Color::Cyan => ansi(6),
        Color::Gray => ansi(7),
        Color::DarkGray => ansi(8),
        Color::LightRed => ansi(9),
        Color::LightGreen => ansi(10),
        Color::LightYellow => ansi(11),
        Color::LightBlue => ansi(12),
        Color::LightMagenta => ansi(13),
        Color::LightCyan => ansi(14),
        Color::White => ansi(15),
        Color::Rgb(red, green, blue) => Some(format!("#{red:02x}{green:02x}{blue:02x}")),
        Color::Indexed(index) => Some(indexed(index)),
    }
}

/// The 256 colours: 16 by name, a cube of six steps each, and a ramp of greys.
fn indexed(index: u8) -> String {
    let step = |value: u8| if value == 0 { 0 } else { 55 + 40 * value };
    match index {
        0..16 => ANSI[usize::from(index)].to_owned(),
        16..232 => {
            let cube = index - 16;
            let (red, green, blue) = (step(cube / 36), step(cube / 6 % 6), step(cube % 6));
            format!("#{red:02x}{green:02x}{blue:02x}")
        }
        232.. => {
            let grey = 8 + 10 * (index - 232);
            format!("#{grey:02x}{grey:02x}{grey:02x}")
        }
    }
}

/// XML has no way to write most control characters, surrogates, U+FFFE and U+FFFF (XML 1.0, section 2.2): each becomes the
/// sign for a character that is not known.
fn escaped(words: &str) -> String {
    let words: String = words
        .chars()
        .map(|c| match c {
            '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'.. => c,
            _ => char::REPLACEMENT_CHARACTER,
        })
        .collect();
    words.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    use ratatui::layout::Rect;
    use ratatui::style::Style;

    fn frame() -> Buffer {
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

    #[test]
    fn the_picture_has_the_colours_and_no_raw_markup() {
        let svg = svg(&frame());
        assert!(svg.contains("fill=\"#0102ff\">p95 &lt; 1s &amp; </text>"), "{svg}");
        assert!(svg.contains("fill=\"#ff0000\"/>"), "{svg}");
        assert!(svg.contains(">日本 ok</text>"), "{svg}");
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
    }

    #[test]
    fn what_xml_forbids_is_replaced() {
        let check = |words, expected: &str| assert_eq!(escaped(words), expected);
        check("a\u{fffe}b\u{ffff}", "a\u{fffd}b\u{fffd}");
        check("\u{0}\u{8}\u{b}\u{1f}", "\u{fffd}\u{fffd}\u{fffd}\u{fffd}");
        check(
            "\u{1fffe}\u{10ffff}日本\u{d7ff}\u{e000}\u{fffd}",
            "\u{1fffe}\u{10ffff}日本\u{d7ff}\u{e000}\u{fffd}",
        );
    }

    #[test]
    fn every_indexed_colour_is_one() {
        let check = |index, expected: &str| assert_eq!(indexed(index), expected);
        check(1, "#cd3131");
        check(16, "#000000");
        check(231, "#ffffff");
        check(208, "#ff8700");
        check(232, "#080808");
        check(255, "#eeeeee");
    }
}
