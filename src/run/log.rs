//! The log file: one line an event, appended, in words that can be searched for.
//!
//! Takes what the engine sees, on the engine's thread, and waits for nothing: a thread of its own writes. Lines are held
//! until none can come that is earlier, so that they stand in the order of time. [`Log::flush`] hands on what is old enough
//! and says when the file cannot be written, when it can be again, and what was lost.

mod channels;
mod words;
mod writer;

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use channels::Channels;
use probetop_core::clock::Timestamp;
use probetop_core::sample::{Level, Observation, Sample, TargetId, Text};
use probetop_core::snapshot::Snapshot;
use probetop_engine::monitor::{Input, Monitor};
use probetop_probe::file;
use writer::{Block, Writer};

use super::background_task::within;

pub(super) use writer::WAITING_LIMIT_BYTES;

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
pub(super) struct Log {
    path: PathBuf,
    writer: Writer,
    /// Lines that wait for earlier ones.
    lines: Vec<(Timestamp, String)>,
    /// Of the newest line that was handed on.
    newest: Timestamp,
    /// Lines that found no room since the last that did.
    lost: usize,
    /// What was said last of the file.
    trouble: Option<Trouble>,
    detail: LogDetail,
    /// The wall clock at [`Timestamp::ZERO`].
    origin: SystemTime,
    /// Alerts up to here are written.
    looked: Timestamp,
    names: HashMap<TargetId, Text>,
    levels: HashMap<TargetId, Level>,
    host: Level,
    channels: Channels,
}

/// Why lines do not reach the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    Failing,
    Slow,
}

/// A file system that takes longer to open the file is taken for dead.
const OPEN_PATIENCE: Duration = Duration::from_secs(5);

/// What becomes known in a tick is at most as old as the tick before; a little more for a late one.
const LATE: Duration = Duration::from_millis(1500);

impl Log {
    /// What the file has not taken yet.
    pub(super) fn waiting_bytes(&self) -> usize {
        self.writer.waiting_bytes()
    }

    /// Opens the file at its end, and creates it when it is not there.
    ///
    /// # Errors
    /// Names the path, the reason and a remedy.
    pub(super) fn open(settings: &LogSettings, origin: SystemTime) -> io::Result<Self> {
        let LogSettings { path, detail } = settings;
        let own = path.clone();
        let file = within(OPEN_PATIENCE, move || file::append(&own)).map_err(|error| {
            let path = path.display();
            io::Error::new(
                error.kind(),
                format!("log file {path}: {error}; name a file you may write to"),
            )
        })?;
        Ok(Self {
            path: path.clone(),
            writer: Writer::start(file)?,
            lines: Vec::new(),
            newest: Timestamp::ZERO,
            lost: 0,
            trouble: None,
            detail: *detail,
            origin,
            looked: Timestamp::ZERO,
            names: HashMap::new(),
            levels: HashMap::new(),
            host: Level::default(),
            channels: Channels::default(),
        })
    }

    /// The first lines: who writes, and what is watched.
    pub(super) fn start(&mut self, path: Option<&Path>, monitor: &Monitor) {
        let at = monitor.now();
        self.origin = monitor.wall_origin();
        self.line(at, &words::start(path, monitor.targets().count()));
        self.follow(at, monitor);
    }

