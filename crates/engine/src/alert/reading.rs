//! What the variables of a rule are worth.

use std::sync::Arc;
use std::time::Duration;

use probetop_core::expression::Value;
use probetop_core::sample::{DiskReading, Gauge, HostReading, Micros, Unit};
use probetop_core::snapshot::WindowStats;

/// What a rule over a target reads.
#[derive(Clone, Copy, Debug)]
pub struct TargetReading<'a> {
    /// Over the rule's window.
    pub stats: &'a WindowStats,
    /// What the newest probe was told.
    pub gauges: &'a [Gauge],
    /// For how long no probe has finished.
    pub silent_for: Duration,
    /// What the window can tell of how often something happens.
    pub reach: Reach,
}

/// How much of a window was watched. Windows that are cut short because the run is young are whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    Whole,
    /// Enough of it for a rate; counts are of less than the window.
    Rates,
    /// Too little for a rate.
    Neither,
}

impl TargetReading<'_> {
    /// What the variable `name` is worth. `None`: not known, or too few samples.
    pub fn value(&self, name: &str) -> Option<Value> {
        let stats = self.stats;
        let latency = &stats.latency;
        match name {
            "min" => duration(latency.min),
            "mean" => duration(latency.mean),
            "p10" => duration(latency.p10),
            "p25" => duration(latency.p25),
            "p50" => duration(latency.p50),
            "p75" => duration(latency.p75),
            "p90" => duration(latency.p90),
            "p95" => duration(latency.p95),
            "p99" => duration(latency.p99),
            "p99_9" => duration(latency.p99_9),
            "max" => duration(latency.max),
            "lag" => duration(stats.lag.max),
            "silent_for" => Some(Value::Duration(self.silent_for)),
            "rate" if self.reach == Reach::Neither => None,
            "rate" => stats.rate_per_s().map(Value::Float),
            "attempts" | "ok" if self.reach != Reach::Whole => None,
            "attempts" => count(stats.attempts),
            "ok" => count(stats.ok()),
            "failed" => count(stats.failed),
            "overruns" => count(stats.overruns),
            "error_ratio" => stats.error_ratio().map(Value::Float),
            "success_ratio" => stats.success_ratio().map(Value::Float),
            "gauge" => Some(gauge_values(self.gauges)),
            _ => None,
        }
    }
}

/// `gauge.NAME` in a condition; a name that the target does not tell cannot be judged.
fn gauge_values(gauges: &[Gauge]) -> Value {
    let values = gauges.iter().map(|gauge| (gauge.name.to_string(), gauge.value.into()));
    Value::Json(Arc::new(serde_json::Value::Object(values.collect())))
}

/// What a rule over the machine reads.
#[derive(Clone, Copy, Debug)]
pub struct MachineReading<'a> {
    /// `None`: the newest is too old to tell.
    pub host: Option<&'a HostReading>,
    /// For how long it was not read.
    pub silent_for: Duration,
}

impl MachineReading<'_> {
    /// What the variable `name` is worth. `None`: the system does not tell.
    pub fn value(&self, name: &str) -> Option<Value> {
        match name {
            "silent_for" => Some(Value::Duration(self.silent_for)),
            name => host_figure(name, self.host?).map(Value::Float),
        }
    }
}

