//! Objectives, Apdex and health on their way through the monitor: from samples to alerts and snapshots.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use probetop_core::clock::Timestamp;
use probetop_core::sample::{
    CpuReading, Failure, FailureKind, HostReading, Level, Micros, Observation, Outcome, Phases, Purpose, Sample,
    Severity, TargetId, TargetInfo, Window,
};
use probetop_core::setting::Selector;
use probetop_core::snapshot::{AlertState, Axis, BurnState, Health, ObjectiveSnapshot, Query, Snapshot};
use probetop_engine::judge::health::Scoring;
use probetop_engine::judge::level::{Damping, ErrorThresholds, HostThresholds, LatencyThresholds};
use probetop_engine::judge::objective::{Goal, Objective, Scope};
use probetop_engine::monitor::{Input, Monitor, Plan, PlannedTarget};

use crate::support::inputs;

fn target(id: u32, kind: &'static str) -> PlannedTarget {
    let info = TargetInfo {
        kind: kind.into(),
        interval: Duration::from_millis(100),
        in_flight: 8,
        ..inputs::info(id)
    };
    PlannedTarget {
        latency: Some(LatencyThresholds {
            target: Some(Duration::from_millis(100)),
            warning: Some(Duration::from_millis(500)),
            critical: Some(Duration::from_secs(1)),
            quantile: 0.5,
            window: Window::TenSeconds,
            damping: Damping::default(),
        }),
        errors: ErrorThresholds {
            window: Window::TenSeconds,
            ..ErrorThresholds::default()
        },
        ..inputs::planned(info)
    }
}

fn objective(name: &str, goal: &str, scope: Scope) -> Objective {
    Objective {
        name: name.into(),
        on: vec![Selector::parse("target-*")],
        goal: Goal::parse(goal).unwrap(),
        period: Duration::from_secs(3600),
        scope,
    }
}

struct Bench {
    monitor: Monitor,
    second: u64,
}

/// What a probe came to: milliseconds, or a failure.
type Came = Result<u32, FailureKind>;

impl Bench {
    fn new(plan: Plan) -> Self {
        let monitor = Monitor::new(plan, Timestamp::ZERO, SystemTime::UNIX_EPOCH);
        Self { monitor, second: 0 }
    }

    /// So many seconds of ten probes of each.
    fn seconds(&mut self, count: u32, came: &[(u32, Came)]) -> Snapshot {
        for _ in 0..count {
            for turn in 0..10 {
                for (id, came) in came {
                    let sample = sample(*id, self.second * 1000 + turn * 100, *came);
                    self.monitor.apply(Input::from(sample));
                }
            }
            self.second += 1;
            self.monitor.apply(inputs::tick(Timestamp::from_secs(self.second)));
        }
        self.snapshot()
    }

    fn snapshot(&mut self) -> Snapshot {
        self.monitor.snapshot(&Query {
            window: Window::TenSeconds,
            axis: Axis::OneMinute,
            ..Query::default()
        })
    }
}

fn sample(id: u32, at_ms: u64, came: Came) -> Sample {
    let failed = |kind| Failure {
        kind,
        phase: None,
        message: "because".into(),
    };
    Sample {
        target: TargetId(id),
        intended: Timestamp::from_millis(at_ms),
        lag: Micros(50),
        latency: Micros(came.map_or(1000, |millis| millis * 1000)),
        outcome: came.map_or_else(|kind| Outcome::Failed(Box::new(failed(kind))), |_| Outcome::Ok),
        phases: Phases::default(),
        answer: None,
    }
}

fn of_one(goal: &str) -> Bench {
    Bench::new(Plan {
        targets: vec![target(1, "http"), target(2, "http")],
        objectives: vec![objective("fast", goal, Scope::Pooled)],
        ..Plan::default()
    })
}

fn counts(objective: &ObjectiveSnapshot) -> (u64, u64) {
    (objective.events, objective.bad)
}

