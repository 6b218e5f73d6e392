//! One alert rule: what it watches, when it is true, and for how long before it speaks.

mod settings;
mod figures;

use std::borrow::Cow;
use std::sync::Arc;

use probetop_core::expression::{Evaluation, Expression, Value};
use probetop_core::sample::{Severity, Text, Window};
use probetop_core::setting::selector::{self, Selector};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::policy::Policy;

pub use figures::{FigureLimit, Figures, Table};
pub use settings::RuleSettings;

/// Names a target's condition may use; see `monitor` for what they are worth. Durations for latencies, else numbers.
pub const TARGET_VARIABLES: [&str; 21] = [
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
    "silent_for",
    "gauge",
];

/// Names a condition over the machine (`on = ["host"]`) may use. Ratios 0 to 1; `load` is per core.
pub const HOST_VARIABLES: [&str; 26] = [
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
    "pressure_cpu_full",
    "pressure_memory_full",
    "pressure_io_full",
    "inodes",
    "container_memory",
    "container_cpu",
    "throttled",
    "open_files",
    "tcp_established",
    "tcp_close_wait",
    "network_errors_per_s",
    "network_drops_per_s",
    "network_received_bytes_per_s",
    "network_transmitted_bytes_per_s",
    "silent_for",
];

/// What a condition counts as that cannot be judged, because figures are missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum NoData {
    /// Neither true nor false: nothing changes.
    #[default]
    Keep,
    /// False.
    Ok,
    /// True, once the window has been watched for its length, or the silence is not an accident.
    Alert,
}

/// A rule as configured and checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    pub name: Text,
    pub on: Vec<Selector>,
    pub when: Expression,
    /// Where the condition is written as a table of figures: that table.
    pub table: Option<Table>,
    /// While the alert fires, it is clear only when this holds and `when` is false.
    pub clear_when: Option<Expression>,
    pub window: Window,
    pub no_data: NoData,
    pub severity: Severity,
    pub policy: Arc<Policy>,
}

impl Rule {
    /// What a condition that holds has found, and in which words it is asked for.
    pub fn guilty<'a>(
        &'a self,
        evaluation: &'a Evaluation,
        resolve: &dyn Fn(&str) -> Option<Value>,
    ) -> (&'a Expression, Cow<'a, Evaluation>) {
        let table = self.table.as_ref().filter(|_| evaluation.holds());
        match table.and_then(|table| table.guilty(resolve)) {
            Some((comparison, found)) => (comparison, Cow::Owned(found)),
            None => (&self.when, Cow::Borrowed(evaluation)),
        }
    }

    pub fn is_about_host(&self) -> bool {
        self.on.contains(&Selector::Host)
    }

    /// Whether a target with this name, kind and group is meant; without selectors every one is.
    pub fn is_about(&self, name: &str, kind: &str, group: Option<&str>) -> bool {
        selector::any_matches(&self.on, name, kind, group)
    }
}
