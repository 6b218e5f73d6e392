//! What the command line and its environment variables say: it stands above the file.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use probetop_core::sample::Window;
use probetop_core::setting::{ByteRate, Finding, Period};
use probetop_screen::ui;

use super::file::GeneralSettings;
use super::problem::Problem;
use super::target::{TargetDefaults, check_interval, check_timeout};
use super::theme_library::ThemeLibrary;
use super::{DEFAULT_INTERVAL, DEFAULT_TIMEOUT};

/// What the command line and its environment variables say. `None`: nothing.
#[derive(Clone, Default, PartialEq)]
pub struct Overrides {
    /// The file to read; without it the usual places are looked at.
    pub file: Option<PathBuf>,
    /// `URL` or `NAME=URL`.
    pub targets: Vec<String>,
    pub interval: Option<Duration>,
    pub timeout: Option<Duration>,
    pub window: Option<Window>,
    pub host: HostChoice,
    pub color: Option<ui::ColorChoice>,
    pub ascii: Option<bool>,
    pub theme: Option<String>,
    pub budget: Option<ByteRate>,
    pub baseline: Option<PathBuf>,
}

/// Whether the command line has this machine watched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HostChoice {
    #[default]
    AsConfigured,
    Off,
}

impl fmt::Debug for Overrides {
    /// Targets may hold passwords; how many there are is all that is told of them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Overrides")
            .field("file", &self.file)
            .field("targets", &self.targets.len())
            .field("interval", &self.interval)
            .field("timeout", &self.timeout)
            .field("window", &self.window)
            .field("host", &self.host)
            .field("color", &self.color)
            .field("ascii", &self.ascii)
            .field("theme", &self.theme)
            .field("budget", &self.budget)
            .field("baseline", &self.baseline)
            .finish()
    }
}

impl Overrides {
    /// The screen as `general` and what stands above it want it.
    pub fn screen(&self, general: &GeneralSettings) -> ui::Settings {
        let defaults = ui::Settings::default();
        ui::Settings {
            theme: self
                .theme
                .clone()
                .or(general.theme.clone())
                .unwrap_or(defaults.theme.clone()),
            color: self.color.or(general.color).unwrap_or_default(),
            ascii: self.ascii.or(general.ascii).unwrap_or_default(),
            motion: general.motion.unwrap_or_default(),
            budget: self.budget.or(general.budget),
            layout: general.layout.clone().unwrap_or(defaults.layout),
            layouts: general.layouts.clone(),
            mouse: general.mouse.unwrap_or(defaults.mouse),
            hints: general.hints.unwrap_or(defaults.hints),
            keys: general.keys.clone(),
            ui: general.ui.clone(),
            themes: defaults.themes,
        }
    }

    /// What targets take over that do not say otherwise.
    pub fn target_defaults(&self, general: &GeneralSettings) -> TargetDefaults {
        let written = |period: Option<Period>| period.map(Period::duration);
        TargetDefaults {
            interval: self.interval.or(written(general.interval)).unwrap_or(DEFAULT_INTERVAL),
            timeout: self.timeout.or(written(general.timeout)).unwrap_or(DEFAULT_TIMEOUT),
        }
    }
}

/// The options that stand for a key of the file obey the same limits.
pub(super) fn check_overrides(
    overrides: &Overrides,
    theme_library: &mut ThemeLibrary,
) -> impl Iterator<Item = Problem> {
    let theme = overrides
        .theme
        .as_ref()
        .and_then(|theme| theme_library.choose(theme, Path::new("")).err());
    [
        overrides.interval.and_then(check_interval),
        overrides.timeout.and_then(check_timeout),
    ]
    .into_iter()
    .flatten()
    .chain(theme.map(|message| Finding::new("theme", format!("theme: {message}"))))
    .map(|finding| Problem::on_command_line(format!("--{}", finding.message)))
}
