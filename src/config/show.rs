//! The configuration in effect, as TOML that can be loaded again. Secrets are `***`.

use probetop_core::sample::printable;
use probetop_engine::alert::maintenance::MaintenanceSettings;
use probetop_engine::alert::rule::RuleSettings;
use probetop_engine::alert::settings::AlertsSettings;
use probetop_engine::judge::health::{HealthSettings, Scoring};
use probetop_engine::judge::level::HostSettings;
use probetop_engine::judge::objective::ObjectiveSettings;
use probetop_probe::source::flow;
use serde::Serialize;
use toml::{Table, Value};
use url::Url;

use super::credential::{is_secret_name, mask_url};
use super::file::GeneralSettings;
use super::flow::StepKeys;
use super::secret::{MASK, Secrets};
use super::target::TargetSettings;
use super::targets::Probed;
use super::{Config, TargetConfig};
use crate::notify::settings::{ChannelConfig, ChannelSettings};

/// The whole of `config`, defaults included.
pub fn toml(config: &Config) -> String {
    let mut root = table(&GeneralSettings {
        interval: Some(config.interval.into()),
        timeout: Some(config.timeout.into()),
        control: Some(config.control),
        baseline: config.baseline.as_ref().map(|baseline| baseline.path.clone()),
        history: Some(config.history.into()),
        window: Some(config.window),
        theme: Some(config.ui.theme.clone()),
        color: Some(config.ui.color),
        ascii: Some(config.ui.ascii),
        motion: Some(config.ui.motion),
        budget: config.ui.budget,
        layout: Some(config.ui.layout.clone()),
        layouts: config.ui.layouts.clone(),
        mouse: Some(config.ui.mouse),
        hints: Some(config.ui.hints),
        keys: config.ui.keys.clone(),
        ui: config.ui.ui.clone(),
    });
    let host = match &config.host {
        Some(thresholds) => Value::Table(table(&HostSettings::from(thresholds))),
        None => Value::Boolean(false),
    };
    root.insert("host".to_owned(), host);
    root.insert("analysis".to_owned(), Value::Table(table(&config.analysis)));
    let health = match &config.health {
        Scoring::By(groups) => Value::Table(table(&HealthSettings::from(groups.as_slice()))),
        Scoring::Off => Value::Boolean(false),
    };
    root.insert("health".to_owned(), health);
    insert_lists(&mut root, config);
    let alerts = table(&AlertsSettings::from(&config.alerts));
    if !alerts.is_empty() {
        root.insert("alerts".to_owned(), Value::Table(alerts));
    }
    let mut root = Value::Table(root);
    mask(&mut root, &config.secrets);
    let source = match &config.path {
        Some(path) => printable(&path.display().to_string()),
        None => "no file".to_owned(),
    };
    let text = toml::to_string(&root).expect("tables of texts, numbers and tables are TOML");
    format!(
        "# What is in effect: the defaults, then {source}, then environment and command line.\n\
         # {MASK} stands for what is secret.\n\n{text}"
    )
}

/// The tables of which there may be many, `[[target]]` to `[[notify]]`.
fn insert_lists(root: &mut Table, config: &Config) {
    let mut list = |key: &str, tables: Vec<Value>| {
        if !tables.is_empty() {
            root.insert(key.to_owned(), Value::Array(tables));
        }
    };
    let (flows, targets): (Vec<_>, Vec<_>) = config
        .targets
        .probed()
        .partition(|probed| probed.target.kind.kind().name == flow::KIND.name);
    let targets = targets
        .into_iter()
        .map(|probed| Value::Table(shown_target(probed.target)));
    list("target", targets.collect());
    let flows = flows.into_iter().map(|flow| Value::Table(shown_flow(flow)));
    list("flow", flows.collect());
    let rules = config
        .rules
        .iter()
        .map(|rule| Value::Table(table(&RuleSettings::from(rule))));
    list("alert", rules.collect());
    let objectives = config.objectives.iter();
    let objectives = objectives.map(|objective| Value::Table(table(&ObjectiveSettings::from(objective))));
    list("objective", objectives.collect());
    let maintenance = config.alerts.maintenance.iter();
    let maintenance = maintenance.map(|window| Value::Table(table(&MaintenanceSettings::from(window))));
    list("maintenance", maintenance.collect());
    let channels = config
        .channels
        .iter()
        .map(|channel| Value::Table(shown_channel(channel)));
    list("notify", channels.collect());
}

