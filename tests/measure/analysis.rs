//! From inputs to the list of bottlenecks: what it says, how often it was seen, how long it stays, and in which order.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use probetop::export::{json, table};
use probetop_core::clock::Timestamp;
use probetop_core::sample::{
    AlertId, Answer, Failure, FailureKind, Gauge, HostReading, Micros, Observation, Outcome, OwnUsage, Phase, Phases,
    PressureReading, Sample, Severity, TargetId, TargetInfo, Tick, Unit, Window, Worse,
};
use probetop_core::snapshot::{Analysis, FigureCourse, Matter, Query, Resource, Snapshot};
use probetop_engine::judge::level::{Damping, ErrorThresholds, GaugeLevel, HostThresholds, LatencyThresholds};
use probetop_engine::monitor::{Input, Monitor, Plan, PlannedTarget};

use crate::support::inputs;

const PROBES_PER_S: u64 = 4;

fn target(id: u32, kind: &'static str) -> PlannedTarget {
    let info = TargetInfo {
        name: format!("{kind}-{id}").into(),
        url: format!("{kind}://{id}.example/").into(),
        kind: kind.into(),
        interval: Duration::from_millis(1000 / PROBES_PER_S),
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
            damping: Damping::default(),
        }),
        errors: ErrorThresholds {
            window: Window::TenSeconds,
            ..ErrorThresholds::default()
        },
        ..inputs::planned(info)
    }
}

fn database(id: u32) -> PlannedTarget {
    let level = GaugeLevel {
        name: "connections_used_ratio".into(),
        target: None,
        warning: Some(0.8),
        critical: Some(0.95),
        worse: Worse::Higher,
        damping: Damping::default(),
    };
    PlannedTarget {
        gauges: vec![level],
        ..target(id, "postgres")
    }
}

/// What a second brings: for each target, how its probes go.
#[derive(Clone, Copy)]
enum Probe {
    /// Milliseconds to the first byte.
    Answers(u32),
    TimesOut,
    /// Answers, and tells how full its pool is.
    Tells(f64),
}

struct Bench {
    monitor: Monitor,
    second: u64,
    lag: Micros,
    dropped: u64,
}

impl Bench {
    fn new(targets: Vec<PlannedTarget>) -> Self {
        let plan = Plan {
            targets,
            rules: Vec::new(),
            host: Some(HostThresholds::default()),
            ..Plan::default()
        };
        Self {
            monitor: Monitor::new(plan, Timestamp::ZERO, SystemTime::UNIX_EPOCH),
            second: 0,
            lag: Micros(50),
            dropped: 0,
        }
    }

    fn seconds(&mut self, count: u64, probes: &[(u32, Probe)]) -> Arc<Analysis> {
        for _ in 0..count {
            for turn in 0..PROBES_PER_S {
                let at_ms = self.second * 1000 + turn * 1000 / PROBES_PER_S;
                for (id, probe) in probes {
                    let sample = sample(*id, at_ms, *probe, self.lag);
                    self.monitor.apply(Input::from(sample));
                }
            }
            self.tick();
        }
        self.snapshot().analysis
    }

    fn snapshot(&mut self) -> Snapshot {
        self.monitor.snapshot(&Query::default())
    }

    fn snapshot_over(&mut self, window: Window) -> Snapshot {
        self.monitor.snapshot(&Query {
            window,
            ..Query::default()
        })
    }

    fn reads_host(&mut self, io_pressure: f64) {
        self.monitor.apply(Input::from(Observation::Host(Arc::new(HostReading {
            pressure: PressureReading {
                io_some_10s_ratio: Some(io_pressure),
                ..PressureReading::default()
            },
            ..HostReading::default()
        }))));
    }

    fn tick(&mut self) {
        self.second += 1;
        let now = Timestamp::from_secs(self.second);
        self.monitor.apply(Input::Tick(Tick {
            now,
            wall: SystemTime::UNIX_EPOCH + now.since_origin(),
            dropped: self.dropped,
            own: OwnUsage::default(),
        }));
    }
}

fn sample(id: u32, at_ms: u64, probe: Probe, lag: Micros) -> Sample {
    let mut phases = Phases::default();
    let (millis, outcome, gauges) = match probe {
        Probe::Answers(millis) => (millis, Outcome::Ok, Vec::new()),
        Probe::Tells(ratio) => (1, Outcome::Ok, vec![Gauge::new("connections_used_ratio", ratio)]),
        Probe::TimesOut => {
            let failure = Failure {
                kind: FailureKind::Timeout,
                phase: Some(Phase::FirstByte),
                message: "no answer within 5s".into(),
            };
            (5000, Outcome::Failed(Box::new(failure)), Vec::new())
        }
    };
    phases.add(Phase::FirstByte, Micros(millis * 1000));
    Sample {
        target: TargetId(id),
        intended: Timestamp::from_millis(at_ms),
        lag,
        latency: Micros(millis * 1000),
        answer: outcome.is_ok().then(|| {
            Box::new(Answer {
                gauges,
                ..Answer::default()
            })
        }),
        outcome,
        phases,
    }
}

