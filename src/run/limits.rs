//! How many probes may run at once, by what the system allows.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Descriptors that are not for probes: terminal, timers, files of /proc, the listener of the demo.
const RESERVED: u64 = 64;

/// Where the system sets no limit, memory does: a probe on its way takes some 30 KB.
const UNLIMITED: u64 = 65_536;

/// Raises the soft limit of open files to the hard one, and says how many probes may run at once beside one idle
/// connection for each of `targets`.
pub fn probes_at_once(targets: usize) -> u32 {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    let files = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(_) => limit.current,
    };
    at_once(files, targets)
}

/// At least a handful, however tight the limit: what then fails says why.
fn at_once(files: Option<u64>, targets: usize) -> u32 {
    let files = files.unwrap_or(UNLIMITED).min(UNLIMITED);
    let left = files.saturating_sub(RESERVED + targets as u64);
    u32::try_from(left.max(16)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn idle_connections_and_a_reserve_are_left_out() {
        let check = |files, targets, expected| assert_eq!(at_once(files, targets), expected);
        check(Some(1024), 20, 940);
        check(Some(20_000), 10_000, 9936);
        check(Some(256), 1000, 16);
        check(None, 0, 65_472);
    }
}
