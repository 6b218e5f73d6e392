//! How the user wants the screen, and what comes of it on this terminal.

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::keys::KeyMap;
use super::theme::{ColorChoice, DEFAULT_THEME, Depth, Environment, Glyphs, Theme, Themes};
use super::widget::timeline::Motion;
use crate::sample::{Text, Window};
use crate::setting::Finding;

/// The screen as configured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// `dark`, `light` or `high-contrast`.
    pub theme: String,
    pub color: ColorChoice,
    /// Only characters that every terminal has.
    pub ascii: bool,
    /// `sweep` (few bytes: for SSH) or `scroll`.
    pub motion: Motion,
    /// Keys of actions: `freeze = ["space", "f2"]`. An empty list unbinds.
    pub keys: BTreeMap<String, Vec<String>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: DEFAULT_THEME.into(),
            color: ColorChoice::default(),
            ascii: false,
            motion: Motion::default(),
            keys: BTreeMap::new(),
        }
    }
}

/// Settings that hold, made for one terminal.
#[derive(Clone, Debug)]
pub struct Look {
    pub theme: Theme,
    pub keys: Arc<KeyMap>,
    pub motion: Motion,
    /// Shown in the header: the name of the configuration.
    pub title: Text,
    /// The window to begin with.
    pub window: Window,
}

impl Settings {
    /// What is wrong with theme and keys, whatever the terminal.
    pub fn findings(&self) -> Vec<Finding> {
        let look = self.look(&Environment::default(), "".into(), Window::default());
        look.err().unwrap_or_default()
    }

    /// # Errors
    /// Every problem of theme and keys.
    pub fn look(&self, environment: &Environment, title: Text, window: Window) -> Result<Look, Vec<Finding>> {
        let depth = environment.depth(self.color);
        let glyphs = environment.glyphs(self.ascii);
        let theme = Theme::try_new(&self.theme, depth, glyphs);
        let keys = KeyMap::try_new(&self.keys);
        match (theme, keys) {
            (Ok(theme), Ok(keys)) => Ok(Look {
                theme,
                keys: Arc::new(keys),
                motion: self.motion,
                title,
                window,
            }),
            (theme, keys) => {
                let mut problems: Vec<_> = theme
                    .err()
                    .map(|message| Finding::new("theme", message))
                    .into_iter()
                    .collect();
                problems.extend(keys.err().into_iter().flatten().map(|finding| finding.under("keys")));
                Err(problems)
            }
        }
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
