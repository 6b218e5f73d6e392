//! Palette files: a role to a line of words, `ok = "#7fb77e green"`.
//!
//! Words: `#rrggbb` the colour, an ANSI name the same for 16 colours, `on:#rrggbb` the ground, and modifiers. A line without
//! `#rrggbb` keeps its ANSI name at every depth: so the terminal's own palette shows. A ground needs at least 256 colours;
//! with fewer it becomes reverse video. `dim` stands in for a grey where there is no colour; the other modifiers hold at
//! every depth.
//!
//! Beside the roles there may be `ground = "#rrggbb"`, what the colours were chosen for, with `paint` when it shall lie under
//! everything, and `base = "NAME"`, the theme that gives every line that is missing.

use std::collections::BTreeMap;

use probetop_core::setting::Finding;
use probetop_core::suggest;
use ratatui::style::{Color, Modifier, Style};

use super::{Depth, Role};

const BASE: &str = "base";
const GROUND: &str = "ground";
const PAINT: &str = "paint";

/// A line with colours from little to much, as many as one likes: `heat = "#5f5faf … #ffffaf blue cyan white"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scale {
    /// How many there are, in a map of densities.
    Heat,
    /// How much there is of something that has an end.
    Amount,
}

impl Scale {
    const ALL: [Self; 2] = [Self::Heat, Self::Amount];

    const fn name(self) -> &'static str {
        match self {
            Self::Heat => "heat",
            Self::Amount => "amount",
        }
    }
}

/// Red, green and blue.
pub(super) type Rgb = [u8; 3];

/// A palette file, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Palette {
    /// What the colours were chosen for; `None`: they suit any.
    pub ground: Option<Ground>,
    lines: [Vec<Word>; Role::ALL.len()],
    /// Least first; `None`: what stands in for the line, as [`Palette::stops`] says.
    scales: [Option<Vec<Word>>; Scale::ALL.len()],
}

/// What lies under everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ground {
    /// The terminal is expected to have it.
    Expected(Rgb),
    Painted(Rgb),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    Colour(Rgb),
    Ansi(Color),
    Ground(Rgb),
    Modifier(Modifier),
}

impl Palette {
    /// Reads the lines of a file. `named` finds a theme to build on.
    ///
    /// # Errors
    /// Every problem: a role without a line, a line without a role, a word that is none.
    pub(super) fn try_new<'a>(
        lines: &BTreeMap<String, String>,
        named: impl Fn(&str) -> Option<&'a Self>,
        names: &[&str],
    ) -> Result<Self, Vec<Finding>> {
        let mut problems: Vec<_> = lines.keys().filter_map(|key| unknown_role(key)).collect();
        let base = lines.get(BASE).and_then(|name| {
            let base = named(name);
            if base.is_none() {
                let message = format!(
                    "there is no theme {name:?} to build on; use one of {}",
                    names.join(", ")
                );
                problems.push(Finding::new(BASE, message));
            }
            base
        });
        let mut palette = Self {
            ground: base.and_then(|base| base.ground),
            lines: Default::default(),
            scales: base.map(|base| base.scales.clone()).unwrap_or_default(),
        };
        for (scale, words) in Scale::ALL.into_iter().zip(&mut palette.scales) {
            match lines.get(scale.name()).map(|line| colours(line, scale)) {
                Some(Ok(colours)) => *words = Some(colours),
                Some(Err(finding)) => problems.push(finding),
                None => {}
            }
        }
        if let Some(line) = lines.get(GROUND) {
            match ground(line) {
                Some(ground) => palette.ground = Some(ground),
                None => problems.push(Finding::new(
                    GROUND,
                    format!("{line:?} is no ground; write \"#rrggbb\", or \"#rrggbb paint\" to have it painted"),
                )),
            }
        }
        for (role, words) in Role::ALL.into_iter().zip(&mut palette.lines) {
            match (lines.get(role.name()), base) {
                (Some(line), _) => match read(line) {
                    Ok(read) => *words = read,
                    Err(finding) => problems.push(finding.under(role.name())),
                },
                (None, Some(base)) => words.clone_from(&base.lines[role as usize]),
                // A base that is not there would have given it.
                (None, None) if lines.contains_key(BASE) => {}
                (None, None) => problems.push(missing(role)),
            }
        }
        if problems.is_empty() {
            Ok(palette)
        } else {
            Err(problems)
        }
    }

    /// The style of every role, in the order of [`Role::ALL`].
    pub(super) fn styles(&self, depth: Depth) -> [Style; Role::ALL.len()] {
        let mut styles = [Style::default(); Role::ALL.len()];
        for (line, style) in self.lines.iter().zip(&mut styles) {
            *style = style_of(line, depth);
        }
        styles
    }

    /// The colours of a scale that the depth has, least first; none where the line is empty. Without a line amounts have the
    /// colours of densities, and these go from `bar` to `critical`.
    pub(super) fn stops(&self, scale: Scale, depth: Depth) -> Vec<Color> {
        let [heat, amount] = &self.scales;
        let words: Vec<Word> = match (scale, heat, amount) {
            (Scale::Amount, _, Some(words)) | (Scale::Amount | Scale::Heat, Some(words), _) => words.clone(),
            (Scale::Amount | Scale::Heat, None, _) => {
                let usual = [Role::Bar, Role::Critical].map(|role| &self.lines[role as usize]);
                usual.into_iter().flatten().copied().collect()
            }
        };
        let names_alone = !words.iter().any(|word| matches!(word, Word::Colour(_)));
        let has_rgb = matches!(depth, Depth::TrueColor | Depth::Colors256);
        let stop = |word: Word| match word {
            Word::Colour([red, green, blue]) if has_rgb => Some(Color::Rgb(red, green, blue)),
            Word::Ansi(named) if depth == Depth::Colors16 || names_alone && depth != Depth::None => Some(named),
            Word::Colour(_) | Word::Ansi(_) | Word::Ground(_) | Word::Modifier(_) => None,
        };
        words.into_iter().filter_map(stop).collect()
    }

    /// What is painted under everything: the colours of an empty cell.
    pub(super) fn painted(&self, depth: Depth) -> Option<Color> {
        match self.ground {
            Some(Ground::Painted(rgb)) => color(rgb, depth),
            Some(Ground::Expected(_)) | None => None,
        }
    }
}

