//! One channel at work: takes what it is to tell, tries, and says how it does.
//!
//! Shared by whoever offers and the thread that sends. The lock is held while something is taken or decided, never while
//! anything is waited for.

use std::panic;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use probetop_core::clock::{Clock, Timestamp};
use probetop_core::sample::{ChannelReport, Text};
use probetop_core::snapshot::Announcement;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{sleep_until, timeout};

use super::audience::Targets;
use super::channel::{Channel, Fault};
use super::message::Message;
use super::outbox::{Batch, Next, Outbox};
use super::settings::ChannelConfig;

/// What a tick has to tell, for all channels.
#[derive(Clone, Debug)]
pub struct Offer {
    pub announcements: Vec<Announcement>,
    pub targets: Targets,
    /// The wall clock at [`Timestamp::ZERO`].
    pub wall_origin: SystemTime,
}

/// One channel and what waits for it.
pub struct Lane {
    clock: Clock,
    machine: Text,
    work: Mutex<Work>,
    /// There is something new to do.
    news: Notify,
}

struct Work {
    config: ChannelConfig,
    channel: Arc<dyn Channel>,
    outbox: Outbox,
    /// Of the newest offer.
    targets: Targets,
    wall_origin: SystemTime,
    /// Ends once nothing waits.
    closed: bool,
}

/// The tries that go on: the number of the message, and what came of it.
type Tries = JoinSet<(u64, Result<(), Fault>)>;

/// When there is something to do again.
enum Wake {
    At(Timestamp),
    OnNews,
    /// Never: all is done.
    Done,
}

impl Lane {
    pub fn new(clock: Clock, config: ChannelConfig, channel: Arc<dyn Channel>, machine: Text, seed: u64) -> Self {
        let outbox = Outbox::new(config.kind.kind().reader, config.pace, channel.renewal(), seed);
        let work = Work {
            config,
            channel,
            outbox,
            targets: Targets::default(),
            wall_origin: clock.wall(),
            closed: false,
        };
        Self {
            clock,
            machine,
            work: Mutex::new(work),
            news: Notify::new(),
        }
    }

    /// Takes what of an offer is meant for this channel.
    pub fn tell(&self, offer: &Offer) {
        let now = self.clock.now();
        let work = &mut *self.lock();
        work.targets = Arc::clone(&offer.targets);
        work.wall_origin = offer.wall_origin;
        let ChannelConfig { name, audience, .. } = &work.config;
        for announcement in &offer.announcements {
            if audience.wants(name, announcement, &offer.targets) {
                work.outbox.take(announcement.clone(), now);
            }
        }
        self.news.notify_one();
    }

    /// Goes on by other settings, with all that waits.
    pub fn become_other(&self, config: ChannelConfig, channel: Arc<dyn Channel>) {
        let mut work = self.lock();
        let reader = config.kind.kind().reader;
        work.outbox.change(reader, config.pace, channel.renewal());
        work.config = config;
        work.channel = channel;
        self.news.notify_one();
    }

    /// Nothing more is to be told: what waits leaves at once.
    pub fn close(&self) {
        let mut work = self.lock();
        work.closed = true;
        work.outbox.close();
        self.news.notify_one();
    }

    pub fn report(&self) -> ChannelReport {
        let work = self.lock();
        let standing = work.outbox.standing.clone();
        ChannelReport {
            name: work.config.name.clone(),
            kind: work.config.kind.kind().name.into(),
            state: standing.state,
            waiting: work.outbox.waiting() as u64,
            delivered_total: standing.delivered_total,
            failed_total: standing.failed_total,
            dropped_total: standing.dropped_total,
            left_total: 0,
            delivered: standing.delivered,
            error: standing.error,
        }
    }

    /// The news that the receiver has not got yet, in order.
    pub fn untold(&self) -> Vec<Announcement> {
        self.lock().outbox.untold().cloned().collect()
    }

    /// Changes with [`Lane::untold`].
    pub fn revision(&self) -> u64 {
        self.lock().outbox.revision()
    }

    /// Works until it is closed and nothing waits.
    pub async fn work(self: Arc<Self>) {
        let mut tries = Tries::new();
        loop {
            let wake = match self.send(&mut tries) {
                Wake::At(until) => Some(self.clock.instant(until).into()),
                Wake::OnNews => None,
                Wake::Done => return,
            };
            let awake = async {
                match wake {
                    Some(until) => sleep_until(until).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = self.news.notified() => {}
                Some(ended) = tries.join_next() => match ended {
                    Ok((number, outcome)) => self.settle(number, outcome),
                    Err(error) => if let Ok(panicked) = error.try_into_panic() { panic::resume_unwind(panicked) },
                },
                () = awake => {}
            }
        }
    }

    /// Sends what may go now.
    fn send(&self, tries: &mut Tries) -> Wake {
        let mut work = self.lock();
        loop {
            match work.outbox.next(self.clock.now()) {
                Next::Send(batch) => drop(tries.spawn(self.attempt(&work, batch))),
                Next::Wait(until) => return Wake::At(until),
                Next::Nothing if work.closed && tries.is_empty() => return Wake::Done,
                Next::Nothing => return Wake::OnNews,
            }
        }
    }

    fn settle(&self, number: u64, outcome: Result<(), Fault>) {
        let now = self.clock.now();
        let outbox = &mut self.lock().outbox;
        match outcome {
            Ok(()) => outbox.delivered(number, now),
            Err(fault) => outbox.failed(number, fault, now),
        }
    }

    /// One try, to be made.
    fn attempt(&self, work: &Work, batch: Batch) -> impl Future<Output = (u64, Result<(), Fault>)> + Send + use<> {
        let Batch {
            number,
            group,
            announcements,
            left_out,
        } = batch;
        let message = Message {
            group,
            announcements,
            left_out,
            at: self.clock.now(),
            targets: Arc::clone(&work.targets),
            machine: self.machine.clone(),
            wall_origin: work.wall_origin,
        };
        let (channel, limit) = (Arc::clone(&work.channel), work.config.pace.timeout);
        async move {
            let outcome = timeout(limit, channel.deliver(&message)).await.unwrap_or_else(|_| {
                Err(Fault::Passing {
                    message: Text::from(format!("not done within {limit:?}")),
                    wait: None,
                })
            });
            (number, outcome)
        }
    }

    /// What is left of a panic is still what waits.
    fn lock(&self) -> MutexGuard<'_, Work> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
