//! Who is watched: targets by name, with the ids they keep for the life of the process.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use tokio::sync::mpsc;

use crate::alert::dependency::Parent;
use crate::alert::policy::Usual;
use crate::clock::Clock;
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
    running: HashMap<TargetId, TargetConfig>,
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
            running: HashMap::new(),
        }
    }

    /// Probes by `config` from now on. Targets whose settings are as they were are not touched.
    ///
    /// # Errors
    /// A probe cannot be made; then nothing has changed.
    pub fn follow(&mut self, config: &Config) -> io::Result<(Plan, Difference)> {
        let targets: Vec<_> = config
            .targets
            .iter()
            .map(|target| (self.id_of(&target.name), target))
            .collect();
        let mut starts = Vec::new();
        for (at, (id, target)) in targets.iter().enumerate() {
            if self
                .running
                .get(id)
                .is_none_or(|running| !probes_alike(running, target))
            {
                starts.extend(self.job(target, &targets[at + 1..])?.map(|job| (*id, job)));
            }
        }
        let mut difference = self.difference(&targets);
        for (id, job) in starts {
            self.tell(Change::Put(id, job));
        }
        let kept: HashMap<_, _> = targets.iter().map(|(id, target)| (*id, (*target).clone())).collect();
        for id in self.running.keys().filter(|id| !kept.contains_key(id)) {
            difference.removed += 1;
            self.tell(Change::Remove(*id));
        }
        self.running = kept;
        Ok((plan(config, &targets), difference))
    }

    /// What is added and what is changed, be it only a threshold.
    fn difference(&self, targets: &[(TargetId, &TargetConfig)]) -> Difference {
        let mut difference = Difference::default();
        for (id, target) in targets {
            match self.running.get(id) {
                None => difference.added += 1,
                Some(running) => difference.changed += usize::from(running != *target),
            }
        }
        difference
    }

    /// `None`: a step, whose flow makes its probes. The steps of a flow are the first of those `behind` it.
    fn job(&self, target: &TargetConfig, behind: &[(TargetId, &TargetConfig)]) -> io::Result<Option<Job>> {
        if target.flow.is_some() {
            return Ok(None);
        }
        let means = Means {
            clock: &self.clock,
            in_flight: target.in_flight,
            demo: &self.demo,
        };
        let probe = target
            .probe(means)
            .map_err(|message| io::Error::other(format!("target {:?}: {message}", target.name)))?;
        let steps = behind
            .iter()
            .take_while(|(_, step)| step.flow.as_ref() == Some(&target.name));
        Ok(Some(Job {
            probe,
            interval: target.interval,
            timeout: target.timeout,
            in_flight: target.in_flight,
            steps: steps.map(|(id, _)| *id).collect(),
        }))
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
    let parents = config::attention::parents(&config.targets).unwrap_or_default();
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
