//! The way from inputs to snapshots: levels, alerts, reloads, freezing, replaying.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use probetop_core::clock::Timestamp;
use probetop_core::expression::Expression;
use probetop_core::sample::{
    Answer, CgroupReading, CpuReading, DiskReading, Fact, Failure, FailureKind, Gauge, HostReading, Level, Mark,
    MarkOrigin, Micros, Observation, Outcome, OwnUsage, Phase, Phases, Purpose, Sample, Severity, TargetId, TargetInfo,
    Text, Tick, Window,
};
use probetop_core::setting::Selector;
use probetop_core::snapshot::{AlertState, Query, Rows, Scope, Snapshot, Turn};
use probetop_engine::alert::policy::Policy;
use probetop_engine::alert::rule::{NoData, Rule, TARGET_VARIABLES};
use probetop_engine::alert::state::Patience;
use probetop_engine::judge::level::{Damping, ErrorThresholds, HostThresholds, LatencyThresholds};
use probetop_engine::monitor::{Input, Monitor, Plan, PlannedTarget};

use crate::support::inputs;

const INTERVAL: Duration = Duration::from_millis(100);

fn target(id: u32, group: &str) -> PlannedTarget {
    let info = TargetInfo {
        group: Some(group.into()),
        interval: INTERVAL,
        in_flight: 8,
        ..inputs::info(id)
    };
    PlannedTarget {
        latency: Some(LatencyThresholds {
            target: None,
            warning: Some(Duration::from_millis(100)),
            critical: Some(Duration::from_millis(500)),
            quantile: 0.95,
            window: Window::TenSeconds,
            damping: Damping::WINDOW,
        }),
        errors: ErrorThresholds {
            window: Window::TenSeconds,
            ..ErrorThresholds::default()
        },
        ..inputs::planned(info)
    }
}

fn rule(name: &str, on: Vec<Selector>, when: &str) -> Rule {
    Rule {
        name: name.into(),
        on,
        when: Expression::compile(when, Some(&TARGET_VARIABLES)).unwrap(),
        table: None,
        clear_when: None,
        no_data: NoData::Keep,
        window: Window::TenSeconds,
        policy: Arc::new(Policy {
            patience: Patience {
                hold: Duration::from_secs(2),
                clear: Duration::from_secs(2),
            },
            ..Policy::default()
        }),
        severity: Severity::Critical,
    }
}

/// A monitor and the second it stands in.
struct Bench {
    monitor: Monitor,
    second: u64,
}

impl Bench {
    fn new(plan: Plan) -> Self {
        let monitor = Monitor::new(plan, Timestamp::ZERO, SystemTime::UNIX_EPOCH);
        Self { monitor, second: 0 }
    }

    fn of(targets: Vec<PlannedTarget>, rules: Vec<Rule>) -> Self {
        Self::new(Plan {
            targets,
            rules,
            host: None,
            ..Plan::default()
        })
    }

    /// Ten probes of each target in the next second, then the tick that ends it.
    fn second(&mut self, outcomes: &[(u32, Result<u32, FailureKind>)]) -> Snapshot {
        self.samples(outcomes);
        self.tick()
    }

    fn samples(&mut self, outcomes: &[(u32, Result<u32, FailureKind>)]) {
        for turn in 0..10 {
            for (id, outcome) in outcomes {
                self.monitor
                    .apply(Input::from(sample(*id, self.second * 1000 + turn * 100, *outcome)));
            }
        }
    }

    fn seconds(&mut self, count: u32, outcomes: &[(u32, Result<u32, FailureKind>)]) -> Snapshot {
        for _ in 1..count {
            self.second(outcomes);
        }
        self.second(outcomes)
    }

    fn tick(&mut self) -> Snapshot {
        self.second += 1;
        self.monitor.apply(inputs::tick(Timestamp::from_secs(self.second)));
        self.monitor.snapshot(&Query {
            window: Window::TenSeconds,
            ..Query::default()
        })
    }
}

