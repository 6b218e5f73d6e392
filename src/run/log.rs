//! The log file: one line an event, appended, in words that can be searched for.
//!
//! Takes what the engine sees, on the engine's thread. Lines wait in a buffer that is written at each tick, so that
//! ten thousand probes a second are a few writes. A file that cannot be written is told by [`Log::flush`], once.

mod channels;

use std::collections::HashMap;
use std::fmt;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use channels::Channels;

use crate::clock::Timestamp;
use crate::monitor::Monitor;
use crate::sample::{Input, Level, Sample, TargetId, TargetInfo, Text};
use crate::snapshot::{AlertBoard, AlertSnapshot, MonitorSnapshot, Notice, Snapshot};

/// Where to write, and how much.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSettings {
    pub path: PathBuf,
    pub detail: LogDetail,
}

/// How much is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogDetail {
    /// Start, end, notices, alerts and levels.
    Events,
    /// And each failed probe.
    Failures,
    /// And every other probe, and overruns.
    Probes,
}

impl LogDetail {
    /// By how often `-v` was given.
    pub const fn of_verbosity(verbose: u8) -> Self {
        match verbose {
            0 => Self::Events,
            1 => Self::Failures,
            2.. => Self::Probes,
        }
    }
}

/// An open log.
#[derive(Debug)]
pub struct Log {
    path: PathBuf,
    file: BufWriter<File>,
    detail: LogDetail,
    /// The wall clock at [`Timestamp::ZERO`].
    origin: SystemTime,
    /// Alerts up to here are written.
    looked: Timestamp,
    names: HashMap<TargetId, Text>,
    levels: HashMap<TargetId, Level>,
    host: Level,
    channels: Channels,
    /// Why the file could not be written, the first time.
    failure: Option<io::Error>,
}

impl Log {
    /// Opens the file at its end, and creates it when it is not there.
    ///
    /// # Errors
    /// Names the path, the reason and a remedy.
    pub fn open(settings: &LogSettings, origin: SystemTime) -> io::Result<Self> {
        let LogSettings { path, detail } = settings;
        let file = File::options().append(true).create(true).open(path).map_err(|error| {
            let path = path.display();
            io::Error::new(
                error.kind(),
                format!("log file {path}: {error}; name a file you may write to"),
            )
        })?;
        Ok(Self {
            path: path.clone(),
            file: BufWriter::new(file),
            detail: *detail,
            origin,
            looked: Timestamp::ZERO,
            names: HashMap::new(),
            levels: HashMap::new(),
            host: Level::default(),
            channels: Channels::default(),
            failure: None,
        })
    }

    /// The first lines: who writes, and what is watched.
    pub fn start(&mut self, path: Option<&Path>, monitor: &Monitor) {
        let at = monitor.now();
        self.origin = monitor.wall_origin();
        self.line(at, &start(path, monitor.targets().count()));
        self.follow(at, monitor);
    }

    /// What is watched from now on: targets that are new, and those that are gone.
    pub fn follow(&mut self, at: Timestamp, monitor: &Monitor) {
        let before = std::mem::take(&mut self.names);
        for (info, _) in monitor.targets() {
            if !before.contains_key(&info.id) {
                self.line(at, &target(info));
            }
            self.names.insert(info.id, info.name.clone());
        }
        let mut gone: Vec<_> = before
            .into_iter()
            .filter(|(id, _)| !self.names.contains_key(id))
            .collect();
        gone.sort();
        for (id, name) in gone {
            self.levels.remove(&id);
            self.line(at, &format!("removed  {name}"));
        }
    }

    /// An input, if it is one that is wanted.
    pub fn input(&mut self, input: &Input) {
        match input {
            Input::Sample(sample) if self.wants(sample) => {
                if let Some(name) = self.names.get(&sample.target) {
                    let line = probe(name, sample);
                    self.line(sample.ended(), &line);
                }
            }
            Input::Overrun {
                target,
                intended,
                count,
            } if self.detail >= LogDetail::Probes => {
                if let Some(name) = self.names.get(target) {
                    let line = format!("overrun  {name}: {count} not started, too many still run");
                    self.line(*intended, &line);
                }
            }
            Input::Channels(reports) => {
                for (at, line) in self.channels.lines(reports) {
                    self.line(at, &line);
                }
            }
            // The failure of the flow is logged, and says which step was the last.
            Input::Sample(_)
            | Input::Overrun { .. }
            | Input::Skipped { .. }
            | Input::Host(_)
            | Input::Act(_)
            | Input::Look(_)
            | Input::Mark(_)
            | Input::Tick(_) => {}
        }
    }

    fn wants(&self, sample: &Sample) -> bool {
        match self.detail {
            LogDetail::Events => false,
            LogDetail::Failures => !sample.outcome.is_ok(),
            LogDetail::Probes => true,
        }
    }

    pub fn mark(&mut self, at: Timestamp, label: &Text) {
        self.line(at, &format!("mark     {label}"));
    }

