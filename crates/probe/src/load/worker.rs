//! One worker: its part of the timetable, from the word to begin to the last answer.

use std::cell::RefCell;
use std::future::pending;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use probetop_core::clock::{Clock, Timestamp};
use probetop_core::profile::{Arrivals, Model, Pause, Users};
use probetop_core::sample::load::LoadSecond;
use tokio::sync::watch;
use tokio::task::{JoinSet, LocalSet};
use tokio::time::sleep_until;
use tokio_util::sync::CancellationToken;

use super::Order;
use super::alarm::Alarm;
use super::closed::{self, User};
use super::flight::Airport;
use super::open::{self, Places, Turns};
use super::recorder::Recorder;

pub(super) struct Worker {
    pub order: Order,
    /// Which one of the run's it is.
    pub number: u16,
    pub clock: Clock,
    /// Nothing more is started.
    pub stop: CancellationToken,
    /// What is on its way is given up.
    pub abort: CancellationToken,
}

impl Worker {
    /// Begins when `started` says when that was.
    ///
    /// # Errors
    /// The system has no descriptor to give.
    pub(super) async fn run(
        self,
        mut started: watch::Receiver<Option<Timestamp>>,
        hand_over: impl Fn(LoadSecond) + 'static,
    ) -> io::Result<()> {
        let start = tokio::select! {
            () = self.abort.cancelled() => return Ok(()),
            start = started.wait_for(Option::is_some) => start.ok().and_then(|start| *start),
        };
        // Whoever was to say so has given up.
        let Some(start) = start else { return Ok(()) };
        let airport = Rc::new(Airport {
            clock: self.clock.clone(),
            start,
            timeout: self.order.timeout,
            recorder: RefCell::new(Recorder::new(start, hand_over)),
        });
        let local = LocalSet::new();
        let outcome = local
            .run_until(async {
                tokio::select! {
                    biased;
                    () = self.abort.cancelled() => Ok(()),
                    outcome = self.work(&airport) => outcome,
                    () = hand_over_each_second(&airport) => Ok(()),
                }
            })
            .await;
        // What is still on its way counts as cut off, before the last second is handed over.
        drop(local);
        airport.recorder.borrow_mut().finish(airport.now());
        outcome
    }

    async fn work(&self, airport: &Rc<Airport>) -> io::Result<()> {
        match self.order.profile.model {
            Model::Open => self.work_open(airport).await,
            Model::Closed(pause) => self.work_closed(airport, pause).await,
        }
    }

    async fn work_open(&self, airport: &Rc<Airport>) -> io::Result<()> {
        let places = Places::new(self.share_of(self.order.connections));
        let probe = self.order.crowd.user(u16::try_from(places.limit).unwrap_or(u16::MAX));
        let turns = Turns {
            first: self.number.into(),
            every: usize::from(self.order.workers),
        };
        let arrivals = Arrivals::of(&self.order.profile.stages);
        open::run(airport, &arrivals, turns, &probe, &places, &self.stop).await
    }

    async fn work_closed(&self, airport: &Rc<Airport>, pause: Pause) -> io::Result<()> {
        let alarm = Rc::new(Alarm::try_new(&airport.clock)?);
        let users = Users::of(&self.order.profile.stages);
        let profile = Arc::new(self.order.profile.clone());
        let mut at_work = JoinSet::new();
        for number in (u64::from(self.number)..users.count()).step_by(usize::from(self.order.workers)) {
            let user = User {
                number,
                spans: users.spans(number),
                pause,
                probe: self.order.crowd.user(1),
            };
            let (profile, airport, alarm) = (Arc::clone(&profile), Rc::clone(airport), Rc::clone(&alarm));
            let stop = self.stop.clone();
            at_work.spawn_local(async move { closed::work(user, &profile, &airport, &alarm, &stop).await });
        }
        let all = async { while at_work.join_next().await.is_some() {} };
        tokio::select! {
            () = all => Ok(()),
            outcome = alarm.run() => outcome,
        }
    }

    /// The worker's part of what all of them may have: the rest goes to the first ones.
    fn share_of(&self, all: u32) -> u32 {
        let workers = u32::from(self.order.workers.max(1));
        let rest = u32::from(u32::from(self.number) < all % workers);
        (all / workers + rest).max(1)
    }
}

/// Hands seconds over also when nothing happens. Never returns.
async fn hand_over_each_second(airport: &Airport) {
    for second in 1_u32.. {
        let at = airport.start + Duration::from_secs(second.into());
        sleep_until(airport.clock.instant(at).into()).await;
        airport.recorder.borrow_mut().roll(airport.now());
    }
    pending().await
}
