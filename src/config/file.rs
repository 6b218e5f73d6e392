//! The configuration file: what may stand in it, and how all of it is read with every problem noted.

use std::collections::{BTreeMap, HashMap};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::document::{Document, Table};
use super::problem::Problem;
use super::secret::{Environment, Secrets};
use super::target::{
    TargetConfig, TargetDefaults, TargetSettings, TargetUrl, check_interval, check_name, check_timeout,
};
use super::{ColorChoice, RULE_LIMIT, TARGET_LIMIT};
use crate::alert::rule::{Rule, RuleSettings};
use crate::judge::level::{HostSettings, HostThresholds};
use crate::sample::Window;
use crate::setting::{Finding, Period};

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
    /// Colours of the screen, by the name of a theme.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "default"))]
    pub theme: Option<String>,
    /// When colours are used.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "auto"))]
    pub color: Option<ColorChoice>,
    /// Draw with ASCII characters only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = false))]
    pub ascii: Option<bool>,
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
    /// Whether `demo://` stands in it, for all of the built-in service.
    pub whole_demo: bool,
    pub secrets: Secrets,
    /// For each selector that may turn out to match nothing: the rule's and its own place in their lists.
    pub selector_places: Vec<SelectorPlace>,
}

/// Where a rule's selector stands.
#[derive(Clone, Debug)]
pub struct SelectorPlace {
    pub rule: usize,
    pub selector: usize,
    pub place: super::problem::Place,
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
    overrides: &super::Overrides,
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

fn read_root(document: &mut Document<'_>, mut root: Table<'_>, overrides: &super::Overrides, contents: &mut Contents) {
    let span = root.span();
    let targets = root.get_mut().remove("target");
    let rules = root.get_mut().remove("alert");
    let host = root.get_mut().remove("host");
    let also = ["target", "alert", "host"];
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
    for finding in lengths.into_iter().flatten() {
        document.finding(&root, "", &finding);
    }
    let defaults = overrides.target_defaults(&general);
    contents.general = general;
    contents.host = host.map_or(Host::Unsaid, |host| read_host(document, host));
    read_targets(document, targets, defaults, contents);
    read_rules(document, rules, contents);
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

/// The tables of `[[target]]` or `[[alert]]`, at most `limit`.
fn tables<'t>(
    document: &mut Document<'_>,
    value: Option<Spanned<DeValue<'t>>>,
    key: &str,
    limit: usize,
) -> Vec<Table<'t>> {
    let Some(value) = value else { return Vec::new() };
    let span = value.span();
    let DeValue::Array(items) = value.into_inner() else {
        document.problem(
            span.start,
            &format!("{key} is not a list; write [[{key}]] with two brackets"),
        );
        return Vec::new();
    };
    if items.len() > limit {
        document.problem(
            span.start,
            &format!("there are {} of [[{key}]]; use at most {limit}", items.len()),
        );
    }
    let mut tables = Vec::with_capacity(items.len().min(limit));
    for item in items.into_iter().take(limit) {
        let span = item.span();
        match item.into_inner() {
            DeValue::Table(table) => tables.push(Spanned::new(span, table)),
            _other => document.problem(span.start, &format!("{key} is not a table; write [[{key}]]")),
        }
    }
    tables
}

fn read_targets(
    document: &mut Document<'_>,
    value: Option<Spanned<DeValue<'_>>>,
    defaults: TargetDefaults,
    contents: &mut Contents,
) {
    let mut names: HashMap<String, usize> = HashMap::new();
    for (index, table) in tables(document, value, "target", TARGET_LIMIT).into_iter().enumerate() {
        let (common, own) = split(&table);
        let subject = subject("target", &table, index);
        let Some(mut settings) = document.read_as::<TargetSettings>(&common, &subject, &[]) else {
            continue;
        };
        // What is shown everywhere holds no secret.
        for label in [&mut settings.name, &mut settings.group].into_iter().flatten() {
            *label = document.secrets.shown(label).to_owned();
        }
        if let Some(name) = &settings.name {
            let taken = names.insert(name.clone(), table.span().start);
            if let Some(message) = check_name(name).or_else(|| taken.map(|first| taken_message(document, name, first)))
            {
                document.finding(&table, &subject, &Finding::new("name", message));
            }
        }
        contents.targets.extend(read_target(
            document,
            &table,
            &own,
            &settings,
            &subject,
            defaults,
            &mut contents.whole_demo,
        ));
    }
}

