//! The registry of probe kinds: which URL schemes pick one, which keys it understands, and what its targets tell.
//!
//! A kind is a file that defines its settings and its probe, and says so in a [`Kind`]. Adding one adds a line to
//! [`KINDS`]; nothing else knows how many there are.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use schemars::{Schema, SchemaGenerator};
use serde::Serialize;
use toml::Table;
use toml::de::{Error, ValueDeserializer};
use url::Url;

use super::generator::{k6, locust};
#[cfg(feature = "postgres")]
use super::postgres;
#[cfg(feature = "redis")]
use super::redis;
use super::{Probe, demo, dns, exec, grpc, http, icmp, process, prometheus, tcp, tls, udp, websocket};
use crate::clock::Clock;
use crate::sample::{Phase, Purpose};
use crate::setting::Finding;

/// Every kind there is, in the order of the reference.
pub static KINDS: &[&Kind] = &[
    &http::KIND,
    &tcp::KIND,
    &udp::KIND,
    &tls::KIND,
    &dns::KIND,
    &icmp::KIND,
    &websocket::KIND,
    &grpc::KIND,
    #[cfg(feature = "postgres")]
    &postgres::KIND,
    #[cfg(feature = "redis")]
    &redis::KIND,
    &exec::KIND,
    &prometheus::KIND,
    &k6::KIND,
    &locust::KIND,
    &process::KIND,
    &demo::KIND,
];

/// Cargo features that bring a kind, and the schemes it has.
const FEATURES: &[(&str, &[&str])] = &[
    ("postgres", &["postgres", "postgresql"]),
    ("redis", &["redis", "rediss"]),
];

/// One row of the registry.
pub struct Kind {
    pub name: &'static str,
    /// URL schemes that pick it.
    pub schemes: &'static [&'static str],
    /// What it measures, in one line.
    pub about: &'static str,
    pub example: &'static str,
    /// What its targets are probed for.
    pub purpose: Purpose,
    /// The gauge that tells how much the service does in a second, which `rate` sets a floor under. `None`: it tells
    /// none, and that of the probes is only our own schedule.
    pub rate: Option<&'static str>,
    /// Target, warning and critical of the latency, unless the target says otherwise.
    pub latency: Option<[Duration; 3]>,
    /// The phases its probes go through, in order.
    pub phases: &'static [Phase],
    /// What its targets tell of themselves.
    pub gauges: &'static [KindGauge],
    /// Reads the keys that only this kind has; refuses all others.
    pub read: fn(ValueDeserializer<'_>) -> Result<TargetKind, Error>,
    pub schema: fn(&mut SchemaGenerator) -> Schema,
}

/// A gauge that targets of a kind tell.
pub struct KindGauge {
    pub name: &'static str,
    pub about: &'static str,
    /// Unless the target says otherwise.
    pub levels: Option<Levels>,
}

impl KindGauge {
    /// One that is shown, and that nobody judges unless the target says so.
    pub const fn told(name: &'static str, about: &'static str) -> Self {
        Self {
            name,
            about,
            levels: None,
        }
    }

    pub const fn judged(name: &'static str, about: &'static str, levels: Levels) -> Self {
        Self {
            name,
            about,
            levels: Some(levels),
        }
    }
}

/// What a gauge may reach. Critical below warning: lower is worse.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Levels {
    /// What is aimed at; breaks no level.
    pub target: Option<f64>,
    pub warning: f64,
    pub critical: f64,
}

impl Levels {
    pub const fn new(warning: f64, critical: f64) -> Self {
        Self {
            target: None,
            warning,
            critical,
        }
    }

    pub const fn with_target(target: f64, warning: f64, critical: f64) -> Self {
        Self {
            target: Some(target),
            warning,
            critical,
        }
    }
}

/// The keys of a target that only its kind has, as they are written. `Debug` shows no secret.
pub trait KindSettings: fmt::Debug + Send + Sync {
    fn kind(&self) -> &'static Kind;

    /// What is wrong with the keys, and with the URL as far as this kind cares.
    fn check(&self, url: &Url) -> Vec<Finding>;