/// Each row as `priority resource subject: what`.
fn rows(analysis: &Analysis) -> Vec<String> {
    let row = |row: &probetop_core::snapshot::Bottleneck| {
        let (priority, resource) = (row.priority.name(), row.resource.name());
        format!("{priority} {resource} {}: {}", row.subject, row.what)
    };
    analysis.bottlenecks.iter().map(row).collect()
}

fn check(analysis: &Analysis, expected: &[&str]) {
    assert_eq!(rows(analysis), expected);
}

#[test]
fn a_healthy_service_has_no_bottleneck() {
    let mut bench = Bench::new((0..8).map(|id| target(id, "http")).collect());
    let probes: Vec<_> = (0..8).map(|id| (id, Probe::Answers(10 + id))).collect();
    check(&bench.seconds(120, &probes), &[]);
    let mut unprobed = Bench::new(vec![target(0, "http")]);
    check(&unprobed.seconds(20, &[]), &[]);
    let mut nothing = Bench::new(Vec::new());
    check(&nothing.seconds(20, &[]), &[]);
}

#[test]
fn one_cause_on_many_targets_is_one_row_and_the_gravest_comes_first() {
    let mut bench = Bench::new((0..4).map(|id| target(id, "http")).chain([database(4)]).collect());
    let analysis = bench.seconds(
        20,
        &[
            (0, Probe::Answers(200)),
            (1, Probe::Answers(300)),
            (2, Probe::Answers(10)),
            (3, Probe::TimesOut),
            (4, Probe::Tells(0.97)),
        ],
    );
    check(
        &analysis,
        &[
            "critical service http-3: probes time out",
            "critical database postgres-4: connections are nearly used up",
            "warning service http-1: first byte dominates on 2 of 5 targets",
        ],
    );
    let [failing, pool, slow] = &analysis.bottlenecks[..] else {
        unreachable!("counted above")
    };
    assert_eq!(
        failing.evidence.as_str(),
        "errors(10s) 100% (timeout) > 5%, last in first byte: no answer within 5s"
    );
    assert_eq!(pool.evidence.as_str(), "connections_used_ratio 97% > 95%");
    assert_eq!((pool.resource, pool.target), (Resource::Database, Some(TargetId(4))));
    assert_eq!(slow.impact_ratio, 0.4);
    assert!(
        slow.recommendation.as_str().contains("trace one slow request"),
        "{}",
        slow.recommendation
    );
}

#[test]
fn how_often_a_cause_was_seen_is_its_share_of_five_minutes() {
    let mut bench = Bench::new(vec![target(0, "http")]);
    let (slow, fast) = ([(0, Probe::Answers(200))], [(0, Probe::Answers(10))]);
    let analysis = bench.seconds(20, &slow);
    // The first of four lists came before there were enough probes for a p95.
    assert_eq!(analysis.bottlenecks[0].frequency_ratio, 0.75);
    assert_eq!(analysis.bottlenecks[0].since, Timestamp::from_secs(8));
    let analysis = bench.seconds(20, &fast);
    let seen = analysis.bottlenecks[0].frequency_ratio;
    assert!(
        (0.5..0.9).contains(&seen),
        "{seen}: while its window still holds slow probes"
    );
    bench.seconds(300, &fast);
    let analysis = bench.seconds(30, &slow);
    let seen = analysis.bottlenecks[0].frequency_ratio;
    assert!((0.05..=0.11).contains(&seen), "{seen}: 30 s of 300");
    assert!(analysis.bottlenecks[0].since > Timestamp::from_secs(340));
}

#[test]
fn a_cause_stays_for_a_minute_after_it_was_seen() {
    let mut bench = Bench::new(vec![target(0, "http")]);
    bench.seconds(20, &[(0, Probe::Answers(200))]);
    let fast = [(0, Probe::Answers(50))];
    assert_eq!(bench.seconds(60, &fast).bottlenecks.len(), 1);
    check(&bench.seconds(30, &fast), &[]);
}

#[test]
fn a_busy_second_of_the_machine_is_no_news_and_two_looks_are() {
    let mut bench = Bench::new(Vec::new());
    bench.reads_host(0.6);
    check(&bench.seconds(5, &[]), &[]);
    bench.reads_host(0.0);
    check(&bench.seconds(5, &[]), &[]);
    bench.reads_host(0.6);
    // Beyond its own limit, on a machine that is well by its levels.
    check(&bench.seconds(5, &[]), &["warning disk host: tasks wait for disks"]);
}

