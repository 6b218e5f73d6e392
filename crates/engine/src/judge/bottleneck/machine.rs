//! This machine by the USE method (Gregg, Systems Performance, 2nd ed., 2.5.9): of every resource its utilisation, its
//! saturation, and its errors.
//!
//! Levels of `[host]` decide on processors, load, memory and disk space; the rest has limits here.

use std::sync::Arc;

use probetop_core::sample::{DiskReading, HostReading, NetworkReading, Severity, Text};
use probetop_core::snapshot::Resource;

use super::{Basis, Cause, Reading, Rule, ShownBy, generator, over, percent};
use crate::judge::verdict::Verdict;

/// The machine as it was read last.
#[derive(Clone, Debug)]
pub struct MachineFacts {
    pub reading: Arc<HostReading>,
    /// How its gauges stand: `cpu`, `memory`, `disk`, `load`.
    pub verdicts: Vec<(Text, Verdict)>,
}

/// Time taken by the hypervisor: 5 % is felt, a fifth is another machine than was paid for.
const STEAL_RATIOS: (f64, f64) = (0.05, 0.2);

/// Scheduling periods in which a control group was held back.
const THROTTLED_RATIOS: (f64, f64) = (0.05, 0.25);

/// Of the limit of a control group.
const GROUP_MEMORY_RATIOS: (f64, f64) = (0.9, 0.95);

/// Pressure (PSI, `some`): the share of time in which somebody waited. Waiting for memory is dearer than for a disk,
/// and waiting for a core is usual where there are more threads than cores.
const CPU_PRESSURE: (f64, f64) = (0.25, 0.5);
const MEMORY_PRESSURE: (f64, f64) = (0.05, 0.2);
const IO_PRESSURE: (f64, f64) = (0.2, 0.5);

/// Swap in use says little of now; nearly all of it, that there is nothing left.
const SWAP_RATIOS: (f64, f64) = (0.5, 0.9);

/// A device that is never idle may still have room (SSDs do many things at once): a warning, no more.
const DISK_BUSY_RATIO: f64 = 0.9;

/// One core at its limit, while the machine has this much left.
const CORE_FULL_RATIO: f64 = 0.95;
const MACHINE_IDLE_RATIO: f64 = 0.6;

/// Segments sent again. The rate of a flow falls with the root of its losses (Mathis et al., 1997): at 2 % it is far
/// below that of the line. Less is seen on any quiet machine, where one segment is a per cent.
const RETRANSMITTED_RATIOS: (f64, f64) = (0.02, 0.1);

/// Connections refused a second.
const LISTEN_DROPS_PER_S: (f64, f64) = (0.1, 10.0);
const NETWORK_ERRORS_PER_S: (f64, f64) = (1.0, 100.0);

/// Of the 28,232 ports of Linux's usual range for outgoing connections (32768 to 60999), to one address.
const TIME_WAIT: (f64, f64) = (20_000.0, 27_000.0);

const fn rule(
    resource: Resource,
    what: &'static str,
    read: fn(&MachineFacts) -> Option<Reading>,
    shown_by: ShownBy,
    recommendation: &'static str,
) -> Rule<MachineFacts> {
    Rule {
        cause: Cause {
            resource,
            what,
            recommendation,
            basis: Basis::Moment,
            shown_by,
        },
        read,
    }
}

