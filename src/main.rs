//! Arguments in, exit code out.

use std::process::ExitCode;

use clap::Parser as _;

use probetop::cli::Cli;
use probetop::command;

fn main() -> ExitCode {
    command::dispatch(Cli::parse()).unwrap_or_else(|failure| {
        failure.report();
        ExitCode::from(failure.code())
    })
}
