//! What is configured of the screen: taken over at the start, and again when the configuration was loaded anew.

use std::sync::Arc;

use probetop_core::sample::Text;

use super::{Hint, View};
use crate::ui::Look;
use crate::ui::theme::Themes;

/// The themes there are, and which one is worn.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct ThemeChoice {
    pub themes: Arc<Themes>,
    pub worn: usize,
    /// The name of the one that is configured.
    configured: Text,
}

impl View {
    /// The theme to draw with, as the set of the [`Look`] counts it.
    pub fn theme(&self) -> usize {
        self.theme_choice.worn
    }

    /// Begins with what is configured.
    pub fn begin(&mut self, look: &Look) {
        if look.hints {
            self.said.hint = Hint::Shown;
        }
        self.targets.columns = look.columns.clone();
        self.presets = look.presets.clone();
        self.show(look.first);
        self.signals = look.signals;
        self.adopt(look);
    }

    /// Takes over keys, themes and filters. A theme chosen by hand stays until another one is configured.
    pub fn adopt(&mut self, look: &Look) {
        self.keys = Arc::clone(&look.keys);
        self.targets.saved = Arc::clone(&look.filters);
        let configured = Text::from(look.themes.name(look.theme));
        let worn = self.theme_choice.themes.name(self.theme_choice.worn);
        let kept = (configured == self.theme_choice.configured)
            .then(|| look.themes.position(worn))
            .flatten();
        self.theme_choice = ThemeChoice {
            themes: Arc::clone(&look.themes),
            worn: kept.unwrap_or(look.theme),
            configured,
        };
    }
}
