//! What is done now and then beside the probes of one target, by the first of them that comes when it is time.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use probetop_core::clock::Timestamp;

/// From one time to the next.
#[derive(Debug)]
pub struct Every {
    period: Duration,
    next: Mutex<Timestamp>,
}

impl Every {
    /// The first time is at once.
    pub const fn new(period: Duration) -> Self {
        Self {
            period,
            next: Mutex::new(Timestamp::ZERO),
        }
    }

    /// Whether it is time; whoever is told so does it.
    pub fn is_due(&self, now: Timestamp) -> bool {
        // A panic elsewhere leaves a time as good as it was.
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let due = now >= *next;
        if due {
            *next = now + self.period;
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_somebodys_turn_once_in_a_period() {
        let every = Every::new(Duration::from_secs(10));
        let due = [0, 1, 9, 10, 11, 35, 44, 45].map(|second| every.is_due(Timestamp::from_secs(second)));
        assert_eq!(due, [true, false, false, true, false, true, false, true]);
    }
}
