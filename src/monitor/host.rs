//! The machine under watch: its newest reading, the history of its gauges, and how it stands.

use std::sync::Arc;

use crate::alert::reading::{fullest_disk, load_per_core, network_sum};
use crate::clock::Timestamp;
use crate::judge::level::HostThresholds;
use crate::judge::verdict::{self, GaugeKind, Verdict};
use crate::metric::{GaugeHistory, Step};
use crate::sample::{DiskReading, HostReading};
use crate::snapshot::{Axis, HostHistory, HostSnapshot};

#[derive(Clone, Debug)]
pub struct Machine {
    thresholds: HostThresholds,
    pub reading: Option<Arc<HostReading>>,
    pub standing: Verdict,
    history: [GaugeHistory; GAUGES.len()],
}

type Gauge = fn(&HostReading) -> Option<f64>;

/// What is kept over time, in the order of [`HostHistory`].
const GAUGES: [Gauge; 7] = [
    |host| host.cpu.usage_ratio,
    |host| host.memory.used_ratio(),
    |host| host.cpu.load_1m,
    |host| network_sum(host, |network| network.received_bytes_per_s),
    |host| network_sum(host, |network| network.transmitted_bytes_per_s),
    |host| disk_sum(host, |disk| disk.read_bytes_per_s),
    |host| disk_sum(host, |disk| disk.write_bytes_per_s),
];

/// What each of [`GAUGES`] is called.
const NAMES: [&str; GAUGES.len()] = [
    "cpu",
    "memory",
    "load",
    "network received",
    "network transmitted",
    "disk read",
    "disk written",
];

impl Machine {
    pub fn new(thresholds: HostThresholds, now: Timestamp) -> Self {
        let history = std::array::from_fn(|_| GaugeHistory::new(now));
        Self {
            thresholds,
            reading: None,
            standing: Verdict::default(),
            history,
        }
    }

    pub fn replanned(self, thresholds: HostThresholds) -> Self {
        Self { thresholds, ..self }
    }

    pub fn read(&mut self, reading: Arc<HostReading>) {
        for (history, gauge) in self.history.iter_mut().zip(GAUGES) {
            if let Some(value) = gauge(&reading) {
                history.record(value as f32);
            }
        }
        self.reading = Some(reading);
    }

    pub fn rotate(&mut self, now: Timestamp) {
        for history in &mut self.history {
            history.rotate(now);
        }
    }

    /// The verdict on each gauge that has thresholds, with the name its alert goes by.
    pub fn verdicts(&self) -> Vec<(&'static str, Verdict)> {
        let Some(host) = self.reading.as_deref() else {
            return Vec::new();
        };
        let thresholds = &self.thresholds;
        let disk = fullest_disk(host);
        let disk_name = disk.map_or_else(|| "disk".to_owned(), |disk| format!("disk {}", disk.mount));
        let disk_ratio = disk.and_then(DiskReading::used_ratio);
        vec![
            (
                "cpu",
                verdict::gauge("cpu", GaugeKind::Share, &thresholds.cpu, host.cpu.usage_ratio),
            ),
            (
                "memory",
                verdict::gauge("memory", GaugeKind::Share, &thresholds.memory, host.memory.used_ratio()),
            ),
            (
                "disk",
                verdict::gauge(&disk_name, GaugeKind::Share, &thresholds.disk, disk_ratio),
            ),
            (
                "load",
                verdict::gauge("load", GaugeKind::LoadPerCore, &thresholds.load, load_per_core(host)),
            ),
        ]
    }

    /// What is kept over time, by the name that people know it by.
    pub fn histories(&self) -> impl Iterator<Item = (&'static str, &GaugeHistory)> {
        NAMES.into_iter().zip(&self.history)
    }

    /// `None` until the machine was read.
    pub fn snapshot(&self, axis: Axis, step: Step) -> Option<HostSnapshot> {
        let reading = Arc::clone(self.reading.as_ref()?);
        let points = |gauge: usize| self.history[gauge].points(step, axis.points());
        let history = HostHistory {
            cpu_ratio: points(0),
            memory_ratio: points(1),
            load_1m: points(2),
            network_received_bytes_per_s: points(3),
            network_transmitted_bytes_per_s: points(4),
            disk_read_bytes_per_s: points(5),
            disk_write_bytes_per_s: points(6),
        };
        let level = self.standing.level;
        Some(HostSnapshot {
            level,
            reason: self.standing.reason.clone(),
            reading,
            history: Arc::new(history),
        })
    }
}

fn disk_sum(host: &HostReading, rate: impl Fn(&DiskReading) -> Option<f64>) -> Option<f64> {
    host.disks.iter().filter_map(rate).reduce(|a, b| a + b)
}
