//! `probetop mark`: sets a mark on the time axis of those that run.

use std::process::ExitCode;

use super::{Failure, print};
use crate::cli::MarkArgs;
use crate::config;
use crate::run::control::{self, Place, Recipients, Told};

pub(super) fn run(args: &MarkArgs) -> Result<ExitCode, Failure> {
    let whom = match args.pid {
        Some(pid) => Recipients::Process(pid),
        None if args.all => Recipients::All,
        None => Recipients::Like(Place::of(
            config::usual_file(&|name| std::env::var(name).ok()).as_deref(),
        )),
    };
    let told =
        control::send(&args.label, &whom).map_err(|error| Failure::Run(format!("the mark was not set: {error}")))?;
    let Told {
        done,
        failed,
        elsewhere,
    } = &told;
    if done.is_empty() && failed.is_empty() {
        let found: Vec<_> = elsewhere
            .iter()
            .map(|(pid, place)| format!("process {pid} ({place})"))
            .collect();
        return Err(Failure::Run(nobody(&whom, &found)));
    }
    if !done.is_empty() {
        let ids: Vec<_> = done.iter().map(u32::to_string).collect();
        print(format!("marked {:?} in process {}\n", args.label, ids.join(", ")).as_bytes())?;
    }
    let failures: Vec<_> = failed
        .iter()
        .map(|(pid, error)| format!("process {pid}: {error}"))
        .collect();
    if failures.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    let failures = failures.join("; ");
    Err(Failure::Run(format!("the mark was not set in {failures}")))
}

/// Why nobody was marked, and whom there is to name.
fn nobody(whom: &Recipients, found: &[String]) -> String {
    match whom {
        Recipients::Process(pid) => {
            format!("no probetop with process id {pid} of this user runs that takes marks; start one first")
        }
        Recipients::Like(_) if !found.is_empty() => format!(
            "no probetop runs from this folder or with its configuration; there is {}; name one with --pid, or mark all with \
             --all",
            found.join(", ")
        ),
        Recipients::All | Recipients::Like(_) => {
            "no probetop of this user runs that takes marks; start one first".to_owned()
        }
    }
}
