//! What the monitor gives the announcer: who stands behind whom, what is worked on, and what the newest probes say.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::SystemTime;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{Act, FailureKind, Subject, TargetId, TargetMap, Text};
use probetop_core::setting::selector::{self, HOST};
use probetop_core::snapshot::Announcement;

use super::Monitor;
use super::target::Watched;
use crate::alert::announcer::SubjectContext;
use crate::alert::flap::Flapping;
use crate::alert::maintenance::Maintenance;
use crate::alert::policy::{NotifyPolicy, Policy, Usual};
use crate::alert::saved::{About, Moments, SavedAlerts};
use crate::alert::source::{Key, Source};

/// Whom alerts tell, and what keeps them quiet.
#[derive(Clone, Debug, PartialEq)]
pub struct Attention {
    /// What `[alerts]` says.
    pub telling: NotifyPolicy,
    pub usual: Usual,
    /// `None`: flapping is not looked for.
    pub flapping: Option<Flapping>,
    /// What a target stands behind; targets that stand alone are not in it.
    pub parents: HashMap<TargetId, Arc<[Subject]>>,
    pub maintenance: Vec<Maintenance>,
}

impl Default for Attention {
    fn default() -> Self {
        Self {
            telling: NotifyPolicy::default(),
            usual: Usual::default(),
            flapping: Some(Flapping::default()),
            parents: HashMap::new(),
            maintenance: Vec::new(),
        }
    }
}

/// The same, with names matched once and not at every tick.
#[derive(Clone, Debug, Default)]
pub(super) struct SuppressionIndex {
    parents: HashMap<TargetId, Arc<[Subject]>>,
    maintenance: Vec<Maintenance>,
    /// Positions of the maintenance windows about a subject.
    worked_on: HashMap<Subject, Vec<usize>>,
}

impl SuppressionIndex {
    fn new(attention: Attention, targets: &[Watched]) -> Self {
        let mut worked_on: HashMap<Subject, Vec<usize>> = HashMap::new();
        for (at, maintenance) in attention.maintenance.iter().enumerate() {
            let is_meant = |watched: &&Watched| {
                let info = &watched.planned.info;
                let group = info.group.as_ref().map(Text::as_str);
                selector::any_matches(&maintenance.on, info.name.as_str(), info.kind.as_str(), group)
            };
            let meant = targets
                .iter()
                .filter(is_meant)
                .map(|watched| Subject::Target(watched.id()));
            for subject in meant.chain(maintenance.is_about_host().then_some(Subject::Host)) {
                worked_on.entry(subject).or_default().push(at);
            }
        }
        Self {
            parents: attention.parents,
            maintenance: attention.maintenance,
            worked_on,
        }
    }

    /// The longest work that is done on it at that time, and when that ends.
    pub(super) fn maintenance(&self, of: Subject, wall: SystemTime) -> Option<(SystemTime, &Text)> {
        let windows = self.worked_on.get(&of)?.iter();
        let windows = windows.filter_map(|at| self.maintenance.get(*at));
        windows
            .filter_map(|window| Some((window.until(wall)?, &window.name)))
            .max()
    }
}

impl Monitor {
    /// Tells by a new plan from now on. The targets are those of the plan already.
    pub(super) fn watch_over(&mut self, mut attention: Attention) {
        self.announcer
            .configure(std::mem::take(&mut attention.telling), attention.usual);
        self.table.damp(attention.flapping);
        self.suppression_index = SuppressionIndex::new(attention, &self.targets);
    }

    /// Lets the announcer tell, and shows the alerts as they stand.
    pub(super) fn attend(&mut self) {
        let around = Around {
            now: self.now,
            wall: self.wall(),
            targets: &self.targets,
            index: &self.index,
            suppression_index: &self.suppression_index,
        };
        self.announcer.step(&mut self.table, &around, self.now);
        let mut board = self.table.board();
        board.causes = self.announcer.causes(&self.table, &around);
        board.silences = self.announcer.silences();
        self.board = Arc::new(board);
    }

    pub(super) fn act(&mut self, act: Act) {
        self.announcer.act(&mut self.table, act, self.now);
        self.attend();
    }

    /// Changes whenever there is something new to remember of the alerts.
    pub fn saved_revision(&self) -> u64 {
        self.announcer.revision()
    }

