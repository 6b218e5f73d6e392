//! Which lanes there are, from what was measured, and how high each of them is.

use std::borrow::Cow;

use probetop_core::snapshot::{Course, HostSnapshot, Point, Scope, Snapshot, TargetSnapshot};

use super::{steady, strips};
use crate::ui::format;
use crate::ui::pane::{load, spans};
use crate::ui::theme::Role;
use crate::ui::view::View;
use crate::ui::widget::scale;
use crate::ui::widget::sparkline::Mark;

/// One row or some of them over the time axis.
pub(super) struct Lane<'a> {
    pub name: &'static str,
    pub figure: Figure<'a>,
}

pub(super) enum Figure<'a> {
    /// p50, p95 and p99; beside strips it gives way where there is little room.
    Latency(Weight),
    /// How one target stood against its own limits.
    Strip(&'a TargetSnapshot),
    /// So many targets have no strip.
    More(usize),
    Bars(Bars<'a>),
    /// Bands that do not move, by name.
    Steady(Vec<(&'static str, Bars<'a>)>),
    Alerts,
    Spans,
    Marks,
}

/// Whether a lane is there however little room there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    Needed,
    Spare,
}

/// A figure, step by step over the axis, oldest first.
pub(super) struct Bars<'a> {
    pub history: Cow<'a, [Option<f32>]>,
    pub measure: Measure,
    /// What a full bar stands for.
    pub top: f64,
}

/// What a figure is: it decides about unit and scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Measure {
    /// Share of what there is.
    Usage,
    /// Share of the time in which something waited.
    Waiting,
    /// Share of the probes; none is best, and then nothing is drawn.
    Failed,
    Rate,
    Users,
    BytesRate,
}

impl Measure {
    pub(super) fn words(self, value: Option<f64>) -> String {
        match self {
            Self::Usage => format::percent(value),
            Self::Waiting | Self::Failed => format::share(value),
            Self::Rate => format::rate(value),
            Self::Users => format::gauge("users", value),
            Self::BytesRate => format::bytes_rate(value),
        }
    }

    /// Where a scale ends on which `greatest` has a place.
    fn top(self, greatest: f64) -> f64 {
        match self {
            Self::Usage => 1.0,
            // Next to nothing is to look like it.
            Self::Waiting | Self::Failed => scale::round_up(greatest.max(0.01)).min(1.0),
            Self::Rate | Self::Users => scale::round_up(greatest),
            Self::BytesRate => round_up_bytes(greatest),
        }
    }
}

/// As [`scale::round_up`], in the powers of 1024 that bytes are told in.
fn round_up_bytes(value: f64) -> f64 {
    let mut unit = 1.0;
    while value / unit >= 999.5 && unit < 1e18 {
        unit *= 1024.0;
    }
    scale::round_up(value / unit) * unit
}

impl Bars<'_> {
    /// `full` is the height of what reaches the top.
    pub(super) fn mark(&self, value: f64, full: f64) -> Mark {
        let height = full * (value / self.top).clamp(0.0, 1.0);
        match self.measure {
            Measure::Failed if value > 0.0 => Mark::Tinted(height, Role::Failure),
            Measure::Failed => Mark::Gap,
            Measure::Usage | Measure::Waiting | Measure::Rate | Measure::Users | Measure::BytesRate => {
                Mark::Bar(height)
            }
        }
    }
}

/// Everything that has any figure on the axis; alerts and marks even without, so that the first one moves nothing. Spans are
/// set by hand, and have a lane once there is one. What happened to the targets comes first: where there is little room, it is the
/// machine that is scrolled to.
pub(super) fn lanes<'a>(course: &Course, snapshot: &'a Snapshot, view: &View) -> Vec<Lane<'a>> {
    let (strips, left_out) = match course.scope {
        Scope::All => strips::chosen(snapshot, view),
        Scope::Target(_) => (Vec::new(), 0),
    };
    let latency = Lane {
        name: "latency",
        figure: Figure::Latency(if strips.is_empty() {
            Weight::Needed
        } else {
            Weight::Spare
        }),
    };
    let alerts = Lane {
        name: "alerts",
        figure: Figure::Alerts,
    };
    let marks = Lane {
        name: "marks",
        figure: Figure::Marks,
    };
    let mut lanes = vec![latency];
    lanes.extend(strips.into_iter().map(|target| Lane {
        name: "",
        figure: Figure::Strip(target),
    }));
    lanes.extend((left_out > 0).then_some(Lane {
        name: "",
        figure: Figure::More(left_out),
    }));
    lanes.push(alerts);
    if spans::is_any(snapshot, view) {
        lanes.push(Lane {
            name: "spans",
            figure: Figure::Spans,
        });
    }
    lanes.push(marks);
    let mut bands = Vec::new();
    bands.extend(bars("errors", Measure::Failed, errors(course)));
    bands.extend(bars("rate", Measure::Rate, rates(course, snapshot)));
    bands.extend(load::course_of(snapshot).and_then(|(name, history)| match name {
        "users" => bars(name, Measure::Users, history),
        _ => bars("load", Measure::Rate, history),
    }));
    bands.extend(snapshot.host.iter().flat_map(of_host));
    lanes.extend(steady::fold(bands));
    lanes
}

