//! One alert rule: what it watches, when it is true, and for how long before it speaks.

mod settings;

use std::sync::Arc;

use super::policy::Policy;
use crate::expression::Expression;
use crate::sample::{Severity, Text, Window};
use crate::setting::selector::{self, Selector};

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

/// A rule as configured and checked.
#[derive(Clone, Debug)]
pub struct Rule {
    pub name: Text,
    pub on: Vec<Selector>,
    pub when: Expression,
    pub window: Window,
    pub severity: Severity,
    pub policy: Arc<Policy>,
}

impl Rule {
    pub fn is_about_host(&self) -> bool {
        self.on.contains(&Selector::Host)
    }

    /// Whether a target with this name, kind and group is meant; without selectors every one is.
    pub fn is_about(&self, name: &str, kind: &str, group: Option<&str>) -> bool {
        selector::any_matches(&self.on, name, kind, group)
    }
}
