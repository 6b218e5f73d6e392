//! What was found in one group: its worst components, and how many of its subjects they are of.

use probetop_core::sample::{Level, TargetId, Text};
use probetop_core::snapshot::HealthComponent;

use super::{Limits, PERFECT, best, rule_score};
use crate::judge::verdict::Verdict;

/// Components that a group shows: the worst of them explain its score, and 10,000 targets have 20,000.
const COMPONENTS_LIMIT: usize = 8;

/// Whom a component is of; `None`: the machine.
#[derive(Clone, Copy, Debug)]
pub struct Of<'a> {
    pub target: Option<TargetId>,
    pub name: Option<&'a Text>,
}

/// What was found in a group: its worst components, worst first, the first found of equals, and how its subjects do.
///
/// A subject's components come one after the other.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    worst: Vec<Found>,
    /// Of all subjects.
    score_sum: f64,
    subjects: usize,
    broken: usize,
    /// The one whose components come now.
    open: Option<Subject>,
    /// The worst level of all components, and that of those whose figure is beyond its limit now.
    level: Option<Level>,
    level_now: Option<Level>,
    /// Figures that are wrong and that somebody looks after.
    set_aside: usize,
}

/// What was found of one so far.
#[derive(Clone, Copy, Debug)]
struct Subject {
    target: Option<TargetId>,
    score: f64,
    level: Level,
}

#[derive(Clone, Debug)]
struct Found {
    /// `None`: the machine, whose figures say themselves what they are of.
    subject: Option<Text>,
    component: HealthComponent,
}

impl Tally {
    /// Takes the verdict that holds and what its figure is held against, if anything. What is not known, and breaks no level,
    /// says nothing; what somebody looks after costs nothing.
    pub fn figure(&mut self, of: Of<'_>, name: &str, limits: Option<&Limits>, verdict: &Verdict) {
        if verdict.set_aside {
            self.set_aside += 1;
            return;
        }
        let value = verdict.value.filter(|value| !value.is_nan());
        let score = match limits {
            Some(limits) => limits.held_score(value, verdict.level),
            None => rule_score(verdict.level),
        };
        let Some(score) = score else { return };
        let clearing = verdict.clears.is_some();
        self.take(of, name, (score, verdict.level, clearing), || {
            let broken = verdict.reason.clone().filter(|_| verdict.level > Level::Ok);
            let calm = || limits.map(|limits| calm_words(name, limits, value.unwrap_or_default(), score));
            broken.or_else(calm).unwrap_or_default()
        });
    }

    /// Takes a component that scores `score`.
    pub fn offer(&mut self, of: Of<'_>, name: &str, score: f64, level: Level, reason: impl FnOnce() -> Text) {
        self.take(of, name, (score, level, false), reason);
    }

    fn take(
        &mut self,
        of: Of<'_>,
        name: &str,
        (score, level, clearing): (f64, Level, bool),
        reason: impl FnOnce() -> Text,
    ) {
        self.count(of.target, score, level);
        self.level = self.level.max(Some(level));
        if !clearing {
            self.level_now = self.level_now.max(Some(level));
        }
        let at = self.worst.partition_point(|found| found.component.score <= score);
        if at == COMPONENTS_LIMIT {
            return;
        }
        self.worst.truncate(COMPONENTS_LIMIT - 1);
        let component = HealthComponent {
            name: of
                .name
                .map_or_else(|| name.into(), |subject| format!("{subject} {name}").into()),
            target: of.target,
            level,
            clearing,
            score,
            reason: reason(),
        };
        let subject = of.name.cloned();
        self.worst.insert(at, Found { subject, component });
    }

    /// Adds a component to what its subject scores.
    fn count(&mut self, target: Option<TargetId>, score: f64, level: Level) {
        let before = self.open.filter(|open| open.target == target);
        let before = before.unwrap_or_else(|| {
            self.subjects += 1;
            self.score_sum += PERFECT;
            Subject {
                target,
                score: PERFECT,
                level: Level::Ok,
            }
        });
        let now = Subject {
            target,
            score: before.score.min(score),
            level: before.level.max(level),
        };
        self.score_sum += now.score - before.score;
        let is_broken = |subject: &Subject| subject.level >= Level::Warning;
        self.broken += usize::from(is_broken(&now) && !is_broken(&before));
        self.open = Some(now);
    }

    /// That of the worst subject, raised by how well the others are, but not out of what its level spans: of equal levels the
    /// group with the smaller share that is broken scores more. `None`: nothing is known.
    pub fn score(&self) -> Option<f64> {
        let worst = self.worst.first()?.component.score;
        let mean = self.score_sum / self.subjects as f64;
        let room = best(self.level()) - worst;
        if worst >= PERFECT || room <= 0.0 {
            return Some(worst);
        }
        let others = ((mean - worst) / (PERFECT - worst)).clamp(0.0, 1.0);
        Some(worst + room * others)
    }

    /// That of the worst component; unknown without any.
    pub fn level(&self) -> Level {
        self.level.unwrap_or_default()
    }

    /// Whether all that makes its level was so, and is clearing, as a target's is.
    pub fn is_clearing(&self) -> bool {
        self.level >= Some(Level::Warning) && self.level_now < self.level
    }

    /// Of which something is known.
    pub fn subjects(&self) -> usize {
        self.subjects
    }

    /// Those at a warning or critical level.
    pub fn broken(&self) -> usize {
        self.broken
    }

    /// How many figures are wrong that somebody looks after.
    pub fn set_aside(&self) -> usize {
        self.set_aside
    }

    /// What is worst, in words.
    pub fn worst(&self) -> Option<Text> {
        let Found { subject, component } = self.worst.first()?;
        Some(match subject {
            Some(subject) => format!("{subject}: {}", component.reason).into(),
            None => component.reason.clone(),
        })
    }

    /// Worst first.
    pub fn components(&self) -> impl Iterator<Item = &HealthComponent> {
        self.worst.iter().map(|found| &found.component)
    }
}

/// Of a figure that breaks no level: `latency 70ms, aimed at 50ms`.
fn calm_words(name: &str, limits: &Limits, value: f64, score: f64) -> Text {
    let shown = limits.unit.show(value);
    match limits.target.filter(|_| score < PERFECT) {
        Some(target) => format!("{name} {shown}, aimed at {}", limits.unit.show(target)).into(),
        None => format!("{name} {shown}").into(),
    }
}
