//! This machine as the `sysinfo` crate tells it, where it does not run Linux. Tests build it everywhere.

use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{
    CpuReading, DiskReading, HostReading, MemoryReading, NetworkReading, ProcessReading, SystemReading, Text,
};
use sysinfo::{Disks, Networks, ProcessRefreshKind, ProcessesToUpdate, System};

use super::largest::{Process, largest};
use super::rate::{Previous, per_second};
use super::{Processes, details, system, temperature};

/// What cannot be opened stays `None`, and its figures unknown.
#[derive(Debug)]
pub(super) struct Machine {
    system: Option<System>,
    disks: Option<Disks>,
    networks: Option<Networks>,
    /// Only for the time between two readings of each: the crate keeps the counters.
    last_cpu: Previous<()>,
    last_io: Previous<()>,
    last_processes: Previous<()>,
    largest: Vec<ProcessReading>,
    process_count: Option<u32>,
    details: details::Reader,
    temperatures: temperature::Reader,
    /// Once they were read.
    facts: Option<SystemReading>,
}

impl Default for Machine {
    fn default() -> Self {
        Self {
            system: System::new().ok(),
            disks: Disks::new_with_refreshed_list().ok(),
            networks: Networks::new_with_refreshed_list().ok(),
            last_cpu: Previous::default(),
            last_io: Previous::default(),
            last_processes: Previous::default(),
            largest: Vec::new(),
            process_count: None,
            details: details::Reader::default(),
            temperatures: temperature::Reader::default(),
            facts: None,
        }
    }
}

impl Machine {
    pub(super) fn read(&mut self, now: Timestamp, processes: Processes) -> HostReading {
        match processes {
            Processes::Keep => {}
            Processes::Refresh | Processes::RefreshAll => {
                self.facts.get_or_insert_with(system::read);
                self.temperatures.read(now);
                self.refresh_processes(processes, now);
            }
        }
        let elapsed = self
            .last_io
            .compare(now, (), |(), (), elapsed| elapsed)
            .unwrap_or_default();
        HostReading {
            at: now,
            name: System::host_name().ok().map(Text::from),
            system: self.facts.clone().unwrap_or_default(),
            temperatures: self.temperatures.told(),
            uptime: System::uptime().ok().map(Duration::from_secs),
            cpu: self.cpu(now),
            memory: self.memory(),
            disks: self.disks(elapsed),
            networks: self.networks(elapsed),
            processes: self.largest.clone(),
            process_count: self.process_count,
            ..HostReading::default()
        }
    }

    /// Reads the processes once, so that the next time it is known who uses most.
    pub(super) fn prime_processes(&mut self, now: Timestamp) {
        self.refresh_processes(Processes::Refresh, now);
    }

    fn refresh_processes(&mut self, asked: Processes, now: Timestamp) {
        let Some(system) = &mut self.system else { return };
        let kind = ProcessRefreshKind::nothing().with_cpu().with_memory().without_tasks();
        system.refresh_processes_specifics(ProcessesToUpdate::All, true, kind);
        let processes = system.processes().values().map(|process| Process {
            pid: process.pid().as_u32(),
            parent: process.parent().map(sysinfo::Pid::as_u32),
            started: process.start_time(),
            name: process.name().as_encoded_bytes().to_vec(),
            cpu_ratio: f64::from(process.cpu_usage()) / 100.0,
            rss_bytes: process.memory(),
        });
        let largest = || largest(processes.collect());
        let processes = self.last_processes.compare(now, (), |(), (), _| largest());
        let processes = processes.unwrap_or_default();
        self.largest = processes.iter().map(Process::reading).collect();
        if asked == Processes::RefreshAll {
            self.details.fill(&processes, &mut self.largest, now);
        }
        self.process_count = u32::try_from(system.processes().len()).ok();
    }

    /// The first usage that the crate tells is not one: it has nothing to compare with.
    fn cpu(&mut self, now: Timestamp) -> CpuReading {
        let Some(system) = &mut self.system else {
            return CpuReading::default();
        };
        system.refresh_cpu_usage();
        let ratio = |percent: f32| (f64::from(percent) / 100.0).clamp(0.0, 1.0);
        let usage = self.last_cpu.compare(now, (), |(), (), _| CpuReading {
            usage_ratio: Some(ratio(system.global_cpu_usage())),
            per_core_ratio: system.cpus().iter().map(|core| ratio(core.usage())).collect(),
            ..CpuReading::default()
        });
        let load = System::load_average().ok();
        CpuReading {
            cores: system.cpus().len() as u32,
            load_1m: load.as_ref().map(|load| load.one),
            load_5m: load.as_ref().map(|load| load.five),
            load_15m: load.as_ref().map(|load| load.fifteen),
            ..usage.unwrap_or_default()
        }
    }

    fn memory(&mut self) -> MemoryReading {
        let Some(system) = &mut self.system else {
            return MemoryReading::default();
        };
        system.refresh_memory();
        let (total_bytes, available_bytes) = (system.total_memory(), system.available_memory());
        MemoryReading {
            total_bytes,
            used_bytes: total_bytes.saturating_sub(available_bytes),
            available_bytes,
            free_bytes: Some(system.free_memory()),
            cached_bytes: None,
            arc_bytes: None,
            swap_total_bytes: system.total_swap(),
            swap_used_bytes: system.used_swap(),
        }
    }

    fn disks(&mut self, elapsed: Duration) -> Vec<DiskReading> {
        let Some(disks) = &mut self.disks else {
            return Vec::new();
        };
        disks.refresh(true);
        let reading = |disk: &sysinfo::Disk| DiskReading {
            mount: Text::clean(&disk.mount_point().to_string_lossy()),
            device: Text::clean(&disk.name().to_string_lossy()),
            total_bytes: disk.total_space(),
            available_bytes: disk.available_space(),
            inodes_total: None,
            inodes_available: None,
            read_bytes_per_s: per_second(0, disk.usage().read_bytes, elapsed),
            write_bytes_per_s: per_second(0, disk.usage().written_bytes, elapsed),
            busy_ratio: None,
        };
        disks.iter().map(reading).collect()
    }

    fn networks(&mut self, elapsed: Duration) -> Vec<NetworkReading> {
        let Some(networks) = &mut self.networks else {
            return Vec::new();
        };
        networks.refresh(true);
        let mut readings: Vec<_> = networks
            .iter()
            .map(|(name, data)| NetworkReading {
                interface: Text::clean_bytes(name.as_encoded_bytes()),
                received_bytes_per_s: per_second(0, data.received(), elapsed),
                transmitted_bytes_per_s: per_second(0, data.transmitted(), elapsed),
                errors_per_s: per_second(0, data.errors_on_received() + data.errors_on_transmitted(), elapsed),
                drops_per_s: None,
                loopback: ["lo", "lo0"].iter().any(|loopback| name == loopback),
            })
            .collect();
        readings.sort_by(|a, b| (a.loopback, &a.interface).cmp(&(b.loopback, &b.interface)));
        readings
    }
}

/// Resident memory of this process.
pub(super) fn own_rss_bytes() -> Option<u64> {
    let pid = sysinfo::get_current_pid().ok()?;
    let mut system = System::new().ok()?;
    let kind = ProcessRefreshKind::nothing().with_memory();
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), false, kind);
    Some(system.process(pid)?.memory())
}
