//! How single values stand in the document: its name, units, moments.

use std::time::SystemTime;

use probetop_core::sample::Unit;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::SCHEMA;

/// The document's own name, and no other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Schema;

impl Serialize for Schema {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(SCHEMA)
    }
}

impl<'de> Deserialize<'de> for Schema {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match String::deserialize(deserializer)?.as_str() {
            SCHEMA => Ok(Self),
            other => Err(de::Error::custom(format!("schema is {other:?}, not {SCHEMA:?}"))),
        }
    }
}

/// A unit by the name that documents give it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct UnitName(pub Unit);

impl Serialize for UnitName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.name())
    }
}

impl<'de> Deserialize<'de> for UnitName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Unit::from_name(&name)
            .map(Self)
            .ok_or_else(|| de::Error::custom(format!("{name:?} is not a unit")))
    }
}

/// A moment by the wall clock, to the millisecond.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Wall(pub SystemTime);

impl Serialize for Wall {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&humantime::format_rfc3339_millis(self.0))
    }
}

impl<'de> Deserialize<'de> for Wall {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        humantime::parse_rfc3339(&text).map(Self).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_is_read_back_as_it_was_written() {
        for unit in [Unit::Microseconds, Unit::Ratio, Unit::Bytes, Unit::Number] {
            let written = serde_json::to_string(&UnitName(unit)).unwrap();
            let read: UnitName = serde_json::from_str(&written).unwrap();
            assert_eq!(read, UnitName(unit), "{written}");
        }
        assert!(serde_json::from_str::<UnitName>("\"furlongs\"").is_err());
    }
}