/// A probe that took that many milliseconds, or failed.
fn sample(id: u32, at_ms: u64, outcome: Result<u32, FailureKind>) -> Sample {
    let failed = |kind| Failure {
        kind,
        phase: Some(Phase::Connect),
        message: "because".into(),
    };
    Sample {
        target: TargetId(id),
        intended: Timestamp::from_millis(at_ms),
        lag: Micros(50),
        latency: Micros(outcome.map_or(1000, |millis| millis * 1000)),
        outcome: outcome.map_or_else(|kind| Outcome::Failed(Box::new(failed(kind))), |_| Outcome::Ok),
        phases: Phases::default(),
        answer: None,
    }
}

fn level(snapshot: &Snapshot, id: u32) -> (Level, String) {
    let target = snapshot.target(TargetId(id)).unwrap();
    (
        target.level,
        target.reason.as_ref().map_or_else(String::new, ToString::to_string),
    )
}

#[test]
fn a_target_is_unknown_until_there_is_enough_to_judge_by() {
    let mut bench = Bench::of(vec![target(1, "api")], vec![]);
    let snapshot = bench.second(&[(1, Ok(20))]);
    assert_eq!(
        level(&snapshot, 1),
        (Level::Unknown, "p95 needs more samples in 10s".to_owned())
    );
    assert_eq!(snapshot.alerts.active, []);
    let snapshot = bench.second(&[(1, Ok(20))]);
    assert_eq!(level(&snapshot, 1), (Level::Ok, String::new()));
}

#[test]
fn levels_follow_latency_and_errors_and_alerts_are_there_on_the_same_tick() {
    let mut bench = Bench::of(vec![target(1, "api"), target(2, "api")], vec![]);
    let snapshot = bench.seconds(10, &[(1, Ok(20)), (2, Ok(20))]);
    assert_eq!(level(&snapshot, 1).0, Level::Ok);

    let snapshot = bench.second(&[(1, Ok(200)), (2, Err(FailureKind::Refused))]);
    assert_eq!(
        level(&snapshot, 1),
        (Level::Warning, "p95(10s) 200ms > 100ms".to_owned())
    );
    assert_eq!(
        level(&snapshot, 2),
        (Level::Critical, "errors(10s) 10% (refused) > 5%".to_owned())
    );
    let firing: Vec<_> = snapshot
        .alerts
        .firing()
        .map(|alert| (alert.name.as_str(), alert.subject.as_str()))
        .collect();
    assert_eq!(firing, [("errors", "target-2"), ("latency", "target-1")]);
    assert!(
        snapshot
            .alerts
            .active
            .iter()
            .all(|alert| alert.since == Timestamp::from_secs(11))
    );
}

#[test]
fn failures_are_counted_and_never_averaged_into_latency() {
    let mut bench = Bench::of(vec![target(1, "api")], vec![]);
    bench.seconds(5, &[(1, Ok(20))]);
    let snapshot = bench.seconds(5, &[(1, Err(FailureKind::Timeout))]);
    let stats = &snapshot.target(TargetId(1)).unwrap().stats;
    assert_eq!((stats.attempts, stats.failed), (100, 50));
    assert_eq!(stats.failures, [(FailureKind::Timeout, 50)]);
    assert_eq!(stats.latency.count, 50);
    assert!(
        stats.latency.min.unwrap().0 >= 19_900,
        "a failed probe of 1 ms is no latency"
    );
}

