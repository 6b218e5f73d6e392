//! The JSON Schema of the configuration file, generated from the structs that read it.

use probetop_engine::alert::maintenance::MaintenanceSettings;
use probetop_engine::alert::rule::RuleSettings;
use probetop_engine::alert::settings::AlertsSettings;
use probetop_engine::judge::analysis::AnalysisSettings;
use probetop_engine::judge::health::HealthSettings;
use probetop_engine::judge::level::HostSettings;
use probetop_engine::judge::objective::ObjectiveSettings;
use probetop_probe::source::flow::STEP_LIMIT;
use probetop_probe::source::http;
use probetop_probe::source::kind::Kind;
use probetop_probe::source::registry::KINDS;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::file::GeneralSettings;
use super::flow::{FlowSettings, StepKeys};
use super::target::TargetSettings;
use crate::notify::kind as channel;
use crate::notify::settings::ChannelSettings;

/// The schema of a whole file (JSON Schema 2020-12). Unknown keys are refused; of a target, those of its kind are known.
pub fn schema() -> Value {
    let generator = &mut generator();
    let mut root = object::<GeneralSettings>(generator);
    let kinds: Vec<Value> = KINDS.iter().map(|kind| target(generator, kind)).collect();
    let rule = required::<RuleSettings>(generator, &["name", "when"]);
    let objective = required::<ObjectiveSettings>(generator, &["name", "goal"]);
    let maintenance = required::<MaintenanceSettings>(generator, &["name"]);
    let tables = [
        (
            "analysis",
            described::<AnalysisSettings>(generator, "What is looked for without being asked."),
        ),
        ("target", list("What is probed.", json!({ "anyOf": kinds }))),
        (
            "flow",
            list(
                "HTTP requests in order, of which later ones use what earlier ones gave.",
                flow(generator),
            ),
        ),
        ("alert", list("Conditions that raise an alert.", rule)),
        (
            "alerts",
            described::<AlertsSettings>(generator, "Whom alerts tell, and how often."),
        ),
        (
            "maintenance",
            list("Planned work, during which nobody is notified.", maintenance),
        ),
        (
            "objective",
            list("What is promised of the probes of some targets.", objective),
        ),
        (
            "health",
            or_off::<HealthSettings>(generator, "What the health score is made of; false: there is none."),
        ),
        ("notify", channels(generator)),
        (
            "host",
            or_off::<HostSettings>(generator, "Thresholds of this machine; false: it is not watched."),
        ),
    ];
    properties(&mut root).extend(tables.map(|(key, schema)| (key.to_owned(), schema)));
    let about = [
        ("$schema", "https://json-schema.org/draft/2020-12/schema"),
        ("title", "probetop configuration"),
        ("description", "What probetop watches, and what it makes of it."),
    ];
    root.extend(about.map(|(key, text)| (key.to_owned(), json!(text))));
    Value::Object(root)
}

/// A list of tables such as `[[target]]`.
fn list(description: &str, items: Value) -> Value {
    json!({ "type": "array", "description": description, "items": items })
}

fn described<T: JsonSchema>(generator: &mut SchemaGenerator, description: &str) -> Value {
    let mut table = object::<T>(generator);
    table.insert("description".to_owned(), json!(description));
    Value::Object(table)
}

/// A table, or `false`.
fn or_off<T: JsonSchema>(generator: &mut SchemaGenerator, description: &str) -> Value {
    json!({ "description": description, "anyOf": [{ "type": "boolean" }, object::<T>(generator)] })
}

/// A table that means nothing without these keys.
fn required<T: JsonSchema>(generator: &mut SchemaGenerator, keys: &[&str]) -> Value {
    let mut table = object::<T>(generator);
    table.insert("required".to_owned(), json!(keys));
    Value::Object(table)
}

/// A generator that writes every type where it is used, so that schemas can be merged.
pub fn generator() -> SchemaGenerator {
    SchemaSettings::draft2020_12()
        .with(|settings| {
            settings.inline_subschemas = true;
            settings.meta_schema = None;
        })
        .into_generator()
}

/// The schema of one settings struct, without the `null` that TOML does not have.
pub fn object<T: JsonSchema>(generator: &mut SchemaGenerator) -> Map<String, Value> {
    plain(generator.root_schema_for::<T>().to_value())
}

