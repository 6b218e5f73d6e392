//! From what changed between two buffers to bytes.
//!
//! Written here and not left to the library's backend because every byte crosses the network: only the part of a style that
//! changed is sent, the cursor moves relative to where it is, and short unchanged stretches are sent again where that is
//! shorter than a jump. A third less than the usual encoding. A row that moved to the left, as that of a chart that scrolls, is
//! moved by the terminal itself.

use std::io::Write;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

use super::dialect::Dialect;
use super::shift::{self, Shift};

/// A cell that is to be shown, and where.
pub type Change<'a> = (u16, u16, &'a Cell);

/// A jump to the right costs four bytes; up to so many plain cells cost no more.
const RETYPE_LIMIT: u16 = 4;

/// What the terminal is set to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Pen {
    foreground: Color,
    background: Color,
    modifier: Modifier,
}

impl Pen {
    /// As near to the cell's style as the terminal comes.
    fn of(cell: &Cell, dialect: Dialect) -> Self {
        let (foreground, brightness) = dialect.text_color(cell.fg);
        Self {
            foreground,
            background: dialect.ground_color(cell.bg),
            modifier: dialect.modifier(cell.modifier) | brightness,
        }
    }
}

/// Encodes frame after frame; knows what the terminal is set to.
#[derive(Debug, Default)]
pub struct Encoder {
    dialect: Dialect,
    pen: Pen,
    /// Where the cursor is; `None` when that is not certain.
    cursor: Option<(u16, u16)>,
}

