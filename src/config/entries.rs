//! The lists of the file: `[[target]]` and `[[alert]]`.

use std::collections::HashMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::document::{Document, Table};
use super::file::{Contents, SelectorPlace};
use super::problem::Place;
use super::target::{TargetConfig, TargetDefaults, TargetSettings, check_name};
use super::url::TargetUrl;
use super::{RULE_LIMIT, TARGET_LIMIT};
use crate::alert::rule::RuleSettings;
use crate::setting::Finding;

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

pub fn read_targets(
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
        Place::Spot { line, .. } => {
            format!("name {name:?} is taken by the one in line {line}; choose another")
        }
        Place::CommandLine | Place::File { .. } => format!("name {name:?} is taken"),
    }
}

pub fn read_rules(document: &mut Document<'_>, value: Option<Spanned<DeValue<'_>>>, contents: &mut Contents) {
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
