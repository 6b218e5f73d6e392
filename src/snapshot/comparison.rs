//! Two spans of time side by side.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::sample::{TargetId, Text, Unit};

/// A span of time, whole seconds, its end excluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    pub from: Timestamp,
    pub to: Timestamp,
}

/// How a figure changed from one span to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    /// The middle of each span's steps, or the share over all of it; `None`: nothing was measured.
    pub before: Option<f64>,
    pub after: Option<f64>,
    /// The median of all differences, in the figure's own unit.
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
    /// Chance does as much, or it is too small to matter.
    Same,
    /// Too few steps to say.
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
            Self::Same => "same",
            Self::TooLittle => "too little data",
        }
    }
}

/// Two spans compared, subject by subject.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    pub before: Span,
    pub after: Span,
    /// Targets in the order of the configuration, then the machine.
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
    /// What its figures come to: worse when one is, else better when one is, else nothing while one is too young to say.
    pub fn significance(&self) -> Significance {
        let has = |meant| self.figures.iter().any(|figure| figure.change.significance == meant);
        [Significance::Worse, Significance::Better, Significance::TooLittle]
            .into_iter()
            .find(|meant| has(*meant))
            .unwrap_or(Significance::Same)
    }

    pub fn figure(&self, name: &str) -> Option<&FigureChange> {
        self.figures.iter().find(|figure| figure.name == name)
    }
}

/// One figure of both spans.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FigureChange {
    /// `p95`, `errors`, `rate`, `cpu`.
    pub name: &'static str,
    pub unit: Unit,
    pub change: Change,
}
