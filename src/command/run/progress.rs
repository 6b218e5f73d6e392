//! One line on the terminal that tells how far a run is; gone when the run ends.

use std::time::Duration;

use probetop_core::sample::Level;
use probetop_core::snapshot::Snapshot;

/// Width of the bar in characters.
const BAR: usize = 24;

pub(super) struct Progress {
    duration: Duration,
    shown: bool,
}

impl Progress {
    pub(super) const fn new(duration: Duration) -> Self {
        Self { duration, shown: false }
    }

    /// The line, drawn over the one before.
    pub(super) fn shown(&mut self, snapshot: &Snapshot) -> String {
        self.shown = true;
        format!("\r{}\x1b[K", line(snapshot, self.duration))
    }

    /// What takes the line away; nothing where there is none.
    pub(super) fn cleared(&mut self) -> &'static str {
        if std::mem::take(&mut self.shown) {
            "\r\x1b[K"
        } else {
            ""
        }
    }
}

/// Fits 80 columns.
fn line(snapshot: &Snapshot, duration: Duration) -> String {
    let passed = snapshot.taken.since_origin().min(duration);
    let share = passed.as_secs_f64() / duration.as_secs_f64().max(f64::MIN_POSITIVE);
    let done = (share * BAR as f64) as usize;
    let bar: String = (0..BAR).map(|at| if at < done { '#' } else { '.' }).collect();
    let count = |level: Level| snapshot.targets.iter().filter(|target| target.level == level).count();
    let levels = Level::ALL.map(|level| (count(level), level.name()));
    let levels: Vec<_> = levels
        .iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, name)| format!("{n} {name}"))
        .collect();
    format!(
        "[{bar}] {}s of {}s  {}",
        passed.as_secs(),
        duration.as_secs(),
        levels.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use probetop_core::clock::Timestamp;

    use super::*;

    #[test]
    fn the_bar_fills_as_time_passes_and_never_overflows() {
        let check = |second, expected: &str| {
            let mut snapshot = Snapshot::empty(SystemTime::UNIX_EPOCH);
            snapshot.taken = Timestamp::from_secs(second);
            assert_eq!(line(&snapshot, Duration::from_secs(60)).trim_end(), expected);
        };
        check(0, "[........................] 0s of 60s");
        check(30, "[############............] 30s of 60s");
        check(90, "[########################] 60s of 60s");
    }
}
