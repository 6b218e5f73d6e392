//! What shows that something is so: the figure that an alert, an anomaly or a bottleneck is about, over time, and what it is
//! held against.

use super::{AnomalyKind, Resource};
use crate::sample::{AlertId, Level, TargetId, Text, Unit};

/// What the evidence is wanted of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Matter {
    Alert(AlertId),
    Anomaly(TargetId, AnomalyKind),
    /// By where it is and what is recommended: what it says of itself counts targets, and changes.
    Bottleneck(Resource, Text),
    /// A figure of a target, or of the machine.
    Trend(Option<TargetId>, Text),
    /// A target, and what moves with it.
    Correlation(TargetId, Text),
}

/// The figures that something is about.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    pub matter: Matter,
    /// None where nothing is kept of its figure over time.
    pub courses: Vec<FigureCourse>,
}

/// One figure over the query's axis.
#[derive(Clone, Debug, PartialEq)]
pub struct FigureCourse {
    /// With the window it is of: `p95(10s)`.
    pub name: Text,
    pub unit: Unit,
    /// Oldest first; shorter while the run is young, `None` where it was not known.
    pub points: Vec<Option<f32>>,
    /// What it is held against, the mildest first.
    pub lines: Vec<FigureLine>,
}

/// A value that a figure is held against.
#[derive(Clone, Debug, PartialEq)]
pub struct FigureLine {
    /// `critical`, `usual`.
    pub name: Text,
    /// Of a limit the level that begins beyond it; of what is usual that it is well.
    pub level: Level,
    pub value: f64,
}
