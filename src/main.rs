//! Arguments in, exit code out.

use std::process::ExitCode;

use clap::Parser as _;
use probetop::cli::Cli;
use probetop::command;
use probetop_probe::program::{guard, orphans};

fn main() -> ExitCode {
    if let Some(owner) = guard::asked() {
        guard::stand(&owner);
        return ExitCode::SUCCESS;
    }
    guard::want();
    orphans::reap_as_init();
    command::dispatch(Cli::parse()).unwrap_or_else(|failure| {
        failure.report();
        ExitCode::from(failure.code())
    })
}
