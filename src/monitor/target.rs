//! One target under watch: its series, its thresholds, and how it stands.

use std::sync::Arc;
use std::time::Duration;

use super::gate::{Gate, Policies};
use super::judgement::{Judged, Moment};
use super::plan::PlannedTarget;
use super::silence::SILENCE_MIN;
use crate::alert::book::Source;
use crate::alert::reading::TargetReading;
use crate::clock::Timestamp;
use crate::judge::anomaly::Detector;
use crate::judge::apdex;
use crate::judge::health::Limits;
use crate::judge::level::{Damping, GaugeLevel};
use crate::judge::verdict::{self, Failures, Verdict};
use crate::metric::{Gauges, Scratch, Series, Step, Tracks};
use crate::sample::{FailureKind, Gauge, Micros, Sample, TargetId, TargetInfo, Text, Window};
use crate::snapshot::{Apdex, Detail, LastSample, Quantiles, Query, TargetSnapshot, WindowStats};

#[derive(Clone, Debug)]
pub struct Watched {
    pub planned: PlannedTarget,
    /// Positions of the rules about this target.
    pub rules: Vec<usize>,
    pub series: Series,
    /// What it told of itself, over time.
    told: Gauges,
    /// Knows what is usual; made when there is something to know.
    pub detector: Option<Box<Detector>>,
    /// Whether anything was odd at the last tick.
    pub is_odd: bool,
    gates: Gates,
    /// How it stands since the last tick.
    pub standing: Verdict,
    /// Which of the health score's groups it counts in.
    pub health_group: Option<usize>,
    /// The end of the newest probe, or when the newest step was left out.
    heard: Timestamp,
    /// Windows read since the last tick: thresholds, rules and the table mostly ask for the same one.
    read: [Option<Box<ReadWindow>>; Window::ALL.len()],
}

/// A window's figures, and its Apdex, which the same histogram gives.
#[derive(Clone, Debug)]
struct ReadWindow {
    stats: WindowStats,
    apdex: Option<Apdex>,
}

/// A gate for each threshold.
#[derive(Clone, Debug, Default)]
struct Gates {
    errors: Gate,
    latency: Gate,
    rate: Gate,
    absence: Gate,
    /// In the order of the plan, with the name of each.
    gauges: Vec<(Text, Gate)>,
}

impl Gates {
    /// By a new plan; the levels that were reached stay.
    fn replanned(mut self, planned: &PlannedTarget, policies: &mut Policies) -> Self {
        let latency = planned.latency.map(|latency| latency.damping).unwrap_or_default();
        let rate = planned.rate.map(|rate| rate.damping).unwrap_or_default();
        self.errors.replanned(&planned.errors.damping, policies);
        self.latency.replanned(&latency, policies);
        self.rate.replanned(&rate, policies);
        self.absence.replanned(&Damping::WINDOW, policies);
        let mut before = std::mem::take(&mut self.gauges);
        let gauge = |level: &GaugeLevel| {
            let found = before.iter().position(|(name, _)| name.as_str() == level.name.as_str());
            let (name, mut gate) = match found {
                Some(at) => before.swap_remove(at),
                None => (level.name.as_str().into(), Gate::default()),
            };
            gate.replanned(&level.damping, policies);
            (name, gate)
        };
        self.gauges = planned.gauges.iter().map(gauge).collect();
        self
    }
}

impl Watched {
    pub fn new(planned: PlannedTarget, rules: Vec<usize>, policies: &mut Policies, now: Timestamp) -> Self {
        let series = Series::new(planned.info.id, now);
        let gates = Gates::default().replanned(&planned, policies);
        Self {
            planned,
            rules,
            series,
            told: Gauges::default(),
            detector: None,
            is_odd: false,
            gates,
            standing: Verdict::default(),
            health_group: None,
            heard: now,
            read: Default::default(),
        }
    }

