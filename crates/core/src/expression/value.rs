//! The values a condition may use, how they become CEL's, and how people read them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use cel::ExecutionError;

/// Longer texts and documents are cut where a verdict shows them.
const SHOWN_LIMIT: usize = 60;

/// What a variable is worth. Cheap to clone where it may be large.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Arc<str>),
    Duration(Duration),
    Json(Arc<serde_json::Value>),
    Map(Arc<BTreeMap<String, String>>),
}

impl From<&Value> for cel::Value {
    fn from(value: &Value) -> Self {
        match value {
            Value::Bool(value) => Self::Bool(*value),
            Value::Int(value) => Self::Int(*value),
            Value::Float(value) => Self::Float(*value),
            Value::Text(value) => Self::String(Arc::new(value.to_string())),
            Value::Duration(value) => {
                let nanos = i64::try_from(value.as_nanos()).unwrap_or(i64::MAX);
                // CEL has no unsigned or larger duration; 292 years are enough for a latency.
                cel_duration(nanos)
            }
            Value::Json(value) => cel::to_value(value.as_ref()).unwrap_or(Self::Null),
            Value::Map(value) => cel::to_value(value.as_ref()).unwrap_or(Self::Null),
        }
    }
}

fn cel_duration(nanos: i64) -> cel::Value {
    cel::to_value(cel::Duration(chrono::Duration::nanoseconds(nanos))).unwrap_or(cel::Value::Null)
}

impl fmt::Display for Value {
    /// As it would be written in a condition, shortened: `'degraded'`, `612ms`, `0.25`, `{"a":1}`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => write!(f, "{value}"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Float(value) => write!(f, "{}", short_number(*value)),
            Self::Text(value) => write_quoted(f, value),
            Self::Duration(value) => write!(f, "{}", short_duration(*value)),
            Self::Json(value) => match value.as_ref() {
                serde_json::Value::String(text) => write_quoted(f, text),
                other => f.write_str(&shorten(&other.to_string())),
            },
            Self::Map(value) => f.write_str(&shorten(&format!("{value:?}"))),
        }
    }
}

fn write_quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    write!(f, "'{}'", shorten(text))
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(SHOWN_LIMIT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// At most three decimals, and none that say nothing.
fn short_number(value: f64) -> String {
    if value.abs() >= 1e15 || !value.is_finite() {
        return format!("{value}");
    }
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Three significant figures in the unit that fits: `842us`, `61.2ms`, `1.5s`.
fn short_duration(value: Duration) -> String {
    let micros = value.as_secs_f64() * 1e6;
    let (figure, unit) = match micros {
        m if m < 1e3 => (m, "us"),
        m if m < 1e6 => (m / 1e3, "ms"),
        m => (m / 1e6, "s"),
    };
    let text = match figure {
        x if x < 10.0 => format!("{x:.2}"),
        x if x < 100.0 => format!("{x:.1}"),
        x => return format!("{x:.0}{unit}"),
    };
    format!("{}{unit}", text.trim_end_matches('0').trim_end_matches('.'))
}

/// A value that one line can carry; `None`: a list, a map, null and the like.
pub(super) fn plain(value: &cel::Value) -> Option<String> {
    match value {
        cel::Value::String(text) => Some(text.to_string()),
        cel::Value::Int(number) => Some(number.to_string()),
        cel::Value::UInt(number) => Some(number.to_string()),
        cel::Value::Float(number) => Some(number.to_string()),
        cel::Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

/// What CEL calls the type of `value`, for messages.
pub(super) fn kind(value: &cel::Value) -> String {
    match value.type_of() {
        cel::objects::ValueType::Int | cel::objects::ValueType::UInt | cel::objects::ValueType::Float => {
            "a number".to_owned()
        }
        other => format!("a {other}"),
    }
}

/// The library's error in words that a person who wrote the condition understands.
pub(super) fn describe_error(error: &ExecutionError) -> String {
    match error {
        ExecutionError::NoSuchKey(key) => format!("there is no {key:?}"),
        ExecutionError::ValuesNotComparable(left, right) => {
            mismatch(&left.type_of().to_string(), &right.type_of().to_string())
        }
        ExecutionError::UnsupportedBinaryOperator(_, left, right) => {
            mismatch(&left.type_of().to_string(), &right.type_of().to_string())
        }
        ExecutionError::NoSuchOverload(overload) => match overload.argument_types() {
            [left, right] => mismatch(&plain_type(left), &plain_type(right)),
            _ => overload.to_string(),
        },
        // What follows is of the parser's own making, with the names of its types.
        ExecutionError::FunctionError { function, message } if message.contains(" Error {") => {
            let hint = if function == "duration" {
                "; write a time as duration('500ms')"
            } else {
                ""
            };
            format!("{function}() cannot read what it is given{hint}")
        }
        other => other.to_string(),
    }
}

fn mismatch(left: &str, right: &str) -> String {
    format!("{left} and {right} do not go together{}", duration_hint(left, right))
}

/// `google.protobuf.Duration` is a `duration` to everybody else.
fn plain_type(name: &str) -> String {
    name.trim_start_matches("google.protobuf.").to_lowercase()
}

/// The mistake nearly everybody makes first: `p95 > 500`.
fn duration_hint(left: &str, right: &str) -> &'static str {
    if left == "duration" || right == "duration" {
        "; write a time as duration('500ms')"
    } else {
        ""
    }
}
