//! A plan as bytes: what is watched, and by which thresholds and rules.

mod alerts;
mod levels;

use probetop_core::wire::fields;

use crate::judge::analysis::AnalysisSettings;
use crate::monitor::{Attention, Plan, PlannedTarget};

fields! {
    Plan { targets, rules, objectives, health, host, analysis, attention }
    PlannedTarget { info, latency, errors, rate, gauges }
    AnalysisSettings { anomalies, trends, correlations }
    Attention { telling, usual, flapping, parents, maintenance }
}
