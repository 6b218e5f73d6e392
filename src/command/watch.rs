//! `probetop`: the screen over the engine.

use std::io::{self, IsTerminal};
use std::process::ExitCode;
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, OnceLock};

use probetop_core::clock::Clock;
use probetop_core::sample::{Severity, Text, Window, printable};
use probetop_core::snapshot::Query;
use probetop_screen::ui;
use probetop_screen::ui::page::Pane;
use probetop_screen::ui::theme::{Environment, Family};
use probetop_screen::ui::view::SignalPolicy;

use super::errand::{ErrandDesk, Picked};
use super::run::{self as headless, Options};
use super::{Failure, exit_code, say, undelivered};
use crate::cli::{FailOn, Output};
use crate::config::Config;
use crate::notify::terminal::Attend;
use crate::run::{self, Backlog, Cadence, Engine, Interest, LastProbes, Load, LogSettings, Past, Setup, Signals};

/// What a screen may do beside showing.
pub(super) struct Wishes {
    /// Where targets go that are chosen on it.
    pub picked: Picked,
    /// Whether it may send signals to processes.
    pub signals: SignalPolicy,
}

/// Watches until the user quits, a signal comes or the terminal goes away.
///
/// # Errors
/// There is no terminal, the keys or the theme are not sound, or the engine cannot start or go on.
pub(super) fn watch(
    config: Config,
    load: Load,
    wishes: Wishes,
    clock: Clock,
    log: Option<LogSettings>,
) -> Result<ExitCode, Failure> {
    if !io::stdout().is_terminal() || !io::stdin().is_terminal() {
        let message = "the screen needs a terminal on standard input and output; without one use probetop run";
        return Err(Failure::Run(message.to_owned()));
    }
    let environment = Environment::read(|name| std::env::var(name).ok());
    if environment.family() == Family::Dumb {
        return print_lines(config, load, clock, log);
    }
    let title = config.path.as_ref().map(|path| printable(&path.display().to_string()));
    let title = Text::from(title.unwrap_or_default());
    let look = ui::Look {
        first: first(&config),
        signals: wishes.signals,
        ..look(&config.ui, title, config.window).map_err(Failure::Run)?
    };
    let hint = config.hint();
    let (sender, events) = mpsc::channel();
    let ending = Arc::new(OnceLock::new());
    let interest = Interest {
        query: Query {
            window: config.window,
            ..Query::default()
        },
        cadence: Cadence::AlsoBetween,
        backlog: Backlog::Newest,
    };
    let secrets = config.secrets().clone();
    let setup = Setup {
        config,
        load: Some(load),
        past: Past::Kept,
        clock: clock.clone(),
        signals: Signals::Screen,
        log,
        terminal: Some(attender(sender.clone())),
    };
    let engine = Engine::start(setup, teller(sender.clone(), Arc::clone(&ending)))?;
    let screen = sender.clone();
    // A screen that has ended is about to drop its subscription.
    let desk = ErrandDesk {
        engine: engine.subscribe(interest, move || drop(screen.send(ui::Event::Snapshot))),
        screen: sender.clone(),
        picked: wishes.picked,
    };
    if let Some(hint) = hint {
        let notice = ui::Event::Notice {
            severity: Severity::Info,
            text: hint.into(),
        };
        // The screen that will read it is not there yet, but its queue is.
        let _ = sender.send(notice);
    }
    let has_ended = || ending.get().is_some();
    let mask = move |text: &str| secrets.mask_message(text);
    let exit = ui::run(look, clock, events, sender, has_ended, mask, &desk);
    if let Some(last) = engine.finish(LastProbes::CutOff, &desk.engine) {
        undelivered(&last).for_each(|words| say(&words));
    }
    conclude(ending.get(), exit?)
}

/// Without targets the machine is what there is to see.
fn first(config: &Config) -> Pane {
    match config.targets.is_empty() && config.host.is_some() {
        true => Pane::Machine,
        false => Pane::Overview,
    }
}

