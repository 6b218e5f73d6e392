//! A rich snapshot that is the same in every run: targets in every state, alerts, a machine, details. It moves with `tick` as
//! a real one would, so that two of them tell what a second costs.

mod fixture_alerts;
mod fixture_analysis;
mod fixture_channels;
mod fixture_comparison;
mod fixture_course;
mod fixture_health;
mod fixture_host;
mod fixture_objectives;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use probetop_core::clock::Timestamp;
use probetop_core::sample::*;
use probetop_core::snapshot::*;

/// 2026-11-20 12:00:00 UTC.
const WALL_ORIGIN: Duration = Duration::from_secs(1_795_176_000);

fn store(name: &'static str, held: u64, limit: u64) -> Store {
    Store { name, held, limit }
}

struct Case {
    name: &'static str,
    url: &'static str,
    kind: &'static str,
    group: &'static str,
    level: Level,
    reason: Option<&'static str>,
    /// Median latency in microseconds; 0: nothing measured.
    base: u32,
    /// How much slower the slow ones are.
    spread: f64,
    /// Failures in a thousand.
    failing: u64,
    failure: FailureKind,
}

#[rustfmt::skip]
const CASES: [Case; 12] = [
    Case { name: "checkout", url: "https://shop.example/api/checkout", kind: "http", group: "api", level: Level::Critical, reason: Some("p95(1m) 1.26s > 1s"), base: 410_000, spread: 3.1, failing: 35, failure: FailureKind::Timeout },
    Case { name: "cart", url: "https://shop.example/api/cart", kind: "http", group: "api", level: Level::Ok, reason: None, base: 45_300, spread: 1.6, failing: 0, failure: FailureKind::Status },
    Case { name: "search", url: "https://search.example/q?term=shoes", kind: "http", group: "api", level: Level::Warning, reason: Some("p95(1m) 612ms > 500ms"), base: 188_000, spread: 3.2, failing: 2, failure: FailureKind::Reset },
    Case { name: "login", url: "https://id.example/login", kind: "http", group: "web", level: Level::Ok, reason: None, base: 23_400, spread: 1.9, failing: 0, failure: FailureKind::Tls },
    Case { name: "payments-gateway-eu-west-1.internal", url: "https://payments.example/health", kind: "http", group: "partners", level: Level::Ok, reason: None, base: 92_000, spread: 1.4, failing: 0, failure: FailureKind::Closed },
    Case { name: "images", url: "https://cdn.example/pixel.png", kind: "http", group: "web", level: Level::Ok, reason: None, base: 7_900, spread: 2.4, failing: 0, failure: FailureKind::Dns },
    Case { name: "postgres", url: "tcp://db-1.internal:5432", kind: "tcp", group: "data", level: Level::Ok, reason: None, base: 412, spread: 1.5, failing: 0, failure: FailureKind::Refused },
    Case { name: "redis", url: "tcp://cache-1.internal:6379", kind: "tcp", group: "data", level: Level::Ok, reason: None, base: 118, spread: 2.0, failing: 0, failure: FailureKind::Refused },
    Case { name: "legacy-soap", url: "http://10.0.4.17:8080/soap", kind: "http", group: "partners", level: Level::Critical, reason: Some("errors(1m) 100% > 5%"), base: 0, spread: 1.0, failing: 1000, failure: FailureKind::Refused },
    Case { name: "日本語サービス", url: "https://jp.example/", kind: "http", group: "web", level: Level::Ok, reason: None, base: 231_000, spread: 1.2, failing: 0, failure: FailureKind::Unreachable },
    Case { name: "just-added", url: "https://new.example/", kind: "http", group: "web", level: Level::Unknown, reason: None, base: 0, spread: 1.0, failing: 0, failure: FailureKind::Local },
    Case { name: "flaky", url: "https://flaky.example/api", kind: "http", group: "api", level: Level::Warning, reason: Some("was errors(1m) 2.9% > 1%"), base: 61_000, spread: 2.2, failing: 29, failure: FailureKind::Timeout },
];

/// The snapshot at second `tick` of a run with so many targets, with details of every one.
pub fn with_targets(count: usize, tick: u64) -> Snapshot {
    let targets = (0..count)
        .map(|index| target(index, tick, &Query::default(), Rows::All))
        .collect();
    Snapshot { targets, ..empty(tick) }
}

