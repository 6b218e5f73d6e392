//! Wakes any number of users of one worker, each when it is due, by one timer.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::future::pending;
use std::io;

use probetop_core::clock::{Clock, Timestamp};
use tokio::sync::{Notify, oneshot};

use crate::source::timer::Timer;

pub(super) struct Alarm {
    clock: Clock,
    timer: Timer,
    sleepers: RefCell<BinaryHeap<Reverse<Sleeper>>>,
    /// Somebody is to be woken earlier than all others.
    earlier: Notify,
}

struct Sleeper {
    at: Timestamp,
    wake: oneshot::Sender<()>,
}

impl Alarm {
    /// Needs a runtime with its I/O driver on.
    ///
    /// # Errors
    /// No descriptor is left.
    pub(super) fn try_new(clock: &Clock) -> io::Result<Self> {
        Ok(Self {
            clock: clock.clone(),
            timer: Timer::try_new(clock.clone())?,
            sleepers: RefCell::default(),
            earlier: Notify::new(),
        })
    }

    /// Returns once `at` has come, while [`Alarm::run`] is polled; at once where it has.
    pub(super) async fn sleep_until(&self, at: Timestamp) {
        if self.clock.now() >= at {
            return;
        }
        let (wake, woken) = oneshot::channel();
        let next = self.next();
        self.sleepers.borrow_mut().push(Reverse(Sleeper { at, wake }));
        if next.is_none_or(|next| at < next) {
            self.earlier.notify_one();
        }
        // The alarm is there for as long as its users are.
        let _ = woken.await;
    }

    /// Wakes everybody in time.
    ///
    /// # Errors
    /// The timer cannot be set.
    pub(super) async fn run(&self) -> io::Result<()> {
        loop {
            let next = self.next();
            let due = async {
                match next {
                    Some(at) => self.timer.sleep_until(at).await,
                    None => pending().await,
                }
            };
            tokio::select! {
                outcome = due => {
                    outcome?;
                    self.wake_due();
                }
                () = self.earlier.notified() => {}
            }
        }
    }

    fn next(&self) -> Option<Timestamp> {
        self.sleepers.borrow().peek().map(|Reverse(sleeper)| sleeper.at)
    }

    fn wake_due(&self) {
        let now = self.clock.now();
        let mut sleepers = self.sleepers.borrow_mut();
        while sleepers.peek().is_some_and(|Reverse(sleeper)| sleeper.at <= now) {
            if let Some(Reverse(sleeper)) = sleepers.pop() {
                // One that has gone need not be woken.
                let _ = sleeper.wake.send(());
            }
        }
    }
}

impl PartialEq for Sleeper {
    fn eq(&self, other: &Self) -> bool {
        self.at == other.at
    }
}

impl Eq for Sleeper {}

impl PartialOrd for Sleeper {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Sleeper {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.at.cmp(&other.at)
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn everybody_is_woken_in_order_and_nobody_early() {
        let clock = Clock::system();
        let alarm = Rc::new(Alarm::try_new(&clock).unwrap());
        let woken = RefCell::new(Vec::new());
        let start = clock.now();
        let sleep = async |millis: u64| {
            let at = start + Duration::from_millis(millis);
            alarm.sleep_until(at).await;
            assert!(clock.now() >= at);
            woken.borrow_mut().push(millis);
        };
        // Later sleepers come to be the first ones, and one has no need to sleep.
        tokio::select! {
            _ = alarm.run() => panic!("an alarm has no end"),
            _ = async { tokio::join!(sleep(30), sleep(10), sleep(20), sleep(0)) } => {}
        }
        assert_eq!(*woken.borrow(), [0, 10, 20, 30]);
    }

    #[tokio::test]
    async fn who_does_not_wait_any_longer_holds_up_nobody() {
        let clock = Clock::system();
        let alarm = Alarm::try_new(&clock).unwrap();
        let at = clock.now() + Duration::from_millis(10);
        {
            let gone = alarm.sleep_until(at);
            tokio::pin!(gone);
            assert!(std::future::poll_fn(|cx| std::task::Poll::Ready(gone.as_mut().poll(cx).is_pending())).await);
        }
        tokio::select! {
            _ = alarm.run() => panic!("an alarm has no end"),
            () = alarm.sleep_until(at + Duration::from_millis(10)) => {}
        }
    }
}
