//! A stretch of time taken from what was measured, and two of them compared.

use std::collections::HashMap;
use std::time::Duration;

use super::Monitor;
use crate::clock::Timestamp;
use crate::judge::compare::{self, Tally};
use crate::metric::Step;
use crate::sample::{Micros, Point, Text, Unit, Worse};
use crate::setting::selector::HOST;
use crate::snapshot::{
    Change, Comparison, ComparisonRow, FigureChange, HOST_FIGURES, Rows, Side, Span, Stretch, StretchTarget,
};

impl Monitor {
    /// Of `wanted`, the last `length` up to the newest tick, in the finest steps that reach so far back: at most what the
    /// coarsest do. Its edges are whole seconds, and a step that lies across one is left out.
    pub fn stretch(&mut self, length: Duration, wanted: &Rows) -> Stretch {
        let reach = |step: &Step| step.seconds() * step.kept() as u64;
        let step = [Step::Second, Step::TenSeconds]
            .into_iter()
            .find(|step| reach(step) >= length.as_secs())
            .unwrap_or(Step::Minute);
        let to = self.now.second();
        let length = length.as_secs().min(reach(&step)).min(to);
        let steps = Steps::within(step, to - length, to);
        let scratch = &mut self.scratch;
        let targets = self.targets.iter().filter(|watched| wanted.contains(watched.id()));
        let targets = targets.map(|watched| {
            let info = &watched.planned.info;
            let figures = watched.series.quantiles(step, steps.back, scratch);
            StretchTarget {
                id: Some(info.id),
                name: info.name.clone(),
                url: info.url.clone(),
                kind: info.kind.into(),
                points: steps.of(watched.series.points(step, steps.back, scratch)).into(),
                latency: [figures.p50, figures.p95, figures.p99],
            }
        });
        let targets = targets.collect();
        let mut gauges = self.machine.iter().flat_map(|machine| machine.histories());
        let host = std::array::from_fn(|_| {
            let read = gauges
                .next()
                .map(|(_, history)| steps.of(history.points(step, steps.back)));
            read.unwrap_or_default().into_iter().flatten().collect()
        });
        Stretch {
            side: Side {
                from: self.wall_origin + Duration::from_secs(to - length),
                length: Duration::from_secs(length),
                file: None,
            },
            step: Duration::from_secs(step.seconds()),
            targets,
            host,
        }
    }

    /// As [`stretch`](Self::stretch), as far as the span lies before the newest tick.
    pub fn stretch_of(&mut self, span: Span, wanted: &Rows) -> Option<Stretch> {
        let to = span.to.min(Timestamp::from_secs(self.now.second()));
        let is_here = to.second() == self.now.second();
        is_here.then(|| self.stretch(to.since(span.from), wanted))
    }
}

/// Which of the newest steps lie wholly within a span.
struct Steps {
    /// From the newest back to the first of them.
    back: usize,
    /// Whether the newest is one of them, and not still under way.
    newest: Newest,
}

#[derive(PartialEq, Eq)]
enum Newest {
    Whole,
    UnderWay,
}

impl Steps {
    /// Of the span in seconds, its end excluded, that ends where the steps end.
    fn within(step: Step, from: u64, to: u64) -> Self {
        let begun = to.div_ceil(step.seconds());
        let first = from.div_ceil(step.seconds());
        Self {
            back: begun.saturating_sub(first) as usize,
            newest: if to.is_multiple_of(step.seconds()) {
                Newest::Whole
            } else {
                Newest::UnderWay
            },
        }
    }

    fn of<T>(&self, mut newest: Vec<T>) -> Vec<T> {
        if self.newest == Newest::UnderWay {
            newest.pop();
        }
        newest
    }
}

/// Every target of `after`, and the machine. A target is found again by its name, else by its URL.
pub fn compare(before: &Stretch, after: &Stretch) -> Comparison {
    let earlier = Earlier::of(before);
    let rows = after
        .targets
        .iter()
        .map(|target| row(target, earlier.of_same(target), [before.step, after.step]));
    let mut rows: Vec<_> = rows.collect();
    rows.extend(machine(before, after));
    Comparison {
        before: before.side.clone(),
        after: after.side.clone(),
        rows,
    }
}