/// A cause stays on the list for a minute, but not as if it held.
#[test]
fn what_does_not_hold_any_more_is_over_and_no_graver_than_information() {
    let mut bench = Bench::new(vec![target(0, "http")]);
    let holds = bench.seconds(20, &[(0, Probe::Answers(600))]);
    assert_eq!(
        (holds.bottlenecks[0].until, holds.bottlenecks[0].priority),
        (None, Severity::Critical)
    );
    let over = bench.seconds(30, &[(0, Probe::Answers(10))]);
    let [row] = &over.bottlenecks[..] else {
        panic!("{over:#?}")
    };
    assert_eq!(row.priority, Severity::Info);
    let until = row.until.expect("it is over");
    assert!((20..=30).contains(&until.second()), "{until:?}");
    let again = bench.seconds(20, &[(0, Probe::Answers(600))]);
    assert_eq!(again.bottlenecks[0].until, None);
}

fn course(bench: &mut Bench, matter: Matter) -> Vec<FigureCourse> {
    let query = Query {
        evidence: Some(matter.clone()),
        ..Query::default()
    };
    let evidence = bench.monitor.snapshot(&query).evidence.expect("it was asked for");
    assert_eq!(evidence.matter, matter);
    evidence.courses.clone()
}

/// Nothing is kept of what is judged, and yet every value that was judged is drawn.
#[test]
fn the_course_of_an_alert_is_what_was_judged_second_by_second() {
    let mut bench = Bench::new(vec![target(0, "http")]);
    let mut judged = Vec::new();
    for second in 0..100_u32 {
        let millis = if (30..60).contains(&second) {
            600 + second
        } else {
            20 + second % 7
        };
        bench.seconds(1, &[(0, Probe::Answers(millis))]);
        let p95 = bench.snapshot_over(Window::TenSeconds).targets[0].stats.latency.p95;
        judged.push(p95.map(|p95| p95.0 as f32));
    }
    let alert = bench
        .monitor
        .alerts()
        .history
        .iter()
        .find(|alert| alert.name.as_str() == "latency");
    let id = alert.expect("it fired, and is over").id;
    let [course] = &course(&mut bench, Matter::Alert(id))[..] else {
        panic!("one figure is judged")
    };
    assert_eq!((course.name.as_str(), course.unit), ("p95(10s)", Unit::Microseconds));
    assert_eq!(course.points, judged);
    let lines: Vec<_> = course
        .lines
        .iter()
        .map(|line| (line.name.as_str(), line.value))
        .collect();
    assert_eq!(lines, [("warning", 100e3), ("critical", 500e3)]);
}

#[test]
fn what_is_not_kept_over_time_has_no_course() {
    let mut bench = Bench::new(vec![target(0, "http")]);
    bench.seconds(30, &[(0, Probe::Answers(10))]);
    bench.seconds(30, &[]);
    let board = bench.monitor.alerts();
    let absence = board.firing().find(|alert| alert.name.as_str() == "no data");
    let id = absence.expect("nothing was heard of it for long").id;
    assert_eq!(course(&mut bench, Matter::Alert(id)), []);
    assert_eq!(course(&mut bench, Matter::Alert(AlertId(999))), []);
}

#[test]
fn a_bottleneck_is_shown_by_the_figure_its_rule_reads() {
    let mut bench = Bench::new(vec![target(0, "http"), database(1)]);
    bench.seconds(20, &[(0, Probe::Answers(600)), (1, Probe::Tells(0.97))]);
    let rows: Vec<_> = bench.snapshot().analysis.bottlenecks.clone();
    let names: Vec<_> = rows
        .iter()
        .map(|row| {
            let matter = Matter::Bottleneck(row.resource, row.recommendation.clone());
            let courses = course(&mut bench, matter);
            (row.subject.to_string(), courses[0].name.to_string())
        })
        .collect();
    let expected = [("http-0", "p95(10s)"), ("postgres-1", "connections_used_ratio")];
    for (subject, name) in expected {
        assert!(names.contains(&(subject.into(), name.into())), "{subject}: {names:?}");
    }
}

#[test]
fn lateness_of_probetop_itself_ranks_above_what_it_casts_doubt_on() {
    let mut bench = Bench::new((0..4).map(|id| target(id, "http")).collect());
    bench.lag = Micros(150_000);
    bench.dropped = 3;
    let analysis = bench.seconds(60, &[(0, Probe::TimesOut), (1, Probe::Answers(10))]);
    check(
        &analysis,
        &[
            "critical probetop probetop: probes start late",
            "critical service http-0: probes time out",
            "info probetop probetop: readings were lost",
        ],
    );
    assert_eq!(analysis.bottlenecks[0].impact_ratio, 1.0);
}

