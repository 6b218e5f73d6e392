//! Counts that are added up, beside counts that were made at once.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::sample::{Failure, FailureKind, Micros, Outcome, Phase, Phases, Quantiles};

fn samples() -> impl Strategy<Value = Vec<Sample>> {
    let failures = prop::option::weighted(0.2, prop::sample::select(&FailureKind::ALL[..]));
    let phases = vec((prop::sample::select(&Phase::ALL[..]), 0_u32..200_000_000), 0..5);
    let sample = (0_u32..200_000_000, 0_u32..5_000, failures, phases).prop_map(|(latency, lag, failure, took)| {
        let mut phases = Phases::default();
        took.into_iter()
            .for_each(|(phase, took)| phases.add(phase, Micros(took)));
        Sample {
            target: TargetId(0),
            intended: Timestamp::ZERO,
            lag: Micros(lag),
            latency: Micros(latency),
            outcome: failure.map_or(Outcome::Ok, |kind| {
                Outcome::Failed(Box::new(Failure {
                    kind,
                    phase: None,
                    message: "no".into(),
                }))
            }),
            phases,
            answer: None,
        }
    });
    vec(sample, 0..400)
}

fn counted(samples: &[Sample], overruns: u32) -> Slot {
    let mut counter = SecondCounter::default();
    samples.iter().for_each(|sample| counter.record(sample));
    counter.overrun(overruns);
    counter.close()
}

fn quantiles(slot: &Slot) -> Quantiles {
    let mut scratch = super::super::Scratch::default();
    scratch.sum([slot.as_bytes()].into_iter(), Tracks::ALL);
    scratch.histograms[super::super::LATENCY].quantiles()
}

proptest! {
    #[test]
    fn seconds_of_many_workers_come_to_the_second_of_one(samples in samples(), workers in 1_usize..6, overruns in 0_u32..3) {
        let together = counted(&samples, overruns);
        let mut merged = SecondCounter::default();
        for worker in 0..workers {
            let own: Vec<_> = samples.iter().skip(worker).step_by(workers).cloned().collect();
            merged.merge(&counted(&own, if worker == 0 { overruns } else { 0 }));
        }
        let merged = merged.close();
        prop_assert_eq!(merged.as_bytes(), together.as_bytes());
        prop_assert_eq!(quantiles(&merged), quantiles(&together));
    }

    #[test]
    fn a_second_is_read_back_as_it_was_counted(samples in samples()) {
        let slot = counted(&samples, 0);
        prop_assert_eq!(Slot::from_bytes(slot.as_bytes()), Ok(slot));
    }

    #[test]
    fn bytes_that_are_no_slot_are_refused_and_no_others_do_harm(bytes in vec(any::<u8>(), 0..300)) {
        if let Ok(slot) = Slot::from_bytes(&bytes) {
            let mut counter = SecondCounter::default();
            counter.merge(&slot);
            counter.merge(&slot);
            prop_assert!(counter.close().as_bytes().len() >= slot.as_bytes().len() / 2);
        }
    }

    #[test]
    fn a_slot_that_was_cut_short_is_refused(samples in samples(), keep in 0.0..1.0) {
        let slot = counted(&samples, 1);
        let kept = (slot.as_bytes().len() as f64 * keep) as usize;
        if kept > 0 {
            prop_assert_eq!(Slot::from_bytes(&slot.as_bytes()[..kept]), Err(Damaged));
        }
    }
}

#[test]
fn many_of_the_same_take_no_more_room_than_one() {
    let sample = |latency| Sample {
        target: TargetId(0),
        intended: Timestamp::ZERO,
        lag: Micros(7),
        latency: Micros(latency),
        outcome: Outcome::Ok,
        phases: Phases::default(),
        answer: None,
    };
    let mut counter = SecondCounter::default();
    (0..1_000_000).for_each(|_| counter.record(&sample(1_200)));
    let slot = counter.close();
    assert!(slot.as_bytes().len() < 20, "{} bytes", slot.as_bytes().len());
    assert_eq!(quantiles(&slot).count, 1_000_000);
}
