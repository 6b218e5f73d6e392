//! Puts load on a service, by a timetable that is worked out beforehand.
//!
//! Workers are threads of their own, never that of the probes. Each has a runtime, a recorder and its part of the one
//! timetable: of `n` workers the first takes the sends or users 0, n, 2n, …, the second 1, n + 1, … So they never ask each
//! other anything, and together do what one would have done. What a request is, and how it is made, is the business of a
//! [`Crowd`]; what comes of it is counted where it happens, and handed over once a second.

mod assembly;
mod alarm;
mod recorder;
mod flight;
mod open;
mod closed;
mod worker;

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use assembly::Assembly;
use probetop_core::clock::{Clock, Timestamp};
use probetop_core::profile::Profile;
use probetop_core::sample::load::LoadSecond;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use worker::Worker;

use crate::source::kind::Crowd;
use crate::worker::spawn_with_runtime;

/// More workers than this are more than any machine has cores for.
pub const WORKERS_LIMIT: u16 = 256;

/// What a run does, and to whom.
#[derive(Clone)]
pub struct Order {
    pub profile: Profile,
    pub crowd: Arc<dyn Crowd>,
    /// A request that takes longer has failed.
    pub timeout: Duration,
    /// Threads that send.
    pub workers: u16,
    /// Connections at once, of all workers together.
    pub connections: u32,
}

/// What is said while it runs.
#[derive(Debug)]
pub enum News {
    /// A second is over, for all workers together.
    Second(LoadSecond),
    /// All workers have ended, and nothing more is said.
    Ended,
}

/// A run on its way. Dropping it gives up what is on its way.
pub struct Running {
    started: Timestamp,
    stop: CancellationToken,
    abort: CancellationToken,
    threads: Vec<JoinHandle<io::Result<()>>>,
}

impl Running {
    /// Starts a run. `tell` is called by the workers and must not block.
    ///
    /// # Errors
    /// The system has no thread or descriptor to give.
    pub fn start(order: Order, clock: &Clock, tell: impl Fn(News) + Send + Sync + 'static) -> io::Result<Self> {
        let (stop, abort) = (CancellationToken::new(), CancellationToken::new());
        let assembly = Arc::new(Assembly::new(order.workers, tell));
        // They begin together, when the last of them is there.
        let (word, started) = watch::channel(None);
        let mut running = Self {
            started: Timestamp::ZERO,
            stop,
            abort,
            threads: Vec::new(),
        };
        for number in 0..order.workers {
            let worker = Worker {
                order: order.clone(),
                number,
                clock: clock.clone(),
                stop: running.stop.clone(),
                abort: running.abort.clone(),
            };
            let (assembly, started) = (Arc::clone(&assembly), started.clone());
            // Where one ends of an error, or of a defect, the others would go on with less than was asked for.
            let failing = running.abort.clone().drop_guard();
            let thread = spawn_with_runtime("load", move |runtime| {
                let place = assembly.place();
                let outcome = runtime.block_on(worker.run(started, move |second| place.hand_over(second)));
                // A resolver call cannot be interrupted; it ends with the process.
                runtime.shutdown_background();
                if outcome.is_ok() {
                    failing.disarm();
                }
                outcome
            });
            // Where one is refused, those before it are dropped with `running`.
            running.threads.push(thread?);
        }
        running.started = clock.now();
        // Nobody listens where all have ended already, as by an error.
        let _ = word.send(Some(running.started));
        Ok(running)
    }

    /// When it began.
    pub const fn started(&self) -> Timestamp {
        self.started
    }

    /// Starts nothing more, and ends when all that is on its way has come back.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Gives up what is on its way.
    pub fn abort(&self) {
        self.abort.cancel();
    }

    /// Waits for the end.
    ///
    /// # Errors
    /// What a worker ended of.
    pub fn join(mut self) -> io::Result<()> {
        let threads = std::mem::take(&mut self.threads);
        let outcomes = threads.into_iter().map(|thread| {
            let outcome = thread.join();
            outcome.unwrap_or_else(|_panic| Err(io::Error::other("a worker ended in a defect of probetop itself")))
        });
        // All are waited for, whatever became of the first.
        let outcomes: Vec<_> = outcomes.collect();
        outcomes.into_iter().collect()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.abort.cancel();
    }
}
