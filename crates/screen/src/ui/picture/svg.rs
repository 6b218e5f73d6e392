//! A frame as an SVG document: text as text, everything else as paths, so that no font is needed for it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::Modifier;
use unicode_width::UnicodeWidthStr;

use super::color::{self, Rgb};
use super::shape::{self, Bounds, Shape};
use super::{letters, look, rows};

/// Width of a cell in the picture, in its units; it is twice as high.
const CELL: f32 = 9.0;

/// Of letters: those of common fonts are as wide as 0.6 of it, which is a cell.
const FONT_SIZE: f32 = 15.0;

/// From the top of a cell down to the line that letters stand on.
const BASELINE: f32 = 13.5;

/// What is below the text, by its colour: grounds come first.
#[derive(Default)]
struct Paths {
    grounds: BTreeMap<Rgb, String>,
    /// By how thickly they lie, and by how high they are, in hundredths.
    boxes: BTreeMap<(Rgb, u8, i32), Line>,
    outlines: BTreeMap<Rgb, String>,
}

/// Boxes of one height, as strokes that are as wide: a third of what their outlines take.
#[derive(Default)]
struct Line {
    path: String,
    /// Where the last stroke ended, in hundredths.
    at: (i32, i32),
}

/// The frame with the colours it has.
pub fn svg(frame: &Buffer) -> String {
    let (width, height) = (
        f32::from(frame.area.width) * CELL,
        f32::from(frame.area.height) * CELL * shape::HEIGHT,
    );
    let mut paths = Paths::default();
    let mut words = Words::default();
    for (number, row) in rows(frame).enumerate() {
        let letters: Vec<_> = letters(row).collect();
        let top = number as f32 * shape::HEIGHT;
        for run in letters.chunk_by(|(_, a), (_, b)| look(a) == look(b)) {
            paths.add(run, top);
            for stretch in run.split(|(_, cell)| shape::of(cell.symbol()).is_some()) {
                words.add(stretch, top);
            }
        }
    }
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         font-family=\"ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace\" font-size=\"{FONT_SIZE}\" \
         xml:space=\"preserve\">\n<rect width=\"100%\" height=\"100%\" fill=\"{}\"/>\n",
        hex(color::BACKGROUND)
    );
    paths.write(&mut out);
    words.write(&mut out);
    out.push_str("</svg>\n");
    out
}

impl Paths {
    /// The ground of cells that look alike, and the shapes on it.
    fn add(&mut self, run: &[(usize, &Cell)], top: f32) {
        let [(column, first), ..] = run else { return };
        let (ink, ground) = color::of(first);
        let width: usize = run.iter().map(|(_, cell)| cell.symbol().width().max(1)).sum();
        if let Some(ground) = ground {
            let bounds = [*column as f32, top, (column + width) as f32, top + shape::HEIGHT];
            put_ground(self.grounds.entry(ground).or_default(), bounds);
        }
        let mut boxes = Vec::new();
        for (column, cell) in run {
            let moved = |[left, above, right, below]: Bounds| {
                let x = *column as f32;
                [x + left, top + above, x + right, top + below]
            };
            match shape::of(cell.symbol()) {
                Some(Shape::Boxes(parts)) => boxes.extend(parts.into_iter().map(moved)),
                Some(Shape::Shade(share)) => {
                    self.put_box(ink, (share * 100.0) as u8, moved([0.0, 0.0, 1.0, shape::HEIGHT]));
                }
                Some(Shape::Outlines(outlines)) => {
                    let path = self.outlines.entry(ink).or_default();
                    for outline in outlines {
                        put_outline(path, outline.into_iter().map(|(x, y)| (x + *column as f32, y + top)));
                    }
                }
                None => {}
            }
        }
        for bounds in joined(&boxes) {
            self.put_box(ink, WHOLE, bounds);
        }
    }

    fn put_box(&mut self, ink: Rgb, thickness: u8, [left, top, right, bottom]: Bounds) {
        let [left, top, right, bottom] = [left, top, right, bottom].map(hundredths);
        let line = self.boxes.entry((ink, thickness, bottom - top)).or_default();
        line.stroke(left, i32::midpoint(top, bottom), right - left);
    }

    fn write(&self, out: &mut String) {
        // Writing to a string does not fail.
        for (ground, path) in &self.grounds {
            let _ = writeln!(
                out,
                "<path shape-rendering=\"crispEdges\" fill=\"{}\" d=\"{path}\"/>",
                hex(*ground)
            );
        }
        for ((ink, thickness, height), Line { path, .. }) in &self.boxes {
            let thin = match *thickness {
                WHOLE => String::new(),
                thin => format!(" stroke-opacity=\"0.{thin}\""),
            };
            let (ink, height) = (hex(*ink), decimal(*height));
            let _ = writeln!(
                out,
                "<path fill=\"none\" stroke=\"{ink}\" stroke-width=\"{height}\"{thin} d=\"{path}\"/>"
            );
        }
        for (ink, path) in &self.outlines {
            let _ = writeln!(out, "<path fill-rule=\"evenodd\" fill=\"{}\" d=\"{path}\"/>", hex(*ink));
        }
    }
}

/// The thickness of what hides everything below it.
const WHOLE: u8 = 100;

impl Line {
    /// Goes to a place by whichever way takes fewer letters, and draws from there to the right.
    fn stroke(&mut self, x: i32, y: i32, length: i32) {
        let away = format!("M{} {}", decimal(x), decimal(y));
        let near = format!("m{} {}", decimal(x - self.at.0), decimal(y - self.at.1));
        let shorter = if near.len() < away.len() && !self.path.is_empty() {
            near
        } else {
            away
        };
        let _ = write!(self.path, "{shorter}h{}", decimal(length));
        self.at = (x + length, y);
    }
}

