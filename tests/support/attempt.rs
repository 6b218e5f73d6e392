//! What tests of every kind of probe ask of an attempt.

use std::sync::OnceLock;

use probetop_core::clock::Clock;
use probetop_core::sample::{Answer, Failure, FailureKind, Phase};
use probetop_probe::source::Attempt;

/// The one clock of a program of tests: each has an origin of its own, and a deadline by another than the probe's is
/// another time.
pub fn clock() -> Clock {
    static CLOCK: OnceLock<Clock> = OnceLock::new();
    CLOCK.get_or_init(Clock::system).clone()
}

/// What took time, in order.
pub fn phases(attempt: &Attempt) -> Vec<Phase> {
    attempt.phases.iter().map(|(phase, _)| phase).collect()
}

#[track_caller]
pub fn answer(attempt: &Attempt) -> &Answer {
    attempt.answer.as_deref().expect("a peer was reached")
}

#[track_caller]
pub fn failure(attempt: &Attempt) -> &Failure {
    attempt.outcome.failure().expect("the probe failed")
}

/// What it told of that gauge.
#[track_caller]
pub fn gauge(attempt: &Attempt, name: &str) -> Option<f64> {
    let mut gauges = answer(attempt).gauges.iter();
    let gauge = gauges.find(|gauge| gauge.name.as_str() == name)?;
    Some(gauge.value)
}

#[track_caller]
pub fn assert_ok(attempt: &Attempt) {
    assert!(attempt.outcome.is_ok(), "{attempt:?}");
}

/// Asserts how it failed, in which phase if in any, and in which words.
#[track_caller]
pub fn assert_failed(attempt: &Attempt, kind: FailureKind, phase: impl Into<Option<Phase>>, message: &str) {
    let failure = failure(attempt);
    assert_eq!((failure.kind, failure.phase), (kind, phase.into()), "{failure:?}");
    assert_eq!(failure.message.as_str(), message);
}
