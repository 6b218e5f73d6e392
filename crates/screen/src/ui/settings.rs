//! How the user wants the screen, and what comes of it on this terminal.

use std::collections::BTreeMap;
use std::sync::Arc;

use probetop_core::sample::{Text, Window};
use probetop_core::setting::{ByteRate, Finding};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::keys::KeyMap;
use super::page::Pane;
use super::preset::{self, LayoutSettings, Presets};
use super::terminal::dialect::Dialect;
use super::theme::{AUTO, ColorChoice, Depth, Environment, Glyphs, Theme, Themes};
use super::view::{self, Column, Columns, SavedFilter, SignalPolicy};
use super::widget::timeline::Motion;

/// The screen as configured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The name of one of `themes`, or `auto`.
    pub theme: String,
    #[serde(skip)]
    pub themes: Themes,
    pub color: ColorChoice,
    /// Only characters that every terminal has.
    pub ascii: bool,
    /// `sweep` (few bytes: for SSH) or `scroll`.
    pub motion: Motion,
    /// What the screen may send; `None`: what it takes.
    pub budget: Option<ByteRate>,
    /// The preset that the overview begins with.
    pub layout: String,
    /// Presets beside the built-in ones.
    pub layouts: BTreeMap<String, LayoutSettings>,
    /// Whether clicks and the wheel are asked for.
    pub mouse: bool,
    /// Whether the first keys to know are told at the start.
    pub hints: bool,
    /// Keys of actions: `freeze = ["space", "f2"]`. An empty list unbinds.
    pub keys: BTreeMap<String, Vec<String>>,
    pub ui: ScreenSettings,
}

/// What is on the screen: the table `[ui]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ScreenSettings {
    /// Columns of the target table, in their order; narrow screens leave out those that matter least.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = default_columns()))]
    pub columns: Option<Vec<String>>,
    /// Filters of the target table by name, as they would be typed: `slow = "= p95 > duration('200ms')"`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub filters: BTreeMap<String, String>,
}

fn default_columns() -> Vec<&'static str> {
    Columns::default().shown().into_iter().map(Column::name).collect()
}

impl ScreenSettings {
    /// # Errors
    /// Names every column that there is not, and what to write instead.
    fn columns(&self) -> Result<Columns, Vec<Finding>> {
        let Some(names) = &self.columns else {
            return Ok(Columns::default());
        };
        let mut findings = Vec::new();
        let mut columns: Vec<Column> = Vec::new();
        for (place, name) in names.iter().enumerate() {
            let mut wrong = |message: String| findings.push(Finding::new("columns", message).item(place));
            match Column::from_name(name) {
                Ok(column) if columns.contains(&column) => wrong(format!("{name:?} is there already; keep one")),
                Ok(column) => columns.push(column),
                Err(message) => wrong(message),
            }
        }
        if findings.is_empty() && !columns.contains(&Column::Name) {
            findings.push(Finding::new("columns", "no column tells rows apart; add \"name\""));
        }
        if findings.is_empty() {
            Ok(Columns::new(&columns))
        } else {
            Err(findings)
        }
    }

    fn filters(&self) -> Result<Arc<[SavedFilter]>, Vec<Finding>> {
        match view::findings(&self.filters) {
            findings if findings.is_empty() => Ok(view::filters(&self.filters)),
            findings => Err(findings.into_iter().map(|finding| finding.under("filters")).collect()),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: AUTO.into(),
            themes: Themes::default(),
            color: ColorChoice::default(),
            ascii: false,
            motion: Motion::default(),
            budget: None,
            layout: Presets::default().get(None).name.clone(),
            layouts: BTreeMap::new(),
            mouse: true,
            hints: true,
            keys: BTreeMap::new(),
            ui: ScreenSettings::default(),
        }
    }
}