fn host_figure(name: &str, host: &HostReading) -> Option<f64> {
    match name {
        "cpu" => host.cpu.usage_ratio,
        "memory" => host.memory.used_ratio(),
        "swap" => host.memory.swap_used_ratio(),
        "disk" => fullest_disk(host).and_then(DiskReading::used_ratio),
        "load" => load_per_core(host),
        "load_1m" => host.cpu.load_1m,
        "load_5m" => host.cpu.load_5m,
        "load_15m" => host.cpu.load_15m,
        "pressure_cpu" => host.pressure.cpu_some_10s_ratio,
        "pressure_memory" => host.pressure.memory_some_10s_ratio,
        "pressure_io" => host.pressure.io_some_10s_ratio,
        "pressure_cpu_full" => host.pressure.cpu_full_10s_ratio,
        "pressure_memory_full" => host.pressure.memory_full_10s_ratio,
        "pressure_io_full" => host.pressure.io_full_10s_ratio,
        "inodes" => fewest_inodes(host).and_then(DiskReading::inodes_used_ratio),
        "container_memory" => host.cgroup?.memory_used_ratio(),
        "container_cpu" => host.cgroup?.cpu_used_ratio(),
        "throttled" => host.cgroup?.cpu_throttled_ratio,
        "open_files" => host.open_files.map(|count| count as f64),
        "tcp_established" => host.tcp.established.map(|count| count as f64),
        "tcp_close_wait" => host.tcp.close_wait.map(|count| count as f64),
        "network_errors_per_s" => host.network_sum(|network| network.errors_per_s),
        "network_drops_per_s" => host.network_sum(|network| network.drops_per_s),
        "network_received_bytes_per_s" => host.network_sum(|network| network.received_bytes_per_s),
        "network_transmitted_bytes_per_s" => host.network_sum(|network| network.transmitted_bytes_per_s),
        _ => None,
    }
}

/// Variables that are shares, 0 to 1.
const RATIOS: [&str; 14] = [
    "cpu",
    "memory",
    "swap",
    "disk",
    "pressure_cpu",
    "pressure_memory",
    "pressure_io",
    "pressure_cpu_full",
    "pressure_memory_full",
    "pressure_io_full",
    "inodes",
    "container_memory",
    "container_cpu",
    "throttled",
];

/// The number that stands for the variable `name` on the alert board.
pub fn as_figure(name: &str, value: &Value) -> Option<(f64, Unit)> {
    let unit = if RATIOS.contains(&name) {
        Unit::Ratio
    } else {
        Unit::of_name(name)
    };
    match value {
        Value::Int(value) => Some((*value as f64, unit)),
        Value::Float(value) => Some((*value, unit)),
        Value::Duration(value) => Some((value.as_secs_f64() * 1e6, Unit::Microseconds)),
        Value::Json(value) => value.as_f64().map(|value| (value, unit)),
        Value::Bool(_) | Value::Text(_) | Value::Map(_) => None,
    }
}

/// The disk with the largest used share.
pub fn fullest_disk(host: &HostReading) -> Option<&DiskReading> {
    host.disks
        .iter()
        .max_by(|a, b| a.used_ratio().unwrap_or(0.0).total_cmp(&b.used_ratio().unwrap_or(0.0)))
}

/// The disk with the largest used share of inodes.
pub fn fewest_inodes(host: &HostReading) -> Option<&DiskReading> {
    let known = host.disks.iter().filter(|disk| disk.inodes_used_ratio().is_some());
    known.max_by(|a, b| {
        let [a, b] = [a, b].map(|disk| disk.inodes_used_ratio().unwrap_or(0.0));
        a.total_cmp(&b)
    })
}

/// The load average of the last minute over the number of cores.
pub fn load_per_core(host: &HostReading) -> Option<f64> {
    (host.cpu.cores > 0)
        .then(|| Some(host.cpu.load_1m? / f64::from(host.cpu.cores)))
        .flatten()
}

fn duration(latency: Option<Micros>) -> Option<Value> {
    latency.map(|latency| Value::Duration(Duration::from_micros(latency.0.into())))
}

fn count(count: u64) -> Option<Value> {
    Some(Value::Int(i64::try_from(count).unwrap_or(i64::MAX)))
}

#[cfg(test)]
mod tests {
    use probetop_core::sample::NetworkReading;
    use probetop_core::sample::{CgroupReading, CpuReading, MemoryReading, PressureReading, TcpReading};
    use probetop_core::snapshot::Quantiles;

    use super::*;
    use crate::alert::rule::{HOST_VARIABLES, TARGET_VARIABLES};

