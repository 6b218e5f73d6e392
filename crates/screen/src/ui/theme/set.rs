//! Every theme there is: the built-in ones, then the user's own.

use std::collections::BTreeMap;

use probetop_core::sample::Text;
use probetop_core::setting::Finding;
use probetop_core::suggest;

use super::palette::{Palette, Scale};
use super::{Brightness, Depth, Glyphs, Gradient, Pen, Ramp, Theme};

/// Names of the built-in themes, what each is for, and their files; the first is the default.
const BUILT_IN: [(&str, &str, &str); 8] = [
    (
        "dark",
        "calm, on a dark ground",
        include_str!("../../../assets/themes/dark.toml"),
    ),
    (
        "light",
        "calm, on a light ground",
        include_str!("../../../assets/themes/light.toml"),
    ),
    (
        "high-contrast",
        "full colours, nothing dimmed",
        include_str!("../../../assets/themes/high-contrast.toml"),
    ),
    (
        "color-blind",
        "for red-green blindness, on a dark ground",
        include_str!("../../../assets/themes/color-blind.toml"),
    ),
    (
        "monochrome",
        "no hues, on any ground",
        include_str!("../../../assets/themes/monochrome.toml"),
    ),
    (
        "terminal",
        "the terminal's own sixteen colours",
        include_str!("../../../assets/themes/terminal.toml"),
    ),
    (
        "night",
        "warm and soft, paints a dark ground",
        include_str!("../../../assets/themes/night.toml"),
    ),
    (
        "paper",
        "ink on paper, paints a light ground",
        include_str!("../../../assets/themes/paper.toml"),
    ),
];

/// What is asked for in place of a name by whoever leaves it to the ground of the terminal.
pub const AUTO: &str = "auto";

/// The themes of which [`AUTO`] takes one.
const fn made_for(ground: Brightness) -> &'static str {
    match ground {
        Brightness::Dark => "dark",
        Brightness::Light => "light",
    }
}

/// Every theme, in the order in which they are offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Themes(Vec<Offer>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Offer {
    name: Text,
    /// The name as people may see it.
    shown: Text,
    about: Text,
    palette: Palette,
}

impl Default for Themes {
    /// The built-in ones.
    fn default() -> Self {
        let mut themes = Self(Vec::new());
        for (name, about, file) in BUILT_IN {
            let lines = toml::from_str(file).expect("a test reads every built-in theme");
            themes
                .add(name, about, &lines)
                .expect("a test reads every built-in theme");
        }
        themes
    }
}

impl Themes {
    /// Adds the theme that a file's lines make. One of the same name gives way to it.
    ///
    /// # Errors
    /// Everything that is wrong with the lines.
    pub fn add(&mut self, name: &str, about: &str, lines: &BTreeMap<String, String>) -> Result<(), Vec<Finding>> {
        let names: Vec<_> = self.names().map(Text::as_str).collect();
        let named = |name: &str| Some(&self.0.get(self.position(name)?)?.palette);
        let palette = Palette::try_new(lines, named, &names)?;
        let offer = Offer {
            name: Text::clean(name),
            shown: Text::clean(name),
            about: Text::clean(about),
            palette,
        };
        match self.position(name) {
            Some(index) => self.0[index] = offer,
            None => self.0.push(offer),
        }
        Ok(())
    }

    pub fn names(&self) -> impl Iterator<Item = &Text> {
        self.0.iter().map(|offer| &offer.name)
    }

    /// Shows names, and where they are from, as `redacted` has them: a path may hold what nobody shall see.
    pub fn show_as(&mut self, redacted: impl Fn(&str) -> Option<String>) {
        for Offer { shown, about, .. } in &mut self.0 {
            for text in [shown, about] {
                if let Some(redacted) = redacted(text.as_str()) {
                    *text = redacted.into();
                }
            }
        }
    }

    /// Names as they are shown, and what each theme is for.
    pub fn offers(&self) -> impl Iterator<Item = (&Text, &Text)> {
        self.0.iter().map(|offer| (&offer.shown, &offer.about))
    }

    /// The name of a theme as it is shown; empty for an index that is none.
    pub fn name(&self, index: usize) -> &str {
        self.0.get(index).map_or("", |offer| offer.shown.as_str())
    }

    /// The theme of that name, as it is written or as it is shown.
    pub fn position(&self, name: &str) -> Option<usize> {
        let is_it = |offer: &Offer| offer.name.as_str() == name || offer.shown.as_str() == name;
        self.0.iter().position(is_it)
    }

    /// # Errors
    /// A message that names the themes there are when `name` is none of them.
    pub fn find(&self, name: &str) -> Result<usize, String> {
        // A terminal that says nothing of its ground is taken for a dark one.
        let by_ground = || (name == AUTO).then(|| self.on(Brightness::Dark));
        self.position(name).or_else(by_ground).ok_or_else(|| {
            let names: Vec<_> = self.names().map(Text::as_str).collect();
            let hint = match suggest::closest(name, names.iter().copied()) {
                hint if hint.is_empty() => format!("; use one of {}", names.join(", ")),
                hint => hint,
            };
            format!("unknown theme {name:?}{hint}")
        })
    }

    /// The theme that goes with a ground.
    pub fn on(&self, ground: Brightness) -> usize {
        self.position(made_for(ground)).unwrap_or(0)
    }

    /// The theme as it looks with so many colours and these glyphs; for an index that is none the default one.
    pub fn make(&self, index: usize, depth: Depth, glyphs: Glyphs) -> Theme {
        let palette = self.0.get(index).or_else(|| self.0.first()).map(|offer| &offer.palette);
        let pen = if glyphs.has_dots() { Pen::Dots } else { Pen::Letters };
        match palette {
            Some(palette) => Theme {
                styles: palette.styles(depth),
                ramp: Ramp::new(&palette.stops(Scale::Heat, depth), depth, &glyphs),
                gradient: Gradient::new(&palette.stops(Scale::Amount, depth), depth),
                ground: palette.painted(depth),
                glyphs,
                pen,
            },
            None => Theme::plain(glyphs),
        }
    }

    /// What is known of the grounds, for those who check contrasts.
    #[cfg(test)]
    pub(super) fn palette(&self, index: usize) -> &Palette {
        &self.0[index].palette
    }
}
