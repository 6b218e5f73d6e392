//! The machine of the fixture.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use probetop_core::clock::Timestamp;
use probetop_core::sample::*;
use probetop_core::snapshot::*;

use super::noise;

/// A busy machine with eight cores, two disks, a container's limits and six processes.
pub(super) fn host(tick: u64) -> HostSnapshot {
    let history = history(Axis::TwoMinutes, tick);
    let reading = HostReading {
        at: Timestamp::from_secs(tick),
        name: Some("loadgen-1".into()),
        system: SystemReading {
            os: Some("Ubuntu 24.04".into()),
            kernel: Some("6.8.0-49-generic".into()),
            cpu_brand: Some("AMD EPYC 7B13".into()),
        },
        temperatures: vec![
            temperature("k10temp Tctl", 71.5, None),
            temperature("nvme Composite", 48.0, Some(84.8)),
        ],
        uptime: Some(Duration::from_secs(183_600)),
        tcp: TcpReading {
            established: Some(812),
            close_wait: Some(3),
            time_wait: Some(3_140),
            retransmitted_ratio: Some(0.002),
            listen_drops_per_s: Some(0.0),
        },
        open_files: Some(4_321),
        cpu: CpuReading {
            cores: 8,
            user_ratio: Some(0.31),
            system_ratio: Some(0.07),
            iowait_ratio: Some(0.02),
            steal_ratio: Some(0.0),
            usage_ratio: history.cpu_ratio.last().copied().flatten().map(f64::from),
            per_core_ratio: (0..8).map(|core| noise(core + 900, tick)).collect(),
            load_1m: Some(5.12),
            load_5m: Some(3.4),
            load_15m: Some(2.01),
        },
        memory: MemoryReading {
            total_bytes: 16 << 30,
            used_bytes: 9_800 << 20,
            available_bytes: 6_200 << 20,
            free_bytes: Some(1_400 << 20),
            cached_bytes: Some(3_900 << 20),
            arc_bytes: Some(1_100 << 20),
            swap_total_bytes: 2 << 30,
            swap_used_bytes: 120 << 20,
        },
        pressure: PressureReading {
            cpu_some_10s_ratio: Some(0.31),
            memory_some_10s_ratio: Some(0.0),
            io_some_10s_ratio: Some(0.02),
            cpu_full_10s_ratio: Some(0.0),
            memory_full_10s_ratio: Some(0.0),
            io_full_10s_ratio: Some(0.01),
        },
        disks: vec![disk("/", 200, 61), disk("/var/lib/postgresql", 1000, 120)],
        disks_left_out: vec![LeftOut {
            why: "network".into(),
            count: 1,
        }],
        networks: vec![network("eth0", 2.1e6, false), network("lo", 8.8e5, true)],
        processes: processes(tick),
        all_processes: all_processes(tick),
        process_count: Some(214),
        cgroup: Some(CgroupReading {
            cpu_limit_cores: Some(6.0),
            cpu_used_cores: Some(3.2),
            cpu_throttled_ratio: Some(0.08),
            memory_limit_bytes: Some(12 << 30),
            memory_used_bytes: Some(7 << 30),
        }),
    };
    let limits = |warning, critical| AmountLimits {
        warning: Some(warning),
        critical: Some(critical),
    };
    HostSnapshot {
        limits: HostLimits {
            cpu_ratio: limits(0.8, 0.95),
            memory_ratio: limits(0.85, 0.95),
            load_1m_per_core: limits(1.5, 2.0),
            disk_ratio: limits(0.9, 0.95),
        },
        level: Level::Warning,
        clears: None,
        set_aside: false,
        reason: Some("cpu 84% > 80%".into()),
        reading: Arc::new(reading),
        history: Arc::new(history),
    }
}

