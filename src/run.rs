//! Wires the sources to the monitor and the monitor to whoever reads.
//!
//! Any number of readers subscribe, each with a query of its own, and what they ask for besides goes the same way
//! ([`Subscription`]). What the engine has to say to all is an [`Event`].
//!
//! Threads: `probes` measures and does nothing else, `host` reads this machine, `engine` owns the monitor, and the
//! caller's thread looks. Queues between them are bounded and drop rather than wait; nobody shares state.

mod message;
mod subscription;
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
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, mpsc as sync_mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use message::{Command, Finish, SubscriberId, WholeRun};
use probetop_core::clock::Clock;
use probetop_core::snapshot::Snapshot;
use probetop_probe::worker;
use subscription::Mailbox;
use tokio::sync::mpsc;

use crate::config::{Config, Problems};
use crate::notify::terminal::Attend;

pub use background_task::within;
pub(crate) use limits::Descriptors;
pub use log::{LogDetail, LogSettings, append as append_to_log};
pub use message::{Event, Last, LastProbes};
pub use notify::machine;
pub use prepare::Maker;
pub use roster::plan;
pub use signal::{Listener, Signal, Signals, end_by};
pub use subscription::{Backlog, Cadence, Interest, Subscription};

/// Loads the configuration afresh, as it was loaded the first time.
pub type Load = Box<dyn Fn() -> Result<Config, Problems> + Send>;

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
    subscribers: AtomicU32,
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
        let thread = worker::spawn("engine", move || {
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
                subscribers: AtomicU32::default(),
                thread: Some(thread),
            }),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(io::Error::other("the engine ended before it began")),
        }
    }

    /// Gives a reader its own stream of snapshots: an answer at once, and from then on as `interest` says, until the
    /// subscription is dropped. `wake` is called on the engine's thread when a snapshot waits for a reader that had seen all
    /// there were; it must not block.
    pub fn subscribe(&self, interest: Interest, wake: impl Fn() + Send + Sync + 'static) -> Subscription {
        let id = SubscriberId(self.subscribers.fetch_add(1, Ordering::Relaxed));
        let mailbox = Arc::new(Mailbox::new(interest.backlog, wake));
        let subscription = Subscription::new(id, self.commands.clone(), Arc::clone(&mailbox));
        // The engine ends only by itself when it failed, and has said so by an event.
        let _ = self.commands.send(Command::Subscribe(id, interest, mailbox));
        subscription
    }

    /// Stops measuring and gives the last snapshot: what `reader` asked for last, with every detail. `None`: the engine had
    /// failed.
    pub fn finish(mut self, last_probes: LastProbes, reader: &Subscription) -> Option<Snapshot> {
        let last = self.end(last_probes, Some(reader.id()), WholeRun::LeftOut);
        last.map(|last| last.snapshot)
    }

    /// As [`finish`](Self::finish), and all that was measured, as far as it is kept.
    pub fn finish_run(mut self, last_probes: LastProbes, reader: &Subscription) -> Option<Last> {
        self.end(last_probes, Some(reader.id()), WholeRun::Wanted)
    }

    /// Takes [`FINISH_LIMIT`] and three times [`JOIN_LIMIT`] at most, whatever hangs.
    fn end(&mut self, last_probes: LastProbes, reader: Option<SubscriberId>, whole_run: WholeRun) -> Option<Last> {
        let thread = self.thread.take()?;
        let (reply, last) = sync_mpsc::channel();
        self.ending.store(true, Ordering::Relaxed);
        // One that failed has nobody who hears of it.
        let _ = self.commands.send(Command::Finish(Finish {
            last_probes,
            reader,
            whole_run,
            reply,
        }));
        let last = last.recv_timeout(FINISH_LIMIT).ok();
        // It waits for two others itself. A panic there has been reported there.
        let _ = join_within(3 * JOIN_LIMIT, thread);
        last
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let _ = self.end(LastProbes::CutOff, None, WholeRun::LeftOut);
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
            signals: Signals::Headless,
            log: None,
            terminal: None,
        };
        let (sender, events) = sync_mpsc::channel();
        let engine = Engine::start(setup, move |event| match event {
            Event::Failed(error) => sender.send(error.to_string()).unwrap(),
            Event::Notice(_) | Event::Screen(_) | Event::Signal(_) => {}
        });
        let engine = engine.unwrap();
        let reader = engine.subscribe(Interest::default(), || panic!("a bug"));
        let said = events.recv_timeout(Duration::from_secs(60));
        assert_eq!(said.unwrap(), "internal error in the engine: a bug");
        assert!(engine.finish(LastProbes::CutOff, &reader).is_none());
    }
}
