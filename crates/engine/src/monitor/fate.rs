//! Which alerts are judged by the plan in force, and why the others are not.

use probetop_core::clock::Timestamp;
use probetop_core::sample::{Subject, TargetId, Text};

use super::Monitor;
use crate::alert::rule::Rule;
use crate::alert::source::Source;
use crate::alert::table::Fate;

const NO_OBJECTIVE: Fate = Fate::Gone("the objective is gone");

impl Monitor {
    /// After a change of plan: alerts of what is not judged any more end, and say why.
    pub(super) fn resolve_what_is_gone(&mut self, now: Timestamp) {
        let mut table = std::mem::take(&mut self.table);
        let fate = |subject, source: &Source| match subject {
            Subject::Target(id) => self.fate_at_target(id, source),
            Subject::Host => self.fate_at_host(source),
            Subject::Objective => match source {
                Source::Objective(name) if self.objectives.has(name) => Fate::Evaluated,
                Source::Objective(_)
                | Source::Latency
                | Source::Errors
                | Source::Rate
                | Source::Absence
                | Source::Gauge(_)
                | Source::Rule(_)
                | Source::Anomaly(_) => NO_OBJECTIVE,
            },
        };
        table.retain(|key| fate(key.subject, &key.source), now);
        self.table = table;
        self.attend();
    }

    fn fate_at_target(&self, id: TargetId, source: &Source) -> Fate {
        let Some(watched) = self.index.get(&id).map(|at| &self.targets[*at]) else {
            return Fate::Gone("the target is gone");
        };
        match source {
            Source::Errors | Source::Absence => Fate::Evaluated,
            Source::Latency => fate_of_threshold(watched.planned.latency.is_some()),
            Source::Rate => fate_of_threshold(watched.planned.rate.is_some()),
            Source::Gauge(name) => fate_of_threshold(watched.has_level_for(name.as_str())),
            Source::Rule(name) => {
                let mut about = watched.rules.iter().map(|at| &self.rules[*at]);
                self.fate_of_rule(name, about.any(|rule| rule.name == *name))
            }
            // What ends them is the detector, where there is one that knows of them.
            Source::Anomaly(_) if watched.is_odd => Fate::Evaluated,
            Source::Anomaly(_) => Fate::Gone("what was usual is not known any more"),
            Source::Objective(_) => NO_OBJECTIVE,
        }
    }

    fn fate_at_host(&self, source: &Source) -> Fate {
        if self.machine.is_none() {
            return Fate::Gone("the machine is not watched any more");
        }
        match source {
            Source::Gauge(_) | Source::Absence => Fate::Evaluated,
            Source::Rule(name) => {
                let mut about = self.rules.iter().filter(|rule| rule.is_about_host());
                self.fate_of_rule(name, about.any(|rule| rule.name == *name))
            }
            Source::Latency | Source::Errors | Source::Rate | Source::Anomaly(_) => fate_of_threshold(false),
            Source::Objective(_) => NO_OBJECTIVE,
        }
    }

    fn fate_of_rule(&self, name: &Text, is_about: bool) -> Fate {
        let is_there = |rule: &Rule| rule.name == *name;
        match is_about {
            true => Fate::Evaluated,
            false if self.rules.iter().any(is_there) => Fate::Gone("the rule is not about it any more"),
            false => Fate::Gone("the rule is gone"),
        }
    }
}

fn fate_of_threshold(is_there: bool) -> Fate {
    match is_there {
        true => Fate::Evaluated,
        false => Fate::Gone("the threshold is gone"),
    }
}
