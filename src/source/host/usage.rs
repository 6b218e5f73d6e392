//! What probetop itself costs: processor time and memory of this process.

#[cfg(not(target_os = "linux"))]
use super::portable::own_rss_bytes as rss_bytes;
use super::rate::{Previous, per_second};
use crate::clock::Timestamp;
use crate::sample::OwnUsage;

#[derive(Debug, Default)]
pub struct Usage {
    used_ns: Previous<u64>,
}

impl Usage {
    pub fn new() -> Self {
        Self::default()
    }

    /// Processor time over wall time since the reading before, of all threads together; unknown the first time.
    pub fn read(&mut self, now: Timestamp) -> OwnUsage {
        let ns_per_s = self.used_ns.compare(now, used_ns(), |before, after, elapsed| {
            per_second(*before, *after, elapsed)
        });
        OwnUsage {
            cpu_ratio: ns_per_s.flatten().map(|ns| ns / 1e9),
            rss_bytes: rss_bytes(),
        }
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
    fn usage_is_known_from_the_second_reading_on() {
        let mut usage = Usage::new();
        let first = usage.read(Timestamp::from_secs(1));
        assert_eq!(first.cpu_ratio, None);
        assert!(first.rss_bytes.expect("the system tells") > 0);
        let second = usage.read(Timestamp::from_secs(2));
        assert!(second.cpu_ratio.expect("there is a reading before") > 0.0);
    }
}
