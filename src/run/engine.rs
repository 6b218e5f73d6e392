//! The engine's thread: drains the inputs, ticks once a second, answers its readers, reloads.

mod beat;
mod start;
mod follow;
mod obey;
mod subscriber;
mod finish;
mod answer;
mod stores;
mod drain;
mod contrast;
mod export;

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc as sync_mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use beat::{Beat, Due};
use export::Export;
use follow::Machine;
use obey::Next;
use probetop_core::clock::{Clock, Timestamp};
use probetop_core::sample::{Severity, Tick};
use probetop_core::snapshot::{Announcement, Notice, Request};
use probetop_engine::history::History;
use probetop_engine::monitor::{Input, Monitor};
use probetop_probe::source::host::TablePace;
use probetop_probe::source::host::usage::Usage;
use probetop_probe::source::sink::{Inbox, Sink};
use subscriber::Subscribers;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::control::Control;
use super::limits::Descriptors;
use super::loader::{Loader, News};
use super::log::Log;
use super::message::{Command, Event};
use super::notify::Notifier;
use super::roster::Roster;
use super::signal::Listener;
use super::state_file::StateFile;
use super::{JOIN_LIMIT, Past, Setup, join_within};
use crate::config::Config;
use crate::config::secret::Secrets;

/// How long the end waits for the log.
const LOG_PATIENCE: Duration = Duration::from_secs(1);

/// Runs until it is told to finish, or fails. Says through `ready` whether it could start.
pub(super) fn run(
    setup: Setup,
    commands: mpsc::UnboundedReceiver<Command>,
    ending: Arc<AtomicBool>,
    tell: &dyn Fn(Event),
    ready: &sync_mpsc::Sender<io::Result<()>>,
) {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return report(ready, Err(error)),
    };
    let secrets = setup.config.secrets().clone();
    let shown = |error: io::Error| {
        let redacted = secrets.redactor().redacted(&error.to_string());
        redacted.map_or(error, io::Error::other)
    };
    runtime.block_on(async {
        match Running::start(setup, ending, tell) {
            Ok((mut engine, signals)) => {
                report(ready, Ok(()));
                let lived = engine.live(commands, signals).await;
                // What the probing thread died of says more than that it did.
                if let Err(error) = engine.stop().and(lived) {
                    tell(Event::Failed(Arc::new(shown(error))));
                }
            }
            Err(error) => report(ready, Err(shown(error))),
        }
    });
}

fn report(ready: &sync_mpsc::Sender<io::Result<()>>, outcome: io::Result<()>) {
    // Whoever starts an engine waits for this.
    let _ = ready.send(outcome);
}

struct Running<'a> {
    clock: Clock,
    tell: &'a dyn Fn(Event),
    ending: Arc<AtomicBool>,
    monitor: Monitor,
    /// What the monitor has to tell since the last tick.
    announced: Vec<Announcement>,
    history: History,
    past: Past,
    subscribers: Subscribers,
    control: Option<Control>,
    /// When it was last seen to run.
    awake: Timestamp,
    sink: Sink,
    inbox: Inbox,
    usage: Usage,
    roster: Roster,
    /// Files that are being written for readers.
    exports: Vec<Export>,
    /// The configuration in force.
    config: Arc<Config>,
    /// `None`: it is not loaded again.
    loader: Option<Loader>,
    descriptors: Descriptors,
    cancel: CancellationToken,
    probes: JoinHandle<io::Result<()>>,
    host: Option<Machine>,
    pace: Arc<TablePace>,
    log: Option<Log>,
    state_file: Option<StateFile>,
    secrets: Secrets,
    notifier: Notifier,
}