pub(super) const RULES: &[Rule<MachineFacts>] = &[
    rule(
        Resource::Cpu,
        "the processors are busy",
        cpu_used,
        ShownBy::Machine("cpu"),
        "take the largest process elsewhere, or give the machine more cores; profile it with perf top",
    ),
    rule(
        Resource::Cpu,
        "tasks wait for a processor",
        cpu_queue,
        ShownBy::Machine("waiting for cpu"),
        "run fewer threads than twice the cores, or give the machine more cores",
    ),
    rule(
        Resource::Cpu,
        "the hypervisor gives processors to others",
        cpu_stolen,
        ShownBy::Nothing,
        "move to a host that is less crowded or a larger instance; its burst credits may be used up",
    ),
    rule(
        Resource::Cpu,
        "this container is held back by its processor limit",
        cpu_throttled,
        ShownBy::Nothing,
        "raise its limit (cpu.max, limits.cpu): what is measured here waits, too",
    ),
    rule(
        Resource::Cpu,
        "one core is full while others are idle",
        cpu_single,
        ShownBy::Machine("cpu"),
        "one thread is the limit: find it with top -H, and run more of it side by side",
    ),
    rule(
        Resource::Memory,
        "memory is nearly used up",
        memory_used,
        ShownBy::Machine("memory"),
        "end or move the largest process, or add memory before the kernel ends one itself",
    ),
    rule(
        Resource::Memory,
        "tasks wait for memory",
        memory_pressure,
        ShownBy::Machine("waiting for memory"),
        "give the machine more memory or run less on it: pages are thrown out that are needed again",
    ),
    rule(
        Resource::Memory,
        "much of the swap is in use",
        swap_used,
        ShownBy::Nothing,
        "find who was swapped out (VmSwap in /proc/PID/status) and give it memory: its next request waits for the disk",
    ),
    rule(
        Resource::Memory,
        "this container is close to its memory limit",
        group_memory,
        ShownBy::Nothing,
        "raise its limit (memory.max, limits.memory) before the kernel ends a process in it",
    ),
    rule(
        Resource::Disk,
        "a disk is nearly full",
        disk_space,
        ShownBy::Nothing,
        "make room with du -xh MOUNT | sort -h, beginning with logs; databases stop when they cannot write",
    ),
    rule(
        Resource::Disk,
        "a disk is never idle",
        disk_busy,
        ShownBy::Nothing,
        "find who writes with iotop, batch or move it; compare its throughput with what the device can do",
    ),
    rule(
        Resource::Disk,
        "tasks wait for disks",
        disk_pressure,
        ShownBy::Machine("waiting for disks"),
        "look for syncs and reads that memory should spare: more page cache, fewer fsyncs, a faster device",
    ),
    rule(
        Resource::Network,
        "an interface has errors",
        network_errors,
        ShownBy::Nothing,
        "look at ip -s link and ethtool -S: a cable, a duplex mismatch or a full ring buffer",
    ),
    rule(
        Resource::Network,
        "TCP segments are sent again",
        retransmits,
        ShownBy::Nothing,
        "packets are lost on the way: look at ss -ti for the peers, then at drops of interfaces and switches",
    ),
    rule(
        Resource::Network,
        "a listener's queue overflows",
        listen_drops,
        ShownBy::Nothing,
        "raise the service's backlog and net.core.somaxconn, or let it accept faster (ss -ltn shows which)",
    ),
    rule(
        Resource::Network,
        "ports for outgoing connections run out",
        ports,
        ShownBy::Nothing,
        "keep connections open instead of making new ones, or widen net.ipv4.ip_local_port_range",
    ),
    Rule {
        cause: generator::BUSY,
        read: generator::busy,
    },
];

/// A gauge that has levels in the configuration.
fn level(facts: &MachineFacts, gauge: &str) -> Option<(Severity, f64, String)> {
    let (_, verdict) = facts.verdicts.iter().find(|(name, _)| name.as_str() == gauge)?;
    let severity = verdict.severity()?;
    let reason = verdict.reason.as_ref().map(ToString::to_string).unwrap_or_default();
    Some((severity, verdict.value.unwrap_or(1.0), reason))
}

/// A share with limits of its own.
fn share(what: &str, ratio: Option<f64>, (warning, critical): (f64, f64)) -> Option<Reading> {
    let ratio = ratio?;
    let severity = over(ratio, warning, critical)?;
    let evidence = format!("{what} {} > {}", percent(ratio), percent(warning));
    Some(Reading::of_share(severity, ratio, evidence))
}

/// A figure that is not a share; what it touches, it touches wholly.
fn count(what: &str, value: Option<f64>, (warning, critical): (f64, f64)) -> Option<Reading> {
    let value = value?;
    let severity = over(value, warning, critical)?;
    let decimals = if value < 10.0 { 1 } else { 0 };
    Some(Reading::of_share(severity, 1.0, format!("{what} {value:.decimals$}")))
}

/// Who uses most, where it is known.
fn largest(host: &HostReading) -> String {
    let largest = host.processes.iter().max_by(|a, b| a.cpu_ratio.total_cmp(&b.cpu_ratio));
    largest.map_or_else(String::new, |process| {
        format!(", most by {} ({:.1} cores)", process.name, process.cpu_ratio)
    })
}

fn cpu_used(facts: &MachineFacts) -> Option<Reading> {
    let (severity, ratio, reason) = level(facts, "cpu")?;
    let evidence = format!("{reason}{}", largest(&facts.reading));
    Some(Reading::of_share(severity, ratio, evidence))
}

/// The load average where it is beyond its level, else the pressure, which counts no disks and does not lag a minute.
fn cpu_queue(facts: &MachineFacts) -> Option<Reading> {
    let pressure = facts.reading.pressure.cpu_some_10s_ratio;
    if let Some(reading) = share("waiting for a processor", pressure, CPU_PRESSURE) {
        return Some(reading);
    }
    let (severity, load_per_core, reason) = level(facts, "load")?;
    // Of so many that want to run, one a core does.
    let waiting = 1.0 - 1.0 / load_per_core.max(1.0);
    Some(Reading::of_share(severity, waiting, reason))
}

