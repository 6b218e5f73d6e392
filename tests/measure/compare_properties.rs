//! How often compare is wrong: two spans of one distribution against each other, in every shape and length, and changes
//! of which the size is known. What a row says counts: every figure of a target, or of the machine, has its part in it.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use probetop_core::sample::{Micros, Point};
use probetop_core::snapshot::{ComparisonRow, HOST_FIGURES, Side, Significance, Spreads, Stretch, StretchTarget};
use probetop_engine::monitor::compare;

use crate::support::random::Random;

/// What is promised: of spans that do not differ so many are told.
const FALSELY_TOLD: f64 = 0.02;

/// How far chance carries a count beyond its promise: of so many runs, each told with the promised probability, the
/// count is above this once in some ten thousand.
fn most_by_chance(runs: u64, share: f64) -> u64 {
    let expected = runs as f64 * share;
    (expected + 3.7 * (expected * (1.0 - share)).sqrt()).ceil() as u64
}

#[derive(Clone, Copy, Debug)]
enum Shape {
    Constant,
    LogNormal {
        sigma: f64,
    },
    /// A share of five times the others.
    Bimodal {
        share: f64,
    },
    /// Pareto with an exponent of 1.5: there is no variance.
    HeavyTail,
    /// Log-normal, each keeping so much of the one before.
    Resembling {
        share: f64,
    },
    /// Slow for five in a row now and then.
    Bursts,
}

const SHAPES: [Shape; 11] = [
    Shape::Constant,
    Shape::LogNormal { sigma: 0.2 },
    Shape::LogNormal { sigma: 0.6 },
    Shape::Bimodal { share: 0.5 },
    Shape::Bimodal { share: 0.08 },
    Shape::HeavyTail,
    Shape::Resembling { share: 0.7 },
    Shape::Resembling { share: 0.8 },
    Shape::Resembling { share: 0.9 },
    Shape::Resembling { share: 0.98 },
    Shape::Bursts,
];

/// Latencies of a service that is what it was, in milliseconds.
fn latencies(shape: Shape, random: &mut Random, count: usize) -> Vec<f64> {
    let (mut level, mut is_slow) = (random.normal(), false);
    let mut next = || match shape {
        Shape::Constant => 42.0,
        Shape::LogNormal { sigma } => 100.0 * (sigma * random.normal()).exp(),
        Shape::Bimodal { share } => {
            let mode = if random.uniform() < share { 250.0 } else { 50.0 };
            mode * (0.1 * random.normal()).exp()
        }
        Shape::HeavyTail => 10.0 * random.uniform().powf(-1.0 / 1.5),
        Shape::Resembling { share } => {
            level = share * level + (1.0 - share * share).sqrt() * random.normal();
            100.0 * (0.3 * level).exp()
        }
        Shape::Bursts => {
            is_slow = random.uniform() < if is_slow { 0.8 } else { 0.01 };
            (if is_slow { 400.0 } else { 100.0 }) * (0.1 * random.normal()).exp()
        }
    };
    (0..count).map(|_| next()).collect()
}

/// Seconds in a step of a span, as history is kept.
fn step_s(length_s: usize) -> usize {
    match length_s {
        0..=120 => 1,
        121..=900 => 10,
        _ => 60,
    }
}

/// The nearest rank.
fn quantile(sorted: &[Micros], part: usize, whole: usize) -> Option<Micros> {
    let rank = (part * sorted.len()).div_ceil(whole);
    (sorted.len() >= whole).then(|| sorted[rank - 1])
}

