//! The reference of every key, as Markdown, generated from the schema.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::file::GeneralSettings;
use super::schema::{generator, object, own_keys};
use super::target::TargetSettings;
use crate::alert::rule::RuleSettings;
use crate::judge::level::HostSettings;
use crate::source::kind::KINDS;

/// One table for each part of the file: key, type, default, meaning.
pub fn markdown() -> String {
    let mut generator = generator();
    let mut text = String::new();
    let mut part = |title: &str, keys: &Map<String, Value>| {
        if keys.is_empty() {
            return;
        }
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "### {title}\n\n| Key | Type | Default | Meaning |\n| --- | --- | --- | --- |\n"
        );
        rows(&mut text, "", keys);
        text.push('\n');
    };
    part("At the top", &keys(&object::<GeneralSettings>(&mut generator)));
    part("`[[target]]`", &keys(&object::<TargetSettings>(&mut generator)));
    for kind in &KINDS {
        let schemes: Vec<_> = kind.schemes.iter().map(|scheme| format!("`{scheme}://`")).collect();
        let title = format!("`[[target]]` with {}: {}", schemes.join(" or "), kind.about);
        part(&title, &own_keys(&mut generator, kind));
    }
    part("`[[alert]]`", &keys(&object::<RuleSettings>(&mut generator)));
    part(
        "`[host]`, or `host = false`",
        &keys(&object::<HostSettings>(&mut generator)),
    );
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
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
        // A title is the first paragraph; line breaks would end the row.
        let meaning = meaning
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .replace('|', "\\|");
        let _ = writeln!(text, "| `{prefix}{key}` | {kind} | {default} | {meaning} |");
        if let Some(inner) = schema.get("properties").and_then(Value::as_object) {
            rows(text, &format!("{prefix}{key}."), inner);
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
    match (text("type"), text("format")) {
        (Some("string"), Some("time span")) => "time".to_owned(),
        (Some("string"), _) => "text".to_owned(),
        (Some("boolean"), _) => "true or false".to_owned(),
        (Some("array"), _) => "list".to_owned(),
        (Some("object"), _) => "table".to_owned(),
        (Some("integer"), _) => "whole number".to_owned(),
        (Some(other), _) => other.to_owned(),
        (None, _) => String::new(),
    }
}

/// The values of an enumeration, in either of the forms that schemas have for them.
fn choices(schema: &Value) -> Option<String> {
    let values: Vec<&Value> = match (schema.get("enum"), schema.get("oneOf")) {
        (Some(Value::Array(values)), _) => values.iter().collect(),
        (_, Some(Value::Array(choices))) => choices.iter().filter_map(|choice| choice.get("const")).collect(),
        _ => return None,
    };
    let names: Vec<_> = values
        .into_iter()
        .filter_map(Value::as_str)
        .map(|name| format!("`{name}`"))
        .collect();
    (!names.is_empty()).then(|| names.join(" "))
}
