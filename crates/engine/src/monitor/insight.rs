//! What is found out without being asked: anomalies, trends, correlations and bottlenecks, each looked for in every tick
//! within a budget of time.

use std::sync::Arc;

use probetop_core::clock::Timestamp;
use probetop_core::sample::TargetId;
use probetop_core::setting::selector::HOST;
use probetop_core::snapshot::Analysis;

use super::Monitor;
use super::anomalies::Anomalies;
use super::bottlenecks::Bottlenecks;
use super::correlations::Correlations;
use super::trends::Trends;
use crate::judge::analysis::AnalysisSettings;
use crate::judge::bottleneck::{Finding, Standing};

/// What was found.
#[derive(Clone, Debug, Default)]
pub(super) struct Insight {
    switches: AnalysisSettings,
    anomalies: Anomalies,
    trends: Trends,
    correlations: Correlations,
    pub(super) bottlenecks: Bottlenecks,
    /// Whom somebody looks at.
    selected: Option<TargetId>,
    /// As of the last tick; snapshots share it.
    shown: Arc<Analysis>,
}

impl Insight {
    pub(super) fn switches(&self) -> AnalysisSettings {
        self.switches
    }

    /// Remembers whom somebody looks at: what moves with it is looked for, slow or not.
    pub(super) fn look_at(&mut self, target: Option<TargetId>) {
        self.selected = target;
    }

    pub(super) fn shown(&self) -> Arc<Analysis> {
        Arc::clone(&self.shown)
    }

    fn show(&mut self, standing: impl Fn(&Finding) -> Standing) {
        self.shown = Arc::new(Analysis {
            anomalies: self.anomalies.shown().to_vec(),
            anomaly_watch: self.anomalies.watch(),
            trends: self.trends.shown().to_vec(),
            correlations: self.correlations.shown().to_vec(),
            bottlenecks: self.bottlenecks.shown(standing),
        });
    }
}

impl Monitor {
    /// Takes a tick's look at everything, after it was judged.
    pub(super) fn find_out(&mut self) {
        let insight = &mut self.insight;
        if insight.switches.anomalies {
            for watched in &mut self.targets {
                insight.anomalies.step(watched, &mut self.table, self.now);
            }
            insight.anomalies.refresh();
            insight.anomalies.look_ahead(self.now);
        }
        if insight.switches.trends {
            let machine = self.machine.as_ref();
            insight
                .trends
                .step(&self.targets, machine, self.own, self.now, &mut self.scratch);
        }
        if insight.switches.correlations {
            let machine = self.machine.as_ref();
            let selected = insight.selected;
            insight
                .correlations
                .step(&self.targets, machine, selected, self.now, &mut self.scratch);
        }
        self.find_bottlenecks();
        let (targets, index, machine) = (&self.targets, &self.index, &self.machine);
        self.insight.show(|finding| {
            let standing = match finding.target {
                Some(id) => index.get(&id).map(|at| &targets[*at].standing),
                None if finding.subject.as_str() == HOST => machine.as_ref().map(|machine| &machine.standing),
                None => None,
            };
            standing.map_or(Standing::UNJUDGED, |verdict| Standing {
                level: verdict.level,
                is_clearing: verdict.clears.is_some(),
            })
        });
    }

    /// Follows a new plan: what was found about what is gone, or is not looked for any more, is over.
    pub(super) fn replan_insight(&mut self, switches: AnalysisSettings, now: Timestamp) {
        let (index, insight) = (&self.index, &mut self.insight);
        insight.switches = switches;
        if !switches.anomalies {
            insight.anomalies.close_eyes();
            for watched in &mut self.targets {
                watched.forget_usual();
            }
        }
        let is_watched = |id: TargetId| index.contains_key(&id);
        // A target that forgot what was usual, has nothing odd about it.
        let targets = &self.targets;
        let is_odd = |id: TargetId| index.get(&id).is_some_and(|at| targets[*at].is_odd);
        insight.anomalies.retain(is_odd, &mut self.table, now);
        insight.bottlenecks.retain(is_watched);
        insight.trends.retain(|id| switches.trends && id.is_none_or(is_watched));
        insight
            .correlations
            .retain(|id| switches.correlations && is_watched(id));
    }
}
