//! The health score of a tick: collects components where verdicts are made, and adds them up.

use std::sync::Arc;

use probetop_core::clock::Timestamp;
use probetop_core::sample::Text;
use probetop_core::snapshot::{Axis, Health};

use super::target::Watched;
use crate::judge::health::{self, Group, Limits, Of, Scoring, Tally};
use crate::judge::verdict::Verdict;
use crate::metric::{GaugeHistory, Step};

/// The groups, what this tick found in each so far, and what the last one came to.
#[derive(Clone, Debug)]
pub(super) struct Scores {
    groups: Vec<Group>,
    /// The group of the machine.
    pub machine: Option<usize>,
    /// As many as there are groups.
    tallies: Vec<Tally>,
    pub health: Option<Arc<Health>>,
    /// How the score went.
    course: GaugeHistory,
}

impl Scores {
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            groups: Vec::new(),
            machine: None,
            tallies: Vec::new(),
            health: None,
            course: GaugeHistory::new(now),
        }
    }

    /// Follows a new plan, and tells each target its group: selectors are matched once, not at every tick.
    pub(super) fn follow(&mut self, scoring: Scoring, targets: &mut [Watched]) {
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

    /// Takes the verdict that holds on somebody in `group`, and what its figure is held against; a rule has no limits.
    pub(super) fn figure(
        &mut self,
        group: Option<usize>,
        of: Of<'_>,
        name: &str,
        limits: Option<&Limits>,
        verdict: &Verdict,
    ) {
        if let Some(tally) = self.tally(group) {
            tally.figure(of, name, limits, verdict);
        }
    }

    /// Adds up what was found since the last time: the score of the second that ends with this tick.
    pub(super) fn conclude(&mut self, now: Timestamp) {
        self.health = health::total(&self.groups, &self.tallies).map(Arc::new);
        self.tallies.fill(Tally::default());
        if let Some(health) = &self.health {
            self.course.record(f32::from(health.score));
        }
        self.course.rotate(now);
    }

    /// The score over a time axis, oldest first.
    pub(super) fn course(&self, axis: Axis, step: Step) -> Arc<[Option<f32>]> {
        self.course.points(step, axis.points()).into()
    }

    /// What a copy takes beside itself.
    pub(super) fn heap_bytes(&self) -> usize {
        self.course.heap_bytes() + size_of_val(self.tallies.as_slice())
    }

    fn tally(&mut self, group: Option<usize>) -> Option<&mut Tally> {
        self.tallies.get_mut(group?)
    }
}
