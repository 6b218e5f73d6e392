//! What was meant: defaults, file, environment and command line composed into one checked [`Config`].
//!
//! Later ones win. Targets of the command line are added to those of the file. Either all of it is sound, or
//! [`Problems`] tells everything that is wrong.

pub mod attention;
pub mod baseline;
mod channel;
mod compose;
mod credential;
mod place;
mod document;
mod entries;
mod objective;
mod health;
mod outline;
mod overrides;
pub mod file;
pub mod flow;
pub mod problem;
pub mod reference;
pub mod schema;
pub mod secret;
mod theme_library;
pub mod show;
pub mod starter;
pub mod discovered;
pub mod target;
pub mod targets;
pub mod url;

use std::path::{Path, PathBuf};
use std::time::Duration;

use attention::AlertsConfig;
use baseline::Baseline;
use file::{Contents, Host};
use overrides::check_overrides;
use probetop_core::sample::Window;
use probetop_core::setting::Period;
use probetop_engine::alert::rule::Rule;
use probetop_engine::judge::analysis::AnalysisSettings;
use probetop_engine::judge::health::Scoring;
use probetop_engine::judge::level::HostThresholds;
use probetop_engine::judge::objective::Objective;
use probetop_probe::file::{self as disk, Nature};
use probetop_screen::ui;
use problem::Problem;
use secret::{Environment, Secrets};
use theme_library::ThemeLibrary;

use crate::notify::settings::ChannelConfig;

pub use overrides::{HostChoice, Overrides};
pub use problem::Problems;
pub use target::TargetConfig;
pub use targets::Targets;
pub use url::TargetUrl;

/// What one process can probe every second without overruns on two cores, doubled.
pub const TARGET_LIMIT: usize = 20_000;

/// Every rule is judged for every target it matches, each second.
pub const RULE_LIMIT: usize = 1_000;

/// Each channel of notification has a queue and a connection of its own.
pub const CHANNEL_LIMIT: usize = 32;

/// A file of 20,000 targets has 4 MB; anything beyond this is not a configuration.
const FILE_LIMIT_BYTES: u64 = 8 * 1024 * 1024;

const DEFAULT_INTERVAL: Duration = Duration::from_secs(1);
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(5);
const DEFAULT_HISTORY: Duration = Duration::from_secs(60 * 60);

/// The shortest window that carries p99, which takes 100 probes, at the interval that targets have by default.
const SHOWN_FIRST: Window = Window::TwoMinutes;

/// The file that is looked for in the working directory, and written by `init`.
pub const FILE_NAME: &str = "probetop.toml";

/// What was read as the configuration file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FileKind {
    #[default]
    None,
    Regular,
    /// A regular file of nothing but white space.
    Blank,
    /// Gave what it had, and cannot be read again.
    Pipe,
}

/// Everything that is configured, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// The file that was read.
    pub path: Option<PathBuf>,
    pub file: FileKind,
    pub interval: Duration,
    pub timeout: Duration,
    pub window: Window,
    /// How far back the screen can go.
    pub history: Duration,
    /// Whether other programs of the same user may set marks, by a socket in the runtime folder.
    pub control: bool,
    /// What is compared with from the start.
    pub baseline: Option<Baseline>,
    pub targets: Targets,
    pub rules: Vec<Rule>,
    pub objectives: Vec<Objective>,
    pub health: Scoring,
    pub alerts: AlertsConfig,
    pub channels: Vec<ChannelConfig>,
    /// `None`: this machine is not watched.
    pub host: Option<HostThresholds>,
    pub analysis: AnalysisSettings,
    pub ui: ui::Settings,
    /// What is probably not meant, but can be done.
    pub warnings: Vec<Problem>,
    secrets: Secrets,
}

impl Config {
    /// Reads and checks everything. Called again with the same `overrides`, it reloads.
    ///
    /// # Errors
    /// Every problem of file and command line.
    pub fn load(overrides: &Overrides, environment: Environment<'_>) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let path = overrides.file.clone().or_else(|| usual_file(environment));
        let mut theme_library = ThemeLibrary::read(environment);
        let (mut contents, of_file, file) = match &path {
            Some(path) => read_file(path, overrides, environment, &mut theme_library)
                .unwrap_or_else(|problem| (Contents::default(), vec![problem], FileKind::None)),
            None => Default::default(),
        };
        problems.extend(check_overrides(overrides, &mut theme_library));
        problems.extend(std::mem::take(&mut theme_library.problems));
        let mut names = compose::Names::of(contents.targets.rows_mut());
        compose::add_command_line(&mut contents, overrides, &mut names, &mut problems);
        if contents.whole_demo {
            compose::add_demo(&mut contents, overrides, &mut names, &mut problems);
        }
        let rows = contents.targets.rows().len();
        if rows > TARGET_LIMIT {
            let message = format!("there are {rows} targets; use at most {TARGET_LIMIT}, steps of flows included");
            problems.push(Problem::on_command_line(message));
        }
        problems.extend(objective::check_count(&contents));
        let referred = attention::check_parents(&contents)
            .into_iter()
            .chain(contents.references.unknown_channels());
        let mut problems = Problems::in_order(of_file.into_iter().chain(referred)).followed_by(problems);
        let baseline = contents.general.baseline.as_ref();
        let baseline = overrides
            .baseline
            .as_ref()
            .or(baseline)
            .map(|path| Baseline::read(path));
        let baseline = baseline.transpose().unwrap_or_else(|problem| {
            problems.push(problem);
            None
        });
        if !problems.is_empty() {
            return Err(problems.shown(|message| contents.secrets.mask_message(message)));
        }
        contents.warnings.extend(theme_library.warnings());
        let mut config = Self {
            baseline,
            file,
            ..Self::compose(path, contents, overrides)
        };
        config.ui.themes = theme_library.themes;
        let redactor = config.secrets.redactor().clone();
        config.ui.themes.show_as(|text| redactor.redacted(text));
        Ok(config)
    }

