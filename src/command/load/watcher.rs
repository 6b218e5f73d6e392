//! Follows a run: seconds and signals in, a line each second and the report out.

use std::io::{self, IsTerminal as _};
use std::sync::mpsc::Receiver;
use std::time::{Duration, SystemTime};

use probetop_core::clock::{Clock, Timestamp};
use probetop_core::sample::load::LoadSecond;
use probetop_core::sample::slot::tally::Tally;
use probetop_core::snapshot::load::{Completeness, LoadReport, ThresholdOutcome, ThresholdReport};
use probetop_engine::judge::load::{LoadPlan, LoadRun};
use probetop_probe::load::Running;

use crate::cli::Output;
use crate::command::{Failure, print, stderr};
use crate::config::secret::Secrets;
use crate::export::load::text::Now;
use crate::export::load::{json, text};
use crate::run::Signal;

/// What happens while it runs.
pub(super) enum Happening {
    Second(LoadSecond),
    Signal(Signal),
    Ended,
}

/// What is known of a run so far.
pub(super) struct Watcher<'a> {
    run: LoadRun,
    length: Duration,
    clock: Clock,
    started: Timestamp,
    output: Output,
    secrets: &'a Secrets,
    progress: Progress,
    /// The first signal, and how far the timetable had been followed by then.
    stopped: Option<(Signal, Duration)>,
}

/// How the line of each second is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    /// Over the one before.
    InPlace { is_shown: bool },
    /// One below the other.
    Appended,
}

impl<'a> Watcher<'a> {
    pub(super) fn new(plan: LoadPlan, began: SystemTime, clock: &Clock, output: Output, secrets: &'a Secrets) -> Self {
        Self {
            length: plan.profile.length(),
            run: LoadRun::new(plan, began),
            clock: clock.clone(),
            started: Timestamp::ZERO,
            output,
            secrets,
            progress: if io::stderr().is_terminal() {
                Progress::InPlace { is_shown: false }
            } else {
                Progress::Appended
            },
            stopped: None,
        }
    }

    /// Returns when the run has ended: by its timetable, or earlier by a signal, of which a second one waits for nothing.
    ///
    /// # Errors
    /// Standard output takes nothing more.
    pub(super) fn watch(&mut self, running: &Running, happenings: &Receiver<Happening>) -> Result<(), Failure> {
        self.started = running.started();
        for happening in happenings {
            match happening {
                Happening::Second(second) => self.look(second)?,
                Happening::Signal(signal) => self.stop(signal, running),
                Happening::Ended => break,
            }
        }
        self.clear();
        Ok(())
    }

    /// The report, and the signal by which it ended.
    pub(super) fn conclude(self) -> (LoadReport, Option<Signal>) {
        match self.stopped {
            Some((signal, elapsed)) => (self.run.report(elapsed, Completeness::Partial), Some(signal)),
            None => (self.run.report(self.length, Completeness::Whole), None),
        }
    }

    fn stop(&mut self, signal: Signal, running: &Running) {
        if self.stopped.is_some() {
            running.abort();
            return;
        }
        let elapsed = self.elapsed();
        self.stopped = Some((signal, elapsed));
        running.stop();
        self.say("probetop: nothing more is sent; waiting for what is on its way, and no longer at a second signal");
    }

    fn elapsed(&self) -> Duration {
        match self.stopped {
            Some((_, elapsed)) => elapsed,
            None => self.clock.now().since(self.started).min(self.length),
        }
    }

    fn look(&mut self, mut second: LoadSecond) -> Result<(), Failure> {
        let redactor = self.secrets.redactor();
        for failure in second.parts.iter_mut().flat_map(|part| &mut part.failures) {
            redactor.cleanse(&mut failure.message);
        }
        self.run.add(&second);
        let report = self.run.report(self.elapsed(), Completeness::Partial);
        if self.output == Output::Ndjson {
            print(&json::line(&report))?;
        }
        let line = text::progress(&report, &now(&second));
        match &mut self.progress {
            Progress::InPlace { is_shown } => {
                *is_shown = true;
                stderr::offer(format!("\r{line}\x1b[K"));
            }
            Progress::Appended => stderr::offer(format!("{line}\n")),
        }
        Ok(())
    }

    fn say(&mut self, line: &str) {
        self.clear();
        stderr::offer(format!("{line}\n"));
    }

    fn clear(&mut self) {
        if let Progress::InPlace {
            is_shown: is_shown @ true,
        } = &mut self.progress
        {
            *is_shown = false;
            stderr::offer("\r\x1b[K".to_owned());
            stderr::settle();
        }
    }
}

/// What a line says of the newest second.
fn now(second: &LoadSecond) -> Now {
    let done = |part: &probetop_core::sample::load::LoadPart| {
        let mut tally = Tally::default();
        part.slot.visit(&mut tally, |_, _, _| {});
        tally.attempts
    };
    Now {
        users: second.users,
        offered: second.parts.iter().map(|part| part.offered).sum(),
        done: second.parts.iter().map(done).sum(),
    }
}

/// A condition that was not kept, on a line.
pub(super) fn missed(threshold: &ThresholdReport) -> Option<String> {
    let word = match threshold.outcome {
        ThresholdOutcome::Kept => return None,
        ThresholdOutcome::Broken => "broken",
        ThresholdOutcome::Unknown => "not decided",
    };
    Some(format!("{} was {word}: {}", threshold.condition, threshold.value))
}
