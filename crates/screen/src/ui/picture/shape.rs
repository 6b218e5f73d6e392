//! Characters that are shapes rather than letters: blocks, braille, lines and signs, as areas within their cell. Fonts draw
//! them each in its own way, with gaps between cells or not at all; a picture draws them itself.
//!
//! All is measured in widths of a cell, from its upper left corner: a cell is one wide and two high.

/// Left, top, right, bottom.
pub(super) type Bounds = [f32; 4];

/// Corners, one after the other around an area.
pub(super) type Outline = Vec<(f32, f32)>;

/// What a character looks like.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Shape {
    Boxes(Vec<Bounds>),
    /// Everything, so thickly.
    Shade(f32),
    /// What lies within an odd number of these.
    Outlines(Vec<Outline>),
}

/// How high a cell is.
pub(super) const HEIGHT: f32 = 2.0;

/// Half of how thick lines are.
const LIGHT: f32 = 0.06;
const HEAVY: f32 = 0.12;

/// Half the side of a dot of braille.
const DOT: f32 = 0.15;

/// The shape of a cell that holds this; `None`: it is text, for a font.
pub(super) fn of(symbol: &str) -> Option<Shape> {
    let mut characters = symbol.chars();
    let (character, None) = (characters.next()?, characters.next()) else {
        return None;
    };
    match character {
        '\u{2500}'..='\u{257f}' => line(character),
        '\u{2580}'..='\u{259f}' => block(character),
        '\u{2800}'..='\u{28ff}' => Some(Shape::Boxes(dots(character as u32 - 0x2800))),
        _ => sign(character),
    }
}

/// Block elements: parts of a cell, and shades.
fn block(character: char) -> Option<Shape> {
    let eighths = |least: char| (character as u32 - least as u32 + 1) as f32 / 8.0;
    let bounds = match character {
        '▀' => [0.0, 0.0, 1.0, 1.0],
        '▁'..='█' => [0.0, HEIGHT * (1.0 - eighths('▁')), 1.0, HEIGHT],
        '▉'..='▏' => [0.0, 0.0, 1.0 - eighths('▉'), HEIGHT],
        '▐' => [0.5, 0.0, 1.0, HEIGHT],
        '▔' => [0.0, 0.0, 1.0, HEIGHT / 8.0],
        '▕' => [0.875, 0.0, 1.0, HEIGHT],
        '░' => return Some(Shape::Shade(0.25)),
        '▒' => return Some(Shape::Shade(0.5)),
        '▓' => return Some(Shape::Shade(0.75)),
        _ => return quarters(character),
    };
    Some(Shape::Boxes(vec![bounds]))
}

/// Of the quarters of a cell those that are filled: left and right above, left and right below.
fn quarters(character: char) -> Option<Shape> {
    let filled = match character {
        '▖' => [false, false, true, false],
        '▗' => [false, false, false, true],
        '▘' => [true, false, false, false],
        '▙' => [true, false, true, true],
        '▚' => [true, false, false, true],
        '▛' => [true, true, true, false],
        '▜' => [true, true, false, true],
        '▝' => [false, true, false, false],
        '▞' => [false, true, true, false],
        '▟' => [false, true, true, true],
        _ => return None,
    };
    let quarter = |number: usize| {
        let (left, top) = ((number % 2) as f32 * 0.5, (number / 2) as f32);
        [left, top, left + 0.5, top + 1.0]
    };
    Some(Shape::Boxes(
        (0..4).filter(|number| filled[*number]).map(quarter).collect(),
    ))
}

/// The dots of braille, by its bits (the Unicode standard, chapter 21.1).
fn dots(bits: u32) -> Vec<Bounds> {
    const PLACES: [(f32, f32); 8] = [
        (0.25, 0.25),
        (0.25, 0.75),
        (0.25, 1.25),
        (0.75, 0.25),
        (0.75, 0.75),
        (0.75, 1.25),
        (0.25, 1.75),
        (0.75, 1.75),
    ];
    let set = PLACES.into_iter().enumerate().filter(|(bit, _)| bits >> bit & 1 == 1);
    set.map(|(_, (x, y))| [x - DOT, y - DOT, x + DOT, y + DOT]).collect()
}