fn unknown_role(key: &str) -> Option<Finding> {
    let scales = || Scale::ALL.into_iter().map(Scale::name);
    let known = || {
        Role::ALL
            .into_iter()
            .map(Role::name)
            .chain([BASE, GROUND])
            .chain(scales())
    };
    if known().any(|name| name == key) {
        return None;
    }
    let hint = match suggest::closest(key, known()) {
        hint if hint.is_empty() => format!("; roles are {}", Role::ALL.map(Role::name).join(", ")),
        hint => hint,
    };
    Some(Finding::new(key, format!("unknown role {key:?}{hint}")))
}

fn missing(role: Role) -> Finding {
    let name = role.name();
    Finding::new(
        name,
        format!("role {name:?} is missing; give it a line, or name a base to take it from"),
    )
}

/// The colours of a scale, least first.
fn colours(line: &str, scale: Scale) -> Result<Vec<Word>, Finding> {
    let words = read(line).map_err(|finding| finding.under(scale.name()))?;
    if words.iter().all(|word| matches!(word, Word::Colour(_) | Word::Ansi(_))) {
        return Ok(words);
    }
    Err(Finding::new(
        scale.name(),
        "only colours make a scale; write some of #rrggbb, least first, then some names for 16 colours",
    ))
}

fn ground(line: &str) -> Option<Ground> {
    let mut words = line.split_whitespace();
    let rgb = words.next().and_then(rgb)?;
    match (words.next(), words.next()) {
        (None, _) => Some(Ground::Expected(rgb)),
        (Some(PAINT), None) => Some(Ground::Painted(rgb)),
        (Some(_), _) => None,
    }
}

/// The words of a line; the finding is about the first that is none, and has no key yet.
fn read(line: &str) -> Result<Vec<Word>, Finding> {
    line.split_whitespace()
        .map(|word| {
            self::word(word).ok_or_else(|| Finding {
                path: Vec::new(),
                offset: word.as_ptr() as usize - line.as_ptr() as usize,
                message: format!(
                    "unknown word {word:?}; write #rrggbb, on:#rrggbb, a colour of the terminal such as lightblue, \
                     bold, dim, underline or reverse"
                ),
            })
        })
        .collect()
}

