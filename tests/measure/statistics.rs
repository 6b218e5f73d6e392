//! Anomalies, trends and correlations: what they find in figures that are known, what they do not make up, and that
//! their numbers are those of SciPy and pymannkendall.

use probetop_core::sample::Worse;
use probetop_core::snapshot::AnomalyKind;
use probetop_engine::judge::anomaly::{ADOPTED_AFTER, Stage};
use probetop_engine::judge::correlation::{Movement, discovery_limit, strongest};
use probetop_engine::judge::trend;
use proptest::prelude::*;
use serde_json::Value;

use crate::support::course::{Course, Probe};
use crate::support::random::Random;

fn steady(median_ms: f64) -> impl FnMut(&mut Random) -> Probe {
    move |_| Probe::Answers { median_ms }
}

/// Ten minutes of life with the same latency: what is usual is known. Of a hundred such lives one is told something.
fn settled(seed: u64, sigma: f64) -> Course {
    let lives = (seed..).step_by(100_000).map(|seed| {
        let mut course = Course::new(seed, sigma, 1);
        course.run(600, steady(100.0));
        course
    });
    lives
        .take(3)
        .find(|course| course.told.is_empty())
        .expect("three in a row that are told something")
}

fn kinds(course: &Course) -> Vec<AnomalyKind> {
    course.told.iter().map(|(_, sighting)| sighting.kind).collect()
}

/// Standard deviations of the logarithm; 0.3 is an interquartile range of 40 %.
const SIGMAS: [f64; 7] = [0.01, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3];

/// Above this a count of events, each as rare as stated, comes to by chance once in some thousand times: a Poisson
/// variable of that mean, three deviations above it, and a little more where it is skewed.
fn most_by_chance(expected: f64) -> u64 {
    (expected + 3.0 * expected.sqrt() + 1.5).floor() as u64
}

#[test]
fn hours_of_the_same_bring_an_anomaly_as_seldom_as_is_stated() {
    // Of a thousand targets that start, 10 are told of a shift in the first two and a half minutes; afterwards 6 in a
    // thousand hours, and 20 where the deviation is 0.25 and more.
    for sigma in SIGMAS {
        let (starts, hours) = (300_u64, 60_u64);
        let told = |seed: u64, seconds: u64| {
            let mut course = Course::new(40_000 + seed, sigma, 1);
            course.run(seconds, steady(100.0));
            course.told
        };
        let at_start = (0..starts).filter(|seed| !told(*seed, 150).is_empty()).count() as u64;
        let most = most_by_chance(0.010 * starts as f64);
        assert!(
            at_start <= most,
            "sigma {sigma}: {at_start} in {starts} starts, at most {most}"
        );
        let later = |seed: u64| told(seed, 3600).iter().filter(|(at, _)| *at > 150).count() as u64;
        let later: u64 = (1000..1000 + hours).map(later).sum();
        let most = most_by_chance(if sigma >= 0.25 { 0.020 } else { 0.006 } * hours as f64);
        assert!(later <= most, "sigma {sigma}: {later} in {hours} hours, at most {most}");
    }
}

/// Latencies that resemble the one before by `share`, with a standard deviation of 0.2 in their logarithm.
fn wandering(share: f64) -> impl FnMut(&mut Random) -> Probe {
    let mut log = None;
    move |random: &mut Random| {
        let own = 0.2 * random.normal();
        let next = log.map_or(own, |log| share * log + (1.0_f64 - share * share).sqrt() * own);
        log = Some(next);
        Probe::Answers {
            median_ms: 100.0 * next.exp(),
        }
    }
}

#[test]
fn latencies_that_wander_by_themselves_are_told_as_seldom_as_is_stated() {
    // Of a thousand starts twenty are told of a shift in the first two and a half minutes, later five of a hundred hours.
    for share in [0.3, 0.5, 0.7, 0.9, 0.98] {
        let (starts, hours) = (400, 40);
        let told = (0..starts).filter(|seed| {
            let mut course = Course::new(200_000 + seed, 0.0, 1);
            course.run(150, wandering(share));
            !course.told.is_empty()
        });
        let told = told.count() as u64;
        let most = most_by_chance(0.02 * starts as f64);
        assert!(told <= most, "{share}: {told} of {starts} starts, at most {most}");
        let told: usize = (0..hours)
            .map(|seed| {
                let mut course = Course::new(300_000 + seed, 0.0, 1);
                course.run(3600, wandering(share));
                course.told.iter().filter(|(at, _)| *at > 150).count()
            })
            .sum();
        let most = most_by_chance(0.05 * hours as f64);
        assert!(told as u64 <= most, "{share}: {told} in {hours} hours, at most {most}");
    }
}

