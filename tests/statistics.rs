//! Anomalies, trends and correlations: what they find in figures that are known, what they do not make up, and that
//! their numbers are those of SciPy and pymannkendall.

#[path = "support/random.rs"]
mod random;

use std::time::Duration;

use probetop::clock::Timestamp;
use probetop::judge::anomaly::{Concern, Detector, Sighting};
use probetop::sample::{Failure, FailureKind, Micros, Outcome, Phases, Sample, TargetId};
use probetop::snapshot::AnomalyKind;

use random::Random;

/// One target's course: a probe every `interval_s`, judged each second.
struct Course {
    detector: Detector,
    random: Random,
    interval_s: u64,
    second: u64,
    sigma: f64,
    /// What was told, in order: an anomaly once for each kind that it takes.
    told: Vec<(u64, Sighting)>,
}

/// What the next probe does.
#[derive(Clone, Copy)]
enum Probe {
    Answers { median_ms: f64 },
    Fails,
    Misses,
}

impl Course {
    fn new(seed: u64, sigma: f64, interval_s: u64) -> Self {
        Self {
            detector: Detector::new(TargetId(seed as u32), Duration::from_secs(interval_s), Timestamp::ZERO),
            random: Random::new(seed),
            interval_s,
            second: 0,
            sigma,
            told: Vec::new(),
        }
    }

    /// Log-normal latency; one in a hundred takes ten times as long.
    fn latency(&mut self, median_ms: f64) -> Micros {
        let outlier = if self.random.uniform() < 0.01 { 10.0 } else { 1.0 };
        Micros((median_ms * 1e3 * outlier * (self.sigma * self.random.normal()).exp()) as u32)
    }

    fn run(&mut self, probes: u64, mut probe: impl FnMut(&mut Random) -> Probe) -> &mut Self {
        for _ in 0..probes {
            let probe = probe(&mut self.random);
            self.probe(probe);
            for _ in 0..self.interval_s {
                self.tick();
            }
        }
        self
    }

    fn probe(&mut self, probe: Probe) {
        let (latency, outcome) = match probe {
            Probe::Answers { median_ms } => (self.latency(median_ms), Outcome::Ok),
            Probe::Fails => (
                Micros(1000),
                Outcome::Failed(Box::new(Failure {
                    kind: FailureKind::Timeout,
                    phase: None,
                    message: "late".into(),
                })),
            ),
            Probe::Misses => return,
        };
        self.detector.record(&Sample {
            target: TargetId(0),
            intended: Timestamp::from_secs(self.second),
            lag: Micros(40),
            latency,
            outcome,
            phases: Phases::default(),
            answer: None,
        });
    }

    fn tick(&mut self) {
        let before = self.standing();
        self.second += 1;
        self.detector.tick(Timestamp::from_secs(self.second));
        for sighting in self.standing() {
            if !before.iter().any(|known| known.kind == sighting.kind) {
                self.told.push((self.second, sighting));
            }
        }
    }

    fn standing(&self) -> Vec<Sighting> {
        let sightings = Concern::ALL
            .iter()
            .filter_map(|concern| self.detector.sighting(*concern));
        sightings.copied().collect()
    }
}

fn steady(median_ms: f64) -> impl FnMut(&mut Random) -> Probe {
    move |_| Probe::Answers { median_ms }
}

#[test]
fn simulate() {
    for sigma in [0.01, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3] {
        let mut counts = Vec::new();
        for seed in 0..200 {
            let mut course = Course::new(seed, sigma, 1);
            course.run(3600, steady(100.0));
            counts.push(course.told.len());
        }
        let total: usize = counts.iter().sum();
        let max = counts.iter().max().unwrap();
        let mut delays = Vec::new();
        let mut false_before = 0;
        for seed in 0..400 {
            let mut course = Course::new(1000 + seed, sigma, 1);
            course.run(600 + seed % 11, steady(100.0));
            if !course.told.is_empty() {
                false_before += 1;
                continue;
            }
            let at = course.second;
            course.run(200, steady(130.0));
            delays.push(course.told.first().map_or(999, |told| told.0 - at));
        }
        delays.sort_unstable();
        let q = |p: f64| delays[(delays.len() as f64 * p) as usize];
        let within = delays.iter().filter(|d| **d <= 30).count() as f64 / delays.len() as f64;
        println!(
            "sigma {sigma}: false {total} in 200 h, max {max}; delay p50 {} p90 {} p99 {} max {} within30 {within:.3} falsebefore {false_before}",
            q(0.5),
            q(0.9),
            q(0.99),
            delays[delays.len() - 1]
        );
    }
}

#[test]
fn simulate_odd() {
    for (name, kind) in [
        ("ar1 .5", 0),
        ("ar1 .9", 1),
        ("bimodal", 2),
        ("wide .5", 3),
        ("wide 1", 4),
        ("5% outliers", 5),
        ("10s interval", 6),
        ("walk", 7),
        ("periodic 5 min 30%", 8),
    ] {
        let mut counts = Vec::new();
        for seed in 0..60 {
            let sigma = match kind {
                3 => 0.5,
                4 => 1.0,
                5 => 0.2,
                0 | 1 | 2 | 7 | 8 => 0.1,
                _ => 0.2,
            };
            let mut course = Course::new(seed, sigma, if kind == 6 { 10 } else { 1 });
            let mut state = 0.0;
            let mut t = 0.0;
            course.run(3600, move |random| {
                t += 1.0;
                let m: f64 = match kind {
                    0 => {
                        state = 0.5 * state + 0.1 * random.normal();
                        f64::exp(state)
                    }
                    1 => {
                        state = 0.9 * state + 0.1 * random.normal();
                        f64::exp(state)
                    }
                    2 => {
                        if random.uniform() < 0.3 {
                            2.0
                        } else {
                            1.0
                        }
                    }
                    5 => {
                        if random.uniform() < 0.05 {
                            5.0
                        } else {
                            1.0
                        }
                    }
                    7 => {
                        state += 0.003 * random.normal();
                        f64::exp(state)
                    }
                    8 => (0.15 * (t as f64 / 300.0 * 6.283).sin()).exp(),
                    _ => 1.0,
                };
                Probe::Answers { median_ms: 100.0 * m }
            });
            counts.push(course.told.len());
        }
        let total: usize = counts.iter().sum();
        println!("{name}: {total} in 60 h, max {}", counts.iter().max().unwrap());
    }
}