fn processes(tick: u64) -> Vec<ProcessReading> {
    let process =
        |(pid, parent, name, user, command, cpu_ratio, rss): (u32, u32, &str, &str, &str, f64, u64)| ProcessReading {
            pid,
            name: name.into(),
            cpu_ratio: cpu_ratio * (1.0 + 0.05 * noise(u64::from(pid), tick)),
            rss_bytes: rss << 20,
            pss_bytes: Some((rss << 20) / 2),
            parent: Some(parent),
            user: Some(user.into()),
            command: (!command.is_empty()).then(|| command.into()),
            started: Some(SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_100_000 + u64::from(pid))),
        };
    let processes = [
        (4121, 5512, "k6", "load", "k6 run --vus 200 checkout.js", 3.1, 812),
        (
            977,
            1,
            "postgres: writer",
            "postgres",
            "postgres: writer process",
            0.62,
            2_048,
        ),
        (
            1310,
            1,
            "nginx: worker process",
            "www-data",
            "nginx: worker process",
            0.41,
            96,
        ),
        (
            5512,
            1,
            "java",
            "app",
            "java -Xmx4g -jar /srv/shop/shop.jar --spring.profiles.active=load",
            0.22,
            3_900,
        ),
        (1, 0, "systemd", "root", "/sbin/init", 0.01, 12),
        (6001, 5512, "node", "app", "node /srv/shop/render.js", 0.0, 640),
    ];
    processes.map(process).into()
}

/// With those that are too small to be among the largest.
fn all_processes(tick: u64) -> Arc<[ProcessReading]> {
    let small = (0..208_u32).map(|at| ProcessReading {
        pid: 9000 + at,
        name: if at == 77 {
            "nginx: cache manager".into()
        } else {
            "sh".into()
        },
        cpu_ratio: 0.0,
        rss_bytes: 1 << 20,
        pss_bytes: None,
        parent: Some(1),
        user: None,
        command: None,
        started: None,
    });
    processes(tick).into_iter().chain(small).collect()
}

fn temperature(sensor: &str, celsius: f64, critical_celsius: Option<f64>) -> TemperatureReading {
    TemperatureReading {
        sensor: sensor.into(),
        celsius,
        critical_celsius,
    }
}

fn disk(mount: &str, total: u64, available: u64) -> DiskReading {
    DiskReading {
        mount: mount.into(),
        device: "/dev/nvme0n1p2".into(),
        total_bytes: total << 30,
        available_bytes: available << 30,
        inodes_total: Some(total << 16),
        inodes_available: Some(available << 16),
        read_bytes_per_s: Some(12_000.0),
        write_bytes_per_s: Some(4.1e6),
        busy_ratio: Some(0.12),
    }
}

fn network(name: &str, received: f64, loopback: bool) -> NetworkReading {
    NetworkReading {
        interface: name.into(),
        received_bytes_per_s: Some(received),
        transmitted_bytes_per_s: Some(received / 4.0),
        errors_per_s: Some(0.0),
        drops_per_s: Some(0.0),
        loopback,
    }
}

pub(super) fn history(axis: Axis, end: u64) -> HostHistory {
    let first = (end + 1).saturating_sub(axis.points() as u64);
    let course = |seed: u64, low: f64, high: f64| {
        let value = move |step: u64| {
            let wave = 0.5 + 0.5 * (step as f64 / 11.0 + seed as f64).sin();
            Some((low + (high - low) * (0.7 * wave + 0.3 * noise(seed, step))) as f32)
        };
        (first..=end).map(value).collect::<Vec<_>>()
    };
    HostHistory {
        cpu_ratio: course(1, 0.2, 0.9),
        memory_ratio: course(2, 0.60, 0.62),
        load_1m: course(3, 1.0, 6.0),
        network_received_bytes_per_s: course(4, 2e5, 4.2e6),
        network_transmitted_bytes_per_s: course(5, 1e5, 9e5),
        disk_read_bytes_per_s: course(6, 0.0, 3e4),
        disk_write_bytes_per_s: course(7, 0.0, 9e6),
        cpu_pressure_ratio: course(8, 0.0, 0.3),
        memory_pressure_ratio: course(9, 0.0, 0.01),
        io_pressure_ratio: course(10, 0.0, 0.2),
        loopback_bytes_per_s: course(11, 3e5, 9e5),
        cores_ratio: (0..8)
            .map(|core| course(20 + core, 0.05, 0.2 + 0.1 * core as f64))
            .collect(),
        processes_cpu_ratio: processes(end).iter().map(|process| cpu_course(process, end)).collect(),
    }
}

fn cpu_course(process: &ProcessReading, end: u64) -> Vec<f32> {
    let course = (end.saturating_sub(29)..=end).map(|tick| {
        let wave = 0.6 + 0.4 * ((tick as f64 + f64::from(process.pid)) / 5.0).sin();
        (process.cpu_ratio * wave) as f32
    });
    course.collect()
}
