//! The history of one target: samples in, figures over windows and steps of time out.
//!
//! Time is counted in seconds of the clock. Samples collect in the second that is open; [`Series::rotate`] closes it.
//! What is closed is kept at three resolutions, [`Step`]; a longer step is the sum of the shorter ones, made the moment
//! it ends, and the run is the sum of all.

use std::collections::VecDeque;
use std::iter;
use std::ops::Range;

use probetop_core::clock::Timestamp;
use probetop_core::sample::slot::histogram::Quantile;
use probetop_core::sample::slot::open::OpenSecond;
use probetop_core::sample::slot::{self, Scratch, Slot, Tracks};
use probetop_core::sample::{
    Bucket, FailureRecord, Micros, Phase, Point, Quantiles, Sample, TargetId, Window, WindowDetail, WindowStats,
};

use super::gaps::Gaps;
use super::ring::Ring;
use super::step::Step;

/// How many failures are remembered with their messages: what a pane shows.
const FAILURES_KEPT: usize = 8;

const TEN: u64 = Step::TenSeconds.seconds();
const MINUTE: u64 = Step::Minute.seconds();

/// How many ten-second slots gather before the run takes them in. The run is the largest slot and the dearest to
/// encode: doing it every five minutes costs a tenth of a roll-up, and reading the run at most as much as 5 m.
const TENS_PER_FOLD: u64 = 30;
const _: () = assert!(TENS_PER_FOLD < Step::TenSeconds.kept() as u64);

const TENS_PER_MINUTE: u64 = MINUTE / TEN;

/// One target's samples, in bounded memory: about 15 kB at one sample a second.
#[derive(Clone, Debug)]
pub struct Series {
    started: Timestamp,
    /// Number of the second that collects; all before it are closed.
    open: u64,
    collecting: OpenSecond,
    gaps: Gaps,
    seconds: Ring,
    tens: Ring,
    /// Tally and latency alone: what the longest time axis shows.
    minutes: Ring,
    /// One slot: all before the ten seconds numbered `folded`.
    run: Vec<u8>,
    folded: u64,
    /// After which of every [`TENS_PER_FOLD`] slots the run takes them in.
    fold_turn: u64,
    /// When the run ended, and as a slot what collected since the last full second.
    rest: Option<Box<(Timestamp, Vec<u8>)>>,
    /// Newest first.
    failures: VecDeque<FailureRecord>,
    last: Option<Sample>,
}

impl Series {
    /// The target's id only spreads work over time: not all series do the dearest of it on the same tick.
    pub fn new(target: TargetId, started: Timestamp) -> Self {
        let second = started.second();
        Self {
            started,
            open: second,
            collecting: OpenSecond::default(),
            gaps: Gaps::default(),
            seconds: Ring::new(Step::Second.kept(), second),
            tens: Ring::new(Step::TenSeconds.kept(), second / TEN),
            minutes: Ring::new(Step::Minute.kept(), second / MINUTE),
            run: Vec::new(),
            folded: second / TEN,
            fold_turn: u64::from(target.0) % TENS_PER_FOLD,
            rest: None,
            failures: VecDeque::new(),
            last: None,
        }
    }

    /// Counts a finished probe and remembers it as the newest.
    pub fn record(&mut self, sample: Sample) {
        self.count(&sample);
        if let Some(failure) = sample.outcome.failure() {
            self.failures.truncate(FAILURES_KEPT - 1);
            self.failures.push_front(FailureRecord {
                at: sample.ended(),
                failure: failure.clone(),
            });
        }
        self.last = Some(sample);
    }

    /// Counts a finished probe in the second that is open, whenever it ended: inputs count when they become known, so
    /// that a closed second never changes. Enough for a series that stands for many targets.
    pub fn count(&mut self, sample: &Sample) {
        self.collecting.record(sample);
    }

    /// Counts the start of a probe and its lag alone.
    pub fn count_start(&mut self, sample: &Sample) {
        self.collecting.record_start(sample);
    }

    /// Counts the tally and the wanted tracks of a second that another counted, in the second that is open.
    pub fn absorb(&mut self, slot: &Slot, wanted: Tracks) {
        self.collecting.absorb(slot, wanted);
    }

    /// Counts due probes that were not started.
    pub fn overrun(&mut self, count: u32) {
        self.collecting.tally.overruns += u64::from(count);
    }