fn of_host(host: &HostSnapshot) -> impl Iterator<Item = Lane<'_>> {
    let history = &host.history;
    let figures = [
        ("cpu", Measure::Usage, &history.cpu_ratio),
        ("memory", Measure::Usage, &history.memory_ratio),
        ("net in", Measure::BytesRate, &history.network_received_bytes_per_s),
        ("net out", Measure::BytesRate, &history.network_transmitted_bytes_per_s),
        ("read", Measure::BytesRate, &history.disk_read_bytes_per_s),
        ("write", Measure::BytesRate, &history.disk_write_bytes_per_s),
        ("wait cpu", Measure::Waiting, &history.cpu_pressure_ratio),
        ("wait mem", Measure::Waiting, &history.memory_pressure_ratio),
        ("wait io", Measure::Waiting, &history.io_pressure_ratio),
    ];
    figures
        .into_iter()
        .filter_map(|(name, measure, history)| bars(name, measure, history.as_slice()))
}

/// `None` where there is no figure on the whole axis.
fn bars<'a>(name: &'static str, measure: Measure, history: impl Into<Cow<'a, [Option<f32>]>>) -> Option<Lane<'a>> {
    let history = history.into();
    let values = history.iter().flatten().map(|value| f64::from(*value));
    let top = measure.top(values.max_by(f64::total_cmp)?);
    let bars = Bars { history, measure, top };
    Some(Lane {
        name,
        figure: Figure::Bars(bars),
    })
}

/// The share of each step's probes that failed.
fn errors(course: &Course) -> Vec<Option<f32>> {
    let share = |point: &Point| (point.attempts > 0).then(|| point.failed as f32 / point.attempts as f32);
    course.points.iter().map(share).collect()
}

/// Finished probes a second: of the newest step, over what there is of it.
fn rates(course: &Course, snapshot: &Snapshot) -> Vec<Option<f32>> {
    let step_s = snapshot.axis.step().as_secs();
    let begun_s = snapshot.axis_end.saturating_mul(step_s);
    let newest_s = snapshot.taken.second().saturating_sub(begun_s).clamp(1, step_s);
    let newest = course.points.len().saturating_sub(1);
    let rate = |(index, point): (usize, &Point)| {
        let seconds = if index == newest { newest_s } else { step_s };
        Some(point.attempts as f32 / seconds as f32)
    };
    course.points.iter().enumerate().map(rate).collect()
}

/// Rows of the latency, a figure in each.
const LATENCY_LEAST: usize = 3;

impl Lane<'_> {
    fn least(&self) -> usize {
        match self.figure {
            Figure::Latency(Weight::Needed) => LATENCY_LEAST,
            Figure::Latency(Weight::Spare) => 0,
            Figure::Alerts => 2,
            Figure::Strip(_)
            | Figure::More(_)
            | Figure::Bars(_)
            | Figure::Steady(_)
            | Figure::Spans
            | Figure::Marks => 1,
        }
    }

    /// More rows than this say no more.
    fn most(&self, rows: usize) -> usize {
        match self.figure {
            Figure::Latency(_) => rows,
            Figure::Bars(_) => 3,
            Figure::Alerts => 2 + rows / 10,
            Figure::Strip(_) | Figure::More(_) | Figure::Steady(_) | Figure::Spans | Figure::Marks => 1,
        }
    }
}

/// Rows that all lanes need.
pub(super) fn least(lanes: &[Lane]) -> usize {
    lanes.iter().map(Lane::least).sum()
}

