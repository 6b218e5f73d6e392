//! Lines over columns, in braille dots (two by four to a cell) or in letters, one to a cell.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;

use super::text;
use crate::ui::theme::Pen;

/// One line: a height from 0 to 1 for each dot column, `None` where there is none.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub heights: Vec<Option<f64>>,
    pub style: Style,
    /// What draws the line where there are no dots.
    pub letter: &'static str,
    /// Whether neighbours are joined; else each height stands for itself.
    pub joined: bool,
}

/// Joins letters that are not in neighbouring rows.
const JOIN: &str = ":";

/// Dots in a cell: columns and rows.
pub fn dots(pen: Pen) -> (usize, usize) {
    match pen {
        Pen::Dots => (2, 4),
        Pen::Letters => (1, 1),
    }
}

/// The lines over the area, later ones over earlier ones.
pub struct Chart<'a> {
    pub lines: &'a [Line],
    pub pen: Pen,
}

impl Widget for Chart<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let Self { lines, pen } = self;
        let (dots_x, dots_y) = dots(pen);
        let columns = usize::from(area.width);
        let rows = usize::from(area.height);
        if columns == 0 || rows == 0 {
            return;
        }
        let mut cells: Vec<Stroke> = vec![Stroke::default(); columns * rows];
        for (number, line) in lines.iter().enumerate() {
            let mut previous: Option<usize> = None;
            for (x, height) in line.heights.iter().enumerate().take(columns * dots_x) {
                let y = height.map(|height| dot_row(height, rows * dots_y));
                if let Some(y) = y {
                    // Steps are joined by a vertical stroke, so that a line stays one line when it jumps.
                    let from = previous.filter(|_| line.joined).unwrap_or(y);
                    for dot in y.min(from)..=y.max(from) {
                        let cell = &mut cells[dot / dots_y * columns + x / dots_x];
                        cell.add(
                            braille_bit(x % dots_x, dot % dots_y),
                            number,
                            dot == y || pen == Pen::Dots,
                        );
                    }
                }
                previous = y;
            }
        }
        for (index, stroke) in cells.into_iter().enumerate().filter(|(_, stroke)| stroke.bits != 0) {
            let Some(line) = lines.get(stroke.line) else { continue };
            let bits = stroke.bits;
            let mut symbol = [0; 4];
            let symbol = match pen {
                Pen::Letters if !stroke.is_value => JOIN,
                Pen::Letters => line.letter,
                Pen::Dots => char::from_u32(0x2800 + u32::from(bits))
                    .unwrap_or(' ')
                    .encode_utf8(&mut symbol),
            };
            text::put(buf, area, index % columns, index / columns, symbol, line.style);
        }
    }
}

/// What is drawn in a cell.
#[derive(Clone, Copy, Debug, Default)]
struct Stroke {
    bits: u8,
    line: usize,
    /// Rather than what joins two of them.
    is_value: bool,
}

impl Stroke {
    /// A value is drawn over what joins others, not the other way round.
    fn add(&mut self, bit: u8, line: usize, is_value: bool) {
        self.bits |= bit;
        if is_value || !self.is_value {
            (self.line, self.is_value) = (line, is_value);
        }
    }
}

/// The row of cells from the top that a height is drawn in.
pub fn row(height: f64, rows: usize) -> usize {
    let (_, dots) = dots(Pen::Dots);
    dot_row(height, rows * dots) / dots
}

/// Row of dots from the top.
pub(super) fn dot_row(height: f64, rows: usize) -> usize {
    let last = rows.saturating_sub(1);
    let from_below = (height.clamp(0.0, 1.0) * last as f64).round() as usize;
    last.saturating_sub(from_below)
}

/// Bit of a dot in the Braille Patterns block (U+2800): dots 1-3 and 7 at the left, 4-6 and 8 at the right.
pub(super) fn braille_bit(x: usize, y: usize) -> u8 {
    const BITS: [[u8; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];
    BITS[x % 2][y % 4]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(heights: &[Option<f64>], pen: Pen, expected: &str) {
        let mut buf = Buffer::empty(Rect::new(0, 0, 3, 1));
        let line = Line {
            heights: heights.to_vec(),
            style: Style::default(),
            letter: "o",
            joined: true,
        };
        let chart = Chart { lines: &[line], pen };
        chart.render(Rect::new(0, 0, 3, 1), &mut buf);
        let row: String = buf.content.iter().map(|cell| cell.symbol()).collect();
        assert_eq!(row, expected);
    }

    #[test]
    fn dots_stand_where_the_values_are() {
        check(&[Some(0.0), Some(1.0)], Pen::Dots, "⣸  ");
        check(&[Some(0.0), None, None, Some(1.0)], Pen::Dots, "⡀⠈ ");
        check(
            &[Some(f64::NAN), None, None, None, None, None, Some(1.0)],
            Pen::Dots,
            "⡀  ",
        );
        check(&[Some(0.5), None, Some(7.0)], Pen::Letters, "o o");
    }
}