    /// Counts a step that was not made, because an earlier one of its flow failed.
    pub fn skip(&mut self) {
        self.collecting.tally.skipped += 1;
    }

    /// Counts a probe that was cut off, or under way while nobody watched: it says nothing about the target.
    pub fn cut_off(&mut self) {
        self.collecting.tally.cut_off += 1;
    }

    /// Nobody watched from one time to the other: no window claims it.
    pub fn pause(&mut self, from: Timestamp, to: Timestamp) {
        self.gaps.add(from, to);
    }

    /// Closes every second that has ended by `now`; a `now` before the last one changes nothing.
    pub fn rotate(&mut self, now: Timestamp, scratch: &mut Scratch) {
        let target = now.second();
        while self.open < target {
            let whole_minutes = (target - self.open) / MINUTE;
            if whole_minutes > 0 && self.open.is_multiple_of(MINUTE) && self.collecting.is_empty() {
                self.skip_minutes(whole_minutes, scratch);
            } else {
                self.close_second(scratch);
            }
        }
    }

    /// The run ends: it takes in what has collected, in however much of a second. The other windows end with a full one.
    pub fn conclude(&mut self, now: Timestamp) {
        let mut slot = Vec::new();
        self.collecting.close(&mut slot);
        self.rest = Some(Box::new((now, slot)));
    }

    /// What a copy takes beside itself.
    pub fn heap_bytes(&self) -> usize {
        let rings: usize = [&self.seconds, &self.tens, &self.minutes]
            .into_iter()
            .map(Ring::heap_bytes)
            .sum();
        let failures = self.failures.iter().map(|record| {
            // Each says something of its own, with two counters beside it.
            size_of::<FailureRecord>() + 2 * size_of::<usize>() + record.failure.message.as_str().len()
        });
        let last = self.last.as_ref().map_or(0, Sample::heap_bytes);
        self.collecting.heap_bytes() + rings + self.run.len() + failures.sum::<usize>() + last
    }

    /// When it began.
    pub fn started(&self) -> Timestamp {
        self.started
    }

    /// The newest finished probe.
    pub fn last(&self) -> Option<&Sample> {
        self.last.as_ref()
    }

    /// The last failures, newest first, at most eight.
    pub fn failures(&self) -> impl ExactSizeIterator<Item = &FailureRecord> {
        self.failures.iter()
    }

    /// What `window` holds, with the figures of the wanted tracks; the others are left at `None`.
    ///
    /// A window ends with the last closed second, number `open - 1`. 10 s and 1 m begin exactly their length before
    /// that end; 5 m and 15 m at the first multiple of ten seconds of the clock that is no farther back, so they are
    /// up to nine seconds shorter and never longer; the run begins with the series, and once it is concluded ends with it.
    pub fn read(&self, window: Window, tracks: Tracks, scratch: &mut Scratch) -> WindowDetail {
        let sum = scratch.sum(self.slots(window), tracks);
        let begin = Timestamp::from_secs(self.first_second(window)).max(self.started);
        let full = Timestamp::from_secs(self.open);
        let end = self.rest(window).map_or(full, |(ended, _)| full.max(*ended));
        let unwatched = match window {
            Window::Run => self.gaps.until(end),
            Window::TenSeconds | Window::OneMinute | Window::FiveMinutes | Window::FifteenMinutes => {
                self.gaps.between(begin, end)
            }
        };
        let phase_figures = |phase: Phase| {
            let figures = sum.histograms[slot::phase_track(phase)].quantiles();
            (figures.count > 0).then_some((phase, figures))
        };
        WindowDetail {
            stats: WindowStats {
                covered: end.since(begin).saturating_sub(unwatched),
                unwatched,
                attempts: sum.tally.attempts,
                failed: sum.tally.failed(),
                overruns: sum.tally.overruns,
                skipped: sum.tally.skipped,
                cut_off: sum.tally.cut_off,
                latency: sum.histograms[slot::LATENCY].quantiles(),
                lag: sum.histograms[slot::LAG].quantiles(),
                failures: sum.tally.by_kind(),
            },
            cold: sum.histograms[slot::COLD].quantiles(),
            phases: Phase::ALL.into_iter().filter_map(phase_figures).collect(),
        }
    }

