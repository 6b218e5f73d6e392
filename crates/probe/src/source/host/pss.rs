//! Memory in which shared pages count by their part (PSS), from `/proc/PID/smaps_rollup`.
//!
//! The kernel goes through all pages of the process for it: some milliseconds for each gigabyte. So only a few processes
//! are asked, and seldom.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::sample::ProcessReading;

use super::files::{Files, field};

/// How long a figure is told again before it is read anew.
pub(in crate::source) const PSS_SPAN: Duration = Duration::from_secs(5);

/// Those that are asked, the largest by resident memory: with 8 of 1 GB each it is some 1 % of a core.
const PSS_LIMIT: usize = 8;

#[derive(Debug, Default)]
pub(super) struct Reader {
    files: Files,
    read: Option<Timestamp>,
    by_pid: HashMap<u32, u64>,
}

impl Reader {
    /// Writes down what is known of the largest of `processes`.
    pub(super) fn fill(&mut self, processes: &mut [ProcessReading], now: Timestamp) {
        if self.read.is_none_or(|read| now.since(read) >= PSS_SPAN) {
            self.read = Some(now);
            let mut largest: Vec<_> = processes
                .iter()
                .map(|process| (Reverse(process.rss_bytes), process.pid))
                .collect();
            largest.sort_unstable();
            let asked = largest.into_iter().take(PSS_LIMIT);
            let files = &mut self.files;
            self.by_pid = asked
                .filter_map(|(_, pid)| Some((pid, pss_bytes(pid, files)?)))
                .collect();
        }
        for process in processes {
            process.pss_bytes = self.by_pid.get(&process.pid).copied();
        }
    }
}

/// `None`: it is another user's process, or a kernel before 4.14.
pub(in crate::source) fn pss_bytes(pid: u32, files: &mut Files) -> Option<u64> {
    let rollup = files.text(format!("/proc/{pid}/smaps_rollup"))?;
    field(&rollup, "Pss").map(|kib| kib.saturating_mul(1024))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_part_is_no_more_than_what_is_resident() {
        let mut files = Files::default();
        let pid = std::process::id();
        let rollup = files
            .text(format!("/proc/{pid}/smaps_rollup"))
            .expect("it is our own")
            .into_owned();
        let resident = field(&rollup, "Rss").expect("it is told") * 1024;
        let part = pss_bytes(pid, &mut files).expect("it is our own");
        // Both grow while the test runs.
        assert!(part > 0 && part < resident * 2, "{part} of {resident}");
    }

    #[test]
    fn a_figure_is_told_again_until_it_is_read_anew() {
        let mut reader = Reader::default();
        let process = |pid| ProcessReading {
            pid,
            name: "x".into(),
            cpu_ratio: 0.0,
            rss_bytes: 1,
            pss_bytes: None,
            parent: None,
            user: None,
            command: None,
            started: None,
        };
        let mut own = [process(std::process::id()), process(u32::MAX)];
        reader.fill(&mut own, Timestamp::from_secs(1));
        assert!(own[0].pss_bytes.is_some() && own[1].pss_bytes.is_none());
        reader.by_pid.insert(own[0].pid, 7);
        reader.fill(&mut own, Timestamp::from_secs(5));
        assert_eq!(own[0].pss_bytes, Some(7));
        reader.fill(&mut own, Timestamp::from_secs(6));
        assert_ne!(own[0].pss_bytes, Some(7));
    }
}