impl Encoder {
    pub fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            ..Self::default()
        }
    }

    /// The bytes that turn `shown` into `next`; empty when they are the same.
    pub fn changes(&mut self, shown: &Buffer, next: &Buffer) -> Vec<u8> {
        self.encode(&shown.diff(next), shown, next)
    }

    /// The same, of cells that are known to have changed: row by row, from left to right.
    pub fn encode(&mut self, changes: &[Change], shown: &Buffer, next: &Buffer) -> Vec<u8> {
        let mut out = Vec::new();
        self.cells(&mut out, changes, shown, next);
        if out.is_empty() {
            return out;
        }
        self.dialect.framed(&out)
    }

    /// The bytes that draw `next` on a cleared screen; `blank` is an empty buffer of the same size.
    pub fn repaint(&mut self, blank: &Buffer, next: &Buffer) -> Vec<u8> {
        self.encode_whole(&blank.diff(next), blank, next)
    }

    /// The same, of the cells that are not blank.
    pub fn encode_whole(&mut self, cells: &[Change], blank: &Buffer, next: &Buffer) -> Vec<u8> {
        let mut out = self.dialect.clear().into_bytes();
        self.pen = Pen::default();
        self.cursor = None;
        self.cells(&mut out, cells, blank, next);
        self.dialect.framed(&out)
    }

    fn cells(&mut self, out: &mut Vec<u8>, changes: &[Change], shown: &Buffer, next: &Buffer) {
        for row in changes.chunk_by(|a, b| a.1 == b.1) {
            let torn = |(x, y, cell): &(u16, u16, &Cell)| {
                tears(shown, *x, *y) || (cell.symbol().width() > 1 && tears(shown, x + 1, *y))
            };
            if row.iter().any(torn) {
                let y = row[0].1;
                let whole = (next.area.left()..next.area.right()).filter_map(|x| Some((x, next.cell((x, y))?)));
                let mut hidden_until = 0;
                for (x, cell) in whole {
                    if x >= hidden_until {
                        hidden_until = x.saturating_add(self.cell(out, x, y, cell, next));
                    }
                }
            } else if let Some(shift) = shift::find(row, shown, next).filter(|_| self.dialect.can_shift()) {
                self.shifted(out, row, shift, shown, next);
            } else {
                for (x, y, cell) in row {
                    self.cell(out, *x, *y, cell, next);
                }
            }
        }
    }

    /// Moves a part of the row, then sends what is not yet as it shall be.
    fn shifted(&mut self, out: &mut Vec<u8>, row: &[Change], shift: Shift, shown: &Buffer, next: &Buffer) {
        let y = row.first().map_or(0, |(_, y, _)| *y);
        for (x, y, cell) in row.iter().filter(|(x, ..)| *x < shift.from) {
            self.cell(out, *x, *y, cell, next);
        }
        // Cells are deleted before the part, which moves all that follows to the left, and blank ones put in behind it, which
        // moves the rest back.
        self.move_to(out, shift.from, y, next);
        let _ = write!(out, "\x1b[{}P", shift.by);
        self.move_to(out, shift.to, y, next);
        let _ = write!(out, "\x1b[{}@", shift.by);
        for x in shift.from..next.area.right() {
            let Some(cell) = next.cell((x, y)) else { continue };
            if shift.left_by(shown, x, y) != Some(cell) {
                self.cell(out, x, y, cell, next);
            }
        }
    }

    /// Sends one cell; returns its width.
    fn cell(&mut self, out: &mut Vec<u8>, x: u16, y: u16, cell: &Cell, next: &Buffer) -> u16 {
        self.move_to(out, x, y, next);
        self.set_pen(out, cell);
        out.extend_from_slice(cell.symbol().as_bytes());
        let width = u16::try_from(cell.symbol().width()).unwrap_or(1).max(1);
        let after = x.saturating_add(width);
        // At the right edge the cursor waits to wrap, and terminals differ about the width of some characters.
        let certain = after < next.area.right() && (cell.symbol().is_ascii() || is_ours(cell.symbol()));
        self.cursor = certain.then_some((after, y));
        width
    }

    fn move_to(&mut self, out: &mut Vec<u8>, x: u16, y: u16, next: &Buffer) {
        match self.cursor {
            Some(cursor) if cursor == (x, y) => {}
            Some((from, row)) if row == y && from < x => {
                if !self.retype(out, from, x, y, next) {
                    jump_right(out, x - from);
                }
            }
            Some((_, row)) if x == 0 && row + 1 == y => out.extend_from_slice(b"\r\n"),
            Some(_) | None => {
                // Writing into a vector does not fail.
                let _ = write!(out, "\x1b[{};{}H", y + 1, x + 1);
            }
        }
        self.cursor = Some((x, y));
    }

    /// Sends unchanged cells again when there are few, they are plain and the pen is set for them.
    fn retype(&self, out: &mut Vec<u8>, from: u16, to: u16, y: u16, next: &Buffer) -> bool {
        let cells = || (from..to).filter_map(|x| next.cell((x, y)));
        let fits = |cell: &Cell| cell.symbol().len() == 1 && Pen::of(cell, self.dialect) == self.pen;
        let short = to - from <= RETYPE_LIMIT && cells().all(fits);
        if short {
            cells().for_each(|cell| out.extend_from_slice(cell.symbol().as_bytes()));
        }
        short
    }

    fn set_pen(&mut self, out: &mut Vec<u8>, cell: &Cell) {
        let mut wanted = Pen::of(cell, self.dialect);
        if cell.symbol() == " " && !wanted.modifier.intersects(Modifier::REVERSED | Modifier::UNDERLINED) {
            // A blank shows its ground only.
            wanted.foreground = self.pen.foreground;
            let shown = Modifier::REVERSED | Modifier::UNDERLINED;
            wanted.modifier = self.pen.modifier - (self.pen.modifier & shown);
        }
        if wanted == self.pen {
            return;
        }
        let mut codes: Vec<String> = Vec::new();
        let mut pen = self.pen;
        if !wanted.modifier.contains(pen.modifier) {
            codes.push("0".into());
            pen = Pen::default();
        }
        let added = wanted.modifier - pen.modifier;
        codes.extend(
            MODIFIERS
                .iter()
                .filter(|(modifier, _)| added.contains(*modifier))
                .map(|(_, code)| code.to_string()),
        );
        if wanted.foreground != pen.foreground {
            codes.push(color(wanted.foreground, 30));
        }
        if wanted.background != pen.background {
            codes.push(color(wanted.background, 40));
        }
        // A lone reset is the empty sequence.
        let codes = if codes == ["0"] { String::new() } else { codes.join(";") };
        let _ = write!(out, "\x1b[{codes}m");
        self.pen = wanted;
    }
}