/// Widths of cells in hundredths of the picture's units: nobody sees more.
fn hundredths(widths: f32) -> i32 {
    (widths * CELL * 100.0).round() as i32
}

/// Hundredths as a number.
fn decimal(hundredths: i32) -> String {
    (f64::from(hundredths) / 100.0).to_string()
}

/// Boxes, of which those that continue one another are one.
fn joined(boxes: &[Bounds]) -> Vec<Bounds> {
    let mut joined: Vec<Bounds> = Vec::with_capacity(boxes.len());
    for &[left, top, right, bottom] in boxes {
        let before = joined
            .iter_mut()
            .rev()
            .take(2)
            .find(|[_, above, end, below]| (*above, *end, *below) == (top, left, bottom));
        match before {
            Some([.., end, _]) => *end = right,
            None => joined.push([left, top, right, bottom]),
        }
    }
    joined
}

fn put_ground(path: &mut String, [left, top, right, bottom]: Bounds) {
    let [left, top, right, bottom] = [left, top, right, bottom].map(hundredths);
    let (width, height) = (decimal(right - left), decimal(bottom - top));
    let _ = write!(path, "M{} {}h{width}v{height}h-{width}z", decimal(left), decimal(top));
}

fn put_outline(path: &mut String, corners: impl Iterator<Item = (f32, f32)>) {
    for (number, (x, y)) in corners.enumerate() {
        let command = if number == 0 { 'M' } else { 'L' };
        let _ = write!(path, "{command}{} {}", decimal(hundredths(x)), decimal(hundredths(y)));
    }
    path.push('z');
}

/// What is written in each colour and with each of the [`MARKS`].
#[derive(Default)]
struct Words(BTreeMap<(Rgb, [bool; MARKS.len()]), String>);

const MARKS: [(Modifier, &str); 3] = [
    (Modifier::BOLD, " font-weight=\"bold\""),
    (Modifier::ITALIC, " font-style=\"italic\""),
    (Modifier::UNDERLINED, " text-decoration=\"underline\""),
];

impl Words {
    /// Cells that look alike and hold letters, without what only fills them up at either end.
    fn add(&mut self, stretch: &[(usize, &Cell)], top: f32) {
        let is_blank = |(_, cell): &(usize, &Cell)| cell.symbol().trim().is_empty();
        let Some(from) = stretch.iter().position(|cell| !is_blank(cell)) else {
            return;
        };
        let until = stretch.iter().rposition(|cell| !is_blank(cell)).unwrap_or(from);
        let shown = &stretch[from..=until];
        let [(column, first), ..] = shown else { return };
        let words: String = shown.iter().map(|(_, cell)| cell.symbol()).collect();
        let (ink, _) = color::of(first);
        let marks = MARKS.map(|(mark, _)| first.modifier.contains(mark));
        let out = self.0.entry((ink, marks)).or_default();
        let (left, baseline) = (*column as f32 * CELL, top * CELL + BASELINE);
        // Writing to a string does not fail.
        let _ = write!(out, "<text x=\"{left}\" y=\"{baseline}\"");
        if shown.len() > 1 {
            let _ = write!(out, " textLength=\"{}\"", words.width() as f32 * CELL);
        }
        let _ = writeln!(out, ">{}</text>", escaped(&words));
    }

    fn write(&self, out: &mut String) {
        for ((ink, marks), words) in &self.0 {
            let attributes = MARKS.iter().zip(marks).filter(|(_, is_set)| **is_set);
            let attributes: String = attributes.map(|((_, attribute), _)| *attribute).collect();
            let _ = write!(out, "<g fill=\"{}\"{attributes}>\n{words}</g>\n", hex(*ink));
        }
    }
}

fn hex([red, green, blue]: Rgb) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
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
    use super::super::tests::frame;
    use super::*;

    use ratatui::layout::Rect;
    use ratatui::style::{Color, Style};

    #[test]
    fn the_picture_has_the_colours_and_no_raw_markup() {
        let svg = svg(&frame());
        assert!(
            svg.contains("<g fill=\"#0102ff\">\n<text x=\"0\" y=\"13.5\" textLength=\"90\">p95 &lt; 1s &amp;</text>"),
            "{svg}"
        );
        assert!(svg.contains("fill=\"#ff0000\" d=\"M0 18h63v18h-63z\"/>"), "{svg}");
        assert!(svg.contains(">日本 ok</text>"), "{svg}");
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
    }

    #[test]
    fn bars_and_lines_are_paths_and_no_text() {
        let mut frame = Buffer::empty(Rect::new(0, 0, 12, 1));
        let style = Style::new().fg(Color::Rgb(9, 9, 9));
        frame.set_string(0, 0, "a ──▄▄⠁░●b", style);
        let svg = svg(&frame);
        let words: Vec<_> = svg.lines().filter(|line| line.starts_with("<text")).collect();
        assert_eq!(words.len(), 2, "{svg}");
        assert!(
            words[0].ends_with(">a</text>") && words[1].ends_with(">b</text>"),
            "{svg}"
        );
        // Neighbours are one box.
        assert!(svg.contains("stroke-width=\"1.08\" d=\"M18 9h18\""), "{svg}");
        assert!(svg.contains("stroke-width=\"9\" d=\"M36 13.5h18\""), "{svg}");
        assert!(svg.contains("stroke-opacity=\"0.25\" d=\"M63 9h9\""), "{svg}");
        assert!(svg.is_ascii(), "{svg}");
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
}