    /// What a tick changed: alerts and levels.
    pub fn tick(&mut self, monitor: &Monitor) {
        let now = monitor.now();
        self.origin = monitor.wall_origin();
        for (at, line) in alerts(monitor.alerts(), self.looked) {
            self.line(at, &line);
        }
        self.looked = now;
        for (info, standing) in monitor.targets() {
            let before = self.levels.insert(info.id, standing.level).unwrap_or_default();
            if before != standing.level {
                self.line(
                    now,
                    &level(&info.name, before, standing.level, standing.reason.as_ref()),
                );
            }
        }
        if let Some(standing) = monitor.machine() {
            let before = std::mem::replace(&mut self.host, standing.level);
            if before != standing.level {
                self.line(now, &level(&"host", before, standing.level, standing.reason.as_ref()));
            }
        }
    }

    pub fn notice(&mut self, notice: &Notice) {
        self.line(
            notice.at,
            &format!("notice   {}: {}", notice.severity.name(), notice.text),
        );
    }

    /// The last line.
    pub fn end(&mut self, snapshot: &Snapshot) {
        let MonitorSnapshot {
            samples_total,
            failed_total,
            overruns_total,
            dropped_total,
            ..
        } = &snapshot.monitor;
        let line = format!(
            "end      probes {samples_total}, failed {failed_total}, overruns {overruns_total}, lost {dropped_total}"
        );
        self.line(snapshot.taken, &line);
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes what waits.
    ///
    /// # Errors
    /// Something since the last time could not be written; the log is then of no use any more.
    pub fn flush(&mut self) -> io::Result<()> {
        match self.failure.take() {
            Some(error) => Err(error),
            None => self.file.flush(),
        }
    }

    fn line(&mut self, at: Timestamp, event: &str) {
        let time = humantime::format_rfc3339_millis(at.wall(self.origin));
        if let Err(error) = writeln!(self.file, "{time} {event}") {
            self.failure.get_or_insert(error);
        }
    }
}

/// Appends lines of one moment, for a command that is over in one.
///
/// # Errors
/// The file cannot be opened or written; names it.
pub fn append(settings: &LogSettings, at: SystemTime, lines: impl IntoIterator<Item = String>) -> io::Result<()> {
    let mut log = Log::open(settings, at)?;
    for line in lines {
        log.line(Timestamp::ZERO, &line);
    }
    let path = settings.path.display();
    log.flush()
        .map_err(|error| io::Error::new(error.kind(), format!("log file {path}: {error}")))
}

fn start(path: Option<&Path>, targets: usize) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let configuration = path.map_or_else(
        || "no configuration file".to_owned(),
        |path| format!("configuration {}", Text::clean(&path.display().to_string())),
    );
    format!("start    probetop {version}, {configuration}, targets {targets}")
}

fn target(info: &TargetInfo) -> String {
    let TargetInfo {
        name,
        url,
        interval,
        timeout,
        ..
    } = info;
    format!("target   {name}: {url} every {interval:?}, timeout {timeout:?}")
}

/// Alerts that fired or ended after `since`, in the order in which they did.
fn alerts(board: &AlertBoard, since: Timestamp) -> Vec<(Timestamp, String)> {
    let fired = |alert: &AlertSnapshot| Some((alert.fired?, alert_line("fired", alert)));
    let resolved = |alert: &AlertSnapshot| Some((alert.resolved?, alert_line("resolved", alert)));
    let mut lines: Vec<_> = board
        .history
        .iter()
        .take_while(|alert| alert.resolved > Some(since))
        .filter_map(resolved)
        .chain(board.active.iter().filter_map(fired))
        .filter(|(at, _)| *at > since)
        .collect();
    lines.sort_by_key(|(at, _)| *at);
    lines
}

fn alert_line(what: &str, alert: &AlertSnapshot) -> String {
    let AlertSnapshot {
        name,
        subject,
        severity,
        value,
        reason,
        ..
    } = alert;
    let value = value.map_or_else(String::new, |value| format!(" (value {value})"));
    format!(
        "alert    {what}: {} {name} on {subject}: {reason}{value}",
        severity.name()
    )
}

fn level(subject: &dyn fmt::Display, before: Level, after: Level, reason: Option<&Text>) -> String {
    let reason = reason.map_or_else(String::new, |reason| format!(": {reason}"));
    format!("level    {subject}: {} -> {}{reason}", before.name(), after.name())
}

fn probe(name: &Text, sample: &Sample) -> String {
    let latency = sample.latency;
    match sample.outcome.failure() {
        Some(failure) => {
            let phase = failure
                .phase
                .map_or_else(String::new, |phase| format!(" in {}", phase.label()));
            let (kind, message) = (failure.kind.name(), &failure.message);
            format!("failed   {name}: {kind}{phase} after {latency}: {message}")
        }
        None => {
            let status = sample.answer.as_deref().and_then(|answer| answer.status);
            let status = status.map_or_else(String::new, |status| format!(", status {status}"));
            format!("probe    {name}: {latency}{status}")
        }
    }
}

#[cfg(test)]
mod tests;