/// The keys that only targets of `kind` have.
pub fn own_keys(generator: &mut SchemaGenerator, kind: &Kind) -> Map<String, Value> {
    let mut own = plain((kind.schema)(generator).to_value());
    std::mem::take(properties(&mut own))
}

/// The keys that only channels of `kind` have.
pub fn own_channel_keys(generator: &mut SchemaGenerator, kind: &channel::Kind) -> Map<String, Value> {
    let mut own = plain((kind.schema)(generator).to_value());
    std::mem::take(properties(&mut own))
}

fn plain(mut schema: Value) -> Map<String, Value> {
    remove_null(&mut schema);
    match schema {
        Value::Object(mut object) => {
            object.remove("title");
            object
        }
        _boolean => Map::new(),
    }
}

fn target(generator: &mut SchemaGenerator, kind: &Kind) -> Value {
    let mut target = object::<TargetSettings>(generator);
    let own = own_keys(generator, kind);
    let properties = properties(&mut target);
    properties.extend(own);
    // A URL may begin with a value from the environment.
    let pattern = format!("^(({})://|\\$\\{{)", kind.schemes.join("|").replace('+', "\\+"));
    if let Some(Value::Object(url)) = properties.get_mut("url") {
        url.insert("pattern".to_owned(), json!(pattern));
    }
    target.insert("title".to_owned(), json!(kind.name));
    target.insert("description".to_owned(), json!(kind.about));
    target.insert("required".to_owned(), json!(["url"]));
    Value::Object(target)
}

fn channels(generator: &mut SchemaGenerator) -> Value {
    let channel = |kind: &&channel::Kind| {
        let mut channel = object::<ChannelSettings>(generator);
        let own = own_channel_keys(generator, kind);
        let properties = properties(&mut channel);
        properties.extend(own);
        if let Some(Value::Object(written)) = properties.get_mut("kind") {
            written.insert("const".to_owned(), json!(kind.name));
        }
        channel.insert("title".to_owned(), json!(kind.name));
        channel.insert("description".to_owned(), json!(kind.about));
        let required = ["name", "kind"].iter().chain(kind.required);
        channel.insert("required".to_owned(), required.copied().collect());
        Value::Object(channel)
    };
    let kinds: Vec<_> = channel::KINDS.iter().map(channel).collect();
    json!({ "type": "array", "description": "Who is notified of alerts, and how.", "items": { "anyOf": kinds } })
}

fn flow(generator: &mut SchemaGenerator) -> Value {
    let mut flow = object::<FlowSettings>(generator);
    let mut step = object::<StepKeys>(generator);
    properties(&mut step).extend(own_keys(generator, &http::KIND));
    step.insert("required".to_owned(), json!(["name", "url"]));
    properties(&mut flow).insert(
        "step".to_owned(),
        json!({ "type": "array", "description": "The requests, in order.", "minItems": 1, "maxItems": STEP_LIMIT, "items": step }),
    );
    flow.insert("required".to_owned(), json!(["name", "step"]));
    Value::Object(flow)
}

fn properties(schema: &mut Map<String, Value>) -> &mut Map<String, Value> {
    let properties = schema.entry("properties").or_insert_with(|| json!({}));
    if !properties.is_object() {
        *properties = json!({});
    }
    properties.as_object_mut().expect("it was made an object above")
}

fn remove_null(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if let Some(Value::Array(types)) = object.get_mut("type") {
                types.retain(|name| name != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    object.insert("type".to_owned(), only);
                }
            }
            if object.get("default").is_some_and(Value::is_null) {
                object.remove("default");
            }
            merge_only_choice(object);
            object.values_mut().for_each(remove_null);
        }
        Value::Array(items) => items.iter_mut().for_each(remove_null),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// `anyOf: [T, null]` is `T`.
fn merge_only_choice(object: &mut Map<String, Value>) {
    let Some(Value::Array(choices)) = object.get_mut("anyOf") else {
        return;
    };
    choices.retain(|choice| choice.get("type").is_none_or(|name| name != "null"));
    let [Value::Object(only)] = choices.as_slice() else {
        return;
    };
    let only = only.clone();
    object.remove("anyOf");
    for (key, value) in only {
        object.entry(key).or_insert(value);
    }
}
