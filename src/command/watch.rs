//! `probetop`: the screen over the engine.

use std::process::ExitCode;

use super::Failure;
use crate::clock::Clock;
use crate::config::Config;
use crate::run::Load;

/// Watches until the user quits.
///
/// # Errors
/// There is no terminal, or the engine cannot start.
pub fn watch(_config: Config, _load: Load, _clock: Clock) -> Result<ExitCode, Failure> {
    Err(Failure::Run("the screen is not built yet".to_owned()))
}