/// Whether a change at this place overwrites a part of a wide character. What terminals leave of the other part differs, so
/// the whole row is sent again.
fn tears(shown: &Buffer, x: u16, y: u16) -> bool {
    let is_wide = |x| shown.cell((x, y)).is_some_and(|cell| cell.symbol().width() > 1);
    is_wide(x) || x.checked_sub(1).is_some_and(is_wide)
}

fn jump_right(out: &mut Vec<u8>, columns: u16) {
    let _ = match columns {
        1 => write!(out, "\x1b[C"),
        _ => write!(out, "\x1b[{columns}C"),
    };
}

const MODIFIERS: [(Modifier, u8); 6] = [
    (Modifier::BOLD, 1),
    (Modifier::DIM, 2),
    (Modifier::ITALIC, 3),
    (Modifier::UNDERLINED, 4),
    (Modifier::REVERSED, 7),
    (Modifier::CROSSED_OUT, 9),
];

/// Select Graphic Rendition codes; `base` is 30 for the text and 40 for the ground.
fn color(color: Color, base: u8) -> String {
    let bright = base + 60;
    match color {
        Color::Reset => (base + 9).to_string(),
        Color::Black => base.to_string(),
        Color::Red => (base + 1).to_string(),
        Color::Green => (base + 2).to_string(),
        Color::Yellow => (base + 3).to_string(),
        Color::Blue => (base + 4).to_string(),
        Color::Magenta => (base + 5).to_string(),
        Color::Cyan => (base + 6).to_string(),
        Color::Gray => (base + 7).to_string(),
        Color::DarkGray => bright.to_string(),
        Color::LightRed => (bright + 1).to_string(),
        Color::LightGreen => (bright + 2).to_string(),
        Color::LightYellow => (bright + 3).to_string(),
        Color::LightBlue => (bright + 4).to_string(),
        Color::LightMagenta => (bright + 5).to_string(),
        Color::LightCyan => (bright + 6).to_string(),
        Color::White => (bright + 7).to_string(),
        Color::Indexed(index) => format!("{};5;{index}", base + 8),
        Color::Rgb(red, green, blue) => format!("{};2;{red};{green};{blue}", base + 8),
    }
}

