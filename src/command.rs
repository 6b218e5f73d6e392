//! The subcommands: one file each, and [`dispatch`], which picks one.

mod watch;
mod errand;
mod run;
mod stderr;
mod check;
mod load;
mod init;
mod mark;
mod config;
mod notify;
mod completions;
mod man;

use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::{panic, thread};

use probetop_core::clock::Clock;
use probetop_core::sample::{Level, printable};
use probetop_core::snapshot::Snapshot;
use probetop_screen::ui::view::SignalPolicy;

use crate::cli::{
    CheckArgs, Cli, Command, ConfigCommand, FailOn, NotifyCommand, NotifyTestArgs, Options, RunArgs, Watch,
};
use crate::config::problem::Problem;
use crate::config::secret::Secrets;
use crate::config::{Config, Overrides, Problems};
use crate::run::{LogDetail, LogSettings, append_to_log};

/// Exit code: it ran, and a condition was broken.
const BROKEN: u8 = 3;

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
            Self::Configuration(_) | Self::Run(_) => say(&self.to_string()),
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

impl From<io::Error> for Failure {
    /// What a start finds wrong with the configuration is told as what reading it finds.
    fn from(error: io::Error) -> Self {
        match error.downcast::<Problems>() {
            Ok(problems) => Self::Configuration(problems),
            Err(error) => Self::Run(error.to_string()),
        }
    }
}

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
        None => watch(&cli.watch),
        Some(Command::Run(args)) => run(&args),
        Some(Command::Check(args)) => check(&args),
        Some(Command::Load(args)) => load::run(&args),
        Some(Command::Demo(mut args)) => {
            args.watched.targets.insert(0, "demo://".to_owned());
            watch(&args)
        }
        Some(Command::Init(args)) => init::run(&args),
        Some(Command::Mark(args)) => mark::run(&args),
        Some(Command::Config { action }) => match action {
            ConfigCommand::Check(targets) => config::check(load_configuration(&targets.overrides())?),
            ConfigCommand::Show(targets) => config::show(&load_configuration(&targets.overrides())?),
            ConfigCommand::Schema => config::schema(),
        },
        Some(Command::Notify {
            action: NotifyCommand::Test(args),
        }) => notify_test(&args),
        Some(Command::Completions { shell }) => completions::run(shell),
        Some(Command::Man) => man::run(),
    }
}

/// Loads the configuration, and warns on standard error of what is probably not meant.
fn load_configuration(overrides: &Overrides) -> Result<Config, Failure> {
    let config = read(overrides)?;
    for warning in &config.warnings {
        say(&format!("warning: {warning}"));
    }
    mask_panics(config.secrets().clone());
    Ok(config)
}

/// A defect of ours is told like everything else, without what was read from the configuration.
fn mask_panics(secrets: Secrets) {
    panic::set_hook(Box::new(move |defect| {
        let trace = Backtrace::capture();
        let trace = match trace.status() {
            BacktraceStatus::Captured => format!("\n{trace}"),
            _ => String::new(),
        };
        let thread = thread::current();
        let name = thread.name().unwrap_or("without a name");
        say(&secrets.mask_message(&format!("thread {name} {defect}{trace}")));
    }));
}

fn read(overrides: &Overrides) -> Result<Config, Problems> {
    Config::load(overrides, &|name| std::env::var(name).ok())
}

fn watch(args: &Watch) -> Result<ExitCode, Failure> {
    let overrides = args.watched.overrides();
    let config = load_configuration(&overrides)?;
    let picked = errand::Picked::default();
    let chosen = picked.clone();
    watch::watch(
        config,
        Box::new(move || read(&chosen.behind(&overrides))),
        watch::Wishes {
            picked,
            signals: match args.allow_signals {
                true => SignalPolicy::Allowed,
                false => SignalPolicy::Refused,
            },
        },
        Clock::system(),
        log(&args.watched.options),
    )
}

/// The log that the options ask for.
fn log(options: &Options) -> Option<LogSettings> {
    let detail = LogDetail::of_verbosity(options.verbose);
    if options.log_file.is_none() && detail > LogDetail::Events {
        say("warning: -v says how much is logged; add --log-file FILE");
    }
    let path = options.log_file.clone()?;
    Some(LogSettings { path, detail })
}

fn run(args: &RunArgs) -> Result<ExitCode, Failure> {
    let overrides = args.watch.overrides();
    let config = load_configuration(&overrides)?;
    if args.fail_on == FailOn::Regression && config.baseline.is_none() {
        let missing =
            "--fail-on regression needs a baseline; add --baseline FILE, which run --save-baseline FILE writes";
        return Err(Failure::Configuration(Problems::in_order([Problem::on_command_line(
            missing,
        )])));
    }
    let options = run::Options {
        duration: args.length,
        format: args.output,
        snapshot: args.snapshot.clone(),
        save_baseline: args.save_baseline.clone(),
        fail_on: args.fail_on,
        log: log(&args.watch.options),
    };
    let ending = run::run(config, Box::new(move || read(&overrides)), Clock::system(), &options)?;
    Ok(exit_code(ending))
}

fn exit_code(ending: run::Ending) -> ExitCode {
    match ending {
        run::Ending::Done => ExitCode::SUCCESS,
        run::Ending::Broken => ExitCode::from(BROKEN),
        run::Ending::Signal(signal) => ExitCode::from(signal.exit_code()),
    }
}

fn check(args: &CheckArgs) -> Result<ExitCode, Failure> {
    match check_once(args) {
        // By the convention of plugins 2 would say that the service is down.
        Err(failure @ (Failure::Configuration(_) | Failure::Run(_))) if args.nagios => {
            print(check::nagios_failure(&failure.to_string()).as_bytes())?;
            Ok(ExitCode::from(check::nagios_code(Level::Unknown)))
        }
        outcome => outcome,
    }
}

fn check_once(args: &CheckArgs) -> Result<ExitCode, Failure> {
    let config = load_configuration(&args.watch.overrides())?;
    if config.targets.is_empty() {
        return Err(Failure::Run(
            "nothing to check; name a TARGET or a configuration file".to_owned(),
        ));
    }
    let clock = Clock::system();
    let findings = check::check(&config, &clock)?;
    if let Some(settings) = log(&args.watch.options) {
        append_to_log(&settings, clock.wall(), check::log_lines(&findings))?;
    }
    let worst = check::worst(&findings);
    if args.nagios {
        print(check::nagios_line(&findings).as_bytes())?;
        return Ok(ExitCode::from(check::nagios_code(worst)));
    }
    let health = check::health(&config, &findings);
    print(check::table(&findings, health.as_ref()).as_bytes())?;
    Ok(if worst == Level::Critical {
        ExitCode::from(BROKEN)
    } else {
        ExitCode::SUCCESS
    })
}

fn notify_test(args: &NotifyTestArgs) -> Result<ExitCode, Failure> {
    let overrides = Overrides {
        file: args.config.clone(),
        ..Overrides::default()
    };
    notify::test(&load_configuration(&overrides)?, args, &Clock::system())
}

/// A line on standard error. That nobody reads it is no reason to end.
fn say(line: &str) {
    stderr::offer(format!("{}\n", printable(line)));
    stderr::settle();
}

/// What nobody was told by the end of a run, a line for each channel.
fn undelivered(last: &Snapshot) -> impl Iterator<Item = String> {
    last.channels.iter().filter_map(|channel| {
        let words = channel.undelivered_words()?;
        let remedy = match channel.left_total {
            0 => "",
            _ => "; with a state_file in [alerts] the next run delivers them",
        };
        Some(format!("probetop: notify {}: {words}{remedy}", channel.name))
    })
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
