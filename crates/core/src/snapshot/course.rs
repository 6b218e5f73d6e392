//! How latency and outcomes went over the time axis: of one target, or of all as if they were one.

use std::collections::VecDeque;

use crate::sample::{Bucket, Micros, Point, TargetId};

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

/// A quantile over the last `over` steps in which anything succeeded, step by step, where each step stands for one probe: its
/// nearest rank, and nothing until there are as many as the quantile takes to have one above it (20 of p95), or where the step
/// itself has none.
pub fn rolling(points: &[Point], over: usize, quantile: f64) -> Vec<Option<Micros>> {
    let least = ((1.0 / (1.0 - quantile).max(1e-3)).round() as usize).clamp(1, over.max(1));
    let mut recent: VecDeque<Micros> = VecDeque::with_capacity(over + 1);
    let mut sorted: Vec<Micros> = Vec::with_capacity(over + 1);
    let step = |point: &Point| {
        let latency = point.max?;
        recent.push_back(latency);
        let place = sorted.partition_point(|other| *other < latency);
        sorted.insert(place, latency);
        if recent.len() > over.max(1) {
            let oldest = recent.pop_front()?;
            let place = sorted.partition_point(|other| *other < oldest);
            sorted.remove(place);
        }
        let rank = (quantile * sorted.len() as f64).ceil() as usize;
        sorted
            .get(rank.saturating_sub(1))
            .copied()
            .filter(|_| sorted.len() >= least)
    };
    points.iter().map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rolling_quantile_waits_for_enough_probes_and_forgets_old_ones() {
        let probe = |us| Point {
            attempts: 1,
            max: Some(Micros(us)),
            ..Point::default()
        };
        let mut points: Vec<_> = (1..=30).map(probe).collect();
        points[24] = Point::default();
        let p95 = rolling(&points, 20, 0.95);
        assert_eq!(p95[18], None, "19 probes have no p95");
        assert_eq!(p95[19], Some(Micros(19)));
        assert_eq!(p95[24], None, "nothing succeeded");
        assert_eq!(p95[29], Some(Micros(29)), "of 10 to 30 without 25");
        assert_eq!(rolling(&points[..3], 20, 0.5), [None, Some(Micros(1)), Some(Micros(2))]);
        assert_eq!(rolling(&[], 0, 0.5), []);
    }
}
