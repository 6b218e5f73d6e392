//! The configuration in effect, as TOML that can be loaded again. Secrets are `***`.

use serde::Serialize;
use toml::{Table, Value};
use url::Url;

use super::file::GeneralSettings;
use super::secret::{MASK, Secrets, is_secret_name, mask_password};
use super::target::TargetSettings;
use super::{Config, TargetConfig};
use crate::alert::rule::RuleSettings;
use crate::judge::level::HostSettings;

/// The whole of `config`, defaults included.
pub fn toml(config: &Config) -> String {
    let mut root = table(&GeneralSettings {
        interval: Some(config.interval.into()),
        timeout: Some(config.timeout.into()),
        window: Some(config.window),
        theme: Some(config.ui.theme.clone()),
        color: Some(config.ui.color),
        ascii: Some(config.ui.ascii),
        motion: Some(config.ui.motion),
        keys: config.ui.keys.clone(),
    });
    let host = match &config.host {
        Some(thresholds) => Value::Table(table(&HostSettings::from(thresholds))),
        None => Value::Boolean(false),
    };
    root.insert("host".to_owned(), host);
    let mut list = |key: &str, tables: Vec<Value>| {
        if !tables.is_empty() {
            root.insert(key.to_owned(), Value::Array(tables));
        }
    };
    let targets = config.targets.iter().map(|target| Value::Table(shown_target(target)));
    list("target", targets.collect());
    let rules = config
        .rules
        .iter()
        .map(|rule| Value::Table(table(&RuleSettings::from(rule))));
    list("alert", rules.collect());
    let mut root = Value::Table(root);
    mask(&mut root, &config.secrets);
    let source = match &config.path {
        Some(path) => path.display().to_string(),
        None => "no file".to_owned(),
    };
    let text = toml::to_string(&root).expect("tables of texts, numbers and tables are TOML");
    format!(
        "# What is in effect: the defaults, then {source}, then environment and command line.\n\
         # {MASK} stands for what is secret.\n\n{text}"
    )
}

fn shown_target(target: &TargetConfig) -> Table {
    let mut shown = table(&TargetSettings {
        name: Some(target.name.to_string()),
        url: Some(target.url.shown().to_owned()),
        group: target.group.as_ref().map(ToString::to_string),
        interval: Some(target.interval.into()),
        timeout: Some(target.timeout.into()),
        in_flight: Some(target.in_flight),
        latency: target.latency.as_ref().map(Into::into),
        errors: Some((&target.errors).into()),
        gauges: target
            .gauges
            .iter()
            .map(|level| (level.name.to_string(), level.into()))
            .collect(),
        process: target.process.clone(),
    });
    let mut own = target.kind.table();
    mask_credentials(&mut own);
    shown.extend(own.into_iter().filter(|(_, value)| !is_empty(value)));
    shown
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
        Value::String(text) if Url::parse(text).is_ok() => *text = mask_password(text),
        Value::Array(items) => items.iter_mut().for_each(mask_urls),
        Value::Table(table) => mask_credentials(table),
        Value::String(_) | Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) => {}
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