#[test]
fn a_shift_after_a_quiet_minute_is_found_within_thirty_seconds_in_nine_of_ten_runs() {
    for quiet in [60, 62, 64, 90, 120] {
        let mut found = 0;
        for seed in 0..200 {
            let mut course = Course::new(60_000 + seed, 0.2, 1);
            course.run(quiet, steady(100.0));
            course.run(30, steady(130.0));
            let shift = course
                .told
                .iter()
                .find(|(_, sighting)| sighting.kind == AnomalyKind::LevelShift);
            found += u32::from(shift.is_some_and(|(at, sighting)| *at > quiet && sighting.seen > sighting.usual));
        }
        assert!(found >= 180, "after {quiet} s: {found} of 200");
    }
}

/// Below this a count of events, each as probable as stated, comes by chance once in a hundred times: 2.33 deviations.
fn least_by_chance(runs: u64, share: f64) -> u64 {
    let expected = share * runs as f64;
    (expected - 2.33 * (expected * (1.0 - share)).sqrt()).ceil() as u64
}

#[test]
fn a_shift_by_thirty_percent_is_found_as_soon_as_is_stated() {
    // Sigma, and the share that is found within so many seconds.
    let expected = [
        (0.01, 1.0, 30),
        (0.05, 1.0, 30),
        (0.1, 1.0, 30),
        (0.15, 0.99, 30),
        (0.2, 0.9, 30),
        (0.3, 0.99, 120),
    ];
    let runs = 200;
    for (sigma, share, within_s) in expected {
        let found = (0..runs).filter(|seed| delay_of_a_shift(*seed, sigma) <= within_s);
        let (found, least) = (found.count() as u64, least_by_chance(runs, share));
        assert!(
            found >= least,
            "sigma {sigma}: {found} of {runs} within {within_s} s, at least {least}"
        );
    }
}

/// Seconds from the shift, at any point of a window, until it is told; none is longer than any.
fn delay_of_a_shift(seed: u64, sigma: f64) -> u64 {
    let mut course = settled(1000 + seed, sigma);
    course.run(seed % 5, steady(100.0));
    let shifted = course.second;
    course.run(120, steady(130.0));
    let Some((told, sighting)) = course.told.first() else {
        return u64::MAX;
    };
    assert_eq!(sighting.kind, AnomalyKind::LevelShift);
    told - shifted
}

#[test]
fn a_level_that_stays_becomes_the_usual_one() {
    let mut course = settled(1, 0.1);
    let shifted = course.second;
    course.run(u64::from(ADOPTED_AFTER) * 5 + 40, steady(130.0));
    assert_eq!(kinds(&course), [AnomalyKind::LevelShift]);
    let sighting = course.told[0].1;
    assert!(
        (110e3..140e3).contains(&sighting.seen) && (98e3..102e3).contains(&sighting.usual),
        "{sighting:?}"
    );
    assert!(sighting.since.second() - shifted <= 10);
    assert_eq!(course.ended.len(), 1);
    course.run(600, steady(130.0));
    assert_eq!(course.told.len(), 1);
    course.run(60, steady(100.0));
    assert_eq!(kinds(&course), [AnomalyKind::LevelShift; 2]);
    assert!(course.told[1].1.seen < course.told[1].1.usual);
}

#[test]
fn a_shift_too_small_to_tell_is_gone_along_with() {
    let mut course = settled(12, 0.02);
    course.run(1200, steady(108.0)).run(1200, steady(117.0));
    assert!(course.told.is_empty(), "{:?}", course.told);
    course.run(30, steady(152.0));
    let (_, sighting) = course.told[0];
    assert!((114e3..120e3).contains(&sighting.usual), "{sighting:?}");
}

#[test]
fn what_is_adopted_says_so_before_it_ends() {
    let mut course = settled(2, 0.1);
    let mut texts = Vec::new();
    for _ in 0..u64::from(ADOPTED_AFTER) * 5 + 40 {
        course.run(1, steady(200.0));
        let adopted = course
            .standing()
            .into_iter()
            .filter(|sighting| sighting.stage == Stage::Adopted);
        texts.extend(adopted.map(|sighting| sighting.text()));
    }
    assert!(texts[0].ends_with("slower; usual from now on"), "{texts:?}");
    assert!(course.standing().is_empty());
}

#[test]
fn a_spike_is_told_while_it_lasts_and_a_single_slow_probe_is_not() {
    let mut course = settled(3, 0.1);
    course.run(1, steady(5000.0)).run(30, steady(100.0));
    assert!(course.told.is_empty());
    let began = course.second;
    course.run(15, steady(300.0));
    assert_eq!(kinds(&course), [AnomalyKind::Spike]);
    assert!(course.told[0].0 - began <= 15);
    course.run(15, steady(100.0));
    assert!(course.standing().is_empty());
    course.run(200, steady(100.0));
    assert_eq!((course.told.len(), course.ended.len()), (1, 1));
}