fn word(word: &str) -> Option<Word> {
    let modifier = match word {
        "bold" => Some(Modifier::BOLD),
        "dim" => Some(Modifier::DIM),
        "underline" => Some(Modifier::UNDERLINED),
        "reverse" => Some(Modifier::REVERSED),
        _ => None,
    };
    if let Some(modifier) = modifier {
        return Some(Word::Modifier(modifier));
    }
    if let Some(ground) = word.strip_prefix("on:") {
        return rgb(ground).map(Word::Ground);
    }
    if word.starts_with('#') {
        return rgb(word).map(Word::Colour);
    }
    match word.parse() {
        Ok(Color::Rgb(..) | Color::Indexed(_) | Color::Reset) | Err(_) => None,
        Ok(named) => Some(Word::Ansi(named)),
    }
}

fn style_of(line: &[Word], depth: Depth) -> Style {
    let names_alone = !line.iter().any(|word| matches!(word, Word::Colour(_)));
    let mut style = Style::default();
    for word in line {
        style = match *word {
            Word::Modifier(Modifier::DIM) if depth != Depth::None => style,
            Word::Modifier(modifier) => style.add_modifier(modifier),
            Word::Ground(rgb) => match color(rgb, depth) {
                Some(color) => style.bg(color),
                None => style.add_modifier(Modifier::REVERSED),
            },
            Word::Colour(rgb) => match color(rgb, depth) {
                Some(color) => style.fg(color),
                None => style,
            },
            Word::Ansi(named) if depth == Depth::Colors16 || names_alone && depth != Depth::None => style.fg(named),
            Word::Ansi(_) => style,
        };
    }
    style
}

fn color(rgb: Rgb, depth: Depth) -> Option<Color> {
    match depth {
        Depth::TrueColor => Some(Color::Rgb(rgb[0], rgb[1], rgb[2])),
        Depth::Colors256 => Some(Color::Indexed(nearest_256(rgb))),
        Depth::Colors16 | Depth::None => None,
    }
}

fn rgb(word: &str) -> Option<Rgb> {
    let is_plain = |digits: &&str| digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let digits = word.strip_prefix('#').filter(is_plain)?;
    let value = u32::from_str_radix(digits, 16).ok()?;
    let [_, red, green, blue] = value.to_be_bytes();
    Some([red, green, blue])
}

/// The colour as a terminal of 256 colours has it.
pub(super) fn indexed(color: Color) -> Color {
    match color {
        Color::Rgb(red, green, blue) => Color::Indexed(nearest_256([red, green, blue])),
        other => other,
    }
}

/// The nearest of the xterm colours that every 256-colour terminal has alike: the 6x6x6 cube and the greys.
fn nearest_256(rgb: Rgb) -> u8 {
    let nearest_level = |value: u8| {
        let distance = |index: &u8| CUBE_LEVELS[usize::from(*index)].abs_diff(value);
        (0..6u8).min_by_key(distance).unwrap_or(0)
    };
    let [red, green, blue] = rgb.map(nearest_level);
    let cube = [red, green, blue].map(|index| CUBE_LEVELS[usize::from(index)]);
    let mean = (u16::from(rgb[0]) + u16::from(rgb[1]) + u16::from(rgb[2])) / 3;
    let grey_index = (mean.saturating_sub(3) / 10).min(23) as u8;
    let grey = [8 + 10 * grey_index; 3];
    if distance(rgb, grey) < distance(rgb, cube) {
        232 + grey_index
    } else {
        16 + 36 * red + 6 * green + blue
    }
}

/// The steps of each channel in xterm's cube.
const CUBE_LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];

