//! Every figure of a series against brute force over the raw samples, for arrivals of any pattern.
//!
//! The reference keeps each sample with the number of the second that was open when it came, and knows the windows by
//! their definition alone.

use std::ops::Range;
use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{
    Failure, FailureKind, Micros, Outcome, Phase, Phases, Quantiles, Sample, TargetId, Text, Window, WindowDetail,
};
use probetop_engine::metric::{Scratch, Series, Step, Tracks};
use proptest::collection::vec;
use proptest::prelude::*;

/// Durations from here on are stored as if they were this long.
const SATURATION_US: u32 = (1 << 27) - 1;

/// What happens to a target.
#[derive(Clone, Debug)]
enum Event {
    /// Probes that end in the same second.
    Probes(Vec<Probe>),
    Overrun,
    /// The time moves on, and everything that has ended is closed.
    Pass(Duration),
}

#[derive(Clone, Debug)]
struct Probe {
    latency: u32,
    lag: u32,
    failure: Option<FailureKind>,
    /// A bit for each phase gone through.
    phases: u16,
}

impl Probe {
    fn sample(&self, now: Timestamp) -> Sample {
        let mut phases = Phases::default();
        for (phase, took) in self.phases() {
            phases.add(phase, Micros(took));
        }
        Sample {
            target: TargetId(0),
            intended: now,
            lag: Micros(self.lag),
            latency: Micros(self.latency),
            outcome: self.failure.map_or(Outcome::Ok, |kind| {
                Outcome::Failed(Box::new(Failure {
                    kind,
                    phase: None,
                    message: Text::clean(kind.name()),
                }))
            }),
            phases,
            answer: None,
        }
    }

    fn was_made(&self) -> bool {
        self.failure.is_none_or(|kind| !kind.is_ours())
    }

    /// It connected, and then asked something.
    fn is_cold(&self) -> bool {
        let gone: Vec<_> = self.phases().map(|(phase, _)| phase).collect();
        let asked = [Phase::FirstByte, Phase::Query, Phase::Message];
        gone.contains(&Phase::Connect) && gone.iter().any(|phase| asked.contains(phase))
    }

    fn phases(&self) -> impl Iterator<Item = (Phase, u32)> {
        let gone_through = |phase: &Phase| self.phases >> *phase as u8 & 1 == 1;
        let took = |phase: Phase| (phase, self.latency / (phase as u32 + 1));
        Phase::ALL.into_iter().filter(gone_through).map(took)
    }
}

/// A series and all that was ever put into it.
struct Reference {
    series: Series,
    scratch: Scratch,
    started: Timestamp,
    now: Timestamp,
    probes: Vec<(u64, Probe)>,
    overruns: Vec<u64>,
}

impl Reference {
    fn new(target: u32, started: Timestamp) -> Self {
        Self {
            series: Series::new(TargetId(target), started),
            scratch: Scratch::default(),
            started,
            now: started,
            probes: Vec::new(),
            overruns: Vec::new(),
        }
    }

    fn apply(&mut self, event: Event) {
        match event {
            Event::Probes(probes) => {
                for probe in probes {
                    self.series.record(probe.sample(self.now));
                    self.probes.push((self.now.second(), probe));
                }
            }
            Event::Overrun => {
                self.series.overrun(1);
                self.overruns.push(self.now.second());
            }
            Event::Pass(time) => {
                self.now = self.now + time;
                self.series.rotate(self.now, &mut self.scratch);
            }
        }
    }

    /// The definition of a window, in seconds of the clock.
    fn seconds(&self, window: Window) -> Range<u64> {
        let end = self.now.second();
        let begin = match window {
            Window::TenSeconds => end.saturating_sub(10),
            Window::OneMinute => end.saturating_sub(60),
            Window::TwoMinutes => end.saturating_sub(120).div_ceil(10) * 10,
            Window::FiveMinutes => end.saturating_sub(300).div_ceil(10) * 10,
            Window::FifteenMinutes => end.saturating_sub(900).div_ceil(10) * 10,
            Window::Run => 0,
        };
        begin..end
    }

    fn probes_in(&self, seconds: Range<u64>) -> impl Iterator<Item = &Probe> + Clone {
        let inside = move |(second, _): &&(u64, Probe)| seconds.contains(second);
        self.probes.iter().filter(inside).map(|(_, probe)| probe)
    }

