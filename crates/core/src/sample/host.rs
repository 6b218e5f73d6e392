//! One reading of this machine. `None`: the system does not tell.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::{Text, Word};
use crate::clock::Timestamp;

/// The machine at one moment; rates are over the time since the reading before.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HostReading {
    pub at: Timestamp,
    pub name: Option<Text>,
    /// What does not change while it runs.
    pub system: SystemReading,
    pub uptime: Option<Duration>,
    pub cpu: CpuReading,
    pub memory: MemoryReading,
    pub pressure: PressureReading,
    /// Those on disks before those in memory.
    pub disks: Vec<DiskReading>,
    /// File systems with space of their own that are not among `disks`.
    pub disks_left_out: Vec<LeftOut>,
    pub networks: Vec<NetworkReading>,
    pub tcp: TcpReading,
    /// Files and sockets open in the whole system.
    pub open_files: Option<u64>,
    /// The largest by CPU and the largest by memory, each once, largest CPU first. Read less often than the rest;
    /// empty until they were read twice.
    pub processes: Vec<ProcessReading>,
    /// Every process, while somebody looks at them; empty otherwise.
    pub all_processes: Arc<[ProcessReading]>,
    /// How many processes there are.
    pub process_count: Option<u32>,
    /// The limits that hold for this process where it runs in a container or control group.
    pub cgroup: Option<CgroupReading>,
    /// Of the hottest sensors, the hottest first. Read as seldom as the processes are in the background.
    pub temperatures: Vec<TemperatureReading>,
}

