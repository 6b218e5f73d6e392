//! How many probes end, against how many did: a rate that breaks down says that something holds probes up, or the
//! machine they start from.
//!
//! Nothing comes when the rate is zero, so these windows count in time: ten intervals, and at least ten seconds.

use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::snapshot::AnomalyKind;

use super::streak::{Look, Streak, Turn};
use super::{ADOPTED_AFTER, Sighting, Stage};

const WINDOW_INTERVALS: u32 = 10;
const WINDOW_LEAST: Duration = Duration::from_secs(10);

/// A window is odd at half of the usual or less, and usual at three quarters or more.
const ODD_RATIO: f64 = 0.5;
const USUAL_RATIO: f64 = 0.75;

/// And this many mean deviations below; a rate that always varies says little.
const ODD_DEVIATIONS: f64 = 4.0;

/// No rate is steadier than this share of it.
const DEVIATION_LEAST_RATIO: f64 = 0.05;

/// Windows before anything is usual, and what a new window counts after that.
const WINDOWS_NEEDED: u16 = 3;
const NEWEST_WEIGHT: f64 = 0.1;

/// Fewer probes in a window than this are too few to miss some.
const COUNT_NEEDED: f64 = 5.0;

/// Ticks come each second. Where they did not, the machine slept, and so did the probes.
const PAUSE: Duration = Duration::from_secs(5);

#[derive(Clone, Debug)]
pub(super) struct RateWatch {
    length: Duration,
    began: Timestamp,
    ticked: Timestamp,
    count: u64,
    /// Mean of windows, and mean of how far they were from it.
    mean: f64,
    deviation: f64,
    windows: u16,
    streak: Streak,
    sighting: Option<Sighting>,
    lasted: u16,
}

impl RateWatch {
    pub(super) fn new(interval: Duration, now: Timestamp) -> Self {
        Self {
            length: interval.saturating_mul(WINDOW_INTERVALS).max(WINDOW_LEAST),
            began: now,
            ticked: now,
            count: 0,
            mean: 0.0,
            deviation: 0.0,
            windows: 0,
            streak: Streak::default(),
            sighting: None,
            lasted: 0,
        }
    }

    pub(super) fn sighting(&self) -> Option<&Sighting> {
        self.sighting.as_ref()
    }

    /// Takes how many probes ended since the tick before.
    pub(super) fn tick(&mut self, attempts: u32, now: Timestamp) {
        let paused = now.since(self.ticked) > PAUSE;
        self.ticked = now;
        if paused {
            (self.began, self.count) = (now, 0);
            return;
        }
        self.count += u64::from(attempts);
        let took = now.since(self.began);
        if took >= self.length {
            // As many as would have ended in a window of just its length.
            let count = self.count as f64 * self.length.as_secs_f64() / took.as_secs_f64();
            self.close(count);
            (self.began, self.count) = (now, 0);
        }
    }

    fn close(&mut self, count: f64) {
        if self.sighting.is_some_and(|sighting| sighting.stage == Stage::Adopted) {
            self.sighting = None;
        }
        let look = self.look(count);
        match self.streak.step(look, self.began, self.sighting.is_some()) {
            Some(Turn::Opens(since)) => {
                self.lasted = 0;
                self.sighting = Some(self.seen(count, since));
            }
            Some(Turn::Ends) => self.sighting = None,
            None => {}
        }
        match self.sighting {
            Some(sighting) => self.follow(count, look, sighting.since),
            None if look == Look::Odd => {}
            None => self.learn(count),
        }
    }

    fn look(&self, count: f64) -> Look {
        if self.windows < WINDOWS_NEEDED || self.mean < COUNT_NEEDED {
            return Look::Usual;
        }
        let missing = self.mean - count;
        if count <= ODD_RATIO * self.mean && missing >= ODD_DEVIATIONS * self.usual_deviation() {
            Look::Odd
        } else if count >= USUAL_RATIO * self.mean {
            Look::Usual
        } else {
            Look::Unclear
        }
    }

    fn usual_deviation(&self) -> f64 {
        self.deviation.max(DEVIATION_LEAST_RATIO * self.mean)
    }

    fn learn(&mut self, count: f64) {
        self.windows = self.windows.saturating_add(1);
        let weight = (1.0 / f64::from(self.windows)).max(NEWEST_WEIGHT);
        if self.windows > 1 {
            self.deviation += ((count - self.mean).abs() - self.deviation) * weight;
        }
        self.mean += (count - self.mean) * weight;
    }

    fn follow(&mut self, count: f64, look: Look, since: Timestamp) {
        self.lasted += 1;
        if look == Look::Odd {
            self.sighting = Some(self.seen(count, since));
        }
        if self.lasted >= ADOPTED_AFTER {
            self.sighting = self.sighting.map(|sighting| Sighting {
                stage: Stage::Adopted,
                ..sighting
            });
            (self.mean, self.deviation, self.windows) = (count, 0.0, 1);
        }
    }

    fn seen(&self, count: f64, since: Timestamp) -> Sighting {
        let seconds = self.length.as_secs_f64();
        Sighting {
            kind: AnomalyKind::RateDrop,
            since,
            seen: count / seconds,
            usual: self.mean / seconds,
            score: (self.mean - count) / self.usual_deviation(),
            stage: Stage::Open,
        }
    }
}
