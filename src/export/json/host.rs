//! The machine in the snapshot document.

use probetop_core::clock::Timestamp;
use probetop_core::sample::{
    CgroupReading, DiskReading, HostReading, LeftOut, NetworkReading, ProcessReading, TemperatureReading, Text,
};
use probetop_core::snapshot::HostSnapshot;
use serde_json::{Value, json};

/// The `host` part.
pub(super) fn document(host: &HostSnapshot, time: &impl Fn(Timestamp) -> String) -> Value {
    let reading: &HostReading = &host.reading;
    json!({
        "name": reading.name.as_ref().map(Text::as_str),
        "os": reading.system.os.as_ref().map(Text::as_str),
        "kernel": reading.system.kernel.as_ref().map(Text::as_str),
        "cpu_brand": reading.system.cpu_brand.as_ref().map(Text::as_str),
        "uptime_s": reading.uptime.map(|uptime| uptime.as_secs()),
        "cores": reading.cpu.cores,
        "level": host.level.name(),
        "clears_at": host.clears.map(time),
        "set_aside": host.set_aside,
        "reason": host.reason.as_ref().map(Text::as_str),
        "cpu": {
            "usage_ratio": reading.cpu.usage_ratio,
            "user_ratio": reading.cpu.user_ratio,
            "system_ratio": reading.cpu.system_ratio,
            "iowait_ratio": reading.cpu.iowait_ratio,
            "steal_ratio": reading.cpu.steal_ratio,
            "per_core_ratio": reading.cpu.per_core_ratio,
            "load_1m": reading.cpu.load_1m,
            "load_5m": reading.cpu.load_5m,
            "load_15m": reading.cpu.load_15m,
        },
        "memory": {
            "total_bytes": reading.memory.total_bytes,
            "used_bytes": reading.memory.used_bytes,
            "available_bytes": reading.memory.available_bytes,
            "used_ratio": reading.memory.used_ratio(),
            "free_bytes": reading.memory.free_bytes,
            "cached_bytes": reading.memory.cached_bytes,
            "arc_bytes": reading.memory.arc_bytes,
            "swap_total_bytes": reading.memory.swap_total_bytes,
            "swap_used_bytes": reading.memory.swap_used_bytes,
        },
        "pressure": {
            "cpu_some_10s_ratio": reading.pressure.cpu_some_10s_ratio,
            "memory_some_10s_ratio": reading.pressure.memory_some_10s_ratio,
            "io_some_10s_ratio": reading.pressure.io_some_10s_ratio,
            "cpu_full_10s_ratio": reading.pressure.cpu_full_10s_ratio,
            "memory_full_10s_ratio": reading.pressure.memory_full_10s_ratio,
            "io_full_10s_ratio": reading.pressure.io_full_10s_ratio,
        },
        "disks": reading.disks.iter().map(disk).collect::<Vec<_>>(),
        "disks_left_out": reading.disks_left_out.iter().map(left_out).collect::<Vec<_>>(),
        "networks": reading.networks.iter().map(network).collect::<Vec<_>>(),
        "tcp": {
            "established": reading.tcp.established,
            "close_wait": reading.tcp.close_wait,
            "time_wait": reading.tcp.time_wait,
            "retransmitted_ratio": reading.tcp.retransmitted_ratio,
            "listen_drops_per_s": reading.tcp.listen_drops_per_s,
        },
        "open_files": reading.open_files,
        "processes": reading.processes.iter().map(process).collect::<Vec<_>>(),
        "process_count": reading.process_count,
        "cgroup": reading.cgroup.as_ref().map(cgroup),
        "temperatures": reading.temperatures.iter().map(temperature).collect::<Vec<_>>(),
    })
}

fn disk(disk: &DiskReading) -> Value {
    json!({
        "mount": disk.mount.as_str(),
        "device": disk.device.as_str(),
        "total_bytes": disk.total_bytes,
        "available_bytes": disk.available_bytes,
        "used_ratio": disk.used_ratio(),
        "inodes_total": disk.inodes_total,
        "inodes_available": disk.inodes_available,
        "inodes_used_ratio": disk.inodes_used_ratio(),
        "read_bytes_per_s": disk.read_bytes_per_s,
        "write_bytes_per_s": disk.write_bytes_per_s,
        "busy_ratio": disk.busy_ratio,
    })
}

fn left_out(left_out: &LeftOut) -> Value {
    json!({ "why": left_out.why.as_str(), "count": left_out.count })
}

fn network(network: &NetworkReading) -> Value {
    json!({
        "interface": network.interface.as_str(),
        "received_bytes_per_s": network.received_bytes_per_s,
        "transmitted_bytes_per_s": network.transmitted_bytes_per_s,
        "errors_per_s": network.errors_per_s,
        "drops_per_s": network.drops_per_s,
    })
}

fn process(process: &ProcessReading) -> Value {
    json!({
        "pid": process.pid,
        "name": process.name.as_str(),
        "cpu_ratio": process.cpu_ratio,
        "rss_bytes": process.rss_bytes,
        "pss_bytes": process.pss_bytes,
        "parent": process.parent,
        "user": process.user.as_ref().map(Text::as_str),
        "command": process.command.as_ref().map(Text::as_str),
        "started": process.started.map(super::rfc3339),
    })
}

fn temperature(temperature: &TemperatureReading) -> Value {
    json!({
        "sensor": temperature.sensor.as_str(),
        "celsius": temperature.celsius,
        "critical_celsius": temperature.critical_celsius,
    })
}

fn cgroup(cgroup: &CgroupReading) -> Value {
    json!({
        "cpu_limit_cores": cgroup.cpu_limit_cores,
        "cpu_used_cores": cgroup.cpu_used_cores,
        "cpu_throttled_ratio": cgroup.cpu_throttled_ratio,
        "memory_limit_bytes": cgroup.memory_limit_bytes,
        "memory_used_bytes": cgroup.memory_used_bytes,
    })
}
