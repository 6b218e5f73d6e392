//! Palette files: a role to a line of words, `ok = "#7fb77e green"`.
//!
//! Words: `#rrggbb` the colour, an ANSI name the same for 16 colours, `on:#rrggbb` the ground, and modifiers. A ground needs
//! at least 256 colours; with fewer it becomes reverse video. `dim` stands in for a grey where there is no colour; the other
//! modifiers hold at every depth.

use std::collections::BTreeMap;

use ratatui::style::{Color, Modifier, Style};

use super::{Depth, Role};

/// The line with the colours of a map of densities, least first: `heat = "#5f5faf … #ffffaf blue cyan white"`.
const HEAT: &str = "heat";

/// The colours of the line `heat` that the depth has: `#rrggbb` from 256 colours on, ANSI names for 16. Without that line they
/// are those of `bar` and `critical`.
///
/// # Errors
/// A word of the line that is no colour.
pub fn stops(palette: &str, depth: Depth) -> Result<Vec<Color>, String> {
    let lines: BTreeMap<String, String> = toml::from_str(palette).map_err(|error| error.message().to_string())?;
    let colors = |line: &String| -> Result<Vec<Color>, String> {
        let stops: Result<Vec<_>, _> = line.split_whitespace().map(|word| stop(word, depth)).collect();
        Ok(stops?.into_iter().flatten().collect())
    };
    match lines.get(HEAT) {
        Some(line) => colors(line).map_err(|word| format!("{HEAT}: unknown colour {word:?}")),
        None => {
            let roles = [Role::Bar, Role::Critical].into_iter();
            let lines = roles.filter_map(|role| lines.get(role.name()));
            let words = lines.flat_map(|line| line.split_whitespace());
            Ok(words.filter_map(|word| stop(word, depth).ok().flatten()).collect())
        }
    }
}

/// The colour that a word stands for; `None` at a depth that it is not meant for.
fn stop(word: &str, depth: Depth) -> Result<Option<Color>, String> {
    if let Some([red, green, blue]) = rgb(word) {
        let is_meant = matches!(depth, Depth::TrueColor | Depth::Colors256);
        return Ok(is_meant.then_some(Color::Rgb(red, green, blue)));
    }
    let color = word.parse::<Color>().map_err(|_| word.to_owned())?;
    Ok((depth == Depth::Colors16).then_some(color))
}

/// The style of every role, in the order of [`Role::ALL`].
///
/// # Errors
/// What is wrong with the palette: a role without a line, a line without a role, a word that is none.
pub fn styles(palette: &str, depth: Depth) -> Result<[Style; Role::ALL.len()], String> {
    let lines: BTreeMap<String, String> = toml::from_str(palette).map_err(|error| error.message().to_string())?;
    if let Some(name) = lines
        .keys()
        .find(|name| *name != HEAT && Role::ALL.iter().all(|role| role.name() != *name))
    {
        return Err(format!("unknown role {name:?}"));
    }
    let mut styles = [Style::default(); Role::ALL.len()];
    for (role, style) in Role::ALL.into_iter().zip(&mut styles) {
        let line = lines
            .get(role.name())
            .ok_or_else(|| format!("role {:?} is missing", role.name()))?;
        *style = style_of(line, depth).map_err(|word| format!("{}: unknown word {word:?}", role.name()))?;
    }
    Ok(styles)
}

fn style_of(line: &str, depth: Depth) -> Result<Style, String> {
    let mut style = Style::default();
    for word in line.split_whitespace() {
        if let Some(modifier) = modifier(word) {
            if modifier != Modifier::DIM || depth == Depth::None {
                style = style.add_modifier(modifier);
            }
        } else if let Some(rgb) = word.strip_prefix("on:").and_then(rgb) {
            style = match depth {
                Depth::TrueColor => style.bg(Color::Rgb(rgb[0], rgb[1], rgb[2])),
                Depth::Colors256 => style.bg(Color::Indexed(nearest_256(rgb))),
                Depth::Colors16 | Depth::None => style.add_modifier(Modifier::REVERSED),
            };
        } else if let Some(rgb) = rgb(word) {
            style = match depth {
                Depth::TrueColor => style.fg(Color::Rgb(rgb[0], rgb[1], rgb[2])),
                Depth::Colors256 => style.fg(Color::Indexed(nearest_256(rgb))),
                Depth::Colors16 | Depth::None => style,
            };
        } else if let Ok(ansi) = word.parse::<Color>() {
            if depth == Depth::Colors16 {
                style = style.fg(ansi);
            }
        } else {
            return Err(word.into());
        }
    }
    Ok(style)
}

