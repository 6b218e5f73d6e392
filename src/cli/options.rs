//! What is watched, and how: what most subcommands take.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use clap::builder::{FalseyValueParser, PossibleValuesParser};
use probetop_core::sample::Window;
use probetop_core::setting::ByteRate;
use probetop_screen::ui::ColorChoice;

use super::{duration, target};
use crate::config::{HostChoice, Overrides};

/// What is watched, and how. Not `Debug`: targets may hold passwords.
#[derive(Default, Args)]
pub struct Targets {
    /// What to watch: a URL, or NAME=URL.
    #[arg(value_name = "TARGET", value_parser = target::parse)]
    pub targets: Vec<String>,

    #[command(flatten)]
    pub options: Options,
}

/// What is watched on a screen. Not `Debug`: targets may hold passwords.
#[derive(Default, Args)]
pub struct Watch {
    #[command(flatten)]
    pub watched: Targets,

    /// Let K on the machine page send signals, after asking.
    #[arg(long, env = "PROBETOP_ALLOW_SIGNALS", value_parser = FalseyValueParser::new())]
    pub allow_signals: bool,
}

#[derive(Debug, Default, Args)]
pub struct Options {
    /// Configuration [default: ./probetop.toml, then ~/.config/probetop/config.toml].
    #[arg(short, long, value_name = "FILE", env = "PROBETOP_CONFIG")]
    pub config: Option<PathBuf>,

    /// Time from one probe of a target to its next [default: 1s].
    #[arg(short, long, value_name = "DURATION", env = "PROBETOP_INTERVAL", value_parser = duration)]
    pub interval: Option<Duration>,

    /// A probe that takes longer has failed [default: 5s].
    #[arg(short, long, value_name = "DURATION", env = "PROBETOP_TIMEOUT", value_parser = duration)]
    pub timeout: Option<Duration>,

    /// Window shown first: 10s, 1m, 2m, 5m, 15m or run [default: 2m].
    #[arg(short, long, value_name = "WINDOW", env = "PROBETOP_WINDOW", value_parser = window)]
    pub window: Option<Window>,

    /// Compare with what `run --save-baseline`, or e, then b, wrote.
    #[arg(long, value_name = "FILE", env = "PROBETOP_BASELINE")]
    pub baseline: Option<PathBuf>,

    /// Do not watch this machine.
    #[arg(long, env = "PROBETOP_NO_HOST", value_parser = FalseyValueParser::new())]
    pub no_host: bool,

    /// Use colours: auto, always or never [default: auto].
    #[arg(long, value_name = "WHEN", env = "PROBETOP_COLOR", value_parser = PossibleValuesParser::new(ColorChoice::ALL.map(ColorChoice::name)), hide_possible_values = true)]
    pub color: Option<String>,

    /// Draw with ASCII characters only.
    #[arg(long, env = "PROBETOP_ASCII", value_parser = FalseyValueParser::new())]
    pub ascii: bool,

    /// Colours of the screen; t lists the themes [default: auto].
    #[arg(long, value_name = "NAME", env = "PROBETOP_THEME")]
    pub theme: Option<String>,

    /// What the screen may send to the terminal, such as 2KB/s.
    #[arg(long, value_name = "RATE", env = "PROBETOP_BUDGET", value_parser = ByteRate::parse)]
    pub budget: Option<ByteRate>,

    /// Write a log to FILE.
    #[arg(long, value_name = "FILE", env = "PROBETOP_LOG_FILE")]
    pub log_file: Option<PathBuf>,

    /// Log more; twice for everything.
    #[arg(short, long, action = clap::ArgAction::Count, env = "PROBETOP_VERBOSE")]
    pub verbose: u8,
}

impl Targets {
    /// What stands above the file.
    pub fn overrides(&self) -> Overrides {
        Overrides {
            targets: self.targets.clone(),
            ..self.options.overrides()
        }
    }
}

impl Options {
    /// What stands above the file, without targets.
    pub fn overrides(&self) -> Overrides {
        let named = |name: &str| ColorChoice::ALL.into_iter().find(|choice| choice.name() == name);
        Overrides {
            file: self.config.clone(),
            targets: Vec::new(),
            interval: self.interval,
            timeout: self.timeout,
            window: self.window,
            host: if self.no_host {
                HostChoice::Off
            } else {
                HostChoice::AsConfigured
            },
            color: self.color.as_deref().and_then(named),
            ascii: self.ascii.then_some(true),
            theme: self.theme.clone(),
            budget: self.budget,
            baseline: self.baseline.clone(),
        }
    }
}

fn window(text: &str) -> Result<Window, String> {
    Window::from_name(text).ok_or_else(|| {
        let names: Vec<_> = Window::ALL.into_iter().map(Window::name).collect();
        format!("use {}", names.join(", "))
    })
}
