//! One alert rule: what it watches, when it is true, and for how long before it speaks.

mod selector;
mod settings;

use std::time::Duration;

use crate::expression::Expression;
use crate::sample::{Severity, Text, Window};

pub use settings::RuleSettings;

/// Names a target's condition may use; see `monitor` for what they are worth. Durations for latencies, else numbers.
pub const TARGET_VARIABLES: [&str; 20] = [
    "min",
    "mean",
    "p10",
    "p25",
    "p50",
    "p75",
    "p90",
    "p95",
    "p99",
    "p99_9",
    "max",
    "rate",
    "attempts",
    "ok",
    "failed",
    "error_ratio",
    "success_ratio",
    "overruns",
    "lag",
    "gauge",
];

/// Names a condition over the machine (`on = ["host"]`) may use. Ratios 0 to 1; `load` is per core.
pub const HOST_VARIABLES: [&str; 13] = [
    "cpu",
    "memory",
    "swap",
    "disk",
    "load",
    "load_1m",
    "load_5m",
    "load_15m",
    "pressure_cpu",
    "pressure_memory",
    "pressure_io",
    "network_received_bytes_per_s",
    "network_transmitted_bytes_per_s",
];

/// The selector that means the machine.
pub const HOST: &str = "host";

/// A rule as configured and checked.
#[derive(Clone, Debug)]
pub struct Rule {
    pub name: Text,
    pub on: Vec<Selector>,
    pub when: Expression,
    pub window: Window,
    /// How long the condition holds before the alert fires.
    pub hold: Duration,
    /// How long the condition is false before the alert is resolved.
    pub clear: Duration,
    pub severity: Severity,
}

impl Rule {
    pub fn is_about_host(&self) -> bool {
        self.on.contains(&Selector::Host)
    }

    /// Whether a target with this name, kind and group is meant; without selectors every one is.
    pub fn is_about(&self, name: &str, kind: &str, group: Option<&str>) -> bool {
        self.on.is_empty() || self.on.iter().any(|selector| selector.matches(name, kind, group))
    }
}

/// Which targets a rule is about. An empty list of selectors means every target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selector {
    /// The machine.
    Host,
    /// `group:NAME`, glob allowed.
    Group(String),
    /// `kind:NAME`, glob allowed.
    Kind(String),
    /// A target's name, glob allowed.
    Name(String),
}
