//! Wires the sources to the monitor and the monitor to whoever looks.
//!
//! Threads: `probes` measures and does nothing else, `host` reads this machine, `engine` owns the monitor, and the
//! caller's thread looks. Queues between them are bounded and drop rather than wait; nobody shares state.

mod engine;
mod roster;
mod prepare;
mod reload;
mod loader;
mod background_task;
mod signal;
mod limits;
pub mod control;
mod state_file;
mod log;
mod notify;
mod words;

use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc as sync_mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use probetop_core::clock::{Clock, Timestamp};
use probetop_core::sample::{Act, Severity, Text};
use probetop_core::snapshot::{Notice, Query, Snapshot};
use probetop_probe::source::host::Pace;
use probetop_screen::ui::{self, Document};
use tokio::sync::mpsc;

use crate::config::{Config, Problems};
use crate::notify::terminal::Attend;

pub use background_task::within;
pub use log::{LogDetail, LogSettings, append as append_to_log};
pub use notify::machine;
pub use prepare::Maker;
pub use roster::plan;
pub use signal::{Listener, Signal, Signals, end_by};

/// Loads the configuration afresh, as it was loaded the first time.
pub type Load = Box<dyn Fn() -> Result<Config, Problems> + Send>;

/// What the engine tells whoever looks.
#[derive(Clone, Debug)]
pub enum Event {
    Snapshot(Arc<Snapshot>),
    Notice(Notice),
    /// The screen as it is configured from now on.
    Screen(Box<ui::Settings>),
    Signal(Signal),
    /// The engine cannot go on.
    Failed(Arc<io::Error>),
}

/// What whoever looks asks of the engine.
#[derive(Debug)]
pub enum Command {
    /// From now on, and at once.
    Query(Query),
    /// Writes the document, as of the feed that is looked at, into the working directory.
    Export(Document),
    Reload,
    /// Something done about an alert.
    Act(Act),
    /// A mark set at the keyboard, as of the second that is looked at.
    Mark(Timestamp, Text),
    /// What the screen has to say, for the log as well.
    Notice(Severity, Text),
    /// How often the process table is read.
    Processes(Pace),
    /// Ends the engine; the last snapshot has every detail.
    Finish(LastProbes, sync_mpsc::Sender<Snapshot>),
}

/// What becomes of the probes that are on their way at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastProbes {
    /// They are waited for, until they time out, [`LANDING_LIMIT`] is over, or a signal comes. What then still is on its way
    /// is cut off.
    Awaited,
    /// They are counted as cut off.
    CutOff,
}

impl LastProbes {
    const fn patience(self) -> Duration {
        match self {
            Self::Awaited => LANDING_LIMIT,
            Self::CutOff => Duration::ZERO,
        }
    }
}

/// As long as probes last by default: one that takes longer was configured to.
const LANDING_LIMIT: Duration = Duration::from_secs(5);

/// Whether anybody can look back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Past {
    /// For as long as is configured.
    Kept,
    /// Nobody looks: it would only take memory.
    NotKept,
}

impl Past {
    /// How far back it reaches.
    fn length(self, config: &Config) -> Duration {
        match self {
            Self::Kept => config.history,
            Self::NotKept => Duration::ZERO,
        }
    }
}

/// How to start.
pub struct Setup {
    pub config: Config,
    /// `None`: the configuration is not loaded again.
    pub load: Option<Load>,
    pub past: Past,
    pub clock: Clock,
    pub query: Query,
    pub signals: Signals,
    /// `None`: nothing is logged.
    pub log: Option<LogSettings>,
    /// Makes the terminal call for attention; `None`: there is no screen.
    pub terminal: Option<Attend>,
}

