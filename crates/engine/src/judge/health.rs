//! The health score: figures become components of 0 to 100, components groups, and groups by their weights one number.
//!
//! A target is as good as its worst component: a database whose pool is exhausted is not half well because its disk is
//! fine. A group has the level of its worst target and a score within what that level spans, which falls with the share
//! that is broken: one of nine that is down costs less than all of them, and no number of well ones hides it. The whole
//! is the weighted mean of the groups of which anything is known, and has the level of the worst of them. What somebody
//! looks after, or is silenced, costs nothing.

mod settings;
mod tally;

use probetop_core::sample::{Level, Micros, Text, Unit, Worse};
use probetop_core::setting::selector::{self, Selector};
use probetop_core::snapshot::{Health, HealthGroup};

use crate::judge::level::{ErrorThresholds, GaugeLevel, GaugeThresholds, LatencyThresholds, RateThresholds};

pub use settings::HealthSettings;
pub use tally::{Of, Tally};

/// Nothing to complain of.
const PERFECT: f64 = 100.0;

/// At the warning level.
const WARNING: f64 = 80.0;

/// At the critical level.
const CRITICAL: f64 = 50.0;

/// A condition of one's own says that something is wrong, but not how far: the middle of what its severity spans, and
/// a little above it.
const WARNING_RULE: f64 = 65.0;
const CRITICAL_RULE: f64 = 30.0;

/// Whether there is a score, and of which groups.
#[derive(Clone, Debug, PartialEq)]
pub enum Scoring {
    Off,
    /// A target, or the machine, belongs to the first that selects it.
    By(Vec<Group>),
}

/// Things that count together.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    pub name: Text,
    /// Against the other groups'; 0 leaves out what belongs to it.
    pub weight: f64,
    /// None: every target that no group before selects.
    pub on: Vec<Selector>,
}

impl Default for Scoring {
    fn default() -> Self {
        Self::By(Group::defaults().into())
    }
}

impl Group {
    /// Without other targets than databases and caches these three are the whole; with them they are half of it.
    fn defaults() -> [Self; 4] {
        let group = |name: &str, weight, on: Option<&str>| Self {
            name: name.into(),
            weight,
            on: on.map(Selector::parse).into_iter().collect(),
        };
        [
            group("database", 40.0, Some("kind:postgres")),
            group("machine", 35.0, Some("host")),
            group("cache", 25.0, Some("kind:redis")),
            group("services", 100.0, None),
        ]
    }

    fn is_about(&self, name: &str, kind: &str, group: Option<&str>) -> bool {
        selector::any_matches(&self.on, name, kind, group)
    }
}

/// What a figure is held against, in the figure's own unit.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Limits {
    pub target: Option<f64>,
    pub warning: Option<f64>,
    pub critical: Option<f64>,
    pub worse: Worse,
    pub unit: Unit,
}

impl Limits {
    /// 0 to 100: 100 up to the target, 80 at the warning level, 50 at the critical one, 0 at twice that, or at a whole
    /// where nothing can be more; straight lines between. Without a target it is 100 until the warning level. Where
    /// less is worse it goes down to 0 in the same way.
    pub fn score(&self, value: f64) -> f64 {
        // Turned so that more is worse.
        let turned = |value: f64| match self.worse {
            Worse::Higher => value,
            Worse::Lower => -value,
        };
        let most = match (self.unit, self.worse) {
            (Unit::Ratio, Worse::Higher) => 1.0,
            (Unit::Ratio, Worse::Lower) | (Unit::Microseconds | Unit::Bytes | Unit::Number, _) => f64::INFINITY,
        };
        let twice = |limit: f64| (limit + limit.abs()).min(most);
        let value = turned(value);
        let [target, warning, critical] = [self.target, self.warning, self.critical].map(|limit| limit.map(turned));
        let beyond = |limit: Option<f64>| limit.filter(|limit| value > *limit);
        if let Some(critical) = beyond(critical) {
            return between(value, (critical, CRITICAL), (twice(critical), 0.0));
        }
        if let Some(warning) = beyond(warning) {
            return between(
                value,
                (warning, WARNING),
                (critical.unwrap_or(twice(warning)), CRITICAL),
            );
        }
        match beyond(target) {
            Some(target) => {
                let end = warning.or(critical).unwrap_or(twice(target));
                between(value, (target, PERFECT), (end, WARNING))
            }
            None => PERFECT,
        }
    }
}

impl Limits {
    /// The score within what the level spans that holds: a figure beyond a limit for too short a time to be told of is
    /// worth 80 at least, and one that is back for too short a time is worth no more than its level. `None`: nothing is
    /// known.
    pub fn held_score(&self, value: Option<f64>, level: Level) -> Option<f64> {
        let score = value.map(|value| self.score(value));
        match level {
            Level::Ok | Level::Unknown => Some(score?.max(WARNING)),
            Level::Warning => Some(score.map_or(WARNING, |score| score.clamp(CRITICAL, WARNING))),
            Level::Critical => Some(score.map_or(CRITICAL, |score| score.min(CRITICAL))),
        }
    }
}

