//! One `[[notify]]` as it is written: the keys that every channel has.

use std::time::Duration;

use probetop_core::sample::{Severity, Text};
use probetop_core::setting::{Finding, Period, Selector};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::audience::Audience;
use super::kind::{ChannelKind, Reader};

/// Long enough to gather what one cause brings about, short enough to be told of it while it is news.
const GATHER_DEFAULT: Duration = Duration::from_millis(300);

/// Who waits longer for company is told too late.
const GATHER_LIMIT: Duration = Duration::from_secs(10 * 60);

const TIMEOUT_DEFAULT: Duration = Duration::from_secs(10);

/// One try holds up all that waits behind it.
const TRY_LIMIT: Duration = Duration::from_secs(2 * 60);

const GIVE_UP_DEFAULT: Duration = Duration::from_secs(10 * 60);

/// News older than a day is history.
const GIVE_UP_LIMIT: Duration = Duration::from_secs(24 * 60 * 60);

/// What people can read, unless they say otherwise.
const AT_MOST_FOR_PEOPLE: AtMost = AtMost {
    messages: 20,
    per: Duration::from_secs(60),
};

/// The keys of a `[[notify]]` that every kind has.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ChannelSettings {
    /// What rules and the screen call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How it tells; its own keys stand beside these.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Milder alerts are not told.
    pub severity: Severity,
    /// Alerts it tells of: names of targets or objectives, `group:NAME`, `kind:NAME`, with `*` and `?`; `host`. None: every alert.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub on: Vec<String>,
    /// Whether it is told of every alert, or only of those whose rule names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = true))]
    pub usual: Option<bool>,
    /// How long an alert waits for others of the same cause, so that they become one message; at most 10m.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "300ms"))]
    pub gather: Option<Period>,
    /// A try that takes longer has failed, at most 2m.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "10s"))]
    pub timeout: Option<Period>,
    /// What could not be told for so long is given up, at most 1day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "10m"))]
    pub give_up_after: Option<Period>,
    /// Beyond so many messages alerts wait and share one. Left out: 20 in 1m for people to read, no limit for machines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_most: Option<AtMostSettings>,
}

/// `{ messages = 20, per = "1m" }`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AtMostSettings {
    /// From 1.
    pub messages: u32,
    /// The time that so many may be sent in.
    pub per: Period,
}

/// So many messages in a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AtMost {
    pub messages: u32,
    pub per: Duration,
}

/// One channel, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct ChannelConfig {
    pub name: Text,
    pub kind: ChannelKind,
    pub audience: Audience,
    pub pace: Pace,
}

/// When things are sent, and for how long it is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    pub gather: Duration,
    /// Of one try.
    pub timeout: Duration,
    pub give_up_after: Duration,
    /// `None`: as they come.
    pub at_most: Option<AtMost>,
}

impl ChannelSettings {
    /// The keys that are read here; all others are those of the kind.
    pub const KEYS: [&str; 9] = [
        "name",
        "kind",
        "severity",
        "on",
        "usual",
        "gather",
        "timeout",
        "give_up_after",
        "at_most",
    ];

    /// # Errors
    /// Names each key that cannot be meant, and what to write instead; those of the kind as well.
    pub fn resolve(&self, kind: ChannelKind) -> Result<ChannelConfig, Vec<Finding>> {
        let mut findings = kind.check();
        let name = Text::clean(self.name.as_deref().unwrap_or_default());
        if name.as_str().is_empty() {
            findings.push(Finding::new("name", "has no name; add name = \"ops\""));
        }
        let none = Duration::ZERO;
        let least = Duration::from_millis(100);
        let mut length = |key: &str, written: Option<Period>, default, least: Duration, limit| {
            let length = written.map_or(default, Period::duration);
            if !(least..=limit).contains(&length) {
                let [least, length, limit] = [least, length, limit].map(Period::from);
                let message = format!("{key} is {length}; use {least} to {limit}");
                findings.push(Finding::new(key, message));
            }
            length
        };
        let pace = Pace {
            gather: length("gather", self.gather, GATHER_DEFAULT, none, GATHER_LIMIT),
            timeout: length("timeout", self.timeout, TIMEOUT_DEFAULT, least, TRY_LIMIT),
            give_up_after: length(
                "give_up_after",
                self.give_up_after,
                GIVE_UP_DEFAULT,
                none,
                GIVE_UP_LIMIT,
            ),
            at_most: self.at_most(kind.kind().reader),
        };
        if let Some(AtMost { messages, per }) = pace.at_most
            && (messages == 0 || per.is_zero())
        {
            let message = "at_most lets nothing through; write { messages = 20, per = \"1m\" }";
            findings.push(Finding::new("at_most", message));
        }
        if !findings.is_empty() {
            return Err(findings);
        }
        let audience = Audience {
            severity: self.severity,
            on: self.on.iter().map(|text| Selector::parse(text)).collect(),
            usual: self.usual.unwrap_or(true),
        };
        Ok(ChannelConfig {
            name,
            kind,
            audience,
            pace,
        })
    }

    fn at_most(&self, reader: Reader) -> Option<AtMost> {
        match (self.at_most, reader) {
            (Some(AtMostSettings { messages, per }), _) => Some(AtMost {
                messages,
                per: per.duration(),
            }),
            (None, Reader::People) => Some(AT_MOST_FOR_PEOPLE),
            (None, Reader::Machines { .. }) => None,
        }
    }
}

impl From<&ChannelConfig> for ChannelSettings {
    fn from(channel: &ChannelConfig) -> Self {
        let ChannelConfig {
            name,
            kind,
            audience,
            pace,
        } = channel;
        Self {
            name: Some(name.to_string()),
            kind: Some(kind.kind().name.to_owned()),
            severity: audience.severity,
            on: audience.on.iter().map(Selector::to_string).collect(),
            usual: Some(audience.usual),
            gather: Some(pace.gather.into()),
            timeout: Some(pace.timeout.into()),
            give_up_after: Some(pace.give_up_after.into()),
            at_most: pace.at_most.map(|AtMost { messages, per }| AtMostSettings {
                messages,
                per: per.into(),
            }),
        }
    }
}
