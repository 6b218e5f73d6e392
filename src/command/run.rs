//! `probetop run`: the engine without a screen.

mod document;
mod output;
mod progress;
mod regression;

use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use output::{Output, Patience, Reader, Report};
use probetop_core::clock::{Clock, Timestamp};
use probetop_core::sample::{Severity, Window};
use probetop_core::snapshot::{Axis, ComparisonQuery, Feed, Notice, Query, Reader as _, Rows, Snapshot, Span};
use progress::Progress;

use super::{say, stderr, undelivered};
use crate::cli::{FailOn, Output as Format};
use crate::config::Config;
use crate::export::table;
use crate::run::{
    Backlog, Cadence, Engine, Event, Interest, Last, LastProbes, Load, LogSettings, Past, Setup, Signal, Signals,
    Subscription,
};

/// What `run` was asked for.
pub(super) struct Options {
    /// `None`: until a signal.
    pub duration: Option<Duration>,
    pub format: Format,
    /// Where the last document goes, beside standard output.
    pub snapshot: Option<PathBuf>,
    /// Where what was measured goes, as a baseline.
    pub save_baseline: Option<PathBuf>,
    pub fail_on: FailOn,
    pub log: Option<LogSettings>,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// The time was up, or nobody reads any more.
    Done,
    /// As done, and a condition was broken on the way.
    Broken,
    Signal(Signal),
}

/// Measures until the time is up or a signal comes, and writes what was asked for, also then.
///
/// # Errors
/// The engine cannot start or go on, or the document cannot be written.
pub(super) fn run(config: Config, load: Load, clock: Clock, options: &Options) -> io::Result<Ending> {
    document::check_writable(options)?;
    if let Some(hint) = config.hint() {
        say(hint);
    }
    let interest = Interest {
        query: query(config.window, options.format),
        cadence: Cadence::EachSecond,
        backlog: Backlog::InOrder,
    };
    let (sender, events) = mpsc::channel();
    let waker = sender.clone();
    let setup = Setup {
        config,
        load: Some(load),
        // Documents are of the second in which they are made.
        past: Past::NotKept,
        clock: clock.clone(),
        signals: Signals::Headless,
        log: options.log.clone(),
        terminal: None,
    };
    let engine = Engine::start(setup, move |event| {
        // Whoever has stopped listening is about to finish the engine.
        let _ = sender.send(News::Event(event));
    })?;
    let reader = engine.subscribe(interest, move || drop(waker.send(News::Snapshot)));
    let mut watcher = Watcher::new(clock, options)?;
    let ended = watcher.watch(&events, &reader);
    let last_probes = match &ended {
        Ok(Ended::TimeIsUp) => LastProbes::Awaited,
        // Whoever sends a signal, or reads no more, does not want to wait.
        Ok(Ended::Signal(_) | Ended::NobodyReads) | Err(_) => LastProbes::CutOff,
    };
    let last = match options.save_baseline {
        Some(_) => engine.finish_run(last_probes, &reader),
        None => engine.finish(last_probes, &reader).map(Last::from),
    };
    let interrupted = watcher.hear_out(&events);
    watcher.conclude(ended.map(|ended| interrupted.map_or(ended, Ended::Signal)), last)
}

/// Follows a run and remembers the worst of it.
struct Watcher<'a> {
    clock: Clock,
    options: &'a Options,
    output: Output,
    report: Report,
    progress: Option<Progress>,
    /// The tick that was looked at last: a mark shows it once more.
    looked: Option<Timestamp>,
    /// The gravest of the conditions that were broken, and what it said.
    worst: Option<(Severity, String)>,
}

/// What happens while it runs.
enum News {
    Event(Event),
    /// Snapshots wait to be read.
    Snapshot,
}

/// Why following ended.
enum Ended {
    TimeIsUp,
    Signal(Signal),
    NobodyReads,
}

impl<'a> Watcher<'a> {
    fn new(clock: Clock, options: &'a Options) -> io::Result<Self> {
        let output = Output::stdout()?;
        let progress = options
            .duration
            .filter(|_| io::stderr().is_terminal())
            .map(Progress::new);
        let report = Report::new(options.format);
        Ok(Self {
            clock,
            options,
            output,
            report,
            progress,
            looked: None,
            worst: None,
        })
    }