    /// What can be done as it is written, and should be known by those who read the file.
    fn warnings(&self) -> Vec<Finding> {
        Vec::new()
    }

    /// Makes the probe.
    ///
    /// # Errors
    /// Says what is wrong with the URL or the settings, or that the system refuses what the probe needs.
    fn probe(&self, url: &Url, means: Means<'_>) -> Result<Arc<dyn Probe>, String>;

    /// The keys and their real values, secrets included.
    fn table(&self) -> Table;
}

/// What a probe is made with.
#[derive(Clone, Copy, Debug)]
pub struct Means<'a> {
    pub clock: &'a Clock,
    /// Probes of this target that may run at once.
    pub in_flight: u16,
    /// The built-in service, for targets that probe it.
    pub demo: &'a demo::House,
}

/// Settings of whatever kind. Cheap to clone; equal when kind and keys are.
#[derive(Clone, Debug)]
pub struct TargetKind(Arc<dyn KindSettings>);

impl TargetKind {
    pub fn new(settings: impl KindSettings + 'static) -> Self {
        Self(Arc::new(settings))
    }
}

impl std::ops::Deref for TargetKind {
    type Target = dyn KindSettings;

    fn deref(&self) -> &Self::Target {
        &*self.0
    }
}

impl PartialEq for TargetKind {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.kind(), other.kind()) && self.table() == other.table()
    }
}

/// Settings as a table, for [`KindSettings::table`].
pub fn table_of(settings: &impl Serialize) -> Table {
    Table::try_from(settings).expect("settings are keys and values")
}

/// What a URL lacks that must name a host and a port.
pub fn needs_port(url: &Url) -> Option<Finding> {
    let scheme = url.scheme();
    match (url.host_str(), url.port()) {
        (Some(host), None) => Some(format!("has no port; write {scheme}://{host}:PORT")),
        (None, _) => Some(format!("has no host; write {scheme}://HOST:PORT")),
        (Some(_), Some(0)) => Some("port 0 cannot be connected to; use 1 to 65535".to_owned()),
        (Some(_), Some(_)) => None,
    }
    .map(|message| Finding::new("url", message))
}

impl Kind {
    /// The kind that probes URLs of `scheme`.
    pub fn of_scheme(scheme: &str) -> Option<&'static Self> {
        KINDS.iter().copied().find(|kind| kind.schemes.contains(&scheme))
    }

    /// The feature that would have brought a kind for `scheme` to this build.
    pub fn left_out(scheme: &str) -> Option<&'static str> {
        let feature = FEATURES.iter().find(|(_, schemes)| schemes.contains(&scheme));
        feature
            .map(|(name, _)| *name)
            .filter(|_| Self::of_scheme(scheme).is_none())
    }

    /// Every scheme there is, in the order of the registry.
    pub fn schemes() -> impl Iterator<Item = &'static str> {
        KINDS.iter().flat_map(|kind| kind.schemes.iter().copied())
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Kind({})", self.name)
    }
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
        for kind in KINDS {
            let url = Url::parse(kind.example).unwrap();
            assert_eq!(Kind::of_scheme(url.scheme()).unwrap().name, kind.name);
        }
    }

    #[test]
    fn a_scheme_is_either_there_or_left_out_with_its_feature() {
        for (feature, schemes) in FEATURES {
            for scheme in *schemes {
                let expected = Kind::of_scheme(scheme).is_none().then_some(*feature);
                assert_eq!(Kind::left_out(scheme), expected, "{scheme}");
            }
        }
        assert_eq!(Kind::left_out("http"), None);
        assert_eq!(Kind::left_out("gopher"), None);
    }

    #[test]
    fn settings_without_keys_are_of_their_kind_and_find_no_fault_with_its_example() {
        for kind in KINDS {
            let settings = (kind.read)(ValueDeserializer::parse("{}").unwrap()).unwrap();
            assert_eq!(settings.kind().name, kind.name);
            assert_eq!(settings.check(&Url::parse(kind.example).unwrap()), []);
        }
    }
}
