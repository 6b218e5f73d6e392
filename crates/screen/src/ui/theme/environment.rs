//! What the terminal can show, told from the environment: colour depth and glyphs. Pure; whoever calls reads the variables.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Family, Glyphs};

/// Whether to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ColorChoice {
    /// As the terminal and `NO_COLOR` say.
    #[default]
    Auto,
    Always,
    Never,
}

impl ColorChoice {
    pub const ALL: [Self; 3] = [Self::Auto, Self::Always, Self::Never];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Always => "always",
            Self::Never => "never",
        }
    }
}

/// How many colours there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    TrueColor,
    Colors256,
    Colors16,
    None,
}

impl Depth {
    pub const fn name(self) -> &'static str {
        match self {
            Self::TrueColor => "all colours",
            Self::Colors256 => "256 colours",
            Self::Colors16 => "16 colours",
            Self::None => "no colours",
        }
    }
}

/// The variables that describe a terminal, as they are set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    pub term: Option<String>,
    pub colorterm: Option<String>,
    pub no_color: Option<String>,
    pub lc_all: Option<String>,
    pub lc_ctype: Option<String>,
    pub lang: Option<String>,
    pub tmux: Option<String>,
}

impl Environment {
    /// Reads the variables through `variable`, such as `|name| std::env::var(name).ok()`.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        Self {
            term: variable("TERM"),
            colorterm: variable("COLORTERM"),
            no_color: variable("NO_COLOR"),
            lc_all: variable("LC_ALL"),
            lc_ctype: variable("LC_CTYPE"),
            lang: variable("LANG"),
            tmux: variable("TMUX"),
        }
    }

    pub fn family(&self) -> Family {
        Family::of(self.term.as_deref())
    }

    /// Whether tmux, which sets this, is between us and the terminal.
    pub fn is_in_tmux(&self) -> bool {
        is_set(self.tmux.as_ref())
    }

    /// `NO_COLOR` (no-color.org) counts when it is not empty; `COLORTERM` is seldom forwarded by ssh, so `TERM` decides
    /// among the others.
    pub fn depth(&self, choice: ColorChoice) -> Depth {
        match choice {
            ColorChoice::Never => Depth::None,
            ColorChoice::Auto if is_set(self.no_color.as_ref()) => Depth::None,
            ColorChoice::Auto => self.ability(),
            // Whoever insists has more than the name says.
            ColorChoice::Always if self.ability() == Depth::None => Depth::Colors16,
            ColorChoice::Always => self.ability(),
        }
    }

    fn ability(&self) -> Depth {
        let term = self.term.as_deref().unwrap_or_default();
        match self.colorterm.as_deref() {
            Some("truecolor" | "24bit") => Depth::TrueColor,
            _ if term.ends_with("-direct") || has_true_color(term) => Depth::TrueColor,
            _ if term.contains("256color") => Depth::Colors256,
            _ if is_mono(term) => Depth::None,
            _ => match self.family() {
                Family::Xterm | Family::Linux => Depth::Colors16,
                Family::Vt220 | Family::Vt100 | Family::Dumb => Depth::None,
            },
        }
    }

    /// ASCII when asked for, on a terminal older than Unicode, and when the locale is not UTF-8 (the first of `LC_ALL`,
    /// `LC_CTYPE`, `LANG` that is set decides, as POSIX has it).
    pub fn glyphs(&self, ascii: bool) -> Glyphs {
        let locale = [&self.lc_all, &self.lc_ctype, &self.lang]
            .into_iter()
            .find(|variable| is_set(variable.as_ref()))
            .and_then(|variable| variable.as_deref())
            .unwrap_or_default()
            .to_ascii_lowercase();
        let utf8 = locale.contains("utf-8") || locale.contains("utf8");
        match self.family() {
            _ if ascii || !utf8 => Glyphs::ASCII,
            Family::Vt220 | Family::Vt100 | Family::Dumb => Glyphs::ASCII,
            Family::Linux => Glyphs::CONSOLE,
            Family::Xterm => Glyphs::UNICODE,
        }
    }
}

/// Emulators that have had all colours from their first release on. ssh hands on their name and seldom `COLORTERM`, and
/// machines without an entry of theirs in the database of terminals are the rule.
pub const TRUE_COLOR: [&str; 9] = [
    "xterm-kitty",
    "kitty",
    "alacritty",
    "foot",
    "xterm-ghostty",
    "ghostty",
    "wezterm",
    "contour",
    "rio",
];

