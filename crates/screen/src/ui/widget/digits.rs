//! A number that can be read from across the room: five rows high, each dot two cells wide, which is about square.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;

use super::text;
use crate::ui::theme::Theme;

pub const HEIGHT: usize = 5;

/// Dots of a digit, and the columns to the next.
const DOTS: usize = 3;
const PITCH: usize = 2 * (DOTS + 1);

/// Three dots a row, the leftmost in the highest bit, rows from the top.
const DIGITS: [[u8; HEIGHT]; 10] = [
    [0b111, 0b101, 0b101, 0b101, 0b111],
    [0b010, 0b110, 0b010, 0b010, 0b111],
    [0b111, 0b001, 0b111, 0b100, 0b111],
    [0b111, 0b001, 0b111, 0b001, 0b111],
    [0b101, 0b101, 0b111, 0b001, 0b001],
    [0b111, 0b100, 0b111, 0b001, 0b111],
    [0b111, 0b100, 0b111, 0b101, 0b111],
    [0b111, 0b001, 0b001, 0b001, 0b001],
    [0b111, 0b101, 0b111, 0b101, 0b111],
    [0b111, 0b101, 0b111, 0b001, 0b111],
];

/// The digits of a number, from the left of the area.
pub struct Digits<'a> {
    pub number: u8,
    pub style: Style,
    pub theme: &'a Theme,
}

impl Digits<'_> {
    /// The columns up to where something else may stand.
    pub fn width(&self) -> usize {
        self.number.to_string().len() * PITCH
    }
}

impl Widget for Digits<'_> {
    fn render(self, area: Rect, buf: &mut Buffer) {
        let full = self.theme.glyphs.bars[7].repeat(2);
        let digits = self.number.to_string();
        let digits = digits.chars().filter_map(|c| DIGITS.get(c.to_digit(10)? as usize));
        for (place, rows) in digits.enumerate() {
            for (y, row) in rows.iter().enumerate() {
                for dot in (0..DOTS).filter(|dot| row >> (DOTS - 1 - dot) & 1 == 1) {
                    text::put(buf, area, place * PITCH + 2 * dot, y, &full, self.style);
                }
            }
        }
    }
}
