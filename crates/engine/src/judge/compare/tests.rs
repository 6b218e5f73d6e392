//! What is told of sides that are written down; of random ones, `tests/measure/compare_properties.rs` says how often.

use super::*;

const SECOND: Duration = Duration::from_secs(1);

/// Neither smoothed nor counted, and looked at alone.
const GAUGE: Nature = Nature {
    worse: Some(Worse::Higher),
    memory: Duration::ZERO,
    grain: 0.0,
    figures: 1,
};

/// Numbers that look random, 0 to 1 (Marsaglia's xorshift).
fn noise(seed: u64, count: usize) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    (0..count).map(|_| next()).collect()
}

fn compared(before: &[f64], after: &[f64], nature: Nature) -> Change {
    let course = |values| Course { values, step: SECOND };
    context(course(before), course(after), nature)
}

/// One probe a step.
struct Side(Spreads, [Option<Micros>; 3]);

impl Side {
    fn of(latencies_ms: &[f64]) -> Self {
        let micros: Vec<_> = latencies_ms.iter().map(|ms| Micros((ms * 1000.0) as u32)).collect();
        let mut spreads = Spreads::default();
        micros.iter().for_each(|latency| spreads.push([(*latency, 1)]));
        let mut sorted = micros.clone();
        sorted.sort_unstable();
        let at = |part: usize, whole: usize| {
            let rank = (part * sorted.len()).div_ceil(whole);
            (sorted.len() >= whole).then(|| sorted[rank - 1])
        };
        Self(spreads, [at(1, 2), at(19, 20), at(99, 100)])
    }
}

fn told(before: &Side, after: &Side) -> [Significance; 3] {
    let [before, after] = [before, after].map(|Side(steps, whole)| Latencies { steps, whole: *whole });
    latencies(before, after).map(|change| change.significance)
}

#[test]
fn a_latency_that_rose_is_worse_and_the_other_way_round_better() {
    use Significance::{Better, Same, TooLittle, Worse};
    let slow = |factor: f64| {
        Side::of(
            &noise(7, 200)
                .iter()
                .map(|at| factor * (100.0 + 10.0 * at))
                .collect::<Vec<_>>(),
        )
    };
    assert_eq!(told(&slow(1.0), &slow(1.3)), [Worse; 3]);
    assert_eq!(told(&slow(1.3), &slow(1.0)), [Better; 3]);
    assert_eq!(told(&slow(1.0), &slow(1.0)), [Same; 3]);
    assert_eq!(
        told(&slow(1.0), &slow(1.02)),
        [Same; 3],
        "two per cent are nobody's concern"
    );
    let short = |factor: f64| {
        Side::of(
            &noise(8, 60)
                .iter()
                .map(|at| factor * (100.0 + 10.0 * at))
                .collect::<Vec<_>>(),
        )
    };
    assert_eq!(
        told(&short(1.0), &short(1.3)),
        [Worse, Worse, TooLittle],
        "p99 takes a hundred probes"
    );
    let shorter = Side::of(&[100.0; 7]);
    assert_eq!(told(&shorter, &slow(2.0)), [TooLittle; 3]);
}

#[test]
fn a_tail_alone_is_told_as_one() {
    use Significance::{Same, Worse};
    let side = |tail: f64| {
        let latency = |(at, noise): (usize, f64)| if at % 10 == 3 { tail } else { 100.0 } * (1.0 + noise / 10.0);
        Side::of(&noise(3, 120).into_iter().enumerate().map(latency).collect::<Vec<_>>())
    };
    assert_eq!(told(&side(200.0), &side(400.0)), [Same, Worse, Worse]);
}

#[test]
fn a_long_side_in_long_steps_is_no_different_from_a_short_one() {
    let all = noise(5, 3600);
    let mut minutes = Spreads::default();
    let in_ms = |at: &f64| Micros((1e5 * (1.0 + at)) as u32);
    for minute in all.chunks(60) {
        let mut latencies: Vec<_> = minute.iter().map(|at| (in_ms(at), 1)).collect();
        latencies.sort_unstable();
        minutes.push(latencies);
    }
    let Side(_, whole) = Side::of(&all.iter().map(|at| 100.0 * (1.0 + at)).collect::<Vec<_>>());
    let hour = Side(minutes, whole);
    let seconds = Side::of(&noise(6, 100).iter().map(|at| 100.0 * (1.0 + at)).collect::<Vec<_>>());
    assert_eq!(told(&hour, &seconds), [Significance::Same; 3]);
    assert_eq!(told(&seconds, &hour), [Significance::Same; 3]);
}

