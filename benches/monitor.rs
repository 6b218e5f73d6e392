//! What the engine's second costs: a tick of 50 targets with thresholds and a rule, and of 10,000, with their snapshot.
//!
//! `cargo bench --bench monitor`. What is said of ticks is held against others of the
//! same run at the end, and it fails beyond its limits.

#[path = "support/cost.rs"]
mod cost;
#[path = "../tests/support/inputs.rs"]
#[allow(dead_code, reason = "tests share this file and use all of it")]
mod inputs;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use cost::Cost;
use divan::Bencher;
use probetop_core::clock::Timestamp;
use probetop_core::expression::Expression;
use probetop_core::sample::{FailureKind, Sample, Severity, TargetId, Window};
use probetop_core::snapshot::{Query, Rows};
use probetop_engine::alert::policy::Policy;
use probetop_engine::alert::rule::{NoData, Rule, TARGET_VARIABLES};
use probetop_engine::alert::state::Patience;
use probetop_engine::judge::level::{Damping, HostThresholds, LatencyThresholds};
use probetop_engine::judge::objective::{Goal, Objective, Scope};
use probetop_engine::monitor::{Input, Monitor, Plan, PlannedTarget};

fn main() {
    divan::main();
    check_ratios();
}

/// A minute of life: windows are full of what they usually hold.
const WARM_UP_S: u64 = 61;

/// Far from what the samples are worth.
const QUIET: &str = "p95 > duration('1500ms') && rate > 0.1";

/// What they are always worth.
const FIRING: &str = "p95 > duration('1us') && rate > 0.1";

fn plan(targets: u32, rules: usize, when: &str) -> Plan {
    let target = |id| PlannedTarget {
        latency: Some(LatencyThresholds {
            target: None,
            warning: Some(Duration::from_millis(500)),
            critical: Some(Duration::from_secs(2)),
            quantile: 0.95,
            window: Window::OneMinute,
            damping: Damping::WINDOW,
        }),
        ..inputs::planned(inputs::info(id))
    };
    let rule = |number| Rule {
        name: format!("rule-{number}").into(),
        on: Vec::new(),
        when: Expression::compile(when, Some(&TARGET_VARIABLES)).expect("the condition is sound"),
        table: None,
        clear_when: None,
        no_data: NoData::Keep,
        window: Window::OneMinute,
        policy: Arc::new(Policy {
            patience: Patience {
                hold: Duration::from_secs(30),
                clear: Duration::from_secs(60),
            },
            ..Policy::default()
        }),
        severity: Severity::Critical,
    };
    Plan {
        targets: (0..targets).map(target).collect(),
        rules: (0..rules).map(rule).collect(),
        host: Some(HostThresholds::default()),
        ..Plan::default()
    }
}

/// A monitor, and the time it stands at.
struct Bench {
    monitor: Monitor,
    targets: u32,
    second: u64,
    answer: Answer,
}

/// What every target answers.
#[derive(Clone, Copy)]
enum Answer {
    Ok,
    Refused,
}

impl Bench {
    fn new(targets: u32, rules: usize) -> Self {
        Self::judging(targets, rules, QUIET)
    }

    fn judging(targets: u32, rules: usize, when: &str) -> Self {
        Self::of(plan(targets, rules, when))
    }

    fn of(plan: Plan) -> Self {
        let targets = plan.targets.len() as u32;
        let monitor = Monitor::new(plan, Timestamp::ZERO, SystemTime::UNIX_EPOCH);
        let mut bench = Self {
            monitor,
            targets,
            second: 0,
            answer: Answer::Ok,
        };
        for _ in 0..WARM_UP_S {
            bench.samples();
            bench.tick();
        }
        bench.samples();
        bench
    }

    /// One sample for each target.
    fn samples(&mut self) {
        for id in 0..self.targets {
            let answered = inputs::warm(id, self.second);
            self.monitor.apply(Input::from(match self.answer {
                Answer::Ok => answered,
                Answer::Refused => refused(answered),
            }));
        }
    }

    fn tick(&mut self) {
        self.second += 1;
        self.monitor.apply(inputs::tick(Timestamp::from_secs(self.second)));
    }
}

fn refused(sample: Sample) -> Sample {
    Sample {
        outcome: inputs::failed(FailureKind::Refused, "connection refused"),
        ..sample
    }
}