    /// As [`Series::read`], and how many successful probes took at most each of `limits`, to the 0.8 % that a bucket is
    /// wide. The latency must be among the tracks.
    pub fn read_within<const N: usize>(
        &self,
        window: Window,
        tracks: Tracks,
        limits: [Micros; N],
        scratch: &mut Scratch,
    ) -> (WindowDetail, [u64; N]) {
        let detail = self.read(window, tracks, scratch);
        let latency = &scratch.histograms[slot::LATENCY];
        (detail, limits.map(|limit| latency.at_most(limit)))
    }

    /// How the latencies of `window` are spread: the non-empty eighths of octaves, shortest first.
    pub fn distribution(&self, window: Window, scratch: &mut Scratch) -> Vec<Bucket> {
        let sum = scratch.sum(self.slots(window), Tracks::LATENCY);
        sum.histograms[slot::LATENCY].distribution()
    }

    /// The newest `count` steps, oldest first, fewer when the series is younger or [`Step::kept`] is less. The last one
    /// is [`Step::newest`] at the last rotation; until it has ended it holds what is closed of it.
    pub fn points(&self, step: Step, count: usize, scratch: &mut Scratch) -> Vec<Point> {
        self.steps(step, count)
            .map(|number| point(scratch.sum(self.step_slots(step, number), Tracks::LATENCY)))
            .collect()
    }

    /// As [`Series::points`], each with how its latencies are spread; see [`Series::distribution`].
    pub fn spreads(&self, step: Step, count: usize, scratch: &mut Scratch) -> (Vec<Point>, Vec<Vec<Bucket>>) {
        self.steps(step, count)
            .map(|number| {
                let sum = scratch.sum(self.step_slots(step, number), Tracks::LATENCY);
                (point(sum), sum.histograms[slot::LATENCY].distribution())
            })
            .unzip()
    }

    /// As [`Series::points`], each handed on with its latencies: the middles of buckets, shortest first, and their counts.
    pub fn each_step(
        &self,
        step: Step,
        count: usize,
        scratch: &mut Scratch,
        mut take: impl FnMut(Point, &mut dyn Iterator<Item = (Micros, u32)>),
    ) {
        for number in self.steps(step, count) {
            let sum = scratch.sum(self.step_slots(step, number), Tracks::LATENCY);
            take(point(sum), &mut sum.histograms[slot::LATENCY].middles());
        }
    }

    /// The figures of those steps together, as windows have them; a newest step that has not ended yet is left out.
    pub fn quantiles(&self, step: Step, count: usize, scratch: &mut Scratch) -> Quantiles {
        let steps = self.steps(step, count);
        let ended = self.open / step.seconds();
        let slots = (steps.start..steps.end.min(ended)).flat_map(|number| self.step_slots(step, number));
        scratch.sum(slots, Tracks::LATENCY).histograms[slot::LATENCY].quantiles()
    }

    /// The numbers of the newest `count` steps.
    fn steps(&self, step: Step, count: usize) -> Range<u64> {
        if self.open == self.started.second() {
            return 0..0;
        }
        let begun = self.open.div_ceil(step.seconds());
        let count = count.min(step.kept()) as u64;
        let first = begun.saturating_sub(count).max(self.started.second() / step.seconds());
        first..begun
    }

    /// The slots that add up to `window`.
    fn slots(&self, window: Window) -> impl Iterator<Item = &[u8]> {
        let unrolled = self.tens.next() * TEN;
        let first = self.first_second(window);
        let (run, tens, seconds) = match window {
            Window::TenSeconds | Window::OneMinute => (None, 0..0, first..self.open),
            Window::FiveMinutes | Window::FifteenMinutes => (None, first / TEN..u64::MAX, unrolled..self.open),
            Window::Run => (Some(self.run.as_slice()), self.folded..u64::MAX, unrolled..self.open),
        };
        let rolled = run.into_iter().chain(self.tens.range(tens));
        let rest = self.rest(window).map(|(_, slot)| slot.as_slice());
        rolled.chain(self.seconds.range(seconds)).chain(rest)
    }

    /// What the run, once it is concluded, has beyond full seconds.
    fn rest(&self, window: Window) -> Option<&(Timestamp, Vec<u8>)> {
        match window {
            Window::Run => self.rest.as_deref(),
            Window::TenSeconds | Window::OneMinute | Window::FiveMinutes | Window::FifteenMinutes => None,
        }
    }

