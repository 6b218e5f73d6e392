//! What alerts are known by: what speaks, and about whom.

use probetop_core::sample::{Subject, Text};
use probetop_core::snapshot::AnomalyKind;

/// What speaks: a threshold, a rule, an objective or an anomaly.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    Latency,
    Errors,
    /// A floor under the throughput.
    Rate,
    /// Nothing is heard of it any more.
    Absence,
    /// A gauge of the target or the machine, by name.
    Gauge(Text),
    /// An `[[alert]]` rule, by name.
    Rule(Text),
    /// An `[[objective]]`, by name.
    Objective(Text),
    /// What is not as it was, by the kind it was when it began.
    Anomaly(AnomalyKind),
}

impl Source {
    /// What the alert is called.
    pub fn name(&self) -> Text {
        match self {
            Self::Latency | Self::Errors | Self::Rate | Self::Absence | Self::Anomaly(_) => self.as_str().into(),
            Self::Gauge(name) | Self::Rule(name) | Self::Objective(name) => name.clone(),
        }
    }

    /// The same, without a copy.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Latency => "latency",
            Self::Errors => "errors",
            Self::Rate => "rate",
            Self::Absence => "no data",
            Self::Anomaly(kind) => kind.name(),
            Self::Gauge(name) | Self::Rule(name) | Self::Objective(name) => name.as_str(),
        }
    }
}

/// One alert: what speaks, and about whom.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    pub subject: Subject,
    pub source: Source,
}
