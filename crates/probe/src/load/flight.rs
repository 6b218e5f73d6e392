//! One request from when it sets off to when it comes back, or is given up: whatever happens, it is counted once.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use probetop_core::clock::{Clock, Timestamp};

use super::recorder::{Landing, Recorder};
use crate::source::Probe;

/// What all requests of a worker share.
pub(super) struct Airport {
    pub clock: Clock,
    /// When the run began.
    pub start: Timestamp,
    pub timeout: Duration,
    pub recorder: RefCell<Recorder>,
}

impl Airport {
    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

/// Which request it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ticket {
    pub stage: u16,
    pub due: Timestamp,
}

/// Makes one request, and gives when it ended. A `probe` that is dropped on the way counts as cut off.
pub(super) async fn fly(airport: &Rc<Airport>, ticket: Ticket, probe: &dyn Probe) -> Landed {
    // The lag ends here, when it really sets off.
    let started = airport.now();
    let flight = Flight::take_off(airport, ticket.stage, started);
    let attempt = probe.probe(started + airport.timeout).await;
    let is_ok = attempt.outcome.is_ok();
    let now = flight.land(Landing {
        stage: ticket.stage,
        due: ticket.due,
        started,
        attempt,
    });
    Landed { at: now, is_ok }
}

/// How a request came back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Landed {
    pub at: Timestamp,
    pub is_ok: bool,
}

struct Flight {
    airport: Rc<Airport>,
    stage: u16,
    has_landed: bool,
}

impl Flight {
    fn take_off(airport: &Rc<Airport>, stage: u16, now: Timestamp) -> Self {
        airport.recorder.borrow_mut().take_off(now);
        Self {
            airport: Rc::clone(airport),
            stage,
            has_landed: false,
        }
    }

    fn land(mut self, landing: Landing) -> Timestamp {
        self.has_landed = true;
        let now = self.airport.now();
        self.airport.recorder.borrow_mut().land(now, landing);
        now
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        if !self.has_landed {
            let now = self.airport.now();
            self.airport.recorder.borrow_mut().cut_off(now, self.stage);
        }
    }
}
