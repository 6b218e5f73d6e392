//! Each rule once where it speaks and once where it has nothing to say.

use std::sync::Arc;
use std::time::Duration;

use probetop_core::sample::{
    CgroupReading, CpuReading, DiskReading, Failure, FailureKind, Gauge, HostReading, Level, MemoryReading, Micros,
    NetworkReading, OwnUsage, Phase, PressureReading, ProcessReading, Purpose, Quantiles, TargetInfo, TcpReading, Unit,
    WindowDetail,
};

use super::*;
use crate::judge::verdict::Verdict;

/// A target as the rules see it, with as many probes as a percentile needs.
struct Case {
    info: TargetInfo,
    detail: WindowDetail,
    latency: Option<Verdict>,
    errors: Verdict,
    failure: Option<Failure>,
    gauges: Vec<Gauge>,
    gauge_verdicts: Vec<(Text, Verdict)>,
}

const PROBES: u64 = 200;

/// All alike.
fn flat(count: u64, us: u32) -> Quantiles {
    let value = Some(Micros(us));
    Quantiles {
        count,
        min: value,
        mean: value,
        p50: value,
        p95: value,
        p99: value,
        max: value,
        ..Quantiles::default()
    }
}

impl Case {
    /// Probes whose phases take so many microseconds each, on every probe.
    fn new(kind: &'static str, phases: &[(Phase, u32)]) -> Self {
        let info = TargetInfo {
            id: TargetId(7),
            name: "checkout".into(),
            url: "https://shop.example/".into(),
            kind: kind.into(),
            purpose: Purpose::default(),
            host: None,
            group: None,
            interval: Duration::from_secs(1),
            timeout: Duration::from_secs(5),
            in_flight: 5,
            phases: Phase::HTTP.into(),
        };
        let mut detail = WindowDetail::default();
        detail.stats.attempts = PROBES;
        detail.stats.latency = flat(PROBES, phases.iter().map(|(_, us)| us).sum());
        detail.phases = phases.iter().map(|(phase, us)| (*phase, flat(PROBES, *us))).collect();
        Self {
            info,
            detail,
            latency: None,
            errors: Verdict::default(),
            failure: None,
            gauges: Vec::new(),
            gauge_verdicts: Vec::new(),
        }
    }

    fn slow(mut self, level: Level) -> Self {
        self.latency = Some(verdict(level, 0.0, "p95 612ms > 500ms"));
        self
    }

    fn failing(mut self, kind: FailureKind, ratio: f64) -> Self {
        self.errors = verdict(Level::Critical, ratio, "errors 24% > 5%");
        self.detail.stats.failures = vec![(kind, 48)];
        self.failure = Some(Failure {
            kind,
            phase: Some(Phase::Connect),
            message: "because".into(),
        });
        self
    }

    fn gauge(mut self, name: &str, value: f64) -> Self {
        self.gauges.push(Gauge::new(name, value));
        self
    }

    /// A gauge that the configuration has a level for.
    fn judged(mut self, name: &str, level: Level) -> Self {
        self.gauge_verdicts.push((name.into(), verdict(level, 0.5, "beyond")));
        self.gauge(name, 0.5)
    }

    fn signs(&self) -> Vec<Sign> {
        target_signs(&TargetFacts {
            info: &self.info,
            detail: &self.detail,
            latency: self.latency.clone(),
            errors: self.errors.clone(),
            failure: self.failure.as_ref(),
            gauges: &self.gauges,
            gauge_verdicts: self.gauge_verdicts.clone(),
        })
    }
}

fn verdict(level: Level, value: f64, reason: &str) -> Verdict {
    Verdict {
        level,
        value: Some(value),
        unit: Unit::Ratio,
        reason: (level > Level::Unknown).then(|| reason.into()),
        ..Verdict::default()
    }
}

/// Each sign as `severity resource: what (evidence)`.
fn words(signs: &[Sign]) -> Vec<String> {
    let words = |Sign { cause, reading }: &Sign| {
        let (severity, resource) = (reading.severity.name(), cause.resource.name());
        format!("{severity} {resource}: {} ({})", cause.what, reading.evidence)
    };
    signs.iter().map(words).collect()
}

