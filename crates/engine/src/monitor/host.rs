//! The machine under watch: its newest reading, the history of its gauges, and how it stands.

mod cores;
mod processes;

use std::sync::Arc;
use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{HostReading, Level, Text};
use probetop_core::snapshot::{AmountLimits, Axis, HostHistory, HostLimits, HostSnapshot};

use cores::Cores;
use processes::Processes;

use super::judgement::{Judged, Moment};
use super::silence::SILENCE_MIN;
use super::threshold_state::{Policies, ThresholdState};
use crate::alert::reading::{fewest_inodes, fullest_disk, load_per_core};
use crate::alert::source::Source;
use crate::judge::health::Limits;
use crate::judge::level::{Damping, GaugeThresholds, HostThresholds};
use crate::judge::verdict::{self, GaugeKind, Verdict};
use crate::metric::{GaugeHistory, Step};

/// On a busy machine a reading comes a second late now and then: the one before it holds meanwhile. Longer is no delay.
const HOLD_SECONDS: u32 = 3;

#[derive(Clone, Debug)]
pub(super) struct Machine {
    thresholds: HostThresholds,
    pub reading: Option<Arc<HostReading>>,
    pub standing: Verdict,
    history: [GaugeHistory; GAUGES.len()],
    /// What it sends to itself: shown, but not compared with anything, as much of it is our own.
    loopback: GaugeHistory,
    cores: Cores,
    processes: Processes,
    /// Of each of [`HELD`], with the name its alert goes by.
    threshold_states: [(Text, ThresholdState); HELD.len()],
    absence: ThresholdState,
    /// The tick that followed the newest reading.
    heard: Timestamp,
    read_since_tick: bool,
}

type Gauge = fn(&HostReading) -> Option<f64>;

/// What is kept over time, in the order of [`HostHistory`].
const GAUGES: [Gauge; 10] = [
    |host| host.cpu.usage_ratio,
    |host| host.memory.used_ratio(),
    |host| host.cpu.load_1m,
    |host| host.network_sum(|network| network.received_bytes_per_s),
    |host| host.network_sum(|network| network.transmitted_bytes_per_s),
    |host| host.disk_sum(|disk| disk.read_bytes_per_s),
    |host| host.disk_sum(|disk| disk.write_bytes_per_s),
    |host| host.pressure.cpu_some_10s_ratio,
    |host| host.pressure.memory_some_10s_ratio,
    |host| host.pressure.io_some_10s_ratio,
];

/// A gauge that has thresholds.
struct Held {
    /// What its alert goes by.
    name: &'static str,
    kind: GaugeKind,
    thresholds: fn(&HostThresholds) -> &GaugeThresholds,
    figure: Gauge,
    /// Which of several it is that has the figure.
    which: fn(&HostReading) -> Option<&Text>,
}

const HELD: [Held; 7] = [
    share("cpu", |host| &host.cpu, |host| host.cpu.usage_ratio),
    share("memory", |host| &host.memory, |host| host.memory.used_ratio()),
    Held {
        which: |host| Some(&fullest_disk(host)?.mount),
        ..share("disk", |host| &host.disk, |host| fullest_disk(host)?.used_ratio())
    },
    Held {
        kind: GaugeKind::LoadPerCore,
        ..share("load", |host| &host.load, load_per_core)
    },
    Held {
        which: |host| Some(&fewest_inodes(host)?.mount),
        ..share(
            "inodes",
            |host| &host.inodes,
            |host| fewest_inodes(host)?.inodes_used_ratio(),
        )
    },
    share(
        "container memory",
        |host| &host.container_memory,
        |host| host.cgroup?.memory_used_ratio(),
    ),
    share(
        "throttled",
        |host| &host.throttled,
        |host| host.cgroup?.cpu_throttled_ratio,
    ),
];

const fn share(name: &'static str, thresholds: fn(&HostThresholds) -> &GaugeThresholds, figure: Gauge) -> Held {
    Held {
        name,
        kind: GaugeKind::Share,
        thresholds,
        figure,
        which: |_| None,
    }
}

impl Held {
    fn verdict(&self, thresholds: &HostThresholds, host: Option<&HostReading>, before: Level) -> Verdict {
        let which = host.and_then(self.which);
        let what = which.map_or_else(|| self.name.to_owned(), |which| format!("{} {which}", self.name));
        let value = host.and_then(self.figure);
        verdict::gauge(&what, self.kind, (self.thresholds)(thresholds), value, before)
    }
}

/// What each of [`GAUGES`] is called.
const NAMES: [&str; GAUGES.len()] = [
    "cpu",
    "memory",
    "load",
    "network received",
    "network transmitted",
    "disk read",
    "disk written",
    "waiting for cpu",
    "waiting for memory",
    "waiting for disks",
];

impl Machine {
    /// What a copy takes beside itself; the reading is shared.
    pub(super) fn heap_bytes(&self) -> usize {
        let history = self.history.iter().chain([&self.loopback]);
        history.map(GaugeHistory::heap_bytes).sum::<usize>() + self.cores.heap_bytes() + self.processes.heap_bytes()
    }