/// On the straight line between two points of value and score, and level beyond them.
fn between(value: f64, (from, high): (f64, f64), (to, low): (f64, f64)) -> f64 {
    if to <= from {
        return low;
    }
    let way = ((value - from) / (to - from)).clamp(0.0, 1.0);
    high + (low - high) * way
}

impl From<&LatencyThresholds> for Limits {
    fn from(thresholds: &LatencyThresholds) -> Self {
        let micros = |limit: Option<std::time::Duration>| limit.map(|limit| f64::from(Micros::from(limit).0));
        Self {
            target: micros(thresholds.target),
            warning: micros(thresholds.warning),
            critical: micros(thresholds.critical),
            worse: Worse::Higher,
            unit: Unit::Microseconds,
        }
    }
}

impl From<&ErrorThresholds> for Limits {
    fn from(thresholds: &ErrorThresholds) -> Self {
        Self {
            target: None,
            warning: thresholds.warning,
            critical: thresholds.critical,
            worse: Worse::Higher,
            unit: Unit::Ratio,
        }
    }
}

impl From<&RateThresholds> for Limits {
    fn from(thresholds: &RateThresholds) -> Self {
        Self {
            target: None,
            warning: thresholds.warning,
            critical: thresholds.critical,
            worse: Worse::Lower,
            unit: Unit::Number,
        }
    }
}

impl From<&GaugeLevel> for Limits {
    fn from(level: &GaugeLevel) -> Self {
        Self {
            target: level.target,
            warning: level.warning,
            critical: level.critical,
            worse: level.worse,
            unit: Unit::of_name(level.name.as_str()),
        }
    }
}

impl Limits {
    /// Of a gauge of the machine, which counts in `unit`.
    pub fn of_machine(thresholds: &GaugeThresholds, unit: Unit) -> Self {
        Self {
            target: thresholds.target,
            warning: thresholds.warning,
            critical: thresholds.critical,
            worse: Worse::Higher,
            unit,
        }
    }
}

/// What a condition without limits scores, such as that of a rule that fires; `None`: nothing.
const fn rule_score(level: Level) -> Option<f64> {
    match level {
        Level::Ok | Level::Unknown => None,
        Level::Warning => Some(WARNING_RULE),
        Level::Critical => Some(CRITICAL_RULE),
    }
}

/// The place of the group that a target belongs to; `None`: it does not count.
pub fn group_of(groups: &[Group], name: &str, kind: &str, group: Option<&str>) -> Option<usize> {
    let first = groups.iter().position(|of| of.is_about(name, kind, group))?;
    (groups[first].weight > 0.0).then_some(first)
}

/// The place of the group that the machine belongs to; `None`: it does not count.
pub fn group_of_machine(groups: &[Group]) -> Option<usize> {
    let first = groups.iter().position(|of| of.on.contains(&Selector::Host))?;
    (groups[first].weight > 0.0).then_some(first)
}

/// The whole, of groups and what was found in each; `None` while nothing is known.
pub fn total(groups: &[Group], tallies: &[Tally]) -> Option<Health> {
    let weighed = || groups.iter().zip(tallies).filter(|(group, _)| group.weight > 0.0);
    let known = || weighed().filter_map(|(group, tally)| Some((group.weight, tally, tally.score()?)));
    let weights: f64 = known().map(|(weight, ..)| weight).sum();
    let mean = match weights > 0.0 {
        true => known().map(|(weight, _, score)| weight * score).sum::<f64>() / weights,
        // All that is known to be wrong is looked after.
        false if weighed().any(|(_, tally)| tally.set_aside() > 0) => PERFECT,
        false => return None,
    };
    // Eighty may come out as 79.999…, which is not a warning.
    let score = (mean + 1e-9).floor().clamp(0.0, PERFECT);
    let cost = |weight: f64, score: f64| weight * (PERFECT - score);
    let costliest = known()
        .filter(|(weight, _, score)| cost(*weight, *score) > 0.0)
        .max_by(|(a, _, a_score), (b, _, b_score)| cost(*a, *a_score).total_cmp(&cost(*b, *b_score)));
    let mut shown: Vec<_> = weighed()
        .map(|(group, tally)| HealthGroup {
            name: group.name.clone(),
            weight: group.weight,
            share_ratio: tally.score().map_or(0.0, |_| group.weight / weights),
            score: tally.score(),
            level: tally.level(),
            clearing: tally.is_clearing(),
            subjects: tally.subjects(),
            broken: tally.broken(),
            set_aside: tally.set_aside(),
            components: tally.components().cloned().collect(),
        })
        .collect();
    shown.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    let level = known().map(|(_, tally, _)| tally.level()).max().unwrap_or(Level::Ok);
    let mut worst = known().filter(|(_, tally, _)| tally.level() == level);
    Some(Health {
        score: score as u8,
        level,
        clearing: level > Level::Unknown && worst.all(|(_, tally, _)| tally.is_clearing()),
        worst: costliest.and_then(|(_, tally, _)| tally.worst()),
        groups: shown,
    })
}

/// The best score within what a level spans.
const fn best(level: Level) -> f64 {
    match level {
        Level::Ok | Level::Unknown => PERFECT,
        Level::Warning => WARNING,
        Level::Critical => CRITICAL,
    }
}

#[cfg(test)]
mod tests;