fn check(case: &Case, expected: &[&str]) {
    assert_eq!(words(&case.signs()), expected);
}

#[test]
fn the_dominant_phase_of_a_slow_target_is_named_with_its_share() {
    let web = |dns, connect, tls, first_byte, transfer| {
        let took = [dns, connect, tls, first_byte, transfer];
        Case::new("http", &Phase::HTTP.into_iter().zip(took).collect::<Vec<_>>())
    };
    check(
        &web(100, 200, 300, 500_000, 900).slow(Level::Critical),
        &["critical service: first byte dominates (p95 612ms > 500ms, first byte 100% of the time, p95 500ms)"],
    );
    check(&web(100, 200, 300, 500_000, 900).slow(Level::Ok), &[]);
    check(
        &web(100, 200, 300, 100_000, 900_000).slow(Level::Warning),
        &["warning network: the body takes long to arrive (p95 612ms > 500ms, transfer 90% of the time, p95 900ms)"],
    );
    check(
        &web(50_000, 110_000, 110_000, 110_000, 120_000).slow(Level::Warning),
        &["warning service: slow, in no phase above all (p95 612ms > 500ms)"],
    );
    check(
        &web(400_000, 100, 100, 300_000, 100).slow(Level::Warning),
        &["warning name resolution: name resolution takes long \
           (p95 612ms > 500ms, dns 57% of the time, p95 400ms)"],
    );
}

#[test]
fn a_target_without_thresholds_is_slow_from_a_time_that_people_notice() {
    let noticed = Case::new("http", &[(Phase::FirstByte, 310_000)]);
    check(
        &noticed,
        &["info service: first byte dominates (p95 310ms, first byte 100% of the time, p95 310ms)"],
    );
    check(&Case::new("http", &[(Phase::FirstByte, 290_000)]), &[]);
}

#[test]
fn the_last_phase_of_a_kind_says_what_its_peer_does() {
    let slow = |kind, phase, expected: &str| {
        let signs = Case::new(kind, &[(phase, 400_000)]).slow(Level::Warning).signs();
        assert_eq!(words(&signs)[0].split(" (").next(), Some(expected));
    };
    slow(
        "postgres",
        Phase::Query,
        "warning database: the query takes most of the time",
    );
    slow("redis", Phase::Query, "warning cache: commands take long");
    slow(
        "dns",
        Phase::Query,
        "warning name resolution: the name server answers late",
    );
    slow(
        "grpc",
        Phase::Query,
        "warning service: the answer to the call takes long",
    );
    slow("icmp", Phase::Message, "warning network: round trips take long");
    slow(
        "websocket",
        Phase::Message,
        "warning service: messages are answered late",
    );
    slow("exec", Phase::Run, "warning service: the program runs long");
    slow("tls", Phase::Tls, "warning tls: the TLS handshake takes long");
    slow("tcp", Phase::Connect, "warning network: connecting takes long");
    slow(
        "postgres",
        Phase::Authenticate,
        "warning database: logging in takes long",
    );
}

#[test]
fn a_phase_on_the_way_that_is_out_of_proportion_is_a_remark() {
    let way = |phase, us| Case::new("http", &[(phase, us), (Phase::FirstByte, 30_000)]);
    check(
        &way(Phase::Dns, 9_000),
        &["info name resolution: name resolution takes long (dns 23% of the time, p95 9ms)"],
    );
    check(&way(Phase::Dns, 7_000), &[]);
    check(
        &Case::new("http", &[(Phase::Dns, 4_000), (Phase::FirstByte, 1_000)]),
        &[],
    );
    check(
        &way(Phase::Tls, 20_000),
        &["info tls: every probe pays for a TLS handshake (tls 40% of the time, p95 20ms)"],
    );
    check(&way(Phase::Tls, 10_000), &[]);
    let mut seldom = way(Phase::Tls, 200_000);
    seldom.detail.phases[0].1.count = PROBES / 2;
    check(
        &seldom,
        &["info tls: the TLS handshake takes long (tls 43% of the time, p95 200ms)"],
    );
    check(
        &way(Phase::Connect, 20_000),
        &["info network: connecting takes long (connect 40% of the time, p95 20ms)"],
    );
    let port = Case::new("tcp", &[(Phase::Dns, 1_000), (Phase::Connect, 20_000)]);
    check(&port, &[]);
}

