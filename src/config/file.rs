//! The configuration file: what may stand in it, and how all of it is read with every problem noted.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toml::Spanned;
use toml::de::DeValue;

use super::Overrides;
use super::channel::read_channels;
use super::document::{Document, Table};
use super::entries::{Names, read_rules, read_targets};
use super::flow::read_flows;
use super::problem::{Place, Problem};
use super::secret::{Environment, Secrets};
use super::target::{TargetConfig, check_interval, check_timeout};
use crate::alert::rule::Rule;
use crate::judge::level::{HostSettings, HostThresholds};
use crate::notify::settings::ChannelConfig;
use crate::sample::Window;
use crate::setting::Period;
use crate::ui::{ColorChoice, Motion};

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
    /// The window whose figures the screen shows first.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "1m"))]
    pub window: Option<Window>,
    /// Colours of the screen: `dark`, `light` or `high-contrast`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "dark"))]
    pub theme: Option<String>,
    /// When colours are used.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "auto"))]
    pub color: Option<ColorChoice>,
    /// Draw with ASCII characters only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = false))]
    pub ascii: Option<bool>,
    /// How charts move: `sweep` overwrites the oldest column, which costs few bytes over SSH; `scroll` repaints.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "sweep"))]
    pub motion: Option<Motion>,
    /// Keys of the screen, by action: `quit = ["q", "ctrl-q"]`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub keys: BTreeMap<String, Vec<String>>,
}

/// What one file says, checked.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    pub general: GeneralSettings,
    pub host: Host,
    pub targets: Vec<TargetConfig>,
    pub rules: Vec<Rule>,
    pub channels: Vec<ChannelConfig>,
    /// Whether `demo://` stands in it, for all of the built-in service.
    pub whole_demo: bool,
    pub secrets: Secrets,
    /// What targets can do, and should not do unnoticed.
    pub warnings: Vec<Problem>,
    /// For each selector that may turn out to match nothing: the rule's and its own place in their lists.
    pub selector_places: Vec<SelectorPlace>,
}

/// Where a rule's selector stands.
#[derive(Clone, Debug)]
pub struct SelectorPlace {
    pub rule: usize,
    pub selector: usize,
    pub place: Place,
}

/// Whether this machine is watched, and against which thresholds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Host {
    #[default]
    Unsaid,
    Off,
    Watched(HostThresholds),
}

/// Reads a file's text. `name` is what problems call it; `overrides` are the defaults that stand above the file's own.
///
/// # Errors
/// Every problem, in the order of the text.
pub fn read(
    name: &str,
    text: &str,
    overrides: &Overrides,
    environment: Environment<'_>,
) -> Result<Contents, Vec<Problem>> {
    let mut document = Document::new(name.to_owned(), text);
    let mut contents = Contents::default();
    if let Some(root) = document.parse(environment) {
        read_root(&mut document, root, overrides, &mut contents);
    }
    contents.secrets = document.secrets.clone();
    let problems: Vec<Problem> = document.into_problems().collect();
    if problems.is_empty() {
        Ok(contents)
    } else {
        Err(problems)
    }
}

fn read_root(document: &mut Document<'_>, mut root: Table<'_>, overrides: &Overrides, contents: &mut Contents) {
    let span = root.span();
    let targets = root.get_mut().remove("target");
    let flows = root.get_mut().remove("flow");
    let rules = root.get_mut().remove("alert");
    let channels = root.get_mut().remove("notify");
    let host = root.get_mut().remove("host");
    let also = ["target", "flow", "alert", "notify", "host"];
    let general = document
        .read_as::<GeneralSettings>(&root, "", &also)
        .unwrap_or_default();
    let lengths = [
        general
            .interval
            .and_then(|interval| check_interval(interval.duration())),
        general.timeout.and_then(|timeout| check_timeout(timeout.duration())),
    ];
    let root = Spanned::new(span, root.into_inner());
    // The command line's theme is the command line's problem.
    let screen = Overrides::default().screen(&general).findings();
    for finding in lengths.into_iter().flatten().chain(screen) {
        document.finding(&root, "", &finding);
    }
    let defaults = overrides.target_defaults(&general);
    contents.general = general;
    contents.host = host.map_or(Host::Unsaid, |host| read_host(document, host));
    let mut names = Names::default();
    read_targets(document, targets, defaults, &mut names, contents);
    read_flows(document, flows, defaults, &mut names, contents);
    read_rules(document, rules, contents);
    read_channels(document, channels, contents);
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
