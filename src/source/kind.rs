//! The registry of probe kinds: which URL schemes pick one, which keys it understands, and an example of it.
//!
//! Adding a kind adds a variant to [`KindSettings`] and a row to [`KINDS`].

use schemars::{Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use toml::de::{Error, ValueDeserializer};
use url::Url;

use super::{demo, http, tcp};
use crate::sample::Phase;
use crate::setting::Finding;

/// The keys of a target that only its kind has.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum KindSettings {
    Http(http::Settings),
    Tcp(tcp::Settings),
    Demo(demo::Settings),
}

/// One row of the registry.
pub struct Kind {
    pub name: &'static str,
    /// URL schemes that pick it.
    pub schemes: &'static [&'static str],
    /// What it measures, in one line.
    pub about: &'static str,
    pub example: &'static str,
    /// The phases its probes go through, in order.
    pub phases: &'static [Phase],
    /// What its targets tell of themselves.
    pub gauges: &'static [KindGauge],
    /// Reads the keys that only this kind has; refuses all others.
    pub read: fn(ValueDeserializer<'_>) -> Result<KindSettings, Error>,
    pub schema: fn(&mut SchemaGenerator) -> Schema,
}

/// A gauge that targets of a kind tell.
pub struct KindGauge {
    pub name: &'static str,
    pub about: &'static str,
    /// Warning and critical, unless the target says otherwise. Critical below warning: lower is worse.
    pub levels: Option<(f64, f64)>,
}

pub const KINDS: [Kind; 3] = [
    Kind {
        name: "http",
        schemes: &["http", "https"],
        about: "an HTTP request, with DNS, connect, TLS, first byte and transfer timed apart",
        example: "https://shop.example/health",
        phases: &Phase::HTTP,
        gauges: &[],
        read: |keys| http::Settings::deserialize(keys).map(KindSettings::Http),
        schema: SchemaGenerator::root_schema_for::<http::Settings>,
    },
    Kind {
        name: "tcp",
        schemes: &["tcp"],
        about: "a TCP connection, opened and closed",
        example: "tcp://db.example:5432",
        phases: &[Phase::Dns, Phase::Connect],
        gauges: &[],
        read: |keys| tcp::Settings::deserialize(keys).map(KindSettings::Tcp),
        schema: SchemaGenerator::root_schema_for::<tcp::Settings>,
    },
    Kind {
        name: "demo",
        schemes: &["demo"],
        about: "an endpoint of the built-in service; demo:// alone is all of it",
        example: "demo://checkout",
        phases: &Phase::HTTP,
        gauges: &[],
        read: |keys| demo::Settings::deserialize(keys).map(KindSettings::Demo),
        schema: SchemaGenerator::root_schema_for::<demo::Settings>,
    },
];

impl Kind {
    /// The kind that probes URLs of `scheme`.
    pub fn of_scheme(scheme: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.schemes.contains(&scheme))
    }

    /// Every scheme there is, in the order of the registry.
    pub fn schemes() -> impl Iterator<Item = &'static str> {
        KINDS.iter().flat_map(|kind| kind.schemes.iter().copied())
    }
}

impl KindSettings {
    /// The row of the registry.
    pub fn kind(&self) -> &'static Kind {
        let row = KINDS.iter().find(|kind| kind.name == self.name());
        row.expect("a test finds every variant in the registry")
    }

    /// The kind's name in the registry.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Http(_) => "http",
            Self::Tcp(_) => "tcp",
            Self::Demo(_) => "demo",
        }
    }

    /// What is wrong with the keys, and with the URL as far as this kind cares.
    pub fn check(&self, url: &Url) -> Vec<Finding> {
        match self {
            Self::Http(settings) => settings.check(),
            Self::Tcp(_) => tcp_address(url).into_iter().collect(),
            Self::Demo(demo::Settings(settings)) => settings.check(),
        }
    }
}

fn tcp_address(url: &Url) -> Option<Finding> {
    match (url.host_str(), url.port()) {
        (Some(host), None) => Some(format!("has no port; write tcp://{host}:PORT")),
        (None, _) => Some("has no host; write tcp://HOST:PORT".to_owned()),
        (Some(_), Some(0)) => Some("port 0 cannot be connected to; use 1 to 65535".to_owned()),
        (Some(_), Some(_)) => None,
    }
    .map(|message| Finding::new("url", message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_scheme_picks_one_kind() {
        let schemes: Vec<_> = Kind::schemes().collect();
        let mut distinct = schemes.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), schemes.len());
        for kind in &KINDS {
            let url = Url::parse(kind.example).unwrap();
            assert_eq!(Kind::of_scheme(url.scheme()).unwrap().name, kind.name);
        }
    }

    #[test]
    fn the_name_is_the_one_in_the_registry() {
        for kind in &KINDS {
            let settings = (kind.read)(ValueDeserializer::parse("{}").unwrap()).unwrap();
            assert_eq!(settings.name(), kind.name);
            assert_eq!(settings.check(&Url::parse(kind.example).unwrap()), []);
        }
    }
}
