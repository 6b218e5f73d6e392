//! One line on the terminal that tells how far a run is; gone when the run ends.

use std::io::Write;
use std::time::Duration;

use crate::sample::Level;
use crate::snapshot::Snapshot;

/// Width of the bar in characters.
const BAR: usize = 24;

pub struct Progress {
    duration: Duration,
    shown: bool,
}

impl Progress {
    pub const fn new(duration: Duration) -> Self {
        Self { duration, shown: false }
    }

    /// Draws the line over the one before.
    pub fn show(&mut self, snapshot: &Snapshot) {
        self.shown = true;
        write_to_stderr(&format!("\r{}\x1b[K", line(snapshot, self.duration)));
    }

    pub fn clear(&mut self) {
        if std::mem::take(&mut self.shown) {
            write_to_stderr("\r\x1b[K");
        }
    }
}

fn write_to_stderr(text: &str) {
    // The line is a courtesy: a terminal that is gone is no reason to stop measuring.
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
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
    use super::*;

    use std::time::SystemTime;

    use crate::clock::Timestamp;

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
