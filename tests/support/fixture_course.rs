//! The course of all targets: most answers near 100 ms, a slower cache beside them, a spike for some seconds, failures in it.

use std::collections::BTreeMap;

use probetop_core::sample::{Bucket, Micros, Point};
use probetop_core::snapshot::{Axis, Course, Scope};

use super::noise;

/// Probes of a step.
const ATTEMPTS: u64 = 24;

pub(super) fn course(scope: Scope, axis: Axis, end: u64) -> Course {
    let first = (end + 1).saturating_sub(axis.points() as u64);
    let (points, spreads) = (first..=end).map(step).unzip();
    Course { scope, points, spreads }
}

fn step(number: u64) -> (Point, Vec<Bucket>) {
    let spiking = (40..52).contains(&(number % 90));
    let failed = if spiking { ATTEMPTS / 8 } else { 0 };
    let mut latencies: Vec<u32> = (0..ATTEMPTS - failed).map(|n| latency(number, n, spiking)).collect();
    latencies.sort_unstable();
    let rank = |q: f64| {
        Some(Micros(
            latencies[((latencies.len() as f64 * q).ceil() as usize).max(1) - 1],
        ))
    };
    let point = Point {
        attempts: ATTEMPTS as u32,
        failed: failed as u32,
        p50: rank(0.5),
        p95: rank(0.95),
        p99: rank(0.99),
        min: latencies.first().copied().map(Micros),
        max: rank(1.0),
    };
    (point, spread(&latencies))
}

fn latency(step: u64, sample: u64, spiking: bool) -> u32 {
    let base = if sample.is_multiple_of(4) { 9_000.0 } else { 100_000.0 };
    let slowed = if spiking { 8.0 } else { 1.0 };
    (base * slowed * (0.7 + 0.9 * noise(step, sample).powi(3))) as u32
}

/// Eighths of octaves, as the metric has them.
fn spread(latencies: &[u32]) -> Vec<Bucket> {
    let mut counts = BTreeMap::new();
    for latency in latencies {
        let width = 1_u32 << latency.ilog2().saturating_sub(3);
        let low = latency / width * width;
        *counts.entry((low, low + width)).or_insert(0) += 1;
    }
    let bucket = |((low, high), count)| Bucket {
        low: Micros(low),
        high: Micros(high),
        count,
    };
    counts.into_iter().map(bucket).collect()
}
