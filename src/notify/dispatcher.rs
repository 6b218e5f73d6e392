//! The thread that notifies, and the way to it. Whoever offers is never held up.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{self as sync_mpsc, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::Duration;

use probetop_core::clock::Clock;
use probetop_core::sample::{ChannelReport, Text};
use probetop_core::snapshot::Announcement;
use probetop_probe::worker;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::channel::Channel;
use super::kind::ChannelContext;
use super::lane::{Lane, Offer};
use super::settings::ChannelConfig;

/// What is told at the end gets this long to leave.
const GRACE_LIMIT: Duration = Duration::from_secs(3);

/// How much longer its thread is waited for.
const PATIENCE: Duration = Duration::from_millis(500);

/// A channel that was made; `None`: the one at work is as it shall be.
pub type Made = Option<Arc<dyn Channel>>;

/// Makes those of `configs` that are not `at_work`, in their order.
///
/// # Errors
/// Names each that cannot be made, and why.
pub fn make(
    configs: &[ChannelConfig],
    at_work: &[ChannelConfig],
    context: &ChannelContext,
) -> Result<Vec<Made>, Vec<String>> {
    let mut wrong = Vec::new();
    let mut made = Vec::with_capacity(configs.len());
    for config in configs {
        let is_new = !at_work.contains(config);
        match is_new.then(|| config.kind.build(context)).transpose() {
            Ok(channel) => made.push(channel.map(Arc::from)),
            Err(message) => wrong.push(format!("notify {:?}: {message}", config.name)),
        }
    }
    if wrong.is_empty() { Ok(made) } else { Err(wrong) }
}

/// Every channel, as whoever has something to tell sees them. Dropping it ends the thread, after a grace.
pub struct Dispatcher {
    clock: Clock,
    machine: Text,
    seed: u64,
    /// In the order of the configuration.
    lanes: Vec<Handle>,
    /// Lanes of channels that are configured no more, until nothing waits there.
    gone: Vec<Arc<Lane>>,
    /// Revisions of lanes that are gone for good, so that the sum never falls back.
    passed: u64,
    /// As they were last reported; `None`: they are other channels since.
    reported: Option<Arc<[ChannelReport]>>,
    work: Option<mpsc::UnboundedSender<Arc<Lane>>>,
    thread: Option<Worker>,
}

/// The thread, and how to learn that it has ended.
struct Worker {
    thread: JoinHandle<io::Result<()>>,
    ended: sync_mpsc::Receiver<Infallible>,
}

/// One channel that is configured.
struct Handle {
    config: ChannelConfig,
    lane: Arc<Lane>,
}

impl Dispatcher {
    /// Without channels. `machine` is the name it tells everybody, `seed` spreads the tries of many machines.
    ///
    /// # Errors
    /// The system has no thread or descriptor to give.
    pub fn start(clock: Clock, machine: Text, seed: u64) -> io::Result<Self> {
        let (work, receiver) = mpsc::unbounded_channel();
        let (at_work, ended) = sync_mpsc::channel();
        let thread = worker::spawn_with_runtime("notify", move |runtime| {
            runtime.block_on(work_all(receiver));
            // A resolver call cannot be interrupted; it ends with the process.
            runtime.shutdown_background();
            drop(at_work);
            Ok(())
        })?;
        Ok(Self {
            clock,
            machine,
            seed,
            lanes: Vec::new(),
            gone: Vec::new(),
            passed: 0,
            reported: None,
            work: Some(work),
            thread: Some(Worker { thread, ended }),
        })
    }

    /// Tells by these channels from now on; `made` has those that are not at work yet as they shall be. One that keeps its
    /// name keeps what waits for it; one that is gone still sends what waits.
    pub fn follow(&mut self, configs: &[ChannelConfig], made: Vec<Made>) {
        let mut before = std::mem::take(&mut self.lanes);
        for (config, channel) in configs.iter().zip(made) {
            let kept = before.iter().position(|handle| handle.config.name == config.name);
            let lane = match (kept.map(|at| before.swap_remove(at).lane), channel) {
                (Some(lane), None) => lane,
                (Some(lane), Some(channel)) => {
                    lane.become_other(config.clone(), channel);
                    lane
                }
                (None, Some(channel)) => self.open(config, channel),
                (None, None) => continue,
            };
            self.lanes.push(Handle {
                config: config.clone(),
                lane,
            });
        }
        for lane in self.gone.extract_if(.., |lane| lane.report().waiting == 0) {
            self.passed += lane.revision();
        }
        self.gone.extend(before.into_iter().map(|handle| handle.lane));
        self.gone.iter().for_each(|lane| lane.close());
        self.reported = None;
    }