/// Whether `term` is one of [`TRUE_COLOR`] or a variant of it. The variants for 16 and 256 colours say so.
fn has_true_color(term: &str) -> bool {
    let is_of = |name: &&str| {
        let rest = term.strip_prefix(*name);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-') && !rest.contains("color") && !is_mono(rest))
    };
    TRUE_COLOR.iter().any(is_of)
}

/// As the database of terminals names those without colours.
fn is_mono(term: &str) -> bool {
    term.ends_with("-m") || term.ends_with("-mono")
}

fn is_set(variable: Option<&String>) -> bool {
    variable.is_some_and(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(variables: &[(&str, &str)]) -> Environment {
        Environment::read(|name| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| value.to_string())
        })
    }

    #[test]
    fn depth_follows_no_color_then_colorterm_then_term() {
        let check = |variables: &[(&str, &str)], choice, expected| {
            assert_eq!(environment(variables).depth(choice), expected, "{variables:?}");
        };
        check(&[], ColorChoice::Auto, Depth::None);
        check(&[], ColorChoice::Always, Depth::Colors16);
        check(&[("TERM", "linux")], ColorChoice::Auto, Depth::Colors16);
        check(&[("TERM", "linux-m")], ColorChoice::Auto, Depth::None);
        check(&[("TERM", "vt220")], ColorChoice::Auto, Depth::None);
        check(&[("TERM", "xterm")], ColorChoice::Auto, Depth::Colors16);
        check(&[("TERM", "xterm-256color")], ColorChoice::Auto, Depth::Colors256);
        check(&[("TERM", "xterm-direct")], ColorChoice::Auto, Depth::TrueColor);
        for term in TRUE_COLOR
            .into_iter()
            .chain(["foot-extra", "foot-direct", "alacritty-direct"])
        {
            check(&[("TERM", term)], ColorChoice::Auto, Depth::TrueColor);
        }
        check(&[("TERM", "rio-256color")], ColorChoice::Auto, Depth::Colors256);
        check(&[("TERM", "foot-m")], ColorChoice::Auto, Depth::None);
        check(&[("TERM", "footloose")], ColorChoice::Auto, Depth::Colors16);
        check(&[("COLORTERM", "truecolor")], ColorChoice::Auto, Depth::TrueColor);
        check(&[("COLORTERM", "24bit")], ColorChoice::Auto, Depth::TrueColor);
        check(
            &[("COLORTERM", "yes"), ("TERM", "tmux-256color")],
            ColorChoice::Auto,
            Depth::Colors256,
        );
        check(
            &[("NO_COLOR", "1"), ("COLORTERM", "truecolor")],
            ColorChoice::Auto,
            Depth::None,
        );
        check(
            &[("NO_COLOR", ""), ("COLORTERM", "truecolor")],
            ColorChoice::Auto,
            Depth::TrueColor,
        );
        check(
            &[("NO_COLOR", "1"), ("TERM", "xterm-256color")],
            ColorChoice::Always,
            Depth::Colors256,
        );
        check(&[("TERM", "dumb")], ColorChoice::Auto, Depth::None);
        check(&[("COLORTERM", "truecolor")], ColorChoice::Never, Depth::None);
    }

    #[test]
    fn glyphs_follow_the_locale() {
        let check = |variables: &[(&str, &str)], ascii, expected: Glyphs| {
            assert_eq!(environment(variables).glyphs(ascii), expected, "{variables:?}");
        };
        let xterm = ("TERM", "xterm");
        check(&[xterm, ("LANG", "en_GB.UTF-8")], false, Glyphs::UNICODE);
        check(&[xterm, ("LANG", "C.utf8")], false, Glyphs::UNICODE);
        check(&[xterm, ("LANG", "en_GB.UTF-8")], true, Glyphs::ASCII);
        check(&[xterm, ("LC_ALL", "C"), ("LANG", "en_GB.UTF-8")], false, Glyphs::ASCII);
        check(
            &[xterm, ("LC_ALL", ""), ("LC_CTYPE", "de_DE.UTF-8")],
            false,
            Glyphs::UNICODE,
        );
        check(&[xterm], false, Glyphs::ASCII);
        check(&[("TERM", "linux"), ("LANG", "C.UTF-8")], false, Glyphs::CONSOLE);
        check(&[("TERM", "linux")], false, Glyphs::ASCII);
        check(&[("TERM", "vt220"), ("LANG", "C.UTF-8")], false, Glyphs::ASCII);
        check(&[("LANG", "C.UTF-8")], false, Glyphs::ASCII);
    }
}
