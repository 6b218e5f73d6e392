//! Inputs of a monitor with nothing special about them: a target, a probe that was answered, the end of a second. Each
//! test changes what it is about.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use probetop_core::clock::Timestamp;
use probetop_core::sample::{
    Failure, FailureKind, Micros, Outcome, OwnUsage, Phase, Phases, Purpose, Sample, TargetId, TargetInfo, Tick,
};
use probetop_engine::judge::level::ErrorThresholds;
use probetop_engine::monitor::{Input, PlannedTarget};

/// What is known of a target before it is probed: HTTP, once a second.
pub fn info(id: u32) -> TargetInfo {
    TargetInfo {
        id: TargetId(id),
        name: format!("target-{id}").into(),
        url: format!("http://{id}.example/").into(),
        kind: "http".into(),
        purpose: Purpose::default(),
        host: None,
        group: None,
        interval: Duration::from_secs(1),
        timeout: Duration::from_secs(5),
        in_flight: 5,
        phases: Phase::HTTP.into(),
    }
}

/// Judged by its share of errors alone, as every target is.
pub fn planned(info: TargetInfo) -> PlannedTarget {
    PlannedTarget {
        info: Arc::new(info),
        latency: None,
        errors: ErrorThresholds::default(),
        rate: None,
        gauges: Vec::new(),
    }
}

/// A probe that was started in time and answered, without phases.
pub fn answered(id: u32, intended: Timestamp, latency: Micros) -> Sample {
    Sample {
        target: TargetId(id),
        intended,
        lag: Micros(50),
        latency,
        outcome: Outcome::Ok,
        phases: Phases::default(),
        answer: None,
    }
}

pub fn failed(kind: FailureKind, message: &str) -> Outcome {
    Outcome::Failed(Box::new(Failure {
        kind,
        phase: None,
        message: message.into(),
    }))
}

/// The tick at `now`, of a run that began at the epoch.
pub fn tick(now: Timestamp) -> Input {
    Input::Tick(Tick {
        now,
        wall: now.wall(SystemTime::UNIX_EPOCH),
        dropped: 0,
        own: OwnUsage::default(),
    })
}

/// Scattered from 1 to 66 ms, the same in every run.
pub fn scattered(id: u32, second: u64) -> Micros {
    Micros(1_000 + (id.wrapping_mul(2_654_435_769).wrapping_add(second as u32 * 40_503) >> 16))
}

/// What a warm connection to an HTTP server gives in that second: first byte and transfer, no connect.
pub fn warm(id: u32, second: u64) -> Sample {
    let latency = scattered(id, second);
    let mut phases = Phases::default();
    phases.add(Phase::FirstByte, Micros(latency.0 - 30));
    phases.add(Phase::Transfer, Micros(30));
    Sample {
        phases,
        ..answered(id, Timestamp::from_secs(second), latency)
    }
}
