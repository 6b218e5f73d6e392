//! Whatever may happen, made up.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use crate::clock::Timestamp;
use crate::sample::slot::{Second, SecondCounter};
use crate::sample::{
    Answer, CgroupReading, ChannelReport, ChannelState, CpuReading, DiskReading, Fact, Failure, FailureKind, Gauge,
    HostReading, LeftOut, MemoryReading, Micros, NetworkReading, Observation, Outcome, Phase, Phases, PressureReading,
    ProcessReading, Sample, SystemReading, TargetId, TcpReading, TemperatureReading, Text, Word,
};

pub(super) fn text() -> impl Strategy<Value = Text> {
    prop_oneof![any::<String>(), "[a-z]{0,3}", " ?[a-zé\u{1b}\u{202e}]{0,300}"].prop_map(Text::from)
}

pub(super) fn word() -> impl Strategy<Value = Word> {
    prop_oneof![
        Just(Word::of("HTTP/2")),
        Just(Word::of("state")),
        any::<String>().prop_map(|raw| Word::clean(&raw))
    ]
}

pub(super) fn float() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<f64>().prop_filter("NaN equals nothing", |number| !number.is_nan()),
        (0_u32..1_000).prop_map(f64::from),
        Just(-0.0)
    ]
}

pub(super) fn time() -> impl Strategy<Value = Timestamp> {
    any::<u64>().prop_map(Timestamp::from_nanos)
}

pub(super) fn duration() -> impl Strategy<Value = Duration> {
    (any::<u64>(), 0_u32..1_000_000_000).prop_map(|(seconds, nanos)| Duration::new(seconds, nanos))
}

pub(super) fn target() -> impl Strategy<Value = TargetId> {
    any::<u32>().prop_map(TargetId)
}

pub(super) fn failure() -> impl Strategy<Value = Failure> {
    let phase = option::of(prop::sample::select(&Phase::ALL[..]));
    (prop::sample::select(&FailureKind::ALL[..]), phase, text()).prop_map(|(kind, phase, message)| Failure {
        kind,
        phase,
        message,
    })
}

pub(super) fn answer() -> impl Strategy<Value = Answer> {
    let head = (
        option::of(any::<SocketAddr>()),
        any::<bool>(),
        option::of(word()),
        option::of(word()),
    );
    let middle = (option::of(any::<u16>()), any::<u8>(), any::<u64>(), any::<bool>());
    let facts = vec((word(), text()).prop_map(|(name, value)| Fact { name, value }), 0..4);
    let gauges = vec((any::<String>(), float()), 0..4);
    (head, middle, facts, gauges).prop_map(|(head, middle, facts, gauges)| {
        let (address, reused, protocol, tls) = head;
        let (status, redirects, body_bytes, truncated) = middle;
        Answer {
            address,
            reused,
            protocol,
            tls,
            status,
            redirects,
            body_bytes,
            truncated,
            facts,
            gauges: gauges
                .into_iter()
                .map(|(name, value)| Gauge::new(name.as_str(), value))
                .collect(),
        }
    })
}

pub(super) fn sample() -> impl Strategy<Value = Sample> {
    let phases = vec((prop::sample::select(&Phase::ALL[..]), any::<u32>()), 0..5);
    let times = (time(), any::<u32>(), any::<u32>());
    (target(), times, phases, option::of(failure()), option::of(answer())).prop_map(
        |(target, (intended, lag, latency), took, failure, answer)| {
            let mut phases = Phases::default();
            took.into_iter()
                .for_each(|(phase, took)| phases.add(phase, Micros(took)));
            Sample {
                target,
                intended,
                lag: Micros(lag),
                latency: Micros(latency),
                outcome: failure.map_or(Outcome::Ok, |failure| Outcome::Failed(Box::new(failure))),
                phases,
                answer: answer.map(Box::new),
            }
        },
    )
}

pub(super) fn second() -> impl Strategy<Value = Second> {
    (target(), time(), vec(sample(), 0..20)).prop_map(|(target, ended, samples)| {
        let mut counter = SecondCounter::default();
        samples.iter().for_each(|sample| counter.record(sample));
        Second {
            target,
            ended,
            slot: counter.close(),
        }
    })
}

pub(super) fn process() -> impl Strategy<Value = ProcessReading> {
    let details = (
        option::of(any::<u32>()),
        option::of(text()),
        option::of(text()),
        option::of(0_u64..10_000_000_000),
    );
    let figures = (any::<u32>(), text(), float(), any::<u64>(), option::of(any::<u64>()));
    (figures, details).prop_map(|(figures, (parent, user, command, started_s))| {
        let (pid, name, cpu_ratio, rss_bytes, pss_bytes) = figures;
        ProcessReading {
            pid,
            name,
            cpu_ratio,
            rss_bytes,
            pss_bytes,
            parent,
            user,
            command,
            started: started_s.map(|seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)),
        }
    })
}