#[test]
fn every_probe_counts_exactly_and_a_good_one_succeeds_in_time() {
    let mut bench = of_one("90% under 200ms");
    let skipped = Input::from(Observation::Skipped { target: TargetId(1) });
    let overrun = Input::from(Observation::Overrun {
        target: TargetId(1),
        intended: Timestamp::ZERO,
        count: 7,
    });
    bench.monitor.apply(skipped);
    bench.monitor.apply(overrun);
    bench.seconds(3, &[(1, Ok(200)), (2, Ok(201))]);
    let snapshot = bench.seconds(1, &[(1, Err(FailureKind::Timeout)), (9, Ok(1))]);
    let [fast] = &*snapshot.objectives else { panic!("one") };
    assert_eq!(counts(fast), (70, 40));
    assert_eq!(fast.promise.as_str(), "90% under 200ms");
    assert_eq!(fast.targets.len(), 2);
    assert_eq!(
        (fast.covered, fast.period),
        (Duration::from_secs(4), Duration::from_secs(3600))
    );
    assert_eq!(fast.attained_ratio, Some(1.0 - 40.0 / 70.0));
    assert_eq!(fast.course, [Some(0.5), Some(0.5), Some(0.5), Some(1.0)]);
}

#[test]
fn a_budget_that_burns_raises_an_alert_and_calm_resolves_it() {
    let mut bench = of_one("99% available");
    let well = [(1, Ok(10)), (2, Ok(10))];
    let snapshot = bench.seconds(3590, &well);
    assert_eq!(snapshot.objectives[0].level, Level::Ok);
    assert_eq!(snapshot.alerts.active, []);

    let ill = [(1, Ok(10)), (2, Err(FailureKind::Refused))];
    let snapshot = bench.seconds(5, &ill);
    assert_eq!(
        snapshot.objectives[0].level,
        Level::Ok,
        "the long windows are not convinced yet"
    );
    let snapshot = bench.seconds(15, &[(2, Err(FailureKind::Refused))]);
    let fast = &snapshot.objectives[0];
    assert_eq!((fast.level, fast.burn[0].state), (Level::Critical, BurnState::Burning));
    let alert = snapshot
        .alerts
        .firing()
        .find(|alert| alert.name.as_str() == "objective")
        .unwrap();
    assert_eq!((alert.subject.as_str(), alert.target), ("fast", None));
    assert_eq!(
        (alert.severity, alert.value),
        (Severity::Critical, fast.budget_left_ratio)
    );

    let snapshot = bench.seconds(16, &well);
    assert_eq!(snapshot.objectives[0].burn[0].short_rate, Some(0.0));
    assert!(snapshot.objectives[0].budget_left_ratio.unwrap() > 0.0);
    let state = |snapshot: &Snapshot| {
        let all = snapshot.alerts.active.iter().chain(&*snapshot.alerts.history);
        let mut ours = all.filter(|alert| alert.subject.as_str() == "fast");
        ours.next().map(|alert| (alert.severity, alert.state))
    };
    assert_eq!(
        state(&snapshot),
        Some((Severity::Critical, AlertState::Firing)),
        "what gets milder must last"
    );
    let snapshot = bench.seconds(10, &well);
    assert_eq!(
        state(&snapshot),
        Some((Severity::Warning, AlertState::Firing)),
        "the slower rows have not forgotten"
    );
    let snapshot = bench.seconds(60, &well);
    assert_eq!(state(&snapshot).map(|(_, state)| state), Some(AlertState::Resolved));
}

#[test]
fn silence_resolves_no_objective() {
    let mut bench = of_one("99% available");
    bench.seconds(60, &[(1, Err(FailureKind::Refused))]);
    let snapshot = bench.seconds(4000, &[]);
    assert_eq!(snapshot.objectives[0].level, Level::Unknown);
    assert_eq!(snapshot.objectives[0].attained_ratio, None);
    let ours = snapshot
        .alerts
        .firing()
        .filter(|alert| alert.subject.as_str() == "fast");
    assert_eq!(ours.count(), 1);
}