#[test]
fn a_rule_fires_after_its_hold_on_the_targets_it_is_about_and_resolves_after_its_clear() {
    let rules = vec![rule(
        "slow",
        vec![Selector::Group("ap*".to_owned())],
        "p95 > duration('50ms') && rate > 1.0",
    )];
    let mut bench = Bench::of(vec![target(1, "api"), target(2, "web")], rules);
    let slow = [(1, Ok(80)), (2, Ok(80))];
    let state = |snapshot: &Snapshot| {
        snapshot
            .alerts
            .active
            .iter()
            .map(|alert| (alert.subject.to_string(), alert.state))
            .collect::<Vec<_>>()
    };
    bench.second(&slow);
    assert_eq!(
        state(&bench.second(&slow)),
        [("target-1".to_owned(), AlertState::Pending)]
    );
    bench.second(&slow);
    let snapshot = bench.second(&slow);
    assert_eq!(state(&snapshot), [("target-1".to_owned(), AlertState::Firing)]);
    let reason = snapshot.alerts.active[0].reason.as_str();
    assert!(
        reason.starts_with("p95(10s) 80") && reason.ends_with("ms > 50ms and rate(10s) 10 > 1"),
        "{reason}"
    );
    assert_eq!(level(&snapshot, 1).0, Level::Critical);
    assert_eq!(level(&snapshot, 2).0, Level::Ok);

    let fast = [(1, Ok(1)), (2, Ok(1))];
    let snapshot = bench.seconds(15, &fast);
    assert_eq!(state(&snapshot), []);
    let ended = &snapshot.alerts.history[0];
    assert_eq!((ended.state, ended.name.as_str()), (AlertState::Resolved, "slow"));
    assert!((ended.worst.unwrap() - 80_000.0).abs() < 800.0);
}

#[test]
fn silence_neither_fires_nor_clears() {
    let mut bench = Bench::of(vec![target(1, "api")], vec![]);
    bench.seconds(10, &[(1, Ok(700))]);
    for _ in 0..60 {
        bench.tick();
    }
    let snapshot = bench.tick();
    assert_eq!(
        snapshot.alerts.active[0].state,
        AlertState::Firing,
        "no data for a minute is not good news"
    );
    let snapshot = bench.seconds(13, &[(1, Ok(10))]);
    assert_eq!(snapshot.alerts.active, []);
}

#[test]
fn a_jump_of_the_wall_clock_is_no_gap_and_holds_nothing() {
    let rules = vec![rule("slow", vec![], "p50 > duration('50ms')")];
    let mut bench = Bench::of(vec![target(1, "api")], rules);
    bench.second(&[(1, Ok(80))]);
    for (second, hours) in [(2, 5), (3, 0), (4, 9)] {
        bench.samples(&[(1, Ok(80))]);
        bench.second = second;
        let wall = SystemTime::UNIX_EPOCH + Duration::from_secs(hours * 3600);
        bench.monitor.apply(Input::Tick(Tick {
            now: Timestamp::from_secs(second),
            wall,
            dropped: 0,
            own: OwnUsage::default(),
        }));
    }
    let slow = &bench.monitor.alerts().active[0];
    assert_eq!(
        (slow.name.as_str(), slow.fired),
        ("slow", Some(Timestamp::from_secs(3)))
    );
}

#[test]
fn a_reload_keeps_the_history_of_what_stays_and_resolves_the_alerts_of_what_goes() {
    let mut bench = Bench::of(vec![target(1, "api"), target(2, "api")], vec![]);
    bench.seconds(5, &[(1, Ok(20)), (2, Err(FailureKind::Refused))]);
    let plan = Plan {
        targets: vec![target(3, "api"), target(1, "renamed")],
        rules: vec![],
        host: None,
        ..Plan::default()
    };
    bench.monitor.apply(Input::Plan {
        at: Timestamp::from_secs(5),
        plan: Box::new(plan),
    });
    let snapshot = bench.second(&[(1, Ok(20)), (2, Ok(20)), (3, Ok(20))]);
    let attempts: Vec<_> = snapshot
        .targets
        .iter()
        .map(|target| (target.info.id.0, target.stats.attempts))
        .collect();
    assert_eq!(attempts, [(3, 10), (1, 60)]);
    assert_eq!(snapshot.alerts.active, []);
    assert_eq!(snapshot.alerts.history[0].target, Some(TargetId(2)));
}

#[test]
fn a_frozen_clone_stands_still_while_the_original_goes_on() {
    let mut bench = Bench::of(vec![target(1, "api")], vec![]);
    bench.seconds(5, &[(1, Ok(20))]);
    let mut frozen = bench.monitor.clone();
    bench.seconds(5, &[(1, Ok(20))]);
    let query = Query {
        window: Window::Run,
        ..Query::default()
    };
    let attempts = |monitor: &mut Monitor| monitor.snapshot(&query).targets[0].stats.attempts;
    assert_eq!((attempts(&mut frozen), attempts(&mut bench.monitor)), (50, 100));
}

