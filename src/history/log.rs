//! Inputs in the order in which they came, in little memory: what many share is kept once.

use std::collections::HashMap;
use std::ops::Range;

use crate::clock::Timestamp;
use crate::monitor::{Monitor, Plan, PlannedTarget};
use crate::sample::{Answer, Failure, Input, Micros, Outcome, Phase, Phases, Sample, TargetId, TargetInfo};
use crate::snapshot::Notice;

/// What a reading of the machine takes, its processes included: forty of them with 40 bytes each, and the rest.
const READING_BYTES: usize = 3 * 1024;

/// Pauses on the way at most, and ticks between them at least: to live through fewer takes no longer than to draw them.
const STOPS: usize = 3;
const STOP_EVERY_MIN: usize = 10;

/// What happened, oldest first.
#[derive(Debug, Default)]
pub struct Log {
    entries: Vec<Entry>,
    /// When each tick was, and how many entries there were up to it.
    ticks: Vec<(Timestamp, usize)>,
    /// Of all samples, in their order.
    phases: Vec<Micros>,
    answers: Vec<Answer>,
    failures: Vec<Failure>,
    /// The newest answer of each target: most answers are like the one before.
    newest: HashMap<TargetId, u32>,
    /// What lies behind entries, answers and failures: boxes, lists, messages, plans.
    shared_bytes: usize,
}

#[derive(Debug)]
enum Entry {
    Sample(Packed),
    Plan(Box<Plan>, Timestamp),
    Notice(Box<Notice>),
    /// As it is: rare, or shared already.
    Other(Box<Input>),
}

/// A sample without what others share.
#[derive(Clone, Copy, Debug)]
struct Packed {
    intended: Timestamp,
    target: TargetId,
    lag: Micros,
    latency: Micros,
    /// Where its phases begin, and which it has: a bit each, in the order of [`Phase::ALL`].
    first_phase: u32,
    phases: u16,
    answer: Option<Place>,
    failure: Option<Place>,
}

/// A place in a list, from 1: so that an absent one takes no room.
type Place = std::num::NonZeroU32;

impl Log {
    pub fn input(&mut self, input: &Input) {
        let entry = match input {
            Input::Sample(sample) => Entry::Sample(self.pack(sample)),
            Input::Host(_) => {
                self.shared_bytes += READING_BYTES;
                self.keep_whole(input)
            }
            Input::Tick(tick) => {
                self.ticks.push((tick.now, self.entries.len() + 1));
                self.keep_whole(input)
            }
            Input::Overrun { .. }
            | Input::Skipped { .. }
            | Input::CutOff { .. }
            | Input::Channels(_)
            | Input::Act(_)
            | Input::Look(_)
            | Input::Mark(_) => self.keep_whole(input),
        };
        self.entries.push(entry);
    }

    pub fn plan(&mut self, plan: &Plan, now: Timestamp) {
        self.shared_bytes += plan.targets.len() * (size_of::<PlannedTarget>() + size_of::<TargetInfo>());
        self.entries.push(Entry::Plan(Box::new(plan.clone()), now));
    }

    pub fn notice(&mut self, notice: &Notice) {
        self.entries.push(Entry::Notice(Box::new(notice.clone())));
    }

    /// How many entries there are up to the last tick that is not later than `at`.
    pub fn position_after(&self, at: Timestamp) -> usize {
        let ticks = self.ticks.partition_point(|(tick, _)| *tick <= at);
        ticks.checked_sub(1).map_or(0, |last| self.ticks[last].1)
    }

