//! Time in which probetop did not run: stopped, or on a machine that slept. A gap is a gap, in every figure.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use probetop_core::clock::Timestamp;
use probetop_core::expression::Expression;
use probetop_core::sample::{
    Failure, FailureKind, Level, Micros, Observation, Outcome, Phase, Sample, Severity, TargetId, TargetInfo, Window,
};
use probetop_core::snapshot::{Query, Snapshot};
use probetop_engine::alert::policy::Policy;
use probetop_engine::alert::rule::{NoData, Rule, TARGET_VARIABLES};
use probetop_engine::monitor::{Input, Monitor, Plan, PlannedTarget};

use crate::support::inputs;

const TARGET: TargetId = TargetId(1);

fn rule(when: &str) -> Rule {
    Rule {
        name: when.into(),
        on: vec![],
        when: Expression::compile(when, Some(&TARGET_VARIABLES)).unwrap(),
        table: None,
        clear_when: None,
        no_data: NoData::Keep,
        window: Window::TenSeconds,
        policy: Arc::new(Policy::default()),
        severity: Severity::Critical,
    }
}

fn target() -> PlannedTarget {
    inputs::planned(TargetInfo {
        interval: Duration::from_millis(500),
        timeout: Duration::from_secs(2),
        in_flight: 8,
        ..inputs::info(TARGET.0)
    })
}

struct Bench {
    monitor: Monitor,
    now_ms: u64,
}

impl Bench {
    fn new() -> Self {
        let rules = ["rate < 1.0", "attempts < 2", "ok < 2", "silent_for > duration(\"5s\")"]
            .map(rule)
            .into();
        let plan = Plan {
            targets: vec![target()],
            rules,
            ..Plan::default()
        };
        let monitor = Monitor::new(plan, Timestamp::ZERO, SystemTime::UNIX_EPOCH);
        Self { monitor, now_ms: 0 }
    }

    fn sample(&mut self, started_ms: u64, took_ms: u32, outcome: Outcome) {
        let started = Timestamp::from_millis(started_ms);
        self.monitor.apply(Input::from(Sample {
            lag: Micros(0),
            outcome,
            ..inputs::answered(TARGET.0, started, Micros(took_ms * 1000))
        }));
    }

    fn tick_at(&mut self, at_ms: u64) {
        self.now_ms = at_ms;
        self.monitor.apply(inputs::tick(Timestamp::from_millis(at_ms)));
    }

    /// Runs until the last multiple of a second up to `end_s`, a probe every half second.
    fn run_until(&mut self, end_s: u64) {
        while self.now_ms < end_s * 1000 {
            let end = (self.now_ms / 1000 + 1) * 1000;
            let first = self.now_ms.next_multiple_of(500);
            for at in (first..end).step_by(500) {
                self.sample(at, 10, Outcome::Ok);
            }
            self.tick_at(end);
            let snapshot = self.shown(Window::TenSeconds);
            assert_eq!(
                snapshot.alerts.firing().count(),
                0,
                "at {end} ms: {:?}",
                snapshot.alerts
            );
            let level = snapshot.targets[0].level;
            assert!(
                !matches!(level, Level::Warning | Level::Critical),
                "{level:?} at {end} ms"
            );
        }
    }

    fn shown(&mut self, window: Window) -> Snapshot {
        self.monitor.snapshot(&Query {
            window,
            ..Query::default()
        })
    }
}

fn timed_out() -> Outcome {
    Outcome::Failed(Box::new(Failure {
        kind: FailureKind::Timeout,
        phase: Some(Phase::FirstByte),
        message: "no answer within 2s".into(),
    }))
}

#[test]
fn a_stop_breaks_no_rule_and_no_window_claims_it() {
    for (stopped_ms, resumed_ms) in [
        (14_600, 44_600),
        (14_000, 20_001),
        (30_900, 3_630_900),
        (14_600, 17_600),
        (14_000, 16_001),
    ] {
        let mut bench = Bench::new();
        bench.run_until(stopped_ms / 1000);
        // The engine ends the time that it was awake, and begins the next.
        bench.sample(stopped_ms - stopped_ms % 1000, 10, Outcome::Ok);
        bench.tick_at(stopped_ms);
        bench.tick_at(resumed_ms);
        // Under way across the stop: one had its answer waiting, the other was out of time.
        let across = u32::try_from(resumed_ms - stopped_ms).unwrap();
        bench.sample(stopped_ms - 300, across + 310, Outcome::Ok);
        bench.sample(stopped_ms - 100, across + 110, timed_out());
        bench.monitor.apply(Input::from(Observation::Overrun {
            target: TARGET,
            intended: Timestamp::from_millis(resumed_ms - 100),
            count: 60,
        }));
        bench.run_until(resumed_ms / 1000 + 20);
        let watched = Duration::from_millis(bench.now_ms - (resumed_ms - stopped_ms));
        let whole = bench.shown(Window::Run);
        let stats = &whole.targets[0].stats;
        assert_eq!((stats.covered, stats.failed, stats.overruns), (watched, 0, 0));
        assert_eq!(stats.cut_off, 2, "they are counted as what they are");
        let rate = stats.rate_per_s().unwrap();
        assert!((1.8..2.2).contains(&rate), "{rate}");
        assert!(
            stats.latency.max < Some(Micros(20_000)),
            "no latency is as long as the stop"
        );
        let ten = bench.shown(Window::TenSeconds);
        assert_eq!(ten.targets[0].stats.covered, Duration::from_secs(10));
    }
}

#[test]
fn a_tick_that_is_a_little_late_is_no_gap() {
    let mut bench = Bench::new();
    bench.run_until(10);
    for at in (10_000..14_500).step_by(500) {
        bench.sample(at, 10, Outcome::Ok);
    }
    bench.sample(10_000, 4_000, timed_out());
    bench.tick_at(14_500);
    let snapshot = bench.shown(Window::TenSeconds);
    let stats = &snapshot.targets[0].stats;
    assert_eq!(
        (stats.covered, stats.failed, stats.cut_off),
        (Duration::from_secs(10), 1, 0)
    );
}