fn shown_target(target: &TargetConfig) -> Table {
    let mut shown = common_keys(target);
    shown.extend(own_keys(target));
    shown
}

/// A flow and its steps. A step has what its target has, but for what the flow says for all.
fn shown_flow(flow: Probed<'_>) -> Table {
    let mut shown = common_keys(flow.target);
    shown.remove("url");
    let mut own = flow.target.kind.table();
    shown.extend(own.remove("cookies").map(|cookies| ("cookies".to_owned(), cookies)));
    let written = own.get("steps").and_then(Value::as_array).into_iter().flatten();
    let steps = written.zip(flow.steps).map(|(written, target)| {
        let mut step = common_keys(target);
        step.retain(|key, _| StepKeys::KEYS.contains(&key));
        step.extend(own_keys(target));
        for key in ["name", "capture"] {
            step.extend(written.get(key).map(|value| (key.to_owned(), value.clone())));
        }
        step.retain(|_, value| !is_empty(value));
        Value::Table(step)
    });
    shown.insert("step".to_owned(), Value::Array(steps.collect()));
    shown
}

fn shown_channel(channel: &ChannelConfig) -> Table {
    let mut own = channel.kind.table();
    for key in channel.kind.kind().secret {
        if let Some(Value::String(text)) = own.get_mut(*key) {
            *text = masked(text);
        }
    }
    mask_credentials(&mut own);
    own.retain(|_, value| !is_empty(value));
    let mut shown = table(&ChannelSettings::from(channel));
    shown.extend(own);
    shown
}

/// A secret as it is shown: of a URL who it leads to, of anything else nothing.
fn masked(secret: &str) -> String {
    let Some(url) = Url::parse(secret).ok().filter(Url::has_host) else {
        return MASK.to_owned();
    };
    let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
    format!("{}://{}{port}/{MASK}", url.scheme(), url.host_str().unwrap_or_default())
}

/// The keys that every target has.
fn common_keys(target: &TargetConfig) -> Table {
    table(&TargetSettings {
        name: Some(target.name.to_string()),
        url: Some(target.url.shown().to_owned()),
        group: target.group.as_ref().map(ToString::to_string),
        interval: Some(target.interval.into()),
        timeout: Some(target.timeout.into()),
        in_flight: Some(target.in_flight),
        latency: target.latency.as_ref().map(Into::into),
        errors: Some((&target.errors).into()),
        rate: target.rate.as_ref().map(Into::into),
        gauges: target
            .gauges
            .iter()
            .map(|level| (level.name.to_string(), level.into()))
            .collect(),
        process: target.process.clone(),
        depends_on: target.depends_on.iter().map(ToString::to_string).collect(),
    })
}

/// The keys of the target's kind.
fn own_keys(target: &TargetConfig) -> impl Iterator<Item = (String, Value)> {
    let mut own = target.kind.table();
    mask_credentials(&mut own);
    own.into_iter().filter(|(_, value)| !is_empty(value))
}

/// What is a credential by its name, and passwords in URLs, however deep they lie.
fn mask_credentials(table: &mut Table) {
    for (name, value) in table.iter_mut() {
        match value {
            Value::String(text) if is_secret_name(name) => *text = MASK.to_owned(),
            value => mask_urls(value),
        }
    }
}

fn mask_urls(value: &mut Value) {
    match value {
        Value::String(text) => *text = mask_url(text),
        Value::Array(items) => items.iter_mut().for_each(mask_urls),
        Value::Table(table) => mask_credentials(table),
        Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) => {}
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.is_empty(),
        Value::Table(table) => table.is_empty(),
        Value::String(_) | Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) => false,
    }
}

fn table(settings: &impl Serialize) -> Table {
    Table::try_from(settings).expect("settings are tables of texts, numbers and tables")
}

/// Replaces every text that holds a secret. A `$` is doubled, so that it is read back as itself.
fn mask(value: &mut Value, secrets: &Secrets) {
    match value {
        Value::String(text) => *text = secrets.shown(text).replace('$', "$$"),
        Value::Array(items) => items.iter_mut().for_each(|item| mask(item, secrets)),
        Value::Table(table) => table.iter_mut().for_each(|(_, value)| mask(value, secrets)),
        Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) => {}
    }
}
