//! What holds everything up: rules turn what was read into signs, and the same sign on many targets into one finding.
//!
//! Pure. Each group of rules is a file with a table: what it looks at, when it speaks, what to do about it. A target's
//! signs are found when its figures are read, [`join`] makes of all of them the rows that people read; how often each
//! was seen is for the caller to remember.

mod failure;
mod gauge;
mod generator;
mod machine;
mod own;
mod phase;
mod shape;
mod target;

use std::collections::BTreeMap;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{Level, Severity, TargetId, Text, Unit};
use probetop_core::snapshot::{Bottleneck, Resource};

pub use machine::MachineFacts;
pub use own::OwnFacts;
pub use target::TargetFacts;

/// Why something is slow or fails, whoever it befalls. Two signs with the same cause are one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cause {
    pub resource: Resource,
    /// In a few words, fit to be followed by `on 3 of 12 targets`.
    pub what: &'static str,
    pub recommendation: &'static str,
    pub basis: Basis,
    pub shown_by: ShownBy,
}

/// How much time a sign stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Basis {
    /// Figures over a window: once is enough.
    Window,
    /// One second of a gauge: a busy second is not news, it must be seen again.
    Moment,
}

/// The figure that shows it over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ShownBy {
    Latency,
    Errors,
    /// Of the target, by the name it is told under.
    Gauge(&'static str),
    /// Of the machine, by the name people know it by.
    Machine(&'static str),
    /// It is not kept over time.
    Nothing,
}

/// What a rule read where it speaks.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    pub severity: Severity,
    /// The share of its subject's requests or time that it touches, 0 to 1.
    pub share_ratio: f64,
    /// How bad it is beside others of the same cause: larger is worse.
    pub extent: f64,
    /// The figures.
    pub evidence: Text,
}

/// A cause that was seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Sign {
    pub cause: Cause,
    pub reading: Reading,
}

/// One cause and all whom it befalls.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    pub cause: Cause,
    /// Whom it befalls worst.
    pub subject: Text,
    pub target: Option<TargetId>,
    pub what: Text,
    /// Of the one it befalls worst.
    pub evidence: Text,
    /// The share of all targets' requests or time that it touches, 0 to 1.
    pub impact_ratio: f64,
    pub priority: Severity,
}

/// Rules that always blame the same cause.
struct Rule<Facts> {
    cause: Cause,
    read: fn(&Facts) -> Option<Reading>,
}

/// The signs of one target.
pub fn target_signs(facts: &TargetFacts<'_>) -> Vec<Sign> {
    target::signs(facts)
}

/// The signs of this machine, and of a load generator that runs on it.
pub fn machine_signs(facts: &MachineFacts) -> Vec<Sign> {
    apply(machine::RULES, facts)
}

/// The signs of probetop itself.
pub fn own_signs(facts: &OwnFacts) -> Vec<Sign> {
    apply(own::RULES, facts)
}

fn apply<Facts>(rules: &[Rule<Facts>], facts: &Facts) -> Vec<Sign> {
    let sign = |rule: &Rule<Facts>| Some(rule.cause.sign((rule.read)(facts)?));
    rules.iter().filter_map(sign).collect()
}

impl Cause {
    const fn sign(self, reading: Reading) -> Sign {
        Sign { cause: self, reading }
    }
}

impl Reading {
    /// Of a subject that is alone of its kind, and is touched as far as the share says.
    fn of_share(severity: Severity, share_ratio: f64, evidence: impl Into<Text>) -> Self {
        Self {
            severity,
            share_ratio: share_ratio.clamp(0.0, 1.0),
            extent: share_ratio,
            evidence: evidence.into(),
        }
    }

    fn is_worse_than(&self, other: &Self) -> bool {
        let by_extent = || self.extent.total_cmp(&other.extent);
        self.severity.cmp(&other.severity).then_with(by_extent).is_gt()
    }
}

/// A sign and whom it is about; without a target it is the machine or probetop.
#[derive(Clone, Debug)]
pub struct Seen<'a> {
    pub subject: &'a Text,
    pub target: Option<TargetId>,
    pub sign: &'a Sign,
}

