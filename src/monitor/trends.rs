//! The trends of all figures that may creep: each looked at in turn, a few in a tick.

mod course;

use std::collections::HashMap;
use std::time::Duration;

use super::host::Machine;
use super::target::Watched;
use crate::clock::Timestamp;
use crate::judge::trend::{self, Fit, POINT_LIMIT};
use crate::metric::{GaugeHistory, Scratch, Step};
use crate::sample::{OwnUsage, TargetId, Text, Unit, Worse};
use crate::snapshot::Trend;

use course::Course;

/// Figures looked at in a tick, 0.1 ms each: a thousand take 50 s.
const FIGURES_A_TICK: usize = 20;

/// A trend is told when so many looks in a row saw it: of a thousand figures ten look like one at any time.
const LOOKS_NEEDED: u8 = 3;

/// Trends that are remembered: more creep only where something is wrong with all.
const TREND_LIMIT: usize = 200;

/// From so many minutes on they are looked at; before, steps of ten seconds are.
const MINUTES_NEEDED: u64 = 30;

/// Memory of the machine and of probetop itself is looked at as often.
const MEMORY_LOOKED_AT_EVERY_S: u64 = 60;

/// Remembers where the turn is, and what creeps.
#[derive(Clone, Debug, Default)]
pub struct Trends {
    machine_memory: Course,
    own_memory: Course,
    /// The target whose turn it is.
    turn: usize,
    seen: HashMap<Key, Seen>,
    shown: Vec<Trend>,
}

/// A target, the name of what it is about, and the figure's.
type Key = (Option<TargetId>, Text, Text);

#[derive(Clone, Debug)]
struct Seen {
    looks: u8,
    trend: Trend,
}

/// One figure over time, and when it has gone too far.
struct Figure {
    target: Option<TargetId>,
    subject: Text,
    name: Text,
    unit: Unit,
    worse: Worse,
    points: Vec<Option<f64>>,
    step: Duration,
    /// What it may become, and what that is called, mildest first.
    limits: Vec<(&'static str, f64)>,
}

impl Trends {
    /// Takes the figures of a tick, and looks at those whose turn it is.
    pub fn step(
        &mut self,
        targets: &[Watched],
        machine: Option<&Machine>,
        own: OwnUsage,
        now: Timestamp,
        scratch: &mut Scratch,
    ) {
        let reading = machine.and_then(|machine| machine.reading.as_deref());
        let total = reading.map(|host| host.memory.total_bytes as f64);
        self.machine_memory
            .push(reading.map(|host| host.memory.used_bytes as f64), now);
        self.own_memory.push(own.rss_bytes.map(|bytes| bytes as f64), now);
        if now.second().is_multiple_of(MEMORY_LOOKED_AT_EVERY_S) {
            self.look(memory("host", &self.machine_memory, total));
            self.look(memory("probetop", &self.own_memory, total));
        }
        self.look_at_targets(targets, now, scratch);
        self.refresh();
    }

    fn look_at_targets(&mut self, targets: &[Watched], now: Timestamp, scratch: &mut Scratch) {
        let mut looked = 0;
        for _ in 0..targets.len() {
            if looked >= FIGURES_A_TICK {
                return;
            }
            self.turn = (self.turn + 1) % targets.len();
            for figure in figures(&targets[self.turn], now, scratch) {
                self.look(figure);
                looked += 1;
            }
        }
    }

    fn look(&mut self, figure: Figure) {
        let key = (figure.target, figure.subject.clone(), figure.name.clone());
        let fit = trend::creep(&figure.points, figure.worse, least_change(figure.unit));
        let Some(fit) = fit else {
            self.seen.remove(&key);
            return;
        };
        if self.seen.len() >= TREND_LIMIT && !self.seen.contains_key(&key) {
            return;
        }
        let looks = self.seen.get(&key).map_or(0, |seen| seen.looks);
        let seen = Seen {
            looks: looks.saturating_add(1).min(LOOKS_NEEDED),
            trend: figure.trend(&fit),
        };
        self.seen.insert(key, seen);
    }

    /// Forgets those that are about nothing any more.
    pub fn retain(&mut self, is_about: impl Fn(Option<TargetId>) -> bool) {
        self.seen.retain(|(target, ..), _| is_about(*target));
        self.refresh();
    }

    /// Soonest at their limit first.
    pub fn shown(&self) -> &[Trend] {
        &self.shown
    }

