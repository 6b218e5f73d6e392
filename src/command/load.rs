//! `probetop load`: sends requests by a timetable, shows how it goes, and says at the end what came of it.

mod order;
mod watcher;

use std::process::ExitCode;
use std::sync::mpsc;

use probetop_core::clock::Clock;
use probetop_core::snapshot::load::{Completeness, LoadReport, Verdict};
use probetop_probe::load::{News, Running};
use probetop_probe::worker;

use self::order::Ordered;
use self::watcher::{Happening, Watcher};
use super::{BROKEN, Failure, print, say};
use crate::cli::{LoadArgs, Output};
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
    let (sender, happenings) = mpsc::channel();
    hear_signals(sender.clone())?;
    let began = clock.wall();
    let running = Running::start(ordered.order.clone(), &clock, move |news| {
        // Whoever has stopped listening has ended.
        let _ = sender.send(match news {
            News::Second(second) => Happening::Second(second),
            News::Ended => Happening::Ended,
        });
    })?;
    let mut watcher = Watcher::new(ordered.plan, began, &clock, args.output, ordered.secrets);
    watcher.watch(&running, &happenings)?;
    // What a worker ended of comes behind what the others measured.
    let joined = running.join();
    let (report, signal) = watcher.conclude();
    conclude(args.output, &report, signal, joined.err())
}

/// Prints the report, and makes an exit code of it.
fn conclude(
    output: Output,
    report: &LoadReport,
    signal: Option<Signal>,
    error: Option<std::io::Error>,
) -> Result<ExitCode, Failure> {
    match output {
        Output::Table => print(text::report(report).as_bytes())?,
        Output::Json => print(&json::pretty(report))?,
        Output::Ndjson => print(&json::line(report))?,
        Output::None => ExitCode::SUCCESS,
    };
    if let Some(signal) = signal {
        return Ok(ExitCode::from(signal.exit_code()));
    }
    if let Some(error) = error {
        return Err(error.into());
    }
    match report.verdict {
        Verdict::Broken | Verdict::Inconclusive => {
            say(&format!("probetop: {}", reason(report)));
            Ok(ExitCode::from(BROKEN))
        }
        Verdict::None | Verdict::Undecided if report.whole.ok() == 0 && is_whole(report) => {
            Err(Failure::Run(nothing(report)))
        }
        Verdict::None | Verdict::Undecided | Verdict::Passed => Ok(ExitCode::SUCCESS),
    }
}

fn is_whole(report: &LoadReport) -> bool {
    report.completeness == Completeness::Whole
}

/// Why a run did not pass, on one line.
fn reason(report: &LoadReport) -> String {
    let limits: Vec<_> = report.generator.limits.iter().map(|limit| limit.as_str()).collect();
    if !limits.is_empty() {
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