#[test]
fn each_target_has_its_own() {
    let mut bench = Bench::new(Plan {
        targets: vec![target(1, "http"), target(2, "http")],
        objectives: vec![
            objective("one", "90% under 200ms", Scope::Each),
            objective("all", "90% under 200ms", Scope::Pooled),
        ],
        ..Plan::default()
    });
    let snapshot = bench.seconds(2, &[(1, Ok(10)), (2, Ok(300))]);
    let found: Vec<_> = snapshot
        .objectives
        .iter()
        .map(|of| (of.name.as_str(), counts(of)))
        .collect();
    assert_eq!(
        found,
        [
            ("one · target-1", (20, 0)),
            ("one · target-2", (20, 20)),
            ("all", (40, 20))
        ]
    );
}

#[test]
fn a_flow_counts_once_and_its_steps_where_they_alone_are_meant() {
    let part = |id: u32, name: &str, purpose: Purpose| {
        let mut part = target(id, if purpose == Purpose::Step { "http" } else { "flow" });
        let info = TargetInfo {
            name: name.into(),
            purpose,
            ..(*part.info).clone()
        };
        part.info = Arc::new(info);
        part
    };
    let check = |scope: Scope, on: &[&str], expected: &[(&str, u64)]| {
        let mut bench = Bench::new(Plan {
            targets: vec![
                part(1, "shop", Purpose::Service),
                part(2, "shop/login", Purpose::Step),
                part(3, "shop/pay", Purpose::Step),
            ],
            objectives: vec![Objective {
                on: on.iter().map(|on| Selector::parse(on)).collect(),
                ..objective("up", "90% under 200ms", scope)
            }],
            ..Plan::default()
        });
        let snapshot = bench.seconds(1, &[(1, Ok(10)), (2, Ok(10)), (3, Ok(10))]);
        let found: Vec<_> = snapshot
            .objectives
            .iter()
            .map(|of| (of.name.as_str(), counts(of).0))
            .collect();
        assert_eq!(found, expected, "{on:?}");
    };
    check(Scope::Each, &["shop*"], &[("up · shop", 10)]);
    check(Scope::Each, &[], &[("up · shop", 10)]);
    check(Scope::Each, &["kind:http", "shop"], &[("up · shop", 10)]);
    check(
        Scope::Each,
        &["shop/*"],
        &[("up · shop/login", 10), ("up · shop/pay", 10)],
    );
    check(
        Scope::Each,
        &["shop", "shop/pay"],
        &[("up · shop", 10), ("up · shop/pay", 10)],
    );
    check(Scope::Pooled, &["shop*"], &[("up", 10)]);
    check(Scope::Pooled, &["shop/*"], &[("up", 20)]);
    check(Scope::Pooled, &["*"], &[("up", 10)]);
}

#[test]
fn a_reload_keeps_what_counts_the_same_and_resolves_what_is_gone() {
    let mut bench = of_one("99% available");
    bench.seconds(60, &[(1, Err(FailureKind::Refused))]);
    let reload = |bench: &mut Bench, objectives: Vec<Objective>| {
        let plan = Plan {
            targets: vec![target(1, "http")],
            objectives,
            ..Plan::default()
        };
        bench.monitor.apply(Input::Plan {
            at: Timestamp::from_secs(bench.second),
            plan: Box::new(plan),
        });
        bench.snapshot()
    };
    let stricter = reload(&mut bench, vec![objective("fast", "99.9% available", Scope::Pooled)]);
    assert_eq!(counts(&stricter.objectives[0]), (600, 600));
    let other = reload(&mut bench, vec![objective("fast", "99.9% under 1s", Scope::Pooled)]);
    assert_eq!(counts(&other.objectives[0]), (0, 0));
    let none = reload(&mut bench, vec![]);
    assert!(none.objectives.is_empty());
    assert!(none.alerts.active.iter().all(|alert| alert.subject.as_str() != "fast"));
}

