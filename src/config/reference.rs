//! The reference of every key, as Markdown, generated from the schema.

use std::fmt::Write as _;

use probetop_engine::alert::maintenance::MaintenanceSettings;
use probetop_engine::alert::rule::RuleSettings;
use probetop_engine::alert::settings::AlertsSettings;
use probetop_engine::judge::analysis::AnalysisSettings;
use probetop_engine::judge::health::HealthSettings;
use probetop_engine::judge::level::HostSettings;
use probetop_engine::judge::objective::ObjectiveSettings;
use probetop_probe::source::kind::{Kind, Levels};
use probetop_probe::source::registry::KINDS;
use probetop_screen::ui::preset::LayoutSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value};

use super::file::GeneralSettings;
use super::flow::{FlowSettings, StepKeys};
use super::schema::{generator, object, own_channel_keys, own_keys};
use super::target::TargetSettings;
use crate::notify::kind as channel;
use crate::notify::settings::ChannelSettings;

/// One table for each part of the file: key, type, default, meaning.
pub fn markdown() -> String {
    let mut reference = Reference {
        generator: generator(),
        text: String::new(),
    };
    reference.part::<GeneralSettings>("At the top");
    reference.part::<LayoutSettings>("`[layouts.NAME]`");
    reference.part::<TargetSettings>("`[[target]]`");
    reference.targets();
    reference.part::<FlowSettings>("`[[flow]]`");
    reference.part::<StepKeys>("`[[flow.step]]`, with the keys of an HTTP target beside these");
    reference.part::<RuleSettings>("`[[alert]]`");
    reference.part::<ObjectiveSettings>("`[[objective]]`");
    reference.part::<HealthSettings>("`[health]`, or `health = false`");
    reference.part::<AlertsSettings>("`[alerts]`");
    reference.part::<MaintenanceSettings>("`[[maintenance]]`");
    reference.part::<ChannelSettings>("`[[notify]]`");
    reference.channels();
    reference.part::<HostSettings>("`[host]`, or `host = false`");
    reference.part::<AnalysisSettings>("`[analysis]`");
    let mut text = reference.text;
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

/// The page as far as it is written.
struct Reference {
    generator: SchemaGenerator,
    text: String,
}

impl Reference {
    /// A part of the file that is read as `T`.
    fn part<T: JsonSchema>(&mut self, title: &str) {
        let keys = keys(&object::<T>(&mut self.generator));
        part(&mut self.text, title, &keys);
    }

    /// What targets of each kind have beside the keys of all.
    fn targets(&mut self) {
        let mut told: Vec<(String, Map<String, Value>)> = Vec::new();
        for kind in KINDS {
            let schemes: Vec<_> = kind.schemes.iter().map(|scheme| format!("`{scheme}://`")).collect();
            let schemes = schemes.join(" or ");
            let title = format!("`[[target]]` with {schemes}: {}", kind.about);
            let own = own_keys(&mut self.generator, kind);
            match told.iter().find(|(_, keys)| *keys == own) {
                // Writing to a string cannot fail.
                Some((same, _)) => drop(write!(self.text, "### {title}\n\nThe same keys as with {same}.\n\n")),
                None => part(&mut self.text, &title, &own),
            }
            gauges(&mut self.text, kind);
            told.push((schemes, own));
        }
    }

    /// What channels of each kind have beside the keys of all.
    fn channels(&mut self) {
        for kind in channel::KINDS {
            let title = format!("`[[notify]]` with `kind = \"{}\"`: {}", kind.name, kind.about);
            let own = own_channel_keys(&mut self.generator, kind);
            part(&mut self.text, &title, &own);
        }
    }
}

/// What targets of `kind` tell, and from where on a level is broken unless they say otherwise.
fn gauges(text: &mut String, kind: &Kind) {
    if kind.gauges.is_empty() {
        return;
    }
    text.push_str("| Gauge | Warning | Critical | Meaning |\n| --- | --- | --- | --- |\n");
    for gauge in kind.gauges {
        let level = |level: fn(Levels) -> f64| {
            let level = gauge.levels.map(level);
            level.map_or("none".to_owned(), |level| level.to_string())
        };
        let (warning, critical) = (level(|levels| levels.warning), level(|levels| levels.critical));
        let target = gauge.levels.and_then(|levels| levels.target);
        let target = target.map_or_else(String::new, |target| format!("; the target is {target}"));
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "| `{}` | {warning} | {critical} | {}{target} |",
            gauge.name, gauge.about
        );
    }
    text.push('\n');
}

