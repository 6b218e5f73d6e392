//! What going back costs: how long the answer takes that a key waits for, with an hour of a hundred targets behind it.
//!
//! `cargo bench --bench history`. Prints the distribution of processor time beside how often a held key repeats, and fails
//! where an answer costs many times what any answer needs: a copy of a state, and the reading of it.

#[path = "support/cost.rs"]
mod cost;
#[path = "../tests/support/inputs.rs"]
#[allow(dead_code, reason = "tests share this file and use all of it")]
mod inputs;

use std::time::{Duration, SystemTime};

use cost::Cost;
use probetop_core::clock::Timestamp;
use probetop_core::sample::TargetId;
use probetop_core::snapshot::{Query, Rows, Scope};
use probetop_engine::history::History;
use probetop_engine::judge::level::HostThresholds;
use probetop_engine::monitor::{Input, Monitor, Plan};

const TARGETS: u32 = 100;
const SECONDS: u64 = 3_600;

/// Most terminals repeat a held key this often by default.
const REPEAT: Duration = Duration::from_millis(33);

fn main() {
    let (mut history, now, least) = an_hour();
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
    let held = Cost::of("left held, p95", print("left held, by a second", &mut history, back(1)));
    print("pageup held, by ten", &mut history, back(10));
    print("right held, by a second", &mut history, now - 600..now - 400);
    let to_and_fro = (0..200).map(|number| now - 300 - number % 20 * (number % 2));
    print("left and right in turn", &mut history, to_and_fro);
    // A prime far from any period: all over the hour.
    let anywhere = (0..200).map(|number| number * 1_511 % now);
    let worst = Cost::of("anywhere, p95", print("anywhere", &mut history, anywhere));
    println!();
    held.within(4.0, &least, "a held key is answered before it repeats");
    worst.within(20.0, &least, "no second is far from a state that was kept");
}

/// Gives the p95.
fn print(name: &str, history: &mut History, seconds: impl Iterator<Item = u64>) -> Duration {
    history.forget_recalled();
    let query = query();
    let mut took: Vec<_> = seconds
        .map(|second| {
            cost::spent(|| {
                let state = history.recall(Timestamp::from_secs(second)).expect("an hour is kept");
                state.snapshot(&query)
            })
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
    rank(95)
}

/// What the screen asks for when it goes back.
fn query() -> Query {
    Query {
        series: Rows::All,
        detail: Rows::Only(vec![TargetId(0)]),
        course: Some(Scope::All),
        ..Query::default()
    }
}

/// A probe of every target in every second, what is kept of it, the last second, and what an answer needs at the least: a
/// copy of the state of that second, and the reading of it.
fn an_hour() -> (History, u64, Cost) {
    let mut monitor = Monitor::new(plan(), Timestamp::ZERO, SystemTime::UNIX_EPOCH);
    let mut history = History::new(Duration::from_secs(SECONDS), &monitor);
    for second in 0..SECONDS {
        live(second, &mut monitor, &mut history);
    }
    let query = query();
    let least = cost::median(|| cost::spent(|| monitor.clone().snapshot(&query)));
    (history, SECONDS, Cost::of("a copy of a state and its snapshot", least))
}

fn live(second: u64, monitor: &mut Monitor, history: &mut History) {
    let samples = (0..TARGETS).map(|id| Input::from(inputs::warm(id, second)));
    for input in samples.chain([inputs::tick(Timestamp::from_secs(second + 1))]) {
        history.input(&input);
        monitor.apply(input);
    }
    history.advance(monitor);
}

fn plan() -> Plan {
    Plan {
        targets: (0..TARGETS).map(|id| inputs::planned(inputs::info(id))).collect(),
        host: Some(HostThresholds::default()),
        ..Plan::default()
    }
}
