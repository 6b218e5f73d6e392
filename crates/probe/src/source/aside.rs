//! Work on what a peer sent, done where it delays nobody.
//!
//! All probes share a thread. To read a large document, or to judge a condition with loops, takes milliseconds, and every
//! other probe's clock would count them as its own target's latency. So such work goes to a thread beside, after the
//! probe's own clock has stopped. A little of it is done at once: handing it over would take longer.

use std::future::pending;
use std::panic::resume_unwind;

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// Bytes that any reader here has read in some tens of microseconds, which is what handing them over takes.
const AT_ONCE_LIMIT_BYTES: usize = 16 * 1024;

/// Pieces of work at a time, so that answers by the hundred leave a core to those who probe.
const ASIDE_LIMIT: usize = 2;

static PLACES: Semaphore = Semaphore::const_new(ASIDE_LIMIT);

/// How long work takes, as far as that is known beforehand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effort {
    /// It reads so many bytes once, or a few times.
    Bytes(usize),
    /// More than its input tells.
    Unknown,
}

/// Does `work` and gives what came of it.
pub async fn aside<T: Send + 'static>(effort: Effort, work: impl FnOnce() -> T + Send + 'static) -> T {
    if matches!(effort, Effort::Bytes(0..=AT_ONCE_LIMIT_BYTES)) {
        return work();
    }
    let place = PLACES.acquire().await.expect("it is never closed");
    let done = spawn_blocking(move || {
        // Whoever asked may be gone by now; the place is taken until the work is done.
        let _place = place;
        work()
    });
    match done.await {
        Ok(done) => done,
        Err(ended) if ended.is_panic() => resume_unwind(ended.into_panic()),
        // The runtime ends, and the probe with it.
        Err(_ended) => pending().await,
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[tokio::test]
    async fn little_work_is_done_at_once_and_much_elsewhere() {
        let here = thread::current().id();
        let whereabouts = || thread::current().id();
        assert_eq!(aside(Effort::Bytes(100), whereabouts).await, here);
        assert_ne!(aside(Effort::Bytes(1024 * 1024), whereabouts).await, here);
        assert_ne!(aside(Effort::Unknown, whereabouts).await, here);
    }

    #[tokio::test]
    async fn work_that_nobody_waits_for_any_more_gives_its_place_back() {
        for _ in 0..10 * ASIDE_LIMIT {
            let forgotten = aside(Effort::Unknown, || ());
            let _ = tokio::time::timeout(std::time::Duration::ZERO, forgotten).await;
        }
        aside(Effort::Unknown, || ()).await;
    }
}
