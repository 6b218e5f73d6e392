//! A target's figures, each held against its threshold.

use probetop_core::clock::Timestamp;
use probetop_core::sample::{Micros, Text};
use probetop_core::snapshot::Quantiles;

use super::Watched;
use crate::alert::source::Source;
use crate::judge::health::Limits;
use crate::judge::level::{Damping, GaugeLevel};
use crate::judge::verdict::{self, Failures, Verdict};
use crate::metric::Scratch;
use crate::monitor::judgement::{Judged, Moment};
use crate::monitor::plan::PlannedTarget;
use crate::monitor::threshold_state::{Policies, ThresholdState};

/// A gate for each threshold.
#[derive(Clone, Debug, Default)]
pub(super) struct ThresholdStates {
    errors: ThresholdState,
    latency: ThresholdState,
    rate: ThresholdState,
    absence: ThresholdState,
    /// In the order of the plan, with the name of each.
    gauges: Vec<(Text, ThresholdState)>,
}

impl ThresholdStates {
    /// What a copy takes beside itself.
    pub(super) fn heap_bytes(&self) -> usize {
        size_of_val(self.gauges.as_slice())
    }

    /// By a new plan; the levels that were reached stay.
    pub(super) fn replanned(mut self, planned: &PlannedTarget, policies: &mut Policies) -> Self {
        let latency = planned.latency.map(|latency| latency.damping).unwrap_or_default();
        let rate = planned.rate.as_ref().map(|rate| rate.damping).unwrap_or_default();
        self.errors.replanned(&planned.errors.damping, policies);
        self.latency.replanned(&latency, policies);
        self.rate.replanned(&rate, policies);
        self.absence.replanned(&Damping::WINDOW, policies);
        let mut before = std::mem::take(&mut self.gauges);
        let gauge = |level: &GaugeLevel| {
            let found = before.iter().position(|(name, _)| name.as_str() == level.name.as_str());
            let (name, mut threshold_state) = match found {
                Some(at) => before.swap_remove(at),
                None => (level.name.as_str().into(), ThresholdState::default()),
            };
            threshold_state.replanned(&level.damping, policies);
            (name, threshold_state)
        };
        self.gauges = planned.gauges.iter().map(gauge).collect();
        self
    }
}

impl Watched {
    /// Holds the figures against every threshold of the plan.
    pub(crate) fn judge(&mut self, moment: Moment, scratch: &mut Scratch, judged: &mut Vec<Judged>) {
        let errors = self.error_verdict(scratch);
        let limits = Limits::from(&self.planned.errors);
        judged.push(Judged::by(
            &mut self.threshold_states.errors,
            Source::Errors,
            Some(limits),
            errors,
        ));
        if let Some(latency) = self.latency_verdict(scratch) {
            let limits = self.planned.latency.as_ref().map(Limits::from);
            judged.push(Judged::by(
                &mut self.threshold_states.latency,
                Source::Latency,
                limits,
                latency,
            ));
        }
        if let Some(rate) = self.rate_verdict(moment.now) {
            let limits = self.planned.rate.as_ref().map(Limits::from);
            judged.push(Judged::by(&mut self.threshold_states.rate, Source::Rate, limits, rate));
        }
        let absence = verdict::absence("finished probe", self.silence(moment), self.silence_limit());
        judged.push(Judged::by(
            &mut self.threshold_states.absence,
            Source::Absence,
            None,
            absence,
        ));
        for at in 0..self.planned.gauges.len() {
            let (name, verdict) = self.gauge_verdict(at);
            let limits = Limits::from(&self.planned.gauges[at]);
            let threshold_state = &mut self.threshold_states.gauges[at].1;
            judged.push(Judged::of_second(threshold_state, Source::Gauge(name), limits, verdict));
        }
    }

    /// The verdict on each gauge that has thresholds.
    pub(crate) fn gauge_verdicts(&self) -> Vec<(Text, Verdict)> {
        let levels = 0..self.planned.gauges.len();
        levels.map(|at| self.gauge_verdict(at)).collect()
    }

    fn gauge_verdict(&self, at: usize) -> (Text, Verdict) {
        let level = &self.planned.gauges[at];
        let value = self.gauges().iter().find(|gauge| gauge.name == level.name);
        let (name, threshold_state) = &self.threshold_states.gauges[at];
        let verdict = verdict::told_gauge(level, value.map(|gauge| gauge.value), threshold_state.reached());
        (name.clone(), verdict)
    }

    /// `None` without thresholds.
    pub(crate) fn latency_verdict(&mut self, scratch: &mut Scratch) -> Option<Verdict> {
        let thresholds = self.planned.latency?;
        let figure = quantile(&self.stats(thresholds.window, scratch).latency, thresholds.quantile);
        Some(verdict::latency(
            &thresholds,
            figure,
            self.threshold_states.latency.reached(),
        ))
    }

    pub(crate) fn error_verdict(&mut self, scratch: &mut Scratch) -> Verdict {
        let thresholds = self.planned.errors;
        let stats = self.stats(thresholds.window, scratch);
        let failures = Failures {
            attempts: stats.attempts,
            failed: stats.failed,
            not_made: stats.not_made(),
            commonest: stats.commonest(),
            window_full: thresholds.window.length().is_some_and(|length| stats.covered >= length),
        };
        verdict::errors(&thresholds, failures, self.threshold_states.errors.reached())
    }

    /// `None` without thresholds. Nothing is known of the rate while the newest answer does not tell it: a load generator
    /// that has ended is below no floor.
    fn rate_verdict(&self, now: Timestamp) -> Option<Verdict> {
        let thresholds = self.planned.rate.as_ref()?;
        let is_told = self
            .gauges()
            .iter()
            .any(|gauge| gauge.name.as_str() == thresholds.gauge.as_str());
        let rate = self.told().mean_over(thresholds.gauge.as_str(), thresholds.window);
        let rate = rate.filter(|_| is_told && self.fills(thresholds.window, now));
        let rate = rate.map(f64::from);
        Some(verdict::rate(thresholds, rate, self.threshold_states.rate.reached()))
    }
}

/// The figure at one of the quantiles that thresholds may name.
pub(in crate::monitor) fn quantile(figures: &Quantiles, quantile: f64) -> Option<Micros> {
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