#[test]
fn what_is_not_watched_any_more_is_not_blamed_any_more() {
    let mut bench = Bench::new(vec![target(0, "http"), target(1, "http")]);
    let probes = [(0, Probe::TimesOut), (1, Probe::Answers(10))];
    assert_eq!(bench.seconds(20, &probes).bottlenecks.len(), 1);
    let plan = Plan {
        targets: vec![target(1, "http")],
        ..Plan::default()
    };
    bench.monitor.apply(Input::Plan {
        at: Timestamp::from_secs(bench.second),
        plan: Box::new(plan),
    });
    check(&bench.seconds(90, &probes), &[]);
}

#[test]
fn more_targets_than_a_tick_reads_are_all_looked_at() {
    let count = 2500;
    let mut bench = Bench::new((0..count).map(|id| target(id, "http")).collect());
    let probes: Vec<_> = (0..count).map(|id| (id, Probe::Answers(200))).collect();
    let analysis = bench.seconds(20, &probes);
    check(
        &analysis,
        &["warning service http-0: first byte dominates on 2500 of 2500 targets"],
    );
}

#[test]
fn the_document_and_the_table_tell_the_most_urgent() {
    let mut bench = Bench::new(vec![target(0, "http"), database(1)]);
    bench.seconds(20, &[(0, Probe::Answers(200)), (1, Probe::Tells(0.99))]);
    let snapshot = bench.snapshot();
    let document: serde_json::Value = serde_json::from_slice(&json::line(&snapshot)).unwrap();
    let analysis = &document["analysis"];
    for list in ["anomalies", "trends", "correlations"] {
        assert!(analysis[list].is_array(), "{list}");
    }
    let first = &analysis["bottlenecks"][0];
    assert_eq!(first["resource"], "database");
    assert_eq!(first["priority"], Severity::Critical.name());
    assert_eq!(first["subject"], "postgres-1");
    assert_eq!(first["frequency_ratio"], 1.0);
    assert_eq!(first["since"], "1970-01-01T00:00:03.000Z");
    let text = table::whole(&snapshot);
    let expected = "bottleneck: critical database, postgres-1: connections are nearly used up \
                    (connections_used_ratio 99% > 95%)\n  -> put a pooler";
    assert!(text.contains(expected), "{text}");
}

#[test]
fn since_when_anomalies_are_watched_and_from_when_they_can_be_known_is_said() {
    let slow = PlannedTarget {
        info: Arc::new(TargetInfo {
            interval: Duration::from_secs(10),
            ..(*target(2, "http").info).clone()
        }),
        ..target(2, "http")
    };
    let mut bench = Bench::new(vec![target(1, "http"), slow, target(3, "http")]);
    let mut after = |seconds, probes: &[(u32, Probe)]| {
        let watch = bench.seconds(seconds, probes).anomaly_watch.expect("it is looked for");
        assert_eq!(watch.since, Timestamp::from_secs(1));
        (watch.known_from.map(Timestamp::second), watch.unknown_targets)
    };
    let silent = (3, Probe::TimesOut);
    assert_eq!(after(1, &[silent]), (None, 3), "nothing has answered");
    // 57 points, of which the first is there; the silent one is not waited for.
    let first = (1, Probe::Answers(10));
    assert_eq!(after(1, &[first, silent]), (Some(2 + 56), 3));
    assert_eq!(after(55, &[first, silent]), (Some(2 + 56), 3));
    assert_eq!(after(1, &[first, silent]), (Some(2 + 56), 2));
    assert_eq!(
        after(100, &[first, silent]),
        (Some(2 + 56), 2),
        "it stays when it is reached"
    );
    let second = (2, Probe::Answers(10));
    assert_eq!(
        after(1, &[first, second, silent]),
        (Some(159 + 560), 2),
        "one every ten seconds takes longer"
    );
}

#[test]
fn the_document_says_from_when_anomalies_can_be_known() {
    let mut bench = Bench::new(vec![target(1, "http")]);
    bench.seconds(2, &[(1, Probe::Answers(10))]);
    let document: serde_json::Value = serde_json::from_slice(&json::line(&bench.snapshot())).unwrap();
    assert_eq!(
        document["analysis"]["anomaly_watch"],
        serde_json::json!({
            "watched_since": "1970-01-01T00:00:01.000Z",
            "known_from": "1970-01-01T00:00:57.000Z",
            "unknown_targets": 1
        })
    );
}
