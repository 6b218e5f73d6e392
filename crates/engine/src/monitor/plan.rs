//! What is to be watched, and by which thresholds and rules.

use std::sync::Arc;

use probetop_core::sample::{TargetInfo, Text};

use super::attention::Attention;
use crate::alert::rule::Rule;
use crate::judge::analysis::AnalysisSettings;
use crate::judge::health::Scoring;
use crate::judge::level::{ErrorThresholds, GaugeLevel, HostThresholds, LatencyThresholds, RateThresholds};
use crate::judge::objective::Objective;

/// The whole of it, in the order of the configuration.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    pub targets: Vec<PlannedTarget>,
    pub rules: Vec<Rule>,
    pub objectives: Vec<Objective>,
    pub health: Scoring,
    /// `None`: the machine is not watched.
    pub host: Option<HostThresholds>,
    pub analysis: AnalysisSettings,
    pub attention: Attention,
}

#[derive(Clone, Debug, PartialEq)]
pub struct PlannedTarget {
    pub info: Arc<TargetInfo>,
    pub latency: Option<LatencyThresholds>,
    pub errors: ErrorThresholds,
    pub rate: Option<RateThresholds>,
    pub gauges: Vec<GaugeLevel>,
}

/// Positions of the rules that are about the target: names are matched once, not at every tick.
pub(super) fn rules_for(rules: &[Rule], info: &TargetInfo) -> Vec<usize> {
    let group = info.group.as_ref().map(Text::as_str);
    let is_about = |rule: &Rule| rule.is_about(info.name.as_str(), info.kind.as_str(), group);
    rules
        .iter()
        .enumerate()
        .filter(|(_, rule)| is_about(rule))
        .map(|(at, _)| at)
        .collect()
}
