//! What the monitor finds out without being asked, from inputs to snapshots and alerts.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use probetop_core::clock::Timestamp;
use probetop_core::sample::{
    Answer, CpuReading, FailureKind, Gauge, HostReading, Level, MemoryReading, Micros, Observation, Outcome, Purpose,
    Sample, Severity, TargetId, Unit, Window,
};
use probetop_core::snapshot::{AlertState, Analysis, AnomalyKind, Correlation, Query, Rows, Snapshot};
use probetop_engine::judge::analysis::AnalysisSettings;
use probetop_engine::judge::level::{Damping, ErrorThresholds, HostThresholds, LatencyThresholds};
use probetop_engine::monitor::{Input, Monitor, Plan, PlannedTarget};

use crate::support::inputs;
use crate::support::random::Random;

const MIB: u64 = 1024 * 1024;

fn planned(id: u32) -> PlannedTarget {
    PlannedTarget {
        latency: Some(LatencyThresholds {
            target: None,
            warning: Some(Duration::from_millis(800)),
            critical: Some(Duration::from_secs(2)),
            quantile: 0.95,
            window: Window::OneMinute,
            damping: Damping::default(),
        }),
        ..inputs::planned(inputs::info(id))
    }
}

fn plan(targets: u32, analysis: AnalysisSettings) -> Plan {
    Plan {
        targets: (0..targets).map(planned).collect(),
        host: Some(HostThresholds::default()),
        analysis,
        ..Plan::default()
    }
}

/// A monitor, and the second it stands in.
struct Bench {
    monitor: Monitor,
    random: Random,
    second: u64,
    /// Whether the machine was read since the last tick.
    is_read: bool,
    /// Whether probes fail; they take as long as others.
    is_failing: bool,
}

impl Bench {
    fn new(targets: u32, analysis: AnalysisSettings) -> Self {
        Self {
            monitor: Monitor::new(plan(targets, analysis), Timestamp::ZERO, SystemTime::UNIX_EPOCH),
            random: Random::new(7),
            second: 0,
            is_read: false,
            is_failing: false,
        }
    }

    /// A sample of the target in the second that is open; its latency varies by a tenth.
    fn sample(&mut self, id: u32, median_ms: f64, gauges: Vec<Gauge>) {
        let latency = Micros((median_ms * 1e3 * (0.1 * self.random.normal()).exp()) as u32);
        let answer = Answer {
            gauges,
            ..Answer::default()
        };
        self.monitor.apply(Input::from(Sample {
            outcome: match self.is_failing {
                true => inputs::failed(FailureKind::Refused, "connection refused"),
                false => Outcome::Ok,
            },
            answer: Some(Box::new(answer)),
            ..inputs::answered(id, Timestamp::from_secs(self.second), latency)
        }));
    }

    fn host(&mut self, cpu_ratio: f64, used_bytes: u64) {
        self.is_read = true;
        self.monitor.apply(Input::from(Observation::Host(Arc::new(HostReading {
            cpu: CpuReading {
                cores: 2,
                usage_ratio: Some(cpu_ratio),
                ..CpuReading::default()
            },
            memory: MemoryReading {
                total_bytes: 16 * 1024 * MIB,
                used_bytes,
                ..MemoryReading::default()
            },
            ..HostReading::default()
        }))));
    }

    fn tick(&mut self) {
        self.second += 1;
        // A machine that is not read would be an alert of its own.
        if !std::mem::take(&mut self.is_read) {
            self.monitor.apply(Input::from(Observation::Host(Arc::default())));
        }
        let now = Timestamp::from_secs(self.second);
        self.monitor.apply(inputs::tick(now));
    }

    fn seconds(&mut self, count: u64, median_ms: f64) {
        for _ in 0..count {
            self.sample(0, median_ms, Vec::new());
            self.tick();
        }
    }

    fn snapshot(&mut self) -> Snapshot {
        self.monitor.snapshot(&Query {
            detail: Rows::Only(vec![TargetId(0)]),
            ..Query::default()
        })
    }

    fn analysis(&mut self) -> Arc<Analysis> {
        self.snapshot().analysis
    }
}