/// A probe a second; `None` is one that failed.
fn target(outcomes: &[Option<f64>], step_s: usize) -> StretchTarget {
    let (mut spreads, mut all, mut points) = (Spreads::default(), Vec::new(), Vec::new());
    for step in outcomes.chunks_exact(step_s) {
        let mut latencies: Vec<_> = step.iter().flatten().map(|ms| Micros((ms * 1000.0) as u32)).collect();
        latencies.sort_unstable();
        all.extend_from_slice(&latencies);
        points.push(Point {
            attempts: step.len() as u32,
            failed: (step.len() - latencies.len()) as u32,
            ..Point::default()
        });
        spreads.push(latencies.into_iter().map(|latency| (latency, 1)));
    }
    all.sort_unstable();
    StretchTarget {
        id: None,
        name: "checkout".into(),
        url: "http://checkout.example/".into(),
        kind: "http".into(),
        purpose: probetop_core::sample::Purpose::Service,
        points: points.into(),
        spreads: Arc::new(spreads),
        latency: [quantile(&all, 1, 2), quantile(&all, 19, 20), quantile(&all, 99, 100)],
    }
}

fn stretch(length_s: usize) -> Stretch {
    Stretch {
        side: Side {
            from: SystemTime::UNIX_EPOCH,
            length: Duration::from_secs(length_s as u64),
            file: None,
        },
        step: Duration::from_secs(step_s(length_s) as u64),
        targets: Vec::new(),
        host: Default::default(),
    }
}

fn probed(outcomes: &[Option<f64>]) -> Stretch {
    let length_s = outcomes.len();
    Stretch {
        targets: vec![target(outcomes, step_s(length_s))],
        ..stretch(length_s)
    }
}

fn row(before: &Stretch, after: &Stretch) -> ComparisonRow {
    compare(before, after).rows.remove(0)
}

fn is_told(row: &ComparisonRow) -> bool {
    let told = [Significance::Worse, Significance::Better, Significance::Different];
    told.contains(&row.significance())
}

/// Every pair of them is tried, in both orders.
const LENGTHS_S: [usize; 8] = [10, 20, 30, 60, 120, 300, 900, 3600];

/// Two spans of each pair of lengths, so many of each pair, the longer ones less often: they take long to make.
fn pairs(each: u64) -> impl Iterator<Item = (usize, usize, u64)> {
    LENGTHS_S.iter().flat_map(move |before| {
        LENGTHS_S.iter().flat_map(move |after| {
            let longest = *before.max(after) as u64;
            (0..(each * 120 / longest.max(120)).max(1)).map(move |run| (*before, *after, run))
        })
    })
}

fn seed(before: usize, after: usize, run: u64) -> u64 {
    run * 1_000_003 + before as u64 * 5_003 + after as u64
}

#[test]
fn a_service_against_itself_is_told_different_in_at_most_two_of_a_hundred_rows() {
    for shape in SHAPES {
        for failing in [0.0, 0.05] {
            check_against_itself(shape, failing);
        }
    }
}

fn check_against_itself(shape: Shape, failing: f64) {
    let (mut runs, mut told) = (0, Vec::new());
    for (before_s, after_s, run) in pairs(8) {
        let random = &mut Random::new(seed(before_s, after_s, run));
        let [before, after] = [before_s, after_s].map(|length_s| {
            let latencies = latencies(shape, random, length_s);
            let outcomes = latencies
                .into_iter()
                .map(|ms| (random.uniform() >= failing).then_some(ms));
            probed(&outcomes.collect::<Vec<_>>())
        });
        let row = row(&before, &after);
        runs += 1;
        if is_told(&row) {
            told.push((before_s, after_s));
        }
    }
    // Each shape has some thousand pairs.
    let most = most_by_chance(runs, FALSELY_TOLD);
    assert!(
        told.len() as u64 <= most,
        "{shape:?}, {failing} fail: {} of {runs}: {told:?}",
        told.len()
    );
}