#[test]
fn apdex_is_of_the_window_that_is_asked_for_and_of_the_targets_own_threshold() {
    let mut bench = of_one("99% available");
    let apdex = |snapshot: &Snapshot, id| snapshot.target(TargetId(id)).unwrap().apdex;
    // 100 ms satisfies, up to 400 ms is tolerated.
    bench.seconds(1, &[(1, Ok(5000)), (2, Ok(100))]);
    bench.seconds(6, &[(1, Ok(100))]);
    bench.seconds(3, &[(1, Ok(399))]);
    let snapshot = bench.seconds(1, &[(1, Err(FailureKind::Reset))]);
    // Of the newest ten seconds six satisfy, three are tolerated and one failed.
    let found = apdex(&snapshot, 1).unwrap();
    assert_eq!((found.score, found.threshold), (0.75, Micros(100_000)));
    assert_eq!(apdex(&snapshot, 2), None, "nothing in the window");
}

fn health(snapshot: &Snapshot) -> &Health {
    snapshot.health.as_deref().expect("something is known")
}

fn scores(health: &Health) -> Vec<(&str, Option<u32>)> {
    let score = |group: &probetop_core::snapshot::HealthGroup| group.score.map(|score| score.round() as u32);
    health
        .groups
        .iter()
        .map(|group| (group.name.as_str(), score(group)))
        .collect()
}

#[test]
fn health_weighs_the_groups_of_which_something_is_known() {
    let mut bench = Bench::new(Plan {
        targets: vec![target(1, "postgres"), target(2, "http")],
        host: Some(HostThresholds::default()),
        ..Plan::default()
    });
    assert_eq!(bench.snapshot().health, None);
    let reading = Arc::new(HostReading {
        cpu: CpuReading {
            cores: 2,
            usage_ratio: Some(0.875),
            ..CpuReading::default()
        },
        ..HostReading::default()
    });
    bench
        .monitor
        .apply(Input::from(Observation::Host(Arc::clone(&reading))));
    // 300 ms is half way from what is aimed at, 100 ms, to the warning at 500 ms. The machine's warning has to hold first.
    bench.seconds(10, &[(1, Ok(300)), (2, Ok(10))]);
    bench
        .monitor
        .apply(Input::from(Observation::Host(Arc::clone(&reading))));
    let snapshot = bench.seconds(10, &[(1, Ok(300)), (2, Ok(10))]);
    let whole = health(&snapshot);
    assert_eq!(
        scores(whole),
        [
            ("services", Some(100)),
            ("database", Some(90)),
            ("machine", Some(65)),
            ("cache", None)
        ]
    );
    // (100 * 100 + 40 * 90 + 35 * 65) / 175 = 90.7
    assert_eq!((whole.score, whole.level), (90, Level::Warning));
    assert_eq!(whole.worst.as_ref().unwrap().as_str(), "cpu 88% > 80%");
    let database = &whole.groups[1];
    assert_eq!(database.components[0].name.as_str(), "target-1 latency");
    assert_eq!(database.components[0].target, Some(TargetId(1)));

    bench.monitor.apply(Input::from(Observation::Host(reading)));
    let snapshot = bench.seconds(10, &[(1, Ok(300)), (2, Err(FailureKind::Refused))]);
    let whole = health(&snapshot);
    assert_eq!((whole.score, whole.level), (33, Level::Critical));
    let worst = whole.worst.as_ref().unwrap().as_str();
    assert_eq!(worst, "target-2: errors(10s) 100% (refused) > 5%");
}

#[test]
fn no_score_is_asked_for_and_none_is_given() {
    let mut bench = Bench::new(Plan {
        targets: vec![target(1, "http")],
        health: Scoring::Off,
        ..Plan::default()
    });
    assert_eq!(bench.seconds(10, &[(1, Ok(10))]).health, None);
}
