//! This machine: reads its figures once per interval, on a thread of its own, and sends them on as
//! [`Observation::Host`](probetop_core::sample::Observation::Host).
//!
//! Takes the time as an argument; gives [`HostReading`]s in which whatever cannot be read is `None` or empty.

pub(in crate::source) mod rate;
mod largest;
mod system;
mod temperature;
mod command_line;
mod details;
pub mod process_signal;
pub mod usage;
#[cfg(target_os = "linux")]
pub(in crate::source) mod files;
#[cfg(target_os = "linux")]
mod cpu;
#[cfg(target_os = "linux")]
mod memory;
#[cfg(target_os = "linux")]
mod pressure;
#[cfg(target_os = "linux")]
pub(in crate::source) mod mount;
#[cfg(target_os = "linux")]
mod disk;
#[cfg(target_os = "linux")]
mod space;
#[cfg(target_os = "linux")]
mod network;
#[cfg(target_os = "linux")]
mod tcp;
#[cfg(target_os = "linux")]
pub(in crate::source) mod pss;
#[cfg(target_os = "linux")]
pub mod listener;
#[cfg(target_os = "linux")]
pub(in crate::source) mod process;
#[cfg(target_os = "linux")]
pub(in crate::source) mod cgroup;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(any(not(target_os = "linux"), test))]
mod portable;
mod thread;

#[cfg(target_os = "linux")]
use linux::Machine;
#[cfg(not(target_os = "linux"))]
use portable::Machine;

pub use thread::{Pace, TablePace, spawn};

use probetop_core::clock::Timestamp;
use probetop_core::sample::HostReading;

/// Whether a reading reads all processes, which costs more than everything else together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Processes {
    /// Repeat the table of the last time.
    Keep,
    /// Read them, and tell of the largest.
    Refresh,
    /// Read them, and tell of all; of the largest who runs them, how they were called and since when.
    RefreshAll,
}

/// Reads this machine; keeps the counters of the reading before, because rates are over the time since then.
#[derive(Debug, Default)]
pub struct Host {
    machine: Machine,
}

impl Host {
    pub fn new() -> Self {
        Self::default()
    }

    /// Blocks for a fraction of a millisecond, with the processes for a few. Rates and shares of time are unknown the
    /// first time, and the processes are empty until they were read twice.
    pub fn read(&mut self, now: Timestamp, processes: Processes) -> HostReading {
        self.machine.read(now, processes)
    }

    /// Reads the processes without telling, so that the next refresh has something to compare with.
    pub fn prime_processes(&mut self, now: Timestamp) {
        self.machine.prime_processes(now);
    }
}

#[cfg(test)]
mod tests;
