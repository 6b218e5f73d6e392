//! How a target fails: since when, and what it last said while all was well.

use std::sync::Arc;

use probetop_core::sample::Sample;
use probetop_core::snapshot::{Failing, LastSample};

/// Takes nothing beside itself while all is well.
#[derive(Clone, Debug, Default)]
pub(super) struct Failures(Option<Arc<Failing>>);

impl Failures {
    /// Another probe has ended; `before` is the one that ended last.
    pub(super) fn record(&mut self, sample: &Sample, before: Option<&Sample>) {
        if sample.outcome.is_ok() {
            self.0 = None;
            return;
        }
        let failing = self.0.get_or_insert_with(|| {
            Arc::new(Failing {
                since: sample.intended,
                attempts: 0,
                last_ok: before.map(|before| Arc::new(last(before))),
            })
        });
        Arc::make_mut(failing).attempts += 1;
    }

    pub(super) fn told(&self) -> Option<Arc<Failing>> {
        self.0.clone()
    }

    /// What a copy takes beside itself.
    pub(super) fn heap_bytes(&self) -> usize {
        let last_ok = |failing: &Failing| failing.last_ok.as_ref().map_or(0, |_| size_of::<LastSample>());
        self.0
            .as_deref()
            .map_or(0, |failing| size_of::<Failing>() + last_ok(failing))
    }
}

/// A probe as consumers read it.
pub(super) fn last(sample: &Sample) -> LastSample {
    LastSample {
        at: sample.ended(),
        latency: sample.latency,
        lag: sample.lag,
        outcome: sample.outcome.clone(),
        phases: sample.phases,
        answer: sample.answer.clone(),
    }
}

#[cfg(test)]
mod tests {
    use probetop_core::clock::Timestamp;
    use probetop_core::sample::{Failure, FailureKind, Micros, Outcome, Phases, TargetId};

    use super::*;

    fn sample(second: u64, is_ok: bool) -> Sample {
        let failure = Failure {
            kind: FailureKind::Refused,
            phase: None,
            message: "refused".into(),
        };
        Sample {
            target: TargetId(1),
            intended: Timestamp::from_secs(second),
            lag: Micros(0),
            latency: Micros(1000),
            outcome: if is_ok {
                Outcome::Ok
            } else {
                Outcome::Failed(Box::new(failure))
            },
            phases: Phases::default(),
            answer: None,
        }
    }

    fn after(outcomes: &[bool]) -> Option<Arc<Failing>> {
        let mut failures = Failures::default();
        let mut before = None;
        for (second, is_ok) in (10..).zip(outcomes) {
            let sample = sample(second, *is_ok);
            failures.record(&sample, before.as_ref());
            before = Some(sample);
        }
        failures.told()
    }

    #[test]
    fn it_fails_since_the_first_that_was_not_good() {
        let failing = after(&[true, true, false, false, false]).expect("it fails");
        assert_eq!((failing.since, failing.attempts), (Timestamp::from_secs(12), 3));
        let last_ok = failing.last_ok.as_ref().expect("two were good");
        assert_eq!(last_ok.at, sample(11, true).ended());
    }

    #[test]
    fn one_that_was_never_good_says_so() {
        let failing = after(&[false, false]).expect("it fails");
        assert_eq!((failing.attempts, failing.last_ok.is_none()), (2, true));
    }

    #[test]
    fn a_good_probe_ends_it() {
        assert_eq!(after(&[false, true]), None);
        assert_eq!(after(&[]), None);
    }
}
