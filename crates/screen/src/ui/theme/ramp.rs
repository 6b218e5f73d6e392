//! Shades from little to much, for maps of densities: colours where there are any, and characters that fill ever more of
//! their cell.
//!
//! With 256 colours and more two values share a cell as its halves, and the colour tells them. With fewer the character
//! does, and 16 colours only help it.

use ratatui::style::{Color, Style};

use super::{Depth, Glyphs, palette};

/// Shades that are told apart by colour alone: more would look alike.
const COLORS: usize = 8;

/// As few shades can be told apart whatever else is missing.
const FEWEST: usize = 4;

/// The fullest.
const FULL: &[&str] = &["█"];

/// How many values a cell of the map can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grain {
    /// Two, one above the other.
    Halves,
    Whole,
}

/// One of the shades: in a cell of its own this character in this style.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shade {
    pub glyph: &'static str,
    pub style: Style,
}

/// The shades in order, least first; there are two at least.
#[derive(Clone, Debug, PartialEq)]
pub struct Ramp {
    pub shades: Vec<Shade>,
    pub grain: Grain,
}

impl Ramp {
    /// `stops` are the colours from least to most, as a palette gives them; with less than two of them only the
    /// characters are left to tell.
    pub(super) fn new(stops: &[Color], depth: Depth, glyphs: &Glyphs) -> Self {
        let is_mixed = stops.len() > 1 && stops.iter().all(|stop| matches!(stop, Color::Rgb(..)));
        let is_halved = is_mixed && glyphs.has_halves();
        let characters = match glyphs.shades() {
            _ if is_halved => FULL,
            shades if glyphs.is_ascii() => shades,
            // Colours stand in for the faintest.
            shades if stops.len() > 1 && shades.len() > FEWEST => &shades[1..],
            shades => shades,
        };
        let count = match stops.len() {
            _ if glyphs.is_ascii() => characters.len(),
            _ if is_mixed => COLORS,
            // Names of colours cannot be mixed.
            0 | 1 => characters.len(),
            stops => stops.max(characters.len()),
        };
        let shade = |index| Shade {
            glyph: characters[index * characters.len() / count],
            style: mixed(stops, index as f64 / (count - 1) as f64, depth),
        };
        Self {
            shades: (0..count).map(shade).collect(),
            grain: if is_halved { Grain::Halves } else { Grain::Whole },
        }
    }
}

/// The style so far on the way from the first stop to the last, as the depth has it.
pub(super) fn mixed(stops: &[Color], way: f64, depth: Depth) -> Style {
    let shown = color(stops, way).map(|color| match depth {
        Depth::Colors256 => palette::indexed(color),
        Depth::TrueColor | Depth::Colors16 | Depth::None => color,
    });
    shown.map_or_else(Style::default, |color| Style::default().fg(color))
}

/// The colour so far on the way from the first stop to the last: between two of them where they can be mixed, else the nearer.
fn color(stops: &[Color], way: f64) -> Option<Color> {
    let position = way * stops.len().checked_sub(1)? as f64;
    let (from, share) = (position.floor() as usize, position.fract());
    let low = *stops.get(from)?;
    let high = stops.get(from + 1).copied().unwrap_or(low);
    let mix = |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * share).round() as u8;
    Some(match (low, high) {
        (Color::Rgb(r, g, b), Color::Rgb(to_r, to_g, to_b)) => Color::Rgb(mix(r, to_r), mix(g, to_g), mix(b, to_b)),
        _ if share < 0.5 => low,
        _ => high,
    })
}

#[cfg(test)]
mod tests {
    use probetop_core::sample::Text;

    use super::*;
    use crate::ui::theme::{Theme, Themes};

    /// Perceived lightness, near enough to put colours in order (ITU-R BT.601).
    fn lightness(color: Option<Color>) -> Option<f64> {
        match color? {
            Color::Rgb(r, g, b) => Some(0.299 * f64::from(r) + 0.587 * f64::from(g) + 0.114 * f64::from(b)),
            _ => None,
        }
    }

    #[test]
    fn shades_are_told_apart_at_every_depth() {
        for name in Themes::default().names().map(Text::as_str) {
            for depth in [Depth::TrueColor, Depth::Colors256, Depth::Colors16, Depth::None] {
                for glyphs in [Glyphs::UNICODE, Glyphs::CONSOLE, Glyphs::ASCII] {
                    let ramp = Theme::try_new(name, depth, glyphs).unwrap().ramp;
                    for (index, shade) in ramp.shades.iter().enumerate() {
                        assert!(!ramp.shades[..index].contains(shade), "{name} {depth:?} {index}");
                        assert_ne!(shade.glyph, " ");
                    }
                    assert!(ramp.shades.len() >= FEWEST, "{name} {depth:?}");
                }
            }
        }
    }

    #[test]
    fn more_is_ever_lighter_or_ever_darker() {
        for name in Themes::default().names().map(Text::as_str) {
            let ramp = Theme::try_new(name, Depth::TrueColor, Glyphs::UNICODE).unwrap().ramp;
            let shades: Vec<_> = ramp
                .shades
                .iter()
                .filter_map(|shade| lightness(shade.style.fg))
                .collect();
            let is_steady = shades.is_sorted() || shades.iter().rev().is_sorted();
            assert!(is_steady, "{name}: {shades:?}");
        }
    }

    #[test]
    fn colours_halve_the_cells_and_without_them_characters_tell() {
        let check = |stops: &[Color], depth, glyphs, characters: &str, grain| {
            let ramp = Ramp::new(stops, depth, &glyphs);
            let shown: String = ramp.shades.iter().map(|shade| shade.glyph).collect();
            assert_eq!((shown.as_str(), ramp.grain), (characters, grain));
        };
        let mixed = [Color::Rgb(0, 0, 0), Color::Rgb(255, 255, 255)];
        check(&mixed, Depth::TrueColor, Glyphs::UNICODE, "████████", Grain::Halves);
        check(&mixed, Depth::TrueColor, Glyphs::ASCII, ".:-=+*#%@", Grain::Whole);
        let named = [Color::Blue, Color::Cyan, Color::Green, Color::Yellow, Color::White];
        check(&named, Depth::Colors16, Glyphs::UNICODE, "░░▒▓█", Grain::Whole);
        check(&mixed, Depth::TrueColor, Glyphs::CONSOLE, "··░░▒▒██", Grain::Whole);
        check(&named, Depth::Colors16, Glyphs::CONSOLE, "··░▒█", Grain::Whole);
        check(&[], Depth::None, Glyphs::CONSOLE, "·░▒█", Grain::Whole);
        check(&[], Depth::None, Glyphs::UNICODE, "·░▒▓█", Grain::Whole);
        check(&[], Depth::TrueColor, Glyphs::UNICODE, "·░▒▓█", Grain::Whole);
    }
}
