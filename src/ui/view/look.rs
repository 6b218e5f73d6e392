//! What is configured of the screen: taken over at the start, and again when the configuration was loaded anew.

use std::sync::Arc;

use super::View;
use crate::clock::Timestamp;
use crate::sample::Text;
use crate::ui::Look;
use crate::ui::theme::Themes;

/// Who has seen the first keys for so long has read them.
const HINT_UNTIL: Timestamp = Timestamp::from_secs(20);

/// The line of first keys in the footer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Hint {
    Shown,
    /// Never again in this run.
    #[default]
    Gone,
}

/// The themes there are, and which one is worn.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Wardrobe {
    pub themes: Arc<Themes>,
    pub worn: usize,
    /// The name of the one that is configured.
    configured: Text,
}

impl View {
    /// The theme to draw with, as the set of the [`Look`] counts it.
    pub fn theme(&self) -> usize {
        self.wardrobe.worn
    }

    /// Begins with what is configured.
    pub fn begin(&mut self, look: &Look) {
        if look.hints {
            self.hint = Hint::Shown;
        }
        self.columns = look.columns.clone();
        self.presets = look.presets.clone();
        self.adopt(look);
    }

    /// Takes over keys, themes and filters. A theme chosen by hand stays until another one is configured.
    pub fn adopt(&mut self, look: &Look) {
        self.keys = Arc::clone(&look.keys);
        self.filters = Arc::clone(&look.filters);
        let configured = Text::from(look.themes.name(look.theme));
        let worn = self.wardrobe.themes.name(self.wardrobe.worn);
        let kept = (configured == self.wardrobe.configured)
            .then(|| look.themes.position(worn))
            .flatten();
        self.wardrobe = Wardrobe {
            themes: Arc::clone(&look.themes),
            worn: kept.unwrap_or(look.theme),
            configured,
        };
    }

    /// Whether the first keys are told.
    pub fn hint(&self) -> Hint {
        self.hint
    }

    /// Forgets the hint when it has been there long enough.
    pub(super) fn age_hint(&mut self) {
        if self.now >= HINT_UNTIL {
            self.hint = Hint::Gone;
        }
    }
}
