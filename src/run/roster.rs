//! Who is watched: targets by name, with the ids they keep for the life of the process.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use tokio::sync::mpsc;

use crate::alert::dependency::Parent;
use crate::alert::policy::Usual;
use crate::clock::Clock;
use crate::config::targets::Probed;
use crate::config::{self, Config, TargetConfig};
use crate::monitor::{Attention, Plan, PlannedTarget};
use crate::sample::{Subject, TargetId, Text};
use crate::source::demo::House;
use crate::source::kind::Means;
use crate::source::runner::{Change, Job};

/// The targets of the configuration in force, and the way to the runner that probes them.
pub struct Roster {
    clock: Clock,
    demo: House,
    changes: mpsc::UnboundedSender<Change>,
    /// Every name that was ever watched: a target that comes back finds its id again.
    ids: HashMap<Text, TargetId>,
    watched: HashMap<TargetId, TargetConfig>,
    /// What the runner probes, and the steps that each of those reports beside itself.
    probed: HashMap<TargetId, Arc<[TargetId]>>,
}

/// What a new configuration did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    pub added: usize,
    pub changed: usize,
    pub removed: usize,
}

impl Roster {
    pub fn new(clock: Clock, changes: mpsc::UnboundedSender<Change>) -> Self {
        Self {
            clock,
            demo: House::default(),
            changes,
            ids: HashMap::new(),
            watched: HashMap::new(),
            probed: HashMap::new(),
        }
    }

    /// Probes by `config` from now on. Targets whose settings are as they were are not touched.
    ///
    /// # Errors
    /// A probe cannot be made; then nothing has changed.
    pub fn follow(&mut self, config: &Config) -> io::Result<(Plan, Difference)> {
        let rows = config.targets.rows();
        let targets: Vec<_> = rows.iter().map(|target| (self.id_of(&target.name), target)).collect();
        let mut starts = Vec::new();
        let mut probed = HashMap::new();
        for target in config.targets.probed() {
            let id = targets[target.at].0;
            let steps: Arc<[TargetId]> = targets[target.step_rows()].iter().map(|(id, _)| *id).collect();
            let goes_on = self.probed.get(&id) == Some(&steps)
                && self
                    .watched
                    .get(&id)
                    .is_some_and(|before| probes_alike(before, target.target));
            if !goes_on {
                starts.push((id, self.job(target, Arc::clone(&steps))?));
            }
            probed.insert(id, steps);
        }
        let difference = self.difference(&targets);
        for (id, job) in starts {
            self.tell(Change::Put(id, job));
        }
        for id in self.probed.keys().filter(|id| !probed.contains_key(id)) {
            self.tell(Change::Remove(*id));
        }
        self.watched = targets.iter().map(|(id, target)| (*id, (*target).clone())).collect();
        self.probed = probed;
        Ok((plan(config, &targets), difference))
    }

    /// What is added, gone, and changed, be it only a threshold.
    fn difference(&self, targets: &[(TargetId, &TargetConfig)]) -> Difference {
        let mut difference = Difference::default();
        for (id, target) in targets {
            match self.watched.get(id) {
                None => difference.added += 1,
                Some(before) => difference.changed += usize::from(before != *target),
            }
        }
        // Every name stands there once.
        difference.removed = self.watched.len() + difference.added - targets.len();
        difference
    }

    fn job(&self, probed: Probed<'_>, steps: Arc<[TargetId]>) -> io::Result<Job> {
        let target = probed.target;
        let means = Means {
            clock: &self.clock,
            in_flight: target.in_flight,
            demo: &self.demo,
        };
        let probe = probed.probe(means).map_err(io::Error::other)?;
        Ok(Job {
            probe,
            interval: target.interval,
            timeout: target.timeout,
            in_flight: target.in_flight,
            steps,
        })
    }

    fn id_of(&mut self, name: &Text) -> TargetId {
        let next = TargetId(u32::try_from(self.ids.len()).expect("configurations are limited to 20,000 targets"));
        *self.ids.entry(name.clone()).or_insert(next)
    }