#[test]
fn connections_that_were_tried_again_stand_on_a_rung() {
    let connects = |p95, p99, max| {
        let mut case = Case::new("http", &[(Phase::Connect, 400), (Phase::FirstByte, 50_000)]);
        let connect = &mut case.detail.phases[0].1;
        (connect.p95, connect.p99, connect.max) = (Some(Micros(p95)), Some(Micros(p99)), Some(Micros(max)));
        case
    };
    let found = |severity, evidence| {
        format!("{severity} network: connections are tried again after 1s or 3s (connect p50 400us, {evidence})")
    };
    check(
        &connects(1_010_000, 1_010_000, 3_020_000),
        &[&found("critical", "p95 1.01s")],
    );
    check(&connects(500, 3_050_000, 3_050_000), &[&found("warning", "p99 3.05s")]);
    check(&connects(500, 600, 1_000_000), &[&found("info", "max 1s")]);
    check(&connects(500, 600, 2_000_000), &[]);
    check(&connects(500, 600, 700), &[]);
}

#[test]
fn a_tail_is_far_from_the_median_and_p95_is_not_in_it() {
    let tail = |p95, p99| {
        let mut case = Case::new("http", &[(Phase::FirstByte, 20_000)]);
        let latency = &mut case.detail.stats.latency;
        (latency.p95, latency.p99) = (Some(Micros(p95)), Some(Micros(p99)));
        case
    };
    let found = "info service: a few requests are far slower than the rest (p50 20ms, p95 25ms, p99 300ms)";
    check(&tail(25_000, 300_000), &[found]);
    check(&tail(25_000, 190_000), &[]);
    check(&tail(250_000, 300_000), &[]);
}

#[test]
fn failures_say_where_to_look() {
    let failing = |kind, expected: &str| {
        let case = Case::new("http", &[(Phase::FirstByte, 20_000)]).failing(kind, 0.24);
        check(
            &case,
            &[&format!(
                "critical {expected} (errors 24% > 5%, last in connect: because)"
            )],
        );
        assert_eq!(case.signs()[0].cause.recommendation, kind.remedy());
    };
    failing(FailureKind::Timeout, "service: probes time out");
    failing(FailureKind::Dns, "name resolution: names cannot be resolved");
    failing(FailureKind::Unreachable, "network: the network says there is no way");
    failing(FailureKind::Tls, "tls: TLS handshakes fail");
    failing(FailureKind::Start, "probetop: programs cannot be started");
    failing(
        FailureKind::Permission,
        "probetop: this machine does not let probetop look",
    );
    let mut fine = Case::new("http", &[(Phase::FirstByte, 20_000)]).failing(FailureKind::Timeout, 0.0);
    fine.errors = verdict(Level::Ok, 0.0, "");
    check(&fine, &[]);
    let database = Case::new("postgres", &[]).failing(FailureKind::Refused, 1.0);
    assert_eq!(database.signs()[0].cause.resource, Resource::Database);
}

#[test]
fn probes_that_were_not_started_are_told_by_their_share() {
    let mut case = Case::new("http", &[(Phase::FirstByte, 20_000)]);
    case.detail.stats.overruns = 50;
    check(
        &case,
        &["critical probetop: due probes are not started (50 of 250 due in the last minute, 20%)"],
    );
    case.detail.stats.overruns = 1;
    check(&case, &[]);
    case.detail.stats.failures = vec![(FailureKind::Local, 50)];
    let evidence = "50 of 251 due in the last minute, 20%";
    let local = format!("warning probetop: probetop runs out of descriptors, ports or memory ({evidence})");
    check(&case, &[&local]);
}

