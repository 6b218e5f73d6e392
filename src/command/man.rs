//! `probetop man`.

use std::process::ExitCode;

use super::{Failure, print};
use crate::cli;

pub(super) fn run() -> Result<ExitCode, Failure> {
    let page = cli::manual().map_err(|error| Failure::Run(error.to_string()))?;
    print(&page)
}