fn part(text: &mut String, title: &str, keys: &Map<String, Value>) {
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "### {title}\n\n| Key | Type | Default | Meaning |\n| --- | --- | --- | --- |\n"
    );
    rows(text, "", keys);
    text.push('\n');
}

fn keys(schema: &Map<String, Value>) -> Map<String, Value> {
    schema
        .get("properties")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default()
}

fn rows(text: &mut String, prefix: &str, keys: &Map<String, Value>) {
    for (key, schema) in keys {
        let meaning = schema.get("description").and_then(Value::as_str).unwrap_or_default();
        let default = schema.get("default").map(shown_default).unwrap_or_default();
        let kind = shown_type(schema);
        // A line break or a bar would end the cell.
        let meaning = meaning
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .replace('|', "\\|");
        let _ = writeln!(text, "| `{prefix}{key}` | {kind} | {default} | {meaning} |");
        let forms = schema.get("anyOf").and_then(Value::as_array).into_iter().flatten();
        for inner in std::iter::once(schema)
            .chain(forms)
            .filter_map(|form| form.get("properties")?.as_object())
        {
            rows(text, &format!("{prefix}{key}."), inner);
        }
        if let Some(inner) = schema.pointer("/items/properties").and_then(Value::as_object) {
            rows(text, &format!("{prefix}{key}[]."), inner);
        }
    }
}

fn shown_default(default: &Value) -> String {
    match default {
        Value::Null => String::new(),
        Value::Array(items) if items.is_empty() => String::new(),
        Value::Object(entries) if entries.is_empty() => String::new(),
        Value::Object(entries) => {
            let entries: Vec<_> = entries.iter().map(|(key, value)| format!("{key} = {value}")).collect();
            format!("`{{ {} }}`", entries.join(", "))
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => format!("`{default}`"),
    }
}

fn shown_type(schema: &Value) -> String {
    let text = |key: &str| schema.get(key).and_then(Value::as_str);
    if let Some(choices) = choices(schema) {
        return choices;
    }
    if let Some(forms) = schema.get("anyOf").and_then(Value::as_array) {
        return forms.iter().map(shown_type).collect::<Vec<_>>().join(" or ");
    }
    match (text("type"), text("format")) {
        (Some("string"), Some("time span")) => "time".to_owned(),
        (Some("string"), _) => "text".to_owned(),
        (Some("boolean"), _) => "true or false".to_owned(),
        (Some("array"), _) => "list".to_owned(),
        (Some("object"), _) => "table".to_owned(),
        (Some("integer"), _) => "whole number".to_owned(),
        (Some(other), _) => other.to_owned(),
        (None, _) => schema.get("const").map_or("any value".to_owned(), Value::to_string),
    }
}

/// The values of an enumeration: a list of them, or, where some have a description, choices of one or more.
fn choices(schema: &Value) -> Option<String> {
    let mut values = Vec::new();
    let parts = schema.get("oneOf").and_then(Value::as_array).into_iter().flatten();
    for part in std::iter::once(schema).chain(parts) {
        values.extend(part.get("const"));
        values.extend(part.get("enum").and_then(Value::as_array).into_iter().flatten());
    }
    let names: Vec<_> = values
        .into_iter()
        .filter_map(Value::as_str)
        .map(|name| format!("`{name}`"))
        .collect();
    (!names.is_empty()).then(|| names.join(" "))
}
