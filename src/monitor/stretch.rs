//! A stretch of time as its steps, and two of them compared.

use std::sync::Arc;
use std::time::Duration;

use super::Monitor;
use crate::judge::compare::{self, Tally};
use crate::metric::Step;
use crate::sample::{Point, TargetInfo, Unit, Worse};
use crate::setting::selector::HOST;
use crate::snapshot::{Comparison, ComparisonRow, FigureChange, Span};

/// What was measured in it, step by step.
#[derive(Clone, Debug)]
pub struct Stretch {
    pub span: Span,
    step: Duration,
    targets: Vec<(Arc<TargetInfo>, Vec<Point>)>,
    /// Gauges of the machine by name: shares.
    host: Vec<(&'static str, Vec<f64>)>,
}

/// The gauges of the machine that are compared.
const GAUGES: [&str; 2] = ["cpu", "memory"];

impl Monitor {
    /// The last `length` up to the newest tick, in the finest steps that reach so far back.
    pub fn stretch(&mut self, length: Duration) -> Stretch {
        let step = [Step::Second, Step::TenSeconds, Step::Minute]
            .into_iter()
            .find(|step| step.seconds() * step.kept() as u64 >= length.as_secs())
            .unwrap_or(Step::Minute);
        let count = (length.as_secs() / step.seconds()) as usize;
        let scratch = &mut self.scratch;
        let targets = self.targets.iter().map(|watched| {
            let points = watched.series.points(step, count, scratch);
            (Arc::clone(&watched.planned.info), points)
        });
        let targets = targets.collect();
        let gauges = self.machine.iter().flat_map(|machine| machine.histories());
        let host = gauges.filter(|(name, _)| GAUGES.contains(name)).map(|(name, history)| {
            let read = history.points(step, count).into_iter().flatten();
            (name, read.map(f64::from).collect())
        });
        Stretch {
            span: Span {
                from: self.now - length,
                to: self.now,
            },
            step: Duration::from_secs(step.seconds()),
            targets,
            host: host.collect(),
        }
    }
}

/// Every target that is in both, and the machine.
pub fn compare(before: &Stretch, after: &Stretch) -> Comparison {
    let rows = after.targets.iter().filter_map(|(info, points)| {
        let (_, earlier) = before.targets.iter().find(|(of, _)| of.id == info.id)?;
        Some(target(info, [(earlier, before.step), (points, after.step)]))
    });
    let mut rows: Vec<_> = rows.collect();
    let figures = after.host.iter().filter_map(|(name, values)| {
        let (_, earlier) = before.host.iter().find(|(of, _)| of == name)?;
        let change = compare::figures(earlier, values, Worse::Higher);
        Some(FigureChange {
            name,
            unit: Unit::Ratio,
            change,
        })
    });
    let figures: Vec<_> = figures.collect();
    if !figures.is_empty() {
        rows.push(ComparisonRow {
            subject: HOST.into(),
            target: None,
            attempts: None,
            figures,
        });
    }
    Comparison {
        before: before.span,
        after: after.span,
        rows,
    }
}

fn target(info: &TargetInfo, sides: [(&Vec<Point>, Duration); 2]) -> ComparisonRow {
    let values =
        |of: fn(&Point) -> Option<f64>| sides.map(|(points, _)| points.iter().filter_map(of).collect::<Vec<_>>());
    let micros = |name, of| {
        let [before, after] = values(of);
        FigureChange {
            name,
            unit: Unit::Microseconds,
            change: compare::figures(&before, &after, Worse::Higher),
        }
    };
    let rates = sides.map(|(points, step)| {
        let rate = |point: &Point| f64::from(point.attempts) / step.as_secs_f64();
        points.iter().map(rate).collect::<Vec<_>>()
    });
    let tallies = sides.map(|(points, _)| points.iter().map(tally).collect::<Vec<_>>());
    let attempts = tallies
        .each_ref()
        .map(|steps| steps.iter().map(|step| step.attempts).sum());
    ComparisonRow {
        subject: info.name.clone(),
        target: Some(info.id),
        attempts: Some(attempts),
        figures: vec![
            FigureChange {
                name: "errors",
                unit: Unit::Ratio,
                change: compare::failures(&tallies[0], &tallies[1]),
            },
            micros("p50", |point| point.p50.map(|latency| f64::from(latency.0))),
            micros("p95", |point| point.p95.map(|latency| f64::from(latency.0))),
            micros("p99", |point| point.p99.map(|latency| f64::from(latency.0))),
            FigureChange {
                name: "rate",
                unit: Unit::Number,
                change: compare::figures(&rates[0], &rates[1], Worse::Lower),
            },
        ],
    }
}

fn tally(point: &Point) -> Tally {
    Tally {
        attempts: point.attempts.into(),
        failed: point.failed.into(),
    }
}