    pub(super) fn new(thresholds: HostThresholds, policies: &mut Policies, now: Timestamp) -> Self {
        let history = std::array::from_fn(|_| GaugeHistory::holding(now, HOLD_SECONDS));
        let machine = Self {
            thresholds,
            reading: None,
            standing: Verdict::default(),
            history,
            loopback: GaugeHistory::holding(now, HOLD_SECONDS),
            cores: Cores::holding(now, HOLD_SECONDS),
            processes: Processes::default(),
            threshold_states: HELD.map(|held| (held.name.into(), ThresholdState::default())),
            absence: ThresholdState::default(),
            heard: now,
            read_since_tick: false,
        };
        machine.replanned(thresholds, policies)
    }

    pub(super) fn replanned(mut self, thresholds: HostThresholds, policies: &mut Policies) -> Self {
        for ((_, threshold_state), held) in self.threshold_states.iter_mut().zip(&HELD) {
            threshold_state.replanned(&(held.thresholds)(&thresholds).damping, policies);
        }
        self.absence.replanned(&Damping::WINDOW, policies);
        Self { thresholds, ..self }
    }

    pub(super) fn read(&mut self, reading: Arc<HostReading>) {
        self.read_since_tick = true;
        for (history, gauge) in self.history.iter_mut().zip(GAUGES) {
            if let Some(value) = gauge(&reading) {
                history.record(value as f32);
            }
        }
        if let Some(value) = reading.loopback_bytes_per_s() {
            self.loopback.record(value as f32);
        }
        self.cores.record(&reading.cpu.per_core_ratio);
        self.processes.record(&reading.processes);
        self.reading = Some(reading);
    }

    pub(super) fn rotate(&mut self, now: Timestamp) {
        if std::mem::take(&mut self.read_since_tick) {
            self.heard = now;
        }
        for history in self.history.iter_mut().chain([&mut self.loopback]) {
            history.rotate(now);
        }
        self.cores.rotate(now);
    }

    /// The newest reading, unless it is too old to tell how the machine does.
    pub(super) fn fresh(&self, moment: Moment) -> Option<Arc<HostReading>> {
        self.reading.clone().filter(|_| self.silence(moment) <= SILENCE_MIN)
    }

    /// For how long it was not read, of the time since nothing at all was.
    pub(super) fn silence(&self, moment: Moment) -> Duration {
        moment.now.since(self.heard.max(moment.unbroken_since))
    }

    /// Holds the gauges against their thresholds.
    pub(super) fn judge(&mut self, moment: Moment, judged: &mut Vec<Judged>) {
        let absence = verdict::absence("reading of this machine", self.silence(moment), SILENCE_MIN);
        judged.push(Judged::by(&mut self.absence, Source::Absence, None, absence));
        let verdicts = self.verdicts(moment);
        for ((verdict, held), (name, threshold_state)) in
            verdicts.into_iter().zip(&HELD).zip(&mut self.threshold_states)
        {
            let limits = Limits::of_machine((held.thresholds)(&self.thresholds), held.kind.unit());
            judged.push(Judged::of_second(
                threshold_state,
                Source::Gauge(name.clone()),
                limits,
                verdict,
            ));
        }
    }

    /// The verdict on each gauge, in the order of their gates; nothing until the machine was read.
    fn verdicts(&self, moment: Moment) -> Vec<Verdict> {
        if self.reading.is_none() {
            return Vec::new();
        }
        let reading = self.fresh(moment);
        let held = HELD.iter().zip(&self.threshold_states);
        held.map(|(held, (_, threshold_state))| {
            held.verdict(&self.thresholds, reading.as_deref(), threshold_state.reached())
        })
        .collect()
    }

    /// The verdicts with the names their alerts go by.
    pub(super) fn named_verdicts(&self, moment: Moment) -> Vec<(Text, Verdict)> {
        let names = self.threshold_states.iter().map(|(name, _)| name.clone());
        names.zip(self.verdicts(moment)).collect()
    }

    /// What is kept over time, by the name that people know it by.
    pub(super) fn histories(&self) -> impl Iterator<Item = (&'static str, &GaugeHistory)> {
        NAMES.into_iter().zip(&self.history)
    }

    fn limits(&self) -> HostLimits {
        let of = |gauge: &GaugeThresholds| AmountLimits {
            warning: gauge.warning,
            critical: gauge.critical,
        };
        HostLimits {
            cpu_ratio: of(&self.thresholds.cpu),
            memory_ratio: of(&self.thresholds.memory),
            load_1m_per_core: of(&self.thresholds.load),
            disk_ratio: of(&self.thresholds.disk),
        }
    }

    /// What the gauge that an alert is called by is held against; `None`: it has no thresholds.
    pub(super) fn thresholds_of(&self, name: &str) -> Option<&GaugeThresholds> {
        let held = HELD.iter().find(|held| held.name == name)?;
        Some((held.thresholds)(&self.thresholds))
    }

    /// `None` until the machine was read.
    pub(super) fn snapshot(&self, axis: Axis, step: Step) -> Option<HostSnapshot> {
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
            cpu_pressure_ratio: points(7),
            memory_pressure_ratio: points(8),
            io_pressure_ratio: points(9),
            loopback_bytes_per_s: self.loopback.points(step, axis.points()),
            cores_ratio: self.cores.points(step, axis.points()),
            processes_cpu_ratio: self.processes.points(),
        };
        let level = self.standing.level;
        Some(HostSnapshot {
            level,
            clears: self.standing.clears,
            set_aside: self.standing.set_aside,
            reason: self.standing.reason.clone(),
            limits: self.limits(),
            reading,
            history: Arc::new(history),
        })
    }
}
