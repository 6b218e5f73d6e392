//! What it costs to find out without being asked, beside counting. `cargo bench --bench analysis` fails where it is many times
//! as much.
//!
//! - `detect_1000`: a second of a thousand targets, their baselines known.
//! - `trend_300`: one figure of 300 points.
//! - `compare_1`: all figures of a target, two minutes against two by the second, an hour against an hour by the minute.
//! - `correlate_50`: a slow target against fifty figures of two minutes, at 31 lags.

#[path = "../tests/support/random.rs"]
mod random;
#[path = "support/cost.rs"]
mod cost;

use std::time::Duration;

use cost::Cost;
use divan::Bencher;
use probetop_core::clock::Timestamp;
use probetop_core::sample::{Micros, Outcome, Phases, Purpose, Sample, TargetId, Worse};
use probetop_core::snapshot::Spreads;
use probetop_engine::judge::anomaly::Detector;
use probetop_engine::judge::compare::{self, Course, Latencies, Nature, Tally};
use probetop_engine::judge::correlation::{Movement, strongest};
use probetop_engine::judge::trend;
use probetop_engine::metric::{Scratch, Series};
use random::Random;

fn main() {
    divan::main();
    check_ratios();
}

/// What is found without being asked, beside counting the same samples.
fn check_ratios() {
    println!();
    let mut watched = Watched::of_1000();
    let detected = cost::median(|| {
        let samples = watched.samples();
        cost::spent(|| watched.next(&samples))
    });
    let (mut series, mut scratch) = (Vec::new(), Scratch::default());
    series.extend((0..1000).map(|id| Series::new(TargetId(id), Timestamp::ZERO)));
    let mut second = 0;
    let counted = cost::median(|| {
        let samples = watched.samples();
        second += 1;
        cost::spent(|| {
            for (series, sample) in series.iter_mut().zip(samples) {
                series.record(sample);
                series.rotate(Timestamp::from_secs(second), &mut scratch);
            }
        })
    });
    let counted = Cost::of("counting the samples", counted);
    Cost::of("watching 1,000 targets for anomalies", detected).within(
        10.0,
        &counted,
        "every target is watched in every second",
    );
}

fn sample(random: &mut Random) -> Sample {
    Sample {
        target: TargetId(0),
        intended: Timestamp::ZERO,
        lag: Micros(40),
        latency: Micros((100e3 * (0.2 * random.normal()).exp()) as u32),
        outcome: Outcome::Ok,
        phases: Phases::default(),
        answer: None,
    }
}

/// 1,000 targets, each with a sample every second for a quarter of an hour.
#[divan::bench(sample_count = 200, sample_size = 1)]
fn detect_1000(bencher: Bencher) {
    let mut watched = Watched::of_1000();
    let mut random = Random::new(5);
    let samples = || (0..1000).map(|_| sample(&mut random)).collect::<Vec<_>>();
    bencher
        .with_inputs(samples)
        .bench_local_refs(|samples| watched.next(samples));
}

struct Watched {
    random: Random,
    detectors: Vec<Detector>,
    second: u64,
}

impl Watched {
    fn of_1000() -> Self {
        let interval = Duration::from_secs(1);
        let detector = |id| Detector::new(TargetId(id), Purpose::Service, interval, Timestamp::ZERO);
        let mut watched = Self {
            random: Random::new(1),
            detectors: (0..1000).map(detector).collect(),
            second: 0,
        };
        for _ in 0..900 {
            let samples = watched.samples();
            watched.next(&samples);
        }
        watched
    }

    fn samples(&mut self) -> Vec<Sample> {
        self.detectors.iter().map(|_| sample(&mut self.random)).collect()
    }

    fn next(&mut self, samples: &[Sample]) {
        self.second += 1;
        for (detector, sample) in self.detectors.iter_mut().zip(samples) {
            detector.record(sample);
            detector.tick(Timestamp::from_secs(self.second));
        }
    }
}

fn series(random: &mut Random, points: usize) -> Vec<Option<f64>> {
    (0..points).map(|_| Some(100.0 + random.normal())).collect()
}

#[divan::bench]
fn trend_300(bencher: Bencher) {
    let points: Vec<_> = (0..300_u32)
        .zip(series(&mut Random::new(2), 300))
        .map(|(at, noise)| Some(noise? + 0.1 * f64::from(at)))
        .collect();
    bencher.bench_local(|| trend::creep(divan::black_box(&points), Worse::Higher, 0.0));
}

/// A side of so many steps of so many probes each.
fn side(random: &mut Random, steps: usize, probes: u32) -> Spreads {
    let mut spreads = Spreads::default();
    for _ in 0..steps {
        let latencies = (0..probes).map(|_| Micros((100e3 * (0.2 * random.normal()).exp()) as u32));
        let mut latencies: Vec<_> = latencies.map(|latency| (latency, 1)).collect();
        latencies.sort_unstable();
        spreads.push(latencies);
    }
    spreads
}

/// All figures of a target. Steps a side, probes a step: two minutes by the second, and an hour by the minute.
#[divan::bench(args = [(120, 1), (60, 60)])]
fn compare_1(bencher: Bencher, (steps, probes): (usize, u32)) {
    let mut random = Random::new(4);
    let spreads = [(); 2].map(|()| side(&mut random, steps, probes));
    let tallies = vec![
        Tally {
            attempts: probes.into(),
            failed: 0
        };
        steps
    ];
    let rates = vec![1.0; steps];
    let nature = Nature {
        worse: Some(Worse::Lower),
        memory: Duration::ZERO,
        grain: 1.0,
        figures: 1,
    };
    bencher.bench_local(|| {
        let [before, after] = spreads.each_ref().map(|steps| Latencies {
            steps: divan::black_box(steps),
            whole: [Some(Micros(100_000)); 3],
        });
        let course = || Course {
            values: divan::black_box(&rates),
            step: Duration::from_secs(1),
        };
        (
            compare::latencies(before, after),
            compare::context(course(), course(), nature),
            compare::failures(&tallies, &tallies),
        )
    });
}

#[divan::bench]
fn correlate_50(bencher: Bencher) {
    let mut random = Random::new(3);
    let latency = series(&mut random, 120);
    let figures: Vec<_> = (0..50).map(|_| series(&mut random, 120)).collect();
    bencher.bench_local(|| {
        let latency = Movement::of(&latency)?;
        let found = figures
            .iter()
            .filter_map(|figure| strongest(&latency, &Movement::of(figure)?, 30));
        found.map(|lagged| lagged.p_value).reduce(f64::min)
    });
}
