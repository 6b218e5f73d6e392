//! A number that can be read from across the room: five rows high, each dot two cells wide, which is about square.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

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

/// Draws the digits of `number` from the left. Returns the column after.
pub fn render(buf: &mut Buffer, area: Rect, number: u8, style: Style, theme: &Theme) -> usize {
    let full = theme.glyphs.bars[7].repeat(2);
    let mut x = 0;
    for digit in number.to_string().chars().filter_map(|c| c.to_digit(10)) {
        let Some(rows) = DIGITS.get(digit as usize) else {
            continue;
        };
        for (y, row) in rows.iter().enumerate() {
            for dot in (0..DOTS).filter(|dot| row >> (DOTS - 1 - dot) & 1 == 1) {
                text::put(buf, area, x + 2 * dot, y, &full, style);
            }
        }
        x += PITCH;
    }
    x
}
