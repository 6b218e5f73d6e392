//! What was found in one group: its worst components, however many there are.

use probetop_core::sample::{Level, TargetId, Text};
use probetop_core::snapshot::HealthComponent;

use super::{Limits, PERFECT};
use crate::judge::verdict::Verdict;

/// Components that a group shows: the worst of them explain its score, and 10,000 targets have 20,000.
const COMPONENTS_LIMIT: usize = 8;

/// Whom a component is of; `None`: the machine.
#[derive(Clone, Copy, Debug)]
pub struct Of<'a> {
    pub target: Option<TargetId>,
    pub name: Option<&'a Text>,
}

/// The worst components of a group, worst first, the first found of equals.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    worst: Vec<Found>,
}

#[derive(Clone, Debug)]
struct Found {
    /// `None`: the machine, whose figures say themselves what they are of.
    subject: Option<Text>,
    component: HealthComponent,
}

impl Tally {
    /// Takes a figure and the verdict that holds. What is not known, and breaks no level, says nothing.
    pub fn figure(&mut self, of: Of<'_>, name: &str, limits: &Limits, verdict: &Verdict) {
        let value = verdict.value.filter(|value| !value.is_nan());
        let Some(score) = limits.held_score(value, verdict.level) else {
            return;
        };
        self.offer(of, name, score, verdict.level, || {
            let broken = verdict.reason.clone().filter(|_| verdict.level > Level::Ok);
            broken.unwrap_or_else(|| calm_words(name, limits, value.unwrap_or_default(), score))
        });
    }

    /// Takes a component that scores `score`.
    pub fn offer(&mut self, of: Of<'_>, name: &str, score: f64, level: Level, reason: impl FnOnce() -> Text) {
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
            score,
            reason: reason(),
        };
        let subject = of.name.cloned();
        self.worst.insert(at, Found { subject, component });
    }

    /// The worst component's; `None`: nothing is known.
    pub fn score(&self) -> Option<f64> {
        self.worst.first().map(|found| found.component.score)
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