    fn watch(&mut self, events: &mpsc::Receiver<News>, reader: &Subscription) -> io::Result<Ended> {
        loop {
            let event = match self.until() {
                Some(until) => events.recv_timeout(until.since(self.clock.now())),
                None => events.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match event {
                Ok(News::Snapshot) => std::iter::from_fn(|| reader.next()).for_each(|snapshot| self.look(&snapshot)),
                Ok(News::Event(Event::Notice(notice))) => self.notice(&notice),
                // The screen's, and there is none.
                Ok(News::Event(Event::Screen(_))) => {}
                Ok(News::Event(Event::Signal(signal))) if signal.ends() => return Ok(Ended::Signal(signal)),
                Ok(News::Event(Event::Signal(_))) => {}
                Ok(News::Event(Event::Failed(error))) => return Err(io::Error::other(error.to_string())),
                Err(RecvTimeoutError::Timeout) => return Ok(Ended::TimeIsUp),
                Err(RecvTimeoutError::Disconnected) => return Err(io::Error::other("the engine has ended")),
            }
            if self.output.reader()? == Reader::Gone {
                return Ok(Ended::NobodyReads);
            }
        }
    }

    /// What was said at the very end, such as what a log lost. Gives the signal that came while the last probes landed.
    fn hear_out(&mut self, events: &mpsc::Receiver<News>) -> Option<Signal> {
        let mut interrupted = None;
        for event in events.try_iter() {
            match event {
                News::Event(Event::Notice(notice)) => self.notice(&notice),
                News::Event(Event::Signal(signal)) if signal.ends() => interrupted = Some(signal),
                News::Event(Event::Signal(_) | Event::Screen(_) | Event::Failed(_)) | News::Snapshot => {}
            }
        }
        interrupted
    }

    /// When the time is up.
    fn until(&self) -> Option<Timestamp> {
        self.options.duration.map(|duration| Timestamp::ZERO + duration)
    }

    fn look(&mut self, snapshot: &Arc<Snapshot>) {
        self.judge(snapshot);
        // The tick at the very end and the last document would say the same twice.
        let is_last = self.until().is_some_and(|until| snapshot.taken >= until);
        let is_new = self.looked.replace(snapshot.taken) != Some(snapshot.taken);
        if is_new
            && !is_last
            && let Some(bytes) = self.report.second(snapshot)
        {
            self.clear_progress();
            self.output.offer(bytes);
        }
        if let Some(progress) = &mut self.progress {
            stderr::offer(progress.shown(snapshot));
        }
    }

    fn judge(&mut self, snapshot: &Snapshot) {
        // The worst is the first.
        let Some(alert) = snapshot.alerts.firing().next() else {
            return;
        };
        if self.worst.as_ref().is_none_or(|(worst, _)| *worst < alert.severity) {
            self.worst = Some((alert.severity, table::alert_words(alert)));
        }
    }

    fn notice(&mut self, notice: &Notice) {
        self.say(&format!("{}: {}", notice.severity.name(), notice.text));
    }

    /// A line on standard error, which the progress line does not run into.
    fn say(&mut self, line: &str) {
        let cleared = self.progress.as_mut().map_or("", Progress::cleared);
        stderr::offer(format!("{cleared}{line}\n"));
    }

    fn clear_progress(&mut self) {
        if let Some(progress) = &mut self.progress {
            let cleared = progress.cleared();
            if !cleared.is_empty() {
                stderr::offer(cleared.to_owned());
            }
        }
    }

    fn conclude(mut self, ended: io::Result<Ended>, last: Option<Last>) -> io::Result<Ending> {
        self.clear_progress();
        let Some(Last { snapshot: last, run }) = last else {
            return Err(ended
                .err()
                .unwrap_or_else(|| io::Error::other("the engine gave no last snapshot")));
        };
        let last = Arc::new(last);
        self.judge(&last);
        let regression = (self.options.fail_on == FailOn::Regression)
            .then(|| regression::found(last.comparison.as_deref()))
            .flatten();
        undelivered(&last).for_each(|words| say(&words));
        // The file first: it waits for no reader. And each of the two is written whatever becomes of the other.
        let written = document::write(self.options, &last, run);
        let ended = ended?;
        if let Some(piece) = self.report.last(&last) {
            self.output.insist(piece);
        }
        drop(last);
        let patience = match ended {
            Ended::TimeIsUp => Patience::Endless,
            Ended::Signal(_) | Ended::NobodyReads => Patience::Short,
        };
        let broken: Vec<_> = self.broken().into_iter().chain(regression).collect();
        let broken = (!broken.is_empty()).then(|| broken.join("; "));
        stderr::settle();
        let interrupted = self.output.close(patience);
        written?;
        match (ended, interrupted?, broken) {
            (Ended::Signal(signal), _, _) | (Ended::TimeIsUp | Ended::NobodyReads, Some(signal), _) => {
                Ok(Ending::Signal(signal))
            }
            (Ended::TimeIsUp | Ended::NobodyReads, None, Some(what)) => {
                stderr::offer(format!("probetop: broken during the run: {what}\n"));
                stderr::settle();
                Ok(Ending::Broken)
            }
            (Ended::TimeIsUp | Ended::NobodyReads, None, None) => Ok(Ending::Done),
        }
    }

    /// What makes the run fail.
    fn broken(&mut self) -> Option<String> {
        let limit = self.options.fail_on.severity()?;
        let (_, what) = self.worst.take().filter(|(worst, _)| *worst >= limit)?;
        Some(what)
    }
}

/// Only a stream of documents needs every detail every second.
fn query(window: Window, format: Format) -> Query {
    let detail = match format {
        Format::Ndjson => Rows::All,
        Format::Table | Format::Json | Format::None => Rows::None,
    };
    Query {
        window,
        axis: Axis::default(),
        series: Rows::None,
        detail,
        feed: Feed::Live,
        cursor: None,
        comparison: Some(whole_run()),
        course: None,
        evidence: None,
    }
}

/// The baseline, if there is one, against all of the run.
fn whole_run() -> ComparisonQuery {
    let run = Span {
        from: Timestamp::ZERO,
        to: Timestamp::from_nanos(u64::MAX),
    };
    ComparisonQuery {
        after: Some(run),
        ..ComparisonQuery::default()
    }
}
