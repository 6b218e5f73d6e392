//! The configuration file: what may stand in it, and how all of it is read with every problem noted.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use probetop_core::sample::Window;
use probetop_core::setting::{ByteRate, Finding, Period, Selector};
use probetop_engine::alert::rule::Rule;
use probetop_engine::judge::analysis::AnalysisSettings;
use probetop_engine::judge::health::Scoring;
use probetop_engine::judge::level::{HostSettings, HostThresholds};
use probetop_engine::judge::objective::Objective;
use probetop_screen::ui::preset::LayoutSettings;
use probetop_screen::ui::{ColorChoice, Motion, ScreenSettings};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toml::Spanned;
use toml::de::DeValue;

use super::Overrides;
use super::attention::{AlertsConfig, References, read_alerts, read_maintenance};
use super::channel::read_channels;
use super::document::{Document, Table};
use super::entries::{Names, read_rules, read_targets};
use super::flow::read_flows;
use super::health::read_health;
use super::objective::read_objectives;
use super::outline::Outline;
use super::problem::{Place, Problem};
use super::secret::{Environment, Secrets};
use super::target::{check_interval, check_timeout};
use super::targets::Targets;
use super::theme_library::ThemeLibrary;
use crate::notify::settings::ChannelConfig;

/// Beyond a day a recording is what is wanted.
const HISTORY_LENGTH_LIMIT: Duration = Duration::from_secs(24 * 60 * 60);

/// The tables and lists of the file; all other keys at its top are [`GeneralSettings`].
const PARTS: [&str; 10] = [
    "target",
    "flow",
    "alert",
    "alerts",
    "maintenance",
    "notify",
    "objective",
    "health",
    "host",
    "analysis",
];

/// The keys at the top of the file, as they are written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GeneralSettings {
    /// Time from one probe's start to the next, 10ms to 1h, for targets that do not say otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "1s"))]
    pub interval: Option<Period>,
    /// A probe that takes longer has failed, at most 2m, for targets that do not say otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "5s"))]
    pub timeout: Option<Period>,
    /// How far back the screen can go, at most 1day; `0s` keeps nothing. Memory has a limit of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "1h"))]
    pub history: Option<Period>,
    /// The window whose figures the screen shows first.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "2m"))]
    pub window: Option<Window>,
    /// Colours of the screen: `auto` is `light` where the terminal says that its ground is light, else `dark`. Others are
    /// `high-contrast`, `color-blind`, `monochrome`, `terminal`, `night`, `paper`, or a theme of your own: the name of a file
    /// in `themes/` beside the user's configuration, or a path. See [Themes](themes.md).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "auto"))]
    pub theme: Option<String>,
    /// When colours are used.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "auto"))]
    pub color: Option<ColorChoice>,
    /// Draw with ASCII characters only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = false))]
    pub ascii: Option<bool>,
    /// How charts move: `scroll` keeps the newest at the right; `sweep` overwrites the oldest column, which costs fewer bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "scroll"))]
    pub motion: Option<Motion>,
    /// What the screen may send to the terminal, such as `2KB/s`. When it needs more it gives up scrolling charts, then
    /// colours, then frames, and says so; what a key asks for is always drawn at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<ByteRate>,
    /// Clicks and the wheel. With `false` the mouse stays the terminal's, to select text without holding shift.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = true))]
    pub mouse: Option<bool>,
    /// The line of first keys at the start of a run, until a key is pressed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = true))]
    pub hints: Option<bool>,
    /// Whether `probetop mark` of the same user can reach this one, by a socket in the runtime folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = true))]
    pub control: Option<bool>,
    /// A file that `e`, then `b` wrote on the screen: what is compared with from the start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline: Option<PathBuf>,
    /// What the overview is made of at first: `standard`, `latency`, `machine`, `incident`, `wall`, or one of `layouts`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "standard"))]
    pub layout: Option<String>,
    /// Compositions of the overview by name, beside the built-in ones or in their place.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub layouts: BTreeMap<String, LayoutSettings>,
    /// Keys of the screen, by action: `quit = ["q", "ctrl-q"]`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub keys: BTreeMap<String, Vec<String>>,
    /// What is on the screen.
    #[serde(skip_serializing_if = "is_default")]
    pub ui: ScreenSettings,
}

fn is_default(settings: &ScreenSettings) -> bool {
    *settings == ScreenSettings::default()
}

/// What one file says, checked.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    pub general: GeneralSettings,
    pub host: Host,
    pub analysis: AnalysisSettings,
    pub targets: Targets,
    pub rules: Vec<Rule>,
    pub objectives: Vec<Objective>,
    pub health: Scoring,
    pub channels: Vec<ChannelConfig>,
    /// Whether `demo://` stands in it, for all of the built-in service.
    pub whole_demo: bool,
    pub secrets: Secrets,
    /// What targets can do, and should not do unnoticed.
    pub warnings: Vec<Problem>,
    /// Every selector that may turn out to match nothing.
    pub selectors: Vec<PlacedSelector>,
    pub alerts: AlertsConfig,
    pub references: References,
    /// Targets, flows and steps that are not understood.
    pub broken: Vec<Outline>,
    /// What channels listen to, which may be objectives as well.
    pub heard: Vec<PlacedSelector>,
}

