//! A frame as a PNG: letters from a font of its own, everything else as the shapes that an SVG has too.

use png::{BitDepth, ColorType, Compression, Encoder, EncodingError};
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::Modifier;
use unicode_width::UnicodeWidthStr;

use super::color::{self, Rgb};
use super::font::{self, Font, Weight};
use super::shape::{self, Outline, Shape};
use super::{letters, rows};

/// Pixels to a width of a cell, as shapes are measured.
const SCALE: f32 = font::WIDTH as f32;

/// Of a pixel at the edge of an outline so many places in each direction are looked at.
const SAMPLES: usize = 4;

/// Pixels, row by row.
struct Canvas {
    width: usize,
    height: usize,
    pixels: Vec<Rgb>,
}

/// A part of the canvas: where it begins and how large it is.
#[derive(Clone, Copy)]
struct Place {
    left: usize,
    top: usize,
    width: usize,
    height: usize,
}

/// The frame with the colours it has.
pub fn png(frame: &Buffer) -> Vec<u8> {
    let (columns, lines) = (usize::from(frame.area.width), usize::from(frame.area.height));
    // A picture has a pixel at least.
    let mut canvas = Canvas::new((columns * font::WIDTH).max(1), (lines * font::HEIGHT).max(1));
    for (number, row) in rows(frame).enumerate() {
        for (column, cell) in letters(row) {
            let place = Place {
                left: column * font::WIDTH,
                top: number * font::HEIGHT,
                width: cell.symbol().width().max(1) * font::WIDTH,
                height: font::HEIGHT,
            };
            canvas.draw(place, cell);
        }
    }
    canvas
        .encode()
        .expect("it has a size, and memory takes what is written")
}

impl Canvas {
    fn new(width: usize, height: usize) -> Self {
        Self {
            width,
            height,
            pixels: vec![color::BACKGROUND; width * height],
        }
    }

    fn encode(&self) -> Result<Vec<u8>, EncodingError> {
        let mut out = Vec::new();
        // The size of a screen fits: it has at most 1000 columns and rows.
        let mut encoder = Encoder::new(&mut out, self.width as u32, self.height as u32);
        encoder.set_color(ColorType::Rgb);
        encoder.set_depth(BitDepth::Eight);
        encoder.set_compression(Compression::Balanced);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(self.pixels.as_flattened())?;
        writer.finish()?;
        Ok(out)
    }

    fn draw(&mut self, place: Place, cell: &Cell) {
        let (ink, ground) = color::of(cell);
        if let Some(ground) = ground {
            self.cover(place, ground, |_, _| 1.0);
        }
        match shape::of(cell.symbol()) {
            Some(Shape::Boxes(boxes)) => {
                for [left, top, right, bottom] in boxes {
                    let share = |at: usize, from: f32, to: f32| {
                        let (at, from, to) = (at as f32, from * SCALE, to * SCALE);
                        (to.min(at + 1.0) - from.max(at)).max(0.0)
                    };
                    self.cover(place, ink, |x, y| share(x, left, right) * share(y, top, bottom));
                }
            }
            Some(Shape::Shade(share)) => self.cover(place, ink, |_, _| share),
            Some(Shape::Outlines(outlines)) => self.cover(place, ink, |x, y| within(&outlines, x, y)),
            None => self.write(place, cell, ink),
        }
        if cell.modifier.contains(Modifier::UNDERLINED) {
            self.cover(place, ink, |_, y| f32::from(u8::from(y == font::UNDERLINE)));
        }
    }

    /// A letter, without the marks that combine with it; a box for one that there is no picture of.
    fn write(&mut self, place: Place, cell: &Cell, ink: Rgb) {
        let weight = if cell.modifier.contains(Modifier::BOLD) {
            Weight::Bold
        } else {
            Weight::Regular
        };
        let Some(letter) = cell.symbol().chars().next().filter(|letter| !letter.is_whitespace()) else {
            return;
        };
        match Font::get().letter(letter, weight) {
            Some(rows) => {
                let rows: Vec<&[u8]> = rows.collect();
                self.cover(place, ink, |x, y| {
                    let inked = rows.get(y).and_then(|row| row.get(x)).copied().unwrap_or(0);
                    f32::from(inked) / 255.0
                });
            }
            None => {
                let (right, bottom) = (place.width - 2, place.height - 4);
                let is_edge = |x, y| x == 1 || x == right || y == 4 || y == bottom;
                let is_in = |x: usize, y: usize| (1..=right).contains(&x) && (4..=bottom).contains(&y);
                self.cover(place, ink, |x, y| f32::from(u8::from(is_in(x, y) && is_edge(x, y))));
            }
        }
    }