/// A running engine. Dropping it stops every thread without waiting for a last snapshot.
#[derive(Debug)]
pub struct Engine {
    commands: mpsc::UnboundedSender<Command>,
    /// Once set, nothing is asked for any more but what is to outlast the end.
    ending: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// A finish that takes longer has lost its engine.
const FINISH_LIMIT: Duration = Duration::from_secs(15);

/// A thread that has been told to end and takes longer hangs in a call of the system, such as one about a mounted
/// filesystem that does not answer. It is left behind and ends with the process.
const JOIN_LIMIT: Duration = Duration::from_secs(1);

/// Whether such a thread has ended is looked at this often.
const JOIN_PAUSE: Duration = Duration::from_millis(5);

impl Engine {
    /// Starts measuring. `tell` is called on the engine's thread and must not block.
    ///
    /// # Errors
    /// The system has no thread or descriptor to give, a probe cannot be made, or the log file cannot be opened.
    pub fn start(setup: Setup, tell: impl Fn(Event) + Send + 'static) -> io::Result<Self> {
        let (commands, receiver) = mpsc::unbounded_channel();
        let (ready, started) = sync_mpsc::channel();
        let ending = Arc::<AtomicBool>::default();
        let is_ending = Arc::clone(&ending);
        let secrets = setup.config.secrets().clone();
        let thread = std::thread::Builder::new().name("engine".to_owned()).spawn(move || {
            let run = AssertUnwindSafe(|| engine::run(setup, receiver, is_ending, &tell, &ready));
            if let Err(panic) = catch_unwind(run) {
                // Of what the panic may have left half done only `tell` is used.
                let said = secrets.mask_message(&internal_error(&*panic));
                tell(Event::Failed(Arc::new(io::Error::other(said))));
            }
        })?;
        match started.recv() {
            Ok(Ok(())) => Ok(Self {
                commands,
                ending,
                thread: Some(thread),
            }),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(io::Error::other("the engine ended before it began")),
        }
    }

    /// Asks something of the engine; of one that has ended nothing comes back.
    pub fn ask(&self, command: Command) {
        // The engine ends only by itself when it failed, and has said so by an event.
        let _ = self.commands.send(command);
    }

    /// A handle for others to ask by.
    pub fn asker(&self) -> impl Fn(Command) + Send + Clone + 'static {
        let commands = self.commands.clone();
        move |command| {
            let _ = commands.send(command);
        }
    }

    /// Stops measuring and gives the last snapshot, with every detail. `None`: the engine had failed.
    pub fn finish(mut self, last_probes: LastProbes) -> Option<Snapshot> {
        self.end(last_probes)
    }

    /// Takes [`FINISH_LIMIT`] and three times [`JOIN_LIMIT`] at most, whatever hangs.
    fn end(&mut self, last_probes: LastProbes) -> Option<Snapshot> {
        let thread = self.thread.take()?;
        let (reply, last) = sync_mpsc::channel();
        self.ending.store(true, Ordering::Relaxed);
        self.ask(Command::Finish(last_probes, reply));
        let last = last.recv_timeout(FINISH_LIMIT).ok();
        // It waits for two others itself. A panic there has been reported there.
        let _ = join_within(3 * JOIN_LIMIT, thread);
        last
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let _ = self.end(LastProbes::CutOff);
    }
}

/// What a thread that has been told to end gave; `None`: it panicked, or hangs and is left behind.
fn join_within<T>(limit: Duration, thread: JoinHandle<T>) -> Option<T> {
    let mut left = limit;
    while !thread.is_finished() && !left.is_zero() {
        std::thread::sleep(JOIN_PAUSE);
        left = left.saturating_sub(JOIN_PAUSE);
    }
    thread.is_finished().then(|| thread.join().ok()).flatten()
}

fn internal_error(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("internal error in the engine: {}", text.unwrap_or("no message"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Overrides;

    #[test]
    fn a_thread_that_hangs_is_left_behind() {
        let (held, released) = sync_mpsc::channel::<()>();
        let hanging = std::thread::spawn(move || released.recv().is_ok());
        assert_eq!(join_within(JOIN_PAUSE, hanging), None);
        drop(held);
        let quick = std::thread::spawn(|| 7);
        assert_eq!(join_within(FINISH_LIMIT, quick), Some(7));
    }

    #[test]
    fn an_engine_that_panics_says_so_and_is_not_waited_for() {
        let overrides = Overrides {
            targets: vec!["tcp://localhost:1".to_owned()],
            ..Overrides::default()
        };
        let setup = Setup {
            config: Config::load(&overrides, &|_| None).unwrap(),
            load: None,
            past: Past::Kept,
            clock: Clock::system(),
            query: Query::default(),
            signals: Signals::Headless,
            log: None,
            terminal: None,
        };
        let (sender, events) = sync_mpsc::channel();
        let engine = Engine::start(setup, move |event| match event {
            Event::Snapshot(_) => panic!("a bug"),
            Event::Failed(error) => sender.send(error.to_string()).unwrap(),
            Event::Notice(_) | Event::Screen(_) | Event::Signal(_) => {}
        });
        let said = events.recv_timeout(Duration::from_secs(60));
        assert_eq!(said.unwrap(), "internal error in the engine: a bug");
        drop(engine);
    }
}