    fn refresh(&mut self) {
        let sure = self.seen.values().filter(|seen| seen.looks >= LOOKS_NEEDED);
        self.shown = sure.map(|seen| seen.trend.clone()).collect();
        let order = |trend: &Trend| trend.reaches_limit_in.unwrap_or(Duration::MAX);
        self.shown
            .sort_by(|a, b| (order(a), &a.subject, &a.figure).cmp(&(order(b), &b.subject, &b.figure)));
    }
}

impl Figure {
    fn trend(&self, fit: &Fit) -> Trend {
        let steps_an_hour = 3600.0 / self.step.as_secs_f64();
        let per_hour = fit.per_step * steps_an_hour;
        let ahead =
            |limit: &&(&'static str, f64)| fit.steps_until(limit.1, self.worse).is_some_and(|steps| steps > 0.0);
        let next = self.limits.iter().find(ahead);
        let reaches_in = next
            .and_then(|(_, limit)| fit.steps_until(*limit, self.worse))
            .and_then(|steps| Duration::try_from_secs_f64(steps * self.step.as_secs_f64()).ok());
        let name = &self.name;
        let direction = if fit.per_step < 0.0 { "falls" } else { "grows" };
        let mut text = format!("{name} {direction} by {} an hour", self.unit.show(per_hour.abs()));
        if let (Some((limit_name, limit)), Some(within)) = (next, reaches_in) {
            let hours = within.as_secs_f64() / 3600.0;
            text += &format!(", at its {limit_name} {} in {hours:.1} h", self.unit.show(*limit));
        }
        Trend {
            subject: self.subject.clone(),
            target: self.target,
            figure: name.clone(),
            unit: self.unit,
            per_hour,
            now: fit.now,
            p_value: fit.p_value,
            span: self.step.saturating_mul(u32::try_from(fit.steps).unwrap_or(u32::MAX)),
            limit: next.map(|(_, limit)| *limit),
            reaches_limit_in: reaches_in,
            text: text.into(),
        }
    }
}

/// A change over the whole time that concerns somebody, whatever the figure's size.
const fn least_change(unit: Unit) -> f64 {
    match unit {
        Unit::Microseconds => 1_000.0,
        Unit::Ratio => 0.02,
        Unit::Bytes => 20.0 * 1024.0 * 1024.0,
        Unit::Number => 0.0,
    }
}

fn memory(subject: &str, course: &Course, total: Option<f64>) -> Figure {
    Figure {
        target: None,
        subject: subject.into(),
        name: "memory".into(),
        unit: Unit::Bytes,
        worse: Worse::Higher,
        points: course.points(),
        step: course.step(),
        limits: total.map(|total| ("end", total)).into_iter().collect(),
    }
}

/// What of a target may creep: its median latency, and the gauges that can fill up.
fn figures(watched: &Watched, now: Timestamp, scratch: &mut Scratch) -> Vec<Figure> {
    let age_min = now.since(watched.since()).as_secs() / 60;
    let step = if age_min >= MINUTES_NEEDED {
        Step::Minute
    } else {
        Step::TenSeconds
    };
    let figure = |name: Text, unit, worse, points, limits| Figure {
        target: Some(watched.id()),
        subject: watched.planned.info.name.clone(),
        name,
        unit,
        worse,
        points,
        step: Duration::from_secs(step.seconds()),
        limits,
    };
    let points = watched.series.points(step, step.kept(), scratch);
    let p50 = points
        .iter()
        .map(|point| point.p50.map(|p50| f64::from(p50.0)))
        .collect();
    let mut figures = vec![figure(
        "p50".into(),
        Unit::Microseconds,
        Worse::Higher,
        p50,
        watched.latency_limits(),
    )];
    for (name, history) in watched.told().histories() {
        let unit = Unit::of_name(name.as_str());
        let level = watched.planned.gauges.iter().find(|level| level.name == *name);
        let worse = level.map_or(Worse::Higher, |level| level.worse);
        let limits: Vec<_> = match (level, unit) {
            (Some(level), _) => [("warning", level.warning), ("critical", level.critical)]
                .into_iter()
                .filter_map(|(called, limit)| Some((called, limit?)))
                .collect(),
            (None, Unit::Ratio) => vec![("end", 1.0)],
            (None, Unit::Bytes | Unit::Microseconds | Unit::Number) => Vec::new(),
        };
        let may_creep = unit == Unit::Bytes || !limits.is_empty();
        if may_creep {
            let name = name.as_str().into();
            figures.push(figure(name, unit, worse, told_points(history, step), limits));
        }
    }
    figures
}

fn told_points(history: &GaugeHistory, step: Step) -> Vec<Option<f64>> {
    let points = history.points(step, step.kept());
    points.into_iter().map(|point| point.map(f64::from)).collect()
}

const _: () = assert!(Step::Minute.kept() <= POINT_LIMIT && Step::TenSeconds.kept() <= POINT_LIMIT);
