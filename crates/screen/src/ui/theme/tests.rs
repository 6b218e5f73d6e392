//! Whether the themes can be read: by everybody, at every depth.

use ratatui::style::Color;

use super::palette::{Ground, Rgb};
use super::*;

/// WCAG 2.2, 1.4.3: what is read as text.
const TEXT_CONTRAST: f64 = 4.5;

/// WCAG 2.2, 1.4.11: lines, bars and what lies on the chosen row, which is marked by more than colour.
const SHAPE_CONTRAST: f64 = 3.0;

/// Apart at a glance, as a distance in CIELAB (1976); a just noticeable difference is 2.3.
const LEAST_DISTANCE: f64 = 25.0;

const TEXTS: [Role; 11] = [
    Role::Text,
    Role::Dim,
    Role::Accent,
    Role::Heading,
    Role::Ok,
    Role::Info,
    Role::Warning,
    Role::Critical,
    Role::Unknown,
    Role::Failure,
    Role::Series1,
];

const SHAPES: [Role; 4] = [Role::Rule, Role::Bar, Role::Series2, Role::Series3];

const DEPTHS: [Depth; 2] = [Depth::TrueColor, Depth::Colors256];

/// Colours that are known whatever the terminal: its own sixteen are not.
fn rgb(color: Option<Color>) -> Option<Rgb> {
    match color? {
        Color::Rgb(red, green, blue) => Some([red, green, blue]),
        Color::Indexed(index @ 16..=231) => {
            let level = |step: u8| [0, 95, 135, 175, 215, 255][usize::from(step)];
            let index = index - 16;
            Some([level(index / 36), level(index / 6 % 6), level(index % 6)])
        }
        Color::Indexed(index @ 232..) => Some([8 + 10 * (index - 232); 3]),
        _ => None,
    }
}

fn linear(rgb: Rgb) -> [f64; 3] {
    rgb.map(|channel| {
        let value = f64::from(channel) / 255.0;
        if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    })
}

fn luminance(rgb: Rgb) -> f64 {
    let [red, green, blue] = linear(rgb);
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

fn contrast(a: Rgb, b: Rgb) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// Grounds on which a theme must be readable: its own, or both extremes when it has none.
fn grounds(themes: &Themes, index: usize) -> Vec<Rgb> {
    match themes.palette(index).ground {
        Some(Ground::Expected(rgb) | Ground::Painted(rgb)) => vec![rgb],
        None => vec![[0, 0, 0], [255, 255, 255]],
    }
}

/// Every pair of colours that falls short, with its contrast.
fn too_faint(themes: &Themes, index: usize, depth: Depth) -> Vec<String> {
    let theme = themes.make(index, depth, Glyphs::UNICODE);
    let grounds = grounds(themes, index);
    let selection = rgb(theme.style(Role::Selection).bg);
    let mut faint = Vec::new();
    let mut check = |what: &str, ink: Option<Rgb>, ground: Rgb, least: f64| {
        let Some(ink) = ink else { return };
        let contrast = contrast(ink, ground);
        if contrast < least {
            faint.push(format!(
                "{}: {what} {contrast:.2} < {least} ({depth:?})",
                themes.name(index)
            ));
        }
    };
    for ground in grounds {
        for role in TEXTS {
            check(role.name(), rgb(theme.style(role).fg), ground, TEXT_CONTRAST);
        }
        for role in SHAPES {
            check(role.name(), rgb(theme.style(role).fg), ground, SHAPE_CONTRAST);
        }
        for (step, style) in theme.gradient.steps().iter().enumerate() {
            check(&format!("amount {step}"), rgb(style.fg), ground, TEXT_CONTRAST);
        }
    }
    for (style, selection) in theme.gradient.steps().iter().filter_map(|it| Some((it, selection?))) {
        check("amount on selection", rgb(style.fg), selection, SHAPE_CONTRAST);
    }
    for (role, selection) in TEXTS.into_iter().filter_map(|role| Some((role, selection?))) {
        let what = format!("{} on selection", role.name());
        check(&what, rgb(theme.style(role).fg), selection, SHAPE_CONTRAST);
    }
    let frozen = theme.style(Role::Frozen);
    if let Some(ground) = rgb(frozen.bg) {
        check("frozen", rgb(frozen.fg), ground, TEXT_CONTRAST);
    }
    faint
}

#[test]
fn every_built_in_theme_is_readable_on_its_ground() {
    let themes = Themes::default();
    let all = (0..themes.names().count()).flat_map(|index| DEPTHS.map(|depth| (index, depth)));
    let faint: Vec<_> = all
        .flat_map(|(index, depth)| too_faint(&themes, index, depth))
        .collect();
    assert!(faint.is_empty(), "{faint:#?}");
}

/// Machado, Oliveira and Fernandes (2009), "A physiologically-based model for simulation of color vision deficiency",
/// severity 1.0, over linear RGB.
const PROTANOPIA: [[f64; 3]; 3] = [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
];
const DEUTERANOPIA: [[f64; 3]; 3] = [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.011820, 0.042940, 0.968881],
];
const SOUND: [[f64; 3]; 3] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];

