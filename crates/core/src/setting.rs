//! Forms that settings share: times as `500ms`, [`Selector`]s of targets, and [`Finding`]s, by which a module tells what
//! is wrong with its own.

pub mod byte_rate;
pub mod selector;

use std::fmt;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

pub use byte_rate::ByteRate;
pub use selector::Selector;

/// A length of time, written `500ms`, `1m 30s`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period(Duration);

impl Period {
    pub const fn duration(self) -> Duration {
        self.0
    }

    /// Reads `500ms`.
    ///
    /// # Errors
    /// Says what a time looks like.
    pub fn parse(text: &str) -> Result<Self, String> {
        match humantime::parse_duration(text) {
            Ok(duration) => Ok(Self(duration)),
            Err(_) if text.trim().parse::<f64>().is_ok() => Err(format!(
                "{text:?} has no unit; write {:?} or {:?}",
                format!("{}s", text.trim()),
                format!("{}ms", text.trim())
            )),
            Err(_) => Err(format!(
                "{text:?} is not a time; write for example \"500ms\" or \"1m30s\""
            )),
        }
    }
}

impl From<Duration> for Period {
    fn from(duration: Duration) -> Self {
        Self(duration)
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", humantime::format_duration(self.0))
    }
}

impl Serialize for Period {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl de::Visitor<'_> for Visitor {
            type Value = Period;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a time in quotes such as \"500ms\" or \"1m30s\"")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Period, E> {
                Period::parse(text).map_err(E::custom)
            }
        }

        deserializer.deserialize_str(Visitor)
    }
}

impl JsonSchema for Period {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Period".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "time span", "examples": ["500ms", "1m30s"], "minLength": 2 })
    }
}

/// What is wrong with one key, told by the module whose setting it is; whoever read the file knows the place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Keys and list indices from the settings down to the value.
    pub path: Vec<String>,
    /// Byte offset into the value, where it is a text.
    pub offset: usize,
    /// What, and after a semicolon the remedy.
    pub message: String,
}

impl Finding {
    pub fn new(key: &str, message: impl Into<String>) -> Self {
        Self {
            path: vec![key.to_owned()],
            offset: 0,
            message: message.into(),
        }
    }

    /// The same, one level further in.
    pub fn under(mut self, key: &str) -> Self {
        self.path.insert(0, key.to_owned());
        self
    }

    /// The same, about the `index`th item of its list.
    pub fn item(mut self, index: usize) -> Self {
        self.path.push(index.to_string());
        self
    }

    pub const fn at(mut self, offset: usize) -> Self {
        self.offset = offset;
        self
    }
}

/// Longer waits outlive the run and its clock's usefulness.
const PATIENCE_LIMIT: Duration = Duration::from_secs(24 * 60 * 60);

/// What is wrong with a `for` or a `clear_for`.
pub fn check_patience(key: &str, period: Period) -> Option<Finding> {
    let is_too_long = period.duration() > PATIENCE_LIMIT;
    is_too_long.then(|| Finding::new(key, format!("{key} {period} is too long; use at most 1day")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<u64, &str>) {
        let read = Period::parse(text).map(|period| period.duration().as_millis() as u64);
        assert_eq!(read, expected.map_err(str::to_owned), "{text:?}");
    }

    #[test]
    fn a_time_has_a_unit() {
        check("500ms", Ok(500));
        check("1m 30s", Ok(90_000));
        check("1m30s", Ok(90_000));
        check("0s", Ok(0));
        check("5", Err("\"5\" has no unit; write \"5s\" or \"5ms\""));
        check(
            "soon",
            Err("\"soon\" is not a time; write for example \"500ms\" or \"1m30s\""),
        );
        check("", Err("\"\" is not a time; write for example \"500ms\" or \"1m30s\""));
        check(
            "-1s",
            Err("\"-1s\" is not a time; write for example \"500ms\" or \"1m30s\""),
        );
        check(
            "99999999999999999999s",
            Err("\"99999999999999999999s\" is not a time; write for example \"500ms\" or \"1m30s\""),
        );
    }
}