/// One finding for each cause, in no order of urgency. `targets` is how many are watched.
pub fn join<'a>(seen: impl IntoIterator<Item = Seen<'a>>, targets: usize) -> Vec<Finding> {
    let mut causes: BTreeMap<Cause, Vec<Seen<'a>>> = BTreeMap::new();
    for seen in seen {
        causes.entry(seen.sign.cause).or_default().push(seen);
    }
    let finding = |(cause, seen): (Cause, Vec<Seen<'_>>)| find(cause, &seen, targets);
    causes.into_iter().filter_map(finding).collect()
}

fn find(cause: Cause, seen: &[Seen<'_>], targets: usize) -> Option<Finding> {
    let mut all = seen.iter();
    let first = all.next()?;
    let worst = all.fold(first, |worst, next| {
        if next.sign.reading.is_worse_than(&worst.sign.reading) {
            next
        } else {
            worst
        }
    });
    let touched: f64 = seen.iter().map(|seen| seen.sign.reading.share_ratio).sum();
    let of = match worst.target {
        Some(_) => targets.max(1),
        None => 1,
    };
    let what = if seen.len() > 1 {
        format!("{} on {} of {targets} targets", cause.what, seen.len()).into()
    } else {
        cause.what.into()
    };
    let reading = &worst.sign.reading;
    Some(Finding {
        cause,
        subject: worst.subject.clone(),
        target: worst.target,
        what,
        evidence: reading.evidence.clone(),
        impact_ratio: (touched / of as f64).clamp(0.0, 1.0),
        priority: reading.severity,
    })
}

impl Finding {
    /// As people read it: seen in such a share of the time, first at `since`; `until`: last seen then, where it holds no more.
    pub fn row(
        &self,
        frequency_ratio: f64,
        (since, until): (Timestamp, Option<Timestamp>),
        standing: Standing,
    ) -> Bottleneck {
        Bottleneck {
            resource: self.cause.resource,
            subject: self.subject.clone(),
            target: self.target,
            what: self.what.clone(),
            evidence: self.evidence.clone(),
            impact_ratio: self.impact_ratio,
            frequency_ratio,
            priority: match until {
                Some(_) => Severity::Info,
                None => self.priority.min(standing.gravest(&self.cause)),
            },
            recommendation: self.cause.recommendation.into(),
            since,
            until,
        }
    }
}

/// How a subject stands as of the last tick. Findings are older, and of windows that are longer: what they say may not
/// contradict it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
    pub level: Level,
    /// Whether its figures are within their limits again, and the level only lasts.
    pub is_clearing: bool,
}

impl Standing {
    /// Of what has no level of its own.
    pub const UNJUDGED: Self = Self {
        level: Level::Critical,
        is_clearing: false,
    };

    fn gravest(self, cause: &Cause) -> Severity {
        match (self.level, cause.is_of_thresholds()) {
            (Level::Critical, _) => Severity::Critical,
            (Level::Warning, _) | (Level::Ok | Level::Unknown, false) => Severity::Warning,
            (Level::Ok | Level::Unknown, true) => Severity::Info,
        }
    }

    /// Whether it says that a cause does not hold any more.
    pub fn is_over(self, cause: &Cause) -> bool {
        self.is_clearing && cause.is_of_thresholds()
    }
}

impl Cause {
    /// Whether it is seen by the figures that the level of a target follows from.
    fn is_of_thresholds(&self) -> bool {
        matches!(self.shown_by, ShownBy::Latency | ShownBy::Errors)
    }
}

/// The most urgent first: by priority, then by impact times frequency. Equals stay in their order.
pub fn rank(rows: &mut [Bottleneck]) {
    let weight = |row: &Bottleneck| row.impact_ratio * row.frequency_ratio;
    rows.sort_by(|a, b| {
        let by_weight = || weight(b).total_cmp(&weight(a));
        b.priority.cmp(&a.priority).then_with(by_weight)
    });
}

/// How gravely a figure counts that gets worse upwards; `None` below both.
fn over(value: f64, warning: f64, critical: f64) -> Option<Severity> {
    if value >= critical {
        Some(Severity::Critical)
    } else if value >= warning {
        Some(Severity::Warning)
    } else {
        None
    }
}

fn percent(ratio: f64) -> String {
    Unit::Ratio.show(ratio)
}

#[cfg(test)]
mod tests;