    /// What is watched from now on: targets that are new, and those that are gone.
    pub(super) fn follow(&mut self, at: Timestamp, monitor: &Monitor) {
        let before = std::mem::take(&mut self.names);
        for (info, _) in monitor.targets() {
            if !before.contains_key(&info.id) {
                self.line(at, &words::target(info));
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
    pub(super) fn input(&mut self, input: &Input) {
        match input {
            Input::Observed(observation) => self.observation(observation),
            Input::Notice(notice) => self.line(notice.at, &words::notice(notice)),
            // Of the others the log is told with more than they hold, or by what a tick makes of them.
            Input::Plan { .. }
            | Input::Restored(_)
            | Input::Act(_)
            | Input::Look(_)
            | Input::Mark(_)
            | Input::Tick(_)
            | Input::End => {}
        }
    }

    fn observation(&mut self, observation: &Observation) {
        match observation {
            Observation::Sample(sample) if self.wants(sample) => {
                if let Some(name) = self.names.get(&sample.target) {
                    let line = words::probe(name, sample);
                    self.line(sample.ended(), &line);
                }
            }
            Observation::Overrun {
                target,
                intended,
                count,
            } if self.detail >= LogDetail::Probes => {
                if let Some(name) = self.names.get(target) {
                    let line = format!("overrun  {name}: {count} not started, too many still run");
                    self.line(*intended, &line);
                }
            }
            Observation::Channels(reports) => {
                for (at, line) in self.channels.lines(reports) {
                    self.line(at, &line);
                }
            }
            // The failure of the flow is logged, and says which step was the last.
            Observation::Sample(_)
            | Observation::Second(_)
            | Observation::Overrun { .. }
            | Observation::Skipped { .. }
            | Observation::CutOff { .. }
            | Observation::Host(_) => {}
        }
    }

    fn wants(&self, sample: &Sample) -> bool {
        match self.detail {
            LogDetail::Events => false,
            LogDetail::Failures => !sample.outcome.is_ok(),
            LogDetail::Probes => true,
        }
    }

    /// A mark, set `now`; who looks at the past sets it there.
    pub(super) fn mark(&mut self, now: Timestamp, at: Timestamp, label: &Text) {
        let line = if now.since(at) < LATE {
            format!("mark     {label}")
        } else {
            let of = humantime::format_rfc3339_millis(at.wall(self.origin));
            format!("mark     {label} (at {of})")
        };
        self.line(now, &line);
    }

    /// What a tick changed: alerts and levels.
    pub(super) fn tick(&mut self, monitor: &Monitor) {
        let now = monitor.now();
        self.origin = monitor.wall_origin();
        for (at, line) in words::alerts(monitor.alerts(), self.looked) {
            self.line(at, &line);
        }
        self.looked = now;
        for (info, standing) in monitor.targets() {
            let before = self.levels.insert(info.id, standing.level).unwrap_or_default();
            if before != standing.level {
                self.line(
                    now,
                    &words::level(&info.name, before, standing.level, standing.reason.as_ref()),
                );
            }
        }
        if let Some(standing) = monitor.machine() {
            let before = std::mem::replace(&mut self.host, standing.level);
            if before != standing.level {
                self.line(
                    now,
                    &words::level(&"host", before, standing.level, standing.reason.as_ref()),
                );
            }
        }
    }

    /// The last line.
    pub(super) fn end(&mut self, snapshot: &Snapshot) {
        self.line(snapshot.taken, &words::end(&snapshot.monitor));
    }

    /// Hands on what no earlier line can come before any more. Gives what there is to say of the file: once when it cannot be
    /// written, and once when it can be again.
    pub(super) fn flush(&mut self, now: Timestamp) -> Option<String> {
        self.hand_on(now - LATE);
        let failure = self.writer.failure();
        let path = self.path.display();
        let (trouble, words) = match (failure, self.lost) {
            (Some(failure), _) => {
                let words = format!("log file {path}: {failure}; it is tried again, measuring goes on");
                (Some(Trouble::Failing), words)
            }
            (None, 1..) => {
                let words = format!("log file {path}: it does not take lines as fast as they come; some are lost");
                (Some(Trouble::Slow), words)
            }
            (None, 0) => (None, format!("log file {path}: it is written again")),
        };
        let was = std::mem::replace(&mut self.trouble, trouble);
        // From slow to failing and back is one trouble.
        (was.is_some() != trouble.is_some()).then_some(words)
    }

    /// Hands on everything, and waits for the file, at most so long. Gives what there is to say of what it did not take.
    pub(super) fn close(&mut self, limit: Duration) -> Option<String> {
        self.hand_on(Timestamp::from_nanos(u64::MAX));
        let lost = self.writer.close(limit) + self.lost;
        let why = self
            .writer
            .failure()
            .map_or_else(String::new, |failure| format!(": {failure}"));
        (lost > 0).then(|| {
            format!(
                "log file {}: the last {lost} lines are not written{why}",
                self.path.display()
            )
        })
    }

    fn hand_on(&mut self, until: Timestamp) {
        self.lines.sort_by_key(|(at, _)| *at);
        let ready = self.lines.partition_point(|(at, _)| *at <= until);
        if ready == 0 {
            return;
        }
        let mut block = Block::default();
        let lost = std::mem::take(&mut self.lost);
        if lost > 0 {
            let line = format!("log      {lost} lines were lost here: the file did not take them");
            block.push(self.newest.wall(self.origin), &line);
        }
        for (at, line) in self.lines.drain(..ready) {
            self.newest = self.newest.max(at);
            block.push(self.newest.wall(self.origin), &line);
        }
        if let Err(refused) = self.writer.offer(block) {
            // The line that told of the lost ones is none of them.
            self.lost = lost + refused.lines - usize::from(lost > 0);
        }
    }

    fn line(&mut self, at: Timestamp, event: &str) {
        self.lines.push((at, event.to_owned()));
    }
}

/// How long a command that is over in a moment waits for its log.
const APPEND_PATIENCE: Duration = Duration::from_secs(5);

/// Appends lines of one moment, for a command that is over in one.
///
/// # Errors
/// The file cannot be opened or written; names it.
pub fn append(settings: &LogSettings, at: SystemTime, lines: impl IntoIterator<Item = String>) -> io::Result<()> {
    let mut log = Log::open(settings, at)?;
    for line in lines {
        log.line(Timestamp::ZERO, &line);
    }
    log.close(APPEND_PATIENCE)
        .map_or(Ok(()), |words| Err(io::Error::other(words)))
}

#[cfg(test)]
mod tests;