/// Rotates, reads, judges thresholds and one rule, and steps the alerts.
#[divan::bench(args = [50, 10_000], sample_count = 50, sample_size = 1)]
fn tick(bencher: Bencher, targets: u32) {
    let start = Bench::new(targets, 1);
    let clones = || Bench {
        monitor: start.monitor.clone(),
        ..start
    };
    bencher.with_inputs(clones).bench_local_refs(|bench| bench.tick());
}

/// The same of 1,000 targets, each with an objective of its own: as many as there may be.
#[divan::bench(sample_count = 50, sample_size = 1)]
fn tick_with_objectives(bencher: Bencher) {
    let each = Objective {
        name: "fast".into(),
        on: Vec::new(),
        goal: Goal::parse("95% under 50ms").expect("the goal is sound"),
        period: Duration::from_secs(3600),
        scope: Scope::Each,
    };
    let start = Bench::of(Plan {
        objectives: vec![each],
        ..plan(1_000, 1, QUIET)
    });
    let clones = || Bench {
        monitor: start.monitor.clone(),
        ..start
    };
    bencher.with_inputs(clones).bench_local_refs(|bench| bench.tick());
}

/// As the screen asks for it: the table's figures, and series for the rows that are seen.
#[divan::bench(args = [50, 10_000], sample_count = 50, sample_size = 1)]
fn snapshot(bencher: Bencher, targets: u32) {
    let mut bench = Bench::new(targets, 1);
    bench.tick();
    let seen = Rows::Only((0..50).map(TargetId).collect());
    let query = Query {
        series: seen,
        detail: Rows::Only(vec![TargetId(0)]),
        ..Query::default()
    };
    bencher.bench_local(|| bench.monitor.snapshot(&query));
}

/// From the queue into the windows.
#[divan::bench(sample_count = 50, sample_size = 1_000)]
fn record_a_sample(bencher: Bencher) {
    let mut bench = Bench::new(50, 1);
    let mut id = 0;
    bencher.bench_local(|| {
        id = (id + 1) % 50;
        bench.monitor.apply(Input::from(inputs::warm(id, 60)));
    });
}

/// What is said of ticks, each beside another of the same run.
fn check_ratios() {
    println!();
    let thousand = median_tick(&mut Bench::new(1_000, 1));
    let ten_thousand = median_tick(&mut Bench::new(10_000, 1));
    let tick = Cost::of("a tick of 10,000 targets", ten_thousand);
    tick.within(
        2.0,
        &Cost::of("ten of 1,000", thousand * 10),
        "it grows with the targets, and no faster",
    );
    for (what, when) in [("5,000 rules, quiet", QUIET), ("5,000 rules, all firing", FIRING)] {
        let with = median_tick(&mut Bench::judging(500, 10, when));
        let rules = Cost::of(&format!("a tick of 500 targets and {what}"), with);
        rules.within(2.0, &tick, "rules fit into the second as targets do");
    }
    let (opening, opened) = open_200();
    assert_eq!(opened, 200, "incidents on the board");
    Cost::of("200 incidents opened at once", opening).within(2.0, &tick, "bad news does not delay the next second");
    check_failing();
}

/// When everything fails, beside the same tick when all is well.
fn check_failing() {
    let mut bench = Bench::new(10_000, 0);
    let well = Cost::of("10,000 targets, all well", median_tick(&mut bench));
    bench.answer = Answer::Refused;
    // Past the opening of every alert and every anomaly.
    for _ in 0..20 {
        bench.samples();
        bench.tick();
    }
    let failing = Cost::of("10,000 targets, all failing", median_tick(&mut bench));
    failing.within(4.0, &well, "an outage is when the next second matters most");
    assert!(
        bench.monitor.alerts().active.len() >= 10_000,
        "an alert for each is on the board"
    );
}

fn median_tick(bench: &mut Bench) -> Duration {
    // Samples are put in between, and not counted.
    cost::median(|| {
        bench.samples();
        cost::spent(|| bench.tick())
    })
}

/// All of 200 targets go down in one second.
fn open_200() -> (Duration, usize) {
    let mut bench = Bench::new(200, 0);
    bench.samples();
    for id in 0..200 {
        for _ in 0..5 {
            bench
                .monitor
                .apply(Input::from(refused(inputs::warm(id, bench.second))));
        }
    }
    let opening = cost::spent(|| bench.tick());
    let errors = bench
        .monitor
        .alerts()
        .firing()
        .filter(|alert| alert.name.as_str() == "errors");
    (opening, errors.count())
}
