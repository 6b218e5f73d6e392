//! One channel at work: takes what it is to tell, tries, and says how it does.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::SystemTime;

use tokio::sync::{mpsc, watch};
use tokio::time::{sleep_until, timeout};

use super::audience::Targets;
use super::channel::{Channel, Fault};
use super::message::Message;
use super::outbox::{Next, Outbox, Parcel};
use super::settings::ChannelConfig;
use crate::clock::Clock;
use crate::sample::{ChannelReport, Text};
use crate::snapshot::Announcement;

/// What a tick has to tell, for all channels.
#[derive(Clone, Debug)]
pub struct Offer {
    pub announcements: Vec<Announcement>,
    pub targets: Targets,
    /// The wall clock at [`crate::clock::Timestamp::ZERO`].
    pub wall_origin: SystemTime,
}

/// What a lane is asked to do.
pub enum Order {
    Tell(Arc<Offer>),
    /// Goes on as another, with all that waits.
    Become(ChannelConfig, Arc<dyn Channel>),
}

/// One channel and what waits for it.
pub struct Lane {
    clock: Clock,
    config: ChannelConfig,
    channel: Arc<dyn Channel>,
    outbox: Outbox,
    machine: Text,
    /// Of the newest offer.
    targets: Targets,
    wall_origin: SystemTime,
    report: watch::Sender<ChannelReport>,
}

/// One try, going on.
type Try = Pin<Box<dyn Future<Output = Result<(), Fault>> + Send>>;

impl Lane {
    pub fn new(clock: Clock, config: ChannelConfig, channel: Arc<dyn Channel>, machine: Text, seed: u64) -> Self {
        let outbox = Outbox::new(config.kind.kind().reader, config.pace, channel.renewal(), seed);
        Self {
            report: watch::Sender::new(report_of(&config, &outbox)),
            wall_origin: clock.wall(),
            clock,
            config,
            channel,
            outbox,
            machine,
            targets: Targets::default(),
        }
    }

    pub fn reports(&self) -> watch::Receiver<ChannelReport> {
        self.report.subscribe()
    }

    /// Works until nobody can give orders any more and nothing waits.
    pub async fn work(mut self, mut orders: mpsc::Receiver<Order>) {
        let mut going_on: Option<Try> = None;
        let mut closed = false;
        loop {
            let now = self.clock.now();
            let mut wake = None;
            if going_on.is_none() {
                match self.outbox.next(now) {
                    Next::Send(parcel) => going_on = Some(self.try_it(parcel)),
                    Next::Wait(until) => wake = Some(self.clock.instant(until)),
                    Next::Nothing if closed => return self.publish(),
                    Next::Nothing => {}
                }
            }
            self.publish();
            tokio::select! {
                order = orders.recv(), if !closed => match order {
                    Some(order) => self.obey(order),
                    None => {
                        closed = true;
                        self.outbox.close();
                    }
                },
                outcome = finished(&mut going_on) => {
                    going_on = None;
                    let now = self.clock.now();
                    match outcome {
                        Ok(()) => self.outbox.delivered(now),
                        Err(fault) => self.outbox.failed(fault, now),
                    }
                }
                () = sleep_until(wake.unwrap_or_else(|| self.clock.instant(now)).into()), if wake.is_some() => {}
            }
        }
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Tell(offer) => {
                let now = self.clock.now();
                self.targets = Arc::clone(&offer.targets);
                self.wall_origin = offer.wall_origin;
                let ChannelConfig { name, audience, .. } = &self.config;
                for announcement in &offer.announcements {
                    if audience.wants(name, announcement, &offer.targets) {
                        self.outbox.take(announcement.clone(), now);
                    }
                }
            }
            Order::Become(config, channel) => {
                self.outbox
                    .change(config.kind.kind().reader, config.pace, channel.renewal());
                self.config = config;
                self.channel = channel;
            }
        }
    }

    fn try_it(&self, parcel: Parcel) -> Try {
        let Parcel {
            group,
            announcements,
            left_out,
        } = parcel;
        let message = Message {
            group,
            announcements,
            left_out,
            at: self.clock.now(),
            targets: Arc::clone(&self.targets),
            machine: self.machine.clone(),
            wall_origin: self.wall_origin,
        };
        let (channel, limit) = (Arc::clone(&self.channel), self.config.pace.timeout);
        Box::pin(async move {
            timeout(limit, channel.deliver(&message)).await.unwrap_or_else(|_| {
                Err(Fault::Passing {
                    message: Text::from(format!("not done within {limit:?}")),
                    wait: None,
                })
            })
        })
    }

    fn publish(&self) {
        let report = report_of(&self.config, &self.outbox);
        self.report.send_if_modified(|published| {
            let is_new = *published != report;
            *published = report;
            is_new
        });
    }
}

/// What came of the try; never, while there is none.
async fn finished(going_on: &mut Option<Try>) -> Result<(), Fault> {
    match going_on {
        Some(going_on) => going_on.await,
        None => std::future::pending().await,
    }
}

fn report_of(config: &ChannelConfig, outbox: &Outbox) -> ChannelReport {
    let standing = outbox.standing.clone();
    ChannelReport {
        name: config.name.clone(),
        kind: config.kind.kind().name,
        state: standing.state,
        waiting: outbox.waiting() as u64,
        delivered_total: standing.delivered_total,
        failed_total: standing.failed_total,
        dropped_total: standing.dropped_total,
        delivered: standing.delivered,
        error: standing.error,
    }
}
