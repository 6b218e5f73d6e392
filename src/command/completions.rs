//! `probetop completions SHELL`.

use std::process::ExitCode;

use super::{Failure, print};
use crate::cli::{self, Shell};

pub(super) fn run(shell: Shell) -> Result<ExitCode, Failure> {
    print(&cli::completions(shell))
}
