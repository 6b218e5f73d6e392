//! How many probes may run at once and how many idle connections are kept, by what the system allows to be open.

use std::fs;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Descriptors that are opened later and not for probes: three runtimes, signals, log, state file, control socket,
/// receivers of alerts, files of /proc.
const RESERVED: u64 = 24;

/// A probe takes two while it tries two addresses, or a program's two pipes.
const A_PROBE: u64 = 2;

/// Where the system sets no limit, memory does: a probe on its way takes some 30 KB.
const UNLIMITED: u64 = 65_536;

/// However tight the limit, one probe after the other: what then fails says why.
const AT_LEAST: u64 = 1;

/// The descriptors of this process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Descriptors {
    /// `None`: there is no limit.
    limit: Option<u64>,
    /// Open before the first probe.
    open: u64,
}

/// What the probes may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Share {
    /// Probes that run at once.
    pub probes: u32,
    /// Idle connections that are kept.
    pub idle: usize,
}

impl Descriptors {
    /// Raises the soft limit to the hard one, and reads what is open by now.
    pub(crate) fn of_this_process() -> Self {
        let limit = getrlimit(Resource::Nofile);
        let raised = Rlimit {
            current: limit.maximum,
            maximum: limit.maximum,
        };
        let limit = match setrlimit(Resource::Nofile, raised) {
            Ok(()) => limit.maximum,
            Err(_) => limit.current,
        };
        let open = fs::read_dir("/proc/self/fd").map_or(0, Iterator::count) as u64;
        Self { limit, open }
    }

    /// What is left for the probes of targets with so many `connections`. They get the half before idle connections do.
    pub(crate) fn share(self, connections: usize) -> Share {
        let left = self.limit.unwrap_or(UNLIMITED).saturating_sub(self.open + RESERVED);
        let for_idle = (connections as u64).min(left / 2);
        let probes = ((left - for_idle) / A_PROBE).clamp(AT_LEAST, UNLIMITED);
        Share {
            probes: u32::try_from(probes).unwrap_or(u32::MAX),
            idle: usize::try_from(left.saturating_sub(probes * A_PROBE)).unwrap_or(usize::MAX),
        }
    }

    /// What to say when targets with so many `connections` would need more.
    pub(super) fn warning(self, connections: usize) -> Option<String> {
        let (limit, share) = (self.limit?, self.share(connections));
        // While a target is probed it either has its connection or opens another one: never both on top of each other.
        let needed = self.open + RESERVED + connections as u64 * A_PROBE;
        (share.idle < connections).then(|| {
            format!(
                "{connections} targets may need {needed} open files and the limit is {limit}: only {} probes run at once \
                 and {} connections are kept; raise it with ulimit -n",
                share.probes, share.idle
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(limit: Option<u64>) -> Descriptors {
        Descriptors { limit, open: 16 }
    }

    #[test]
    fn what_is_open_a_reserve_and_idle_connections_are_left_out() {
        let check = |limit, connections, probes, idle| {
            assert_eq!(
                with(limit).share(connections),
                Share { probes, idle },
                "{limit:?} {connections}"
            );
        };
        check(Some(1024), 20, 482, 20);
        check(Some(20_000), 10_000, 4990, 9980);
        check(Some(64), 200, 6, 12);
        check(Some(64), 0, 12, 0);
        check(Some(30), 200, 1, 0);
        check(None, 0, 32_748, 0);
    }

    #[test]
    fn no_share_is_more_than_there_is() {
        for limit in 40..400 {
            for connections in [0, 1, 7, 50, 1000] {
                let share = with(Some(limit)).share(connections);
                let taken = u64::from(share.probes) * A_PROBE + share.idle as u64;
                assert!(taken <= (limit - 40).max(A_PROBE), "{limit} {connections} {share:?}");
            }
        }
    }

    #[test]
    fn as_many_files_as_the_warning_asks_for_are_enough_and_not_many_more_than_that() {
        for connections in [2, 7, 50, 200, 10_000] {
            let needed = 40 + connections as u64 * A_PROBE;
            assert_eq!(with(Some(needed)).warning(connections), None, "{connections}");
            assert!(with(Some(needed - 4)).warning(connections).is_some(), "{connections}");
        }
    }

    #[test]
    fn too_low_a_limit_is_told_with_its_remedy() {
        let check = |limit, connections, expected: Option<&str>| {
            assert_eq!(with(limit).warning(connections).as_deref(), expected);
        };
        check(None, 20_000, None);
        check(Some(1024), 20, None);
        check(
            Some(64),
            200,
            Some(
                "200 targets may need 440 open files and the limit is 64: only 6 probes run at once and 12 connections \
                 are kept; raise it with ulimit -n",
            ),
        );
    }
}
