//! What a load run did in one second: what its workers hand over, in place of a message for each request.
//!
//! Seconds add up: of several workers, and of several seconds. What comes of their sum is what one worker would have given
//! that had sent all of it.

use std::time::Duration;

use super::slot::{SecondCounter, Slot};
use super::{FailureKind, Phase, Text};

/// One second of a run, or the sum of several.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LoadSecond {
    /// Which second of the run, from 0 on; of a sum the last.
    pub number: u32,
    /// How long it was: the last one ends with the last answer.
    pub length: Duration,
    /// Users at work as it ended; none where the timetable decides.
    pub users: u32,
    /// Requests on their way, added up over time: half a second of two requests is a second.
    pub in_flight: Duration,
    /// Processor time of the worker; of several workers that of the busiest.
    pub busiest: Duration,
    /// By the stage in which the requests were due, each once and ascending.
    pub parts: Vec<LoadPart>,
}

/// What became of the requests that were due in one stage.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LoadPart {
    pub stage: u16,
    /// Those that came to be due, whether or not they could be started.
    pub offered: u64,
    /// Outcomes and distributions: service as latency, response, lag and phases. Those that were due and found no
    /// connection are overruns.
    pub slot: Slot,
    /// How long all requests took together, failed ones included.
    pub took: Duration,
    /// Connections that were opened.
    pub connections: u64,
    /// Bytes of bodies.
    pub received_bytes: u64,
    /// Answers by status, ascending.
    pub statuses: Vec<(u16, u64)>,
    /// Each kind and phase once, in the order in which they first occurred.
    pub failures: Vec<LoadFailure>,
}

/// Requests that failed in the same way.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadFailure {
    pub kind: FailureKind,
    pub phase: Option<Phase>,
    pub count: u64,
    /// What the first of them said.
    pub message: Text,
}

impl LoadFailure {
    /// `refused in connect`; of `dns in dns` the half is enough.
    pub fn words(&self) -> String {
        let kind = self.kind.name();
        match self.phase.map(Phase::label) {
            Some(phase) if phase != kind => format!("{kind} in {phase}"),
            Some(_) | None => kind.to_owned(),
        }
    }
}

impl LoadSecond {
    /// Takes in what another worker did in the same second, or the same in a later one.
    pub fn add(&mut self, other: Self) {
        self.number = self.number.max(other.number);
        self.length = self.length.max(other.length);
        self.users = self.users.saturating_add(other.users);
        self.in_flight += other.in_flight;
        self.busiest = self.busiest.max(other.busiest);
        for part in other.parts {
            match self.parts.binary_search_by_key(&part.stage, |known| known.stage) {
                Ok(at) => self.parts[at].add(part),
                Err(at) => self.parts.insert(at, part),
            }
        }
    }
}

impl LoadPart {
    /// Takes in another of the same stage.
    fn add(&mut self, other: Self) {
        self.offered += other.offered;
        self.took += other.took;
        self.connections += other.connections;
        self.received_bytes += other.received_bytes;
        let mut counter = SecondCounter::default();
        counter.merge(&self.slot);
        counter.merge(&other.slot);
        self.slot = counter.close();
        add_statuses(&mut self.statuses, &other.statuses);
        add_failures(&mut self.failures, &other.failures);
    }
}

/// Adds counts by status.
pub fn add_statuses(statuses: &mut Vec<(u16, u64)>, more: &[(u16, u64)]) {
    for (status, count) in more {
        match statuses.binary_search_by_key(status, |(known, _)| *known) {
            Ok(at) => statuses[at].1 += count,
            Err(at) => statuses.insert(at, (*status, *count)),
        }
    }
}

/// Adds counts by kind and phase; what was said first stays.
pub fn add_failures(failures: &mut Vec<LoadFailure>, more: &[LoadFailure]) {
    for other in more {
        let is_same = |known: &&mut LoadFailure| (known.kind, known.phase) == (other.kind, other.phase);
        match failures.iter_mut().find(is_same) {
            Some(known) => known.count += other.count,
            None => failures.push(other.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(stage: u16, offered: u64, statuses: &[(u16, u64)]) -> LoadPart {
        LoadPart {
            stage,
            offered,
            statuses: statuses.to_vec(),
            ..LoadPart::default()
        }
    }

    #[test]
    fn seconds_of_workers_add_up_stage_by_stage() {
        let refused = |count, message: &str| LoadFailure {
            kind: FailureKind::Refused,
            phase: Some(Phase::Connect),
            count,
            message: message.into(),
        };
        let second = |users, busiest, parts| LoadSecond {
            number: 3,
            length: Duration::from_secs(1),
            users,
            in_flight: Duration::from_millis(500),
            busiest: Duration::from_millis(busiest),
            parts,
        };
        let mut first = part(1, 10, &[(200, 7), (503, 1)]);
        first.failures = vec![refused(2, "first")];
        let mut other = part(1, 20, &[(200, 3), (404, 1)]);
        other.failures = vec![refused(5, "second")];
        let mut sum = second(4, 700, vec![first]);
        sum.add(second(6, 900, vec![part(0, 1, &[]), other]));
        assert_eq!((sum.number, sum.users), (3, 10));
        assert_eq!(
            (sum.length, sum.in_flight),
            (Duration::from_secs(1), Duration::from_secs(1))
        );
        assert_eq!(sum.busiest, Duration::from_millis(900));
        let offered: Vec<_> = sum.parts.iter().map(|part| (part.stage, part.offered)).collect();
        assert_eq!(offered, [(0, 1), (1, 30)]);
        assert_eq!(sum.parts[1].statuses, [(200, 10), (404, 1), (503, 1)]);
        assert_eq!(sum.parts[1].failures, [refused(7, "first")]);
    }
}
