//! A figure that may creep: its points, and how far it may go.

use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{TargetId, Text, Unit, Worse, coarse};
use probetop_core::snapshot::Trend;

use super::super::target::Watched;
use super::course::Course;
use crate::judge::level::GaugeLevel;
use crate::judge::trend::{Fit, POINT_LIMIT};
use crate::metric::{GaugeHistory, Scratch, Step};

/// From so many minutes on minutes are looked at; before, steps of ten seconds are.
const MINUTES_NEEDED: u64 = 30;

const _: () = assert!(Step::Minute.kept() <= POINT_LIMIT && Step::TenSeconds.kept() <= POINT_LIMIT);

/// What a figure may become, and what that is called.
type Limit = (&'static str, f64);

/// One figure over time.
pub(super) struct Figure {
    pub target: Option<TargetId>,
    pub subject: Text,
    pub name: Text,
    pub unit: Unit,
    pub worse: Worse,
    pub points: Vec<Option<f64>>,
    pub step: Duration,
    /// Mildest first.
    pub limits: Vec<Limit>,
}

/// What of a target may creep: its median latency, and the gauges that can fill up.
pub(super) fn of_target(watched: &Watched, now: Timestamp, scratch: &mut Scratch) -> Vec<Figure> {
    let age_min = now.since(watched.since()).as_secs() / 60;
    let step = if age_min >= MINUTES_NEEDED {
        Step::Minute
    } else {
        Step::TenSeconds
    };
    let gauges = watched.told().histories().filter_map(|(name, history)| {
        let level = watched.planned.gauges.iter().find(|level| level.name == *name);
        gauge(name.as_str(), history, level, step)
    });
    let mut figures = vec![latency(watched, step, scratch)];
    figures.extend(gauges);
    for figure in &mut figures {
        figure.target = Some(watched.id());
        figure.subject = watched.planned.info.name.clone();
    }
    figures
}

fn latency(watched: &Watched, step: Step, scratch: &mut Scratch) -> Figure {
    let points = watched.series.points(step, step.kept(), scratch);
    let p50 = points.iter().map(|point| point.p50.map(|p50| f64::from(p50.0)));
    Figure {
        unit: Unit::Microseconds,
        limits: watched.latency_limits(),
        ..Figure::new("p50", p50.collect(), step)
    }
}

/// `None` of a gauge that has no limit and is no memory.
fn gauge(name: &str, history: &GaugeHistory, level: Option<&GaugeLevel>, step: Step) -> Option<Figure> {
    let unit = Unit::of_name(name);
    let limits: Vec<Limit> = match (level, unit) {
        (Some(level), _) => [("warning", level.warning), ("critical", level.critical)]
            .into_iter()
            .filter_map(|(called, limit)| Some((called, limit?)))
            .collect(),
        (None, Unit::Ratio) => vec![("end", 1.0)],
        (None, Unit::Bytes | Unit::Microseconds | Unit::Number) => Vec::new(),
    };
    if limits.is_empty() && unit != Unit::Bytes {
        return None;
    }
    let points = history.points(step, step.kept());
    let points = points.into_iter().map(|point| point.map(f64::from));
    Some(Figure {
        unit,
        worse: level.map_or(Worse::Higher, |level| level.worse),
        limits,
        ..Figure::new(name, points.collect(), step)
    })
}

impl Figure {
    fn new(name: &str, points: Vec<Option<f64>>, step: Step) -> Self {
        Self {
            target: None,
            subject: Text::default(),
            name: name.into(),
            unit: Unit::default(),
            worse: Worse::Higher,
            points,
            step: Duration::from_secs(step.seconds()),
            limits: Vec::new(),
        }
    }

    /// Memory of `subject`, which ends at `total`.
    pub(super) fn memory(subject: &str, course: &Course, total: Option<f64>) -> Self {
        Self {
            subject: subject.into(),
            unit: Unit::Bytes,
            limits: total.map(|total| ("end", total)).into_iter().collect(),
            step: course.step(),
            ..Self::new("memory", course.points(), Step::Second)
        }
    }

    /// A change over the whole time that concerns somebody, whatever the figure's size.
    pub(super) const fn least_change(&self) -> f64 {
        match self.unit {
            Unit::Microseconds => 1_000.0,
            Unit::Ratio => 0.02,
            Unit::Bytes => 20.0 * 1024.0 * 1024.0,
            Unit::Number => 0.0,
        }
    }

    /// What the fitted line says of it.
    pub(super) fn trend(&self, fit: &Fit) -> Trend {
        let per_hour = fit.per_step * 3600.0 / self.step.as_secs_f64();
        let next = self.next_limit(fit);
        let direction = if fit.per_step < 0.0 { "falls" } else { "grows" };
        let mut text = format!(
            "{} {direction} by {} an hour",
            self.name,
            self.unit.show(per_hour.abs())
        );
        if let Some(((called, limit), within)) = next {
            text += &format!(", at its {called} {} in {}", self.unit.show(limit), coarse(within));
        }
        Trend {
            subject: self.subject.clone(),
            target: self.target,
            figure: self.name.clone(),
            unit: self.unit,
            per_hour,
            now: fit.now,
            p_value: fit.p_value,
            span: self.step.saturating_mul(u32::try_from(fit.steps).unwrap_or(u32::MAX)),
            limit: next.map(|((_, limit), _)| limit),
            reaches_limit_in: next.map(|(_, within)| within),
            text: text.into(),
        }
    }

    /// The mildest limit that is still ahead, and the time until then.
    fn next_limit(&self, fit: &Fit) -> Option<(Limit, Duration)> {
        self.limits.iter().find_map(|limit| {
            let steps = fit.steps_until(limit.1, self.worse).filter(|steps| *steps > 0.0)?;
            let within = Duration::try_from_secs_f64(steps * self.step.as_secs_f64()).ok()?;
            Some((*limit, within))
        })
    }
}