#[test]
fn an_anomaly_is_an_info_alert_and_no_level() {
    let mut bench = Bench::new(1, AnalysisSettings::default());
    bench.seconds(300, 100.0);
    let quiet = bench.analysis();
    let nothing = Analysis {
        anomaly_watch: quiet.anomaly_watch,
        ..Analysis::default()
    };
    assert_eq!(*quiet, nothing);
    bench.seconds(30, 140.0);
    let snapshot = bench.snapshot();
    let [anomaly] = snapshot.analysis.anomalies.as_slice() else {
        panic!("{:?}", snapshot.analysis);
    };
    assert_eq!((anomaly.kind, anomaly.until), (AnomalyKind::LevelShift, None));
    assert!(anomaly.text.as_str().starts_with("latency 1"), "{}", anomaly.text);
    let [alert] = snapshot.alerts.active.as_slice() else {
        panic!("{:?}", snapshot.alerts);
    };
    assert_eq!((alert.severity, alert.state), (Severity::Info, AlertState::Firing));
    assert_eq!((alert.name.as_str(), &alert.reason), ("level shift", &anomaly.text));
    assert_eq!(snapshot.targets[0].level, Level::Ok);
    bench.seconds(60, 100.0);
    let snapshot = bench.snapshot();
    assert!(snapshot.analysis.anomalies[0].until.is_some());
    assert_eq!(snapshot.alerts.active, []);
    assert_eq!(snapshot.alerts.history.len(), 1);
}

#[test]
fn a_spike_that_becomes_a_level_shift_is_one_alert() {
    let mut bench = Bench::new(1, AnalysisSettings::default());
    bench.seconds(300, 100.0);
    bench.seconds(16, 300.0);
    let spike = bench.snapshot().alerts.active[0].clone();
    assert_eq!(spike.name.as_str(), "spike");
    bench.seconds(60, 300.0);
    let snapshot = bench.snapshot();
    assert_eq!(snapshot.alerts.active.len(), 1);
    assert_eq!(
        (snapshot.alerts.active[0].id, snapshot.alerts.active[0].name.as_str()),
        (spike.id, "spike")
    );
    assert!(snapshot.alerts.history.is_empty());
    assert_eq!(snapshot.analysis.anomalies.len(), 1);
}

#[test]
fn anomalies_end_with_their_target_their_switch_and_what_was_usual() {
    let off = AnalysisSettings {
        anomalies: false,
        ..AnalysisSettings::default()
    };
    let mut rarer = plan(1, AnalysisSettings::default());
    Arc::make_mut(&mut rarer.targets[0].info).interval = Duration::from_secs(2);
    for after in [plan(0, AnalysisSettings::default()), plan(1, off), rarer] {
        let mut bench = Bench::new(1, AnalysisSettings::default());
        bench.seconds(300, 100.0);
        bench.seconds(30, 140.0);
        assert_eq!(bench.snapshot().alerts.active.len(), 1);
        bench.monitor.apply(Input::Plan {
            at: Timestamp::from_secs(bench.second),
            plan: Box::new(after),
        });
        bench.seconds(1, 140.0);
        let snapshot = bench.snapshot();
        assert_eq!((snapshot.alerts.active.len(), snapshot.alerts.history.len()), (0, 1));
        assert!(snapshot.analysis.anomalies[0].until.is_some());
    }
    let mut bench = Bench::new(1, off);
    bench.seconds(300, 100.0);
    bench.seconds(100, 300.0);
    assert_eq!(bench.analysis().anomalies, []);
}

#[test]
fn a_burst_of_errors_is_an_alert_only_where_no_threshold_says_so() {
    let check = |warning: Option<f64>, expected: &[&str]| {
        let mut bench = Bench::new(1, AnalysisSettings::default());
        let mut plan = plan(1, AnalysisSettings::default());
        plan.targets[0].errors = ErrorThresholds {
            warning,
            critical: None,
            window: Window::TenSeconds,
            ..ErrorThresholds::default()
        };
        bench.monitor.apply(Input::Plan {
            at: Timestamp::ZERO,
            plan: Box::new(plan),
        });
        bench.seconds(300, 100.0);
        let mut told = BTreeSet::new();
        for failing in [true, false] {
            for _ in 0..60 {
                bench.is_failing = failing;
                bench.seconds(1, 100.0);
                let snapshot = bench.snapshot();
                let alerts = snapshot.alerts.active.iter();
                told.extend(alerts.map(|alert| alert.name.to_string()));
            }
        }
        assert_eq!(told.iter().map(String::as_str).collect::<Vec<_>>(), expected);
        let anomalies = &bench.analysis().anomalies;
        assert_eq!(anomalies[0].kind, AnomalyKind::ErrorBurst, "it is shown nevertheless");
        assert!(anomalies[0].until.is_some());
    };
    check(Some(0.05), &["errors"]);
    check(None, &["error burst"]);
}

