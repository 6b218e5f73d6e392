//! The subcommands: one file each, and [`dispatch`], which picks one.

mod completions;
mod config;
mod init;
mod man;

use std::io::{self, Write as _};
use std::process::ExitCode;

use crate::cli::{CheckArgs, Cli, Command, ConfigCommand, RunArgs};
use crate::config::{Config, Overrides, Problems};

/// Why a command ended early. `Display` is what the user reads.
#[derive(Debug)]
pub enum Failure {
    /// The arguments or the configuration are wrong.
    Configuration(Problems),
    /// It could not be done.
    Run(String),
    /// Whoever read standard output is gone, and wants nothing more.
    ReaderGone,
}

impl Failure {
    /// Tells standard error. That it may be closed, too, changes nothing.
    pub fn report(&self) {
        match self {
            Self::Configuration(_) | Self::Run(_) => tell(&self.to_string()),
            Self::ReaderGone => {}
        }
    }

    /// As the exit code says it: 1 could not run, 2 bad arguments or configuration.
    pub const fn code(&self) -> u8 {
        match self {
            Self::Configuration(_) => 2,
            Self::Run(_) => 1,
            Self::ReaderGone => 0,
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Configuration(problems) => write!(f, "{problems}"),
            Self::Run(message) => write!(f, "probetop: {message}"),
            Self::ReaderGone => f.write_str("the reader of standard output is gone"),
        }
    }
}

impl std::error::Error for Failure {}

impl From<Problems> for Failure {
    fn from(problems: Problems) -> Self {
        Self::Configuration(problems)
    }
}

/// Runs what was asked for.
///
/// # Errors
/// Says why it could not be done.
pub fn dispatch(cli: Cli) -> Result<ExitCode, Failure> {
    match cli.command {
        None => watch(load(&cli.watch.overrides())?),
        Some(Command::Run(args)) => run(load(&args.watch.overrides())?, &args),
        Some(Command::Check(args)) => check(load(&args.watch.overrides())?, &args),
        Some(Command::Demo(options)) => watch(load(&Overrides {
            targets: vec!["demo://".to_owned()],
            ..options.overrides()
        })?),
        Some(Command::Init(args)) => init::run(&args),
        Some(Command::Config { action }) => match action {
            ConfigCommand::Check(targets) => config::check(&load(&targets.overrides())?),
            ConfigCommand::Show(targets) => config::show(&load(&targets.overrides())?),
            ConfigCommand::Schema => config::schema(),
        },
        Some(Command::Completions { shell }) => completions::run(shell),
        Some(Command::Man) => man::run(),
    }
}

/// Loads the configuration, and warns on standard error of what is probably not meant.
fn load(overrides: &Overrides) -> Result<Config, Failure> {
    let config = Config::load(overrides, &|name| std::env::var(name).ok())?;
    for warning in &config.warnings {
        tell(&format!("warning: {warning}"));
    }
    Ok(config)
}

fn watch(_config: Config) -> Result<ExitCode, Failure> {
    not_built("the screen")
}

fn run(_config: Config, _args: &RunArgs) -> Result<ExitCode, Failure> {
    not_built("run")
}

fn check(_config: Config, _args: &CheckArgs) -> Result<ExitCode, Failure> {
    not_built("check")
}

fn not_built(what: &str) -> Result<ExitCode, Failure> {
    Err(Failure::Run(format!("{what} is not built yet")))
}

fn tell(message: &str) {
    let _ = writeln!(io::stderr(), "{message}");
}

/// Writes a result to standard output in one go.
fn print(bytes: &[u8]) -> Result<ExitCode, Failure> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(Failure::ReaderGone),
        Err(error) => Err(Failure::Run(format!("standard output cannot be written: {error}"))),
    }
}
