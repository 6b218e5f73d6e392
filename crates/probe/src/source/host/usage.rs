//! What probetop itself costs: processor time and memory of this process.

use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::sample::OwnUsage;

#[cfg(not(target_os = "linux"))]
use super::portable::own_rss_bytes as rss_bytes;
use super::rate::per_second;

/// A shorter interval says nothing of what a program costs: the last tick may come some milliseconds after the one before.
const INTERVAL_MIN: Duration = Duration::from_millis(500);

#[derive(Debug, Default)]
pub struct Usage {
    /// Where the interval began that collects, and the processor time by then.
    began: Option<(Timestamp, u64)>,
    /// Of the last interval that was long enough.
    cpu_ratio: Option<f64>,
}

impl Usage {
    pub fn new() -> Self {
        Self::default()
    }

    /// Processor time over wall time, of all threads together, over the last interval of at least [`INTERVAL_MIN`] between
    /// two readings; unknown the first time.
    pub fn read(&mut self, now: Timestamp) -> OwnUsage {
        self.take(now, used_ns());
        OwnUsage {
            cpu_ratio: self.cpu_ratio,
            rss_bytes: rss_bytes(),
        }
    }

    fn take(&mut self, now: Timestamp, used_ns: u64) {
        if let Some((began, before)) = self.began {
            let elapsed = now.since(began);
            if elapsed < INTERVAL_MIN {
                return;
            }
            self.cpu_ratio = per_second(before, used_ns, elapsed).map(|ns| ns / 1e9);
        }
        self.began = Some((now, used_ns));
    }
}

/// To the nanosecond, where `/proc/self/stat` counts ticks of 10 ms: at 1 % of a core a tick a second is all there is.
#[cfg(unix)]
fn used_ns() -> u64 {
    let used = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    let (seconds, nanos) = (
        u64::try_from(used.tv_sec).unwrap_or(0),
        u64::try_from(used.tv_nsec).unwrap_or(0),
    );
    seconds.saturating_mul(1_000_000_000).saturating_add(nanos)
}

#[cfg(target_os = "linux")]
fn rss_bytes() -> Option<u64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    resident_pages(&statm)?.checked_mul(rustix::param::page_size() as u64)
}

/// The second figure of `/proc/self/statm`: size, resident, shared, … in pages.
#[cfg(any(target_os = "linux", test))]
fn resident_pages(statm: &str) -> Option<u64> {
    statm.split_ascii_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resident_memory_is_the_second_figure() {
        assert_eq!(resident_pages("765 444 416 5 0 123 0\n"), Some(444));
        assert_eq!(resident_pages("765"), None);
        assert_eq!(resident_pages(""), None);
    }

    #[test]
    fn an_interval_that_is_too_short_is_no_interval_and_goes_into_the_next() {
        let mut usage = Usage::new();
        let mut check = |millis: u64, used_ms: u64, expected: Option<f64>| {
            usage.take(Timestamp::from_nanos(millis * 1_000_000), used_ms * 1_000_000);
            assert_eq!(usage.cpu_ratio, expected, "at {millis} ms");
        };
        check(1000, 10, None);
        check(1003, 13, None);
        check(2000, 110, Some(0.1));
        check(2003, 113, Some(0.1));
        check(3000, 310, Some(0.2));
    }

    #[test]
    fn usage_is_known_from_the_second_reading_on() {
        let mut usage = Usage::new();
        let first = usage.read(Timestamp::from_secs(1));
        assert_eq!(first.cpu_ratio, None);
        assert!(first.rss_bytes.expect("the system tells") > 0);
        let second = usage.read(Timestamp::from_secs(2));
        assert!(second.cpu_ratio.expect("there is a reading before") > 0.0);
    }
}
