//! What a kind of probe is: the row it has in the registry, the keys its targets may have, and what its probe is made of.
//!
//! A kind is a file that defines its settings and its probe, and describes itself in a [`Kind`]. It knows this file and
//! no other kind; which there are is known to the registry alone.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use probetop_core::clock::Clock;
use probetop_core::sample::{Phase, Purpose};
use probetop_core::setting::Finding;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde::de::DeserializeOwned;
use toml::Table;
use toml::de::{Error, ValueDeserializer};
use url::Url;

use super::Probe;

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

impl Kind {
    /// A row for targets with such keys, in which all that a kind may leave out is left out: its targets are services,
    /// and neither their latency nor their rate has levels of its own.
    pub const fn of<S>() -> Self
    where
        S: KindSettings + DeserializeOwned + JsonSchema + 'static,
    {
        Self {
            name: "",
            schemes: &[],
            about: "",
            example: "",
            purpose: Purpose::Service,
            rate: None,
            latency: None,
            phases: &[],
            gauges: &[],
            read: |keys| S::deserialize(keys).map(TargetKind::new),
            schema: SchemaGenerator::root_schema_for::<S>,
        }
    }
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
pub trait KindSettings: fmt::Debug + Serialize + Send + Sync {
    const KIND: &'static Kind;

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
    fn probe(&self, url: &Url, context: ProbeContext<'_>) -> Result<Arc<dyn Probe>, String>;

    /// Makes the many that ask under load. They follow redirects, and read all of a body, however long it is.
    ///
    /// # Errors
    /// Says what is wrong with the URL or the settings, or that targets of the kind are not put under load.
    fn crowd(&self, _url: &Url, _context: ProbeContext<'_>) -> Result<Arc<dyn Crowd>, String> {
        let name = Self::KIND.name;
        Err(format!(
            "targets of kind {name} are not put under load; use http:// or https://"
        ))
    }
}

/// Makes users of a service, who share what they ask and nothing else.
pub trait Crowd: Send + Sync {
    /// One who asks up to `in_flight` times at once.
    fn user(&self, in_flight: u16) -> Arc<dyn Probe>;
}

/// What a probe is made with.
#[derive(Clone, Copy, Debug)]
pub struct ProbeContext<'a> {
    pub clock: &'a Clock,
    /// Probes of this target that may run at once.
    pub in_flight: u16,
    /// The built-in service, for targets that probe it.
    pub demo: &'a dyn BuiltIn,
}

/// A service of probetop's own that can be probed.
pub trait BuiltIn: fmt::Debug + Sync {
    /// Where it answers for the endpoint that `url` names.
    ///
    /// # Errors
    /// It cannot be started.
    fn address_of(&self, url: &Url, clock: &Clock) -> Result<Url, String>;
}

/// Settings of whatever kind. Cheap to clone; equal when kind and keys are.
#[derive(Clone, Debug)]
pub struct TargetKind(Arc<dyn Keys>);

impl TargetKind {
    pub fn new(settings: impl KindSettings + 'static) -> Self {
        Self(Arc::new(settings))
    }

    pub fn kind(&self) -> &'static Kind {
        self.0.kind()
    }

    /// What is wrong with the keys, and with the URL as far as the kind cares.
    pub fn check(&self, url: &Url) -> Vec<Finding> {
        self.0.check(url)
    }

    /// What can be done as it is written, and should be known by those who read the file.
    pub fn warnings(&self) -> Vec<Finding> {
        self.0.warnings()
    }

    /// Makes the probe.
    ///
    /// # Errors
    /// Says what is wrong with the URL or the settings, or that the system refuses what the probe needs.
    pub fn probe(&self, url: &Url, context: ProbeContext<'_>) -> Result<Arc<dyn Probe>, String> {
        self.0.probe(url, context)
    }

    /// Makes the many that ask under load.
    ///
    /// # Errors
    /// Says what is wrong with the URL or the settings, or that targets of the kind are not put under load.
    pub fn crowd(&self, url: &Url, context: ProbeContext<'_>) -> Result<Arc<dyn Crowd>, String> {
        self.0.crowd(url, context)
    }

    /// The keys and their real values, secrets included.
    pub fn table(&self) -> Table {
        self.0.table()
    }
}

impl PartialEq for TargetKind {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.kind(), other.kind()) && self.table() == other.table()
    }
}

/// [`KindSettings`] of which it is not known whose they are.
trait Keys: fmt::Debug + Send + Sync {
    fn kind(&self) -> &'static Kind;
    fn check(&self, url: &Url) -> Vec<Finding>;
    fn warnings(&self) -> Vec<Finding>;
    fn probe(&self, url: &Url, context: ProbeContext<'_>) -> Result<Arc<dyn Probe>, String>;
    fn crowd(&self, url: &Url, context: ProbeContext<'_>) -> Result<Arc<dyn Crowd>, String>;
    fn table(&self) -> Table;
}

impl<S: KindSettings> Keys for S {
    fn kind(&self) -> &'static Kind {
        S::KIND
    }

    fn check(&self, url: &Url) -> Vec<Finding> {
        KindSettings::check(self, url)
    }

    fn warnings(&self) -> Vec<Finding> {
        KindSettings::warnings(self)
    }

    fn probe(&self, url: &Url, context: ProbeContext<'_>) -> Result<Arc<dyn Probe>, String> {
        KindSettings::probe(self, url, context)
    }

    fn crowd(&self, url: &Url, context: ProbeContext<'_>) -> Result<Arc<dyn Crowd>, String> {
        KindSettings::crowd(self, url, context)
    }

    fn table(&self) -> Table {
        table_of(self)
    }
}

/// Settings as a table.
pub fn table_of(settings: &impl Serialize) -> Table {
    Table::try_from(settings).expect("settings are keys and values")
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Kind({})", self.name)
    }
}
