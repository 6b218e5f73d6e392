//! Help on one screen: `-h` and `--help` are the same, a line for each option.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue};
use clap::{Arg, ArgAction, Command, CommandFactory as _, FromArgMatches as _};

use super::Cli;
use super::order::command_first;
use crate::config::secret::Secrets;

/// What was typed. Help, a version, and what is not understood end the process as they do everywhere.
pub fn parse() -> Cli {
    parse_from(std::env::args_os()).unwrap_or_else(|error| masked(error).exit())
}

/// A word too many may be a URL with a password.
fn masked(mut error: clap::Error) -> clap::Error {
    if let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidArg) {
        let shown = Secrets::default().shown_url(word);
        error.insert(ContextKind::InvalidArg, ContextValue::String(shown));
    }
    error
}

fn parse_from(words: impl IntoIterator<Item = OsString>) -> Result<Cli, clap::Error> {
    let mut command = compact(Cli::command());
    let words = command_first(words.into_iter().collect(), &command);
    let matches = command.try_get_matches_from_mut(words)?;
    Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
}

/// The environment variables go: each is named after its option, which the last line says of all. The manual page has them.
fn compact(command: Command) -> Command {
    let help = Arg::new("help")
        .short('h')
        .long("help")
        .action(ArgAction::HelpShort)
        .help("Print this help");
    command
        .mut_args(|option| option.hide_env(true))
        .mut_subcommands(compact)
        .disable_help_flag(true)
        .arg(help)
}
