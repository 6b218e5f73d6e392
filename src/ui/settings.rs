//! How the user wants the screen, and what comes of it on this terminal.

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::keys::KeyMap;
use super::terminal::passthrough::Passthrough;
use super::theme::{ColorChoice, DEFAULT_THEME, Depth, Environment, Glyphs, Theme, Themes};
use super::widget::timeline::Motion;
use crate::sample::{Text, Window};
use crate::setting::Finding;

/// The screen as configured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The name of one of `themes`.
    pub theme: String,
    #[serde(skip)]
    pub themes: Themes,
    pub color: ColorChoice,
    /// Only characters that every terminal has.
    pub ascii: bool,
    /// `sweep` (few bytes: for SSH) or `scroll`.
    pub motion: Motion,
    /// Whether clicks and the wheel are asked for.
    pub mouse: bool,
    /// Whether the first keys to know are told at the start.
    pub hints: bool,
    /// Keys of actions: `freeze = ["space", "f2"]`. An empty list unbinds.
    pub keys: BTreeMap<String, Vec<String>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: DEFAULT_THEME.into(),
            themes: Themes::default(),
            color: ColorChoice::default(),
            ascii: false,
            motion: Motion::default(),
            mouse: true,
            hints: true,
            keys: BTreeMap::new(),
        }
    }
}

/// Settings that hold, made for one terminal.
#[derive(Clone, Debug)]
pub struct Look {
    pub themes: Arc<Themes>,
    /// The one that is configured.
    pub theme: usize,
    pub depth: Depth,
    pub glyphs: Glyphs,
    pub mouse: bool,
    pub hints: bool,
    pub passthrough: Passthrough,
    pub keys: Arc<KeyMap>,
    pub motion: Motion,
    /// Shown in the header: the name of the configuration.
    pub title: Text,
    /// The window to begin with.
    pub window: Window,
}

impl Settings {
    /// What is wrong with the keys. The theme may be one that is still to be read.
    pub fn findings(&self) -> Vec<Finding> {
        self.key_map().err().unwrap_or_default()
    }

    fn key_map(&self) -> Result<KeyMap, Vec<Finding>> {
        let under_keys = |finding: Finding| finding.under("keys");
        KeyMap::try_new(&self.keys).map_err(|findings| findings.into_iter().map(under_keys).collect())
    }

    /// # Errors
    /// Every problem of theme and keys.
    pub fn look(&self, environment: &Environment, title: Text, window: Window) -> Result<Look, Vec<Finding>> {
        match (self.themes.find(&self.theme), self.key_map()) {
            (Ok(theme), Ok(keys)) => Ok(Look {
                themes: Arc::new(self.themes.clone()),
                theme,
                depth: environment.depth(self.color),
                glyphs: environment.glyphs(self.ascii),
                mouse: self.mouse,
                hints: self.hints,
                passthrough: environment.passthrough(),
                keys: Arc::new(keys),
                motion: self.motion,
                title,
                window,
            }),
            (theme, keys) => {
                let theme = theme.err().map(|message| Finding::new("theme", message));
                Err(theme.into_iter().chain(keys.err().into_iter().flatten()).collect())
            }
        }
    }
}

impl Look {
    /// A theme as this terminal shows it with so many colours.
    pub fn theme_at(&self, theme: usize, depth: Depth) -> Theme {
        self.themes.make(theme, depth, self.glyphs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_of_theme_and_keys_come_together() {
        let settings = Settings {
            theme: "neon".into(),
            keys: BTreeMap::from([("quitt".into(), vec!["x".into()])]),
            ..Settings::default()
        };
        let problems = settings
            .look(&Environment::default(), "test".into(), Window::default())
            .unwrap_err();
        assert_eq!(problems.len(), 2, "{problems:?}");
    }

    #[test]
    fn the_defaults_hold() {
        let look = Settings::default()
            .look(&Environment::default(), "test".into(), Window::default())
            .unwrap();
        assert_eq!(look.window, Window::OneMinute);
    }
}
