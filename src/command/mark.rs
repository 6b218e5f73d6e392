//! `probetop mark`: sets a mark on the time axis of those that run.

use std::process::ExitCode;

use super::{Failure, print};
use crate::cli::MarkArgs;
use crate::run::control;

pub fn run(args: &MarkArgs) -> Result<ExitCode, Failure> {
    let told =
        control::send(&args.label, args.pid).map_err(|error| Failure::Run(format!("the mark was not set: {error}")))?;
    if told.is_empty() {
        let whom = args.pid.map_or_else(
            || "no probetop".to_owned(),
            |pid| format!("no probetop with process id {pid}"),
        );
        return Err(Failure::Run(format!(
            "{whom} of this user runs that takes marks; start one first"
        )));
    }
    let ids: Vec<_> = told.iter().map(u32::to_string).collect();
    print(format!("marked {:?} in process {}\n", args.label, ids.join(", ")).as_bytes())
}
