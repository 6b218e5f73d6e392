//! The health score of a tick: collects components where verdicts are made, and adds them up.

use std::sync::Arc;

use probetop_core::sample::{Level, Text};
use probetop_core::snapshot::Health;

use super::target::Watched;
use crate::alert::entry::Finding;
use crate::judge::health::{self, Group, Limits, Of, Scoring, Tally};
use crate::judge::verdict::Verdict;

/// The groups, what this tick found in each so far, and what the last one came to.
#[derive(Clone, Debug, Default)]
pub struct Scores {
    groups: Vec<Group>,
    /// The group of the machine.
    pub machine: Option<usize>,
    /// As many as there are groups.
    tallies: Vec<Tally>,
    pub health: Option<Arc<Health>>,
}

impl Scores {
    /// Follows a new plan, and tells each target its group: selectors are matched once, not at every tick.
    pub fn follow(&mut self, scoring: Scoring, targets: &mut [Watched]) {
        let groups = match scoring {
            Scoring::Off => Vec::new(),
            Scoring::By(groups) => groups,
        };
        for watched in targets {
            let info = &watched.planned.info;
            let group = info.group.as_ref().map(Text::as_str);
            watched.health_group = health::group_of(&groups, info.name.as_str(), info.kind.as_str(), group);
        }
        self.machine = health::group_of_machine(&groups);
        self.tallies = vec![Tally::default(); groups.len()];
        self.groups = groups;
    }

    /// Takes a figure of somebody in `group`, and the verdict on it that holds.
    pub fn figure(&mut self, group: Option<usize>, of: Of<'_>, name: &str, limits: &Limits, verdict: &Verdict) {
        if let Some(tally) = self.tally(group) {
            tally.figure(of, name, limits, verdict);
        }
    }

    /// Takes a rule that fires about somebody in `group`.
    pub fn rule(&mut self, group: Option<usize>, of: Of<'_>, level: Level, finding: &Finding) {
        if let (Some(tally), Some(score)) = (self.tally(group), health::rule_score(finding.severity)) {
            tally.offer(of, finding.name.as_str(), score, level, || finding.reason.clone());
        }
    }

    /// Adds up what was found since the last time.
    pub fn conclude(&mut self) {
        self.health = health::total(&self.groups, &self.tallies).map(Arc::new);
        self.tallies.fill(Tally::default());
    }

    fn tally(&mut self, group: Option<usize>) -> Option<&mut Tally> {
        self.tallies.get_mut(group?)
    }
}