/// Settings that hold, made for one terminal.
#[derive(Clone, Debug)]
pub struct Look {
    pub themes: Arc<Themes>,
    /// The one that is configured.
    pub theme: usize,
    pub theme_from: ThemeFrom,
    /// What the terminal can show, of which the budget may take less.
    pub depth: Depth,
    pub glyphs: Glyphs,
    /// What the terminal understands.
    pub dialect: Dialect,
    pub mouse: bool,
    pub hints: bool,
    pub keys: Arc<KeyMap>,
    pub motion: Motion,
    pub columns: Columns,
    pub filters: Arc<[SavedFilter]>,
    pub budget: Option<ByteRate>,
    pub presets: Presets,
    /// Shown in the header: the name of the configuration.
    pub title: Text,
    /// The window to begin with.
    pub window: Window,
    /// The page to begin with.
    pub first: Pane,
    /// Whether signals may be sent to processes.
    pub signals: SignalPolicy,
}

/// Who says which theme it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThemeFrom {
    /// The configuration names it.
    Name,
    /// The ground of the terminal, which is asked for.
    Ground,
}

impl Settings {
    /// What is wrong with keys, columns, filters and layouts, whatever the terminal. The theme may be one that is still to be
    /// read.
    pub fn findings(&self) -> Vec<Finding> {
        let keys = self.key_map().err().into_iter().flatten();
        let screen = [self.ui.columns().err(), self.ui.filters().err()].into_iter().flatten();
        let screen = screen.flatten().map(|finding| finding.under("ui"));
        let presets = preset::resolve(&self.layout, &self.layouts).err().into_iter().flatten();
        keys.chain(screen).chain(presets).collect()
    }

    fn key_map(&self) -> Result<KeyMap, Vec<Finding>> {
        let under_keys = |finding: Finding| finding.under("keys");
        KeyMap::try_new(&self.keys).map_err(|findings| findings.into_iter().map(under_keys).collect())
    }

    /// # Errors
    /// The theme when there is none of that name, and all that [`findings`](Self::findings) finds.
    pub fn look(&self, environment: &Environment, title: Text, window: Window) -> Result<Look, Vec<Finding>> {
        let theme = self.themes.find(&self.theme);
        let presets = preset::resolve(&self.layout, &self.layouts);
        let (Ok(theme), Ok(keys), Ok(columns), Ok(filters), Ok(presets)) =
            (&theme, self.key_map(), self.ui.columns(), self.ui.filters(), presets)
        else {
            let theme = theme.err().map(|message| Finding::new("theme", message));
            return Err(theme.into_iter().chain(self.findings()).collect());
        };
        Ok(Look {
            themes: Arc::new(self.themes.clone()),
            theme: *theme,
            theme_from: if self.theme == AUTO && self.themes.position(AUTO).is_none() {
                ThemeFrom::Ground
            } else {
                ThemeFrom::Name
            },
            depth: environment.depth(self.color),
            glyphs: environment.glyphs(self.ascii),
            dialect: Dialect::of(environment),
            mouse: self.mouse,
            hints: self.hints,
            keys: Arc::new(keys),
            motion: self.motion,
            columns,
            filters,
            presets,
            budget: self.budget,
            title,
            window,
            first: Pane::Overview,
            signals: SignalPolicy::default(),
        })
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
    fn every_problem_comes_at_once() {
        let settings = Settings {
            ui: ScreenSettings {
                columns: Some(vec!["name".into(), "p59".into(), "name".into()]),
                filters: BTreeMap::from([("slow".into(), "= p95 >".into())]),
            },
            theme: "neon".into(),
            keys: BTreeMap::from([("quitt".into(), vec!["x".into()])]),
            ..Settings::default()
        };
        let problems = settings
            .look(&Environment::default(), "test".into(), Window::default())
            .unwrap_err();
        let found: Vec<_> = problems.iter().map(|finding| finding.path.join(".")).collect();
        assert_eq!(
            found,
            ["theme", "keys.quitt", "ui.columns.1", "ui.columns.2", "ui.filters.slow"]
        );
    }

    #[test]
    fn the_defaults_hold() {
        let look = Settings::default()
            .look(&Environment::default(), "test".into(), Window::default())
            .unwrap();
        assert_eq!(look.window, Window::OneMinute);
    }
}