fn read_target(
    document: &mut Document<'_>,
    table: &Table<'_>,
    own: &Table<'_>,
    settings: &TargetSettings,
    subject: &str,
    defaults: TargetDefaults,
    whole_demo: &mut bool,
) -> Option<TargetConfig> {
    let Some(text) = &settings.url else {
        let key = Finding::new("url", "has no url; add url = \"https://…\"");
        document.finding(table, subject, &key);
        return None;
    };
    let (url, kind) = match TargetUrl::parse(text, &document.secrets) {
        Ok(parsed) => parsed,
        Err(message) => {
            document.finding(table, subject, &Finding::new("url", message));
            return None;
        }
    };
    if url.is_whole_demo() {
        *whole_demo = true;
        if let Some((key, _)) = table.get_ref().iter().find(|(key, _)| key.get_ref() != "url") {
            let message = format!(
                "{subject}demo:// alone takes no {}; name an endpoint such as demo://checkout",
                key.get_ref()
            );
            document.problem(key.span().start, &message);
        }
        return None;
    }
    let kind = document.read(own, subject, &TargetSettings::KEYS, kind.read)?;
    match TargetConfig::resolve(settings, kind, url, defaults) {
        Ok(target) => Some(target),
        Err(findings) => {
            for finding in findings {
                document.finding(table, subject, &finding);
            }
            None
        }
    }
}

/// The keys that every target has, and those of its kind.
fn split<'t>(table: &Table<'t>) -> (Table<'t>, Table<'t>) {
    let (common, own): (Vec<_>, Vec<_>) = table
        .get_ref()
        .iter()
        .map(|(key, value)| (key.clone(), value.clone()))
        .partition(|(key, _)| TargetSettings::KEYS.contains(&key.get_ref().as_ref()));
    let part = |entries: Vec<_>| Spanned::new(table.span(), entries.into_iter().collect::<DeTable<'_>>());
    (part(common), part(own))
}

/// Opens a message: by name where there is one, else by number.
fn subject(what: &str, table: &Table<'_>, index: usize) -> String {
    let text = |key: &str| {
        table
            .get_ref()
            .get(key)?
            .get_ref()
            .as_str()
            .filter(|text| !text.is_empty())
    };
    match text("name") {
        Some(name) => format!("{what} {name:?}: "),
        None => format!("{what} {}: ", index + 1),
    }
}

fn taken_message(document: &Document<'_>, name: &str, first: usize) -> String {
    match document.place(first) {
        super::problem::Place::Spot { line, .. } => {
            format!("name {name:?} is taken by the one in line {line}; choose another")
        }
        super::problem::Place::CommandLine | super::problem::Place::File { .. } => format!("name {name:?} is taken"),
    }
}

fn read_rules(document: &mut Document<'_>, value: Option<Spanned<DeValue<'_>>>, contents: &mut Contents) {
    let mut names: HashMap<String, usize> = HashMap::new();
    for (index, table) in tables(document, value, "alert", RULE_LIMIT).into_iter().enumerate() {
        let subject = subject("alert", &table, index);
        let Some(mut settings) = document.read_as::<RuleSettings>(&table, &subject, &[]) else {
            continue;
        };
        for label in settings.name.iter_mut().chain(&mut settings.on) {
            *label = document.secrets.shown(label).to_owned();
        }
        if let Some(name) = &settings.name
            && let Some(first) = names.insert(name.clone(), table.span().start)
        {
            let message = taken_message(document, name, first);
            document.finding(&table, &subject, &Finding::new("name", message));
        }
        match settings.resolve() {
            Ok(rule) => {
                for selector in 0..rule.on.len() {
                    let offset = document.locate(&table, &Finding::new("on", "").item(selector));
                    contents.selector_places.push(SelectorPlace {
                        rule: contents.rules.len(),
                        selector,
                        place: document.place(offset),
                    });
                }
                contents.rules.push(rule);
            }
            Err(findings) => {
                for finding in findings {
                    document.finding(&table, &subject, &finding);
                }
            }
        }
    }
}