const SIGHTS: [(&[[f64; 3]; 3], &str); 3] = [
    (&SOUND, "sound"),
    (&PROTANOPIA, "protanopia"),
    (&DEUTERANOPIA, "deuteranopia"),
];

fn times(matrix: &[[f64; 3]; 3], vector: [f64; 3]) -> [f64; 3] {
    matrix.map(|row| row.iter().zip(vector).map(|(a, b)| a * b).sum())
}

/// CIELAB, white D65.
fn lab(linear: [f64; 3]) -> [f64; 3] {
    const TO_XYZ: [[f64; 3]; 3] = [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ];
    const WHITE: [f64; 3] = [0.95047, 1.0, 1.08883];
    let xyz = times(&TO_XYZ, linear.map(|channel| channel.clamp(0.0, 1.0)));
    let scaled = |value: f64| {
        if value > 216.0 / 24389.0 {
            value.cbrt()
        } else {
            (24389.0 / 27.0 * value + 16.0) / 116.0
        }
    };
    let [x, y, z] = [0, 1, 2].map(|axis: usize| scaled(xyz[axis] / WHITE[axis]));
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

fn distance(a: Rgb, b: Rgb, sight: &[[f64; 3]; 3]) -> f64 {
    let [a, b] = [a, b].map(|rgb| lab(times(sight, linear(rgb))));
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
}

#[test]
fn levels_and_series_of_the_color_blind_theme_stay_apart_for_everybody() {
    let themes = Themes::default();
    let index = themes.position("color-blind").unwrap();
    let groups: [&[Role]; 2] = [
        &[Role::Ok, Role::Warning, Role::Critical, Role::Unknown],
        &[Role::Series1, Role::Series2, Role::Series3],
    ];
    for depth in DEPTHS {
        let theme = themes.make(index, depth, Glyphs::UNICODE);
        let colour = |role: Role| rgb(theme.style(role).fg).unwrap();
        for (sight, name) in SIGHTS {
            for group in groups {
                for (place, a) in group.iter().enumerate() {
                    for b in &group[..place] {
                        let distance = distance(colour(*a), colour(*b), sight);
                        assert!(
                            distance >= LEAST_DISTANCE,
                            "{name} {depth:?}: {a:?} and {b:?} are {distance:.1} apart"
                        );
                    }
                }
            }
        }
    }
}

/// Every theme with colours of its own at every depth that has them, and its name.
fn coloured() -> Vec<(String, Theme)> {
    let themes = Themes::default();
    let all = (0..themes.names().count()).flat_map(|index| DEPTHS.map(|depth| (index, depth)));
    let made = all.map(|(index, depth)| {
        let name = format!("{} {depth:?}", themes.name(index));
        (name, themes.make(index, depth, Glyphs::UNICODE))
    });
    made.filter(|(_, theme)| rgb(theme.style(Role::Series1).fg).is_some())
        .collect()
}

#[test]
fn little_half_and_all_are_told_apart_by_everybody() {
    let shown = coloured();
    assert_eq!(shown.len(), 12);
    for (name, theme) in shown {
        let [little, half, all] = [0.0, 0.49, 1.0].map(|ratio| rgb(theme.amount(ratio).fg).unwrap());
        for (sight, sight_name) in SIGHTS {
            for (a, b) in [(little, half), (half, all), (little, all)] {
                let distance = distance(a, b, sight);
                assert!(distance >= LEAST_DISTANCE, "{name} {sight_name}: {distance:.1}");
            }
        }
    }
}

/// A line of a chart crosses lines of limits, and is not to be taken for one.
#[test]
fn no_series_looks_like_a_level() {
    for (name, theme) in coloured() {
        let colour = |role: Role| rgb(theme.style(role).fg).unwrap();
        for series in [Role::Series1, Role::Series2, Role::Series3] {
            for level in [Role::Ok, Role::Warning, Role::Critical] {
                let distance = distance(colour(series), colour(level), &SOUND);
                assert!(
                    distance >= 20.0,
                    "{name}: {series:?} and {level:?} are {distance:.1} apart"
                );
            }
        }
    }
}

/// Headings are found when they are looked for; what is read all the time is the values.
#[test]
fn headings_stand_back_behind_values() {
    let themes = Themes::default();
    for (name, theme) in coloured() {
        let theme_name = name.split(' ').next().unwrap();
        let ground = grounds(&themes, themes.position(theme_name).unwrap())[0];
        // A theme that leaves text to the terminal gets what terminals usually have on such a ground.
        let usual = if luminance(ground) < 0.5 { [208; 3] } else { [36; 3] };
        let text = rgb(theme.style(Role::Text).fg).unwrap_or(usual);
        let heading = rgb(theme.style(Role::Heading).fg).unwrap();
        let share = contrast(heading, ground) / contrast(text, ground);
        assert!(share <= 0.75, "{name}: {share:.2}");
        assert!(distance(heading, text, &SOUND) >= 20.0, "{name}");
    }
}

#[test]
fn contrast_is_that_of_the_standard() {
    let check = |a, b, expected: f64| assert!((contrast(a, b) - expected).abs() < 0.005, "{a:?} {b:?}");
    check([0, 0, 0], [255, 255, 255], 21.0);
    check([118, 118, 118], [255, 255, 255], 4.54);
    check([255, 0, 0], [255, 255, 255], 4.00);
}

#[test]
fn a_painted_ground_comes_with_a_colour_for_text() {
    let themes = Themes::default();
    for (index, name) in themes.names().enumerate() {
        if let Some(Ground::Painted(_)) = themes.palette(index).ground {
            let theme = themes.make(index, Depth::TrueColor, Glyphs::UNICODE);
            assert!(rgb(theme.style(Role::Text).fg).is_some(), "{name}");
        }
    }
}

/// Every style of a theme that panes can ask for.
fn styles(theme: &Theme) -> impl Iterator<Item = Style> {
    let amounts = theme.gradient.steps().iter().copied();
    Role::ALL.into_iter().map(|role| theme.style(role)).chain(amounts)
}

#[test]
fn the_terminals_own_theme_has_no_other_colours() {
    let themes = Themes::default();
    let index = themes.position("terminal").unwrap();
    for depth in [Depth::TrueColor, Depth::Colors256, Depth::Colors16] {
        let theme = themes.make(index, depth, Glyphs::UNICODE);
        for style in styles(&theme) {
            for color in [style.fg, style.bg].into_iter().flatten() {
                assert!(!matches!(color, Color::Rgb(..) | Color::Indexed(_)), "{style:?}");
            }
        }
    }
}

#[test]
fn the_monochrome_theme_has_no_hue() {
    let themes = Themes::default();
    let index = themes.position("monochrome").unwrap();
    for depth in DEPTHS {
        let theme = themes.make(index, depth, Glyphs::UNICODE);
        for style in styles(&theme) {
            for [red, green, blue] in [rgb(style.fg), rgb(style.bg)].into_iter().flatten() {
                assert!(red == green && green == blue, "{style:?}");
            }
        }
    }
}

#[test]
fn levels_differ_by_more_than_hue_where_there_is_none() {
    for name in ["monochrome", "dark", "color-blind"] {
        let theme = Theme::try_new(name, Depth::None, Glyphs::UNICODE).unwrap();
        assert_ne!(theme.style(Role::Critical), theme.style(Role::Ok), "{name}");
        assert_ne!(theme.style(Role::Selection), Style::default(), "{name}");
    }
}

#[test]
fn without_colour_only_modifiers_are_left() {
    let themes = Themes::default();
    for index in 0..themes.names().count() {
        let theme = themes.make(index, Depth::None, Glyphs::ASCII);
        for style in styles(&theme) {
            assert!(matches!(style.fg, None | Some(Color::Reset)), "{style:?}");
            assert!(matches!(style.bg, None | Some(Color::Reset)), "{style:?}");
        }
    }
}

#[test]
fn an_unknown_theme_names_the_known_ones() {
    let check = |name: &str, expected: &str| {
        let problem = Theme::try_new(name, Depth::None, Glyphs::ASCII).unwrap_err();
        assert_eq!(problem, expected);
    };
    check("drak", r#"unknown theme "drak"; did you mean "dark"?"#);
    check(
        "neon",
        "unknown theme \"neon\"; use one of dark, light, high-contrast, color-blind, monochrome, terminal, night, paper",
    );
}

#[test]
fn a_painted_theme_leaves_no_cell_to_the_terminal() {
    let theme = Theme::try_new("paper", Depth::TrueColor, Glyphs::UNICODE).unwrap();
    let mut buf = Buffer::empty(Rect::new(0, 0, 3, 1));
    buf.set_string(0, 0, "ab", theme.style(Role::Selection));
    theme.paint(&mut buf);
    assert!(
        buf.content
            .iter()
            .all(|cell| cell.bg != Color::Reset && cell.fg != Color::Reset)
    );
    assert_eq!(Some(buf.content[0].bg), theme.style(Role::Selection).bg);
}