    fn check_window(&mut self, window: Window) {
        let detail = self.series.read(window, Tracks::ALL, &mut self.scratch);
        let spread = self.series.distribution(window, &mut self.scratch);
        assert_eq!(spread.iter().map(|bucket| bucket.count).sum::<u64>(), detail.stats.ok());
        let seconds = self.seconds(window);
        let probes = self.probes_in(seconds.clone());
        let answered = probes.clone().filter(|probe| probe.failure.is_none());

        assert_eq!(detail.stats.covered, self.covered(&seconds), "{window:?}");
        let made = probes.clone().filter(|probe| probe.was_made());
        assert_eq!(detail.stats.attempts, made.count() as u64, "{window:?}");
        assert_eq!(detail.stats.ok(), answered.clone().count() as u64, "{window:?}");
        let overruns = self.overruns.iter().filter(|second| seconds.contains(second));
        assert_eq!(detail.stats.overruns, overruns.count() as u64, "{window:?}");
        check_failures(&detail, probes.clone());

        check_quantiles(&detail.stats.latency, answered.clone().map(|probe| probe.latency));
        check_quantiles(&detail.stats.lag, probes.map(|probe| probe.lag));
        let cold = answered.clone().filter(|probe| probe.is_cold());
        check_quantiles(&detail.cold, cold.map(|probe| probe.latency));
        for phase in Phase::ALL {
            let durations = answered.clone().flat_map(Probe::phases);
            let durations: Vec<u32> = durations.filter(|(of, _)| *of == phase).map(|(_, took)| took).collect();
            let figures = detail
                .phases
                .iter()
                .find(|(of, _)| *of == phase)
                .map(|(_, figures)| figures);
            assert_eq!(figures.is_some(), !durations.is_empty());
            check_quantiles(figures.unwrap_or(&Quantiles::default()), durations.into_iter());
        }
    }

    fn covered(&self, seconds: &Range<u64>) -> Duration {
        let begin = Timestamp::from_secs(seconds.start).max(self.started);
        Timestamp::from_secs(seconds.end).since(begin)
    }

    fn check_points(&mut self, step: Step) {
        let points = self.series.points(step, usize::MAX, &mut self.scratch);
        let end = self.now.second();
        if end == self.started.second() {
            assert!(points.is_empty());
            return;
        }
        let newest = step.newest(self.now).unwrap();
        let expected = newest - self.started.second() / step.seconds() + 1;
        assert_eq!(points.len() as u64, expected.min(step.kept() as u64));
        let first = newest + 1 - points.len() as u64;
        for (number, point) in (first..).zip(points) {
            let from = number * step.seconds();
            let probes = self.probes_in(from..(from + step.seconds()).min(end));
            let mut answered: Vec<u32> = probes
                .clone()
                .filter(|probe| probe.failure.is_none())
                .map(|probe| probe.latency)
                .collect();
            answered.sort_unstable();
            assert_eq!(
                u64::from(point.attempts),
                probes.filter(|probe| probe.was_made()).count() as u64
            );
            assert_eq!((point.attempts - point.failed) as usize, answered.len());
            check_value(point.p50, nearest_rank(&answered, 1, 2));
            check_value(point.p95, nearest_rank(&answered, 19, 20));
            check_value(point.p99, nearest_rank(&answered, 99, 100));
            check_value(point.max, answered.last().copied());
        }
    }
}

fn check_failures<'a>(detail: &WindowDetail, probes: impl Iterator<Item = &'a Probe> + Clone) {
    let of = |kind| probes.clone().filter(|probe| probe.failure == Some(kind)).count() as u64;
    let failures = &detail.stats.failures;
    assert!(failures.is_sorted_by_key(|(_, count)| std::cmp::Reverse(*count)));
    for kind in FailureKind::ALL {
        let found = failures
            .iter()
            .find(|(found, _)| *found == kind)
            .map(|(_, count)| *count);
        assert_eq!(found, Some(of(kind)).filter(|count| *count > 0));
    }
    assert_eq!(
        detail.stats.failed,
        failures
            .iter()
            .filter(|(kind, _)| !kind.is_ours())
            .map(|(_, count)| count)
            .sum::<u64>()
    );
}

fn check_quantiles(found: &Quantiles, durations: impl Iterator<Item = u32>) {
    let mut sorted: Vec<u32> = durations.collect();
    sorted.sort_unstable();
    let count = sorted.len();
    let at = |part, whole| nearest_rank(&sorted, part, whole).filter(|_| count >= whole);

    assert_eq!(found.count, count as u64);
    check_value(found.min, sorted.first().copied());
    check_value(found.max, sorted.last().copied());
    check_value(found.p10, at(1, 10));
    check_value(found.p25, at(1, 4));
    check_value(found.p50, at(1, 2));
    check_value(found.p75, at(3, 4));
    check_value(found.p90, at(9, 10));
    check_value(found.p95, at(19, 20));
    check_value(found.p99, at(99, 100));
    check_value(found.p99_9, at(999, 1000));
    let sum: u64 = sorted.iter().map(|us| u64::from(*us.min(&SATURATION_US))).sum();
    let mean = sum as f64 / count.max(1) as f64;
    assert_eq!(found.mean.is_some(), count > 0);
    // Of what is below 256 us and exact, and of what is not: within a 256th, and rounded.
    let error = found.mean.map_or(0.0, |found| (f64::from(found.0) - mean).abs());
    assert!(error <= mean / 256.0 + 0.5, "{:?} us for {mean} us", found.mean);
}

