//! The lists of the file: what all of them have in common, and `[[target]]` and `[[alert]]`.

use std::collections::HashMap;

use probetop_core::sample::Text;
use probetop_core::setting::{Finding, Selector};
use probetop_engine::alert::rule::RuleSettings;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::document::{Document, Table};
use super::file::{Contents, PlacedSelector};
use super::outline::Outline;
use super::problem::{Place, Problem};
use super::target::{TargetConfig, TargetDefaults, TargetSettings, check_name};
use super::url::TargetUrl;
use super::{RULE_LIMIT, TARGET_LIMIT};

/// One `[[target]]`, `[[alert]]` or table of another list.
pub struct Entry<'t> {
    pub table: Table<'t>,
    /// Opens every message about it: `target "checkout": `.
    pub subject: String,
}

impl<'t> Entry<'t> {
    /// Called by its name where it has one, else by its number in the list.
    fn new(what: &str, table: Table<'t>, index: usize) -> Self {
        let name = table.get_ref().get("name").and_then(|name| name.get_ref().as_str());
        let subject = match name.filter(|name| !name.is_empty()) {
            Some(name) => format!("{what} {name:?}: "),
            None => format!("{what} {}: ", index + 1),
        };
        Self { table, subject }
    }

    pub fn report(&self, document: &mut Document<'_>, findings: impl IntoIterator<Item = Finding>) {
        for finding in findings {
            document.finding(&self.table, &self.subject, &finding);
        }
    }

    /// The selectors of its `on`, with their places.
    pub fn selectors(&self, document: &Document<'_>, on: &[Selector]) -> Vec<PlacedSelector> {
        let placed = |(index, selector): (usize, &Selector)| PlacedSelector {
            subject: self.subject.clone(),
            selector: selector.clone(),
            place: document.place(document.locate(&self.table, &Finding::new("on", "").item(index))),
        };
        on.iter().enumerate().map(placed).collect()
    }

    fn warnings(&self, document: &Document<'_>, findings: &[Finding]) -> Vec<Problem> {
        let warning = |finding| document.described(&self.table, &self.subject, finding).1;
        findings.iter().map(warning).collect()
    }

    /// The keys that are among `common`, and the others.
    pub fn split(&self, common: &[&str]) -> (Table<'t>, Table<'t>) {
        let (common, own): (Vec<_>, Vec<_>) = self
            .table
            .get_ref()
            .iter()
            .map(|(key, value)| (key.clone(), value.clone()))
            .partition(|(key, _)| common.contains(&key.get_ref().as_ref()));
        let part = |entries: Vec<_>| Spanned::new(self.table.span(), entries.into_iter().collect::<DeTable<'_>>());
        (part(common), part(own))
    }
}

/// The tables of such a list, at most `limit`.
pub(super) fn entries<'t>(
    document: &mut Document<'_>,
    value: Option<Spanned<DeValue<'t>>>,
    key: &str,
    limit: usize,
) -> Vec<Entry<'t>> {
    let Some(value) = value else { return Vec::new() };
    let start = value.span().start;
    let DeValue::Array(items) = value.into_inner() else {
        let message = format!("{key} is not a list; write [[{key}]] with two brackets");
        document.problem(start, &message);
        return Vec::new();
    };
    if items.len() > limit {
        let message = format!("there are {} of [[{key}]]; use at most {limit}", items.len());
        document.problem(start, &message);
    }
    let mut entries = Vec::with_capacity(items.len().min(limit));
    for (index, item) in items.into_iter().take(limit).enumerate() {
        let span = item.span();
        match item.into_inner() {
            DeValue::Table(table) => entries.push(Entry::new(key, Spanned::new(span, table), index)),
            _other => document.problem(span.start, &format!("{key} is not a table; write [[{key}]]")),
        }
    }
    entries
}

/// Reads `[[target]]`.
pub(super) fn read_targets(
    document: &mut Document<'_>,
    value: Option<Spanned<DeValue<'_>>>,
    defaults: TargetDefaults,
    names: &mut Names,
    contents: &mut Contents,
) {
    for entry in entries(document, value, "target", TARGET_LIMIT) {
        match read_target(document, &entry, defaults, names) {
            Some(TargetEntry::Target(target)) => {
                let warnings = target.kind.warnings();
                contents.warnings.extend(entry.warnings(document, &warnings));
                let next = contents.targets.rows().len();
                contents.references.depends(document, &entry.table, next, &target);
                contents.targets.push(*target);
            }
            Some(TargetEntry::WholeDemo) => {
                contents.whole_demo = true;
                check_alone(document, &entry);
            }
            None => contents.broken.push(Outline::of_target(document, &entry)),
        }
    }
}

