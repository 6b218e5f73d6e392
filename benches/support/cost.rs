//! What something costs, held against other work of the same run: a slow machine is slow at both, and a limit on how many
//! times as much it may be fails for what changed in us.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Processor time with what it was spent on.
pub struct Cost {
    what: String,
    took: Duration,
}

impl Cost {
    pub fn of(what: &str, took: Duration) -> Self {
        Self {
            what: what.to_owned(),
            took,
        }
    }

    /// Prints both.
    ///
    /// # Panics
    /// It is more than `most` times as much as `other`; `why` it may not be is told.
    #[track_caller]
    pub fn within(&self, most: f64, other: &Self, why: &str) {
        let ratio = self.took.as_secs_f64() / other.took.as_secs_f64();
        let line = format!(
            "{}: {:.3} ms, {ratio:.2} times {} (at most {most}: {why})",
            self.what,
            self.took.as_secs_f64() * 1e3,
            other.what
        );
        println!("{line}");
        assert!(ratio <= most, "too much: {line}");
    }
}

/// Processor time of this thread alone, since others may be busy.
pub fn spent<T>(work: impl FnOnce() -> T) -> Duration {
    let before = thread_time();
    std::hint::black_box(work());
    thread_time().saturating_sub(before)
}

/// The median of what `measured` tells.
#[allow(dead_code, reason = "each benchmark uses its part")]
pub fn median(mut measured: impl FnMut() -> Duration) -> Duration {
    const ROUNDS: usize = 31;
    let mut all: Vec<_> = (0..ROUNDS).map(|_| measured()).collect();
    all.sort_unstable();
    all[ROUNDS / 2]
}

fn thread_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.try_into().unwrap_or_default())
}