#[test]
fn the_same_inputs_give_the_same_snapshot() {
    let play = || {
        let rules = vec![rule("slow", vec![], "p50 > duration('10ms')")];
        let mut bench = Bench::of(vec![target(1, "api"), target(2, "api")], rules);
        bench.seconds(20, &[(1, Ok(20)), (2, Err(FailureKind::Reset))]);
        bench.seconds(7, &[(1, Err(FailureKind::Dns)), (2, Ok(5))])
    };
    assert_eq!(play(), play());
}

#[test]
fn the_machine_is_judged_by_its_gauges() {
    let plan = Plan {
        targets: vec![],
        rules: vec![],
        host: Some(HostThresholds::default()),
        ..Plan::default()
    };
    let mut bench = Bench::new(plan);
    assert_eq!(bench.tick().host, None);
    let reading = |usage| {
        let cpu = CpuReading {
            cores: 2,
            usage_ratio: usage,
            load_1m: Some(1.0),
            ..CpuReading::default()
        };
        Input::from(Observation::Host(Arc::new(HostReading {
            cpu,
            ..HostReading::default()
        })))
    };
    bench.monitor.apply(reading(Some(0.97)));
    let snapshot = bench.tick();
    let host = snapshot.host.as_ref().unwrap();
    assert_eq!(
        (host.level, &host.reason),
        (Level::Ok, &None),
        "one busy second is not a level"
    );
    let alert = &snapshot.alerts.active[0];
    assert_eq!(
        (alert.subject.as_str(), alert.state),
        ("host", AlertState::Pending),
        "one busy second is not news"
    );
    assert_eq!(host.history.cpu_ratio.last(), Some(&Some(0.97)));
    for _ in 0..10 {
        bench.monitor.apply(reading(Some(0.99)));
        bench.tick();
    }
    bench.monitor.apply(reading(None));
    let snapshot = bench.tick();
    assert_eq!(
        snapshot.alerts.active[0].state,
        AlertState::Firing,
        "an unknown gauge clears nothing"
    );
    let host = snapshot.host.as_ref().unwrap();
    assert_eq!(
        (host.level, host.reason.as_ref().unwrap().as_str()),
        (Level::Critical, "cpu 99% > 95%")
    );
}

#[test]
fn inodes_and_the_limits_of_a_container_have_levels() {
    let disk = |mount: &str, inodes_available| DiskReading {
        mount: mount.into(),
        device: "/dev/sda1".into(),
        total_bytes: 1000,
        available_bytes: 900,
        inodes_total: Some(100),
        inodes_available: Some(inodes_available),
        read_bytes_per_s: None,
        write_bytes_per_s: None,
        busy_ratio: None,
    };
    let group = |used, throttled| CgroupReading {
        memory_limit_bytes: Some(100),
        memory_used_bytes: Some(used),
        cpu_throttled_ratio: Some(throttled),
        ..CgroupReading::default()
    };
    let check = |inodes_available, cgroup, expected: (Level, Option<&str>)| {
        let mut bench = Bench::new(Plan {
            host: Some(HostThresholds::default()),
            ..Plan::default()
        });
        let reading = HostReading {
            disks: vec![disk("/", 50), disk("/var", inodes_available)],
            cgroup: Some(cgroup),
            ..HostReading::default()
        };
        let reading = Arc::new(reading);
        for _ in 0..20 {
            bench
                .monitor
                .apply(Input::from(Observation::Host(Arc::clone(&reading))));
            bench.tick();
        }
        let host = bench.tick().host.unwrap();
        assert_eq!(
            (host.level, host.reason.as_ref().map(|reason| reason.as_str())),
            expected
        );
    };
    let calm = group(50, 0.0);
    check(50, calm, (Level::Ok, None));
    check(8, calm, (Level::Warning, Some("inodes /var 92% > 90%")));
    check(3, calm, (Level::Critical, Some("inodes /var 97% > 95%")));
    check(50, group(90, 0.0), (Level::Warning, Some("container memory 90% > 85%")));
    check(
        50,
        group(97, 0.0),
        (Level::Critical, Some("container memory 97% > 95%")),
    );
    check(50, group(50, 0.3), (Level::Warning, Some("throttled 30% > 25%")));
    check(50, group(50, 0.6), (Level::Critical, Some("throttled 60% > 50%")));
}