/// A selector, and where it stands.
#[derive(Clone, Debug)]
pub struct PlacedSelector {
    /// Opens every message about what it belongs to: `alert "slow": `.
    pub subject: String,
    pub selector: Selector,
    pub place: Place,
}

/// Whether this machine is watched, and against which thresholds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "there is one of it")]
pub enum Host {
    #[default]
    Unsaid,
    Off,
    Watched(HostThresholds),
}

/// Reads a file's text: what is understood of it, and every problem of its parts, in the order of the text. `name` is what
/// problems call it, and its path; `overrides` are the defaults that stand above the file's own.
pub fn read(
    name: &str,
    text: &str,
    overrides: &Overrides,
    environment: Environment<'_>,
    theme_library: &mut ThemeLibrary,
) -> (Contents, Vec<Problem>) {
    let mut document = Document::new(name.to_owned(), text);
    let mut contents = Contents::default();
    if let Some(root) = document.parse(environment) {
        read_root(&mut document, root, overrides, theme_library, &mut contents);
    }
    contents.secrets = document.secrets.clone();
    let masked = |text: &str| document.secrets.mask_message(text);
    theme_library.problems = std::mem::take(&mut theme_library.problems).shown(masked);
    (contents, document.into_problems().collect())
}

fn read_root(
    document: &mut Document<'_>,
    mut root: Table<'_>,
    overrides: &Overrides,
    theme_library: &mut ThemeLibrary,
    contents: &mut Contents,
) {
    let span = root.span();
    let parts = PARTS.map(|key| root.get_mut().remove(key));
    let [
        targets,
        flows,
        rules,
        alerts,
        maintenance,
        channels,
        objectives,
        health,
        host,
        analysis,
    ] = parts;
    let general = document
        .read_as::<GeneralSettings>(&root, "", &PARTS)
        .unwrap_or_default();
    let lengths = [
        general
            .interval
            .and_then(|interval| check_interval(interval.duration())),
        general.timeout.and_then(|timeout| check_timeout(timeout.duration())),
        general.history.and_then(|history| check_history(history.duration())),
    ];
    let root = Spanned::new(span, root.into_inner());
    let screen = Overrides::default().screen(&general).findings();
    let theme = general.theme.as_ref();
    let theme = theme.and_then(|theme| theme_library.choose(theme, document.folder()).err());
    let theme = theme.map(|message| Finding::new("theme", message));
    for finding in lengths.into_iter().flatten().chain(screen).chain(theme) {
        document.finding(&root, "", &finding);
    }
    let defaults = overrides.target_defaults(&general);
    contents.general = general;
    contents.host = host.map_or(Host::Unsaid, |host| read_host(document, host));
    contents.analysis = analysis.map_or_else(AnalysisSettings::default, |table| read_analysis(document, table));
    let mut names = Names::default();
    read_targets(document, targets, defaults, &mut names, contents);
    read_flows(document, flows, defaults, &mut names, contents);
    read_alerts(document, alerts, contents);
    read_rules(document, rules, contents);
    read_objectives(document, objectives, contents);
    read_health(document, health, contents);
    read_maintenance(document, maintenance, contents);
    read_channels(document, channels, contents);
}

fn check_history(length: Duration) -> Option<Finding> {
    (length > HISTORY_LENGTH_LIMIT).then(|| Finding::new("history", "history is too long; use at most 1day"))
}

fn read_analysis(document: &mut Document<'_>, analysis: Spanned<DeValue<'_>>) -> AnalysisSettings {
    let span = analysis.span();
    let DeValue::Table(table) = analysis.into_inner() else {
        document.problem(span.start, "analysis is not a table; write [analysis]");
        return AnalysisSettings::default();
    };
    let table = Spanned::new(span, table);
    document.read_as(&table, "analysis: ", &[]).unwrap_or_default()
}

fn read_host(document: &mut Document<'_>, host: Spanned<DeValue<'_>>) -> Host {
    let span = host.span();
    match host.into_inner() {
        DeValue::Boolean(false) => Host::Off,
        DeValue::Boolean(true) => Host::Watched(HostThresholds::default()),
        DeValue::Table(table) => {
            let table = Spanned::new(span, table);
            let settings = document
                .read_as::<HostSettings>(&table, "host: ", &[])
                .unwrap_or_default();
            let thresholds = settings.resolve().unwrap_or_else(|findings| {
                for finding in findings {
                    document.finding(&table, "host: ", &finding);
                }
                HostThresholds::default()
            });
            Host::Watched(thresholds)
        }
        DeValue::String(_) | DeValue::Integer(_) | DeValue::Float(_) | DeValue::Datetime(_) | DeValue::Array(_) => {
            document.problem(
                span.start,
                "host is neither thresholds nor false; write [host] or host = false",
            );
            Host::Unsaid
        }
    }
}