    /// The same target by a new plan: what was measured stays. By a new timetable, silence begins anew.
    pub fn replanned(
        mut self,
        planned: PlannedTarget,
        rules: Vec<usize>,
        policies: &mut Policies,
        now: Timestamp,
    ) -> Self {
        if planned.info.interval != self.planned.info.interval {
            self.forget_usual();
        }
        let gates = self.gates.replanned(&planned, policies);
        let timetable = |info: &TargetInfo| (info.interval, info.timeout);
        let is_on_time = timetable(&planned.info) == timetable(&self.planned.info);
        Self {
            heard: if is_on_time { self.heard } else { now },
            planned,
            rules,
            gates,
            ..self
        }
    }

    /// What was usual says nothing any more.
    pub fn forget_usual(&mut self) {
        (self.detector, self.is_odd) = (None, false);
    }

    /// Shows a finished probe to the detector of anomalies.
    pub fn watch(&mut self, sample: &Sample, now: Timestamp) {
        let info = &self.planned.info;
        let detector = self
            .detector
            .get_or_insert_with(|| Box::new(Detector::new(info.id, info.interval, now)));
        detector.record(sample);
    }

    /// When it was first watched.
    pub fn since(&self) -> Timestamp {
        self.series.started()
    }

    /// The latencies that break a level, mildest first.
    pub fn latency_limits(&self) -> Vec<(&'static str, f64)> {
        let Some(thresholds) = self.planned.latency else {
            return Vec::new();
        };
        [("warning", thresholds.warning), ("critical", thresholds.critical)]
            .into_iter()
            .filter_map(|(name, limit)| Some((name, limit?.as_secs_f64() * 1e6)))
            .collect()
    }

    /// What it told of itself, over time.
    pub fn told(&self) -> &Gauges {
        &self.told
    }

    pub fn id(&self) -> TargetId {
        self.planned.info.id
    }

    /// Counts a finished probe, in the second that is open at `now`.
    pub fn record(&mut self, sample: Sample, now: Timestamp) {
        if let Some(answer) = &sample.answer {
            self.told.record(&answer.gauges, now);
        }
        self.heard = self.heard.max(sample.ended());
        self.series.record(sample);
    }

    /// A step that is left out is accounted for, though nothing is measured.
    pub fn skip(&mut self, now: Timestamp) {
        self.heard = self.heard.max(now);
        self.series.skip();
    }

    /// What the newest probe was told.
    pub fn gauges(&self) -> &[Gauge] {
        let answer = self.series.last().and_then(|sample| sample.answer.as_deref());
        answer.map_or(&[], |answer| &answer.gauges)
    }

    pub fn has_level_for(&self, gauge: &str) -> bool {
        self.planned.gauges.iter().any(|level| level.name.as_str() == gauge)
    }

    /// For how long no probe has finished, and none was left out, of the time since `unbroken`.
    pub fn silence(&self, moment: Moment) -> Duration {
        moment.now.since(self.heard.max(moment.unbroken_since))
    }

    /// The silence that is longer than probes on time can leave: three of them overdue, and the last one hanging.
    pub fn silence_limit(&self) -> Duration {
        let info = &self.planned.info;
        SILENCE_MIN.max(info.interval.saturating_mul(3).saturating_add(info.timeout))
    }

    /// Whether it was watched for as long as `window` is; for a minute, where that is the whole run.
    pub fn fills(&self, window: Window, now: Timestamp) -> bool {
        now.since(self.since())
            >= window
                .length()
                .unwrap_or(Window::OneMinute.length().unwrap_or_default())
    }

    /// Holds the figures against every threshold of the plan.
    pub fn judge(&mut self, moment: Moment, scratch: &mut Scratch, judged: &mut Vec<Judged>) {
        let errors = self.error_verdict(scratch);
        let limits = Limits::from(&self.planned.errors);
        judged.push(Judged::by(&mut self.gates.errors, Source::Errors, Some(limits), errors));
        if let Some(latency) = self.latency_verdict(scratch) {
            let limits = self.planned.latency.as_ref().map(Limits::from);
            judged.push(Judged::by(&mut self.gates.latency, Source::Latency, limits, latency));
        }
        if let Some(rate) = self.rate_verdict(moment.now, scratch) {
            let limits = self.planned.rate.as_ref().map(Limits::from);
            judged.push(Judged::by(&mut self.gates.rate, Source::Rate, limits, rate));
        }
        let absence = verdict::absence("finished probe", self.silence(moment), self.silence_limit());
        judged.push(Judged::by(&mut self.gates.absence, Source::Absence, None, absence));
        for at in 0..self.planned.gauges.len() {
            let (name, verdict) = self.gauge_verdict(at);
            let limits = Limits::from(&self.planned.gauges[at]);
            let gate = &mut self.gates.gauges[at].1;
            judged.push(Judged::by(gate, Source::Gauge(name), Some(limits), verdict));
        }
    }

