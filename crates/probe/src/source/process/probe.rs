//! The two ways to look at a process: as a target of its own, and beside the answers of another.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use probetop_core::clock::{Clock, Timestamp};
use probetop_core::sample::{Answer, Fact, FailureKind, Phase};
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::Selection;
use super::watcher::{Reading, Watcher};
use crate::source::attempt::{Fault, Stopwatch};
use crate::source::{Attempt, Probe};

/// A reading takes a fraction of a millisecond, a search some; the kernel may hold up either behind a busy process.
const PATIENCE: Duration = Duration::from_millis(500);

/// Reads off the thread that times probes, once at a time.
pub(super) struct Reader {
    clock: Clock,
    watcher: Arc<Mutex<Watcher>>,
}

impl Reader {
    pub(super) fn try_new(clock: Clock, selection: Selection, children: bool) -> Result<Self, String> {
        Ok(Self {
            clock,
            watcher: Arc::new(Mutex::new(Watcher::try_new(selection, children)?)),
        })
    }

    async fn read(&self) -> Result<Reading, Fault> {
        // Held by the thread that reads: one that hangs is not joined by others.
        let mut watcher = Arc::clone(&self.watcher).lock_owned().await;
        let clock = self.clock.clone();
        let reading = tokio::task::spawn_blocking(move || watcher.read(clock.now())).await;
        reading.unwrap_or_else(|_| Err(Fault::new(FailureKind::Local, "the reading broke off")))
    }
}

/// A process as a target of its own.
pub(super) struct Alone {
    clock: Clock,
    reader: Reader,
}

impl Alone {
    pub(super) fn new(clock: Clock, reader: Reader) -> Self {
        Self { clock, reader }
    }

    async fn attempt(&self, deadline: Timestamp) -> Attempt {
        let mut watch = Stopwatch::start(&self.clock, deadline);
        match watch.phase(Phase::Query, self.reader.read()).await {
            Ok(reading) => {
                let mut answer = Answer::default();
                reading.add_to(&mut answer);
                watch.finish(Ok(()), Some(Box::new(answer)))
            }
            Err(failure) => watch.finish(Err(failure), None),
        }
    }
}

impl Probe for Alone {
    fn probe(&self, deadline: Timestamp) -> Pin<Box<dyn Future<Output = Attempt> + Send + '_>> {
        Box::pin(self.attempt(deadline))
    }
}

/// Another probe, whose answers tell of the process too. Its latency and its outcome stay its own.
pub(super) struct Beside {
    probe: Arc<dyn Probe>,
    reader: Reader,
}

impl Beside {
    pub(super) fn new(probe: Arc<dyn Probe>, reader: Reader) -> Self {
        Self { probe, reader }
    }

    async fn attempt(&self, deadline: Timestamp) -> Attempt {
        let mut attempt = self.probe.probe(deadline).await;
        // Also when the probe failed: then it is most worth knowing whether the process runs, and what it does.
        let answer = attempt.answer.get_or_insert_default();
        match timeout(PATIENCE, self.reader.read()).await {
            Ok(Ok(reading)) => reading.add_to(answer),
            Ok(Err(fault)) => answer.facts.push(Fact {
                name: "process".into(),
                value: fault.message,
            }),
            Err(_elapsed) => answer.facts.push(Fact {
                name: "process".into(),
                value: "the system does not tell of it in time".into(),
            }),
        }
        attempt
    }
}

impl Probe for Beside {
    fn probe(&self, deadline: Timestamp) -> Pin<Box<dyn Future<Output = Attempt> + Send + '_>> {
        Box::pin(self.attempt(deadline))
    }
}

impl Reading {
    fn add_to(self, answer: &mut Answer) {
        answer.gauges.extend(self.gauges);
        answer.facts.extend(self.facts);
    }
}