#[test]
fn anomalies_that_end_together_do_so_in_the_same_order_in_every_run() {
    let ended = || {
        let mut bench = Bench::new(12, AnalysisSettings::default());
        for second in 0..330 {
            let median_ms = if second < 300 { 100.0 } else { 140.0 };
            for id in 0..12 {
                bench.sample(id, median_ms, Vec::new());
            }
            bench.tick();
        }
        let none = plan(0, AnalysisSettings::default());
        bench.monitor.apply(Input::Plan {
            at: Timestamp::from_secs(bench.second),
            plan: Box::new(none),
        });
        let history = bench.snapshot().alerts.history.clone();
        history.iter().map(|alert| alert.subject.clone()).collect::<Vec<_>>()
    };
    let once = ended();
    assert_eq!(once.len(), 12);
    for _ in 0..5 {
        assert_eq!(ended(), once);
    }
}

#[test]
fn what_creeps_is_told_with_the_time_to_its_limit() {
    let mut bench = Bench::new(1, AnalysisSettings::default());
    for at in 0..2700_u64 {
        // 100 ms more each hour, 800 MiB more, and a share that fills up within ten hours.
        let hours = at as f64 / 3600.0;
        let gauges = vec![
            Gauge::new("pool_usage_ratio", 0.2 + 0.1 * hours + 0.01 * bench.random.normal()),
            Gauge::new("idle_bytes", 5e8 + 1e5 * bench.random.normal()),
        ];
        bench.sample(0, 300.0 + 100.0 * hours, gauges);
        bench.host(0.3, 4096 * MIB + (800.0 * hours) as u64 * MIB + at % 30 * MIB);
        bench.tick();
    }
    let analysis = bench.analysis();
    let told = |subject: &str, figure: &str| {
        let of = |trend: &&probetop_core::snapshot::Trend| {
            (trend.subject.as_str(), trend.figure.as_str()) == (subject, figure)
        };
        analysis
            .trends
            .iter()
            .find(of)
            .unwrap_or_else(|| panic!("{subject} {figure}: {:?}", analysis.trends))
    };
    let hours = |trend: &probetop_core::snapshot::Trend| trend.reaches_limit_in.unwrap().as_secs_f64() / 3600.0;
    let p50 = told("target-0", "p50");
    assert!((80e3..120e3).contains(&p50.per_hour) && p50.p_value < 0.01, "{p50:?}");
    assert_eq!((p50.limit, p50.unit), (Some(800e3), Unit::Microseconds));
    assert!((3.5..5.5).contains(&hours(p50)), "{p50:?}");
    let pool = told("target-0", "pool_usage_ratio");
    assert!(
        (5.0..10.0).contains(&hours(pool)) && pool.limit == Some(1.0),
        "{pool:?}"
    );
    let memory = told("host", "memory");
    assert!((700.0..900.0).contains(&(memory.per_hour / MIB as f64)), "{memory:?}");
    assert!(memory.text.as_str().contains("MiB an hour"), "{}", memory.text);
    assert_eq!(analysis.trends.len(), 3, "{:?}", analysis.trends);
}

#[test]
fn the_figure_ahead_of_a_targets_latency_is_named() {
    let found = moved_by_load(Purpose::Service);
    let [found] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((found.target, found.with.as_str()), (TargetId(0), "host cpu"));
    assert_eq!(found.ahead, Duration::from_secs(4));
    assert!(found.coefficient > 0.8, "{found:?}");
    let text = found.text.as_str();
    assert!(
        text.starts_with("host cpu rises when target-0 slows (0.") && text.ends_with(", 4 s ahead)"),
        "{text}"
    );
}

#[test]
fn how_long_it_takes_to_read_figures_is_held_against_nothing() {
    assert_eq!(moved_by_load(Purpose::Figures), []);
}

/// What is found of a target that is looked at and follows the machine's load four seconds later.
fn moved_by_load(purpose: Purpose) -> Vec<Correlation> {
    let mut bench = Bench::new(0, AnalysisSettings::default());
    let mut plan = plan(2, AnalysisSettings::default());
    Arc::make_mut(&mut plan.targets[0].info).purpose = purpose;
    bench.monitor.apply(Input::Plan {
        at: Timestamp::ZERO,
        plan: Box::new(plan),
    });
    bench.monitor.apply(Input::Look(Some(TargetId(0))));
    let mut load = vec![0.3];
    for at in 0..300 {
        let next = 0.3 + 0.8 * (load[at] - 0.3) + 0.08 * bench.random.normal();
        load.push(next.clamp(0.0, 1.0));
        let unrelated = bench.random.normal();
        bench.host(load[at], 4096 * MIB);
        bench.sample(
            0,
            50.0 + 400.0 * load[at.saturating_sub(4)],
            vec![Gauge::new("own_us", load[at])],
        );
        bench.sample(1, 100.0, vec![Gauge::new("queue", unrelated)]);
        bench.tick();
    }
    bench.analysis().correlations.clone()
}
