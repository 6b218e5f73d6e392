//! The open model: a request sets off when it is due, over an idle connection or a new one, however many are on their way.

use std::cell::Cell;
use std::io;
use std::rc::Rc;
use std::sync::Arc;

use probetop_core::profile::Arrivals;
use tokio::sync::Notify;
use tokio::task::{spawn_local, yield_now};
use tokio_util::sync::CancellationToken;

use super::flight::{Airport, Ticket, fly};
use crate::source::Probe;
use crate::source::timer::Timer;

/// Requests that set off one after the other where the timetable is behind, before others have their turn.
const BURST: u32 = 32;

/// Which of the requests are the worker's own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Turns {
    pub first: u64,
    pub every: usize,
}

/// Connections of one worker.
pub(super) struct Places {
    pub limit: u32,
    taken: Cell<u32>,
    all_free: Notify,
}

impl Places {
    pub(super) fn new(limit: u32) -> Rc<Self> {
        Rc::new(Self {
            limit,
            taken: Cell::new(0),
            all_free: Notify::new(),
        })
    }

    fn take(self: &Rc<Self>) -> Option<Place> {
        let taken = self.taken.get();
        (taken < self.limit).then(|| {
            self.taken.set(taken + 1);
            Place(Rc::clone(self))
        })
    }

    /// Returns once none is taken.
    async fn wait_until_free(&self) {
        while self.taken.get() > 0 {
            self.all_free.notified().await;
        }
    }
}

/// One of them, free again when dropped.
struct Place(Rc<Places>);

impl Drop for Place {
    fn drop(&mut self) {
        let left = self.0.taken.get().saturating_sub(1);
        self.0.taken.set(left);
        if left == 0 {
            self.0.all_free.notify_one();
        }
    }
}

/// Sends what is due until the timetable ends or `stop` says so, and waits for what is on its way. What is due and not sent
/// when its time is over is never sent: it counts as blocked.
///
/// # Errors
/// The timer cannot be made or set.
pub(super) async fn run(
    airport: &Rc<Airport>,
    arrivals: &Arrivals,
    turns: Turns,
    probe: &Arc<dyn Probe>,
    places: &Rc<Places>,
    stop: &CancellationToken,
) -> io::Result<()> {
    let timer = Timer::try_new(airport.clock.clone())?;
    let end = airport.start + arrivals.length();
    let mut burst = 0;
    for number in (turns.first..).step_by(turns.every) {
        let Some(due) = arrivals.due(number) else { break };
        let ticket = Ticket {
            stage: due.stage,
            due: airport.start + due.after,
        };
        if airport.now() < ticket.due {
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                slept = timer.sleep_until(ticket.due) => slept?,
            }
            burst = 0;
        } else if airport.now() >= end {
            block_all(airport, arrivals, number, turns.every as u64);
            break;
        }
        burst += 1;
        if burst % BURST == 0 {
            yield_now().await;
        }
        if stop.is_cancelled() {
            break;
        }
        send(airport, ticket, probe, places);
    }
    places.wait_until_free().await;
    Ok(())
}

/// The timetable was more than could be sent: its rest, from number `first` on, is due and not sent.
fn block_all(airport: &Rc<Airport>, arrivals: &Arrivals, first: u64, every: u64) {
    let mut recorder = airport.recorder.borrow_mut();
    let now = airport.now();
    for (stage, count) in (0_u16..).zip(arrivals.left_by_stage(first, every)) {
        if count > 0 {
            recorder.offer(now, stage, count);
            recorder.block(stage, count);
        }
    }
}

fn send(airport: &Rc<Airport>, ticket: Ticket, probe: &Arc<dyn Probe>, places: &Rc<Places>) {
    airport.recorder.borrow_mut().offer(airport.now(), ticket.stage, 1);
    let Some(place) = places.take() else {
        airport.recorder.borrow_mut().block(ticket.stage, 1);
        return;
    };
    let (airport, probe) = (Rc::clone(airport), Arc::clone(probe));
    spawn_local(async move {
        fly(&airport, ticket, &*probe).await;
        drop(place);
    });
}