#[test]
fn a_spike_that_lasts_is_a_level() {
    let mut course = settled(4, 0.1);
    course.run(60, steady(300.0));
    assert_eq!(kinds(&course), [AnomalyKind::Spike, AnomalyKind::LevelShift]);
    assert_eq!(course.told[0].1.since, course.told[1].1.since);
}

#[test]
fn slow_intervals_are_judged_by_the_same_number_of_probes() {
    for interval_s in [10, 60] {
        let mut course = Course::new(5, 0.1, interval_s);
        course.run(600, steady(100.0));
        assert!(course.told.is_empty());
        let shifted = course.second;
        course.run(30, steady(140.0));
        let (told, sighting) = course.told[0];
        assert_eq!(sighting.kind, AnomalyKind::LevelShift);
        assert!(told - shifted <= 30 * interval_s);
    }
}

#[test]
fn failures_are_held_against_the_usual_share_of_them() {
    let failing = |share: f64| {
        move |random: &mut Random| {
            if random.uniform() < share {
                Probe::Fails
            } else {
                Probe::Answers { median_ms: 100.0 }
            }
        }
    };
    for usual in [0.0, 0.01, 0.2] {
        let mut told = 0;
        for seed in 0..20 {
            let mut course = Course::new(seed, 0.1, 1);
            course.run(3600, failing(usual));
            told += course.told.len();
            let before = course.told.len();
            course.run(15, failing(1.0));
            let burst = &course.told[before..];
            assert!(
                burst.iter().any(|(_, seen)| seen.kind == AnomalyKind::ErrorBurst),
                "{usual}, seed {seed}"
            );
            course.run(30, failing(0.0));
            assert!(course.standing().is_empty(), "{usual}, seed {seed}");
        }
        assert!(told <= 1, "{usual}: {told} in 20 hours");
    }
}

#[test]
fn failures_that_come_back_every_minute_become_the_usual_share() {
    let mut course = Course::new(10, 0.1, 1);
    course.run(300, steady(100.0));
    let mut at = 0;
    course.run(3600, move |_| {
        at += 1;
        match (at % 60, at % 2) {
            (0..12, 0) => Probe::Fails,
            _ => Probe::Answers { median_ms: 100.0 },
        }
    });
    assert!((1..5).contains(&course.told.len()), "{:?}", course.told);
}

#[test]
fn a_rate_that_breaks_down_is_told_and_one_that_wavers_is_not() {
    let ending = |share: f64| {
        move |random: &mut Random| {
            if random.uniform() < share {
                Probe::Answers { median_ms: 100.0 }
            } else {
                Probe::Misses
            }
        }
    };
    let mut course = Course::new(6, 0.1, 1);
    course.run(1800, ending(0.8));
    assert!(course.told.is_empty(), "{:?}", course.told);
    course.run(40, ending(0.0));
    assert_eq!(kinds(&course), [AnomalyKind::RateDrop]);
    assert_eq!(course.told[0].1.seen, 0.0);
    course.run(60, ending(0.8));
    assert!(course.standing().is_empty());
}

#[test]
fn slow_first_requests_are_told_where_not_every_request_is_a_first_one() {
    let reconnecting = |first_ms: f64| {
        let mut at = 0;
        move |_: &mut Random| {
            at += 1;
            if at % 20 == 0 {
                Probe::AnswersFirst { median_ms: first_ms }
            } else {
                Probe::Answers { median_ms: 100.0 }
            }
        }
    };
    let mut course = Course::new(7, 0.1, 1);
    course.run(600, reconnecting(130.0));
    assert!(course.told.is_empty(), "{:?}", course.told);
    course.run(300, reconnecting(400.0));
    assert_eq!(kinds(&course), [AnomalyKind::ColdStart]);
    course.run(300, reconnecting(110.0));
    assert!(course.standing().is_empty());
    let mut fresh = Course::new(8, 0.1, 1);
    fresh.run(1200, |_| Probe::AnswersFirst { median_ms: 400.0 });
    assert!(fresh.told.is_empty());
}

#[test]
fn what_never_changes_is_never_odd() {
    let mut course = Course::new(9, 0.0, 1);
    course.run(3600, |_| Probe::Answers { median_ms: 0.001 });
    assert!(course.told.is_empty());
    course.run(300, |_| Probe::Misses);
    course.run(300, |_| Probe::Answers { median_ms: 4e6 });
    assert!(
        course.standing().iter().all(|sighting| sighting.score.is_finite()),
        "{:?}",
        course.standing()
    );
}