/// The smallest value that at least `part/whole` of all do not exceed.
fn nearest_rank(sorted: &[u32], part: usize, whole: usize) -> Option<u32> {
    let rank = (part * sorted.len()).div_ceil(whole);
    sorted.get(rank.checked_sub(1)?).copied()
}

/// Exact below 256 us; from there on within half a bucket, of which an octave has 128: a 256th.
fn check_value(found: Option<Micros>, exact: Option<u32>) {
    let exact = exact.map(|us| us.min(SATURATION_US));
    match (found, exact) {
        (Some(Micros(found)), Some(exact)) => {
            let allowed = f64::from(if exact < 256 { 0 } else { exact }) / 256.0;
            let error = (f64::from(found) - f64::from(exact)).abs();
            assert!(error <= allowed, "{found} us for {exact} us");
        }
        (None, None) => {}
        (Some(_), None) | (None, Some(_)) => panic!("{found:?} for {exact:?}"),
    }
}

fn durations() -> impl Strategy<Value = u32> {
    prop_oneof![
        6 => 200_u32..20_000,
        2 => 0_u32..400,
        2 => 20_000_u32..120_000_000,
        1 => SATURATION_US - 5..=u32::MAX,
    ]
}

fn probes() -> impl Strategy<Value = Probe> {
    let failure = prop_oneof![4 => Just(None), 1 => prop::sample::select(&FailureKind::ALL[..]).prop_map(Some)];
    (durations(), durations(), failure, 0_u16..512).prop_map(|(latency, lag, failure, phases)| Probe {
        latency,
        lag,
        failure,
        phases,
    })
}

