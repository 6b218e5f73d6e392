//! One target under watch: its series, its thresholds, and how it stands.

use std::sync::Arc;

use super::plan::PlannedTarget;
use crate::clock::Timestamp;
use crate::judge::level::GaugeLevel;
use crate::judge::verdict::{self, Failures, Verdict};
use crate::metric::{Gauges, Scratch, Series, Step, Tracks};
use crate::sample::{FailureKind, Gauge, Micros, Sample, TargetId, Text, Window};
use crate::snapshot::{Detail, LastSample, Quantiles, Query, TargetSnapshot, WindowStats};

#[derive(Clone, Debug)]
pub struct Watched {
    pub planned: PlannedTarget,
    /// Positions of the rules about this target.
    pub rules: Vec<usize>,
    pub series: Series,
    /// What it told of itself, over time.
    told: Gauges,
    /// How it stands since the last tick.
    pub standing: Verdict,
    /// Windows read since the last tick: thresholds, rules and the table mostly ask for the same one.
    read: [Option<Box<WindowStats>>; Window::ALL.len()],
}

impl Watched {
    pub fn new(planned: PlannedTarget, rules: Vec<usize>, now: Timestamp) -> Self {
        let series = Series::new(planned.info.id, now);
        Self {
            planned,
            rules,
            series,
            told: Gauges::default(),
            standing: Verdict::default(),
            read: Default::default(),
        }
    }

    /// The same target by a new plan: what was measured stays.
    pub fn replanned(self, planned: PlannedTarget, rules: Vec<usize>) -> Self {
        Self { planned, rules, ..self }
    }

    pub fn id(&self) -> TargetId {
        self.planned.info.id
    }

    /// Counts a finished probe, in the second that is open at `now`.
    pub fn record(&mut self, sample: Sample, now: Timestamp) {
        if let Some(answer) = &sample.answer {
            self.told.record(&answer.gauges, now);
        }
        self.series.record(sample);
    }

    /// What the newest probe was told.
    pub fn gauges(&self) -> &[Gauge] {
        let answer = self.series.last().and_then(|sample| sample.answer.as_deref());
        answer.map_or(&[], |answer| &answer.gauges)
    }

    pub fn has_level_for(&self, gauge: &str) -> bool {
        self.planned.gauges.iter().any(|level| level.name.as_str() == gauge)
    }

    /// The verdict on each gauge that has thresholds.
    pub fn gauge_verdicts(&self) -> Vec<(Text, Verdict)> {
        let value = |level: &GaugeLevel| self.gauges().iter().find(|gauge| gauge.name == level.name);
        let verdict = |level| verdict::told_gauge(level, value(level).map(|gauge| gauge.value));
        let levels = self.planned.gauges.iter();
        levels
            .map(|level| (level.name.as_str().into(), verdict(level)))
            .collect()
    }

    pub fn rotate(&mut self, now: Timestamp, scratch: &mut Scratch) {
        self.series.rotate(now, scratch);
        self.told.rotate(now);
        self.read = Default::default();
    }

    pub fn stats(&mut self, window: Window, scratch: &mut Scratch) -> &WindowStats {
        let series = &self.series;
        self.read[window as usize]
            .get_or_insert_with(|| Box::new(series.read(window, Tracks::LATENCY | Tracks::LAG, scratch).stats))
    }

    /// The verdict on latency; `None` without thresholds.
    pub fn latency_verdict(&mut self, scratch: &mut Scratch) -> Option<Verdict> {
        let thresholds = self.planned.latency?;
        let figure = quantile(&self.stats(thresholds.window, scratch).latency, thresholds.quantile);
        Some(verdict::latency(&thresholds, figure))
    }

    pub fn error_verdict(&mut self, scratch: &mut Scratch) -> Verdict {
        let thresholds = self.planned.errors;
        let stats = self.stats(thresholds.window, scratch);
        let failures = Failures {
            attempts: stats.attempts,
            failed: stats.failed,
            commonest: stats.failures.first().map(|(kind, _)| *kind),
            window_full: thresholds.window.length().is_some_and(|length| stats.covered >= length),
        };
        verdict::errors(&thresholds, failures)
    }

    /// What most probes failed of over the window of the error thresholds, as of the last tick.
    pub fn commonest_failure(&self) -> Option<FailureKind> {
        let stats = self.read[self.planned.errors.window as usize].as_ref()?;
        stats.failures.first().map(|(kind, _)| *kind)
    }

    pub fn snapshot(&mut self, query: &Query, step: Step, scratch: &mut Scratch) -> TargetSnapshot {
        let id = self.id();
        let series = if query.series.contains(id) {
            self.series.points(step, query.axis.points(), scratch)
        } else {
            Vec::new()
        };
        let detail = query
            .detail
            .contains(id)
            .then(|| Arc::new(self.detail(query, step, scratch)));
        TargetSnapshot {
            info: Arc::clone(&self.planned.info),
            level: self.standing.level,
            reason: self.standing.reason.clone(),
            last: self.last().map(Arc::new),
            stats: self.stats(query.window, scratch).clone(),
            apdex: None,
            series: series.into(),
            detail,
        }
    }

    fn last(&self) -> Option<LastSample> {
        let sample = self.series.last()?;
        Some(LastSample {
            at: sample.ended(),
            latency: sample.latency,
            lag: sample.lag,
            outcome: sample.outcome.clone(),
            phases: sample.phases,
            answer: sample.answer.clone(),
        })
    }

    fn detail(&self, query: &Query, step: Step, scratch: &mut Scratch) -> Detail {
        let read = |window| (window, self.series.read(window, Tracks::ALL, scratch));
        Detail {
            windows: Window::ALL.into_iter().map(read).collect(),
            distribution: self.series.distribution(query.window, scratch),
            failures: self.series.failures().cloned().collect(),
            gauges: self.told.points(step, query.axis.points()),
        }
    }
}

/// The figure at one of the quantiles that thresholds may name.
fn quantile(figures: &Quantiles, quantile: f64) -> Option<Micros> {
    match (quantile * 1000.0).round() as u32 {
        100 => figures.p10,
        250 => figures.p25,
        500 => figures.p50,
        750 => figures.p75,
        900 => figures.p90,
        950 => figures.p95,
        990 => figures.p99,
        999 => figures.p99_9,
        _ => None,
    }
}