fn modifier(word: &str) -> Option<Modifier> {
    match word {
        "bold" => Some(Modifier::BOLD),
        "dim" => Some(Modifier::DIM),
        "underline" => Some(Modifier::UNDERLINED),
        "reverse" => Some(Modifier::REVERSED),
        _ => None,
    }
}

fn rgb(word: &str) -> Option<[u8; 3]> {
    let digits = word.strip_prefix('#').filter(|digits| digits.len() == 6)?;
    let value = u32::from_str_radix(digits, 16).ok()?;
    let [_, red, green, blue] = value.to_be_bytes();
    Some([red, green, blue])
}

/// The colour as a terminal of 256 colours has it.
pub fn indexed(color: Color) -> Color {
    match color {
        Color::Rgb(red, green, blue) => Color::Indexed(nearest_256([red, green, blue])),
        other => other,
    }
}

/// The nearest of the xterm colours that every 256-colour terminal has alike: the 6x6x6 cube and the greys.
fn nearest_256(rgb: [u8; 3]) -> u8 {
    const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let nearest_level = |value: u8| {
        let distance = |index: &u8| LEVELS[usize::from(*index)].abs_diff(value);
        (0..6u8).min_by_key(distance).unwrap_or(0)
    };
    let [red, green, blue] = rgb.map(nearest_level);
    let cube = [red, green, blue].map(|index| LEVELS[usize::from(index)]);
    let mean = (u16::from(rgb[0]) + u16::from(rgb[1]) + u16::from(rgb[2])) / 3;
    let grey_index = (mean.saturating_sub(3) / 10).min(23) as u8;
    let grey = [8 + 10 * grey_index; 3];
    if distance(rgb, grey) < distance(rgb, cube) {
        232 + grey_index
    } else {
        16 + 36 * red + 6 * green + blue
    }
}

fn distance(a: [u8; 3], b: [u8; 3]) -> u32 {
    a.iter().zip(b).map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_finds_its_nearest_neighbour() {
        let check = |rgb, expected| assert_eq!(nearest_256(rgb), expected, "{rgb:?}");
        check([0, 0, 0], 16);
        check([255, 255, 255], 231);
        check([255, 0, 0], 196);
        check([128, 128, 128], 244);
        check([95, 175, 95], 71);
    }

    #[test]
    fn a_map_of_densities_has_the_colours_of_its_line() {
        let check = |palette: &str, depth, expected: Result<&[Color], &str>| {
            assert_eq!(stops(palette, depth), expected.map(<[_]>::to_vec).map_err(String::from));
        };
        let both = "heat = \"#000080 #ffff00 blue yellow\"";
        let mixed: &[_] = &[Color::Rgb(0, 0, 128), Color::Rgb(255, 255, 0)];
        check(both, Depth::TrueColor, Ok(mixed));
        check(both, Depth::Colors256, Ok(mixed));
        check(both, Depth::Colors16, Ok(&[Color::Blue, Color::Yellow]));
        check(both, Depth::None, Ok(&[]));
        let none = "bar = \"#000080 blue bold\"\ncritical = \"#ffff00 yellow on:#000000\"";
        check(none, Depth::TrueColor, Ok(mixed));
        check(none, Depth::Colors16, Ok(&[Color::Blue, Color::Yellow]));
        check("heat = \"bold\"", Depth::None, Err("heat: unknown colour \"bold\""));
    }

    #[test]
    fn words_mean_what_the_depth_can_show() {
        let check = |depth, expected| assert_eq!(style_of("#ff0000 lightred bold", depth), Ok(expected));
        let bold = Style::default().add_modifier(Modifier::BOLD);
        check(Depth::TrueColor, bold.fg(Color::Rgb(255, 0, 0)));
        check(Depth::Colors256, bold.fg(Color::Indexed(196)));
        check(Depth::Colors16, bold.fg(Color::LightRed));
        check(Depth::None, bold);
        let reversed = Style::default().add_modifier(Modifier::REVERSED);
        assert_eq!(style_of("on:#222222", Depth::Colors16), Ok(reversed));
        assert_eq!(style_of("sparkly", Depth::None), Err("sparkly".into()));
    }

    #[test]
    fn a_palette_with_a_stray_or_missing_role_is_refused() {
        assert_eq!(
            styles("okay = \"green\"", Depth::None),
            Err("unknown role \"okay\"".into())
        );
        assert_eq!(styles("", Depth::None), Err("role \"text\" is missing".into()));
    }
}