pub(super) fn reading() -> impl Strategy<Value = HostReading> {
    let some = || option::of(float());
    let count = || option::of(any::<u64>());
    let cpu = (any::<u32>(), some(), some(), vec(float(), 0..4), some());
    let disks = vec((text(), text(), any::<u64>(), count(), some()), 0..3);
    let networks = vec((text(), some(), some(), any::<bool>()), 0..3);
    let lists = (
        disks,
        networks,
        vec((word(), any::<u32>()), 0..3),
        vec(process(), 0..4),
        vec(process(), 0..4),
    );
    let rest = (
        option::of(text()),
        option::of(duration()),
        count(),
        option::of(any::<u32>()),
        some(),
        count(),
    );
    (time(), cpu, any::<u64>(), lists, rest).prop_map(|(at, cpu, bytes, lists, rest)| {
        let (disks, networks, left_out, processes, all) = lists;
        let (name, uptime, open_files, process_count, limit, established) = rest;
        HostReading {
            at,
            system: SystemReading {
                os: name.clone(),
                kernel: None,
                cpu_brand: name.clone(),
            },
            temperatures: name
                .iter()
                .map(|name| TemperatureReading {
                    sensor: name.clone(),
                    celsius: f64::from(cpu.0),
                    critical_celsius: limit,
                })
                .collect(),
            name,
            uptime,
            cpu: CpuReading {
                cores: cpu.0,
                usage_ratio: cpu.1,
                user_ratio: cpu.4,
                system_ratio: cpu.2,
                steal_ratio: cpu.2,
                per_core_ratio: cpu.3,
                load_15m: cpu.4,
                ..CpuReading::default()
            },
            memory: MemoryReading {
                total_bytes: bytes,
                free_bytes: open_files,
                cached_bytes: established,
                arc_bytes: open_files,
                swap_used_bytes: bytes / 3,
                ..MemoryReading::default()
            },
            pressure: PressureReading {
                io_full_10s_ratio: limit,
                ..PressureReading::default()
            },
            disks: disks.into_iter().map(disk).collect(),
            disks_left_out: left_out
                .into_iter()
                .map(|(why, count)| LeftOut { why, count })
                .collect(),
            networks: networks.into_iter().map(network).collect(),
            tcp: TcpReading {
                established,
                ..TcpReading::default()
            },
            open_files,
            processes,
            all_processes: all.into(),
            process_count,
            cgroup: limit.map(|limit| CgroupReading {
                cpu_limit_cores: Some(limit),
                ..CgroupReading::default()
            }),
        }
    })
}

pub(super) fn disk(
    (mount, device, total_bytes, inodes_total, busy_ratio): (Text, Text, u64, Option<u64>, Option<f64>),
) -> DiskReading {
    DiskReading {
        mount,
        device,
        total_bytes,
        available_bytes: total_bytes / 2,
        inodes_total,
        inodes_available: None,
        read_bytes_per_s: busy_ratio,
        write_bytes_per_s: None,
        busy_ratio,
    }
}

pub(super) fn network(
    (interface, received, errors_per_s, loopback): (Text, Option<f64>, Option<f64>, bool),
) -> NetworkReading {
    NetworkReading {
        interface,
        received_bytes_per_s: received,
        transmitted_bytes_per_s: None,
        errors_per_s,
        drops_per_s: None,
        loopback,
    }
}

pub(super) fn channel() -> impl Strategy<Value = ChannelReport> {
    use ChannelState::{Delivering, Failing, Idle, Retrying};
    let state = prop::sample::select(vec![Idle, Delivering, Retrying, Failing]);
    let error = option::of((time(), text()));
    (text(), word(), state, any::<[u64; 5]>(), option::of(time()), error).prop_map(
        |(name, kind, state, counts, delivered, error)| ChannelReport {
            name,
            kind,
            state,
            waiting: counts[0],
            delivered_total: counts[1],
            failed_total: counts[2],
            dropped_total: counts[3],
            left_total: counts[4],
            delivered,
            error,
        },
    )
}

pub(super) fn observation() -> impl Strategy<Value = Observation> {
    prop_oneof![
        8 => sample().prop_map(Observation::Sample),
        1 => second().prop_map(Observation::Second),
        1 => (target(), time(), any::<u32>()).prop_map(|(target, intended, count)| Observation::Overrun { target, intended, count }),
        1 => target().prop_map(|target| Observation::Skipped { target }),
        1 => target().prop_map(|target| Observation::CutOff { target }),
        1 => reading().prop_map(|reading| Observation::Host(Arc::new(reading))),
        1 => vec(channel(), 0..3).prop_map(|channels| Observation::Channels(channels.into())),
    ]
}