/// The exit code, by what ended the screen.
fn conclude(ending: Option<&Ending>, exit: ui::Exit) -> Result<ExitCode, Failure> {
    match (ending, exit) {
        (Some(Ending::Failed(message)), _) => Err(Failure::Run(message.clone())),
        (Some(Ending::Signal(signal)), _) => {
            if let run::Signal::Deadly(number) = signal {
                run::end_by(*number);
            }
            Ok(ExitCode::from(signal.exit_code()))
        }
        (None, ui::Exit::Lost) => Ok(ExitCode::from(run::Signal::Hangup.exit_code())),
        (None, ui::Exit::Quit | ui::Exit::QuitKeepingFrame) => Ok(ExitCode::SUCCESS),
    }
}

/// On a terminal that takes lines alone, as an editor's shell buffer does: the same run without the screen. Some set the
/// name on a terminal that can do more, so what to do about it is said.
fn print_lines(config: Config, load: Load, clock: Clock, log: Option<LogSettings>) -> Result<ExitCode, Failure> {
    say("TERM=dumb cannot place the cursor, so this prints lines as probetop run does; TERM=vt100 probetop draws");
    let options = Options {
        duration: None,
        format: Output::Table,
        snapshot: None,
        save_baseline: None,
        fail_on: FailOn::Never,
        log,
    };
    Ok(exit_code(headless::run(config, load, clock, &options)?))
}

/// What ended the screen from outside.
enum Ending {
    Signal(run::Signal),
    Failed(String),
}

/// The screen as it is configured, made for this terminal; or what is wrong with it, in one line.
fn look(settings: &ui::Settings, title: Text, window: Window) -> Result<ui::Look, String> {
    let environment = Environment::read(|name| std::env::var(name).ok());
    settings.look(&environment, title, window).map_err(|findings| {
        let messages: Vec<_> = findings.into_iter().map(|finding| finding.message).collect();
        messages.join("; ")
    })
}

/// Tells the screen what the engine tells.
fn teller(screen: Sender<ui::Event>, ending: Arc<OnceLock<Ending>>) -> impl Fn(run::Event) + Send + 'static {
    move |event| {
        let event = match event {
            run::Event::Notice(notice) => ui::Event::Notice {
                severity: notice.severity,
                text: notice.text,
            },
            run::Event::Screen(settings) => relook(&settings),
            run::Event::Signal(run::Signal::Suspend) => ui::Event::Signal(ui::Signal::Suspend),
            run::Event::Signal(run::Signal::Resume) => ui::Event::Signal(ui::Signal::Resume),
            run::Event::Signal(run::Signal::Resize) => ui::Event::Signal(ui::Signal::Resize),
            run::Event::Signal(signal) => {
                // The first of several is the one that ended it.
                let _ = ending.set(Ending::Signal(signal));
                ui::Event::Signal(ui::Signal::Stop)
            }
            run::Event::Failed(error) => {
                let _ = ending.set(Ending::Failed(error.to_string()));
                ui::Event::Signal(ui::Signal::Stop)
            }
        };
        // A screen that has ended is about to drop the engine.
        let _ = screen.send(event);
    }
}

/// What the screen is told once its settings were loaded again. Title and window are those it began with.
fn relook(settings: &ui::Settings) -> ui::Event {
    match look(settings, Text::default(), Window::default()) {
        Ok(look) => ui::Event::Look(Box::new(look)),
        Err(problem) => ui::Event::Notice {
            severity: Severity::Warning,
            text: Text::from(problem),
        },
    }
}

/// Makes the screen's terminal call for attention.
fn attender(screen: Sender<ui::Event>) -> Attend {
    Arc::new(move |attention| {
        // A screen that has ended needs no attention.
        let _ = screen.send(ui::Event::Attention(attention));
    })
}
