//! The timetable against closed formulas, and what holds of every timetable.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::profile::{Amount, StagePurpose};

fn stage(length: Duration, from: u64, to: u64) -> Stage {
    Stage {
        length,
        from: Amount::from_thousandths(from),
        to: Amount::from_thousandths(to),
        purpose: StagePurpose::Measure,
    }
}

fn seconds(length: u64, from: u64, to: u64) -> Stage {
    stage(Duration::from_secs(length), from * 1000, to * 1000)
}

fn due_ns(arrivals: &Arrivals, number: u64) -> u128 {
    arrivals.due(number).unwrap().after.as_nanos()
}

#[test]
fn a_steady_rate_is_due_every_so_often_and_ends_exactly() {
    let arrivals = Arrivals::of(&[seconds(30, 500, 500)]);
    assert_eq!(arrivals.count(), 15_000);
    for number in 0..15_000 {
        assert_eq!(due_ns(&arrivals, number), u128::from(number) * 2_000_000);
    }
    assert_eq!(arrivals.due(15_000), None);
}

#[test]
fn a_rate_that_does_not_divide_a_second_never_drifts() {
    let arrivals = Arrivals::of(&[seconds(3600, 7, 7)]);
    assert_eq!(arrivals.count(), 25_200);
    for number in [1, 2, 3, 6, 7, 700, 25_199] {
        assert_eq!(
            due_ns(&arrivals, number),
            (u128::from(number) * 1_000_000_000).div_ceil(7)
        );
    }
}

#[test]
fn a_ramp_follows_the_closed_formula() {
    // From 0 to 200/s within 10 s: N(t) = 10 t², so that send k is due at sqrt(k / 10).
    let arrivals = Arrivals::of(&[seconds(10, 0, 200)]);
    assert_eq!(arrivals.count(), 1000);
    for number in 0..1000_u64 {
        let expected = (number as f64 / 10.0).sqrt() * 1e9;
        assert!((due_ns(&arrivals, number) as f64 - expected).abs() < 2.0, "{number}");
    }
    // And back: N(t) = 200 t - 10 t², so that it is due at 10 - sqrt(100 - k / 10).
    let arrivals = Arrivals::of(&[seconds(10, 200, 0)]);
    assert_eq!(arrivals.count(), 1000);
    for number in 0..1000_u64 {
        let expected = (10.0 - (100.0 - number as f64 / 10.0).sqrt()) * 1e9;
        assert!((due_ns(&arrivals, number) as f64 - expected).abs() < 2.0, "{number}");
    }
}

#[test]
fn what_a_stage_leaves_of_a_request_is_carried_on() {
    // 2.5 requests, then as many again: five, evenly spread.
    let stages = [
        stage(Duration::from_millis(2500), 1000, 1000),
        stage(Duration::from_millis(2500), 1000, 1000),
    ];
    let arrivals = Arrivals::of(&stages);
    assert_eq!(arrivals.by_stage().collect::<Vec<_>>(), [3, 2]);
    let due: Vec<_> = (0..5).map(|number| due_ns(&arrivals, number) / 1_000_000).collect();
    assert_eq!(due, [0, 1000, 2000, 3000, 4000]);
}

#[test]
fn nothing_is_due_in_a_pause() {
    let arrivals = Arrivals::of(&[seconds(1, 2, 2), seconds(5, 0, 0), seconds(1, 2, 2)]);
    let due: Vec<_> = (0..5).map(|number| arrivals.due(number)).collect();
    let at = |stage, millis| {
        Some(Due {
            stage,
            after: Duration::from_millis(millis),
        })
    };
    assert_eq!(due, [at(0, 0), at(0, 500), at(2, 6000), at(2, 6500), None]);
    assert_eq!(Arrivals::of(&[seconds(5, 0, 0)]).due(0), None);
    assert_eq!(Arrivals::of(&[]).count(), 0);
}

#[test]
fn the_longest_and_fastest_run_is_still_exact() {
    let arrivals = Arrivals::of(&[seconds(86_400, 0, 1_000_000), seconds(86_400, 1_000_000, 0)]);
    assert_eq!(arrivals.count(), 86_400_000_000);
    assert_eq!(
        due_ns(&arrivals, 43_200_000_000),
        86_400_000_000_000,
        "the peak is where the stages meet"
    );
}

prop_compose! {
    fn stages()(stages in vec((1_u64..5_000_000_000, 0_u64..500_000, 0_u64..500_000), 1..5)) -> Vec<Stage> {
        let of = |(nanos, from, to)| stage(Duration::from_nanos(nanos), from, to);
        stages.into_iter().map(of).collect()
    }
}

/// As the definition has it, without any estimate.
fn by_definition(leg: &Leg, wanted: i128) -> i128 {
    first(0, leg.length, |t| {
        (2 * leg.from * leg.length + (leg.to - leg.from) * t) * t >= wanted * leg.length
    })
}

proptest! {
    #[test]
    fn due_times_rise_and_lie_within_their_stage(stages in stages()) {
        let arrivals = Arrivals::of(&stages);
        let count = arrivals.count();
        prop_assert_eq!(arrivals.by_stage().sum::<u64>(), count);
        let mut before = Duration::ZERO;
        // Thousands are enough of millions.
        let every = (count / 2000).max(1);
        for number in (0..count).step_by(every as usize) {
            let due = arrivals.due(number).unwrap();
            let leg = arrivals.legs[usize::from(due.stage)];
            let after = due.after.as_nanos() as i128;
            prop_assert!(leg.start <= after && after <= leg.start + leg.length);
            prop_assert!(before <= due.after);
            before = due.after;
        }
        prop_assert_eq!(arrivals.due(count), None);
    }

    #[test]
    fn a_due_time_is_the_first_by_which_so_many_have_come(stages in stages(), share in 0.0..1.0) {
        let arrivals = Arrivals::of(&stages);
        let number = (arrivals.count() as f64 * share) as u64;
        if let Some(due) = arrivals.due(number) {
            let leg = arrivals.legs[usize::from(due.stage)];
            let expected = leg.start + by_definition(&leg, i128::from(number) * PARTS - leg.before);
            prop_assert_eq!(due.after.as_nanos() as i128, expected);
        }
    }

    #[test]
    fn workers_that_take_turns_send_each_request_once(stages in stages(), workers in 1_u64..5) {
        let count = Arrivals::of(&stages).count();
        let turns = (0..workers).map(|worker| (worker..count).step_by(workers as usize).count() as u64);
        prop_assert_eq!(turns.sum::<u64>(), count);
    }
}

#[test]
fn what_is_left_of_every_so_many_is_told_by_stage() {
    let arrivals = Arrivals::of(&[seconds(1, 10, 10), seconds(1, 20, 20)]);
    for (first, every) in [(0, 1), (7, 1), (7, 3), (10, 3), (29, 2), (30, 1), (99, 4)] {
        let mut expected = [0, 0];
        for due in (first..).step_by(every).map_while(|number| arrivals.due(number)) {
            expected[usize::from(due.stage)] += 1;
        }
        let left: Vec<_> = arrivals.left_by_stage(first, every as u64).collect();
        assert_eq!(left, expected, "{first} {every}");
    }
    assert_eq!(arrivals.length(), Duration::from_secs(2));
}
