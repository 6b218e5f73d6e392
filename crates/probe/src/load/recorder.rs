//! What one worker counts, second by second.

use std::collections::BTreeMap;
use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::sample::load::{LoadFailure, LoadPart, LoadSecond, add_failures, add_statuses};
use probetop_core::sample::slot::SecondCounter;
use probetop_core::sample::{Micros, Phase, Sample, TargetId};
use rustix::time::{ClockId, clock_gettime};

use crate::source::Attempt;

const SECOND: Duration = Duration::from_secs(1);

/// Slots name a target; the requests of a run have one between them.
const NOBODY: TargetId = TargetId(0);

/// Counts the second that runs. Bounded, however many requests that is.
pub(super) struct Recorder {
    /// When the second that runs began.
    began: Timestamp,
    number: u32,
    users: u32,
    flights: u32,
    /// Up to when `in_flight` has been added up.
    counted: Timestamp,
    in_flight: Duration,
    cpu: Duration,
    parts: BTreeMap<u16, Part>,
    hand_over: Box<dyn Fn(LoadSecond)>,
}

#[derive(Default)]
struct Part {
    counter: SecondCounter,
    /// All but the slot, which is made at the end.
    rest: LoadPart,
}

/// A request that has come back.
pub(super) struct Landing {
    pub stage: u16,
    pub due: Timestamp,
    pub started: Timestamp,
    pub attempt: Attempt,
}

impl Recorder {
    /// The first second begins at `start`.
    pub(super) fn new(start: Timestamp, hand_over: impl Fn(LoadSecond) + 'static) -> Self {
        Self {
            began: start,
            number: 0,
            users: 0,
            flights: 0,
            counted: start,
            in_flight: Duration::ZERO,
            cpu: cpu_of_thread(),
            parts: BTreeMap::new(),
            hand_over: Box::new(hand_over),
        }
    }

    /// A user comes to work.
    pub(super) const fn join(&mut self) {
        self.users += 1;
    }

    pub(super) const fn leave(&mut self) {
        self.users = self.users.saturating_sub(1);
    }

    /// Requests are due.
    pub(super) fn offer(&mut self, now: Timestamp, stage: u16, count: u64) {
        self.roll(now);
        self.part(stage).rest.offered += count;
    }

    /// So many that are due cannot be started: too many are on their way, or their time is over.
    pub(super) fn block(&mut self, stage: u16, count: u64) {
        self.part(stage)
            .counter
            .overrun(u32::try_from(count).unwrap_or(u32::MAX));
    }

    /// A request sets off.
    pub(super) fn take_off(&mut self, now: Timestamp) {
        self.roll(now);
        self.flights += 1;
    }

    /// A request has come back.
    pub(super) fn land(&mut self, now: Timestamp, landing: Landing) {
        self.roll(now);
        self.flights = self.flights.saturating_sub(1);
        let Landing {
            stage,
            due,
            started,
            attempt,
        } = landing;
        let sample = Sample {
            target: NOBODY,
            intended: due,
            lag: (started.since(due) + attempt.held).into(),
            latency: attempt.latency,
            outcome: attempt.outcome,
            phases: attempt.phases,
            answer: attempt.answer,
        };
        let part = self.part(stage);
        part.rest.took += sample.latency.as_duration();
        part.rest.connections += u64::from(has_connected(&sample));
        if let Some(answer) = &sample.answer {
            part.rest.received_bytes += answer.body_bytes;
            let status = answer.status.map(|status| (status, 1));
            add_statuses(&mut part.rest.statuses, status.as_slice());
        }
        part.counter.record(&sample);
        match sample.outcome.failure() {
            None => part.counter.respond(response(&sample)),
            Some(failure) => {
                let failure = LoadFailure {
                    kind: failure.kind,
                    phase: failure.phase,
                    count: 1,
                    message: failure.message.clone(),
                };
                add_failures(&mut part.rest.failures, &[failure]);
            }
        }
    }

    /// A request is given up.
    pub(super) fn cut_off(&mut self, now: Timestamp, stage: u16) {
        self.roll(now);
        self.flights = self.flights.saturating_sub(1);
        self.part(stage).counter.cut_off(1);
    }

    /// Hands over every second that has ended.
    pub(super) fn roll(&mut self, now: Timestamp) {
        while now >= self.began + SECOND {
            self.close(self.began + SECOND);
            self.began = self.began + SECOND;
            self.number = self.number.saturating_add(1);
        }
        self.add_up(now);
    }

    /// Hands over what there is of the last second.
    pub(super) fn finish(&mut self, now: Timestamp) {
        self.roll(now);
        self.close(now);
    }

    fn add_up(&mut self, to: Timestamp) {
        self.in_flight += to.since(self.counted) * self.flights;
        self.counted = self.counted.max(to);
    }

    fn close(&mut self, end: Timestamp) {
        self.add_up(end);
        let cpu = cpu_of_thread();
        let parts = std::mem::take(&mut self.parts).into_iter();
        let second = LoadSecond {
            number: self.number,
            length: end.since(self.began),
            users: self.users,
            in_flight: std::mem::take(&mut self.in_flight),
            busiest: cpu.saturating_sub(std::mem::replace(&mut self.cpu, cpu)),
            parts: parts.map(|(stage, part)| part.close(stage)).collect(),
        };
        (self.hand_over)(second);
    }

    fn part(&mut self, stage: u16) -> &mut Part {
        self.parts.entry(stage).or_default()
    }
}

impl Part {
    fn close(mut self, stage: u16) -> LoadPart {
        LoadPart {
            stage,
            slot: self.counter.close(),
            ..self.rest
        }
    }
}

/// Whether it opened a connection, whatever came of the request.
fn has_connected(sample: &Sample) -> bool {
    let failed_in = sample.outcome.failure().and_then(|failure| failure.phase);
    sample.phases.get(Phase::Connect).is_some() && failed_in != Some(Phase::Connect)
}

/// From when it was due to its end.
fn response(sample: &Sample) -> Micros {
    Micros(sample.lag.0.saturating_add(sample.latency.0))
}

/// Processor time of this thread since it began.
fn cpu_of_thread() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let (seconds, nanos) = (u64::try_from(time.tv_sec), u32::try_from(time.tv_nsec));
    Duration::new(seconds.unwrap_or(0), nanos.unwrap_or(0))
}

#[cfg(test)]
mod tests;
