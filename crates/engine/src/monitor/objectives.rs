//! The objectives under watch: what each has counted, and how it stands.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::sample::slot::Scratch;
use probetop_core::sample::{Level, Sample, Severity, Subject, Text, Unit, Worse};
use probetop_core::snapshot::{Axis, ObjectiveSnapshot};

use super::target::Watched;
use crate::alert::entry::Finding;
use crate::alert::policy::Policy;
use crate::alert::source::{Key, Source};
use crate::alert::state::{Condition, Patience};
use crate::alert::table::AlertTable;
use crate::judge::objective::{BurnDown, Counts, Ledger, Objective, Scope, Standing};
use crate::metric::Step;

/// Two windows agree before an objective speaks, so it speaks at once; a rate that hovers about its factor is one alert.
static POLICY: LazyLock<Arc<Policy>> = LazyLock::new(|| {
    let patience = Patience {
        hold: Duration::ZERO,
        clear: Duration::from_secs(10),
    };
    Arc::new(Policy {
        patience,
        ..Policy::default()
    })
});

/// Every objective, and who counts for which.
#[derive(Clone, Debug, Default)]
pub(super) struct Objectives {
    promises: Vec<Promise>,
    /// For each target, by its place in the monitor, the places of the objectives that its probes count for.
    of_target: Vec<Box<[usize]>>,
}

/// An objective, or its part for one target where each has its own.
#[derive(Clone, Debug)]
struct Promise {
    name: Text,
    objective: Objective,
    targets: Arc<[Text]>,
    ledger: Ledger,
    standing: Standing,
    burn_down: BurnDown,
}

impl Objectives {
    /// Follows a new plan. What is counted the same way as before keeps its counts.
    pub(super) fn follow<'a>(&mut self, objectives: Vec<Objective>, targets: &'a [Watched], now: Timestamp) {
        let before = self.promises.drain(..);
        let mut before: HashMap<_, _> = before.map(|promise| (promise.name.clone(), promise)).collect();
        let mut of_target = vec![Vec::new(); targets.len()];
        for objective in objectives {
            let mut flow = "";
            let mut is_about = |(_, watched): &(usize, &'a Watched)| {
                let info = &watched.planned.info;
                if !info.purpose.counts_alone() {
                    return objective.is_about_step(info.name.as_str(), flow);
                }
                // The steps of a flow follow it.
                flow = info.name.as_str();
                let group = info.group.as_ref().map(Text::as_str);
                let is_all = objective.on.is_empty();
                (!is_all || info.purpose.measures_service())
                    && objective.is_about(info.name.as_str(), info.kind.as_str(), group)
            };
            let about: Vec<_> = targets.iter().enumerate().filter(&mut is_about).collect();
            let parts: Vec<&[(usize, &Watched)]> = match objective.scope {
                Scope::Pooled => vec![&about],
                Scope::Each => about.chunks(1).collect(),
            };
            for part in parts {
                for (at, _) in part {
                    of_target[*at].push(self.promises.len());
                }
                let targets: Arc<[Text]> = part
                    .iter()
                    .map(|(_, watched)| watched.planned.info.name.clone())
                    .collect();
                let name = match (objective.scope, targets.first()) {
                    (Scope::Each, Some(target)) => objective.name_for(target),
                    (Scope::Each, None) | (Scope::Pooled, _) => objective.name.clone(),
                };
                let promise = Promise::new(name, objective.clone(), targets, now);
                let before = before.remove(&promise.name);
                self.promises.push(promise.continuing(before));
            }
        }
        self.of_target = of_target.into_iter().map(Vec::into_boxed_slice).collect();
    }

    /// What a copy takes beside itself.
    pub(super) fn heap_bytes(&self) -> usize {
        let promises = self.promises.iter();
        let promises =
            promises.map(|promise| size_of::<Promise>() + promise.ledger.heap_bytes() + promise.burn_down.heap_bytes());
        let places = self.of_target.iter();
        let places = places.map(|places| size_of_val(places) + size_of_val(&**places));
        promises.chain(places).sum()
    }

    /// Counts a finished probe of the target at that place; one that failed for want of something here keeps and breaks
    /// nothing.
    pub(super) fn record(&mut self, target: usize, sample: &Sample) {
        if sample.outcome.is_ours() {
            return;
        }
        for at in self.of_target.get(target).into_iter().flatten() {
            let promise = &mut self.promises[*at];
            promise.ledger.count(promise.objective.goal.is_kept_by(sample));
        }
    }

    /// Counts a second of the target at that place.
    pub(super) fn count(&mut self, target: usize, second: &Scratch) {
        for at in self.of_target.get(target).into_iter().flatten() {
            let promise = &mut self.promises[*at];
            let events = second.attempts();
            let bad = events.saturating_sub(promise.objective.goal.kept_of(second));
            promise.ledger.add(Counts { events, bad });
        }
    }

    /// Nobody watched for so long.
    pub(super) fn pause(&mut self, length: Duration) {
        for promise in &mut self.promises {
            promise.ledger.pause(length);
        }
    }

    /// Closes the seconds that have ended, and says in `book` which promises are in danger or broken.
    pub(super) fn judge(&mut self, table: &mut AlertTable, now: Timestamp) {
        for promise in &mut self.promises {
            promise.ledger.rotate(now);
            let Objective { goal, period, .. } = promise.objective;
            promise.standing = promise.standing.next(goal, period, &promise.ledger);
            promise.burn_down.note(now, promise.standing.budget_left_ratio);
            promise.observe(table, now);
        }
    }

    /// Whether an objective goes by this name.
    pub(super) fn has(&self, name: &Text) -> bool {
        self.promises.iter().any(|promise| promise.name == *name)
    }

    pub(super) fn snapshot(&self, axis: Axis, step: Step) -> Arc<[ObjectiveSnapshot]> {
        self.promises
            .iter()
            .map(|promise| promise.snapshot(axis, step))
            .collect()
    }
}

