//! What the user typed. The only place that knows clap; what it means is decided elsewhere.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{FalseyValueParser, PathBufValueParser, TypedValueParser as _};
use clap::{Args, Parser, Subcommand, ValueEnum};
use probetop_core::sample::Severity;
use probetop_core::setting::Period;
use probetop_probe::source::demo::Endpoint;
use probetop_probe::source::registry;

mod generated;
mod help;
mod load;
mod options;
mod order;
mod target;

/// The shells that completions are written for.
pub use clap_complete::Shell;
pub use generated::{completions, manual};
pub use help::parse;
pub use load::{Condition, LoadArgs};
pub use options::{Options, Targets, Watch};

const EXAMPLES: &str = "\
Examples:
  probetop https://shop.example/health              watch one endpoint and this machine
  probetop -i 250ms api=http://localhost:8080/ tcp://localhost:5432
  probetop demo                                     see it at work without a service of your own
  probetop init && probetop                         write a commented probetop.toml and use it
  probetop run --for 5m --output json https://shop.example/ > result.json

A TARGET is a URL or NAME=URL; the scheme picks the probe ({schemes}). Without TARGET and without a \
configuration file it watches this machine. Every option has an environment variable: PROBETOP_INTERVAL for --interval.";

/// Schemes that are named; how many more there are is told.
const SCHEMES_NAMED: [&str; 5] = ["http", "https", "tcp", "process", "demo"];

fn examples() -> String {
    let more = registry::schemes().count() - SCHEMES_NAMED.len();
    let schemes = format!(
        "{} and {more} more: see docs/configuration.md",
        SCHEMES_NAMED.join(", ")
    );
    EXAMPLES.replace("{schemes}", &schemes)
}

/// Each endpoint of the built-in service: any can be a target of its own.
fn demo_endpoints() -> String {
    let line = |endpoint: Endpoint| format!("  demo://{:<10} {}\n", endpoint.name(), endpoint.about());
    let lines: String = Endpoint::ALL.into_iter().map(line).collect();
    format!(
        "Endpoints, each a target wherever targets are named, as in probetop run --for 1m demo://checkout:\n{lines}\
         \x20 demo://           all of them, with their thresholds and rules"
    )
}

const RUN_EXAMPLES: &str = "\
Examples:
  probetop run --for 1m https://shop.example/       a line per target each 10 s and a final table
  probetop run --output ndjson -c load.toml         one document a line each second, until a signal
  probetop run --for 5m --fail-on warning --snapshot out.json -c ci.toml
  probetop run --for 5m --save-baseline before.json -c ci.toml
  probetop run --for 5m --baseline before.json --fail-on regression -c ci.toml

Exit status: 0 fine, 1 could not run, 2 bad arguments or configuration, 3 a condition at or above --fail-on was \
broken during the run, or with regression a target is worse than the baseline, 130 after SIGINT, 143 after SIGTERM.";

const CHECK_EXAMPLES: &str = "\
Examples:
  probetop check https://shop.example/ tcp://db.example:5432
  probetop check --nagios web=https://shop.example/

Exit status: 0 fine, 1 could not run, 2 bad arguments or configuration, 3 a target failed or is critical.
With --nagios: 0 ok, 1 warning, 2 critical, 3 unknown.";

const NOTIFY_TEST_EXAMPLES: &str = "\
Examples:
  probetop notify test                              list the channels of the configuration
  probetop notify test ops                          send a test through the channel ops
  probetop notify test --all -c ci.toml

Exit status: 0 delivered, 1 not delivered, 2 bad arguments or configuration.";

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  probetop completions bash > /etc/bash_completion.d/probetop
  probetop completions zsh > \"${fpath[1]}/_probetop\"
  probetop completions fish > ~/.config/fish/completions/probetop.fish";

/// A full-screen terminal monitor for endpoints and the machine they run on.
#[derive(Parser)]
#[command(name = "probetop", version, max_term_width = 100, after_help = examples(), args_conflicts_with_subcommands = true)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,

    #[command(flatten)]
    pub watch: Watch,
}