/// What a `[[target]]` stands for.
enum TargetEntry {
    Target(Box<TargetConfig>),
    /// All of the built-in service.
    WholeDemo,
}

/// `None`: it is not understood, which has been reported.
fn read_target(
    document: &mut Document<'_>,
    entry: &Entry<'_>,
    defaults: TargetDefaults,
    names: &mut Names,
) -> Option<TargetEntry> {
    let (common, own) = entry.split(&TargetSettings::KEYS);
    let mut settings = document.read_as::<TargetSettings>(&common, &entry.subject, &[])?;
    let labels = [&mut settings.name, &mut settings.group].into_iter().flatten();
    for label in labels.chain(&mut settings.depends_on) {
        *label = shown_label(document, label);
    }
    if let Some(name) = &settings.name {
        let wrong = check_name(name).or_else(|| names.take(document, entry, name));
        entry.report(document, wrong.map(|message| Finding::new("name", message)));
    }
    let url = settings
        .url
        .as_deref()
        .ok_or_else(|| "has no url; add url = \"https://…\"".to_owned());
    let (url, kind) = url
        .and_then(|url| TargetUrl::parse(url, &document.secrets))
        .map_err(|message| {
            // Nothing is known of its kind, and what every target has can be wrong all the same.
            let others = settings.findings();
            entry.report(document, others.into_iter().chain([Finding::new("url", message)]));
        })
        .ok()?;
    if url.is_whole_demo() {
        return Some(TargetEntry::WholeDemo);
    }
    let kind = document.read(&own, &entry.subject, &TargetSettings::KEYS, kind.read)?;
    TargetConfig::resolve(&settings, kind, url, defaults)
        .map(|target| TargetEntry::Target(Box::new(target)))
        .map_err(|findings| entry.report(document, findings))
        .ok()
}

/// A bare `demo://` stands for many targets: there is no one that other keys could be about.
fn check_alone(document: &mut Document<'_>, entry: &Entry<'_>) {
    if let Some((key, _)) = entry.table.get_ref().iter().find(|(key, _)| key.get_ref() != "url") {
        let message = format!(
            "{}demo:// alone takes no {}; name an endpoint such as demo://checkout",
            entry.subject,
            key.get_ref()
        );
        document.problem(key.span().start, &message);
    }
}

/// A name or group as it is shown everywhere: without secrets, and cleaned, so that equal ones look equal.
pub(super) fn shown_label(document: &Document<'_>, label: &str) -> String {
    Text::clean(document.secrets.shown(label)).to_string()
}

/// Names in one list, with the offset of what has them.
#[derive(Default)]
pub struct Names(HashMap<String, usize>);

impl Names {
    /// Takes the name of an entry that has one, and reports when it is taken already.
    pub fn claim(&mut self, document: &mut Document<'_>, entry: &Entry<'_>, name: Option<&str>) {
        let taken = name.and_then(|name| self.take(document, entry, name));
        entry.report(document, taken.map(|message| Finding::new("name", message)));
    }

    /// What is wrong when `name` is taken already.
    pub fn take(&mut self, document: &Document<'_>, entry: &Entry<'_>, name: &str) -> Option<String> {
        let first = self.0.insert(name.to_owned(), entry.table.span().start)?;
        Some(match document.place(first) {
            Place::Spot { line, .. } => {
                format!("name {name:?} is taken by the one in line {line}; choose another")
            }
            Place::CommandLine | Place::File { .. } => format!("name {name:?} is taken; choose another"),
        })
    }
}

/// Reads `[[alert]]`.
pub(super) fn read_rules(document: &mut Document<'_>, value: Option<Spanned<DeValue<'_>>>, contents: &mut Contents) {
    let mut names = Names::default();
    for entry in entries(document, value, "alert", RULE_LIMIT) {
        let Some(mut settings) = document.read_as::<RuleSettings>(&entry.table, &entry.subject, &[]) else {
            continue;
        };
        let labels = settings.name.iter_mut().chain(&mut settings.on);
        for label in labels.chain(&mut settings.action) {
            *label = shown_label(document, label);
        }
        names.claim(document, &entry, settings.name.as_deref());
        let (notify, escalate) = (settings.notify.as_deref(), settings.escalate.as_deref());
        let references = &mut contents.references;
        references.names_channels(document, &entry.table, &entry.subject, notify, escalate);
        match settings.resolve() {
            Ok(rule) => {
                contents.selectors.extend(entry.selectors(document, &rule.on));
                contents.rules.push(rule);
            }
            Err(findings) => entry.report(document, findings),
        }
    }
}