fn expected() -> Value {
    serde_json::from_str(include_str!("../fixtures/statistics/expected.json")).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|number| number.as_f64().unwrap())
        .collect()
}

fn series(value: &Value) -> Vec<Option<f64>> {
    numbers(value).into_iter().map(Some).collect()
}

fn close(name: &Value, found: f64, expected: &Value, tolerance: f64) {
    let expected = expected.as_f64().unwrap();
    let error = (found - expected).abs();
    assert!(
        error <= tolerance * expected.abs().max(1e-6),
        "{name}: {found:e} is not {expected:e}"
    );
}

#[test]
fn trends_are_those_of_pymannkendall_and_scipy() {
    for case in expected()["trends"].as_array().unwrap() {
        let fit = trend::fit(&series(&case["values"])).unwrap();
        let name = &case["name"];
        close(name, fit.tau, &case["tau"], 1e-9);
        close(name, fit.p_value, &case["p_value"], 1e-6);
        close(name, fit.per_step, &case["per_step"], 1e-9);
        close(name, fit.now, &case["now"], 1e-9);
    }
}

#[test]
fn correlations_are_those_of_scipy() {
    for case in expected()["correlations"].as_array().unwrap() {
        let movement = |key: &str| Movement::of(&series(&case[key])).unwrap();
        let found = strongest(&movement("follower"), &movement("leader"), 10).unwrap();
        assert_eq!(Some(found.ahead as u64), case["ahead"].as_u64(), "{}", case["name"]);
        close(&case["name"], found.coefficient, &case["coefficient"], 1e-9);
    }
}

#[test]
fn discoveries_are_those_of_scipy() {
    let case = &expected()["discoveries"];
    let p_values = numbers(&case["p_values"]);
    let limit = discovery_limit(&p_values, case["rate"].as_f64().unwrap()).unwrap();
    let held: Vec<_> = p_values.iter().map(|p| Value::from(*p <= limit)).collect();
    assert_eq!(Value::from(held), case["held"]);
}

/// A series in which each value takes over a share of the one before.
fn autoregressive(random: &mut Random, points: usize, share: f64) -> Vec<Option<f64>> {
    let mut value = 0.0;
    (0..points)
        .map(|_| {
            value = share * value + random.normal();
            Some(100.0 + value)
        })
        .collect()
}

#[test]
fn chance_makes_no_trend_and_no_correlation() {
    for share in [0.0, 0.5, 0.8] {
        let mut random = Random::new(11);
        let (mut creeps, mut moves) = (0_u64, 0_u64);
        for _ in 0..400 {
            let [a, b] = [0; 2].map(|_| autoregressive(&mut random, 120, share));
            creeps += u64::from(trend::creep(&a[..60], Worse::Higher, 0.0).is_some());
            let pair = strongest(&Movement::of(&a).unwrap(), &Movement::of(&b).unwrap(), 30).unwrap();
            moves += u64::from(pair.p_value < 0.01);
        }
        // Both are told below one in a hundred.
        let most = most_by_chance(0.01 * 400.0);
        assert!(creeps <= most, "{share}: {creeps} of 400 creep, at most {most}");
        assert!(
            moves <= most,
            "{share}: {moves} of 400 pairs move together, at most {most}"
        );
    }
}

proptest! {
    #[test]
    fn a_trend_moves_with_its_figure(values in prop::collection::vec(-1e6_f64..1e6, 10..80), by in -1e6_f64..1e6) {
        let of = |by: f64, sign: f64| trend::fit(&values.iter().map(|v| Some(sign * v + by)).collect::<Vec<_>>()).unwrap();
        let (plain, shifted, mirrored) = (of(0.0, 1.0), of(by, 1.0), of(0.0, -1.0));
        prop_assert!((plain.per_step - shifted.per_step).abs() < 1e-6 * (1.0 + plain.per_step.abs()));
        prop_assert!((plain.now + by - shifted.now).abs() < 1e-3);
        prop_assert!((plain.tau + mirrored.tau).abs() < 1e-12);
        prop_assert!((plain.p_value - mirrored.p_value).abs() < 1e-9);
    }

    #[test]
    fn any_figures_give_finite_answers(points in prop::collection::vec(prop::option::of(any::<f64>()), 0..130)) {
        if let Some(fit) = trend::fit(&points) {
            prop_assert!((0.0..=1.0).contains(&fit.p_value) && (-1.0..=1.0).contains(&fit.tau));
        }
        let _ = trend::creep(&points, Worse::Lower, 0.0);
        if let Some(movement) = Movement::of(&points) {
            let alone = strongest(&movement, &movement, 30);
            prop_assert!(alone.is_none_or(|found| found.ahead == 0 && found.coefficient > 0.999));
        }
    }
}
