//! One target under watch: its series, its thresholds, and how it stands.

mod failing;
mod snapshot;
pub(super) mod thresholds;

use std::time::Duration;

use failing::Failures;
use probetop_core::clock::Timestamp;
use probetop_core::sample::slot::Second;
use probetop_core::sample::{Fact, FailureKind, Gauge, Level, Sample, TargetId, TargetInfo, Window};
use probetop_core::snapshot::{Apdex, WindowStats};
use thresholds::ThresholdStates;

use super::judgement::Moment;
use super::plan::PlannedTarget;
use super::silence::SILENCE_MIN;
use super::threshold_state::Policies;
use crate::alert::reading::{Reach, TargetReading};
use crate::judge::anomaly::Detector;
use crate::judge::apdex;
use crate::judge::verdict::Verdict;
use crate::metric::{GAUGE_LIMIT, Gauges, Scratch, Series, Tracks};

/// After a gap the rate is known again when it is of so many probes: one more or less makes a tenth.
const PROBES_FOR_A_RATE: u32 = 10;

#[derive(Clone, Debug)]
pub(super) struct Watched {
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
    threshold_states: ThresholdStates,
    failures: Failures,
    /// How it stands since the last tick.
    pub standing: Verdict,
    /// How the share of failed probes stands now, as its alert does.
    pub errors_level: Level,
    /// Which of the health score's groups it counts in.
    pub health_group: Option<usize>,
    /// The end of the newest probe, or when the newest step was left out.
    heard: Timestamp,
    /// Windows as they were read last: thresholds, rules and the table mostly ask for the same one.
    read: [Option<Box<ReadWindow>>; Window::ALL.len()],
    /// Counts the ticks; what was read before the last of them is out of date, and its room is used again.
    turn: u32,
}

/// A window's figures, and its Apdex, which the same histogram gives.
#[derive(Clone, Debug)]
struct ReadWindow {
    turn: u32,
    stats: WindowStats,
    apdex: Option<Apdex>,
}

impl Watched {
    pub(super) fn new(planned: PlannedTarget, rules: Vec<usize>, policies: &mut Policies, now: Timestamp) -> Self {
        let series = Series::new(planned.info.id, now);
        let threshold_states = ThresholdStates::default().replanned(&planned, policies);
        Self {
            planned,
            rules,
            series,
            told: Gauges::default(),
            detector: None,
            is_odd: false,
            threshold_states,
            failures: Failures::default(),
            standing: Verdict::default(),
            errors_level: Level::default(),
            health_group: None,
            heard: now,
            read: Default::default(),
            turn: 0,
        }
    }

    /// The same target by a new plan: what was measured stays. By a new timetable, silence begins anew.
    pub(super) fn replanned(
        mut self,
        planned: PlannedTarget,
        rules: Vec<usize>,
        policies: &mut Policies,
        now: Timestamp,
    ) -> Self {
        let usual = |info: &TargetInfo| (info.interval, info.purpose);
        if usual(&planned.info) != usual(&self.planned.info) {
            self.forget_usual();
        }
        let threshold_states = self.threshold_states.replanned(&planned, policies);
        let timetable = |info: &TargetInfo| (info.interval, info.timeout);
        let is_on_time = timetable(&planned.info) == timetable(&self.planned.info);
        Self {
            heard: if is_on_time { self.heard } else { now },
            planned,
            rules,
            threshold_states,
            ..self
        }
    }

    /// What was usual says nothing any more.
    pub(super) fn forget_usual(&mut self) {
        (self.detector, self.is_odd) = (None, false);
    }

    /// Shows a finished probe to the detector of anomalies.
    pub(super) fn watch(&mut self, sample: &Sample, now: Timestamp) {
        self.detector(now).record(sample);
    }

    /// Shows a second that another counted to the detector of anomalies.
    pub(super) fn watch_second(&mut self, counts: &Scratch, ended: Timestamp, now: Timestamp) {
        self.detector(now).count(counts, ended);
    }

    fn detector(&mut self, now: Timestamp) -> &mut Detector {
        let info = &self.planned.info;
        self.detector
            .get_or_insert_with(|| Box::new(Detector::new(info.id, info.purpose, info.interval, now)))
    }

    /// When it was first watched.
    pub(super) fn since(&self) -> Timestamp {
        self.series.started()
    }

    /// The latencies that break a level, mildest first.
    pub(super) fn latency_limits(&self) -> Vec<(&'static str, f64)> {
        let Some(thresholds) = self.planned.latency else {
            return Vec::new();
        };
        [("warning", thresholds.warning), ("critical", thresholds.critical)]
            .into_iter()
            .filter_map(|(name, limit)| Some((name, limit?.as_secs_f64() * 1e6)))
            .collect()
    }

    /// What it told of itself, over time.
    pub(super) fn told(&self) -> &Gauges {
        &self.told
    }

    pub(super) fn id(&self) -> TargetId {
        self.planned.info.id
    }

    /// Counts a finished probe, in the second that is open at `now`.
    pub(super) fn record(&mut self, mut sample: Sample, now: Timestamp) {
        if let Some(answer) = &mut sample.answer {
            let left_out = self.told.record(&answer.gauges, now);
            answer.facts.extend((left_out > 0).then(|| Fact {
                name: "without_history".into(),
                value: format!("{left_out} gauges, beyond the first {GAUGE_LIMIT}").into(),
            }));
        }
        self.heard = self.heard.max(sample.ended());
        self.failures.record(&sample, self.series.last());
        self.series.record(sample);
    }

