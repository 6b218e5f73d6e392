//! Two spans of time side by side.

use std::time::Duration;

use super::{Rows, Side};
use crate::clock::Timestamp;
use crate::sample::{TargetId, Text, Unit};

/// A span of time, whole seconds, its end excluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    pub from: Timestamp,
    pub to: Timestamp,
}

/// What is compared with what, A against B, and of whom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ComparisonQuery {
    /// A. `None`: the baseline that was loaded, if there is one.
    pub before: Option<Span>,
    /// B. `None`: as much of the time after A as A is long; against a loaded baseline the query's window.
    pub after: Option<Span>,
    pub targets: Rows,
}

/// How a figure changed from one span to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    /// Percentiles, errors and rates over all of each span, of gauges the mean. `None`: nothing was measured, or too little
    /// for the percentile.
    pub before: Option<f64>,
    pub after: Option<f64>,
    /// The difference, in the figure's own unit.
    pub shift: Option<f64>,
    /// Two-sided, corrected for autocorrelation.
    pub p_value: Option<f64>,
    pub significance: Significance,
}

/// What a change means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Significance {
    Better,
    Worse,
    /// Neither: there is more or less of what is no merit in itself.
    Different,
    /// Chance does as much, or it is too small to matter.
    Same,
    /// Too few steps or probes to say, or too much alike.
    TooLittle,
}

impl Span {
    pub fn length(self) -> Duration {
        self.to.since(self.from)
    }
}

impl Significance {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::Different => "different",
            Self::Same => "same",
            Self::TooLittle => "too little data",
        }
    }
}

/// Two spans compared, subject by subject.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    pub before: Side,
    pub after: Side,
    /// Targets in the order of the configuration, also those that A knows nothing of; then the machine.
    pub rows: Vec<ComparisonRow>,
}

/// All that is compared of one subject.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparisonRow {
    pub subject: Text,
    /// `None`: the machine.
    pub target: Option<TargetId>,
    /// Of a target, in each span.
    pub attempts: Option<[u64; 2]>,
    pub figures: Vec<FigureChange>,
}

impl ComparisonRow {
    /// What its figures come to: the first of worse, better and different that one of them is; too little data where that
    /// is so of most of them: a percentile that takes a hundred probes does not silence the others.
    pub fn significance(&self) -> Significance {
        let count = |meant| {
            let figures = self.figures.iter();
            figures.filter(|figure| figure.change.significance == meant).count()
        };
        let told = [Significance::Worse, Significance::Better, Significance::Different];
        match told.into_iter().find(|meant| count(*meant) > 0) {
            Some(meant) => meant,
            None if 2 * count(Significance::TooLittle) > self.figures.len() => Significance::TooLittle,
            None => Significance::Same,
        }
    }

    /// Whether A knows nothing of it.
    pub fn is_new(&self) -> bool {
        self.attempts.is_some_and(|[before, _]| before == 0)
    }

    pub fn figure(&self, name: &str) -> Option<&FigureChange> {
        self.figures.iter().find(|figure| figure.name == name)
    }
}

impl Comparison {
    /// `None`: the target is not among those compared.
    pub fn of(&self, target: TargetId) -> Option<&ComparisonRow> {
        self.rows.iter().find(|row| row.target == Some(target))
    }
}

/// One figure of both sides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FigureChange {
    /// `p95`, `errors`, `rate`, `cpu`.
    pub name: &'static str,
    pub unit: Unit,
    pub change: Change,
}

impl FigureChange {
    /// By how much it changed as people say it: a share by its points (0.02 is two), everything else by the share of
    /// what it was. `None`: not known, or it was nothing.
    pub fn relative(&self) -> Option<f64> {
        let shift = self.change.shift?;
        if self.unit == Unit::Ratio {
            return Some(shift);
        }
        let before = self.change.before.filter(|before| before.abs() > f64::EPSILON)?;
        Some(shift / before)
    }
}