/// `snapshot` with a load generator as its last target, which tells a ramp of users and of the rate.
#[allow(dead_code, reason = "benches share this file and draw no load")]
pub fn with_generator(mut snapshot: Snapshot, tick: u64, state: &str) -> Snapshot {
    let Some(target) = snapshot.targets.last_mut() else {
        return snapshot;
    };
    let info = Arc::make_mut(&mut target.info);
    (info.name, info.url, info.kind) = ("k6".into(), "k6://loadgen.example:6565".into(), "k6".into());
    let courses: [(&str, Course); 2] = [
        ("rate_offered_per_s", |step| {
            Some(2.0 * (step % 120 / 20 * 10) as f32 + 20.0)
        }),
        ("users", |step| Some((step % 120 / 20 * 10) as f32)),
    ];
    let mut last = last(&CASES[1], tick);
    if let Some(answer) = last.answer.as_mut() {
        answer.facts = vec![Fact {
            name: "state".into(),
            value: state.into(),
        }];
        answer.gauges = vec![Gauge::new("users", 50.0), Gauge::new("rate_offered_per_s", 120.0)];
    }
    target.last = Some(Arc::new(last));
    if let Some(detail) = target.detail.as_mut() {
        let history = |course: Course| (0..120).rev().map(|back| course(tick.saturating_sub(back))).collect();
        Arc::make_mut(detail).gauges = courses.map(|(name, course)| (name.into(), history(course))).into();
    }
    snapshot
}

/// `snapshot` with marks of every origin in the two minutes up to `tick`, and one set later.
#[allow(dead_code, reason = "benches share this file and draw no marks")]
pub fn with_marks(snapshot: Snapshot, tick: u64) -> Snapshot {
    let mark = |(ago, label, origin): (i64, &str, MarkOrigin)| Mark {
        at: Timestamp::from_secs(tick.saturating_add_signed(-ago)),
        label: label.into(),
        origin,
    };
    let marks = [
        (3000, "long ago", MarkOrigin::Script),
        (110, "configuration loaded again", MarkOrigin::Reload),
        (64, "stage 1", MarkOrigin::Script),
        (62, "stage 2", MarkOrigin::Generator),
        (31, "deploy 日本", MarkOrigin::Keyboard),
        (2, "checkout: latency and 2 more", MarkOrigin::Alert),
        (-20, "later", MarkOrigin::Clock),
    ];
    Snapshot {
        marks: marks.map(mark).into(),
        ..snapshot
    }
}

/// What the monitor would answer to `query`.
pub fn answer(count: usize, tick: u64, query: &Query) -> Snapshot {
    let targets = (0..count)
        .map(|index| target(index, tick, query, query.detail.clone()))
        .collect();
    let base = empty(tick);
    let axis_end = tick / query.axis.step().as_secs();
    let host = base.host.map(|host| HostSnapshot {
        history: Arc::new(fixture_host::history(query.axis, axis_end)),
        ..host
    });
    // Who looks back looks back for a while.
    let (taken, now) = match query.feed {
        Feed::Live => (base.taken, base.now),
        Feed::At(at) => (at, at + Duration::from_secs(37)),
    };
    Snapshot {
        targets,
        window: query.window,
        axis: query.axis,
        axis_end,
        host,
        course: query
            .course
            .map(|scope| Arc::new(fixture_course::course(scope, query.axis, axis_end))),
        evidence: query.evidence.as_ref().map(|matter| Arc::new(evidence(matter, tick))),
        comparison: query
            .comparison
            .as_ref()
            .filter(|versus| versus.before.is_some())
            .map(|_| {
                let names = CASES.each_ref().map(|case| case.name);
                Arc::new(fixture_comparison::comparison(&names, tick, base.wall_origin))
            }),
        cursor: query.cursor.map(|at| Arc::new(calm(count, at.second()))),
        taken,
        now,
        feed: query.feed,
        ..base
    }
}

/// A figure that rose above its warning two thirds into the axis; of what an objective says nothing is kept.
fn evidence(matter: &Matter, tick: u64) -> Evidence {
    let line = |name: &str, level, value| FigureLine {
        name: name.into(),
        level,
        value,
    };
    let value = |back: u64| {
        let swing = (tick.saturating_sub(back) % 7) as f32 * 3e3;
        Some(if back < 40 { 310e3 + swing } else { 90e3 + swing })
    };
    let course = FigureCourse {
        name: "p95(1m)".into(),
        unit: Unit::Microseconds,
        points: (0..120).rev().map(value).collect(),
        lines: vec![
            line("warning", Level::Warning, 250e3),
            line("critical", Level::Critical, 500e3),
        ],
    };
    let is_kept = !matches!(matter, Matter::Trend(..));
    Evidence {
        matter: matter.clone(),
        courses: is_kept.then_some(course).into_iter().collect(),
    }
}