/// The targets of the earlier side, to be found.
struct Earlier<'a> {
    by_name: HashMap<&'a Text, &'a StretchTarget>,
    by_url: HashMap<&'a Text, &'a StretchTarget>,
}

impl<'a> Earlier<'a> {
    fn of(before: &'a Stretch) -> Self {
        let by = |text: fn(&StretchTarget) -> &Text| {
            let pairs = before.targets.iter().map(|target| (text(target), target));
            pairs.collect()
        };
        Self {
            by_name: by(|target| &target.name),
            by_url: by(|target| &target.url),
        }
    }

    /// `None` of a target that is new.
    fn of_same(&self, target: &StretchTarget) -> Option<&'a StretchTarget> {
        let by_url = || self.by_url.get(&target.url);
        self.by_name.get(&target.name).or_else(by_url).copied()
    }
}

fn machine(before: &Stretch, after: &Stretch) -> Option<ComparisonRow> {
    let gauges = HOST_FIGURES.iter().zip(before.host.iter().zip(&after.host));
    let both = gauges.filter(|(_, (before, after))| !before.is_empty() && !after.is_empty());
    let figures = both.map(|(figure, sides)| {
        let [before, after] = [sides.0, sides.1].map(|read| read.iter().copied().map(f64::from).collect::<Vec<_>>());
        FigureChange {
            name: figure.name,
            unit: figure.unit,
            change: compare::figures(&before, &after, figure.worse),
        }
    });
    let figures: Vec<_> = figures.collect();
    (!figures.is_empty()).then(|| ComparisonRow {
        subject: HOST.into(),
        target: None,
        attempts: None,
        figures,
    })
}

fn row(target: &StretchTarget, earlier: Option<&StretchTarget>, steps: [Duration; 2]) -> ComparisonRow {
    let sides: [&[Point]; 2] = [earlier.map_or(&[], |earlier| &earlier.points), &target.points];
    let whole = [
        earlier.map(|earlier| earlier.latency).unwrap_or_default(),
        target.latency,
    ];
    let values = |of: fn(&Point) -> Option<Micros>| {
        let micros = |point: &Point| of(point).map(|latency| f64::from(latency.0));
        sides.map(|points| points.iter().filter_map(micros).collect::<Vec<_>>())
    };
    // What is shown is of all probes of a side; whether it differs by more than chance, its steps tell.
    let micros = |name, quantile: usize, of| {
        let [before, after] = values(of);
        let shown = whole.map(|figures| figures[quantile].map(|latency| f64::from(latency.0)));
        FigureChange {
            name,
            unit: Unit::Microseconds,
            change: Change {
                before: shown[0],
                after: shown[1],
                shift: shown[0].zip(shown[1]).map(|(before, after)| after - before),
                ..compare::figures(&before, &after, Some(Worse::Higher))
            },
        }
    };
    let rates = [(sides[0], steps[0]), (sides[1], steps[1])].map(|(points, step)| {
        let rate = |point: &Point| f64::from(point.attempts) / step.as_secs_f64();
        points.iter().map(rate).collect::<Vec<_>>()
    });
    let tallies = sides.map(|points| points.iter().map(tally).collect::<Vec<_>>());
    let attempts = tallies
        .each_ref()
        .map(|steps| steps.iter().map(|step| step.attempts).sum());
    ComparisonRow {
        subject: target.name.clone(),
        target: target.id,
        attempts: Some(attempts),
        figures: vec![
            FigureChange {
                name: "errors",
                unit: Unit::Ratio,
                change: compare::failures(&tallies[0], &tallies[1]),
            },
            micros("p50", 0, |point| point.p50),
            micros("p95", 1, |point| point.p95),
            micros("p99", 2, |point| point.p99),
            FigureChange {
                name: "rate",
                unit: Unit::Number,
                change: compare::rates(&rates[0], &rates[1]),
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