#[test]
fn every_gauge_of_the_table_speaks_beyond_its_level_and_not_before() {
    let spoken = |kind, name: &str, level| Case::new(kind, &[]).judged(name, level).signs();
    for row in super::gauge::rows() {
        let (kind, name) = row;
        let signs = spoken(kind, name, Level::Critical);
        assert_eq!(signs.len(), 1, "{kind} {name}");
        assert_eq!(signs[0].reading.severity, Severity::Critical, "{kind} {name}");
        assert_eq!(spoken(kind, name, Level::Ok), [], "{kind} {name}");
    }
    check(
        &Case::new("postgres", &[]).judged("connections_used_ratio", Level::Critical),
        &["critical database: connections are nearly used up (beyond)"],
    );
    check(
        &Case::new("prometheus", &[]).judged("queue_depth", Level::Warning),
        &["warning service: a figure the target reports is beyond its limit (beyond)"],
    );
    check(&Case::new("prometheus", &[]).gauge("queue_depth", 1e9), &[]);
}

#[test]
fn gauges_without_a_level_in_the_configuration_bring_their_own() {
    let check_gauge = |kind, name: &str, value, expected: Option<Severity>| {
        let signs = Case::new(kind, &[]).gauge(name, value).signs();
        assert_eq!(
            signs.first().map(|sign| sign.reading.severity),
            expected,
            "{name} {value}"
        );
    };
    check_gauge("redis", "evicted_per_s", 0.0, None);
    check_gauge("redis", "evicted_per_s", 99.0, None);
    check_gauge("redis", "evicted_per_s", 1e6, Some(Severity::Warning));
    check_gauge("redis", "replication_lag_s", 31.0, Some(Severity::Critical));
    check_gauge("postgres", "longest_transaction_s", 200.0, None);
    check_gauge("postgres", "longest_transaction_s", 301.0, Some(Severity::Warning));
    check_gauge(
        "postgres",
        "connections_idle_in_transaction",
        6.0,
        Some(Severity::Warning),
    );
    check_gauge("http", "cpu_throttled_ratio", 0.3, Some(Severity::Critical));
    check_gauge("http", "memory_limit_ratio", 0.5, None);
    check_gauge("http", "evicted_per_s", 5.0, None);
}

#[test]
fn a_generator_below_its_rate_is_told() {
    let generator = |offered, achieved| {
        Case::new("k6", &[])
            .gauge("rate_offered_per_s", offered)
            .gauge("rate_achieved_per_s", achieved)
    };
    check(
        &generator(500.0, 300.0),
        &[
            "critical load generator: the load generator does not reach the rate it was asked for \
           (300.0/s of 500.0/s offered, 40% missing)",
        ],
    );
    check(&generator(500.0, 495.0), &[]);
    check(&generator(0.0, 0.0), &[]);
    check(&Case::new("locust", &[]).gauge("rate_achieved_per_s", 5.0), &[]);
}

fn machine(reading: HostReading) -> MachineFacts {
    MachineFacts {
        reading: Arc::new(reading),
        verdicts: Vec::new(),
    }
}

/// A machine with one gauge beyond its level.
fn machine_at(gauge: &'static str, level: Level, value: f64) -> MachineFacts {
    let verdicts = vec![(gauge.into(), verdict(level, value, "beyond"))];
    MachineFacts {
        verdicts,
        ..machine(with_process("java", 1.6))
    }
}

fn with_process(name: &str, cpu_ratio: f64) -> HostReading {
    HostReading {
        cpu: CpuReading {
            cores: 2,
            usage_ratio: Some(0.9),
            ..CpuReading::default()
        },
        processes: vec![ProcessReading {
            pid: 1,
            name: name.into(),
            cpu_ratio,
            rss_bytes: 1,
            pss_bytes: None,
            parent: None,
            user: None,
            command: None,
            started: None,
        }],
        ..HostReading::default()
    }
}

fn check_machine(facts: &MachineFacts, expected: &[&str]) {
    assert_eq!(words(&machine_signs(facts)), expected);
}