    /// Where to pause between the two, on the way to a second from which one may go back: at ticks evenly apart.
    pub fn stops(&self, entries: Range<usize>) -> Vec<usize> {
        let first = self.ticks.partition_point(|(_, position)| *position <= entries.start);
        let last = self.ticks.partition_point(|(_, position)| *position < entries.end);
        let between = self.ticks.get(first..last).unwrap_or_default();
        let step = (between.len() / (STOPS + 1)).max(STOP_EVERY_MIN);
        let stops = between.iter().skip(step - 1).step_by(step).take(STOPS);
        stops.map(|(_, position)| *position).collect()
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Has `monitor` live through those entries.
    pub fn replay(&self, entries: Range<usize>, monitor: &mut Monitor) {
        for entry in &self.entries[entries] {
            match entry {
                Entry::Sample(packed) => monitor.apply(Input::Sample(self.unpack(packed))),
                Entry::Other(input) => monitor.apply(Input::clone(input)),
                Entry::Notice(notice) => monitor.notify(Notice::clone(notice)),
                Entry::Plan(plan, now) => monitor.configure(Plan::clone(plan), *now),
            }
        }
    }

    /// Nothing more comes: gives back the room for more.
    pub fn close(&mut self) {
        self.entries.shrink_to_fit();
        self.ticks.shrink_to_fit();
        self.phases.shrink_to_fit();
        self.answers.shrink_to_fit();
        self.failures.shrink_to_fit();
        self.newest = HashMap::new();
    }

    /// What it takes, as far as it grows with time.
    pub fn bytes(&self) -> usize {
        size_of::<Entry>() * self.entries.capacity()
            + size_of::<Micros>() * self.phases.capacity()
            + size_of::<Answer>() * self.answers.capacity()
            + size_of::<Failure>() * self.failures.capacity()
            + size_of::<(Timestamp, usize)>() * self.ticks.capacity()
            + size_of::<(TargetId, u32)>() * self.newest.capacity()
            + self.shared_bytes
    }

    fn keep_whole(&mut self, input: &Input) -> Entry {
        self.shared_bytes += size_of::<Input>();
        Entry::Other(Box::new(input.clone()))
    }

    fn pack(&mut self, sample: &Sample) -> Packed {
        let first_phase = index(self.phases.len());
        let mut phases = 0;
        for (phase, took) in sample.phases.iter() {
            phases |= 1 << phase as u16;
            self.phases.push(took);
        }
        Packed {
            intended: sample.intended,
            target: sample.target,
            lag: sample.lag,
            latency: sample.latency,
            first_phase,
            phases,
            answer: sample
                .answer
                .as_deref()
                .and_then(|answer| self.keep_answer(sample.target, answer)),
            failure: sample.outcome.failure().and_then(|failure| self.keep_failure(failure)),
        }
    }

    fn keep_answer(&mut self, target: TargetId, answer: &Answer) -> Option<Place> {
        let newest = self.newest.get(&target).copied();
        if let Some(newest) = newest.filter(|newest| self.answers[*newest as usize] == *answer) {
            return Place::new(newest + 1);
        }
        let before = newest.map(|newest| &self.answers[newest as usize]);
        let (answer, bytes) = sharing(answer, before);
        self.newest.insert(target, index(self.answers.len()));
        self.shared_bytes += bytes;
        self.answers.push(answer);
        Place::new(index(self.answers.len()))
    }

    fn keep_failure(&mut self, failure: &Failure) -> Option<Place> {
        if self.failures.last() != Some(failure) {
            self.shared_bytes += text_bytes(failure.message.as_str());
            self.failures.push(failure.clone());
        }
        Place::new(index(self.failures.len()))
    }

    fn unpack(&self, packed: &Packed) -> Sample {
        let mut phases = Phases::default();
        let present = Phase::ALL
            .into_iter()
            .filter(|phase| packed.phases & 1 << *phase as u16 != 0);
        for (phase, took) in present.zip(&self.phases[packed.first_phase as usize..]) {
            phases.add(phase, *took);
        }
        Sample {
            target: packed.target,
            intended: packed.intended,
            lag: packed.lag,
            latency: packed.latency,
            outcome: at(&self.failures, packed.failure)
                .map_or(Outcome::Ok, |failure| Outcome::Failed(Box::new(failure.clone()))),
            phases,
            answer: at(&self.answers, packed.answer).map(|answer| Box::new(answer.clone())),
        }
    }
}

/// The answer with what is as in the one before shared with that, and what it takes beside itself.
fn sharing(answer: &Answer, before: Option<&Answer>) -> (Answer, usize) {
    let mut answer = answer.clone();
    let mut bytes = size_of_val(answer.facts.as_slice()) + size_of_val(answer.gauges.as_slice());
    let (facts, gauges) = before.map_or((&[][..], &[][..]), |before| (&before.facts, &before.gauges));
    for (at, fact) in answer.facts.iter_mut().enumerate() {
        match facts.get(at).filter(|before| before.value == fact.value) {
            Some(before) => fact.value.clone_from(&before.value),
            None => bytes += text_bytes(fact.value.as_str()),
        }
    }
    for (at, gauge) in answer.gauges.iter_mut().enumerate() {
        match gauges.get(at).filter(|before| before.name == gauge.name) {
            Some(before) => gauge.name.clone_from(&before.name),
            None => bytes += text_bytes(gauge.name.as_str()),
        }
    }
    (answer, bytes)
}

/// Of a text that is shared: itself and two counters.
const fn text_bytes(text: &str) -> usize {
    2 * size_of::<usize>() + text.len()
}

fn index(length: usize) -> u32 {
    u32::try_from(length).expect("five minutes hold fewer than four thousand million samples")
}

fn at<T>(list: &[T], place: Option<Place>) -> Option<&T> {
    list.get(place?.get() as usize - 1)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::sample::{OwnUsage, Tick};

    fn planned() -> PlannedTarget {
        PlannedTarget {
            info: Arc::new(TargetInfo {
                id: TargetId(0),
                name: "checkout".into(),
                url: "http://checkout/".into(),
                kind: "http",
                purpose: crate::sample::Purpose::default(),
                host: None,
                group: None,
                interval: Duration::from_secs(1),
                timeout: Duration::from_secs(5),
                in_flight: 5,
                phases: &Phase::HTTP,
            }),
            latency: None,
            errors: crate::judge::level::ErrorThresholds::default(),
            rate: None,
            gauges: Vec::new(),
        }
    }

    #[test]
    fn what_a_reload_takes_is_counted_by_its_targets() {
        let mut log = Log::default();
        let plan = Plan {
            targets: vec![planned(); 10_000],
            ..Plan::default()
        };
        log.plan(&plan, Timestamp::ZERO);
        assert!(log.bytes() >= 10_000 * size_of::<PlannedTarget>());
    }

    #[test]
    fn stops_lie_evenly_between_and_not_close_together() {
        let mut log = Log::default();
        for second in 1..=100 {
            log.input(&Input::Skipped { target: TargetId(0) });
            log.input(&Input::Tick(Tick {
                now: Timestamp::from_secs(second),
                wall: std::time::SystemTime::UNIX_EPOCH,
                dropped: 0,
                own: OwnUsage::default(),
            }));
        }
        let check = |entries, expected: &[usize]| assert_eq!(log.stops(entries), expected);
        check(0..200, &[48, 96, 144]);
        check(100..200, &[124, 148, 172]);
        check(150..200, &[170, 190]);
        check(180..200, &[]);
        check(200..200, &[]);
    }
}