fn cpu_stolen(facts: &MachineFacts) -> Option<Reading> {
    share("steal", facts.reading.cpu.steal_ratio, STEAL_RATIOS)
}

fn cpu_throttled(facts: &MachineFacts) -> Option<Reading> {
    let throttled = facts.reading.cgroup?.cpu_throttled_ratio;
    share("throttled periods", throttled, THROTTLED_RATIOS)
}

fn cpu_single(facts: &MachineFacts) -> Option<Reading> {
    let cpu = &facts.reading.cpu;
    let usage = cpu.usage_ratio.filter(|usage| *usage <= MACHINE_IDLE_RATIO)?;
    let cores = cpu.per_core_ratio.iter().copied().enumerate();
    let (core, ratio) = cores.max_by(|a, b| a.1.total_cmp(&b.1))?;
    (cpu.per_core_ratio.len() > 1 && ratio >= CORE_FULL_RATIO).then(|| {
        let evidence = format!("core {core} {}, all of them {}", percent(ratio), percent(usage));
        Reading::of_share(Severity::Info, 1.0 / cpu.per_core_ratio.len() as f64, evidence)
    })
}

fn memory_used(facts: &MachineFacts) -> Option<Reading> {
    let (severity, ratio, reason) = level(facts, "memory")?;
    let processes = facts.reading.processes.iter();
    let largest = processes
        .max_by_key(|process| process.rss_bytes)
        .map(|process| &process.name);
    let who = largest.map_or_else(String::new, |name| format!(", most by {name}"));
    Some(Reading::of_share(severity, ratio, format!("{reason}{who}")))
}

fn memory_pressure(facts: &MachineFacts) -> Option<Reading> {
    let pressure = facts.reading.pressure.memory_some_10s_ratio;
    share("waiting for memory", pressure, MEMORY_PRESSURE)
}

fn swap_used(facts: &MachineFacts) -> Option<Reading> {
    share("swap", facts.reading.memory.swap_used_ratio(), SWAP_RATIOS)
}

fn group_memory(facts: &MachineFacts) -> Option<Reading> {
    let ratio = facts.reading.cgroup?.memory_used_ratio();
    share("memory of its limit", ratio, GROUP_MEMORY_RATIOS)
}

fn disk_space(facts: &MachineFacts) -> Option<Reading> {
    let (severity, ratio, reason) = level(facts, "disk")?;
    Some(Reading::of_share(severity, ratio, reason))
}

fn disk_busy(facts: &MachineFacts) -> Option<Reading> {
    let busy = |disk: &DiskReading| disk.busy_ratio.unwrap_or(0.0);
    let disks = facts.reading.disks.iter();
    let disk = disks.max_by(|a, b| busy(a).total_cmp(&busy(b)))?;
    let ratio = busy(disk);
    (ratio >= DISK_BUSY_RATIO).then(|| {
        let evidence = format!("{} busy {} of the time", disk.device, percent(ratio));
        Reading::of_share(Severity::Warning, ratio, evidence)
    })
}

fn disk_pressure(facts: &MachineFacts) -> Option<Reading> {
    share(
        "waiting for disks",
        facts.reading.pressure.io_some_10s_ratio,
        IO_PRESSURE,
    )
}

fn network_errors(facts: &MachineFacts) -> Option<Reading> {
    let errors = |of: &NetworkReading| of.errors_per_s.unwrap_or(0.0);
    let outward = facts.reading.networks.iter().filter(|network| network.is_outward());
    let worst = outward.max_by(|a, b| errors(a).total_cmp(&errors(b)))?;
    let what = format!("{}: errors a second", worst.interface);
    count(&what, worst.errors_per_s, NETWORK_ERRORS_PER_S)
}

fn retransmits(facts: &MachineFacts) -> Option<Reading> {
    share(
        "sent again",
        facts.reading.tcp.retransmitted_ratio,
        RETRANSMITTED_RATIOS,
    )
}

fn listen_drops(facts: &MachineFacts) -> Option<Reading> {
    let drops = facts.reading.tcp.listen_drops_per_s;
    count("connections refused a second", drops, LISTEN_DROPS_PER_S)
}

fn ports(facts: &MachineFacts) -> Option<Reading> {
    let waiting = facts.reading.tcp.time_wait.map(|count| count as f64);
    count("connections in TIME_WAIT", waiting, TIME_WAIT)
}
