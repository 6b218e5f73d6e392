//! The figures of a series: over windows that end now, and over steps of time.

use std::ops::Range;

use probetop_core::clock::Timestamp;
use probetop_core::sample::slot::histogram::Quantile;
use probetop_core::sample::slot::{self, Scratch, Tracks};
use probetop_core::sample::{Bucket, Micros, Phase, Point, Quantiles, Window, WindowDetail, WindowStats};

use super::{Series, TEN};
use crate::metric::step::Step;

impl Series {
    /// What `window` holds, with the figures of the wanted tracks; the others are left at `None`.
    ///
    /// A window ends with the last closed second, number `open - 1`. 10 s and 1 m begin exactly their length before
    /// that end; 2 m, 5 m and 15 m at the first multiple of ten seconds of the clock that is no farther back, so they are
    /// up to nine seconds shorter and never longer; the run begins with the series, and once it is concluded ends with it.
    pub fn read(&self, window: Window, tracks: Tracks, scratch: &mut Scratch) -> WindowDetail {
        let sum = scratch.sum(self.slots(window), tracks);
        let begin = Timestamp::from_secs(self.first_second(window)).max(self.started);
        let full = Timestamp::from_secs(self.open);
        let end = self.rest(window).map_or(full, |(ended, _)| full.max(*ended));
        let unwatched = match window {
            Window::Run => self.gaps.until(end),
            Window::TenSeconds
            | Window::OneMinute
            | Window::TwoMinutes
            | Window::FiveMinutes
            | Window::FifteenMinutes => self.gaps.between(begin, end),
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
    pub(super) fn steps(&self, step: Step, count: usize) -> Range<u64> {
        if self.open == self.started.second() {
            return 0..0;
        }
        let begun = self.open.div_ceil(step.seconds());
        let count = count.min(step.kept()) as u64;
        let first = begun.saturating_sub(count).max(self.started.second() / step.seconds());
        first..begun
    }

    /// The slots that add up to `window`, as few as there are: a minute is five or six tens with seconds before and after
    /// them, which are read in a third of the time that sixty seconds take.
    fn slots(&self, window: Window) -> impl Iterator<Item = &[u8]> {
        let unrolled = self.tens.next() * TEN;
        let first = self.first_second(window);
        let first_ten = first.div_ceil(TEN);
        let (run, before, tens, seconds) = match window {
            Window::TenSeconds => (None, 0..0, 0..0, first..self.open),
            Window::OneMinute => (None, first..first_ten * TEN, first_ten..u64::MAX, unrolled..self.open),
            Window::TwoMinutes | Window::FiveMinutes | Window::FifteenMinutes => {
                (None, 0..0, first_ten..u64::MAX, unrolled..self.open)
            }
            Window::Run => (
                Some(self.run.as_slice()),
                0..0,
                self.folded..u64::MAX,
                unrolled..self.open,
            ),
        };
        let rolled = run
            .into_iter()
            .chain(self.seconds.range(before))
            .chain(self.tens.range(tens));
        let rest = self.rest(window).map(|(_, slot)| slot.as_slice());
        rolled.chain(self.seconds.range(seconds)).chain(rest)
    }

    /// What the run, once it is concluded, has beyond full seconds.
    fn rest(&self, window: Window) -> Option<&(Timestamp, Vec<u8>)> {
        match window {
            Window::Run => self.rest.as_deref(),
            Window::TenSeconds
            | Window::OneMinute
            | Window::TwoMinutes
            | Window::FiveMinutes
            | Window::FifteenMinutes => None,
        }
    }

    /// The second that `window` begins with, were the series old enough.
    fn first_second(&self, window: Window) -> u64 {
        let length = window.length().map_or(u64::MAX, |length| length.as_secs());
        let first = self.open.saturating_sub(length);
        match window {
            Window::TenSeconds | Window::OneMinute | Window::Run => first,
            Window::TwoMinutes | Window::FiveMinutes | Window::FifteenMinutes => first.next_multiple_of(TEN),
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
        min: (!latency.is_empty()).then_some(summary.min),
        max: (!latency.is_empty()).then_some(summary.max),
    }
}