/// How everything stood at an earlier second, at which nothing was wrong yet.
fn calm(count: usize, tick: u64) -> Snapshot {
    let targets = (0..count).map(|index| TargetSnapshot {
        level: Level::Ok,
        clears: None,
        ..target(index, tick, &Query::default(), Rows::None)
    });
    let health = Health {
        score: 97,
        level: Level::Ok,
        worst: None,
        ..fixture_health::health(tick)
    };
    Snapshot {
        targets: targets.collect(),
        alerts: Arc::default(),
        health: Some(Arc::new(health)),
        host: None,
        ..empty(tick)
    }
}

/// Everything but the targets.
fn empty(tick: u64) -> Snapshot {
    let names = CASES.each_ref().map(|case| case.name);
    Snapshot {
        taken: Timestamp::from_secs(tick),
        now: Timestamp::from_secs(tick),
        wall_origin: SystemTime::UNIX_EPOCH + WALL_ORIGIN,
        window: Window::OneMinute,
        axis: Axis::TwoMinutes,
        feed: Feed::Live,
        axis_end: tick,
        targets: Vec::new(),
        host: Some(fixture_host::host(tick)),
        alerts: Arc::new(fixture_alerts::alerts(&names)),
        objectives: fixture_objectives::objectives(&names, tick).into(),
        health: Some(Arc::new(fixture_health::health(tick))),
        health_course: (0..120)
            .map(|step| (step > 40).then_some(if step < 90 { 97.0 } else { 42.0 }))
            .collect(),
        cursor: None,
        analysis: Arc::new(fixture_analysis::analysis(&names)),
        channels: fixture_channels::channels().into(),
        marks: Arc::default(),
        monitor: MonitorSnapshot {
            own: OwnUsage {
                cpu_ratio: Some(0.004),
                rss_bytes: Some(18_500_000),
            },
            samples_total: tick * 12,
            failed_total: tick,
            overruns_total: 0,
            cut_off_total: 0,
            dropped_total: 0,
            lag: quantiles(40, 2.0, tick, 600),
            history: HistoryReport {
                oldest: Some(Timestamp::from_secs(tick.saturating_sub(3600))),
                bytes: 9_000_000,
            },
            stores: vec![
                store("past_bytes", 9_000_000, 99_614_720),
                store("ended_alerts", 3, 500),
                store("marks", 2, 500),
                store("gone_names", 0, 20_000),
                store("messages", 5, 4096),
                store("log_bytes", 1200, 4_194_304),
            ],
            notice: None,
        },
        comparison: None,
        course: None,
        evidence: None,
    }
}

/// A number between 0 and 1 that depends on both arguments and nothing else (splitmix64).
fn noise(a: u64, b: u64) -> f64 {
    let mut z = a
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        .wrapping_add(b.wrapping_mul(0xbf58_476d_1ce4_e5b9));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
}

fn scaled(us: u32, factor: f64) -> Option<Micros> {
    (us > 0).then(|| Micros((f64::from(us) * factor) as u32))
}

/// Figures of a window move a little with every tick, the far ones seldom.
fn quantiles(base: u32, spread: f64, tick: u64, count: u64) -> Quantiles {
    let seed = u64::from(base);
    let wobble = |period: u64| 1.0 + 0.02 * noise(seed, tick / period);
    Quantiles {
        count: if base > 0 { count } else { 0 },
        min: scaled(base, 0.7),
        mean: scaled(base, (1.0 + (spread - 1.0) * 0.3) * wobble(1)),
        p10: scaled(base, 0.8),
        p25: scaled(base, 0.9),
        p50: scaled(base, wobble(1)),
        p75: scaled(base, 1.2 * wobble(2)),
        p90: scaled(base, (1.0 + (spread - 1.0) * 0.7) * wobble(2)),
        p95: scaled(base, spread * wobble(3)),
        p99: scaled(base, spread * 1.5 * wobble(10)).filter(|_| count >= 100),
        p99_9: scaled(base, spread * 2.2).filter(|_| count >= 1000),
        max: scaled(base, spread * 2.4 * wobble(30)),
    }
}

