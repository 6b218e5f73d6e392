//! Counting by given times: what falls into which second, and what is added up over it.

use std::cell::RefCell;
use std::rc::Rc;

use probetop_core::sample::slot::{LAG, LATENCY, RESPONSE, code};
use probetop_core::sample::{Answer, Failure, FailureKind, Outcome, Phases};

use super::*;

/// A recorder that began at 10 s, and what it handed over.
fn recorder() -> (Recorder, Rc<RefCell<Vec<LoadSecond>>>) {
    let told = Rc::<RefCell<Vec<LoadSecond>>>::default();
    let telling = Rc::clone(&told);
    let recorder = Recorder::new(Timestamp::from_secs(10), move |second| {
        // Processor time is the machine's own.
        telling.borrow_mut().push(LoadSecond {
            busiest: Duration::ZERO,
            ..second
        });
    });
    (recorder, told)
}

fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(10_000 + millis)
}

fn landing(due: u64, started: u64, took_ms: u32, outcome: Outcome) -> Landing {
    Landing {
        stage: 0,
        due: at(due),
        started: at(started),
        attempt: Attempt {
            latency: Micros(took_ms * 1000),
            outcome,
            held: Duration::ZERO,
            phases: Phases::default(),
            answer: Some(Box::new(Answer {
                status: Some(200),
                body_bytes: 7,
                ..Answer::default()
            })),
            steps: Vec::new(),
        },
    }
}

/// The middles of the buckets of one track.
fn track(part: &LoadPart, wanted: usize) -> Vec<u32> {
    let mut found = Vec::new();
    part.slot.visit(&mut Default::default(), |track, code, count| {
        if track == wanted {
            found.extend(std::iter::repeat_n(code::midpoint_us(code), count as usize));
        }
    });
    found
}

#[test]
fn a_request_is_counted_in_the_second_in_which_it_ends() {
    let (mut recorder, told) = recorder();
    recorder.offer(at(900), 0, 1);
    recorder.take_off(at(900));
    recorder.land(at(1100), landing(900, 900, 200, Outcome::Ok));
    recorder.finish(at(1500));
    let told = told.borrow();
    let counts = |second: &LoadSecond| {
        let part = second.parts.first();
        (
            second.number,
            part.map(|part| (part.offered, track(part, LATENCY).len(), part.received_bytes)),
        )
    };
    let counts: Vec<_> = told.iter().map(counts).collect();
    assert_eq!(counts, [(0, Some((1, 0, 0))), (1, Some((0, 1, 7)))]);
    assert_eq!(told[1].parts[0].statuses, [(200, 1)]);
}

#[test]
fn response_is_lag_and_service_together() {
    let (mut recorder, told) = recorder();
    recorder.take_off(at(110));
    recorder.land(at(310), landing(100, 110, 200, Outcome::Ok));
    recorder.finish(at(400));
    let told = told.borrow();
    let part = &told[0].parts[0];
    let is_near =
        |track: Vec<u32>, expected: f64| track.len() == 1 && (f64::from(track[0]) / expected - 1.0).abs() < 0.004;
    assert!(is_near(track(part, LAG), 10_000.0));
    assert!(is_near(track(part, LATENCY), 200_000.0));
    assert!(is_near(track(part, RESPONSE), 210_000.0));
}

#[test]
fn a_failure_is_no_latency_and_counts_by_kind_and_phase() {
    let (mut recorder, told) = recorder();
    let failed = |kind| {
        Outcome::Failed(Box::new(Failure {
            kind,
            phase: Some(Phase::Connect),
            message: "no".into(),
        }))
    };
    for kind in [FailureKind::Refused, FailureKind::Refused, FailureKind::Reset] {
        recorder.take_off(at(10));
        recorder.land(at(20), landing(10, 10, 10, failed(kind)));
    }
    recorder.finish(at(100));
    let told = told.borrow();
    let part = &told[0].parts[0];
    assert!(track(part, LATENCY).is_empty() && track(part, RESPONSE).is_empty());
    let failures: Vec<_> = part
        .failures
        .iter()
        .map(|failure| (failure.kind, failure.count))
        .collect();
    assert_eq!(failures, [(FailureKind::Refused, 2), (FailureKind::Reset, 1)]);
    assert_eq!(part.took, Duration::from_millis(30));
}

#[test]
fn what_is_on_its_way_is_added_up_over_time_and_split_at_the_second() {
    let (mut recorder, told) = recorder();
    recorder.take_off(at(500));
    recorder.take_off(at(750));
    recorder.land(at(1250), landing(500, 500, 750, Outcome::Ok));
    recorder.cut_off(at(2500), 0);
    recorder.finish(at(2600));
    let in_flight: Vec<_> = told
        .borrow()
        .iter()
        .map(|second| second.in_flight.as_millis())
        .collect();
    // One for 250 ms and two for 250; two for 250 and one for 750; one for 500.
    assert_eq!(in_flight, [750, 1250, 500]);
}

#[test]
fn seconds_in_which_nothing_happens_are_handed_over_too() {
    let (mut recorder, told) = recorder();
    recorder.join();
    recorder.roll(at(3200));
    recorder.leave();
    recorder.finish(at(3300));
    let seconds: Vec<_> = told
        .borrow()
        .iter()
        .map(|second| (second.number, second.users))
        .collect();
    assert_eq!(seconds, [(0, 1), (1, 1), (2, 1), (3, 0)]);
    let time: Duration = told.borrow().iter().map(|second| second.length).sum();
    assert_eq!(time, Duration::from_millis(3300), "the last one ends early");
}