    fn tell(&self, change: Change) {
        // The runner ends before the roster only when it failed, and has said so.
        let _ = self.changes.send(change);
    }
}

/// What the monitor has to know of `config`; `targets` are its targets, in its order.
pub fn plan(config: &Config, targets: &[(TargetId, &TargetConfig)]) -> Plan {
    let planned = |(id, target): &(TargetId, &TargetConfig)| PlannedTarget {
        info: Arc::new(target.info(*id)),
        latency: target.latency,
        errors: target.errors,
        rate: target.rate,
        gauges: target.gauges.clone(),
    };
    Plan {
        targets: targets.iter().map(planned).collect(),
        rules: config.rules.clone(),
        objectives: config.objectives.clone(),
        health: config.health.clone(),
        host: config.host,
        analysis: config.analysis,
        attention: attention(config, targets),
    }
}

fn attention(config: &Config, targets: &[(TargetId, &TargetConfig)]) -> Attention {
    // What cannot be meant was refused when the configuration was loaded.
    let parents = config::attention::parents(config.targets.rows()).unwrap_or_default();
    let subject = |parent: &Parent| match parent {
        Parent::Host => Subject::Host,
        Parent::Target(at) => Subject::Target(targets[*at].0),
    };
    let dependent = targets.iter().zip(&parents).filter(|(_, parents)| !parents.is_empty());
    Attention {
        telling: config.alerts.telling.clone(),
        usual: match config.channels.iter().any(|channel| channel.audience.usual) {
            true => Usual::Channels,
            false => Usual::Nobody,
        },
        flapping: config.alerts.flapping,
        parents: dependent
            .map(|((id, _), parents)| (*id, parents.iter().map(subject).collect()))
            .collect(),
        maintenance: config.alerts.maintenance.clone(),
    }
}

/// Whether the probes of one can go on for the other; names, groups and thresholds are the monitor's business.
fn probes_alike(a: &TargetConfig, b: &TargetConfig) -> bool {
    a.url == b.url
        && a.kind == b.kind
        && a.process == b.process
        && (a.interval, a.timeout, a.in_flight) == (b.interval, b.timeout, b.in_flight)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Overrides;

    const FLOW: &str = "[[flow]]\nname = \"shop\"\n[[flow.step]]\nname = \"login\"\nurl = \"http://127.0.0.1:9/\"\n";
    const ALONE: &str = "[[target]]\nname = \"shop/login\"\nurl = \"http://127.0.0.1:9/\"\n";

    fn config(text: &str) -> Config {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("probetop.toml");
        std::fs::write(&path, text).unwrap();
        let overrides = Overrides {
            file: Some(path),
            ..Overrides::default()
        };
        Config::load(&overrides, &|_| None).unwrap_or_else(|problems| panic!("{problems}"))
    }

    /// What the runner is told when one after the other is configured: `+` and `-` with the id, and a flow's steps.
    fn check(texts: &[&str], expected: &[&[&str]]) {
        let (changes, mut told) = mpsc::unbounded_channel();
        let mut roster = Roster::new(Clock::system(), changes);
        for (text, expected) in texts.iter().zip(expected) {
            roster.follow(&config(text)).unwrap();
            let mut lines = Vec::new();
            while let Ok(change) = told.try_recv() {
                lines.push(match change {
                    Change::Put(id, job) => {
                        format!("+{} {:?}", id.0, job.steps.iter().map(|id| id.0).collect::<Vec<_>>())
                    }
                    Change::Remove(id) => format!("-{}", id.0),
                });
            }
            assert_eq!(lines, *expected, "{text}");
        }
    }

    #[test]
    fn a_step_is_probed_by_its_flow_alone_whatever_had_its_name_before() {
        check(
            &[ALONE, FLOW, FLOW, ALONE],
            &[&["+0 []"], &["+1 [0]", "-0"], &[], &["+0 []", "-1"]],
        );
    }
}
