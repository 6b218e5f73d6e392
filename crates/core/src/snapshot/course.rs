//! How latency and outcomes went over the time axis: of one target, or of all as if they were one.

use crate::sample::{Bucket, Point, TargetId};

/// Whose course is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Scope {
    #[default]
    All,
    Target(TargetId),
}

/// The steps of the query's axis, oldest first; shorter while the run is young.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Course {
    pub scope: Scope,
    pub points: Vec<Point>,
    /// How the latencies of each of the points are spread, fastest first.
    pub spreads: Vec<Vec<Bucket>>,
}