    /// The verdict on each gauge that has thresholds.
    pub fn gauge_verdicts(&self) -> Vec<(Text, Verdict)> {
        let levels = 0..self.planned.gauges.len();
        levels.map(|at| self.gauge_verdict(at)).collect()
    }

    fn gauge_verdict(&self, at: usize) -> (Text, Verdict) {
        let level = &self.planned.gauges[at];
        let value = self.gauges().iter().find(|gauge| gauge.name == level.name);
        let (name, gate) = &self.gates.gauges[at];
        let verdict = verdict::told_gauge(level, value.map(|gauge| gauge.value), gate.reached());
        (name.clone(), verdict)
    }

    pub fn rotate(&mut self, now: Timestamp, scratch: &mut Scratch) {
        self.series.rotate(now, scratch);
        self.told.rotate(now);
        self.read = Default::default();
    }

    /// What a rule over `window` may ask for.
    pub fn reading(&mut self, window: Window, moment: Moment, scratch: &mut Scratch) -> TargetReading<'_> {
        self.stats(window, scratch);
        TargetReading {
            stats: &self.read[window as usize].as_ref().expect("it was read above").stats,
            gauges: self.gauges(),
            silent_for: self.silence(moment),
        }
    }

    pub fn stats(&mut self, window: Window, scratch: &mut Scratch) -> &WindowStats {
        &self.window(window, scratch).stats
    }

    fn window(&mut self, window: Window, scratch: &mut Scratch) -> &ReadWindow {
        let (series, planned) = (&self.series, &self.planned);
        self.read[window as usize].get_or_insert_with(|| {
            let limits = apdex::limits(planned.latency.and_then(|latency| latency.target));
            let (detail, within) = series.read_within(window, Tracks::LATENCY | Tracks::LAG, limits, scratch);
            let apdex = apdex::index(limits, within, detail.stats.attempts);
            Box::new(ReadWindow {
                stats: detail.stats,
                apdex,
            })
        })
    }

    /// `None` without thresholds.
    pub fn latency_verdict(&mut self, scratch: &mut Scratch) -> Option<Verdict> {
        let thresholds = self.planned.latency?;
        let figure = quantile(&self.stats(thresholds.window, scratch).latency, thresholds.quantile);
        Some(verdict::latency(&thresholds, figure, self.gates.latency.reached()))
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
        verdict::errors(&thresholds, failures, self.gates.errors.reached())
    }

    /// `None` without thresholds.
    fn rate_verdict(&mut self, now: Timestamp, scratch: &mut Scratch) -> Option<Verdict> {
        let thresholds = self.planned.rate?;
        let is_full = self.fills(thresholds.window, now);
        let rate = self.stats(thresholds.window, scratch).rate_per_s();
        let rate = rate.filter(|_| is_full);
        Some(verdict::rate(&thresholds, rate, self.gates.rate.reached()))
    }

    /// What most probes failed of over the window of the error thresholds, as of the last tick.
    pub fn commonest_failure(&self) -> Option<FailureKind> {
        let window = self.read[self.planned.errors.window as usize].as_ref()?;
        window.stats.failures.first().map(|(kind, _)| *kind)
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
        let ReadWindow { stats, apdex } = self.window(query.window, scratch).clone();
        TargetSnapshot {
            info: Arc::clone(&self.planned.info),
            level: self.standing.level,
            reason: self.standing.reason.clone(),
            last: self.last().map(Arc::new),
            stats,
            apdex,
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
