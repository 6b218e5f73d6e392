//! This machine as Linux tells it, from two sources.
//!
//! What changes every second is read from `/proc` here: that takes less processor time the crate `sysinfo`
//! takes for the same, and tells more (waiting for disks, stolen time, pressure, control groups, retransmissions, PSS).
//! `cargo bench --bench host` measures both and fails where the crate takes less.
//!
//! What the crate knows well and seldom changes is its: the names of the system and of the processors (`system.rs`, once),
//! temperatures (`temperature.rs`, every 5 s), and who runs a process, how it was called and since when (`details.rs`, once
//! for each process that is listed while somebody looks). The number of a process's parent stands in the line that is read
//! for its processor time anyway.

use std::sync::Arc;
use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{HostReading, SystemReading, Text};

use super::files::Files;
use super::process::Told;
use super::{Processes, cgroup, cpu, disk, memory, network, pressure, process, system, tcp, temperature};

#[derive(Debug, Default)]
pub(super) struct Machine {
    files: Files,
    cpu: cpu::Reader,
    disks: disk::Reader,
    networks: network::Reader,
    tcp: tcp::Reader,
    processes: process::Reader,
    cgroup: cgroup::Reader,
    temperatures: temperature::Reader,
    /// Once they were read.
    facts: Option<SystemReading>,
}

impl Machine {
    pub(super) fn read(&mut self, now: Timestamp, processes: Processes) -> HostReading {
        let files = &mut self.files;
        let uptime = files.text("/proc/uptime").and_then(|text| parse_uptime(&text));
        match processes {
            Processes::Keep => {}
            Processes::Refresh => self.processes.refresh(Told::Largest, uptime, now),
            Processes::RefreshAll => self.processes.refresh(Told::All, uptime, now),
        }
        // Not at the very first reading, which the screen waits for.
        if processes != Processes::Keep {
            self.facts.get_or_insert_with(system::read);
            self.temperatures.read(now);
        }
        let table = self.processes.table();
        HostReading {
            at: now,
            name: files.text("/proc/sys/kernel/hostname").map(|name| Text::clean(&name)),
            system: self.facts.clone().unwrap_or_default(),
            uptime,
            cpu: self.cpu.read(files, now),
            memory: memory::read(files),
            pressure: pressure::read(files),
            disks: self.disks.read(files, now),
            disks_left_out: self.disks.left_out(),
            networks: self.networks.read(files, now),
            tcp: self.tcp.read(files, now, processes),
            open_files: files
                .text("/proc/sys/fs/file-nr")
                .and_then(|text| parse_open_files(&text)),
            processes: table.largest.clone(),
            all_processes: Arc::clone(&table.all),
            process_count: table.count,
            cgroup: self.cgroup.read(files, now),
            temperatures: self.temperatures.told(),
        }
    }

    /// Reads the processes once, so that the next time it is known who uses most.
    pub(super) fn prime_processes(&mut self, now: Timestamp) {
        let uptime = self.files.text("/proc/uptime").and_then(|text| parse_uptime(&text));
        self.processes.refresh(Told::Largest, uptime, now);
    }
}

/// Seconds since boot and seconds of idleness.
fn parse_uptime(text: &str) -> Option<Duration> {
    let seconds = text.split_ascii_whitespace().next()?.parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

/// Descriptors allocated, allocated but unused (always 0 since Linux 2.6), and the most there may be.
fn parse_open_files(text: &str) -> Option<u64> {
    text.split_ascii_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uptime_is_the_first_word() {
        let check = |text, expected| assert_eq!(parse_uptime(text), expected, "{text:?}");
        check("1127.78 2075.29\n", Some(Duration::from_millis(1_127_780)));
        check("-1 0", None);
        check("inf 0", None);
        check("1e300 0", None);
        check("", None);
    }

    #[test]
    fn open_files_are_the_first_word() {
        assert_eq!(parse_open_files("522\t0\t9223372036854775807\n"), Some(522));
        assert_eq!(parse_open_files("x"), None);
        assert_eq!(parse_open_files(""), None);
    }
}