    /// Lays ink over a place, on each pixel of it as much as `share` says.
    fn cover(&mut self, place: Place, ink: Rgb, share: impl Fn(usize, usize) -> f32) {
        let width = place.width.min(self.width.saturating_sub(place.left));
        let height = place.height.min(self.height.saturating_sub(place.top));
        for y in 0..height {
            let from = (place.top + y) * self.width + place.left;
            for (x, pixel) in self.pixels[from..from + width].iter_mut().enumerate() {
                match share(x, y) {
                    share if share <= 0.0 => {}
                    share => *pixel = color::mix(*pixel, ink, share.min(1.0)),
                }
            }
        }
    }
}

/// How much of a pixel lies within an odd number of outlines.
fn within(outlines: &[Outline], x: usize, y: usize) -> f32 {
    let place = |pixel: usize, sample: usize| (pixel as f32 + (sample as f32 + 0.5) / SAMPLES as f32) / SCALE;
    let samples = (0..SAMPLES * SAMPLES).map(|sample| (place(x, sample % SAMPLES), place(y, sample / SAMPLES)));
    let inside = samples.filter(|at| outlines.iter().filter(|outline| contains(outline, *at)).count() % 2 == 1);
    inside.count() as f32 / (SAMPLES * SAMPLES) as f32
}

/// Whether a line from the place to the right crosses the outline an odd number of times.
fn contains(outline: &Outline, (x, y): (f32, f32)) -> bool {
    let next = outline.iter().cycle().skip(1);
    let crosses = |((x1, y1), (x2, y2)): (&(f32, f32), &(f32, f32))| {
        (*y1 > y) != (*y2 > y) && x < x1 + (y - y1) / (y2 - y1) * (x2 - x1)
    };
    outline.iter().zip(next).filter(|edge| crosses(*edge)).count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::io::Cursor;

    use ratatui::layout::Rect;
    use ratatui::style::{Color, Style};

    /// Width, height, and a pixel by its place.
    fn read(bytes: &[u8]) -> (usize, usize, impl Fn(usize, usize) -> Rgb + use<>) {
        let mut reader = png::Decoder::new(Cursor::new(bytes)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        let width = info.width as usize;
        let pixel = move |x: usize, y: usize| {
            let from = (y * width + x) * 3;
            [pixels[from], pixels[from + 1], pixels[from + 2]]
        };
        (width, info.height as usize, pixel)
    }

    fn drawn(words: &str, style: Style) -> (usize, usize, impl Fn(usize, usize) -> Rgb + use<>) {
        let mut frame = Buffer::empty(Rect::new(0, 0, 4, 2));
        frame.set_string(0, 0, words, style);
        read(&png(&frame))
    }

    const INK: Style = Style::new().fg(Color::Rgb(200, 100, 50));

    #[test]
    fn a_cell_has_its_size_and_its_colours() {
        let (width, height, pixel) = drawn("█▄", INK.bg(Color::Rgb(1, 2, 3)));
        assert_eq!((width, height), (40, 40));
        assert_eq!(pixel(5, 5), [200, 100, 50]);
        assert_eq!(pixel(15, 5), [1, 2, 3]);
        assert_eq!(pixel(15, 15), [200, 100, 50]);
        assert_eq!(pixel(25, 5), color::BACKGROUND);
        assert_eq!(pixel(5, 25), color::BACKGROUND);
    }

    #[test]
    fn letters_shapes_and_what_has_no_picture_leave_ink() {
        let inked = |words: &str, style: Style| {
            let (width, height, pixel) = drawn(words, style);
            let all = (0..width * height).map(|at| pixel(at % width, at / width));
            all.filter(|pixel| *pixel != color::BACKGROUND).count()
        };
        assert_eq!(inked(" ", INK), 0);
        assert!(inked("i", INK) > 10);
        assert!(inked("m", INK.add_modifier(Modifier::BOLD)) > inked("m", INK));
        assert_eq!(inked("░", INK), 200);
        assert!((60..110).contains(&inked("●", INK)), "{}", inked("●", INK));
        assert!((10..100).contains(&inked("日", INK)), "{}", inked("日", INK));
        assert_eq!(inked("e\u{301}", INK), inked("e", INK));
        assert!(inked(" x", INK.add_modifier(Modifier::UNDERLINED)) > inked(" x", INK));
    }

    #[test]
    fn a_ring_is_hollow() {
        let (_, _, pixel) = drawn("○", INK);
        assert_eq!(pixel(5, 10), color::BACKGROUND);
        assert_ne!(pixel(1, 10), color::BACKGROUND);
    }

    #[test]
    fn a_frame_without_cells_is_a_picture_as_well() {
        let (width, height, _) = read(&png(&Buffer::empty(Rect::ZERO)));
        assert_eq!((width, height), (1, 1));
    }
}