impl Promise {
    fn new(name: Text, objective: Objective, targets: Arc<[Text]>, now: Timestamp) -> Self {
        Self {
            name,
            ledger: Ledger::new(objective.period, now),
            burn_down: BurnDown::new(objective.period, now),
            objective,
            targets,
            standing: Standing::default(),
        }
    }

    /// With the counts of what it was before, where they mean the same.
    fn continuing(self, before: Option<Self>) -> Self {
        let counts_alike = |before: &Self| {
            let (old, new) = (&before.objective, &self.objective);
            old.goal.limit() == new.goal.limit() && old.period == new.period
        };
        let Some(before) = before.filter(counts_alike) else {
            return self;
        };
        // Of another share that is promised, another budget was left.
        let burn_down = match before.objective.goal == self.objective.goal {
            true => before.burn_down,
            false => self.burn_down,
        };
        Self {
            ledger: before.ledger,
            standing: before.standing,
            burn_down,
            ..self
        }
    }

    fn observe(&self, table: &mut AlertTable, now: Timestamp) {
        let standing = &self.standing;
        let (condition, severity) = match standing.level {
            Level::Ok => (Condition::False, Severity::Info),
            Level::Unknown => (Condition::Unknown, Severity::Info),
            Level::Warning => (Condition::True, Severity::Warning),
            Level::Critical => (Condition::True, Severity::Critical),
        };
        let key = Key {
            subject: Subject::Objective,
            source: Source::Objective(self.name.clone()),
        };
        table.observe(key, condition, &POLICY, now, || Finding {
            name: "objective".into(),
            subject: self.name.clone(),
            severity,
            value: standing.budget_left_ratio,
            unit: Unit::Ratio,
            worse: Worse::Lower,
            reason: standing.reason.clone().unwrap_or_default(),
        });
    }

    fn snapshot(&self, axis: Axis, step: Step) -> ObjectiveSnapshot {
        let Objective { goal, period, .. } = self.objective;
        let standing = self.standing.clone();
        let course = self.ledger.course(Duration::from_secs(step.seconds()), axis.points());
        let bad_ratio = |counts: &Counts| counts.bad_ratio().map(|ratio| ratio as f32);
        ObjectiveSnapshot {
            name: self.name.clone(),
            promise: goal.to_string().into(),
            goal_ratio: goal.good_ratio(),
            limit: goal.limit(),
            targets: Arc::clone(&self.targets),
            period,
            covered: standing.covered,
            level: standing.level,
            attained_ratio: standing.attained_ratio(),
            reason: standing.reason,
            events: standing.counts.events,
            bad: standing.counts.bad,
            budget_left_ratio: standing.budget_left_ratio,
            burn_down: self.burn_down.course(),
            burn_down_step: self.burn_down.step(),
            burn: standing.burn,
            exhausted_in: standing.exhausted_in,
            course: course.iter().map(bad_ratio).collect(),
        }
    }
}