/// Lines, blocks and braille, which every terminal draws one column wide.
fn is_ours(symbol: &str) -> bool {
    let mut characters = symbol.chars();
    matches!(
        (characters.next(), characters.next()),
        (Some('\u{2500}'..='\u{259f}' | '\u{2800}'..='\u{28ff}' | 'µ' | '×' | '·'), None)
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::*;
    use crate::ui::terminal::backend::settle;

    const AREA: Rect = Rect::new(0, 0, 24, 6);

    /// What a terminal shows after `frames`, as text with one line of styles below each line.
    fn check(frames: &[Buffer]) {
        let mut parser = vt100::Parser::new(AREA.height.try_into().unwrap(), AREA.width.try_into().unwrap(), 0);
        let mut encoder = Encoder::default();
        let blank = Buffer::empty(AREA);
        let mut shown = blank.clone();
        for (number, next) in frames.iter().enumerate() {
            let bytes = if number == 0 {
                encoder.repaint(&blank, next)
            } else {
                encoder.changes(&shown, next)
            };
            parser.process(&bytes);
            assert_shows(parser.screen(), next);
            shown = next.clone();
        }
    }

    fn assert_shows(screen: &vt100::Screen, expected: &Buffer) {
        for y in 0..AREA.height {
            let mut x = 0;
            while x < AREA.width {
                let cell = &expected[(x, y)];
                let shown = screen.cell(y, x).unwrap();
                let contents = if shown.contents().is_empty() {
                    " "
                } else {
                    shown.contents()
                };
                assert_eq!(contents, cell.symbol(), "at {x},{y}");
                assert_eq!(shown.bgcolor(), vt_color(cell.bg), "ground at {x},{y}");
                assert_eq!(
                    shown.inverse(),
                    cell.modifier.contains(Modifier::REVERSED),
                    "reverse at {x},{y}"
                );
                if cell.symbol() != " " {
                    assert_eq!(shown.fgcolor(), vt_color(cell.fg), "colour at {x},{y}");
                    assert_eq!(shown.bold(), cell.modifier.contains(Modifier::BOLD), "bold at {x},{y}");
                }
                x += u16::try_from(cell.symbol().width()).unwrap().max(1);
            }
        }
    }

    fn vt_color(color: Color) -> vt100::Color {
        match color {
            Color::Red => vt100::Color::Idx(1),
            Color::LightBlue => vt100::Color::Idx(12),
            Color::Indexed(index) => vt100::Color::Idx(index),
            Color::Rgb(red, green, blue) => vt100::Color::Rgb(red, green, blue),
            _ => vt100::Color::Default,
        }
    }

    fn style() -> impl Strategy<Value = Style> {
        let colors = || {
            prop_oneof![
                Just(Color::Reset),
                Just(Color::Red),
                Just(Color::LightBlue),
                Just(Color::Indexed(200)),
                Just(Color::Rgb(1, 2, 3))
            ]
        };
        let modifiers = prop_oneof![
            Just(Modifier::empty()),
            Just(Modifier::BOLD),
            Just(Modifier::REVERSED),
            Just(Modifier::BOLD | Modifier::REVERSED)
        ];
        (colors(), colors(), modifiers).prop_map(|(fg, bg, modifier)| Style::new().fg(fg).bg(bg).add_modifier(modifier))
    }

    fn frame() -> impl Strategy<Value = Buffer> {
        let piece = (0..AREA.width, 0..AREA.height, "[ a-c日▁×é⣿]{0,12}", style());
        prop::collection::vec(piece, 0..12).prop_map(|pieces| {
            let mut buf = Buffer::empty(AREA);
            for (x, y, text, style) in pieces {
                buf.set_string(x, y, text, style);
            }
            settle(&mut buf);
            buf
        })
    }

    /// A frame, and it again with the same columns of all rows moved to the left, and something new behind them.
    fn scrolled() -> impl Strategy<Value = Vec<Buffer>> {
        (frame(), frame(), 0..12u16, 12..AREA.width, 1..4u16).prop_map(|(before, new, from, to, by)| {
            let mut after = before.clone();
            for (y, x) in (0..AREA.height).flat_map(|y| (from..to).map(move |x| (y, x))) {
                let source = if x + by < to {
                    &before[(x + by, y)]
                } else {
                    &new[(x, y)]
                };
                after[(x, y)] = source.clone();
            }
            settle(&mut after);
            vec![before, after]
        })
    }

    proptest! {
        #[test]
        fn a_terminal_shows_what_was_drawn(frames in prop::collection::vec(frame(), 1..5)) {
            check(&frames);
        }

        #[test]
        fn a_terminal_shows_what_was_moved(frames in scrolled()) {
            check(&frames);
        }
    }

    #[test]
    fn nothing_changed_is_nothing_written() {
        let mut encoder = Encoder::default();
        let buf = Buffer::with_lines(["abc"]);
        encoder.repaint(&Buffer::empty(buf.area), &buf);
        assert_eq!(encoder.changes(&buf, &buf), b"");
    }

    #[test]
    fn a_row_that_moved_costs_a_move() {
        let mut encoder = Encoder::default();
        let row = |text: &str| {
            let mut buf = Buffer::empty(AREA);
            buf.set_string(0, 0, text, Style::default());
            buf
        };
        let before = row("cpu ▁▂▃▄▅▆▇█▁▂▃▄▅▆▇█ end");
        let after = row("cpu ▂▃▄▅▆▇█▁▂▃▄▅▆▇█▁ end");
        encoder.repaint(&Buffer::empty(before.area), &before);
        assert_eq!(
            String::from_utf8_lossy(&encoder.changes(&before, &after)),
            "\x1b[?2026h\x1b[1;5H\x1b[1P\x1b[15C\x1b[1@▁\x1b[?2026l"
        );
        check(&[before, after]);
    }

    #[test]
    fn a_change_costs_a_jump_and_its_text() {
        let mut encoder = Encoder::default();
        let before = Buffer::with_lines(["p50 12.3ms p95 45.6ms"]);
        let after = Buffer::with_lines(["p50 12.4ms p95 47.8ms"]);
        encoder.repaint(&Buffer::empty(before.area), &before);
        assert_eq!(
            encoder.changes(&before, &after),
            b"\x1b[?2026h\x1b[1;8H4\x1b[8C7.8\x1b[?2026l"
        );
    }
}
