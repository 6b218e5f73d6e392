//! The thread that notifies, and the way to it. Whoever offers is never held up.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::channel::Channel;
use super::kind::Means;
use super::lane::{Lane, Offer, Order};
use super::settings::ChannelConfig;
use crate::clock::Clock;
use crate::sample::{ChannelReport, Text};

/// Ticks that may pile up before a channel that gets no processor time loses announcements.
const OFFER_LIMIT: usize = 64;

/// What is told at the end gets this long to leave.
const GRACE_LIMIT: Duration = Duration::from_secs(3);

/// A lane at work.
type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Every channel, as whoever has something to tell sees them. Dropping it ends the thread, after a grace.
pub struct Dispatcher {
    clock: Clock,
    machine: Text,
    means: Means,
    seed: u64,
    /// In the order of the configuration.
    lanes: Vec<Handle>,
    /// Whether the list of lanes is another than the one reported.
    changed: bool,
    work: Option<mpsc::UnboundedSender<Work>>,
    thread: Option<JoinHandle<()>>,
}

/// The way to one lane.
struct Handle {
    config: ChannelConfig,
    orders: mpsc::Sender<Order>,
    reports: watch::Receiver<ChannelReport>,
    /// Announcements that could not even be handed over.
    lost: u64,
}

impl Dispatcher {
    /// Without channels. `machine` is the name it tells everybody, `seed` spreads the tries of many machines.
    ///
    /// # Errors
    /// The system has no thread or descriptor to give.
    pub fn start(clock: Clock, machine: Text, means: Means, seed: u64) -> io::Result<Self> {
        let (work, receiver) = mpsc::unbounded_channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let thread = std::thread::Builder::new().name("notify".to_owned()).spawn(move || {
            runtime.block_on(work_all(receiver));
            // A resolver call cannot be interrupted; it ends with the process.
            runtime.shutdown_background();
        })?;
        Ok(Self {
            clock,
            machine,
            means,
            seed,
            lanes: Vec::new(),
            changed: false,
            work: Some(work),
            thread: Some(thread),
        })
    }

    /// Tells by these channels from now on. One that keeps its name keeps what waits for it; one that is gone still
    /// sends what waits.
    ///
    /// # Errors
    /// A channel cannot be made; then nothing has changed.
    pub fn follow(&mut self, configs: &[ChannelConfig]) -> io::Result<()> {
        let made: Vec<_> = configs
            .iter()
            .map(|config| Ok((config, self.make(config)?)))
            .collect::<io::Result<_>>()?;
        let mut before = std::mem::take(&mut self.lanes);
        for (config, channel) in made {
            let kept = before.iter().position(|handle| handle.config.name == config.name);
            let handle = match (kept.map(|at| before.swap_remove(at)), channel) {
                (Some(handle), None) => handle,
                (Some(handle), Some(channel)) => self.replace(handle, config, channel),
                (None, Some(channel)) => self.open(config, channel),
                (None, None) => continue,
            };
            self.lanes.push(handle);
        }
        self.changed = true;
        Ok(())
    }

    /// `None`: it is at work already, as it shall be.
    fn make(&self, config: &ChannelConfig) -> io::Result<Option<Arc<dyn Channel>>> {
        if self.lanes.iter().any(|handle| handle.config == *config) {
            return Ok(None);
        }
        let channel = config.kind.build(&self.means);
        let channel = channel.map_err(|message| io::Error::other(format!("notify {:?}: {message}", config.name)))?;
        Ok(Some(Arc::from(channel)))
    }

    /// What waits stays where it is. Of a lane that takes no order at the moment the old one goes on until nothing waits.
    fn replace(&mut self, mut handle: Handle, config: &ChannelConfig, channel: Arc<dyn Channel>) -> Handle {
        let order = Order::Become(config.clone(), Arc::clone(&channel));
        if handle.orders.try_send(order).is_err() {
            return self.open(config, channel);
        }
        handle.config = config.clone();
        handle
    }

    fn open(&mut self, config: &ChannelConfig, channel: Arc<dyn Channel>) -> Handle {
        self.seed = self.seed.wrapping_add(1);
        let lane = Lane::new(
            self.clock.clone(),
            config.clone(),
            channel,
            self.machine.clone(),
            self.seed,
        );
        let (orders, receiver) = mpsc::channel(OFFER_LIMIT);
        let reports = lane.reports();
        if let Some(work) = &self.work {
            // The thread ends only when this is dropped.
            let _ = work.send(Box::pin(lane.work(receiver)));
        }
        Handle {
            config: config.clone(),
            orders,
            reports,
            lost: 0,
        }
    }

    /// Hands out what there is to tell, without waiting.
    pub fn offer(&mut self, offer: Offer) {
        if offer.announcements.is_empty() {
            return;
        }
        let offer = Arc::new(offer);
        for handle in &mut self.lanes {
            if handle.orders.try_send(Order::Tell(Arc::clone(&offer))).is_err() {
                let ChannelConfig { name, audience, .. } = &handle.config;
                let announcements = offer.announcements.iter();
                let lost = announcements.filter(|lost| audience.wants(name, lost, &offer.targets));
                handle.lost += lost.count() as u64;
                self.changed = true;
            }
        }
    }

    /// How the channels do, in the order of the configuration; `None`: as when this was last asked.
    pub fn reports(&mut self) -> Option<Arc<[ChannelReport]>> {
        let moved = |handle: &Handle| handle.reports.has_changed().unwrap_or(false);
        if !std::mem::take(&mut self.changed) && !self.lanes.iter().any(moved) {
            return None;
        }
        Some(self.lanes.iter_mut().map(Handle::report).collect())
    }

    /// Gives what waits a few seconds to leave, and the last reports.
    pub fn finish(&mut self) -> Arc<[ChannelReport]> {
        let closed: Vec<_> = self.lanes.drain(..).map(Handle::close).collect();
        self.join();
        closed
            .into_iter()
            .map(|(mut reports, lost)| report(&mut reports, lost))
            .collect()
    }

    fn join(&mut self) {
        self.lanes.clear();
        self.work = None;
        if let Some(thread) = self.thread.take() {
            // A panic there has been reported there.
            let _ = thread.join();
        }
    }
}

impl Drop for Dispatcher {
    fn drop(&mut self) {
        self.join();
    }
}

impl Handle {
    fn report(&mut self) -> ChannelReport {
        report(&mut self.reports, self.lost)
    }

    fn close(self) -> (watch::Receiver<ChannelReport>, u64) {
        (self.reports, self.lost)
    }
}

fn report(reports: &mut watch::Receiver<ChannelReport>, lost: u64) -> ChannelReport {
    let mut report = reports.borrow_and_update().clone();
    report.dropped_total += lost;
    report
}

/// Runs every lane until nobody has work any more, and what waits then a while longer.
async fn work_all(mut work: mpsc::UnboundedReceiver<Work>) {
    let mut lanes = JoinSet::new();
    while let Some(lane) = work.recv().await {
        // Those that have ended make room.
        while lanes.try_join_next().is_some() {}
        lanes.spawn(lane);
    }
    let ended = async { while lanes.join_next().await.is_some() {} };
    // What has not left by now is lost, and its channel said why.
    let _ = timeout(GRACE_LIMIT, ended).await;
}