fn target(index: usize, tick: u64, query: &Query, details: Rows) -> TargetSnapshot {
    let case = &CASES[index % CASES.len()];
    let id = TargetId(index as u32);
    let name = if index < CASES.len() {
        case.name.into()
    } else {
        format!("{}-{index}", case.name)
    };
    let stats = |window: Window| {
        let seconds = window.length().map_or(tick, |length| length.as_secs().min(tick)).max(1);
        let attempts = if case.level == Level::Unknown { 0 } else { seconds * 2 };
        let failed = (attempts * case.failing).div_ceil(1000).min(attempts);
        WindowStats {
            covered: Duration::from_secs(seconds),
            attempts,
            failed,
            overruns: 0,
            skipped: 0,
            cut_off: 0,
            unwatched: Duration::ZERO,
            latency: quantiles(case.base, case.spread, tick, attempts - failed),
            lag: quantiles(21, 3.0, tick, attempts),
            failures: if failed > 0 {
                vec![(case.failure, failed)]
            } else {
                Vec::new()
            },
        }
    };
    TargetSnapshot {
        info: Arc::new(TargetInfo {
            id,
            name: name.into(),
            url: case.url.into(),
            kind: case.kind.into(),
            purpose: match case.kind {
                "k6" | "locust" => Purpose::Generator,
                _ => Purpose::Service,
            },
            host: None,
            group: Some(case.group.into()),
            interval: Duration::from_millis(500),
            timeout: Duration::from_secs(5),
            in_flight: 10,
            phases: if case.kind == "tcp" {
                Phase::HTTP[..2].into()
            } else {
                Phase::HTTP.into()
            },
        }),
        level: case.level,
        clears: (case.name == "flaky").then(|| Timestamp::from_secs(tick + 6)),
        set_aside: false,
        reason: case.reason.map(Text::from),
        errors_level: match case.reason {
            Some(reason) if reason.starts_with("errors") => case.level,
            Some(_) | None => Level::Ok,
        },
        limits: limits(case),
        last: (case.level != Level::Unknown).then(|| Arc::new(last(case, tick))),
        failing: (case.failing == 1000).then(|| {
            Arc::new(Failing {
                since: Timestamp::from_secs(tick.saturating_sub(192)),
                attempts: 384,
                last_ok: None,
            })
        }),
        stats: stats(query.window),
        apdex: (case.level != Level::Unknown).then(|| Apdex {
            score: apdex(case),
            threshold: Micros(if index == 0 { 1_000_000 } else { 500_000 }),
        }),
        series: if query.series.contains(id) {
            series(index as u64, case, query.axis, tick)
        } else {
            Arc::default()
        },
        detail: details.contains(id).then(|| Arc::new(detail(case, tick, stats))),
    }
}

/// As in the reasons of the cases that have one.
fn limits(case: &Case) -> LatencyLimits {
    let limits = |warning, critical| LatencyLimits {
        quantile: 0.95,
        warning: Some(Micros(warning)),
        critical: Some(Micros(critical)),
    };
    match case.name {
        "checkout" => limits(750_000, 1_000_000),
        "search" => limits(500_000, 900_000),
        "images" => limits(10_000_000, 20_000_000),
        _ => LatencyLimits::default(),
    }
}

/// The slower and the more often failing, the worse.
fn apdex(case: &Case) -> f64 {
    let slow = (f64::from(case.base) / 1e6).min(0.6);
    (1.0 - slow * (case.spread - 1.0) / 2.0 - case.failing as f64 / 1000.0).max(0.0)
}

fn series(index: u64, case: &Case, axis: Axis, tick: u64) -> Arc<[Point]> {
    let end = tick / axis.step().as_secs();
    let first = (end + 1).saturating_sub(axis.points() as u64);
    if case.level == Level::Unknown {
        return Arc::default();
    }
    (first..=end).map(|step| point(index, case, step)).collect()
}

fn point(index: u64, case: &Case, step: u64) -> Point {
    let failed = u32::from(noise(index + 77, step) * 1000.0 < case.failing as f64 * 2.0) * 2;
    // A minute of slowness in every five, and a gap in which nothing was measured.
    let slow = 1.0 + (case.spread - 1.0) * if step % 60 > 44 { 1.0 } else { 0.15 };
    if index % 4 == 1 && (70..76).contains(&(step % 120)) {
        return Point::default();
    }
    let jitter = 0.85 + 0.4 * noise(index, step);
    Point {
        attempts: 2,
        failed,
        p50: scaled(case.base, jitter).filter(|_| failed < 2),
        p95: scaled(case.base, jitter * slow).filter(|_| failed < 2),
        p99: scaled(case.base, jitter * slow * 1.3).filter(|_| failed < 2),
        min: scaled(case.base, jitter * 0.8).filter(|_| failed < 2),
        max: scaled(case.base, jitter * slow * 1.4).filter(|_| failed < 2),
    }
}

