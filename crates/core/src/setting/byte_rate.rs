//! Bytes a second, written `2KB/s`; a kilobyte has 1024 bytes, as on the screen.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// At least one byte a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByteRate(u64);

/// Units, the largest first.
const UNITS: [(&str, u64); 3] = [("MB", 1 << 20), ("KB", 1 << 10), ("B", 1)];

impl ByteRate {
    pub const fn bytes_per_s(self) -> u64 {
        self.0
    }

    /// Reads `2KB/s`, `0.5 MB/s`, `800B/s`, in any case.
    ///
    /// # Errors
    /// Says what a rate looks like.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is not a rate; write for example \"2KB/s\", \"800B/s\" or \"0.5MB/s\"");
        let upper = text.trim().to_ascii_uppercase();
        let amount = upper.strip_suffix("/S").ok_or_else(wrong)?;
        let unit = |(unit, bytes): &(&str, u64)| Some((amount.strip_suffix(unit)?, *bytes));
        let (number, bytes) = UNITS.iter().find_map(unit).ok_or_else(wrong)?;
        let number: f64 = number.trim().parse().map_err(|_| wrong())?;
        let rate = number * bytes as f64;
        // What does not fit is more than any line carries.
        if rate >= 1.0 {
            Ok(Self(rate as u64))
        } else {
            Err(wrong())
        }
    }
}

impl fmt::Display for ByteRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = UNITS.iter().find(|(_, bytes)| self.0.is_multiple_of(*bytes));
        let (unit, bytes) = whole.unwrap_or(&("B", 1));
        write!(f, "{}{unit}/s", self.0 / bytes)
    }
}

impl Serialize for ByteRate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ByteRate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl de::Visitor<'_> for Visitor {
            type Value = ByteRate;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a rate in quotes such as \"2KB/s\"")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<ByteRate, E> {
                ByteRate::parse(text).map_err(E::custom)
            }
        }

        deserializer.deserialize_str(Visitor)
    }
}

impl JsonSchema for ByteRate {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ByteRate".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "bytes per second", "examples": ["2KB/s", "800B/s"], "minLength": 4 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_has_a_unit_and_is_written_as_it_was_read() {
        let check = |text: &str, bytes: u64, shown: &str| {
            let rate = ByteRate::parse(text).unwrap();
            assert_eq!(
                (rate.bytes_per_s(), rate.to_string().as_str()),
                (bytes, shown),
                "{text}"
            );
            assert_eq!(ByteRate::parse(shown), Ok(rate));
        };
        check("2KB/s", 2048, "2KB/s");
        check(" 2 kb/s ", 2048, "2KB/s");
        check("1.5KB/s", 1536, "1536B/s");
        check("800B/s", 800, "800B/s");
        check("0.5MB/s", 512 * 1024, "512KB/s");
        check("3MB/s", 3 << 20, "3MB/s");
        check("1e30MB/s", u64::MAX, &format!("{}B/s", u64::MAX));
    }

    #[test]
    fn what_is_no_rate_is_told_what_one_looks_like() {
        for text in [
            "", "2", "2KB", "/s", "KB/s", "-1KB/s", "0B/s", "0.1B/s", "NaNKB/s", "2 GB/s", "é/s",
        ] {
            let problem = ByteRate::parse(text).unwrap_err();
            assert!(
                problem.ends_with("write for example \"2KB/s\", \"800B/s\" or \"0.5MB/s\""),
                "{text}: {problem}"
            );
        }
    }
}