/// The level of the machine, the severity of what fires, and the health score of every second of such a course of CPU.
fn course(cpu: impl IntoIterator<Item = f64>) -> Vec<(Level, Option<Severity>, u8)> {
    let mut bench = Bench::new(Plan {
        host: Some(HostThresholds::default()),
        ..Plan::default()
    });
    let second = |usage| {
        let reading = HostReading {
            cpu: CpuReading {
                cores: 2,
                usage_ratio: Some(usage),
                ..CpuReading::default()
            },
            ..HostReading::default()
        };
        bench.monitor.apply(Input::from(Observation::Host(Arc::new(reading))));
        let snapshot = bench.tick();
        let mut firing = snapshot
            .alerts
            .active
            .iter()
            .filter(|alert| alert.state == AlertState::Firing);
        let severity = firing.next().map(|alert| alert.severity);
        (snapshot.host.unwrap().level, severity, snapshot.health.unwrap().score)
    };
    cpu.into_iter().map(second).collect()
}

#[test]
fn single_busy_seconds_move_neither_the_level_nor_the_score_below_its_band() {
    let restless = (0..60).map(|second| if second % 3 == 0 { 1.0 } else { 0.3 });
    for (second, (level, firing, score)) in course(restless).into_iter().enumerate() {
        assert_eq!((level, firing), (Level::Ok, None), "{second}");
        assert!(score >= 80, "{score} at {second}");
    }
}

#[test]
fn level_and_score_of_the_machine_stand_as_its_alert_does() {
    let busy = [0.2; 10].into_iter().chain([0.99; 15]).chain([0.2; 20]);
    let seen = course(busy);
    for (second, (level, firing, score)) in seen.iter().enumerate() {
        let (expected, scores) = match firing {
            Some(Severity::Critical) => (Level::Critical, 0..=50),
            Some(Severity::Warning) => (Level::Warning, 50..=80),
            Some(Severity::Info) | None => (Level::Ok, 80..=100),
        };
        assert_eq!(*level, expected, "{second}");
        assert!(scores.contains(score), "{score} at {second}");
    }
    let critical = seen.iter().filter(|(level, ..)| *level == Level::Critical).count();
    assert_eq!(
        critical, 15,
        "it holds for 10 s before it is critical, and is clear for 10 s before it is not"
    );
}

#[test]
fn overruns_and_lag_are_counted_for_the_target_and_in_all() {
    let mut bench = Bench::of(vec![target(1, "api")], vec![]);
    bench.monitor.apply(Input::from(Observation::Overrun {
        target: TargetId(1),
        intended: Timestamp::ZERO,
        count: 3,
    }));
    bench.monitor.apply(Input::from(Observation::Overrun {
        target: TargetId(9),
        intended: Timestamp::ZERO,
        count: 5,
    }));
    let snapshot = bench.second(&[(1, Ok(20))]);
    assert_eq!(snapshot.targets[0].stats.overruns, 3);
    assert_eq!(
        (snapshot.monitor.overruns_total, snapshot.monitor.samples_total),
        (3, 10)
    );
    assert_eq!(snapshot.monitor.lag.max, Some(Micros(50)));
}

