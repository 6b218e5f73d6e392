//! `probetop mark`: sets a mark on the time axis of those that run.

use std::process::ExitCode;

use super::{Failure, print};
use crate::cli::MarkArgs;
use crate::run::control::{self, Told};

pub fn run(args: &MarkArgs) -> Result<ExitCode, Failure> {
    let Told { done, failed } =
        control::send(&args.label, args.pid).map_err(|error| Failure::Run(format!("the mark was not set: {error}")))?;
    if done.is_empty() && failed.is_empty() {
        let whom = args.pid.map_or_else(
            || "no probetop".to_owned(),
            |pid| format!("no probetop with process id {pid}"),
        );
        return Err(Failure::Run(format!(
            "{whom} of this user runs that takes marks; start one first"
        )));
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
