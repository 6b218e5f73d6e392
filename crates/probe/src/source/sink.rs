//! The way from the sources to the monitor: a bounded queue that drops and counts rather than waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use probetop_core::sample::Observation;
use tokio::sync::mpsc;

/// Observations that may wait for the monitor, which empties the queue four times a second: room for 100,000 a second.
pub const QUEUE_CAPACITY: usize = 25_000;

/// The sending end, one for each source. Never waits: measuring must not be held up by whoever reads.
#[derive(Clone, Debug)]
pub struct Sink {
    sender: mpsc::Sender<Observation>,
    dropped: Arc<AtomicU64>,
}

/// The receiving end.
#[derive(Debug)]
pub struct Inbox {
    receiver: mpsc::Receiver<Observation>,
    dropped: Arc<AtomicU64>,
}

/// A queue of `capacity` observations.
pub fn queue(capacity: usize) -> (Sink, Inbox) {
    let (sender, receiver) = mpsc::channel(capacity);
    let dropped = Arc::default();
    (
        Sink {
            sender,
            dropped: Arc::clone(&dropped),
        },
        Inbox { receiver, dropped },
    )
}

impl Sink {
    /// Queues the observation, or counts it as dropped when the queue is full.
    pub fn send(&self, observation: Observation) {
        if let Err(mpsc::error::TrySendError::Full(_)) = self.sender.try_send(observation) {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Inbox {
    /// The next observation, without waiting.
    pub fn take(&mut self) -> Option<Observation> {
        self.receiver.try_recv().ok()
    }

    /// How many observations wait. Whoever empties the queue takes so many and no more, since others may go on sending faster
    /// than it takes.
    pub fn waiting(&self) -> usize {
        self.receiver.len()
    }

    /// How many observations were dropped since the start.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use probetop_core::clock::Timestamp;
    use probetop_core::sample::TargetId;

    use super::*;

    #[test]
    fn emptying_the_queue_ends_although_more_is_sent_than_taken() {
        let (sink, mut inbox) = queue(8);
        let overrun = || Observation::Overrun {
            target: TargetId(0),
            intended: Timestamp::ZERO,
            count: 1,
        };
        (0..4).for_each(|_| sink.send(overrun()));
        for _ in 0..inbox.waiting() {
            assert!(inbox.take().is_some());
            (0..2).for_each(|_| sink.send(overrun()));
        }
        assert_eq!(inbox.waiting(), 8);
    }

    #[test]
    fn a_full_queue_drops_and_counts() {
        let (sink, mut inbox) = queue(2);
        for id in 0..5 {
            sink.send(Observation::Overrun {
                target: TargetId(id),
                intended: Timestamp::ZERO,
                count: 1,
            });
        }
        assert_eq!(inbox.dropped(), 3);
        assert!(matches!(
            inbox.take(),
            Some(Observation::Overrun {
                target: TargetId(0),
                ..
            })
        ));
        assert!(inbox.take().is_some());
        assert!(inbox.take().is_none());
    }
}