/// How high each lane is, all together `rows` if that is enough: the latency has a quarter, then the others grow, and it
/// takes what is left over.
pub(super) fn heights(lanes: &[Lane], rows: usize) -> Vec<usize> {
    let mut heights: Vec<_> = lanes.iter().map(Lane::least).collect();
    let mut spare = rows.saturating_sub(least(lanes));
    let latency = spare.min((rows / 4).saturating_sub(heights.first().copied().unwrap_or_default()));
    if let Some(first) = heights.first_mut() {
        *first += latency;
        spare -= latency;
    }
    loop {
        // All lanes that can grow grow by a row, or none: bars of one height are compared at a glance.
        let can_grow =
            |(lane, height): (&Lane, &usize)| !matches!(lane.figure, Figure::Latency(_)) && *height < lane.most(rows);
        let growing: Vec<_> = lanes.iter().zip(&heights).map(can_grow).collect();
        let needed = growing.iter().filter(|grows| **grows).count();
        if needed == 0 || needed > spare {
            break;
        }
        for (height, grows) in heights.iter_mut().zip(growing) {
            *height += usize::from(grows);
        }
        spare -= needed;
    }
    if let Some(first) = heights.first_mut() {
        *first += spare;
        // Too low for three lines it says nothing.
        if *first < LATENCY_LEAST {
            *first = 0;
        }
    }
    heights
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lanes(bars: usize) -> Vec<Lane<'static>> {
        let bar = |_| Lane {
            name: "cpu",
            figure: Figure::Bars(Bars {
                history: Cow::Borrowed(&[]),
                measure: Measure::Usage,
                top: 1.0,
            }),
        };
        let other = |figure| Lane { name: "", figure };
        let mut lanes = vec![other(Figure::Latency(Weight::Needed))];
        lanes.extend((0..bars).map(bar));
        lanes.extend([other(Figure::Alerts), other(Figure::Marks)]);
        lanes
    }

    #[test]
    fn every_row_is_used_and_bars_are_of_one_height() {
        let check = |bars, rows, expected: (usize, usize, usize)| {
            let heights = heights(&lanes(bars), rows);
            let last = heights.len() - 2;
            assert_eq!(
                (heights[0], heights[1], heights[last]),
                expected,
                "{bars} {rows}: {heights:?}"
            );
            assert_eq!(heights.iter().sum::<usize>(), rows.max(least(&lanes(bars))));
        };
        check(11, 5, (3, 1, 2));
        check(11, 16, (3, 1, 2));
        check(11, 20, (6, 1, 2));
        check(11, 45, (19, 2, 3));
        check(11, 55, (14, 3, 7));
        check(2, 20, (9, 3, 4));
    }

    #[test]
    fn a_scale_ends_with_a_round_figure_in_its_unit() {
        let check = |measure: Measure, greatest, expected: &str| {
            assert_eq!(
                measure.words(Some(measure.top(greatest))),
                expected,
                "{measure:?} {greatest}"
            );
        };
        check(Measure::Usage, 0.3, "100%");
        check(Measure::Waiting, 0.0, "1.0%");
        check(Measure::Failed, 0.13, "20.0%");
        check(Measure::Failed, 1.0, "100%");
        check(Measure::Rate, 42.0, "50.0/s");
        check(Measure::Users, 42.0, "50");
        check(Measure::BytesRate, 4.2e6, "5.0M/s");
        check(Measure::BytesRate, 700.0 * 1024.0, "1.0M/s");
        check(Measure::BytesRate, 0.0, "1B/s");
        check(Measure::Rate, f64::NAN, "1.00/s");
    }

    #[test]
    fn the_newest_step_has_its_rate_over_what_there_is_of_it() {
        let mut snapshot = Snapshot::empty(std::time::SystemTime::UNIX_EPOCH);
        snapshot.axis = probetop_core::snapshot::Axis::FiveMinutes;
        (snapshot.axis_end, snapshot.taken) = (12, probetop_core::clock::Timestamp::from_secs(124));
        let point = |attempts| Point {
            attempts,
            ..Point::default()
        };
        let course = Course {
            points: vec![point(50), point(20)],
            ..Course::default()
        };
        assert_eq!(rates(&course, &snapshot), [Some(5.0), Some(5.0)]);
    }
}