#[test]
fn a_skipped_step_is_neither_an_attempt_nor_a_failure() {
    let mut bench = Bench::of(vec![target(1, "api")], vec![]);
    for id in [1, 1, 9] {
        bench
            .monitor
            .apply(Input::from(Observation::Skipped { target: TargetId(id) }));
    }
    let snapshot = bench.tick();
    let stats = &snapshot.targets[0].stats;
    assert_eq!((stats.skipped, stats.attempts, stats.failed), (2, 0, 0));
    assert_eq!(stats.error_ratio(), None);
    assert_eq!(snapshot.monitor.samples_total, 0);
}

#[test]
fn only_what_a_query_asks_for_is_computed() {
    let mut bench = Bench::of(vec![target(1, "api"), target(2, "api")], vec![]);
    bench.seconds(3, &[(1, Ok(20)), (2, Ok(20))]);
    let only = Rows::Only(vec![TargetId(2)]);
    let query = Query {
        series: only.clone(),
        detail: only,
        ..Query::default()
    };
    let snapshot = bench.monitor.snapshot(&query);
    let asked: Vec<_> = snapshot
        .targets
        .iter()
        .map(|target| (target.series.len(), target.detail.is_some()))
        .collect();
    assert_eq!(asked, [(0, false), (3, true)]);
    let windows = &snapshot.targets[1].detail.as_ref().unwrap().windows;
    assert_eq!(
        windows.iter().map(|(window, _)| *window).collect::<Vec<_>>(),
        Window::ALL
    );
}

/// A target for which figures are read, or a load generator.
fn reader(id: u32, purpose: Purpose) -> PlannedTarget {
    let mut planned = target(id, "readers");
    Arc::make_mut(&mut planned.info).purpose = purpose;
    planned
}

#[test]
fn how_long_it_takes_to_read_figures_is_in_nothing_that_is_about_all_targets() {
    let targets = vec![
        target(1, "a"),
        reader(2, Purpose::Figures),
        reader(3, Purpose::Generator),
    ];
    let mut bench = Bench::of(targets, Vec::new());
    let snapshot = bench.seconds(30, &[(1, Ok(10)), (2, Ok(4_000)), (3, Ok(4_000))]);
    assert_eq!(snapshot.monitor.samples_total, 900);
    assert_eq!(snapshot.monitor.lag.count, 900, "the start of every probe counts");
    let of_all = bench.monitor.snapshot(&Query {
        course: Some(Scope::All),
        ..Query::default()
    });
    let course = of_all.course.unwrap();
    assert!(
        course.points.iter().all(|point| point.attempts == 10),
        "{:?}",
        course.points
    );
    let slowest = course.spreads.iter().flatten().map(|bucket| bucket.high).max();
    assert!(slowest.is_some_and(|slowest| slowest < Micros(11_000)), "{slowest:?}");
    // Their own rows and their own thresholds tell of it.
    assert_eq!(level(&snapshot, 2).0, Level::Critical);
    assert_eq!(snapshot.health.as_ref().unwrap().score, 100);
    assert_eq!(snapshot.targets[1].apdex, None);
    let length = Duration::from_secs(10);
    let after = bench.monitor.stretch(length, &Rows::All);
    let compared = probetop_engine::monitor::compare(&after, &after);
    for (row, tells_latency) in compared.rows.iter().zip([true, false, false]) {
        assert_eq!(row.figures.iter().any(|figure| figure.name == "p95"), tells_latency);
    }
}

#[test]
fn what_the_steps_of_a_flow_do_counts_once_as_the_flow() {
    let targets = vec![target(1, "flow"), reader(2, Purpose::Step), reader(3, Purpose::Step)];
    let mut bench = Bench::of(targets, Vec::new());
    let snapshot = bench.seconds(30, &[(1, Ok(30)), (2, Ok(10)), (3, Err(FailureKind::Status))]);
    assert_eq!(snapshot.monitor.samples_total, 300);
    assert_eq!(snapshot.monitor.failed_total, 0);
    assert_eq!(snapshot.monitor.lag.count, 300);
    let of_all = bench.monitor.snapshot(&Query {
        course: Some(Scope::All),
        ..Query::default()
    });
    let course = of_all.course.unwrap();
    let points = &course.points;
    assert!(
        points.iter().all(|point| (point.attempts, point.failed) == (10, 0)),
        "{points:?}"
    );
    // Their own rows tell of them, and their latency is one that somebody waits for.
    let attempts: Vec<_> = snapshot.targets.iter().map(|target| target.stats.attempts).collect();
    assert_eq!(attempts, [100, 100, 100], "of ten seconds");
    assert_eq!(level(&snapshot, 3).0, Level::Critical);
    assert!(snapshot.targets[1].apdex.is_some());
}