    fn compose(path: Option<PathBuf>, contents: Contents, overrides: &Overrides) -> Self {
        let mut warnings = compose::unmatched_selectors(&contents);
        warnings.extend(contents.warnings);
        let general = contents.general;
        let defaults = overrides.target_defaults(&general);
        warnings.extend(channel::unmatched(
            &contents.heard,
            contents.targets.rows(),
            &contents.objectives,
        ));
        let host = match (overrides.host, contents.host) {
            (HostChoice::Off, _) | (HostChoice::AsConfigured, Host::Off) => None,
            (HostChoice::AsConfigured, Host::Unsaid) => Some(HostThresholds::default()),
            (HostChoice::AsConfigured, Host::Watched(thresholds)) => Some(thresholds),
        };
        Self {
            path,
            interval: defaults.interval,
            timeout: defaults.timeout,
            history: general.history.map_or(DEFAULT_HISTORY, Period::duration),
            control: general.control.unwrap_or(true),
            baseline: None,
            file: FileKind::None,
            window: overrides.window.or(general.window).unwrap_or(SHOWN_FIRST),
            targets: contents.targets,
            rules: contents.rules,
            objectives: contents.objectives,
            health: contents.health,
            alerts: contents.alerts,
            channels: contents.channels,
            host,
            analysis: contents.analysis,
            ui: overrides.screen(&general),
            warnings,
            secrets: contents.secrets,
        }
    }

    /// What must never be shown.
    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// What to tell somebody who watches nothing but this machine.
    pub fn hint(&self) -> Option<&'static str> {
        self.targets.is_empty().then_some(
            "watching this machine alone; d lists what listens here; or probetop localhost:8080, probetop demo, probetop init",
        )
    }
}

/// `./probetop.toml`, then `$XDG_CONFIG_HOME/probetop/config.toml`, whichever is there.
pub fn usual_file(environment: Environment<'_>) -> Option<PathBuf> {
    let beside = PathBuf::from(FILE_NAME);
    std::iter::once(beside)
        .chain(config_folder(environment).map(|folder| folder.join("config.toml")))
        .find(|path| path.is_file())
}

/// `$XDG_CONFIG_HOME/probetop`, whether it is there or not.
fn config_folder(environment: Environment<'_>) -> Option<PathBuf> {
    let set = |name: &str| environment(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let base = set("XDG_CONFIG_HOME").or_else(|| Some(set("HOME")?.join(".config")))?;
    Some(base.join("probetop"))
}

fn read_file(
    path: &Path,
    overrides: &Overrides,
    environment: Environment<'_>,
    theme_library: &mut ThemeLibrary,
) -> Result<(Contents, Vec<Problem>, FileKind), Problem> {
    let refuse = |message: String| Problem::in_file(path, message);
    let given = disk::read_given(path, FILE_LIMIT_BYTES).map_err(|error| match error.raw_os_error() {
        Some(_) => refuse(format!("cannot be read: {error}; probetop init writes a first one")),
        // What it says is ours, and has its remedy.
        None => refuse(format!("cannot be read: {error}")),
    })?;
    let kind = match given.nature {
        Nature::Pipe => FileKind::Pipe,
        Nature::Regular if given.bytes.trim_ascii().is_empty() => FileKind::Blank,
        Nature::Regular => FileKind::Regular,
    };
    let text = String::from_utf8(given.bytes).map_err(|error| {
        let line = error.as_bytes()[..error.utf8_error().valid_up_to()]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count()
            + 1;
        refuse(format!("line {line} is not UTF-8; save the file as UTF-8"))
    })?;
    let (contents, problems) = file::read(
        &path.display().to_string(),
        &text,
        overrides,
        environment,
        theme_library,
    );
    Ok((contents, problems, kind))
}