fn events() -> impl Strategy<Value = Event> {
    let pass = |range: Range<u64>| range.prop_map(|millis| Event::Pass(Duration::from_millis(millis)));
    prop_oneof![
        40 => vec(probes(), 1..4).prop_map(Event::Probes),
        4 => vec(probes(), 100..400).prop_map(Event::Probes),
        4 => Just(Event::Overrun),
        40 => pass(0..2500),
        8 => pass(5_000..100_000),
        2 => pass(100_000..8_000_000),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn every_figure_of_every_window_agrees_with_brute_force(
        target in 0_u32..40,
        started_millis in 0_u64..200_000,
        events in vec(events(), 0..120),
    ) {
        let mut reference = Reference::new(target, Timestamp::from_millis(started_millis));
        for (number, event) in events.into_iter().enumerate() {
            reference.apply(event);
            if number % 16 == 0 {
                reference.check_window(Window::ALL[number / 16 % Window::ALL.len()]);
            }
        }
        Window::ALL.into_iter().for_each(|window| reference.check_window(window));
        [Step::Second, Step::TenSeconds, Step::Minute].into_iter().for_each(|step| reference.check_points(step));
    }
}

/// One probe a second from `started` on, with its number as its latency.
fn steady(started: u64, seconds: u64) -> Reference {
    let mut reference = Reference::new(0, Timestamp::from_secs(started));
    for number in 0..seconds {
        let probe = Probe {
            latency: number as u32,
            lag: 20,
            failure: None,
            phases: 0b11000,
        };
        reference.apply(Event::Probes(vec![probe]));
        reference.apply(Event::Pass(Duration::from_secs(1)));
    }
    reference
}

#[test]
fn every_second_of_the_roll_ups_agrees_with_brute_force() {
    let mut reference = steady(7, 0);
    for second in 0..1000 {
        let probe = Probe {
            latency: 1000 + second,
            lag: second,
            failure: second.is_multiple_of(7).then_some(FailureKind::Timeout),
            phases: 0b10101,
        };
        reference.apply(Event::Probes(vec![probe]));
        reference.apply(Event::Pass(Duration::from_secs(1)));
        Window::ALL
            .into_iter()
            .for_each(|window| reference.check_window(window));
    }
    [Step::Second, Step::TenSeconds, Step::Minute]
        .into_iter()
        .for_each(|step| reference.check_points(step));
}

#[test]
fn ten_thousand_probes_in_a_second_are_all_counted() {
    let mut reference = steady(0, 5);
    let probe = |number: u32| Probe {
        latency: number * number,
        lag: number % 50,
        failure: number.is_multiple_of(100).then_some(FailureKind::Reset),
        phases: 0b11000,
    };
    reference.apply(Event::Probes((0..10_000).map(probe).collect()));
    for seconds in [1, 4, 5, 1, 49, 1] {
        reference.apply(Event::Pass(Duration::from_secs(seconds)));
        Window::ALL
            .into_iter()
            .for_each(|window| reference.check_window(window));
    }
}

#[test]
fn a_window_of_minutes_is_at_most_nine_seconds_short_and_never_long() {
    let mut reference = steady(0, 2000);
    for _ in 0..30 {
        reference.apply(Event::Pass(Duration::from_secs(1)));
        for window in [Window::TwoMinutes, Window::FiveMinutes, Window::FifteenMinutes] {
            let stats = reference
                .series
                .read(window, Tracks::NONE, &mut reference.scratch)
                .stats;
            let length = window.length().unwrap();
            assert!(stats.covered <= length && stats.covered + Duration::from_secs(9) >= length);
        }
    }
}

#[test]
fn a_young_series_covers_what_it_has_seen() {
    let mut series = Series::new(TargetId(0), Timestamp::from_millis(5_300));
    let mut scratch = Scratch::default();
    let mut check = |now_millis, window, expected_millis| {
        series.rotate(Timestamp::from_millis(now_millis), &mut scratch);
        let covered = series.read(window, Tracks::NONE, &mut scratch).stats.covered;
        assert_eq!(
            covered,
            Duration::from_millis(expected_millis),
            "{window:?} at {now_millis}"
        );
    };
    check(5_900, Window::TenSeconds, 0);
    check(6_100, Window::TenSeconds, 700);
    check(6_100, Window::Run, 700);
    check(15_000, Window::TenSeconds, 9_700);
    check(20_999, Window::TenSeconds, 10_000);
    check(20_999, Window::FiveMinutes, 14_700);
}

#[test]
fn three_days_asleep_keep_the_run_and_empty_the_windows() {
    let mut reference = steady(0, 100);
    reference.apply(Event::Overrun);
    reference.apply(Event::Pass(Duration::from_secs(3 * 86_400)));
    Window::ALL
        .into_iter()
        .for_each(|window| reference.check_window(window));
    let mut stats = |window| reference.series.read(window, Tracks::ALL, &mut reference.scratch).stats;
    assert_eq!((stats(Window::Run).attempts, stats(Window::Run).overruns), (100, 1));
    assert_eq!(stats(Window::FifteenMinutes).attempts, 0);
    assert_eq!(stats(Window::FifteenMinutes).latency, Quantiles::default());
}

#[test]
fn a_clock_that_stands_still_closes_nothing() {
    let mut reference = steady(0, 3);
    reference.series.rotate(Timestamp::from_secs(1), &mut reference.scratch);
    reference.series.rotate(Timestamp::from_secs(3), &mut reference.scratch);
    reference.check_window(Window::Run);
}

#[test]
fn timeouts_count_as_failures_not_as_latency() {
    let mut reference = steady(0, 0);
    let probe = |failure| Probe {
        latency: 5_000_000,
        lag: 10,
        failure,
        phases: 0b1,
    };
    reference.apply(Event::Probes(vec![probe(Some(FailureKind::Timeout)); 3]));
    reference.apply(Event::Pass(Duration::from_secs(1)));
    let detail = reference.series.read(Window::Run, Tracks::ALL, &mut reference.scratch);
    assert_eq!((detail.stats.attempts, detail.stats.failed), (3, 3));
    assert_eq!((detail.stats.latency.count, detail.stats.lag.count), (0, 3));
    assert_eq!(detail.stats.failures, [(FailureKind::Timeout, 3)]);
    assert!(detail.phases.is_empty());
}

#[test]
fn tracks_not_asked_for_are_left_out() {
    let mut reference = steady(0, 20);
    let mut read = |tracks| {
        let detail = reference.series.read(Window::Run, tracks, &mut reference.scratch);
        (
            detail.stats.attempts,
            detail.stats.latency.count,
            detail.stats.lag.count,
            detail.phases.len(),
        )
    };
    assert_eq!(read(Tracks::NONE), (20, 0, 0, 0));
    assert_eq!(read(Tracks::LATENCY), (20, 20, 0, 0));
    assert_eq!(read(Tracks::LAG), (20, 0, 20, 0));
    assert_eq!(read(Tracks::LATENCY | Tracks::PHASES), (20, 20, 0, 2));
    assert_eq!(read(Tracks::ALL), (20, 20, 20, 2));
}

#[test]
fn the_last_failures_are_remembered_newest_first() {
    let mut reference = steady(0, 0);
    for latency in 0..10 {
        let probe = Probe {
            latency,
            lag: 0,
            failure: Some(FailureKind::Status),
            phases: 0,
        };
        reference.apply(Event::Probes(vec![probe]));
        reference.apply(Event::Pass(Duration::from_secs(1)));
    }
    let at: Vec<u64> = reference.series.failures().map(|failure| failure.at.second()).collect();
    assert_eq!(at, [9, 8, 7, 6, 5, 4, 3, 2]);
    assert_eq!(reference.series.last().map(|sample| sample.latency), Some(Micros(9)));
}
