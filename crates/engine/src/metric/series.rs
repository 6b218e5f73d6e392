//! The history of one target: samples in, figures over windows and steps of time out.
//!
//! Time is counted in seconds of the clock. Samples collect in the second that is open; [`Series::rotate`] closes it.
//! What is closed is kept at three resolutions, [`Step`]; a longer step is the sum of the shorter ones, made the moment
//! it ends, and the run is the sum of all.

mod read;
mod rolling;

use std::collections::VecDeque;
use std::iter;

use probetop_core::clock::Timestamp;
use probetop_core::sample::slot::open::OpenSecond;
use probetop_core::sample::slot::{Scratch, Slot, Tracks};
use probetop_core::sample::{FailureRecord, Sample, TargetId};

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
