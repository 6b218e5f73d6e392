//! Who is watched: targets by name, with the ids they keep for the life of the process.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use probetop_core::sample::{Subject, TargetId, Text};
use probetop_engine::alert::dependency::Parent;
use probetop_engine::alert::policy::Usual;
use probetop_engine::monitor::{Attention, Plan, PlannedTarget};
use probetop_probe::source::Probe;
use probetop_probe::source::runner::{Change, Job};
use tokio::sync::mpsc;

use super::prepare::Prepared;
use crate::config::targets::{Probed, Targets};
use crate::config::{self, Config, TargetConfig};

/// Names that are gone and find their id again when they come back. Those of a cluster whose names never come back would
/// fill the memory.
pub(super) const GONE_LIMIT: usize = 20_000;

/// The targets of the configuration in force, and the way to the runner that probes them.
pub(super) struct Roster {
    changes: mpsc::UnboundedSender<Change>,
    /// Names that are watched, and those that were: a target that comes back finds its id again.
    ids: HashMap<Text, TargetId>,
    next_id: u32,
    /// How many of these names are watched no more.
    gone: usize,
    /// What the runner probes.
    probed: HashSet<TargetId>,
}

/// What a new configuration did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Difference {
    pub added: usize,
    pub changed: usize,
    pub removed: usize,
}

impl Roster {
    pub(super) fn new(changes: mpsc::UnboundedSender<Change>) -> Self {
        Self {
            changes,
            ids: HashMap::new(),
            next_id: 0,
            gone: 0,
            probed: HashSet::new(),
        }
    }

    /// Probes by a new configuration from now on; `before` is the one that was in force. Targets whose settings are as they
    /// were are not touched.
    pub(super) fn follow(&mut self, prepared: &Prepared, before: Option<&Config>) -> (Plan, Difference) {
        let Prepared { config, probes, .. } = prepared;
        let rows = config.targets.rows();
        let targets: Vec<_> = rows.iter().map(|target| (self.id_of(&target.name), target)).collect();
        let mut probed = HashSet::new();
        for (target, probe) in config.targets.probed().zip(probes) {
            let id = targets[target.at].0;
            if let Some(probe) = probe {
                let steps = targets[target.step_rows()].iter().map(|(id, _)| *id).collect();
                self.tell(Change::Put(id, job(target.target, Arc::clone(probe), steps)));
            }
            probed.insert(id);
        }
        for id in self.probed.difference(&probed) {
            self.tell(Change::Remove(*id));
        }
        self.probed = probed;
        self.forget_gone(&targets);
        let difference = difference(before.map(|config| &config.targets), &config.targets);
        (plan(config, &targets), difference)
    }

    /// Probes of all targets that may run at once from now on.
    pub(super) fn limit(&self, at_once: u32) {
        self.tell(Change::AtOnce(at_once));
    }

    /// Has nothing more started, and waits at most so long for what is on its way.
    pub(super) fn land(&self, patience: Duration) {
        self.tell(Change::Land(patience));
    }

    /// How many names are remembered that are gone.
    pub(super) const fn gone(&self) -> usize {
        self.gone
    }

    fn id_of(&mut self, name: &Text) -> TargetId {
        if let Some(id) = self.ids.get(name) {
            return *id;
        }
        let id = TargetId(self.next_id);
        self.next_id += 1;
        self.ids.insert(name.clone(), id);
        id
    }