#[test]
fn a_load_generator_that_does_not_answer_is_nobodys_bad_health() {
    let mut bench = Bench::of(
        vec![reader(1, Purpose::Generator), reader(2, Purpose::Service)],
        Vec::new(),
    );
    let snapshot = bench.seconds(30, &[(1, Err(FailureKind::Timeout)), (2, Ok(1))]);
    assert_eq!(level(&snapshot, 1).0, Level::Critical);
    assert_eq!(snapshot.health.as_ref().unwrap().score, 100);
    let snapshot = bench.seconds(30, &[(1, Ok(1)), (2, Err(FailureKind::Timeout))]);
    assert!(snapshot.health.as_ref().unwrap().score < 100);
}

#[test]
fn the_start_the_stages_and_the_end_of_a_load_are_marks() {
    let generator = PlannedTarget {
        latency: None,
        ..reader(1, Purpose::Generator)
    };
    let mut bench = Bench::of(vec![generator], Vec::new());
    let mut last = None;
    for (seconds, state, users) in [
        (5, "waiting", None),
        (20, "running", Some(10.0)),
        (20, "running", Some(50.0)),
        (5, "ended", None),
    ] {
        for _ in 0..seconds {
            let is_there = users.is_some();
            let outcome = if is_there { Ok(1) } else { Err(FailureKind::Refused) };
            let mut told = sample(1, bench.second * 1000, outcome);
            told.answer = is_there.then(|| {
                Box::new(Answer {
                    facts: vec![Fact {
                        name: "state".into(),
                        value: state.into(),
                    }],
                    gauges: Vec::from_iter(users.map(|users| Gauge::new("users", users))),
                    ..Answer::default()
                })
            });
            bench.monitor.apply(Input::from(told));
            last = Some(bench.tick());
        }
    }
    let snapshot = last.unwrap();
    let marks: Vec<_> = snapshot
        .marks
        .iter()
        .map(|mark| (mark.at.second(), mark.label.as_str(), mark.origin))
        .collect();
    let generator = MarkOrigin::Generator;
    assert_eq!(
        marks,
        [
            (5, "target-1: running", generator),
            (25, "target-1: 50 users", generator),
            (45, "target-1: ended", generator),
        ]
    );
    assert_eq!(level(&snapshot, 1).0, Level::Ok);
    assert!(snapshot.alerts.firing().next().is_none());
}

#[test]
fn a_mark_belongs_to_the_story_of_the_alerts_that_are_on() {
    let mut bench = Bench::of(vec![target(0, "api"), target(1, "api")], Vec::new());
    bench.seconds(5, &[(0, Err(FailureKind::Refused)), (1, Ok(10))]);
    let at = Timestamp::from_secs(bench.second);
    let (label, origin) = (Text::from("stage 2"), MarkOrigin::Script);
    bench.monitor.apply(Input::Mark(Mark { at, label, origin }));
    let snapshot = bench.second(&[(0, Err(FailureKind::Refused)), (1, Err(FailureKind::Refused))]);
    let marked = |id| {
        let mut alerts = snapshot
            .alerts
            .firing()
            .filter(|alert| alert.target == Some(TargetId(id)));
        alerts.any(|alert| alert.timeline.iter().any(|entry| entry.turn == Turn::Marked))
    };
    assert!(marked(0));
    assert!(!marked(1), "its trouble began later");
    let labels: Vec<_> = snapshot.marks.iter().map(|mark| mark.label.as_str()).collect();
    assert_eq!(labels, ["target-0: errors", "stage 2", "target-1: errors"]);
}