/// What runs here, and on what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SystemReading {
    /// `Ubuntu 24.04`.
    pub os: Option<Text>,
    /// The release of the kernel: `6.8.0-49-generic`.
    pub kernel: Option<Text>,
    /// `AMD EPYC 7B13`.
    pub cpu_brand: Option<Text>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct TemperatureReading {
    /// The chip and what it measures: `coretemp Package id 0`.
    pub sensor: Text,
    pub celsius: f64,
    /// Where the chip says that it is in danger.
    pub critical_celsius: Option<f64>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct CpuReading {
    pub cores: u32,
    /// Share of all cores that was neither idle nor waiting for a disk, 0 to 1. Stolen time counts: it could not be used.
    pub usage_ratio: Option<f64>,
    /// Share of all cores that programs computed in, 0 to 1; `nice` ones and guests of this machine among them.
    pub user_ratio: Option<f64>,
    /// Share of all cores that the kernel computed in, interrupts among it, 0 to 1.
    pub system_ratio: Option<f64>,
    /// Share of all cores that was idle because of disk operations under way, 0 to 1.
    pub iowait_ratio: Option<f64>,
    /// Share of all cores that the hypervisor gave to others, 0 to 1.
    pub steal_ratio: Option<f64>,
    /// The same share for each core; empty while unknown.
    pub per_core_ratio: Vec<f64>,
    pub load_1m: Option<f64>,
    pub load_5m: Option<f64>,
    pub load_15m: Option<f64>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct MemoryReading {
    pub total_bytes: u64,
    pub used_bytes: u64,
    pub available_bytes: u64,
    /// Used for nothing at all.
    pub free_bytes: Option<u64>,
    /// Files and directories the kernel keeps in case they are wanted again, and gives back when memory is.
    pub cached_bytes: Option<u64>,
    /// What the cache of ZFS (ARC) takes; `None` without ZFS.
    pub arc_bytes: Option<u64>,
    pub swap_total_bytes: u64,
    pub swap_used_bytes: u64,
}

impl MemoryReading {
    pub fn used_ratio(&self) -> Option<f64> {
        ratio(self.used_bytes, self.total_bytes)
    }

    pub fn swap_used_ratio(&self) -> Option<f64> {
        ratio(self.swap_used_bytes, self.swap_total_bytes)
    }
}

/// Share of the time in which some task waited for the resource (Linux PSI, `some`), and in which no task got on because
/// all of them did (`full`), over the last 10 s, 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PressureReading {
    pub cpu_some_10s_ratio: Option<f64>,
    pub memory_some_10s_ratio: Option<f64>,
    pub io_some_10s_ratio: Option<f64>,
    pub cpu_full_10s_ratio: Option<f64>,
    pub memory_full_10s_ratio: Option<f64>,
    pub io_full_10s_ratio: Option<f64>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct DiskReading {
    pub mount: Text,
    pub device: Text,
    /// Used and available together, without the reserve that only root may fill.
    pub total_bytes: u64,
    pub available_bytes: u64,
    /// Files and directories there may be; `None` where the file system makes them as needed.
    pub inodes_total: Option<u64>,
    pub inodes_available: Option<u64>,
    pub read_bytes_per_s: Option<f64>,
    pub write_bytes_per_s: Option<f64>,
    /// Share of the time in which the device had something to do, 0 to 1.
    pub busy_ratio: Option<f64>,
}

impl DiskReading {
    pub fn used_ratio(&self) -> Option<f64> {
        ratio(self.total_bytes.saturating_sub(self.available_bytes), self.total_bytes)
    }

    pub fn inodes_used_ratio(&self) -> Option<f64> {
        let total = self.inodes_total?;
        ratio(total.saturating_sub(self.inodes_available?), total)
    }
}

impl HostReading {
    /// The sum over the interfaces that lead to other machines; `None` when none of them is known.
    pub fn network_sum(&self, rate: impl Fn(&NetworkReading) -> Option<f64>) -> Option<f64> {
        let outward = self.networks.iter().filter(|network| network.is_outward());
        outward.filter_map(rate).reduce(|a, b| a + b)
    }

    /// The sum over what the machine sends to itself: all of it is received as well.
    pub fn loopback_bytes_per_s(&self) -> Option<f64> {
        let loopback = self.networks.iter().filter(|network| network.loopback);
        loopback
            .filter_map(|network| network.received_bytes_per_s)
            .reduce(|a, b| a + b)
    }

    /// The sum over the disks; `None` when none of them is known.
    pub fn disk_sum(&self, rate: impl Fn(&DiskReading) -> Option<f64>) -> Option<f64> {
        self.disks.iter().filter_map(rate).reduce(|a, b| a + b)
    }
}

/// File systems that are not looked at, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// `network`, `program`, `image`, `container`, or `too many`.
    pub why: Word,
    pub count: u32,
}

#[derive(Clone, Debug, PartialEq)]
pub struct NetworkReading {
    pub interface: Text,
    pub received_bytes_per_s: Option<f64>,
    pub transmitted_bytes_per_s: Option<f64>,
    /// Errors in both directions.
    pub errors_per_s: Option<f64>,
    /// Packets in both directions that there was no room for.
    pub drops_per_s: Option<f64>,
    /// Whether this is the machine talking to itself; left out of the sum over interfaces.
    pub loopback: bool,
}

/// How the names of interfaces begin that bridges, container engines and hypervisors make.
const INWARD: [&str; 14] = [
    "veth", "docker", "br", "virbr", "vmbr", "vnet", "cni", "cali", "flannel", "cilium", "lxc", "lxd", "ifb", "dummy",
];

impl NetworkReading {
    /// Whether this is a way to other machines. What passes a bridge or a pair of virtual ends stays inside, or passes
    /// an outward interface too and would be counted twice in a sum.
    pub fn is_outward(&self) -> bool {
        !self.loopback && !INWARD.iter().any(|prefix| self.interface.as_str().starts_with(prefix))
    }
}

/// What the TCP of this machine (its network namespace) goes through, IPv4 and IPv6 together.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TcpReading {
    /// Connections that both sides keep open.
    pub established: Option<u64>,
    /// Connections that the peer has closed and a program here has not: many of them are a leak. Counted
    /// every few seconds.
    pub close_wait: Option<u64>,
    /// Closed connections that still hold their port; 28,000 of them to one address exhaust the usual port range.
    pub time_wait: Option<u64>,
    /// Segments sent again over segments sent; `None` when none was sent.
    pub retransmitted_ratio: Option<f64>,
    /// Connections refused because a listener's queue was full.
    pub listen_drops_per_s: Option<f64>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ProcessReading {
    pub pid: u32,
    pub name: Text,
    /// 1.0 is one core.
    pub cpu_ratio: f64,
    pub rss_bytes: u64,
    /// Memory in which a page that several share counts for each by its part, of the largest; `None`: the system does not
    /// tell us.
    pub pss_bytes: Option<u64>,
    /// The process that started it, or took it over.
    pub parent: Option<u32>,
    /// By whose right it runs: a name, or a number where the machine knows none. Like what follows it is known of the
    /// largest, while somebody looks at them.
    pub user: Option<Text>,
    /// As it was called, passwords left out.
    pub command: Option<Text>,
    pub started: Option<SystemTime>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CgroupReading {
    /// Processor time allowed, in cores.
    pub cpu_limit_cores: Option<f64>,
    /// Processor time used over wall time; 1.0 is one core.
    pub cpu_used_cores: Option<f64>,
    /// Share of scheduling periods in which the group was held back, 0 to 1.
    pub cpu_throttled_ratio: Option<f64>,
    pub memory_limit_bytes: Option<u64>,
    pub memory_used_bytes: Option<u64>,
}

impl CgroupReading {
    pub fn memory_used_ratio(&self) -> Option<f64> {
        ratio(self.memory_used_bytes?, self.memory_limit_bytes?)
    }

    pub fn cpu_used_ratio(&self) -> Option<f64> {
        Some(self.cpu_used_cores? / self.cpu_limit_cores.filter(|limit| *limit > 0.0)?)
    }
}

fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