    fn open(&mut self, config: &ChannelConfig, channel: Arc<dyn Channel>) -> Arc<Lane> {
        self.seed = self.seed.wrapping_add(1);
        let (clock, machine) = (self.clock.clone(), self.machine.clone());
        let lane = Arc::new(Lane::new(clock, config.clone(), channel, machine, self.seed));
        if let Some(work) = &self.work {
            // The thread ends only when this is dropped.
            let _ = work.send(Arc::clone(&lane));
        }
        lane
    }

    /// Hands out what there is to tell, without waiting.
    pub fn offer(&self, offer: &Offer) {
        if !offer.announcements.is_empty() {
            self.lanes.iter().for_each(|handle| handle.lane.tell(offer));
        }
    }

    /// Hands to the channel of this name what its receiver had not got when the run before ended. Says whether there is
    /// such a channel.
    pub fn offer_to(&self, channel: &str, offer: &Offer) -> bool {
        let mut lanes = self.lanes.iter();
        let found = lanes.find(|handle| handle.config.name.as_str() == channel);
        found.inspect(|handle| handle.lane.tell(offer)).is_some()
    }

    /// How the channels do, in the order of the configuration; `None`: as when this was last asked.
    pub fn reports(&mut self) -> Option<Arc<[ChannelReport]>> {
        let reports: Arc<[_]> = self.lanes.iter().map(|handle| handle.lane.report()).collect();
        if self.reported.as_ref() == Some(&reports) {
            return None;
        }
        self.reported = Some(Arc::clone(&reports));
        Some(reports)
    }

    /// What has not come to its receiver yet, by the name of the channel.
    pub fn untold(&self) -> impl Iterator<Item = (Text, Announcement)> {
        self.all().flat_map(|lane| {
            let name = lane.report().name;
            lane.untold()
                .into_iter()
                .map(move |announcement| (name.clone(), announcement))
        })
    }

    /// Changes with [`Dispatcher::untold`].
    pub fn revision(&self) -> u64 {
        self.passed + self.all().map(|lane| lane.revision()).sum::<u64>()
    }

    fn all(&self) -> impl Iterator<Item = &Arc<Lane>> {
        self.lanes.iter().map(|handle| &handle.lane).chain(&self.gone)
    }

    /// Gives what waits a few seconds to leave, and the last reports: what waits by then is left. Channels that are
    /// configured no more are among them when they owe something.
    pub fn finish(&mut self) -> Arc<[ChannelReport]> {
        self.join();
        let last = |lane: &Arc<Lane>| {
            let report = lane.report();
            let left_total = report.waiting;
            ChannelReport { left_total, ..report }
        };
        let configured = self.lanes.iter().map(|handle| last(&handle.lane));
        let gone = self.gone.iter().map(last).filter(|report| report.undelivered() > 0);
        configured.chain(gone).collect()
    }

    fn join(&mut self) {
        self.all().for_each(|lane| lane.close());
        self.work = None;
        if let Some(worker) = self.thread.take() {
            worker.join(GRACE_LIMIT + PATIENCE);
        }
    }
}

impl Worker {
    /// Waits that long at most: one in which a channel does not come to an end is left behind, and ends with the process.
    fn join(self, limit: Duration) {
        // Nothing is ever said: the other side is gone when the thread has ended.
        if self.ended.recv_timeout(limit) == Err(RecvTimeoutError::Disconnected) {
            // A panic there has been reported there.
            let _ = self.thread.join();
        }
    }
}

impl Drop for Dispatcher {
    fn drop(&mut self) {
        self.join();
    }
}

/// Runs every lane until nobody has work any more, and what waits then a while longer.
async fn work_all(mut work: mpsc::UnboundedReceiver<Arc<Lane>>) {
    let mut lanes = JoinSet::new();
    while let Some(lane) = work.recv().await {
        // Those that have ended make room.
        while lanes.try_join_next().is_some() {}
        lanes.spawn(lane.work());
    }
    let ended = async { while lanes.join_next().await.is_some() {} };
    // What has not left by now is counted as left.
    let _ = timeout(GRACE_LIMIT, ended).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_that_a_channel_holds_up_is_left_behind() {
        let (held, released) = sync_mpsc::channel::<()>();
        let (at_work, ended) = sync_mpsc::channel();
        let (done, seen) = sync_mpsc::channel();
        let thread = std::thread::spawn(move || {
            let _ = released.recv();
            drop(at_work);
            let _ = done.send(());
            Ok(())
        });
        Worker { thread, ended }.join(Duration::from_millis(1));
        assert!(seen.try_recv().is_err(), "it still runs");
        drop(held);
        assert!(seen.recv().is_ok());
    }
}