    #[test]
    fn every_variable_of_a_target_has_a_value_once_there_are_samples() {
        let some = Some(Micros(1500));
        let latency = Quantiles {
            count: 1000,
            min: some,
            mean: some,
            p10: some,
            p25: some,
            p50: some,
            p75: some,
            p90: some,
            p95: some,
            p99: some,
            p99_9: some,
            max: some,
        };
        let covered = Duration::from_secs(10);
        let stats = WindowStats {
            covered,
            attempts: 1000,
            latency,
            lag: latency,
            ..WindowStats::default()
        };
        let gauges = [Gauge::new("hit_ratio", 0.93)];
        let reading = TargetReading {
            reach: Reach::Whole,
            stats: &stats,
            gauges: &gauges,
            silent_for: Duration::from_secs(3),
        };
        let empty = TargetReading {
            reach: Reach::Whole,
            stats: &WindowStats::default(),
            gauges: &[],
            ..reading
        };
        for name in TARGET_VARIABLES {
            assert!(reading.value(name).is_some(), "{name}");
            let always = ["attempts", "ok", "failed", "overruns", "gauge", "silent_for"].contains(&name);
            assert_eq!(empty.value(name).is_some(), always, "{name} without samples");
        }
        assert_eq!(reading.value("rate"), Some(Value::Float(100.0)));
        assert_eq!(reading.value("p95"), Some(Value::Duration(Duration::from_micros(1500))));
    }

    #[test]
    fn every_variable_of_the_machine_has_a_value_where_the_system_tells() {
        let half = Some(0.5);
        let host = HostReading {
            cpu: CpuReading {
                cores: 2,
                usage_ratio: half,
                load_1m: Some(3.0),
                load_5m: half,
                load_15m: half,
                ..CpuReading::default()
            },
            memory: MemoryReading {
                total_bytes: 100,
                used_bytes: 50,
                available_bytes: 50,
                swap_total_bytes: 10,
                swap_used_bytes: 1,
                ..MemoryReading::default()
            },
            pressure: PressureReading {
                cpu_some_10s_ratio: half,
                memory_some_10s_ratio: half,
                io_some_10s_ratio: half,
                cpu_full_10s_ratio: half,
                memory_full_10s_ratio: half,
                io_full_10s_ratio: half,
            },
            open_files: Some(5),
            tcp: TcpReading {
                established: Some(1),
                close_wait: Some(1),
                ..TcpReading::default()
            },
            cgroup: Some(CgroupReading {
                cpu_limit_cores: Some(2.0),
                cpu_used_cores: half,
                cpu_throttled_ratio: half,
                memory_limit_bytes: Some(10),
                memory_used_bytes: Some(9),
            }),
            disks: vec![disk("/", 100, 40), disk("/data", 100, 5)],
            networks: vec![
                network("lo", true, 9e9),
                network("eth0", false, 5.0),
                network("eth1", false, 7.0),
            ],
            ..HostReading::default()
        };
        let silent_for = Duration::from_secs(3);
        let untold = HostReading::default();
        let of = |host| MachineReading { host, silent_for };
        let reading = of(Some(&host));
        for name in HOST_VARIABLES {
            assert!(reading.value(name).is_some(), "{name}");
        }
        assert_eq!(reading.value("load"), Some(Value::Float(1.5)));
        assert_eq!(reading.value("disk"), Some(Value::Float(0.95)));
        assert_eq!(reading.value("network_received_bytes_per_s"), Some(Value::Float(12.0)));
        assert_eq!(of(Some(&untold)).value("cpu"), None);
        assert_eq!(of(None).value("cpu"), None);
        assert_eq!(of(None).value("silent_for"), Some(Value::Duration(silent_for)));
    }

    fn disk(mount: &str, total_bytes: u64, available_bytes: u64) -> DiskReading {
        DiskReading {
            mount: mount.into(),
            device: "sda".into(),
            total_bytes,
            available_bytes,
            inodes_total: Some(10),
            inodes_available: Some(1),
            read_bytes_per_s: None,
            write_bytes_per_s: None,
            busy_ratio: None,
        }
    }

    fn network(interface: &str, loopback: bool, rate: f64) -> NetworkReading {
        NetworkReading {
            interface: interface.into(),
            received_bytes_per_s: Some(rate),
            transmitted_bytes_per_s: Some(rate),
            errors_per_s: Some(0.0),
            drops_per_s: Some(0.0),
            loopback,
        }
    }
}
