//! How much one connection may take in before all others have their turn.
//!
//! All probes share a thread. A peer that sends without end, and whose bytes are always there, would keep it from
//! reading the clock of every other probe: what it gives them is latency that is not theirs.

use std::pin::pin;
use std::task::{Context, Poll, ready};

use tokio::task::yield_now;

/// Some tens of microseconds' work for any parser here; a turn of the runtime costs one.
const TURN_LIMIT_BYTES: usize = 64 * 1024;

/// What a connection has taken in since others last had their turn.
#[derive(Debug, Default)]
pub struct Pace {
    bytes: usize,
}

impl Pace {
    /// Pending where it is the others' turn; the task is woken when they have had it.
    pub fn poll_turn(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.bytes < TURN_LIMIT_BYTES {
            return Poll::Ready(());
        }
        self.bytes = 0;
        ready!(pin!(yield_now()).poll(cx));
        Poll::Ready(())
    }

    /// Counts what a read gave. Where it gave nothing yet, the wait is everybody's turn.
    pub const fn read<T>(&mut self, result: &Poll<T>, bytes: usize) {
        match result {
            Poll::Ready(_) => self.bytes = self.bytes.saturating_add(bytes),
            Poll::Pending => self.rest(),
        }
    }

    /// Begins the count anew.
    pub const fn rest(&mut self) {
        self.bytes = 0;
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    #[tokio::test]
    async fn whoever_takes_much_lets_others_go_first() {
        let mut pace = Pace::default();
        let mut turns = 0;
        for _ in 0..64 {
            poll_fn(|cx| {
                let turn = pace.poll_turn(cx);
                turns += usize::from(turn.is_pending());
                turn
            })
            .await;
            pace.read(&Poll::Ready(()), TURN_LIMIT_BYTES / 4);
        }
        assert_eq!(turns, 15);
    }
}
