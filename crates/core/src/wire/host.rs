//! A reading of a machine.

use super::fields;
use crate::sample::{
    CgroupReading, CpuReading, DiskReading, HostReading, LeftOut, MemoryReading, NetworkReading, PressureReading,
    ProcessReading, SystemReading, TcpReading, TemperatureReading,
};

fields! {
    HostReading {
        at, name, system, uptime, cpu, memory, pressure, disks, disks_left_out, networks, tcp, open_files, processes,
        all_processes, process_count, cgroup, temperatures,
    }
    SystemReading { os, kernel, cpu_brand }
    TemperatureReading { sensor, celsius, critical_celsius }
    CpuReading {
        cores, usage_ratio, user_ratio, system_ratio, iowait_ratio, steal_ratio, per_core_ratio, load_1m, load_5m, load_15m,
    }
    MemoryReading {
        total_bytes, used_bytes, available_bytes, free_bytes, cached_bytes, arc_bytes, swap_total_bytes, swap_used_bytes,
    }
    PressureReading {
        cpu_some_10s_ratio, memory_some_10s_ratio, io_some_10s_ratio, cpu_full_10s_ratio, memory_full_10s_ratio,
        io_full_10s_ratio,
    }
    DiskReading {
        mount, device, total_bytes, available_bytes, inodes_total, inodes_available, read_bytes_per_s,
        write_bytes_per_s, busy_ratio,
    }
    LeftOut { why, count }
    NetworkReading {
        interface, received_bytes_per_s, transmitted_bytes_per_s, errors_per_s, drops_per_s, loopback,
    }
    TcpReading { established, close_wait, time_wait, retransmitted_ratio, listen_drops_per_s }
    ProcessReading { pid, name, cpu_ratio, rss_bytes, pss_bytes, parent, user, command, started }
    CgroupReading { cpu_limit_cores, cpu_used_cores, cpu_throttled_ratio, memory_limit_bytes, memory_used_bytes }
}