#[test]
fn neighbours_that_are_all_alike_say_too_little() {
    let runs = |levels: [f64; 2]| Side::of(&levels.map(|level| vec![level; 30]).concat());
    let told = told(&runs([100.0, 200.0]), &runs([200.0, 200.0]));
    assert_eq!(told[0], Significance::TooLittle, "half of a side was at 100 ms, once");
}

#[test]
fn means_are_told_with_their_direction_and_size() {
    let before: Vec<f64> = noise(1, 60).iter().map(|value| 100.0 + 10.0 * value).collect();
    let after: Vec<f64> = noise(2, 60).iter().map(|value| 130.0 + 10.0 * value).collect();
    let change = compared(&before, &after, GAUGE);
    assert_eq!(change.significance, Significance::Worse);
    assert!((change.shift.unwrap() - 30.0).abs() < 2.0, "{change:?}");
    assert_eq!(compared(&after, &before, GAUGE).significance, Significance::Better);
    let lower = Nature {
        worse: Some(Worse::Lower),
        ..GAUGE
    };
    assert_eq!(compared(&after, &before, lower).significance, Significance::Worse);
    let neither = Nature { worse: None, ..GAUGE };
    assert_eq!(compared(&before, &after, neither).significance, Significance::Different);
    assert_eq!(
        compared(&before[..7], &after, GAUGE).significance,
        Significance::TooLittle
    );
    assert_eq!(compared(&[], &[], GAUGE).before, None);
    assert_eq!(compared(&[5.0; 20], &[5.0; 20], GAUGE).significance, Significance::Same);
    let small: Vec<f64> = before.iter().map(|value| value + 2.0).collect();
    assert_eq!(compared(&before, &small, GAUGE).significance, Significance::Same);
}

#[test]
fn two_minutes_of_a_one_minute_average_are_too_little() {
    let load = Nature {
        memory: Duration::from_secs(60),
        ..GAUGE
    };
    let before: Vec<f64> = (0..120).map(|at| 1.0 + f64::from(at) / 1000.0).collect();
    let after: Vec<f64> = (0..120).map(|at| 2.0 - f64::from(at) / 1000.0).collect();
    assert_eq!(compared(&before, &after, load).significance, Significance::TooLittle);
}

#[test]
fn a_rate_is_seen_to_halve_though_most_steps_have_none() {
    let every = |nth: usize| {
        let steps = (0..120).map(|step| f64::from(u8::from(step % nth == 0)));
        steps.collect::<Vec<_>>()
    };
    let rate = Nature {
        worse: Some(Worse::Lower),
        grain: 1.0,
        ..GAUGE
    };
    let change = compared(&every(2), &every(4), rate);
    assert_eq!(
        (change.before, change.after, change.shift),
        (Some(0.5), Some(0.25), Some(-0.25))
    );
    assert_eq!(change.significance, Significance::Worse);
    assert_eq!(compared(&every(4), &every(2), rate).significance, Significance::Better);
    assert_eq!(compared(&every(4), &[], rate).after, None);
    let once_more = [vec![1.0; 39], vec![2.0]].concat();
    let change = compared(&[1.0; 10], &once_more, rate);
    assert_eq!(
        change.significance,
        Significance::Same,
        "where a side begins makes one probe more or less"
    );
}

#[test]
fn failures_that_come_in_bursts_are_less_evidence() {
    let steady = |failed| vec![Tally { attempts: 100, failed }; 30];
    let told = |before: &[Tally], after: &[Tally]| failures(before, after).significance;
    assert_eq!(told(&steady(1), &steady(3)), Significance::Worse);
    assert_eq!(told(&steady(3), &steady(1)), Significance::Better);
    assert_eq!(told(&steady(2), &steady(2)), Significance::Same);
    assert_eq!(told(&steady(0), &steady(0)), Significance::Same);
    assert_eq!(told(&steady(0), &steady(100)), Significance::Worse);
    let mut burst = steady(0);
    burst[7].failed = 60;
    assert_eq!(told(&steady(0), &burst), Significance::Same, "one bad second of thirty");
    assert_eq!(told(&[], &steady(1)), Significance::TooLittle);
}

#[test]
fn shares_of_failures_are_those_of_all_steps_together() {
    let before = [Tally { attempts: 2, failed: 1 }; 20];
    let mut after = [Tally { attempts: 2, failed: 1 }; 20];
    after[0] = Tally {
        attempts: 60,
        failed: 0,
    };
    let change = failures(&before, &after);
    assert_eq!((change.before, change.after), (Some(0.5), Some(19.0 / 98.0)));
}