impl Running<'_> {
    async fn live(&mut self, mut commands: mpsc::UnboundedReceiver<Command>, mut signals: Listener) -> io::Result<()> {
        let mut beat = Beat::new(self.clock.now());
        loop {
            let next = beat.next(self.clock.now());
            tokio::select! {
                biased;
                // At the end only the end is waited for, which takes what was measured and ticks by itself.
                () = tokio::time::sleep_until(self.clock.instant(next).into()), if !self.is_ending() => {
                    self.drain();
                    self.hear_of_exports();
                    match beat.due(self.clock.now()) {
                        Due::Drain => {}
                        Due::Show => self.show(),
                        Due::Tick => self.tick(),
                    }
                    if self.probes.is_finished() {
                        return Err(io::Error::other("the probing thread has ended"));
                    }
                }
                signal = signals.next() => self.signalled(signal),
                command = commands.recv() => {
                    let Some(command) = command else { return Ok(()) };
                    if let Next::Finish(finish) = self.obey(command) {
                        let last = self.finish(&finish, &mut signals).await;
                        // Nobody waits when the engine is dropped.
                        let _ = finish.reply.send(last);
                        return Ok(());
                    }
                    // However many commands wait, signals and the clock are looked at in between.
                    tokio::task::yield_now().await;
                }
                request = next_request(&mut self.control) => self.ask(None, request),
                news = next_news(&mut self.loader) => match news {
                    News::Changed => self.reload(),
                    News::Loaded(outcome) => self.loaded(*outcome),
                },
            }
        }
    }

    /// Whether [`Command::Finish`] is among the commands, or comes at once.
    fn is_ending(&self) -> bool {
        self.ending.load(Ordering::Relaxed)
    }

    /// Waits for nobody beyond a limit: reading a mounted filesystem that does not answer takes for ever.
    ///
    /// # Errors
    /// The probing thread had failed.
    fn stop(self) -> io::Result<()> {
        self.cancel.cancel();
        if let Some(host) = self.host {
            host.cancel.cancel();
            let _ = join_within(JOIN_LIMIT, host.thread);
        }
        // A panic there has been reported there.
        join_within(JOIN_LIMIT, self.probes).unwrap_or(Ok(()))
    }

    /// Whatever the monitor takes, history and the log hear of. What it has to tell is told with the next tick.
    fn take(&mut self, input: Input) {
        let announced = self.apply(input);
        self.announced.extend(announced);
    }

    fn apply(&mut self, input: Input) -> Vec<Announcement> {
        self.history.input(&input);
        if let Some(log) = &mut self.log {
            log.input(&input);
        }
        self.monitor.apply(input)
    }

    fn tick(&mut self) {
        self.advance();
        self.keep();
        self.flush_log();
        self.publish();
    }

    /// Rotates the windows and judges.
    fn advance(&mut self) {
        self.advance_to(self.clock.now());
    }

    fn advance_to(&mut self, now: Timestamp) {
        let tick = Tick {
            now,
            wall: self.clock.wall() - self.clock.now().since(now),
            dropped: self.inbox.dropped(),
            own: self.usage.read(now),
        };
        self.take(Input::Tick(tick));
        self.history.advance(&self.monitor);
        if let Some(log) = &mut self.log {
            log.tick(&self.monitor);
        }
        let announced = std::mem::take(&mut self.announced);
        if let Some(reports) = self.notifier.pass(announced, &self.monitor) {
            self.take(reports.into());
        }
    }

    fn start_log(&mut self) {
        if let Some(log) = &mut self.log {
            log.start(self.config.path.as_deref(), &self.monitor);
        }
        self.flush_log();
    }

    /// Has the log written. Measuring waits for nothing.
    fn flush_log(&mut self) {
        let now = self.clock.now();
        if let Some(text) = self.log.as_mut().and_then(|log| log.flush(now)) {
            self.notify(Severity::Warning, text);
        }
    }

    fn notify(&mut self, severity: Severity, text: String) {
        let text = self.secrets.redactor().redacted(&text).unwrap_or(text);
        let notice = Notice {
            at: self.clock.now(),
            severity,
            text: text.into(),
        };
        self.take(Input::Notice(notice.clone()));
        (self.tell)(Event::Notice(notice));
    }
}

/// The next thing that another program asks for; none comes where nobody listens.
async fn next_request(control: &mut Option<Control>) -> Request {
    match control {
        Some(control) => control.next().await,
        None => std::future::pending().await,
    }
}

/// The next news of the configuration's file; none comes where it is not loaded again.
async fn next_news(loader: &mut Option<Loader>) -> News {
    match loader {
        Some(loader) => loader.next().await,
        None => std::future::pending().await,
    }
}
