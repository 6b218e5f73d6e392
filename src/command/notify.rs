//! `probetop notify test`: one try of a channel, and what came of it.

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use probetop_core::clock::{Clock, Timestamp};
use probetop_core::sample::{Micros, printable};
use probetop_core::suggest;
use probetop_screen::ui::terminal::attention;
use probetop_screen::ui::terminal::dialect::Dialect;
use probetop_screen::ui::theme::Environment;
use tokio::time::timeout;

use super::{Failure, print};
use crate::cli::NotifyTestArgs;
use crate::config::problem::Problem;
use crate::config::{Config, Problems};
use crate::export::table::pad;
use crate::notify::channel::Fault;
use crate::notify::kind::ChannelContext;
use crate::notify::message::Message;
use crate::notify::settings::ChannelConfig;
use crate::notify::terminal::{self, Attend};
use crate::run;

/// Tries the channels that are asked for, or lists those there are.
///
/// # Errors
/// There is no channel, or none of this name.
pub(super) fn test(config: &Config, args: &NotifyTestArgs, clock: &Clock) -> Result<ExitCode, Failure> {
    if config.channels.is_empty() {
        let file = file_name(config);
        let message = format!("no channel is configured; add [[notify]] with a name and a kind to {file}");
        return Err(Failure::Run(message));
    }
    let asked = match &args.name {
        Some(name) => vec![named(config, name)?],
        None if args.all => config.channels.iter().collect(),
        None => return print(list(&config.channels).as_bytes()),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut all_well = true;
    for channel in asked {
        let (outcome, took) = runtime.block_on(try_once(channel, clock));
        all_well &= outcome.is_ok();
        let line = line(channel, &outcome, took);
        // Receivers may repeat what came from the environment.
        let line = config.secrets().redactor().redacted(&line).unwrap_or(line);
        print(line.as_bytes())?;
    }
    // A resolver that hangs is not waited for.
    runtime.shutdown_background();
    Ok(if all_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn file_name(config: &Config) -> String {
    match &config.path {
        Some(path) => printable(&path.display().to_string()),
        None => "a configuration file".to_owned(),
    }
}

fn named<'a>(config: &'a Config, name: &str) -> Result<&'a ChannelConfig, Problems> {
    let names = || config.channels.iter().map(|channel| channel.name.as_str());
    let found = config.channels.iter().find(|channel| channel.name.as_str() == name);
    found.ok_or_else(|| {
        let hint = match suggest::closest(name, names()) {
            hint if hint.is_empty() => format!("; known are {}", names().collect::<Vec<_>>().join(", ")),
            hint => hint,
        };
        let mut problems = Problems::default();
        problems.push(Problem::on_command_line(format!("there is no channel {name:?}{hint}")));
        problems
    })
}

/// A line for each channel: its name and its kind.
fn list(channels: &[ChannelConfig]) -> String {
    let width = |text: &str| unicode_width::UnicodeWidthStr::width(text);
    let names = channels.iter().map(|channel| width(channel.name.as_str()));
    let longest = names.max().unwrap_or(0).max("CHANNEL".len());
    let line = |name: &str, kind: &str| format!("{}  {kind}\n", pad(name, longest));
    let lines = channels
        .iter()
        .map(|channel| line(channel.name.as_str(), channel.kind.kind().name));
    std::iter::once(line("CHANNEL", "KIND")).chain(lines).collect()
}

/// Why a try came to nothing.
enum Trouble {
    /// The channel cannot even be made.
    Unusable(String),
    Refused(Fault),
    Late(Duration),
    /// The channel is the terminal, and there is none here.
    NoTerminal,
}

/// Makes the channel and one try. The time is that of the try.
async fn try_once(channel: &ChannelConfig, clock: &Clock) -> (Result<(), Trouble>, Duration) {
    let context = ChannelContext {
        terminal: io::stdout().is_terminal().then(attender),
    };
    if context.terminal.is_none() && std::ptr::eq(channel.kind.kind(), &raw const terminal::KIND) {
        return (Err(Trouble::NoTerminal), Duration::ZERO);
    }
    let made = match channel.kind.build(&context) {
        Ok(made) => made,
        Err(message) => return (Err(Trouble::Unusable(message)), Duration::ZERO),
    };
    let start = clock.now();
    let message = example(start, clock.wall());
    let limit = channel.pace.timeout;
    let outcome = match timeout(limit, made.deliver(&message)).await {
        Ok(outcome) => outcome.map_err(Trouble::Refused),
        Err(_) => Err(Trouble::Late(limit)),
    };
    (outcome, clock.now().since(start))
}

fn example(now: Timestamp, wall: SystemTime) -> Message {
    let wall_origin = wall.checked_sub(now.since_origin()).unwrap_or(SystemTime::UNIX_EPOCH);
    Message {
        machine: run::machine(),
        ..Message::example(now, wall_origin)
    }
}

/// Calls on the terminal itself, where no screen is in the way. The title would be given back at once.
fn attender() -> Attend {
    let dialect = Dialect::of(&Environment::read(|name| std::env::var(name).ok()));
    Arc::new(move |attention| {
        let bytes = attention::call(dialect, attention.bell, attention.popup.as_ref());
        let mut stdout = io::stdout().lock();
        // What came of it is printed next, and fails in the same way.
        let _ = stdout.write_all(&bytes).and_then(|()| stdout.flush());
    })
}

/// `ops (slack): delivered in 132ms`.
fn line(channel: &ChannelConfig, outcome: &Result<(), Trouble>, took: Duration) -> String {
    let (name, kind) = (&channel.name, channel.kind.kind().name);
    let what = match outcome {
        Ok(()) => format!("delivered in {}", Micros::from(took)),
        Err(Trouble::Unusable(message)) => format!("cannot be used: {message}"),
        Err(Trouble::Refused(Fault::Passing { message, wait: _ })) => {
            format!("not delivered: {message}; a run would try again")
        }
        Err(Trouble::Refused(Fault::Lasting { message })) => {
            format!("not delivered: {message}; a run would not try again, so put its [[notify]] right")
        }
        Err(Trouble::NoTerminal) => "not delivered: standard output is not a terminal; try it at one".to_owned(),
        Err(Trouble::Late(limit)) => {
            let limit = humantime::format_duration(*limit);
            format!("not delivered within {limit}; see whether the receiver is there, or raise its timeout")
        }
    };
    format!("{name} ({kind}): {what}\n")
}
