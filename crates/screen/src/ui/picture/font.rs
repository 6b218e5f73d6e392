//! The letters of pictures: one size of DejaVu Sans Mono, regular and bold, as how much ink is on each pixel.
//!
//! `assets/font/draw` has made them. What is not among them, such as the characters of Chinese, a picture shows as a box.

use std::io::Cursor;
use std::sync::OnceLock;

/// Pixels of a letter.
pub(super) const WIDTH: usize = 10;
pub(super) const HEIGHT: usize = 20;

/// The row of pixels that underlines a letter.
pub(super) const UNDERLINE: usize = 17;

const SHEET: &[u8] = include_bytes!("../../../assets/font/letters.png");
const LETTERS: &str = include_str!("../../../assets/font/letters.txt");

/// The letters, drawn side by side.
pub(super) struct Font {
    ink: Vec<u8>,
    letters: Vec<char>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    Regular,
    Bold,
}

impl Font {
    /// Read once.
    pub(super) fn get() -> &'static Self {
        static FONT: OnceLock<Font> = OnceLock::new();
        FONT.get_or_init(|| Self {
            ink: ink().expect("a test reads the letters"),
            letters: LETTERS.trim_end().chars().collect(),
        })
    }

    /// How much ink is on each pixel of a letter, row by row; `None`: there is no picture of it.
    pub(super) fn letter(&self, letter: char, weight: Weight) -> Option<impl Iterator<Item = &[u8]>> {
        let column = self.letters.iter().position(|known| *known == letter)?;
        let above = match weight {
            Weight::Regular => 0,
            Weight::Bold => HEIGHT,
        };
        let rows = self.ink.chunks(self.letters.len() * WIDTH).skip(above).take(HEIGHT);
        Some(rows.filter_map(move |row| row.get(column * WIDTH..(column + 1) * WIDTH)))
    }
}

fn ink() -> Result<Vec<u8>, png::DecodingError> {
    let mut reader = png::Decoder::new(Cursor::new(SHEET)).read_info()?;
    let mut ink = vec![0; reader.output_buffer_size().unwrap_or_default()];
    reader.next_frame(&mut ink)?;
    Ok(ink)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_has_its_place_in_both_weights() {
        let font = Font::get();
        assert_eq!(font.ink.len(), font.letters.len() * WIDTH * 2 * HEIGHT);
        let ink = |letter, weight| {
            let rows = font.letter(letter, weight).unwrap();
            rows.flatten().map(|ink| u32::from(*ink)).sum::<u32>()
        };
        for letter in &font.letters {
            assert!(ink(*letter, Weight::Regular) > 0, "{letter}");
        }
        assert!(ink('m', Weight::Bold) > ink('m', Weight::Regular));
        assert!(ink('M', Weight::Regular) > 3 * ink('.', Weight::Regular));
        assert!(font.letter('日', Weight::Regular).is_none());
    }
}
