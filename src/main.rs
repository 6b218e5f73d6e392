//! Arguments in, exit code out.

use std::process::ExitCode;

use probetop::{cli, command};
use probetop_probe::program::{guard, orphans};

fn main() -> ExitCode {
    if let Some(owner) = guard::asked() {
        guard::stand(&owner);
        return ExitCode::SUCCESS;
    }
    guard::want();
    orphans::reap_as_init();
    command::dispatch(cli::parse()).unwrap_or_else(|failure| {
        failure.report();
        ExitCode::from(failure.code())
    })
}