#[derive(Subcommand)]
pub enum Command {
    /// Run the same engine without a screen.
    #[command(after_help = RUN_EXAMPLES)]
    Run(RunArgs),
    /// Probe each target once, and exit by the worst level.
    #[command(after_help = CHECK_EXAMPLES)]
    Check(CheckArgs),
    /// Put load on a service, and say what came of it.
    #[command(after_help = load::EXAMPLES)]
    Load(LoadArgs),
    /// Watch the built-in service, and what else is named.
    #[command(after_help = demo_endpoints())]
    Demo(Watch),
    /// Write a configuration to start from.
    Init(InitArgs),
    /// Set a mark in the probetop that runs from this folder.
    Mark(MarkArgs),
    /// Check the configuration, or show what is in effect.
    Config {
        #[command(subcommand)]
        action: ConfigCommand,
    },
    /// Look after the channels that tell people of alerts.
    Notify {
        #[command(subcommand)]
        action: NotifyCommand,
    },
    /// Print a completion script for a shell.
    #[command(after_help = COMPLETIONS_EXAMPLES)]
    Completions {
        #[arg(value_name = "SHELL")]
        shell: Shell,
    },
    /// Print the manual page: probetop man | man -l -
    Man,
}

#[derive(Subcommand)]
pub enum ConfigCommand {
    /// Report every problem at once, each with its place and remedy.
    Check(Targets),
    /// Print the configuration in effect as TOML, secrets masked.
    Show(Targets),
    /// Print the JSON Schema of the configuration file, for editors.
    Schema,
}

#[derive(Subcommand)]
pub enum NotifyCommand {
    /// Send a test through a channel and say what came of it; without NAME list the channels.
    #[command(after_help = NOTIFY_TEST_EXAMPLES)]
    Test(NotifyTestArgs),
}

#[derive(Debug, Args)]
pub struct NotifyTestArgs {
    /// The channel's name.
    #[arg(value_name = "NAME")]
    pub name: Option<String>,

    /// Test every channel, one after the other.
    #[arg(long, env = "PROBETOP_ALL", value_parser = FalseyValueParser::new(), conflicts_with = "name")]
    pub all: bool,

    /// Configuration file [default: ./probetop.toml, then $XDG_CONFIG_HOME/probetop/config.toml].
    #[arg(short, long, value_name = "FILE", env = "PROBETOP_CONFIG")]
    pub config: Option<PathBuf>,
}

#[derive(Args)]
pub struct RunArgs {
    #[command(flatten)]
    pub watch: Targets,

    /// Stop after this long; without it, run until a signal.
    #[arg(long = "for", value_name = "DURATION", env = "PROBETOP_FOR", value_parser = run_length)]
    pub length: Option<Duration>,

    /// What to write to standard output.
    #[arg(short, long, value_name = "FORMAT", env = "PROBETOP_OUTPUT", default_value = "table")]
    pub output: Output,

    /// Write the final snapshot document to FILE, atomically.
    #[arg(long, value_name = "FILE", env = "PROBETOP_SNAPSHOT", value_parser = PathBufValueParser::new().try_map(written_file))]
    pub snapshot: Option<PathBuf>,

    /// Write what was measured to FILE, for a later run with --baseline.
    #[arg(long, value_name = "FILE", env = "PROBETOP_SAVE_BASELINE", value_parser = PathBufValueParser::new().try_map(written_file))]
    pub save_baseline: Option<PathBuf>,

    /// Exit with 3 when a condition of this level or above was broken during the run.
    #[arg(long, value_name = "LEVEL", env = "PROBETOP_FAIL_ON", default_value = "critical")]
    pub fail_on: FailOn,
}

/// What `run` writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// A line per target each 10 s and a final table.
    Table,
    /// One snapshot document a line each second.
    Ndjson,
    /// One final snapshot document.
    Json,
    /// Nothing.
    None,
}