#[test]
fn the_lengths_that_know_least_keep_the_promise_by_themselves() {
    for shape in SHAPES {
        for lengths in [[10, 10], [30, 30], [60, 60], [60, 10], [120, 30], [120, 120]] {
            let runs = 120;
            let told = (0..runs).filter(|run| {
                let random = &mut Random::new(seed(lengths[0], lengths[1], 7_000 + run));
                let sides = lengths.map(|length_s| {
                    let outcomes = latencies(shape, random, length_s).into_iter().map(Some);
                    probed(&outcomes.collect::<Vec<_>>())
                });
                is_told(&row(&sides[0], &sides[1]))
            });
            let told = told.count() as u64;
            assert!(
                told <= most_by_chance(runs, FALSELY_TOLD),
                "{shape:?}, {lengths:?}: {told} of {runs}"
            );
        }
    }
}

#[test]
fn a_doubled_tail_is_found_in_nine_of_ten_pairs_of_two_minutes() {
    // One in ten, by chance, takes twice as long: p95 and p99 are doubled, p50 is what it was.
    let runs = 400;
    let (mut found, mut better) = (0, 0);
    for run in 0..runs {
        let random = &mut Random::new(90_000 + run);
        let slowest_tenth_ms = 100.0 * (0.2 * 1.2816_f64).exp();
        let [before, after] = [1.0, 2.0].map(|times| {
            let latencies = latencies(Shape::LogNormal { sigma: 0.2 }, random, 120).into_iter();
            let slower = latencies.map(|ms| Some(if ms > slowest_tenth_ms { ms * times } else { ms }));
            probed(&slower.collect::<Vec<_>>())
        });
        let row = row(&before, &after);
        let is_worse = |name| row.figure(name).unwrap().change.significance == Significance::Worse;
        found += u64::from(is_worse("p95") && is_worse("p99"));
        better += u64::from(row.significance() == Significance::Better);
    }
    // The seeds are fixed: what is promised is asserted as it stands.
    assert!(found * 10 >= runs * 9, "{found} of {runs}");
    // The median is what it was, so it is told as often as that of a service against itself.
    let most = most_by_chance(runs, FALSELY_TOLD);
    assert!(better <= most, "{better} of {runs} are told better, at most {most}");
}

#[test]
fn a_median_that_rose_by_a_third_is_found_within_a_minute() {
    // The seeds are fixed: what is promised is asserted as it stands.
    let runs = 300;
    let found = (0..runs).filter(|run| {
        let random = &mut Random::new(50_000 + run);
        let [before, after] = [1.0, 1.33].map(|times| {
            let latencies = latencies(Shape::LogNormal { sigma: 0.2 }, random, 60).into_iter();
            probed(&latencies.map(|ms| Some(ms * times)).collect::<Vec<_>>())
        });
        row(&before, &after).figure("p50").unwrap().change.significance == Significance::Worse
    });
    let found = found.count() as u64;
    assert!(found * 10 >= runs * 9, "{found} of {runs}");
}

#[test]
fn what_is_told_has_the_direction_of_the_figures_beside_it() {
    let mut told = 0;
    for run in 0..300 {
        let random = &mut Random::new(20_000 + run);
        let sides = [1.0, 1.0 + random.uniform()].map(|times| {
            let shape = SHAPES[run as usize % SHAPES.len()];
            let outcomes = latencies(shape, random, 120).into_iter().map(|ms| Some(ms * times));
            probed(&outcomes.collect::<Vec<_>>())
        });
        for figure in row(&sides[0], &sides[1]).figures {
            let change = figure.change;
            let shift = change.after.zip(change.before).map(|(after, before)| after - before);
            assert_eq!(change.shift, shift, "{}", figure.name);
            let is_higher = shift.is_some_and(|shift| shift > 0.0);
            match change.significance {
                Significance::Worse => assert!(is_higher && figure.name != "rate", "{figure:?}"),
                Significance::Better => assert!(!is_higher && figure.name != "rate", "{figure:?}"),
                Significance::Different => assert_eq!(figure.name, "rate", "the schedule is our own"),
                Significance::Same | Significance::TooLittle => continue,
            }
            told += 1;
        }
    }
    assert!(told > 100, "{told}");
}