fn distance(a: Rgb, b: Rgb) -> u32 {
    a.iter().zip(b).map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> BTreeMap<String, String> {
        toml::from_str(text).unwrap()
    }

    fn refused(text: &str) -> Vec<String> {
        let problems = Palette::try_new(&lines(text), |_| None, &["dark", "light"]).unwrap_err();
        problems.into_iter().map(|finding| finding.message).collect()
    }

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
    fn a_colour_is_six_digits() {
        let check = |word: &str, expected| assert_eq!(rgb(word), expected, "{word}");
        check("#0a14FF", Some([10, 20, 255]));
        for wrong in ["#+12345", "#12345", "#1234567", "0a14ff", "#éé12", "#"] {
            check(wrong, None);
        }
    }

    #[test]
    fn a_scale_has_the_colours_of_its_line() {
        let usual: String = Role::ALL
            .iter()
            .map(|role| format!("{} = \"\"\n", role.name()))
            .collect();
        let stops = |changes: &str, scale, depth| {
            let mut palette = lines(&usual);
            palette.extend(lines(changes));
            Palette::try_new(&palette, |_| None, &[]).unwrap().stops(scale, depth)
        };
        let check = |changes: &str, depth, expected: &[Color]| {
            assert_eq!(stops(changes, Scale::Heat, depth), expected, "{changes} {depth:?}");
        };
        let both = "heat = \"#000080 #ffff00 blue yellow\"";
        let mixed = [Color::Rgb(0, 0, 128), Color::Rgb(255, 255, 0)];
        let named = [Color::Blue, Color::Yellow];
        check(both, Depth::TrueColor, &mixed);
        check(both, Depth::Colors256, &mixed);
        check(both, Depth::Colors16, &named);
        check(both, Depth::None, &[]);
        check("heat = \"blue yellow\"", Depth::TrueColor, &named);
        let none = "bar = \"#000080 blue bold\"\ncritical = \"#ffff00 yellow on:#000000\"";
        check(none, Depth::TrueColor, &mixed);
        check(none, Depth::Colors16, &named);
        let amounts = |changes: &str| stops(changes, Scale::Amount, Depth::Colors16);
        assert_eq!(amounts(both), named);
        assert_eq!(amounts(&format!("{both}\namount = \"green\"")), [Color::Green]);
        assert_eq!(amounts(&format!("{both}\namount = \"\"")), []);
        let problems = refused(&format!("{usual}heat = \"bold\""));
        assert!(problems[0].starts_with("only colours make a scale"), "{problems:?}");
    }

    #[test]
    fn words_mean_what_the_depth_can_show() {
        let style = |line: &str, depth| style_of(&read(line).unwrap(), depth);
        let check = |depth, expected| assert_eq!(style("#ff0000 lightred bold", depth), expected);
        let bold = Style::default().add_modifier(Modifier::BOLD);
        check(Depth::TrueColor, bold.fg(Color::Rgb(255, 0, 0)));
        check(Depth::Colors256, bold.fg(Color::Indexed(196)));
        check(Depth::Colors16, bold.fg(Color::LightRed));
        check(Depth::None, bold);
        let reversed = Style::default().add_modifier(Modifier::REVERSED);
        assert_eq!(style("on:#222222", Depth::Colors16), reversed);
        let named = Style::default().fg(Color::Green);
        assert_eq!(style("green dim", Depth::TrueColor), named);
        assert_eq!(style("green", Depth::None), Style::default());
    }

    #[test]
    fn a_word_that_is_none_is_told_with_its_place() {
        let check = |line: &str, offset| assert_eq!(read(line).unwrap_err().offset, offset, "{line:?}");
        check("sparkly", 0);
        check("bold  #12345", 6);
        check("red on:blue", 4);
        check("red 12", 4);
        check("#ffffffé", 0);
        check("reset", 0);
    }

    #[test]
    fn a_palette_with_a_stray_or_missing_role_is_refused() {
        let problems = refused("okk = \"green\"");
        assert_eq!(problems[0], "unknown role \"okk\"; did you mean \"ok\"?");
        assert_eq!(problems.len(), 1 + Role::ALL.len());
        assert!(problems[1].starts_with("role \"text\" is missing; "), "{}", problems[1]);
    }

    #[test]
    fn a_base_that_is_not_there_is_the_only_problem() {
        let problems = refused("base = \"neon\"\nok = \"green\"");
        assert_eq!(
            problems,
            ["there is no theme \"neon\" to build on; use one of dark, light"]
        );
    }

    #[test]
    fn a_palette_takes_what_it_does_not_say_from_its_base() {
        let all: Vec<_> = Role::ALL
            .iter()
            .map(|role| format!("{} = \"red\"", role.name()))
            .collect();
        let base = Palette::try_new(&lines(&all.join("\n")), |_| None, &[]).unwrap();
        let text = "base = \"all-red\"\nground = \"#102030 paint\"\nok = \"green\"";
        let palette = Palette::try_new(&lines(text), |name| (name == "all-red").then_some(&base), &[]).unwrap();
        assert_eq!(palette.ground, Some(Ground::Painted([0x10, 0x20, 0x30])));
        let styles = palette.styles(Depth::Colors16);
        assert_eq!(styles[Role::Ok as usize].fg, Some(Color::Green));
        assert_eq!(styles[Role::Text as usize].fg, Some(Color::Red));
        assert_eq!(base.painted(Depth::TrueColor), None);
        assert_eq!(palette.painted(Depth::TrueColor), Some(Color::Rgb(0x10, 0x20, 0x30)));
        assert_eq!(palette.painted(Depth::Colors16), None);
    }
}