    /// What is to be remembered of the alerts across a restart, with what each channel, by name, still has to tell.
    pub fn saved_alerts(&self, untold: &[(Text, Announcement)]) -> SavedAlerts {
        SavedAlerts::of(&self.table, &self.announcer, untold, self.moments())
    }

    /// Goes on with the alerts of the run before. Gives what its channels still owe.
    pub(super) fn restore(&mut self, saved: &SavedAlerts) -> Vec<Announcement> {
        let at = self.moments();
        saved.restore_silences(&mut self.announcer, at);
        let targets = self.targets.iter();
        let ids: HashMap<_, _> = targets
            .map(|watched| (watched.planned.info.name.clone(), watched.id()))
            .collect();
        let mut known = HashMap::new();
        // Targets that are gone get ids that nobody has, from the end.
        for (alert, gone) in saved.alerts.iter().zip((0..u32::MAX).rev()) {
            let subject = match alert.about {
                About::Host => Subject::Host,
                About::Objective => Subject::Objective,
                About::Target => Subject::Target(ids.get(alert.subject.as_str()).copied().unwrap_or(TargetId(gone))),
            };
            let source = alert.source();
            let policy = self.policy_of(&source);
            let entry = |id| alert.entry(id, policy, at);
            known.insert(alert.id, self.table.restore(Key { subject, source }, at.now, entry));
        }
        self.resolve_what_is_gone(at.now);
        // What ended before that run did is known to nobody but its channels.
        let words = saved.untold.iter().map(|word| {
            let id = *known.entry(word.id).or_insert_with(|| self.table.new_id());
            let target = ids.get(word.subject.as_str()).copied().filter(|_| word.is_target);
            word.restore(id, target, at)
        });
        words.collect()
    }

    /// The wall clock at the last tick.
    pub(super) fn wall(&self) -> SystemTime {
        self.now.wall(self.wall_origin)
    }

    fn moments(&self) -> Moments {
        let (now, wall) = (self.now, self.wall());
        Moments { now, wall }
    }

    /// The rule's; thresholds give theirs at the next evaluation.
    fn policy_of(&self, source: &Source) -> Arc<Policy> {
        let Source::Rule(name) = source else {
            return Arc::default();
        };
        let rule = self.rules.iter().find(|rule| rule.name == *name);
        rule.map(|rule| Arc::clone(&rule.policy)).unwrap_or_default()
    }
}

/// What there is around the alerts at one moment.
struct Around<'a> {
    now: Timestamp,
    wall: SystemTime,
    targets: &'a [Watched],
    index: &'a TargetMap<usize>,
    suppression_index: &'a SuppressionIndex,
}

impl Around<'_> {
    fn target(&self, of: Subject) -> Option<&Watched> {
        let at = self.index.get(&of.target()?)?;
        self.targets.get(*at)
    }
}

impl SubjectContext for Around<'_> {
    fn parents(&self, of: Subject) -> &[Subject] {
        let parents = of.target().and_then(|id| self.suppression_index.parents.get(&id));
        parents.map_or(&[], |parents| parents)
    }

    fn name(&self, of: Subject) -> Text {
        self.target(of)
            .map_or_else(|| HOST.into(), |watched| watched.planned.info.name.clone())
    }

    fn last_probe_failed(&self, of: Subject) -> bool {
        let last = self.target(of).and_then(|watched| watched.series.last());
        last.is_some_and(|sample| !sample.outcome.is_ok() && !sample.outcome.is_ours())
    }

    fn was_heard_since(&self, of: Subject, since: Timestamp) -> bool {
        // The machine is read every second, whatever happens; a target that is gone says nothing more.
        let Some(watched) = self.target(of) else { return true };
        let last = watched.series.last();
        last.is_some_and(|sample| sample.intended + sample.lag.as_duration() >= since)
    }

    fn maintenance(&self, of: Subject) -> Option<(Text, Timestamp)> {
        let (until, name) = self.suppression_index.maintenance(of, self.wall)?;
        let rest = until.duration_since(self.wall).unwrap_or_default();
        Some((name.clone(), self.now + rest))
    }

    fn host(&self, of: Subject) -> Option<&Text> {
        self.target(of)?.planned.info.host.as_ref()
    }

    fn failure(&self, of: Subject) -> Option<FailureKind> {
        self.target(of).and_then(Watched::commonest_failure)
    }
}