    /// Lets go of the names that are gone once they are many: the longest known go first.
    fn forget_gone(&mut self, targets: &[(TargetId, &TargetConfig)]) {
        let watched: HashSet<_> = targets.iter().map(|(id, _)| *id).collect();
        let mut gone: Vec<_> = self.ids.values().copied().filter(|id| !watched.contains(id)).collect();
        self.gone = gone.len().min(GONE_LIMIT);
        let Some(surplus) = gone.len().checked_sub(GONE_LIMIT).filter(|surplus| *surplus > 0) else {
            return;
        };
        gone.sort_unstable();
        let forgotten: HashSet<_> = gone.into_iter().take(surplus).collect();
        self.ids.retain(|_, id| !forgotten.contains(id));
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
        rate: target.rate.clone(),
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

fn job(target: &TargetConfig, probe: Arc<dyn Probe>, steps: Arc<[TargetId]>) -> Job {
    Job {
        probe,
        interval: target.interval,
        timeout: target.timeout,
        in_flight: target.in_flight,
        steps,
    }
}

/// What is added, gone, and changed, be it only a threshold.
/// What is configured is counted: a flow once, whatever its steps.
fn difference(before: Option<&Targets>, now: &Targets) -> Difference {
    let is_as = |a: Probed<'_>, b: Probed<'_>| a.target == b.target && a.steps == b.steps;
    let known = before.into_iter().flat_map(Targets::probed);
    let known: HashMap<_, _> = known.map(|probed| (&probed.target.name, probed)).collect();
    let mut difference = Difference::default();
    for probed in now.probed() {
        match known.get(&probed.target.name) {
            None => difference.added += 1,
            Some(before) => difference.changed += usize::from(!is_as(*before, probed)),
        }
    }
    // Every name stands there once.
    difference.removed = known.len() + difference.added - now.probed().len();
    difference
}

#[cfg(test)]
mod tests {
    use probetop_core::clock::Clock;

    use super::*;
    use crate::config::Overrides;
    use crate::notify::kind::ChannelContext;
    use crate::run::prepare::Maker;

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
        let mut roster = Roster::new(changes);
        let maker = Maker::new(Clock::system(), ChannelContext::default());
        let mut in_force: Option<Arc<Config>> = None;
        for (text, expected) in texts.iter().zip(expected) {
            let prepared = maker.prepare(config(text), in_force.as_deref());
            let prepared = prepared.unwrap_or_else(|problems| panic!("{problems}"));
            roster.follow(&prepared, in_force.as_deref());
            in_force = Some(prepared.config);
            let mut lines = Vec::new();
            while let Ok(change) = told.try_recv() {
                lines.push(match change {
                    Change::Put(id, job) => {
                        format!("+{} {:?}", id.0, job.steps.iter().map(|id| id.0).collect::<Vec<_>>())
                    }
                    Change::Remove(id) => format!("-{}", id.0),
                    Change::AtOnce(count) => format!("at once {count}"),
                    Change::Land(patience) => format!("land within {patience:?}"),
                });
            }
            assert_eq!(lines, *expected, "{text}");
        }
    }

    #[test]
    fn names_that_are_gone_are_forgotten_once_they_are_many_and_ids_are_never_given_twice() {
        let mut roster = Roster::new(mpsc::unbounded_channel().0);
        let first = roster.id_of(&"first".into());
        for name in 0..GONE_LIMIT {
            roster.id_of(&format!("pod-{name}").as_str().into());
        }
        roster.forget_gone(&[]);
        assert_eq!((roster.ids.len(), roster.gone()), (GONE_LIMIT, GONE_LIMIT));
        assert_eq!(
            roster.id_of(&"pod-0".into()),
            TargetId(first.0 + 1),
            "the newest are known"
        );
        let next = TargetId(u32::try_from(GONE_LIMIT).unwrap() + 1);
        assert_eq!(roster.id_of(&"first".into()), next, "the oldest is not");
    }

    #[test]
    fn a_flow_that_comes_changes_or_goes_is_one_whatever_its_steps() {
        let longer = format!("{FLOW}[[flow.step]]\nname = \"pay\"\nurl = \"http://127.0.0.1:9/pay\"\n");
        let [flow, longer, alone] = [FLOW, &longer, ALONE].map(|text| config(text).targets);
        let of = |before, now| {
            let Difference {
                added,
                changed,
                removed,
            } = difference(before, now);
            (added, changed, removed)
        };
        assert_eq!(of(None, &longer), (1, 0, 0));
        assert_eq!(of(Some(&flow), &longer), (0, 1, 0));
        assert_eq!(of(Some(&longer), &alone), (1, 0, 1));
        assert_eq!(of(Some(&longer), &longer), (0, 0, 0));
    }

    #[test]
    fn a_step_is_probed_by_its_flow_alone_whatever_had_its_name_before() {
        check(
            &[ALONE, FLOW, FLOW, ALONE],
            &[&["+0 []"], &["+1 [0]", "-0"], &[], &["+0 []", "-1"]],
        );
    }
}