/// From which level on a broken condition fails the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    Critical,
    Warning,
    /// As critical, and when a target did worse than the baseline.
    Regression,
    Never,
}

impl FailOn {
    /// `None`: no condition fails the run.
    pub const fn severity(self) -> Option<Severity> {
        match self {
            Self::Critical | Self::Regression => Some(Severity::Critical),
            Self::Warning => Some(Severity::Warning),
            Self::Never => None,
        }
    }
}

#[derive(Args)]
pub struct CheckArgs {
    #[command(flatten)]
    pub watch: Targets,

    /// Print one line and exit 0, 1, 2 or 3 as monitoring plugins do.
    #[arg(long, env = "PROBETOP_NAGIOS", value_parser = FalseyValueParser::new())]
    pub nagios: bool,
}

#[derive(Debug, Args)]
pub struct InitArgs {
    /// Write every key there is, with an example of each.
    #[arg(long, env = "PROBETOP_FULL", value_parser = FalseyValueParser::new(), conflicts_with = "discover")]
    pub full: bool,

    /// Overwrite a file that is there.
    #[arg(long, env = "PROBETOP_FORCE", value_parser = FalseyValueParser::new())]
    pub force: bool,

    /// Put in it what listens on this machine; asks each listener once what it is.
    #[arg(long, env = "PROBETOP_DISCOVER", value_parser = FalseyValueParser::new())]
    pub discover: bool,

    /// Where to write it.
    #[arg(value_name = "PATH", default_value = crate::config::FILE_NAME)]
    pub path: PathBuf,
}

#[derive(Debug, Args)]
pub struct MarkArgs {
    /// What begins here, such as "stage 2".
    #[arg(value_name = "LABEL", value_parser = mark_label)]
    pub label: String,

    /// The one with this process id, wherever it was started.
    #[arg(long, env = "PROBETOP_PID", value_name = "PID")]
    pub pid: Option<u32>,

    /// Every running probetop of this user.
    #[arg(long, env = "PROBETOP_ALL", value_parser = FalseyValueParser::new())]
    pub all: bool,
}

fn mark_label(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("a mark without a label says nothing; write for example \"stage 2\"".into()),
        label => Ok(label.to_owned()),
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    Period::parse(text).map(Period::duration)
}

fn run_length(text: &str) -> Result<Duration, String> {
    let length = duration(text)?;
    if length.is_zero() {
        return Err("nothing can be measured in that time; write for example 30s, or use `probetop check`".into());
    }
    Ok(length)
}

/// A file to write. Elsewhere `-` means standard output, which has an option of its own here.
fn written_file(path: PathBuf) -> Result<PathBuf, &'static str> {
    if path.as_os_str() == "-" {
        return Err("standard output is chosen by --output; for a file of that name write ./-");
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_mark_has_a_label() {
        let label = |text: &str| mark_label(text).ok();
        assert_eq!(label(" stage 2 ").as_deref(), Some("stage 2"));
        assert_eq!(label(""), None);
        assert_eq!(label(" \t"), None);
    }

    #[test]
    fn a_run_has_a_length() {
        assert_eq!(run_length("30s"), Ok(Duration::from_secs(30)));
        assert!(run_length("0s").unwrap_err().contains("probetop check"));
    }

    #[test]
    fn a_dash_is_not_a_file_to_write() {
        assert_eq!(written_file("./-".into()), Ok(PathBuf::from("./-")));
        assert!(written_file("-".into()).unwrap_err().contains("--output"));
    }

    #[test]
    fn every_option_has_an_environment_variable() {
        fn check(command: &clap::Command) {
            for option in command.get_arguments().filter(|argument| !argument.is_positional()) {
                let name = option.get_id().as_str();
                if matches!(name, "help" | "version") {
                    continue;
                }
                let variable = option
                    .get_env()
                    .and_then(|variable| variable.to_str())
                    .unwrap_or_default();
                assert!(variable.starts_with("PROBETOP_"), "{}: {name}", command.get_name());
            }
            command.get_subcommands().for_each(check);
        }
        check(&Cli::command());
    }
}