/// Lines from the middle to the sides, whole or as dashes; of those that lines are made of here, and no others.
fn line(character: char) -> Option<Shape> {
    let (dashes, thickness) = match character {
        '┄' => (3, LIGHT),
        '┅' => (3, HEAVY),
        '┈' => (4, LIGHT),
        '┉' => (4, HEAVY),
        '╌' => (2, LIGHT),
        '╍' => (2, HEAVY),
        _ => return arms(character),
    };
    let (middle, step) = (HEIGHT / 2.0, 1.0 / dashes as f32);
    let dash = |number: i32| {
        let left = number as f32 * step;
        [
            left + step * 0.2,
            middle - thickness,
            left + step * 0.8,
            middle + thickness,
        ]
    };
    Some(Shape::Boxes((0..dashes).map(dash).collect()))
}

/// Lines that go up, right, down and left.
fn arms(character: char) -> Option<Shape> {
    let (sides, half) = match character {
        '─' => ([false, true, false, true], LIGHT),
        '━' => ([false, true, false, true], HEAVY),
        '│' => ([true, false, true, false], LIGHT),
        '┃' => ([true, false, true, false], HEAVY),
        '┌' | '╭' => ([false, true, true, false], LIGHT),
        '┐' | '╮' => ([false, false, true, true], LIGHT),
        '└' | '╰' => ([true, true, false, false], LIGHT),
        '┘' | '╯' => ([true, false, false, true], LIGHT),
        '├' => ([true, true, true, false], LIGHT),
        '┤' => ([true, false, true, true], LIGHT),
        '┬' => ([false, true, true, true], LIGHT),
        '┴' => ([true, true, false, true], LIGHT),
        '┼' => ([true; 4], LIGHT),
        _ => return None,
    };
    let [up, right, down, left] = sides;
    let (x, y) = (0.5, HEIGHT / 2.0);
    let end = |reaches: bool, side: f32, middle: f32, half: f32| if reaches { side } else { middle + half };
    let mut boxes = Vec::new();
    if left || right {
        boxes.push([end(left, 0.0, x, -half), y - half, end(right, 1.0, x, half), y + half]);
    }
    if up || down {
        boxes.push([x - half, end(up, 0.0, y, -half), x + half, end(down, HEIGHT, y, half)]);
    }
    Some(Shape::Boxes(boxes))
}

/// Signs of levels and arrows of lists.
fn sign(character: char) -> Option<Shape> {
    let triangle = |a, b, c| vec![a, b, c];
    let outlines = match character {
        '▲' => vec![triangle((0.5, 0.5), (1.0, 1.45), (0.0, 1.45))],
        '▴' => vec![triangle((0.5, 0.75), (0.85, 1.35), (0.15, 1.35))],
        '▼' => vec![triangle((0.0, 0.55), (1.0, 0.55), (0.5, 1.5))],
        '▾' => vec![triangle((0.15, 0.75), (0.85, 0.75), (0.5, 1.35))],
        '▽' => vec![
            triangle((0.0, 0.55), (1.0, 0.55), (0.5, 1.5)),
            triangle((0.2, 0.67), (0.8, 0.67), (0.5, 1.24)),
        ],
        '▶' => vec![triangle((0.1, 0.55), (0.95, 1.0), (0.1, 1.45))],
        '◀' => vec![triangle((0.9, 0.55), (0.9, 1.45), (0.05, 1.0))],
        '●' => vec![circle(0.42)],
        '○' => vec![circle(0.42), circle(0.3)],
        '∙' => vec![circle(0.16)],
        '✗' => vec![cross()],
        _ => return None,
    };
    Some(Shape::Outlines(outlines))
}

