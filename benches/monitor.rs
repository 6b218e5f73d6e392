//! What the engine's second costs: a tick of 50 targets with thresholds and a rule, and of 10,000, with their snapshot.
//!
//! `cargo bench --bench monitor`. What the alerts alone cost is printed at the end, in processor time, beside its limits.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use divan::Bencher;
use probetop::alert::policy::Policy;
use probetop::alert::rule::{NoData, Rule, TARGET_VARIABLES};
use probetop::alert::state::Patience;
use probetop::clock::Timestamp;
use probetop::expression::Expression;
use probetop::judge::level::{Damping, ErrorThresholds, HostThresholds, LatencyThresholds};
use probetop::judge::objective::{Goal, Objective, Scope};
use probetop::monitor::{Monitor, Plan, PlannedTarget};
use probetop::sample::{
    Failure, FailureKind, Input, Micros, Outcome, OwnUsage, Phase, Phases, Purpose, Sample, Severity, TargetId,
    TargetInfo, Tick, Window,
};
use probetop::snapshot::{Query, Rows};

fn main() {
    divan::main();
    print_alerts();
}

/// A minute of life: windows are full of what they usually hold.
const WARM_UP_S: u64 = 61;

/// Far from what the samples are worth.
const QUIET: &str = "p95 > duration('1500ms') && rate > 0.1";

/// What they are always worth.
const FIRING: &str = "p95 > duration('1us') && rate > 0.1";

fn plan(targets: u32, rules: usize, when: &str) -> Plan {
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
        latency: Some(LatencyThresholds {
            target: None,
            warning: Some(Duration::from_millis(500)),
            critical: Some(Duration::from_secs(2)),
            quantile: 0.95,
            window: Window::OneMinute,
            damping: Damping::WINDOW,
        }),
        errors: ErrorThresholds::default(),
        rate: None,
        gauges: Vec::new(),
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
            let answered = sample(id, self.second);
            self.monitor.apply(Input::Sample(match self.answer {
                Answer::Ok => answered,
                Answer::Refused => refused(answered),
            }));
        }
    }

    fn tick(&mut self) {
        self.second += 1;
        let now = Timestamp::from_secs(self.second);
        let wall = SystemTime::UNIX_EPOCH + now.since_origin();
        self.monitor.apply(Input::Tick(Tick {
            now,
            wall,
            dropped: 0,
            own: OwnUsage::default(),
        }));
    }
}

fn sample(id: u32, second: u64) -> Sample {
    let latency = Micros(1_000 + (id.wrapping_mul(2_654_435_769).wrapping_add(second as u32 * 40_503) >> 16));
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

fn refused(sample: Sample) -> Sample {
    let failure = Failure {
        kind: FailureKind::Refused,
        phase: None,
        message: "connection refused".into(),
    };
    Sample {
        outcome: Outcome::Failed(Box::new(failure)),
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
        bench.monitor.apply(Input::Sample(sample(id, 60)));
    });
}

/// Ticks that a figure below is the median of.
const ROUNDS: usize = 31;

fn print_alerts() {
    println!(
        "\n{:<52}{:>12}{:>12}",
        "alerts, processor time of a tick", "median", "limit"
    );
    let without = median_tick(&mut Bench::new(500, 0));
    for (what, when) in [("quiet", QUIET), ("firing", FIRING)] {
        let with = median_tick(&mut Bench::judging(500, 10, when));
        let what = format!("5,000 rules, {what}, and 500 targets");
        println!("{what:<52}{:>9.2} ms{:>9.2} ms", millis(with), 50.0);
        println!(
            "{:<52}{:>9.2} us",
            "  for each rule",
            millis(with.saturating_sub(without)) / 5.0
        );
    }
    let (opening, opened) = open_200();
    println!(
        "{:<52}{:>9.2} ms{:>9.2} ms",
        "200 incidents opened",
        millis(opening),
        50.0
    );
    println!("{:<52}{opened:>12}{:>12}", "  of them on the board", 200);
    print_failing();
}

/// What it costs when everything fails, beside the same tick when all is well.
fn print_failing() {
    let mut bench = Bench::new(10_000, 0);
    let well = median_tick(&mut bench);
    bench.answer = Answer::Refused;
    // Past the opening of every alert and every anomaly.
    for _ in 0..20 {
        bench.samples();
        bench.tick();
    }
    let failing = median_tick(&mut bench);
    let ratio = failing.as_secs_f64() / well.as_secs_f64();
    println!("{:<52}{:>9.2} ms", "10,000 targets, all well", millis(well));
    println!("{:<52}{:>9.2} ms{:>9.2} ms", "  all failing", millis(failing), 50.0);
    println!("{:<52}{ratio:>10.1} x", "  beside all well");
    let alerts = bench.monitor.alerts().active.len();
    println!("{:<52}{alerts:>12}{:>12}", "  alerts on the board", 10_000);
}

fn median_tick(bench: &mut Bench) -> Duration {
    let mut ticks: Vec<_> = (0..ROUNDS)
        .map(|_| {
            bench.samples();
            let start = thread_time();
            bench.tick();
            thread_time().saturating_sub(start)
        })
        .collect();
    ticks.sort_unstable();
    ticks[ROUNDS / 2]
}

/// All of 200 targets go down in one second.
fn open_200() -> (Duration, usize) {
    let mut bench = Bench::new(200, 0);
    bench.samples();
    for id in 0..200 {
        for _ in 0..5 {
            bench.monitor.apply(Input::Sample(refused(sample(id, bench.second))));
        }
    }
    let start = thread_time();
    bench.tick();
    let opening = thread_time().saturating_sub(start);
    let errors = bench
        .monitor
        .alerts()
        .firing()
        .filter(|alert| alert.name.as_str() == "errors");
    (opening, errors.count())
}

/// Of this thread alone: others may be busy.
fn thread_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.try_into().unwrap_or_default())
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
