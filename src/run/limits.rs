//! How many probes may run at once, by what the system allows.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Descriptors that are not for probes: terminal, timers, files of /proc, the listener of the demo.
const RESERVED: u64 = 64;

/// Where the system sets no limit, memory does: a probe on its way takes some 30 KB.
const UNLIMITED: u64 = 65_536;

/// However tight the limit, a handful: what then fails says why.
const AT_LEAST: u64 = 16;

/// Raises the soft limit of open files to the hard one, and gives that; `None`: there is no limit.
pub fn open_files() -> Option<u64> {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(_) => limit.current,
    }
}

/// What to say when so many `connections` and the program need more open files than there may be.
pub fn warning(files: Option<u64>, connections: usize) -> Option<String> {
    let (files, needed) = (files?, RESERVED + AT_LEAST + connections as u64);
    (files < needed).then(|| {
        format!("{connections} targets may need {needed} open files and the limit is {files}; raise it with ulimit -n")
    })
}

/// How many probes may run at once beside so many idle `connections`.
pub fn probes_at_once(files: Option<u64>, connections: usize) -> u32 {
    let files = files.unwrap_or(UNLIMITED).min(UNLIMITED);
    let left = files.saturating_sub(RESERVED + connections as u64);
    u32::try_from(left.max(AT_LEAST)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn idle_connections_and_a_reserve_are_left_out() {
        let check = |files, targets, expected| assert_eq!(probes_at_once(files, targets), expected);
        check(Some(1024), 20, 940);
        check(Some(20_000), 10_000, 9936);
        check(Some(256), 1000, 16);
        check(None, 0, 65_472);
    }

    #[test]
    fn too_low_a_limit_is_told_with_its_remedy() {
        let check = |files, targets, expected: Option<&str>| {
            assert_eq!(warning(files, targets).as_deref(), expected);
        };
        check(None, 20_000, None);
        check(Some(1024), 20, None);
        check(
            Some(64),
            200,
            Some("200 targets may need 280 open files and the limit is 64; raise it with ulimit -n"),
        );
    }
}