fn circle(radius: f32) -> Outline {
    const CORNERS: usize = 16;
    let corner = |number: usize| {
        let angle = number as f32 / CORNERS as f32 * std::f32::consts::TAU;
        (0.5 + radius * angle.cos(), 1.0 + radius * angle.sin())
    };
    (0..CORNERS).map(corner).collect()
}

/// Two strokes from corner to corner.
fn cross() -> Outline {
    const REACH: f32 = 0.42;
    const HALF: f32 = 0.09;
    let quarter = [
        (-REACH, -REACH + 2.0 * HALF),
        (-REACH + 2.0 * HALF, -REACH),
        (0.0, -2.0 * HALF),
    ];
    let mut outline = Outline::new();
    let mut turned = quarter;
    for _ in 0..4 {
        outline.extend(turned.map(|(x, y)| (0.5 + x, 1.0 + y)));
        turned = turned.map(|(x, y)| (-y, x));
    }
    outline
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_bars_charts_and_boxes_are_made_of_are_shapes() {
        let check = |symbol: &str, expected: &[Bounds]| {
            assert_eq!(of(symbol), Some(Shape::Boxes(expected.to_vec())), "{symbol}");
        };
        check("█", &[[0.0, 0.0, 1.0, 2.0]]);
        check("▁", &[[0.0, 1.75, 1.0, 2.0]]);
        check("▏", &[[0.0, 0.0, 0.125, 2.0]]);
        check("▉", &[[0.0, 0.0, 0.875, 2.0]]);
        check("▞", &[[0.5, 0.0, 1.0, 1.0], [0.0, 1.0, 0.5, 2.0]]);
        check("⠀", &[]);
        check("⢀", &[[0.6, 1.6, 0.9, 1.9]]);
        check("─", &[[0.0, 0.94, 1.0, 1.06]]);
        check("┌", &[[0.44, 0.94, 1.0, 1.06], [0.44, 0.94, 0.56, 2.0]]);
        assert_eq!(of("▒"), Some(Shape::Shade(0.5)));
    }

    #[test]
    fn letters_are_text() {
        for symbol in ["a", "µ", "…", "×", "日", "e\u{301}", "", " "] {
            assert_eq!(of(symbol), None, "{symbol}");
        }
    }

    #[test]
    fn every_glyph_of_the_screen_that_no_keyboard_has_is_a_shape_or_in_every_font() {
        use crate::ui::theme::Glyphs;
        let glyphs = Glyphs::UNICODE;
        let drawn = [glyphs.clearing, glyphs.rule, glyphs.grid, glyphs.probe, glyphs.vertical]
            .into_iter()
            .chain([glyphs.descending, glyphs.ascending, glyphs.focus])
            .chain(glyphs.bars)
            .chain(glyphs.eighths)
            .chain(glyphs.limits)
            .chain(glyphs.ticks)
            .chain(glyphs.corners)
            .chain(glyphs.fills)
            .chain(glyphs.lines);
        for symbol in drawn {
            assert!(of(symbol).is_some(), "{symbol}");
        }
    }

    #[test]
    fn no_shape_leaves_its_cell() {
        let inside = |(x, y): (f32, f32)| (0.0..=1.0).contains(&x) && (0.0..=HEIGHT).contains(&y);
        for character in '\u{2000}'..'\u{2900}' {
            let corners: Vec<_> = match of(&character.to_string()) {
                Some(Shape::Boxes(boxes)) => boxes.iter().flat_map(|[a, b, c, d]| [(*a, *b), (*c, *d)]).collect(),
                Some(Shape::Outlines(outlines)) => outlines.concat(),
                Some(Shape::Shade(_)) | None => continue,
            };
            assert!(corners.into_iter().all(inside), "{character}");
        }
    }
}