fn last(case: &Case, tick: u64) -> LastSample {
    let mut phases = Phases::default();
    for (phase, share) in Phase::HTTP.into_iter().zip([0.02, 0.1, 0.2, 0.6, 0.08]) {
        phases.add(phase, Micros((f64::from(case.base) * share) as u32));
    }
    let refused = case.failing == 1000;
    LastSample {
        at: Timestamp::from_secs(tick) - Duration::from_millis(260),
        latency: Micros(case.base.max(310)),
        lag: Micros(21),
        outcome: if refused {
            Outcome::Failed(Box::new(failure(case)))
        } else {
            Outcome::Ok
        },
        phases,
        answer: (!refused).then(|| {
            Box::new(Answer {
                address: Some(SocketAddr::new(IpAddr::V4(Ipv4Addr::new(203, 0, 113, 17)), 443)),
                reused: true,
                protocol: Some("HTTP/2".into()),
                tls: Some("TLS 1.3".into()),
                status: Some(200),
                redirects: 1,
                body_bytes: 12_345,
                truncated: false,
                facts: vec![
                    Fact {
                        name: "server".into(),
                        value: "nginx/1.22.1".into(),
                    },
                    Fact {
                        name: "certificate_of".into(),
                        value: "shop.example, issued by Example Root CA 2026".into(),
                    },
                ],
                gauges: told()
                    .into_iter()
                    .filter_map(|(name, value)| Some(Gauge::new(name, f64::from(value(tick)?))))
                    .collect(),
            })
        }),
    }
}

fn failure(case: &Case) -> Failure {
    Failure {
        kind: case.failure,
        phase: Some(if case.failure == FailureKind::Timeout {
            Phase::FirstByte
        } else {
            Phase::Connect
        }),
        message: match case.failure {
            FailureKind::Timeout => "no answer within 5s".into(),
            _ => "connection refused (os error 111)".into(),
        },
    }
}

fn detail(case: &Case, tick: u64, stats: impl Fn(Window) -> WindowStats) -> Detail {
    let phases = |count| {
        let shares = Phase::HTTP.into_iter().zip([0.02, 0.1, 0.2, 0.6, 0.08]);
        let skip = if case.kind == "tcp" { 2 } else { Phase::HTTP.len() };
        let part = |share: f64| quantiles((f64::from(case.base) * share) as u32, case.spread, tick, count);
        shares
            .take(skip)
            .map(|(phase, share)| (phase, part(share)))
            .collect::<Vec<_>>()
    };
    let window = |window| {
        let stats = stats(window);
        let phases = if stats.ok() > 0 { phases(stats.ok()) } else { Vec::new() };
        (
            window,
            WindowDetail {
                stats,
                cold: Quantiles::default(),
                phases,
            },
        )
    };
    let bucket = |step: u32| Bucket {
        low: Micros(case.base / 10 * (6 + 2 * step)),
        high: Micros(case.base / 10 * (8 + 2 * step)),
        count: u64::from(40 / (1 + step.abs_diff(3) * step.abs_diff(3))),
    };
    let record = |back: u64| FailureRecord {
        at: Timestamp::from_secs(tick.saturating_sub(back * 17)),
        failure: failure(case),
    };
    Detail {
        windows: Window::ALL.into_iter().map(window).collect(),
        distribution: if case.base > 0 {
            (0..14).map(bucket).collect()
        } else {
            Vec::new()
        },
        failures: if case.failing > 0 {
            (1..8).map(record).collect()
        } else {
            Vec::new()
        },
        gauges: told()
            .into_iter()
            .map(|(name, value)| {
                (
                    name.into(),
                    (0..120).rev().map(|back| value(tick.saturating_sub(back))).collect(),
                )
            })
            .collect(),
    }
}

type Course = fn(u64) -> Option<f32>;

/// What each target tells of itself, by name.
fn told() -> [(&'static str, Course); 5] {
    [
        ("connected_clients", |step| Some(40.0 + (step / 7 % 5) as f32)),
        ("evictions_per_s", |step| {
            (step % 40 > 5).then(|| 12.5 * (noise(3, step / 4) as f32))
        }),
        ("hit_ratio", |step| Some(0.9 + 0.05 * (noise(4, step / 3) as f32))),
        ("memory_used_bytes", |step| Some(3.1e8 + 1e6 * (step % 60) as f32)),
        ("replication_lag_us", |step| {
            Some(900.0 + 300.0 * (noise(5, step) as f32))
        }),
    ]
}