    /// The second that `window` begins with, were the series old enough.
    fn first_second(&self, window: Window) -> u64 {
        let length = window.length().map_or(u64::MAX, |length| length.as_secs());
        let first = self.open.saturating_sub(length);
        match window {
            Window::TenSeconds | Window::OneMinute | Window::Run => first,
            Window::FiveMinutes | Window::FifteenMinutes => first.next_multiple_of(TEN),
        }
    }

    /// The slots that add up to one step: its own, or while it lasts those that will make it.
    fn step_slots(&self, step: Step, number: u64) -> impl Iterator<Item = &[u8]> {
        let from_second = number * step.seconds();
        let unrolled = self.tens.next() * TEN;
        let (minutes, tens, seconds) = match step {
            Step::Second => (0..0, 0..0, from_second..from_second + 1),
            Step::TenSeconds if from_second < unrolled => (0..0, number..number + 1, 0..0),
            Step::TenSeconds => (0..0, 0..0, from_second..self.open),
            Step::Minute if number < self.minutes.next() => (number..number + 1, 0..0, 0..0),
            Step::Minute => (0..0, from_second / TEN..u64::MAX, unrolled..self.open),
        };
        let rolled = self.minutes.range(minutes).chain(self.tens.range(tens));
        rolled.chain(self.seconds.range(seconds))
    }

    fn close_second(&mut self, scratch: &mut Scratch) {
        self.collecting.close(&mut scratch.bytes);
        self.seconds.push(&scratch.bytes);
        self.open += 1;
        if self.open.is_multiple_of(TEN) {
            self.close_ten(scratch);
        }
        if self.open.is_multiple_of(MINUTE) {
            self.close_minute(scratch);
        }
    }

    fn close_ten(&mut self, scratch: &mut Scratch) {
        scratch.sum(self.seconds.range(self.open - TEN..self.open), Tracks::ALL);
        scratch.encode();
        self.tens.push(&scratch.bytes);
        if self.tens.next() % TENS_PER_FOLD == self.fold_turn {
            self.fold(scratch);
        }
    }

    fn close_minute(&mut self, scratch: &mut Scratch) {
        let tens = self.tens.next() - TENS_PER_MINUTE..self.tens.next();
        scratch.sum(self.tens.range(tens), Tracks::LATENCY);
        scratch.encode();
        self.minutes.push(&scratch.bytes);
    }

    /// Adds to the run what it does not hold yet.
    fn fold(&mut self, scratch: &mut Scratch) {
        scratch.sum(self.slots_to_fold(), Tracks::ALL);
        scratch.encode();
        let slot = &scratch.bytes;
        if self.run.capacity() < slot.len() {
            // It grows for ever more slowly; an eighth lasts a while.
            self.run = Vec::with_capacity(slot.len() + slot.len() / 8);
        }
        self.run.clear();
        self.run.extend_from_slice(slot);
        self.folded = self.tens.next();
    }

    fn slots_to_fold(&self) -> impl Iterator<Item = &[u8]> {
        iter::once(self.run.as_slice()).chain(self.tens.range(self.folded..u64::MAX))
    }

    /// Moves over minutes in which nothing happened, at the cost of the rings however many there are.
    fn skip_minutes(&mut self, count: u64, scratch: &mut Scratch) {
        // What the gap pushes out must have gone into the run.
        self.fold(scratch);
        self.seconds.push_empty(count * MINUTE);
        self.tens.push_empty(count * TENS_PER_MINUTE);
        self.minutes.push_empty(count);
        self.open += count * MINUTE;
        self.folded = self.tens.next();
    }
}

/// A step's own figures; with few samples the nearest rank stands for every quantile.
fn point(sum: &Scratch) -> Point {
    let latency = &sum.histograms[slot::LATENCY];
    let summary = latency.summary([Quantile::P50, Quantile::P95, Quantile::P99]);
    let [p50, p95, p99] = summary.at.map(|value| (!latency.is_empty()).then_some(value));
    Point {
        attempts: u32::try_from(sum.tally.attempts).unwrap_or(u32::MAX),
        failed: u32::try_from(sum.tally.failed()).unwrap_or(u32::MAX),
        p50,
        p95,
        p99,
        max: (!latency.is_empty()).then_some(summary.max),
    }
}
