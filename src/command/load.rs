//! `probetop load`: sends requests by a timetable, shows how it goes, and says at the end what came of it.

mod find;
mod order;
mod watcher;

use std::io;
use std::process::ExitCode;
use std::sync::mpsc;

use probetop_core::clock::Clock;
use probetop_core::snapshot::load::{Completeness, LoadReport, Verdict};
use probetop_engine::judge::load::LoadPlan;
use probetop_probe::load::{News, Order, Running};
use probetop_probe::worker;

use self::order::Ordered;
use self::watcher::{Happening, Watcher};
use super::{BROKEN, Failure, print, say};
use crate::cli::{LoadArgs, Output};
use crate::config::secret::Secrets;
use crate::export::load::{json, text};
use crate::run::{Listener, Signal, Signals};

/// Does what was asked for.
///
/// # Errors
/// It cannot be meant, cannot start, or nothing came of it.
pub(super) fn run(args: &LoadArgs) -> Result<ExitCode, Failure> {
    let clock = Clock::system();
    let ordered = Ordered::of(args, &clock)?;
    if args.dry_run {
        return print(ordered.timetable().as_bytes());
    }
    say(&ordered.announcement());
    let stage = Stage::set(&clock, args.output, ordered.secrets)?;
    if let Some(condition) = &args.find {
        return find::run(condition, &ordered.search, &ordered.order, ordered.plan, &stage);
    }
    let ended = stage.perform(ordered.order, ordered.plan)?;
    conclude(args.output, &ended)
}

/// Where runs take place, one after the other: signals are heard for all of them.
struct Stage {
    clock: Clock,
    output: Output,
    secrets: Secrets,
    sender: mpsc::Sender<Happening>,
    happenings: mpsc::Receiver<Happening>,
}

/// A run that has ended.
struct Performed {
    report: LoadReport,
    /// What it ended by, if not by its timetable.
    signal: Option<Signal>,
    /// What a worker ended of.
    error: Option<io::Error>,
}

impl Stage {
    fn set(clock: &Clock, output: Output, secrets: Secrets) -> Result<Self, Failure> {
        let (sender, happenings) = mpsc::channel();
        hear_signals(sender.clone())?;
        Ok(Self {
            clock: clock.clone(),
            output,
            secrets,
            sender,
            happenings,
        })
    }

    /// Runs to the end, and shows how it goes.
    fn perform(&self, order: Order, plan: LoadPlan) -> Result<Performed, Failure> {
        let began = self.clock.wall();
        let sender = self.sender.clone();
        let running = Running::start(order, &self.clock, move |news| {
            // Whoever has stopped listening has ended.
            let _ = sender.send(match news {
                News::Second(second) => Happening::Second(second),
                News::Ended => Happening::Ended,
            });
        })?;
        let mut watcher = Watcher::new(plan, began, &self.clock, self.output, &self.secrets);
        watcher.watch(&running, &self.happenings)?;
        // What a worker ended of comes behind what the others measured.
        let error = running.join().err();
        let (report, signal) = watcher.conclude();
        Ok(Performed { report, signal, error })
    }
}

/// Prints the report, and makes an exit code of it.
fn conclude(output: Output, ended: &Performed) -> Result<ExitCode, Failure> {
    let report = &ended.report;
    match output {
        Output::Table => offer(text::report(report).as_bytes())?,
        Output::Json => offer(&json::pretty(report))?,
        Output::Ndjson => offer(&json::line(report))?,
        Output::None => {}
    }
    if let Some(signal) = ended.signal {
        return Ok(ExitCode::from(signal.exit_code()));
    }
    if let Some(error) = &ended.error {
        return Err(Failure::Run(error.to_string()));
    }
    // Where nothing succeeded there is nothing to hold against anything.
    if is_whole(report) && report.whole.ok() == 0 {
        return Err(Failure::Run(nothing(report)));
    }
    match report.verdict {
        Verdict::Broken | Verdict::Inconclusive => {
            say(&format!("probetop: {}", reason(report)));
            Ok(ExitCode::from(BROKEN))
        }
        Verdict::None | Verdict::Undecided | Verdict::Passed => Ok(ExitCode::SUCCESS),
    }
}

/// Prints what came of it to whoever still reads: the exit code is the same without.
fn offer(bytes: &[u8]) -> Result<(), Failure> {
    match print(bytes) {
        Ok(_) | Err(Failure::ReaderGone) => Ok(()),
        Err(failure) => Err(failure),
    }
}

fn is_whole(report: &LoadReport) -> bool {
    report.completeness == Completeness::Whole
}

/// Why a run did not pass, on one line.
fn reason(report: &LoadReport) -> String {
    let limits = report.generator.limits.iter();
    if report.verdict == Verdict::Inconclusive && limits.len() > 0 {
        let limits: Vec<_> = limits.map(|limit| limit.words.as_str()).collect();
        return format!("inconclusive, since probetop was the limit: {}", limits.join("; "));
    }
    let missed = report.thresholds.iter().filter_map(watcher::missed);
    missed.collect::<Vec<_>>().join("; ")
}

/// Why nothing came of it.
fn nothing(report: &LoadReport) -> String {
    match report.whole.failures.first() {
        Some(failure) => {
            let (words, remedy) = (failure.words(), failure.kind.remedy());
            format!("no request succeeded: {words}: {}; {remedy}", failure.message)
        }
        None => "no request was made; run longer".to_owned(),
    }
}

/// Signals that end a run are told as they come, for as long as the process runs.
fn hear_signals(sender: mpsc::Sender<Happening>) -> Result<(), Failure> {
    worker::spawn_with_runtime("signals", move |runtime| {
        runtime.block_on(async {
            let mut signals = Listener::try_new(Signals::Headless)?;
            loop {
                let signal = signals.next_end().await;
                if sender.send(Happening::Signal(signal)).is_err() {
                    return Ok(());
                }
            }
        })
    })?;
    Ok(())
}
