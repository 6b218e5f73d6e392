//! The machine under watch: its newest reading, the history of its gauges, and how it stands.

use std::sync::Arc;
use std::time::Duration;

use super::gate::{Gate, Policies};
use super::judgement::{Judged, Moment};
use super::silence::SILENCE_MIN;
use crate::alert::book::Source;
use crate::alert::reading::{fullest_disk, load_per_core, network_sum};
use crate::clock::Timestamp;
use crate::judge::level::{Damping, HostThresholds};
use crate::judge::verdict::{self, GaugeKind, Verdict};
use crate::metric::{GaugeHistory, Step};
use crate::sample::{DiskReading, HostReading, Text, Worse};
use crate::snapshot::{Axis, HostHistory, HostSnapshot};

#[derive(Clone, Debug)]
pub struct Machine {
    thresholds: HostThresholds,
    pub reading: Option<Arc<HostReading>>,
    pub standing: Verdict,
    history: [GaugeHistory; GAUGES.len()],
    /// Of each gauge that has thresholds, with the name its alert goes by.
    gates: [(Text, Gate); 4],
    absence: Gate,
    /// The tick that followed the newest reading.
    heard: Timestamp,
    read_since_tick: bool,
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

impl Machine {
    pub fn new(thresholds: HostThresholds, policies: &mut Policies, now: Timestamp) -> Self {
        let history = std::array::from_fn(|_| GaugeHistory::new(now));
        let machine = Self {
            thresholds,
            reading: None,
            standing: Verdict::default(),
            history,
            gates: ["cpu", "memory", "disk", "load"].map(|name| (name.into(), Gate::default())),
            absence: Gate::default(),
            heard: now,
            read_since_tick: false,
        };
        machine.replanned(thresholds, policies)
    }

    pub fn replanned(mut self, thresholds: HostThresholds, policies: &mut Policies) -> Self {
        let HostThresholds {
            cpu,
            memory,
            disk,
            load,
        } = &thresholds;
        for ((_, gate), thresholds) in self.gates.iter_mut().zip([cpu, memory, disk, load]) {
            gate.replanned(&thresholds.damping, policies);
        }
        self.absence.replanned(&Damping::WINDOW, policies);
        Self { thresholds, ..self }
    }

    pub fn read(&mut self, reading: Arc<HostReading>) {
        self.read_since_tick = true;
        for (history, gauge) in self.history.iter_mut().zip(GAUGES) {
            if let Some(value) = gauge(&reading) {
                history.record(value as f32);
            }
        }
        self.reading = Some(reading);
    }

    pub fn rotate(&mut self, now: Timestamp) {
        if std::mem::take(&mut self.read_since_tick) {
            self.heard = now;
        }
        for history in &mut self.history {
            history.rotate(now);
        }
    }

    /// The newest reading, unless it is too old to tell how the machine does.
    pub fn fresh(&self, moment: Moment) -> Option<Arc<HostReading>> {
        self.reading.clone().filter(|_| self.silence(moment) <= SILENCE_MIN)
    }

    /// For how long it was not read, of the time since nothing at all was.
    pub fn silence(&self, moment: Moment) -> Duration {
        moment.now.since(self.heard.max(moment.unbroken_since))
    }

    /// Holds the gauges against their thresholds.
    pub fn judge(&mut self, moment: Moment, judged: &mut Vec<Judged>) {
        let absence = verdict::absence("reading of this machine", self.silence(moment), SILENCE_MIN);
        judged.push(Judged::by(&mut self.absence, Source::Absence, Worse::Higher, absence));
        if self.reading.is_none() {
            return;
        }
        let reading = self.fresh(moment);
        let host = reading.as_deref();
        let disk = host.and_then(fullest_disk);
        let disk_name = disk.map_or_else(|| "disk".to_owned(), |disk| format!("disk {}", disk.mount));
        let HostThresholds {
            cpu,
            memory,
            disk: disks,
            load,
        } = &self.thresholds;
        let figures = [
            ("cpu", GaugeKind::Share, cpu, host.and_then(|host| host.cpu.usage_ratio)),
            (
                "memory",
                GaugeKind::Share,
                memory,
                host.and_then(|host| host.memory.used_ratio()),
            ),
            (
                &*disk_name,
                GaugeKind::Share,
                disks,
                disk.and_then(DiskReading::used_ratio),
            ),
            ("load", GaugeKind::LoadPerCore, load, host.and_then(load_per_core)),
        ];
        for ((what, kind, thresholds, value), (name, gate)) in figures.into_iter().zip(&mut self.gates) {
            let verdict = verdict::gauge(what, kind, thresholds, value, gate.reached());
            judged.push(Judged::by(gate, Source::Gauge(name.clone()), Worse::Higher, verdict));
        }
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