#[test]
fn levels_of_the_machine_say_what_is_used_and_by_whom() {
    check_machine(
        &machine_at("cpu", Level::Critical, 0.97),
        &["critical cpu: the processors are busy (beyond, most by java (1.6 cores))"],
    );
    check_machine(&machine_at("cpu", Level::Ok, 0.5), &[]);
    check_machine(
        &machine_at("load", Level::Warning, 4.0),
        &["warning cpu: tasks wait for a processor (beyond)"],
    );
    check_machine(
        &machine_at("memory", Level::Warning, 0.9),
        &["warning memory: memory is nearly used up (beyond, most by java)"],
    );
    check_machine(
        &machine_at("disk", Level::Critical, 0.96),
        &["critical disk: a disk is nearly full (beyond)"],
    );
}

#[test]
fn processors_that_are_waited_for_stolen_or_held_back_are_told() {
    let pressure = |cpu, memory, io| {
        machine(HostReading {
            pressure: PressureReading {
                cpu_some_10s_ratio: Some(cpu),
                memory_some_10s_ratio: Some(memory),
                io_some_10s_ratio: Some(io),
                ..PressureReading::default()
            },
            ..HostReading::default()
        })
    };
    check_machine(
        &pressure(0.6, 0.06, 0.3),
        &[
            "critical cpu: tasks wait for a processor (waiting for a processor 60% > 25%)",
            "warning memory: tasks wait for memory (waiting for memory 6.0% > 5.0%)",
            "warning disk: tasks wait for disks (waiting for disks 30% > 20%)",
        ],
    );
    check_machine(&pressure(0.2, 0.01, 0.1), &[]);
    let cpu = |cpu| {
        machine(HostReading {
            cpu,
            ..HostReading::default()
        })
    };
    let stolen = |ratio| {
        cpu(CpuReading {
            steal_ratio: Some(ratio),
            ..CpuReading::default()
        })
    };
    check_machine(
        &stolen(0.12),
        &["warning cpu: the hypervisor gives processors to others (steal 12% > 5.0%)"],
    );
    check_machine(&stolen(0.04), &[]);
    let cores = |cores: &[f64]| {
        cpu(CpuReading {
            usage_ratio: Some(cores.iter().sum::<f64>() / cores.len() as f64),
            per_core_ratio: cores.to_vec(),
            ..CpuReading::default()
        })
    };
    check_machine(
        &cores(&[0.1, 0.99, 0.0, 0.1]),
        &["info cpu: one core is full while others are idle (core 1 99%, all of them 30%)"],
    );
    check_machine(&cores(&[0.99]), &[]);
    check_machine(&cores(&[0.99, 0.98, 0.99]), &[]);
    check_machine(&cores(&[0.5, 0.6]), &[]);
}

#[test]
fn limits_of_the_container_are_told() {
    let group = |throttled, used| {
        machine(HostReading {
            cgroup: Some(CgroupReading {
                cpu_throttled_ratio: Some(throttled),
                memory_limit_bytes: Some(100),
                memory_used_bytes: Some(used),
                ..CgroupReading::default()
            }),
            ..HostReading::default()
        })
    };
    check_machine(
        &group(0.3, 96),
        &[
            "critical cpu: this container is held back by its processor limit (throttled periods 30% > 5.0%)",
            "critical memory: this container is close to its memory limit (memory of its limit 96% > 90%)",
        ],
    );
    check_machine(&group(0.01, 50), &[]);
}

