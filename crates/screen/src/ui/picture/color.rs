//! The colours of a picture: what a terminal usually makes of those it is asked for.

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};

/// Red, green and blue.
pub(super) type Rgb = [u8; 3];

/// What a terminal shows where no colour is asked for.
pub(super) const FOREGROUND: Rgb = [0xd0, 0xd0, 0xd0];
pub(super) const BACKGROUND: Rgb = [0x16, 0x18, 0x1d];

/// How much of its colour dimmed text keeps.
const DIMMED: f32 = 0.6;

/// The 16 colours by their usual values (xterm's), darker blues lifted so that they can be read.
const ANSI: [Rgb; 16] = [
    [0x00, 0x00, 0x00],
    [0xcd, 0x31, 0x31],
    [0x0d, 0xbc, 0x79],
    [0xe5, 0xe5, 0x10],
    [0x3b, 0x78, 0xff],
    [0xbc, 0x3f, 0xbc],
    [0x11, 0xa8, 0xcd],
    [0xcc, 0xcc, 0xcc],
    [0x76, 0x76, 0x76],
    [0xf1, 0x4c, 0x4c],
    [0x23, 0xd1, 0x8b],
    [0xf5, 0xf5, 0x43],
    [0x6a, 0x9b, 0xff],
    [0xd6, 0x70, 0xd6],
    [0x29, 0xb8, 0xdb],
    [0xff, 0xff, 0xff],
];

/// Of what is on a cell, and of its ground where it is not the usual one.
pub(super) fn of(cell: &Cell) -> (Rgb, Option<Rgb>) {
    let (mut ink, mut ground) = (rgb(cell.fg).unwrap_or(FOREGROUND), rgb(cell.bg));
    if cell.modifier.contains(Modifier::REVERSED) {
        (ink, ground) = (ground.unwrap_or(BACKGROUND), Some(ink));
    }
    if cell.modifier.contains(Modifier::DIM) {
        ink = mix(ground.unwrap_or(BACKGROUND), ink, DIMMED);
    }
    (ink, ground)
}

/// So far on the way from one colour to another.
pub(super) fn mix(from: Rgb, to: Rgb, share: f32) -> Rgb {
    let channel = |index: usize| {
        let (from, to) = (f32::from(from[index]), f32::from(to[index]));
        (from + (to - from) * share).round() as u8
    };
    [channel(0), channel(1), channel(2)]
}

/// `None`: the terminal's own.
fn rgb(color: Color) -> Option<Rgb> {
    let index = match color {
        Color::Reset => return None,
        Color::Rgb(red, green, blue) => return Some([red, green, blue]),
        Color::Indexed(index) => return Some(indexed(index)),
        Color::Black => 0,
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 8,
        Color::LightRed => 9,
        Color::LightGreen => 10,
        Color::LightYellow => 11,
        Color::LightBlue => 12,
        Color::LightMagenta => 13,
        Color::LightCyan => 14,
        Color::White => 15,
    };
    Some(ANSI[index])
}

/// The 256 colours: 16 by name, a cube of six steps each, and a ramp of greys.
fn indexed(index: u8) -> Rgb {
    let step = |value: u8| if value == 0 { 0 } else { 55 + 40 * value };
    match index {
        0..16 => ANSI[usize::from(index)],
        16..232 => {
            let cube = index - 16;
            [step(cube / 36), step(cube / 6 % 6), step(cube % 6)]
        }
        232.. => [8 + 10 * (index - 232); 3],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_indexed_colour_is_one() {
        let check = |index, expected: Rgb| assert_eq!(indexed(index), expected);
        check(1, [0xcd, 0x31, 0x31]);
        check(16, [0, 0, 0]);
        check(231, [255, 255, 255]);
        check(208, [0xff, 0x87, 0]);
        check(232, [8, 8, 8]);
        check(255, [0xee, 0xee, 0xee]);
    }

    #[test]
    fn reversed_and_dimmed_cells_look_so() {
        let mut cell = Cell::new("x");
        cell.fg = Color::Rgb(100, 100, 100);
        cell.bg = Color::Rgb(0, 0, 0);
        cell.modifier = Modifier::DIM;
        assert_eq!(of(&cell), ([60; 3], Some([0; 3])));
        cell.modifier = Modifier::REVERSED;
        assert_eq!(of(&cell), ([0; 3], Some([100; 3])));
        cell.bg = Color::Reset;
        assert_eq!(of(&cell), (BACKGROUND, Some([100; 3])));
    }
}
