//! What the past takes, counted by the allocator, beside what it says it takes.

use std::time::{Duration, SystemTime};

use allocation_counter::measure;
use probetop_core::clock::Timestamp;
use probetop_core::sample::{Answer, Fact, FailureKind, Gauge, Micros, Outcome, Phase, Phases, Sample, Window};
use probetop_engine::history::{HISTORY_LIMIT_BYTES, History};
use probetop_engine::judge::level::{Damping, LatencyThresholds};
use probetop_engine::monitor::{Input, Monitor, Plan, PlannedTarget};

use crate::support::inputs;

/// What the targets of a life answer.
#[derive(Clone, Copy, Debug)]
enum Answers {
    Plain,
    /// Each says something else than the one before.
    Told,
    Gauges,
    Failures,
}

fn plan(targets: u32) -> Plan {
    let target = |id| PlannedTarget {
        latency: Some(LatencyThresholds {
            target: None,
            warning: Some(Duration::from_millis(300)),
            critical: Some(Duration::from_secs(1)),
            quantile: 0.5,
            window: Window::TenSeconds,
            damping: Damping::default(),
        }),
        ..inputs::planned(inputs::info(id))
    };
    Plan {
        targets: (0..targets).map(target).collect(),
        ..Plan::default()
    }
}

fn sample(answers: Answers, id: u32, second: u64) -> Sample {
    let mut phases = Phases::default();
    for phase in Phase::HTTP {
        phases.add(phase, Micros(300 + (second * 37 + u64::from(id) * 11) as u32 % 2_000));
    }
    let gauge = |number| Gauge::new(format!("gauge_{number}").as_str(), second as f64);
    let answer = match answers {
        Answers::Plain | Answers::Failures => Answer::default(),
        Answers::Told => Answer {
            facts: [Fact {
                name: "version".into(),
                value: format!("the answer of second {second} of target {id}").into(),
            }]
            .into(),
            ..Answer::default()
        },
        Answers::Gauges => Answer {
            gauges: (0..40).map(gauge).collect(),
            ..Answer::default()
        },
    };
    let failure = format!("HTTP 503 at second {second}, of target {id}");
    let latency = Micros(2_000 + (second * 7 + u64::from(id)) as u32 % 900);
    Sample {
        outcome: match answers {
            Answers::Failures if !second.is_multiple_of(3) => inputs::failed(FailureKind::Status, &failure),
            Answers::Plain | Answers::Told | Answers::Gauges | Answers::Failures => Outcome::Ok,
        },
        phases,
        answer: Some(Box::new(answer)),
        ..inputs::answered(id, Timestamp::from_secs(second), latency)
    }
}

/// Lives so long, with a past of `length`; gives both to keep.
fn live(answers: Answers, targets: u32, seconds: u64, length: Duration) -> (Monitor, History) {
    let mut monitor = Monitor::new(plan(targets), Timestamp::ZERO, SystemTime::UNIX_EPOCH);
    let mut history = History::new(length, &monitor);
    for second in 0..seconds {
        let samples = (0..targets).map(|id| Input::from(sample(answers, id, second)));
        let tick = inputs::tick(Timestamp::from_secs(second + 1));
        for input in samples.chain([tick]) {
            history.input(&input);
            monitor.apply(input);
        }
        history.advance(&monitor);
    }
    (monitor, history)
}

/// Bytes that stay allocated by such a life.
fn counted(answers: Answers, targets: u32, seconds: u64, length: Duration) -> (u64, u64) {
    let mut said = 0;
    let mut kept = None;
    let counted = measure(|| {
        let life = live(answers, targets, seconds, length);
        said = life.1.report().bytes;
        kept = Some(life);
    });
    drop(kept);
    (u64::try_from(counted.bytes_current).expect("something is kept"), said)
}

#[test]
fn the_past_takes_what_it_says() {
    let hour = Duration::from_secs(3600);
    let check = |answers, targets, seconds| {
        let (alone, nothing) = counted(answers, targets, seconds, Duration::ZERO);
        let (with_past, said) = counted(answers, targets, seconds, hour);
        let taken = with_past - alone;
        let ratio = said as f64 / taken as f64;
        println!("{answers:?}: {targets} targets, {seconds} s: {taken} taken, {said} said: {ratio:.3}");
        assert_eq!(nothing, 0);
        assert!(
            (0.93..1.05).contains(&ratio),
            "{answers:?}: {said} of {taken} bytes, {ratio}"
        );
        assert!(taken as f64 <= 1.1 * HISTORY_LIMIT_BYTES as f64, "{taken} bytes");
    };
    check(Answers::Plain, 20, 400);
    check(Answers::Told, 20, 400);
    check(Answers::Gauges, 10, 400);
    check(Answers::Failures, 20, 400);
    check(Answers::Plain, 2, 900);
}
