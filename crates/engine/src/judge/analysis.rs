//! `[analysis]`: what is looked for without being asked.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Switches; all are on unless the configuration says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AnalysisSettings {
    /// Tell of spikes, level shifts, error bursts, rate drops and cold starts of each target, as info alerts too.
    pub anomalies: bool,
    /// Look for latencies, memory and gauges that creep, and for when they reach their limit.
    pub trends: bool,
    /// Look for the figures of this machine and of other targets that move with a slow target.
    pub correlations: bool,
}

impl Default for AnalysisSettings {
    fn default() -> Self {
        Self {
            anomalies: true,
            trends: true,
            correlations: true,
        }
    }
}
