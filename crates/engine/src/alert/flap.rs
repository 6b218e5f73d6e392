//! Flapping: an alert that fires again and again is held on until it has been calm, and says so.
//!
//! Each firing is remembered, also past the end of its alert. Once there were [`Flapping::turns`] of them
//! [`Flapping::within`] the span, the alert flaps: it goes on firing through the quiet in between. It ends when the
//! condition has been false for the whole span; it stops flapping, and fires on, when it has been true for as long.

use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::setting::{Finding, Period};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de};

/// Firings that are remembered of one alert at most.
const TURNS_LIMIT: u32 = 100;

/// A longer span keeps an alert on long after anybody cares.
const SPAN_LIMIT: Duration = Duration::from_secs(24 * 60 * 60);

/// When an alert flaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flapping {
    /// So many firings, 2 to 100.
    pub turns: u32,
    /// Within so long; and so long must it be calm.
    pub within: Duration,
}

impl Default for Flapping {
    /// Clearing takes most thresholds 10 s, so that one that bounces fires four times in a minute or two; one that fires
    /// every other minute has something to say each time.
    fn default() -> Self {
        Self {
            turns: 4,
            within: Duration::from_secs(5 * 60),
        }
    }
}

/// When one alert fired lately, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Firings(Vec<Timestamp>);

impl Firings {
    /// Takes a firing, and gives how many there were within the span, this one included.
    pub fn record(&mut self, flapping: Flapping, now: Timestamp) -> u32 {
        self.expire(flapping.within, now);
        if self.0.len() >= flapping.turns as usize {
            self.0.remove(0);
        }
        self.0.push(now);
        u32::try_from(self.0.len()).unwrap_or(u32::MAX)
    }

    pub fn expire(&mut self, within: Duration, now: Timestamp) {
        self.0.retain(|fired| now.since(*fired) < within);
    }

    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// `flapping` as it is written: a table, or `false`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum FlappingSettings {
    /// `false`: no alert is held on. `true`: as when left out.
    Damped(bool),
    When(FlappingKeys),
}

/// When an alert flaps: it fires on until it has been calm for `within`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FlappingKeys {
    /// How often it fires within the span, 2 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = 4), range(min = 2, max = 100))]
    pub turns: Option<u32>,
    /// The span, at most 1day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "5m"))]
    pub within: Option<Period>,
}

impl FlappingSettings {
    /// `None`: flapping is not looked for.
    ///
    /// # Errors
    /// Names each key that cannot be meant, and what to write instead.
    pub fn resolve(self) -> Result<Option<Flapping>, Vec<Finding>> {
        let keys = match self {
            Self::Damped(false) => return Ok(None),
            Self::Damped(true) => FlappingKeys::default(),
            Self::When(keys) => keys,
        };
        let defaults = Flapping::default();
        let turns = keys.turns.unwrap_or(defaults.turns);
        let within = keys.within.map_or(defaults.within, Period::duration);
        let mut findings = Vec::new();
        if !(2..=TURNS_LIMIT).contains(&turns) {
            findings.push(Finding::new(
                "turns",
                format!("turns is {turns}; use 2 to {TURNS_LIMIT}"),
            ));
        }
        if within.is_zero() || within > SPAN_LIMIT {
            let message = format!("within is {}; use more than 0s, at most 1day", Period::from(within));
            findings.push(Finding::new("within", message));
        }
        if findings.is_empty() {
            Ok(Some(Flapping { turns, within }))
        } else {
            Err(findings)
        }
    }
}

impl From<Option<Flapping>> for FlappingSettings {
    fn from(flapping: Option<Flapping>) -> Self {
        match flapping {
            None => Self::Damped(false),
            Some(Flapping { turns, within }) => Self::When(FlappingKeys {
                turns: Some(turns),
                within: Some(within.into()),
            }),
        }
    }
}

impl<'de> Deserialize<'de> for FlappingSettings {
    /// By hand, because an untagged enum tells nothing of what is wrong.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> de::Visitor<'de> for Visitor {
            type Value = FlappingSettings;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a table such as { turns = 4, within = \"5m\" }, or false")
            }

            fn visit_bool<E: de::Error>(self, damped: bool) -> Result<FlappingSettings, E> {
                Ok(FlappingSettings::Damped(damped))
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<FlappingSettings, A::Error> {
                FlappingKeys::deserialize(de::value::MapAccessDeserializer::new(map)).map(FlappingSettings::When)
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn firings_count_within_the_span_and_expire() {
        let flapping = Flapping {
            turns: 3,
            within: Duration::from_secs(60),
        };
        let mut firings = Firings::default();
        let counts: Vec<_> = [0, 10, 20, 30, 75, 300]
            .map(|second| firings.record(flapping, Timestamp::from_secs(second)))
            .into();
        assert_eq!(counts, [1, 2, 3, 3, 3, 1]);
        firings.expire(flapping.within, Timestamp::from_secs(360));
        assert!(firings.is_empty());
    }

    fn check(text: &str, expected: Result<Option<(u32, u64)>, &str>) {
        #[derive(Deserialize)]
        struct Table {
            flapping: FlappingSettings,
        }
        let read = toml::from_str::<Table>(text).unwrap().flapping.resolve();
        let found = read
            .map(|flapping| flapping.map(|flapping| (flapping.turns, flapping.within.as_secs())))
            .map_err(|findings| findings[0].message.clone());
        assert_eq!(found, expected.map_err(str::to_owned), "{text}");
    }

    #[test]
    fn flapping_is_a_table_or_off() {
        check("flapping = false", Ok(None));
        check("flapping = true", Ok(Some((4, 300))));
        check("flapping = {}", Ok(Some((4, 300))));
        check("flapping = { turns = 3, within = \"1m\" }", Ok(Some((3, 60))));
        check("flapping = { turns = 1 }", Err("turns is 1; use 2 to 100"));
        check(
            "flapping = { within = \"0s\" }",
            Err("within is 0s; use more than 0s, at most 1day"),
        );
    }
}