/// How much alike neighbouring seconds of gauges are.
const ALIKE: [f64; 3] = [0.0, 0.7, 0.9];

/// What a machine that goes on as before reads, second by second, each gauge by its nature. `shares` are how much a second
/// has of the one before, beside what the system averages, gauge by gauge in turn.
fn machine(random: &mut Random, length_s: usize, shares: &[f64]) -> Stretch {
    let step = step_s(length_s);
    let mut host: [Vec<f32>; HOST_FIGURES.len()] = Default::default();
    for (at, (figure, read)) in HOST_FIGURES.iter().zip(&mut host).enumerate() {
        let share = shares[at % shares.len()];
        let (mut level, mut average) = (random.normal(), 0.0);
        let keeps = match figure.memory.as_secs_f64() {
            0.0 => 0.0,
            memory_s => (-1.0 / memory_s).exp(),
        };
        let mut second = || {
            level = share * level + (1.0 - share * share).sqrt() * random.normal();
            let now = (0.5_f64 * level).exp();
            average = keeps * average + (1.0 - keeps) * now;
            average
        };
        // An average that begins has no past yet.
        (0..600).for_each(|_| _ = second());
        let seconds: Vec<f64> = (0..length_s).map(|_| second()).collect();
        *read = seconds
            .chunks_exact(step)
            .map(|step| (step.iter().sum::<f64>() / step.len() as f64) as f32)
            .collect();
    }
    Stretch {
        host,
        ..stretch(length_s)
    }
}

/// In how many pairs of spans of such a machine something is told, and of how many.
fn told_of_a_machine(shares: &[f64]) -> (u64, Vec<(usize, usize, &'static str)>) {
    let (mut runs, mut told) = (0, Vec::new());
    for (before_s, after_s, run) in pairs(25) {
        let random = &mut Random::new(seed(before_s, after_s, 3_000 + run));
        let [before, after] = [before_s, after_s].map(|length_s| machine(random, length_s, shares));
        let row = row(&before, &after);
        runs += 1;
        let figures = row.figures.iter().filter(|figure| {
            let meant = figure.change.significance;
            !matches!(meant, Significance::Same | Significance::TooLittle)
        });
        told.extend(figures.take(1).map(|figure| (before_s, after_s, figure.name)));
    }
    (runs, told)
}

#[test]
fn a_machine_that_goes_on_as_before_is_told_different_in_at_most_two_of_a_hundred_rows() {
    let (runs, told) = told_of_a_machine(&ALIKE);
    let most = most_by_chance(runs, FALSELY_TOLD);
    assert!(told.len() as u64 <= most, "{} of {runs}: {told:?}", told.len());
}

/// Of ten to sixty seconds that are so much alike, too few tell something of their own to know how much alike they are.
#[test]
fn where_some_gauges_hardly_move_from_second_to_second_it_is_at_most_six() {
    let (runs, told) = told_of_a_machine(&[0.0, 0.7, 0.9, 0.98]);
    let most = most_by_chance(runs, 0.06);
    assert!(told.len() as u64 <= most, "{} of {runs}: {told:?}", told.len());
    let long = told
        .iter()
        .filter(|(before_s, after_s, _)| *before_s.min(after_s) > 120);
    assert!(long.count() as u64 <= most_by_chance(runs / 4, FALSELY_TOLD));
}

#[test]
fn a_processor_with_twice_as_much_to_do_is_told() {
    let side = |seed, times: f32| {
        let mut side = machine(&mut Random::new(seed), 120, &ALIKE);
        side.host[0].iter_mut().for_each(|cpu| *cpu *= times);
        side
    };
    let runs = 100;
    let found = (0..runs).filter(|run| {
        let row = row(&side(*run, 1.0), &side(run + 1_000, 2.0));
        row.figure("cpu").unwrap().change.significance == Significance::Worse
    });
    assert_eq!(found.count() as u64, runs);
}
