//! One target's course through time, as its detector sees it.

use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{Failure, FailureKind, Micros, Outcome, Phase, Phases, Purpose, Sample, TargetId};
use probetop_engine::judge::anomaly::{Concern, Detector, Sighting};

use super::random::Random;

/// What a probe does.
#[derive(Clone, Copy)]
pub enum Probe {
    /// With log-normal latency about this.
    Answers {
        median_ms: f64,
    },
    /// The same, on a connection of its own.
    AnswersFirst {
        median_ms: f64,
    },
    Fails,
    Misses,
}

/// A probe every so often, judged each second.
pub struct Course {
    pub detector: Detector,
    random: Random,
    interval_s: u64,
    pub second: u64,
    /// Of the logarithm of the latency.
    sigma: f64,
    /// When what was told: an anomaly once for each kind it takes.
    pub told: Vec<(u64, Sighting)>,
    /// When anomalies were over.
    pub ended: Vec<u64>,
    /// As of the last tick.
    known: Vec<Sighting>,
}

impl Course {
    pub fn new(seed: u64, sigma: f64, interval_s: u64) -> Self {
        let interval = Duration::from_secs(interval_s);
        Self {
            detector: Detector::new(TargetId(seed as u32), Purpose::Service, interval, Timestamp::ZERO),
            random: Random::new(seed),
            interval_s,
            second: 0,
            sigma,
            told: Vec::new(),
            ended: Vec::new(),
            known: Vec::new(),
        }
    }

    pub fn run(&mut self, probes: u64, mut probe: impl FnMut(&mut Random) -> Probe) -> &mut Self {
        for _ in 0..probes {
            let probe = probe(&mut self.random);
            self.probe(probe);
            for _ in 0..self.interval_s {
                self.tick();
            }
        }
        self
    }

    /// One in a hundred latencies is ten times as long.
    fn latency(&mut self, median_ms: f64) -> Micros {
        let outlier = if self.random.uniform() < 0.01 { 10.0 } else { 1.0 };
        Micros((median_ms * 1e3 * outlier * (self.sigma * self.random.normal()).exp()) as u32)
    }

    fn probe(&mut self, probe: Probe) {
        let mut phases = Phases::default();
        phases.add(Phase::FirstByte, Micros(500));
        let (latency, outcome) = match probe {
            Probe::Answers { median_ms } => (self.latency(median_ms), Outcome::Ok),
            Probe::AnswersFirst { median_ms } => {
                phases.add(Phase::Connect, Micros(500));
                (self.latency(median_ms), Outcome::Ok)
            }
            Probe::Fails => (Micros(1000), failed()),
            Probe::Misses => return,
        };
        self.detector.record(&Sample {
            target: TargetId(0),
            intended: Timestamp::from_secs(self.second),
            lag: Micros(40),
            latency,
            outcome,
            phases,
            answer: None,
        });
    }

    fn tick(&mut self) {
        self.second += 1;
        self.detector.tick(Timestamp::from_secs(self.second));
        let standing = self.standing();
        let known = std::mem::replace(&mut self.known, standing);
        for sighting in &self.known {
            if !known.iter().any(|known| known.kind == sighting.kind) {
                self.told.push((self.second, *sighting));
            }
        }
        if self.known.len() < known.len() {
            self.ended.push(self.second);
        }
    }

    pub fn standing(&self) -> Vec<Sighting> {
        let sightings = Concern::ALL.iter().map(|concern| self.detector.sighting(*concern));
        sightings.flatten().copied().collect()
    }
}

fn failed() -> Outcome {
    Outcome::Failed(Box::new(Failure {
        kind: FailureKind::Timeout,
        phase: None,
        message: "late".into(),
    }))
}
