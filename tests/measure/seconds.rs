//! Seconds of targets that were counted elsewhere, beside the probes they were counted from: whoever looks sees the same.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use probetop_core::clock::Timestamp;
use probetop_core::sample::slot::{Second, SecondCounter};
use probetop_core::sample::{
    Failure, FailureKind, Micros, Observation, Outcome, OwnUsage, Phase, Phases, Purpose, Sample, TargetId, TargetInfo,
    Tick, Window,
};
use probetop_core::snapshot::{Query, Rows, Snapshot};
use probetop_engine::judge::analysis::AnalysisSettings;
use probetop_engine::judge::level::{Damping, ErrorThresholds, LatencyThresholds};
use probetop_engine::judge::objective::{Goal, Objective, Scope};
use probetop_engine::monitor::{Input, Monitor, Plan, PlannedTarget};

const TARGET: TargetId = TargetId(0);

/// Requests of each worker in each second.
const REQUESTS: u64 = 300;

fn plan() -> Plan {
    let objective = |name: &str, goal| Objective {
        name: name.into(),
        on: Vec::new(),
        goal: Goal::parse(goal).unwrap(),
        period: Duration::from_secs(3_600),
        scope: Scope::Pooled,
    };
    Plan {
        targets: vec![PlannedTarget {
            info: Arc::new(TargetInfo {
                id: TARGET,
                name: "shop".into(),
                url: "http://shop.example/".into(),
                kind: "http".into(),
                purpose: Purpose::Service,
                host: None,
                group: None,
                interval: Duration::from_millis(10),
                timeout: Duration::from_secs(5),
                in_flight: 64,
                phases: Phase::HTTP.into(),
            }),
            latency: Some(LatencyThresholds {
                target: None,
                warning: Some(Duration::from_millis(20)),
                critical: Some(Duration::from_secs(1)),
                quantile: 0.99,
                window: Window::TenSeconds,
                damping: Damping::default(),
            }),
            errors: ErrorThresholds::default(),
            rate: None,
            gauges: Vec::new(),
        }],
        // The limit lies where no latency does, so that it is the same whether or not latencies are exact.
        objectives: vec![objective("up", "99% available"), objective("quick", "90% under 500ms")],
        // What is found by logarithms of latencies knows these to 0.4 %, and says so.
        analysis: AnalysisSettings {
            anomalies: false,
            trends: false,
            correlations: false,
        },
        ..Plan::default()
    }
}

/// What one worker's request comes to; each differs.
fn sample(second: u64, worker: u64, request: u64) -> Sample {
    let scattered = (second * 7_919 + worker * 104_729 + request * 1_299_709) % 10_007;
    let mut phases = Phases::default();
    phases.add(Phase::FirstByte, Micros(scattered as u32 * 2));
    if scattered.is_multiple_of(50) {
        phases.add(Phase::Connect, Micros(200));
    }
    let failure = || Failure {
        kind: if scattered.is_multiple_of(3) {
            FailureKind::Timeout
        } else {
            FailureKind::Status
        },
        phase: None,
        message: "no".into(),
    };
    Sample {
        target: TARGET,
        intended: Timestamp::from_nanos(second * 1_000_000_000 + request * 3_000_000),
        lag: Micros(scattered as u32 % 90),
        latency: Micros(if scattered.is_multiple_of(11) {
            // It gets worse.
            if second < 40 { 800_000 } else { 1_500_000 }
        } else {
            scattered as u32 * 3
        }),
        outcome: if scattered.is_multiple_of(37) {
            Outcome::Failed(Box::new(failure()))
        } else {
            Outcome::Ok
        },
        phases,
        answer: None,
    }
}

fn tick(monitor: &mut Monitor, second: u64) -> Snapshot {
    let now = Timestamp::from_secs(second);
    monitor.apply(Input::Tick(Tick {
        now,
        wall: now.wall(SystemTime::UNIX_EPOCH),
        dropped: 0,
        own: OwnUsage::default(),
    }));
    let mut snapshot = monitor.snapshot(&Query {
        detail: Rows::All,
        ..Query::default()
    });
    // A second has no newest probe, no message, and no probe that was the first to fail.
    let target = &mut snapshot.targets[0];
    target.last = None;
    target.failing = None;
    let mut detail = target.detail.as_deref().unwrap().clone();
    detail.failures.clear();
    target.detail = Some(Arc::new(detail));
    snapshot.analysis = Arc::default();
    snapshot
}

#[test]
fn seconds_of_three_workers_show_what_all_of_their_requests_would() {
    let begin = || Monitor::new(plan(), Timestamp::ZERO, SystemTime::UNIX_EPOCH);
    let (mut by_samples, mut by_seconds) = (begin(), begin());
    let mut levels = Vec::new();
    for second in 0..75 {
        for worker in 0..3 {
            let mut counter = SecondCounter::default();
            for request in 0..REQUESTS {
                let sample = sample(second, worker, request);
                counter.record(&sample);
                by_samples.apply(sample.into());
            }
            let intended = Timestamp::from_secs(second);
            counter.overrun(2);
            by_samples.apply(Input::from(Observation::Overrun {
                target: TARGET,
                intended,
                count: 2,
            }));
            by_seconds.apply(Input::from(Observation::Second(Second {
                target: TARGET,
                ended: Timestamp::from_secs(second + 1),
                slot: counter.close(),
            })));
        }
        let (expected, found) = (tick(&mut by_samples, second + 1), tick(&mut by_seconds, second + 1));
        assert_eq!(found.targets, expected.targets, "second {second}");
        assert_eq!(found.objectives, expected.objectives, "second {second}");
        assert_eq!(found.monitor, expected.monitor, "second {second}");
        assert_eq!(found.alerts, expected.alerts, "second {second}");
        levels.push(found.targets[0].level);
    }
    assert_eq!(
        by_seconds.snapshot(&Query::default()).monitor.samples_total,
        75 * 3 * REQUESTS
    );
    levels.dedup();
    assert!(levels.len() > 1, "the level changed: {levels:?}");
}

#[test]
fn a_second_of_a_target_that_is_gone_is_let_go() {
    let mut monitor = Monitor::new(Plan::default(), Timestamp::ZERO, SystemTime::UNIX_EPOCH);
    let mut counter = SecondCounter::default();
    counter.record(&sample(0, 0, 1));
    monitor.apply(Input::from(Observation::Second(Second {
        target: TARGET,
        ended: Timestamp::from_secs(1),
        slot: counter.close(),
    })));
    assert_eq!(monitor.snapshot(&Query::default()).monitor.samples_total, 0);
}