    /// Counts a second that another counted, in the second that is open.
    pub(super) fn count(&mut self, second: &Second) {
        self.heard = self.heard.max(second.ended);
        self.series.absorb(&second.slot, Tracks::ALL);
    }

    /// A step that is left out is accounted for, though nothing is measured.
    pub(super) fn skip(&mut self, now: Timestamp) {
        self.heard = self.heard.max(now);
        self.series.skip();
    }

    /// A probe that was under way while nobody watched is accounted for, though it says nothing.
    pub(super) fn cut_off(&mut self, now: Timestamp) {
        self.heard = self.heard.max(now);
        self.series.cut_off();
    }

    /// What the newest probe was told.
    pub(super) fn gauges(&self) -> &[Gauge] {
        let answer = self.series.last().and_then(|sample| sample.answer.as_deref());
        answer.map_or(&[], |answer| &answer.gauges)
    }

    pub(super) fn has_level_for(&self, gauge: &str) -> bool {
        self.planned.gauges.iter().any(|level| level.name.as_str() == gauge)
    }

    /// For how long no probe has finished, and none was left out, of the time since `unbroken`.
    pub(super) fn silence(&self, moment: Moment) -> Duration {
        moment.now.since(self.heard.max(moment.unbroken_since))
    }

    /// The silence that is longer than probes on time can leave: three of them overdue, and the last one hanging.
    pub(super) fn silence_limit(&self) -> Duration {
        let info = &self.planned.info;
        SILENCE_MIN.max(info.interval.saturating_mul(3).saturating_add(info.timeout))
    }

    /// Whether it was watched for as long as `window` is; for a minute, where that is the whole run.
    pub(super) fn fills(&self, window: Window, now: Timestamp) -> bool {
        now.since(self.since())
            >= window
                .length()
                .unwrap_or(Window::OneMinute.length().unwrap_or_default())
    }

    pub(super) fn rotate(&mut self, now: Timestamp, scratch: &mut Scratch) {
        self.series.rotate(now, scratch);
        self.told.rotate(now);
        self.turn = self.turn.wrapping_add(1);
    }

    /// What a copy takes.
    pub(super) fn bytes(&self) -> usize {
        let read = self.read.iter().flatten();
        let read = read.map(|read| size_of::<ReadWindow>() + size_of_val(read.stats.failures.as_slice()));
        size_of::<Self>()
            + self.series.heap_bytes()
            + self.told.heap_bytes()
            + self.detector.as_deref().map_or(0, Detector::bytes)
            + size_of_val(self.rules.as_slice())
            + self.threshold_states.heap_bytes()
            + self.failures.heap_bytes()
            + size_of_val(self.planned.gauges.as_slice())
            + read.sum::<usize>()
    }

    /// Nothing comes any more: what has collected counts for the run.
    pub(super) fn conclude(&mut self, now: Timestamp) {
        self.series.conclude(now);
        self.read = Default::default();
    }

    /// What a rule over `window` may ask for.
    pub(super) fn reading(&mut self, window: Window, moment: Moment, scratch: &mut Scratch) -> TargetReading<'_> {
        let reach = self.reach(window, scratch);
        TargetReading {
            reach,
            stats: &self.read[window as usize].as_ref().expect("it was read above").stats,
            gauges: self.gauges(),
            silent_for: self.silence(moment),
        }
    }

    /// What is left of `window` where nobody watched for a part of it.
    pub(super) fn reach(&mut self, window: Window, scratch: &mut Scratch) -> Reach {
        let probes = self.planned.info.interval.saturating_mul(PROBES_FOR_A_RATE);
        let enough = window.length().map_or(probes, |length| length.min(probes));
        let stats = self.stats(window, scratch);
        match stats.unwatched.is_zero() {
            true => Reach::Whole,
            false if stats.covered >= enough => Reach::Rates,
            false => Reach::Neither,
        }
    }

    pub(super) fn stats(&mut self, window: Window, scratch: &mut Scratch) -> &WindowStats {
        &self.window(window, scratch).stats
    }

    fn window(&mut self, window: Window, scratch: &mut Scratch) -> &ReadWindow {
        let (series, planned, turn) = (&self.series, &self.planned, self.turn);
        let mut read = || {
            let limits = apdex::limits(planned.latency.and_then(|latency| latency.target));
            let (detail, within) = series.read_within(window, Tracks::LATENCY | Tracks::LAG, limits, scratch);
            // Nobody is content or not with how long it takes to read figures.
            let apdex = apdex::index(limits, within, detail.stats.attempts);
            let apdex = apdex.filter(|_| planned.info.purpose.measures_service());
            ReadWindow {
                turn,
                stats: detail.stats,
                apdex,
            }
        };
        let known = self.read[window as usize].get_or_insert_with(|| Box::new(read()));
        if known.turn != turn {
            **known = read();
        }
        known
    }

    /// What most probes failed of over the window of the error thresholds, as of the last tick.
    pub(super) fn commonest_failure(&self) -> Option<FailureKind> {
        let window = self.read[self.planned.errors.window as usize].as_ref();
        let window = window.filter(|read| read.turn == self.turn)?;
        window.stats.failures.first().map(|(kind, _)| *kind)
    }
}
