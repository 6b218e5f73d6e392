//! A stretch of time taken from what was measured, and two of them compared.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{Point, Text, Unit};
use probetop_core::setting::selector::HOST;
use probetop_core::snapshot::{
    Change, Comparison, ComparisonRow, FigureChange, HOST_FIGURES, HostFigure, Lack, Rows, SharedBin, Side, Span,
    Spreads, Stretch, StretchTarget,
};

use super::Monitor;
use crate::judge::compare::{self, Course, Latencies, Nature, Tally};
use crate::metric::Step;

impl Monitor {
    /// Of `wanted`, the last `length` up to the newest tick, in the finest steps that reach so far back: at most what the
    /// coarsest do. Its edges are whole seconds, and a step that lies across one is left out.
    pub fn stretch(&mut self, length: Duration, wanted: &Rows) -> Stretch {
        let step = Step::reaching(length.as_secs());
        let to = self.now.second();
        let length = length.as_secs().min(step.seconds() * step.kept() as u64).min(to);
        let steps = Steps::within(step, to - length, to);
        let scratch = &mut self.scratch;
        let targets = self.targets.iter().filter(|watched| wanted.contains(watched.id()));
        let targets = targets.map(|watched| {
            let info = &watched.planned.info;
            let figures = watched.series.quantiles(step, steps.back, scratch);
            let (mut points, mut spreads) = (Vec::new(), Spreads::default());
            watched.series.each_step(step, steps.back, scratch, |point, latencies| {
                points.push(point);
                spreads.push(latencies);
            });
            if steps.newest == Newest::UnderWay {
                points.pop();
                spreads.pop();
            }
            StretchTarget {
                id: Some(info.id),
                name: info.name.clone(),
                url: info.url.clone(),
                kind: info.kind.as_str().into(),
                purpose: info.purpose,
                points: points.into(),
                spreads: Arc::new(spreads),
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

/// The whole steps of a span: while they are the same, so is all that is known of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WholeSteps {
    step: Step,
    first: u64,
    end: u64,
}

impl WholeSteps {
    pub fn of(span: Span) -> Self {
        let step = Step::reaching(span.length().as_secs());
        Self {
            step,
            first: span.from.second().div_ceil(step.seconds()),
            end: span.to.second() / step.seconds(),
        }
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
    whole(before, after, rows(before, after, &after.targets))
}

/// The same, made in parts: a thousand targets take longer than a tick may.
#[derive(Debug)]
pub struct Comparing {
    before: Arc<Stretch>,
    after: Stretch,
    rows: Vec<ComparisonRow>,
}

impl Comparing {
    pub fn new(before: Arc<Stretch>, after: Stretch) -> Self {
        let rows = Vec::with_capacity(after.targets.len() + 1);
        Self { before, after, rows }
    }

    /// Compares so many more targets; gives the comparison once that was the last of them.
    pub fn step(&mut self, targets: usize) -> Option<Comparison> {
        let left = self.after.targets.get(self.rows.len()..).unwrap_or_default();
        let part = &left[..targets.min(left.len())];
        self.rows.extend(rows(&self.before, &self.after, part));
        let is_last = part.len() == left.len();
        is_last.then(|| whole(&self.before, &self.after, std::mem::take(&mut self.rows)))
    }
}

fn rows(before: &Stretch, after: &Stretch, targets: &[StretchTarget]) -> Vec<ComparisonRow> {
    let earlier = Earlier::of(before);
    let row = |target| row(target, earlier.of_same(target), [before, after]);
    targets.iter().map(row).collect()
}

fn whole(before: &Stretch, after: &Stretch, mut rows: Vec<ComparisonRow>) -> Comparison {
    rows.extend(machine(before, after));
    Comparison::of(before.side.clone(), after.side.clone(), rows)
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
    let both: Vec<_> = gauges
        .filter(|(_, (before, after))| !before.is_empty() && !after.is_empty())
        .collect();
    let compared = |(figure, sides): &(&HostFigure, (&Vec<f32>, &Vec<f32>))| {
        let [before_values, after_values] =
            [sides.0, sides.1].map(|read| read.iter().copied().map(f64::from).collect::<Vec<_>>());
        let nature = Nature {
            worse: figure.worse,
            memory: figure.memory,
            grain: 0.0,
            figures: both.len(),
        };
        let change = compare::context(course(&before_values, before), course(&after_values, after), nature);
        FigureChange {
            name: figure.name,
            unit: figure.unit,
            change: in_seconds(change, [before, after]),
        }
    };
    (!both.is_empty()).then(|| ComparisonRow {
        subject: HOST.into(),
        target: None,
        attempts: None,
        figures: both.iter().map(compared).collect(),
        spread: Vec::new(),
    })
}

/// What a comparison takes is told in steps of a second.
fn in_seconds(change: Change, sides: [&Stretch; 2]) -> Change {
    let lack = change.lack.map(|lack| match lack {
        Lack::Time { side, there, needed } => {
            let step_s = sides[side].step.as_secs().max(1) as u32;
            Lack::Time {
                side,
                there: there * step_s,
                needed: needed * step_s,
            }
        }
        Lack::Probes { .. } | Lack::Times(_) | Lack::Alike => lack,
    });
    Change { lack, ..change }
}

fn course<'a>(values: &'a [f64], of: &Stretch) -> Course<'a> {
    Course { values, step: of.step }
}

/// Probes come by a schedule of our own: more or fewer are no merit of the target. One more or less is where the schedule stood
/// when a side began.
const RATE: Nature = Nature {
    worse: None,
    memory: Duration::ZERO,
    grain: 1.0,
    figures: 1,
};

fn row(target: &StretchTarget, earlier: Option<&StretchTarget>, sides: [&Stretch; 2]) -> ComparisonRow {
    let none = Spreads::default();
    let points: [&[Point]; 2] = [earlier.map_or(&[], |earlier| &earlier.points), &target.points];
    let before = Latencies {
        steps: earlier.map_or(&none, |earlier| &earlier.spreads),
        whole: earlier.map(|earlier| earlier.latency).unwrap_or_default(),
    };
    let after = Latencies {
        steps: &target.spreads,
        whole: target.latency,
    };
    let [p50, p95, p99] = compare::latencies(before, after);
    let tallies = points.map(|points| points.iter().map(tally).collect::<Vec<_>>());
    let rates = [0, 1].map(|side| {
        let step_s = sides[side].step.as_secs_f64();
        let rates = points[side].iter().map(|point| f64::from(point.attempts) / step_s);
        rates.collect::<Vec<_>>()
    });
    let rate = compare::context(course(&rates[0], sides[0]), course(&rates[1], sides[1]), RATE);
    let figure = |name, unit, change| FigureChange {
        name,
        unit,
        change: in_seconds(change, sides),
    };
    let errors = compare::failures(&tallies[0], &tallies[1]);
    let latency = [("p50", p50), ("p95", p95), ("p99", p99)];
    // How long it takes to read figures is no latency that gets better or worse.
    let latency = latency
        .into_iter()
        .filter(|_| target.purpose.measures_service())
        .map(|(name, change)| figure(name, Unit::Microseconds, change));
    ComparisonRow {
        subject: target.name.clone(),
        target: target.id,
        attempts: Some(
            tallies
                .each_ref()
                .map(|steps| steps.iter().map(|step| step.attempts).sum()),
        ),
        figures: std::iter::once(figure("errors", Unit::Ratio, errors))
            .chain(latency)
            .chain([figure("rate", Unit::Number, rate)])
            .collect(),
        spread: spread_of(target, before, after),
    }
}

/// How long it takes to read figures is compared with nothing, and so is not drawn.
fn spread_of(target: &StretchTarget, before: Latencies<'_>, after: Latencies<'_>) -> Vec<SharedBin> {
    match target.purpose.measures_service() {
        true => compare::spread([before.steps, after.steps]),
        false => Vec::new(),
    }
}

fn tally(point: &Point) -> Tally {
    Tally {
        attempts: point.attempts.into(),
        failed: point.failed.into(),
    }
}