#[test]
fn swap_disks_networks_and_ports_are_told() {
    let reading = |swap, busy, errors, retransmitted, drops, time_wait| {
        machine(HostReading {
            memory: MemoryReading {
                swap_total_bytes: 100,
                swap_used_bytes: swap,
                ..MemoryReading::default()
            },
            disks: vec![DiskReading {
                mount: "/".into(),
                device: "sda".into(),
                total_bytes: 1,
                available_bytes: 1,
                inodes_total: None,
                inodes_available: None,
                read_bytes_per_s: None,
                write_bytes_per_s: None,
                busy_ratio: Some(busy),
            }],
            networks: vec![NetworkReading {
                interface: "eth0".into(),
                received_bytes_per_s: None,
                transmitted_bytes_per_s: None,
                errors_per_s: Some(errors),
                drops_per_s: None,
                loopback: false,
            }],
            tcp: TcpReading {
                close_wait: None,
                established: None,
                time_wait: Some(time_wait),
                retransmitted_ratio: Some(retransmitted),
                listen_drops_per_s: Some(drops),
            },
            ..HostReading::default()
        })
    };
    check_machine(
        &reading(95, 0.97, 3.0, 0.03, 2.0, 27_500),
        &[
            "critical memory: much of the swap is in use (swap 95% > 50%)",
            "warning disk: a disk is never idle (sda busy 97% of the time)",
            "warning network: an interface has errors (eth0: errors a second 3.0)",
            "warning network: TCP segments are sent again (sent again 3.0% > 2.0%)",
            "warning network: a listener's queue overflows (connections refused a second 2.0)",
            "critical network: ports for outgoing connections run out (connections in TIME_WAIT 27500)",
        ],
    );
    check_machine(&reading(10, 0.5, 0.0, 0.001, 0.0, 500), &[]);
    check_machine(&machine(HostReading::default()), &[]);
}

#[test]
fn a_generator_that_takes_the_machine_is_told() {
    let found = "critical load generator: the load generator takes the processors of this machine";
    let check = |name, cpu_ratio, expected: bool| {
        let signs = words(&machine_signs(&machine(with_process(name, cpu_ratio))));
        assert_eq!(
            signs.iter().any(|sign| sign.starts_with(found)),
            expected,
            "{name} {cpu_ratio}"
        );
    };
    check("k6", 1.2, true);
    check("k6", 0.3, false);
    check("java", 1.8, false);
    check("locust", 0.95, true);
}

#[test]
fn probetop_that_is_late_busy_or_loses_readings_says_so() {
    let check = |facts: OwnFacts, expected: &[&str]| assert_eq!(words(&own_signs(&facts)), expected);
    let late = |us| OwnFacts {
        lag: flat(PROBES, us),
        ..OwnFacts::default()
    };
    check(
        late(12_000),
        &["warning probetop: probes start late (start lag p50 12ms, p99 12ms > 10ms)"],
    );
    check(
        late(150_000),
        &["critical probetop: probes start late (start lag p50 150ms, p99 150ms > 10ms)"],
    );
    check(late(900), &[]);
    let busy = |ratio| OwnFacts {
        usage: OwnUsage {
            cpu_ratio: Some(ratio),
            rss_bytes: None,
        },
        ..OwnFacts::default()
    };
    check(
        busy(0.8),
        &["warning probetop: probetop itself uses much of a core (80% of a core)"],
    );
    check(busy(0.1), &[]);
    let lost = OwnFacts {
        dropped: 3,
        ..OwnFacts::default()
    };
    check(
        lost,
        &["critical probetop: readings were lost (3 inputs found a full queue)"],
    );
}

#[test]
fn one_cause_on_many_targets_is_one_row_that_names_the_worst() {
    let slow = |us, level| Case::new("http", &[(Phase::FirstByte, us)]).slow(level).signs();
    let (fast, slower, slowest) = (
        slow(300_000, Level::Critical),
        slow(900_000, Level::Warning),
        slow(400_000, Level::Critical),
    );
    let names: [Text; 3] = ["a".into(), "b".into(), "c".into()];
    let signs = [&fast[0], &slower[0], &slowest[0]];
    let seen = |at: usize| Seen {
        subject: &names[at],
        target: Some(TargetId(at as u32)),
        sign: signs[at],
    };
    let found = join((0..3).map(seen), 12);
    let [row] = &found[..] else { panic!("{found:?}") };
    assert_eq!(row.what.as_str(), "first byte dominates on 3 of 12 targets");
    assert_eq!((row.subject.as_str(), row.target), ("c", Some(TargetId(2))));
    assert_eq!(row.priority, Severity::Critical);
    assert_eq!(row.impact_ratio, 0.25);
    let alone = join([seen(1)], 12);
    assert_eq!(alone[0].what.as_str(), "first byte dominates");
    assert_eq!(join([], 0), []);
}
