//! What going back costs: how long the answer takes that a key waits for, with an hour of a hundred targets behind it.
//!
//! `cargo bench --bench history`. Prints the distribution beside how often a held key repeats.

#![allow(clippy::disallowed_methods, reason = "a benchmark reads the clock itself")]

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use probetop::clock::Timestamp;
use probetop::history::History;
use probetop::judge::level::{ErrorThresholds, HostThresholds};
use probetop::monitor::{Monitor, Plan, PlannedTarget};
use probetop::sample::{Input, Micros, Outcome, OwnUsage, Phase, Phases, Purpose, Sample, TargetId, TargetInfo, Tick};
use probetop::snapshot::{Query, Rows, Scope};

const TARGETS: u32 = 100;
const SECONDS: u64 = 3_600;

/// Most terminals repeat a held key this often by default.
const REPEAT: Duration = Duration::from_millis(33);

fn main() {
    let (mut history, now) = an_hour();
    let report = history.report();
    println!(
        "{TARGETS} targets, {SECONDS} s: {:.1} MB kept\n",
        report.bytes as f64 / 1e6
    );
    println!(
        "{:<34}{:>9}{:>9}{:>9}   p95 of the {REPEAT:?} after which a key repeats",
        "answer", "p50", "p95", "max"
    );
    let back = |step: u64| (1..=200).map(move |number| now - number * step);
    print("left held, by a second", &mut history, back(1));
    print("pageup held, by ten", &mut history, back(10));
    print("right held, by a second", &mut history, now - 600..now - 400);
    let to_and_fro = (0..200).map(|number| now - 300 - number % 20 * (number % 2));
    print("left and right in turn", &mut history, to_and_fro);
    // A prime far from any period: all over the hour.
    print("anywhere", &mut history, (0..200).map(|number| number * 1_511 % now));
}

fn print(name: &str, history: &mut History, seconds: impl Iterator<Item = u64>) {
    history.forget_recalled();
    let query = Query {
        series: Rows::All,
        detail: Rows::Only(vec![TargetId(0)]),
        course: Some(Scope::All),
        ..Query::default()
    };
    let mut took: Vec<_> = seconds
        .map(|second| {
            let begun = Instant::now();
            let state = history.recall(Timestamp::from_secs(second)).expect("an hour is kept");
            std::hint::black_box(state.snapshot(&query));
            begun.elapsed()
        })
        .collect();
    took.sort_unstable();
    let rank = |share: usize| took[(took.len() - 1) * share / 100];
    let ms = |took: Duration| format!("{:.1} ms", took.as_secs_f64() * 1e3);
    let share = rank(95).as_secs_f64() / REPEAT.as_secs_f64();
    println!(
        "{name:<34}{:>9}{:>9}{:>9}   {:>3.0} %",
        ms(rank(50)),
        ms(rank(95)),
        ms(rank(100)),
        share * 100.0
    );
}

/// A probe of every target in every second, what is kept of it, and the last second.
fn an_hour() -> (History, u64) {
    let mut monitor = Monitor::new(plan(), Timestamp::ZERO, SystemTime::UNIX_EPOCH);
    let mut history = History::new(Duration::from_secs(SECONDS), &monitor);
    for second in 0..SECONDS {
        let samples = (0..TARGETS).map(|id| Input::Sample(sample(id, second)));
        for input in samples.chain([Input::Tick(tick(second + 1))]) {
            history.input(&input);
            monitor.apply(input);
        }
        history.advance(&monitor);
    }
    (history, SECONDS)
}

fn plan() -> Plan {
    let target = |id| PlannedTarget {
        info: Arc::new(TargetInfo {
            id: TargetId(id),
            name: format!("target-{id}").into(),
            url: format!("http://{id}.example/").into(),
            kind: "http",
            purpose: Purpose::default(),
            host: None,
            group: None,
            interval: Duration::from_secs(1),
            timeout: Duration::from_secs(5),
            in_flight: 5,
            phases: &Phase::HTTP,
        }),
        latency: None,
        errors: ErrorThresholds::default(),
        rate: None,
        gauges: Vec::new(),
    };
    Plan {
        targets: (0..TARGETS).map(target).collect(),
        host: Some(HostThresholds::default()),
        ..Plan::default()
    }
}

fn sample(id: u32, second: u64) -> Sample {
    let scattered = id.wrapping_mul(2_654_435_769).wrapping_add(second as u32 * 40_503) >> 16;
    let latency = Micros(1_000 + scattered);
    let mut phases = Phases::default();
    phases.add(Phase::FirstByte, Micros(latency.0 - 30));
    phases.add(Phase::Transfer, Micros(30));
    Sample {
        target: TargetId(id),
        intended: Timestamp::from_secs(second),
        lag: Micros(40),
        latency,
        outcome: Outcome::Ok,
        phases,
        answer: None,
    }
}

fn tick(second: u64) -> Tick {
    let now = Timestamp::from_secs(second);
    Tick {
        now,
        wall: SystemTime::UNIX_EPOCH + now.since_origin(),
        dropped: 0,
        own: OwnUsage::default(),
    }
}
