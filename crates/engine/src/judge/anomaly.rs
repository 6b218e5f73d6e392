//! Anomalies: what is not as it was, found without being told what to expect.
//!
//! A [`Detector`] takes one target's samples and ticks; gives what is odd about it now, a [`Sighting`] for each
//! [`Concern`]. Every tick with samples is a point, five points are a window, and windows are what is compared: so a
//! probe every minute is judged by the same rules as ten a second, only later. Two windows in a row open an anomaly and
//! two in a row end it. What stays for [`ADOPTED_AFTER`] windows is taken as usual from then on.

mod baseline;
mod streak;
mod young;
mod latency;
mod errors;
mod rate;
mod cold;

use std::time::Duration;

use cold::ColdWatch;
use errors::ErrorWatch;
use latency::LatencyWatch;
use probetop_core::clock::Timestamp;
use probetop_core::sample::slot::Scratch;
use probetop_core::sample::{Purpose, Sample, TargetId, Unit};
use probetop_core::snapshot::AnomalyKind;
use rate::RateWatch;

/// Points in a window: two of them may be outliers, one each way, and the middle three do not mind.
const WINDOW_POINTS: usize = 5;

/// Windows after which what is odd has become usual: five minutes at a probe a second.
pub const ADOPTED_AFTER: u16 = 60;

/// What one target is watched for. At most one anomaly of each at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Concern {
    Latency,
    Errors,
    Rate,
    ColdStart,
}

impl Concern {
    pub const ALL: [Self; 4] = [Self::Latency, Self::Errors, Self::Rate, Self::ColdStart];
}

/// Something odd, as it stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sighting {
    pub kind: AnomalyKind,
    pub since: Timestamp,
    /// Microseconds, a share, or a rate: see [`Sighting::unit`].
    pub seen: f64,
    pub usual: f64,
    /// How far out, in (robust) standard deviations.
    pub score: f64,
    pub stage: Stage,
}

/// Whether an anomaly goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Open,
    /// It has stayed for so long that it is what is usual now.
    Adopted,
}

impl Sighting {
    pub const fn unit(&self) -> Unit {
        match self.kind {
            AnomalyKind::Spike | AnomalyKind::LevelShift | AnomalyKind::ColdStart => Unit::Microseconds,
            AnomalyKind::ErrorBurst => Unit::Ratio,
            AnomalyKind::RateDrop => Unit::Number,
        }
    }

    /// What was seen, against what, in words.
    pub fn text(&self) -> String {
        let unit = self.unit();
        let (seen, usual) = (unit.show(self.seen), unit.show(self.usual));
        let times = self.seen / self.usual.max(f64::MIN_POSITIVE);
        let what = match self.kind {
            AnomalyKind::Spike => format!("latency {seen} against {usual}, {:.0} deviations", self.score),
            AnomalyKind::LevelShift if times < 1.0 => {
                format!("latency {seen} against {usual}, {:.0}% faster", (1.0 - times) * 100.0)
            }
            AnomalyKind::LevelShift => format!("latency {seen} against {usual}, {:.0}% slower", (times - 1.0) * 100.0),
            AnomalyKind::ErrorBurst => format!("errors {seen} against {usual}"),
            AnomalyKind::RateDrop => format!("{seen} probes a second against {usual}"),
            AnomalyKind::ColdStart => format!("first on a connection {seen} against {usual}, {times:.1} times"),
        };
        match self.stage {
            Stage::Open => what,
            Stage::Adopted => format!("{what}; usual from now on"),
        }
    }
}

/// Watches one target, in less than a kilobyte.
#[derive(Clone, Debug)]
pub struct Detector {
    purpose: Purpose,
    tick: TickSums,
    latency: LatencyWatch,
    errors: ErrorWatch,
    rate: RateWatch,
    cold: ColdWatch,
}

/// What collects until the next tick.
#[derive(Clone, Copy, Debug, Default)]
struct TickSums {
    attempts: u32,
    failed: u32,
    /// Failed for want of something here: due and made, and no word of the target.
    ours: u32,
    /// Of how many the latency is a service's.
    timed: u32,
    /// Of their latencies, in microseconds.
    log_sum: f64,
}

impl Detector {
    /// What it takes.
    pub fn bytes(&self) -> usize {
        size_of::<Self>() + self.latency.heap_bytes()
    }

    /// `interval` is the usual time between two samples; the id spreads the estimating of baselines over time.
    pub fn new(target: TargetId, purpose: Purpose, interval: Duration, now: Timestamp) -> Self {
        Self {
            purpose,
            tick: TickSums::default(),
            latency: LatencyWatch::new(target.0),
            errors: ErrorWatch::default(),
            rate: RateWatch::new(interval, now),
            cold: ColdWatch::default(),
        }
    }

    /// Counts a finished probe in the tick that comes next.
    pub fn record(&mut self, sample: &Sample) {
        if sample.outcome.is_ours() {
            self.tick.ours += 1;
            return;
        }
        self.tick.attempts += 1;
        if !sample.outcome.is_ok() {
            self.tick.failed += 1;
            return;
        }
        if !self.purpose.measures_service() {
            return;
        }
        self.tick.timed += 1;
        let log = log_micros(f64::from(sample.latency.0));
        self.tick.log_sum += log;
        if sample.phases.asked_on_a_new_connection() {
            self.cold.record(log, sample.ended(), self.latency.usual());
        }
    }

    /// Counts a second of probes or requests that ended at `ended`.
    pub fn count(&mut self, second: &Scratch, ended: Timestamp) {
        let add = |sum: &mut u32, more: u64| *sum = sum.saturating_add(u32::try_from(more).unwrap_or(u32::MAX));
        add(&mut self.tick.attempts, second.attempts());
        add(&mut self.tick.failed, second.failed());
        add(&mut self.tick.ours, second.ours());
        if !self.purpose.measures_service() {
            return;
        }
        for (latency, count) in second.latencies() {
            add(&mut self.tick.timed, count);
            self.tick.log_sum += log_micros(f64::from(latency.0)) * count as f64;
        }
        // One stands for all of the second: the watch looks at the middle of three.
        if let Some(cold) = second.cold_median() {
            let log = log_micros(f64::from(cold.0));
            self.cold.record(log, ended, self.latency.usual());
        }
    }

    /// Closes a point, and the window that it fills.
    pub fn tick(&mut self, now: Timestamp) {
        let sums = std::mem::take(&mut self.tick);
        self.rate.tick(sums.attempts + sums.ours, now);
        if sums.attempts == 0 {
            return;
        }
        self.errors.point(u64::from(sums.attempts), u64::from(sums.failed), now);
        if sums.timed > 0 && self.latency.point(sums.log_sum / f64::from(sums.timed), now) {
            self.cold.grow_old();
        }
    }

    /// What is odd about `concern` now.
    pub fn sighting(&self, concern: Concern) -> Option<&Sighting> {
        match concern {
            Concern::Latency => self.latency.sighting(),
            Concern::Errors => self.errors.sighting(),
            Concern::Rate => self.rate.sighting(),
            Concern::ColdStart => self.cold.sighting(),
        }
    }

    /// Ticks with answers that are missing until a shift of the latency can be known. `None`: nothing has answered yet.
    pub fn points_missing(&self) -> Option<usize> {
        self.latency.points_missing()
    }

    /// Whether nothing is odd.
    pub fn is_quiet(&self) -> bool {
        Concern::ALL.iter().all(|concern| self.sighting(*concern).is_none())
    }
}

/// Latencies are compared by ratios: a spread of 10 % is the same at 1 ms and at 1 s.
fn log_micros(micros: f64) -> f64 {
    micros.max(1.0).ln()
}

#[cfg(test)]
mod tests {
    use probetop_core::sample::{Failure, FailureKind, Micros, Outcome, Phases};

    use super::*;

    #[test]
    fn a_thousand_targets_are_watched_in_a_megabyte() {
        let mut detector = Detector::new(TargetId(0), Purpose::Service, Duration::from_secs(1), Timestamp::ZERO);
        for point in 0..10_000_u32 {
            detector
                .latency
                .point(11.0 + 1e-4 * f64::from(point % 7), Timestamp::from_secs(point as u64));
        }
        let bytes = detector.bytes();
        assert!(bytes <= 1024, "{bytes} bytes");
    }

    #[test]
    fn how_long_it_takes_to_read_figures_is_never_odd_and_that_it_fails_is() {
        let check = |purpose, concern, expected: bool| {
            let mut detector = Detector::new(TargetId(0), purpose, Duration::from_secs(1), Timestamp::ZERO);
            let mut was_odd = false;
            for second in 0..900_u32 {
                let is_late = second > 600;
                let outcome = match concern {
                    Concern::Errors if is_late => Outcome::Failed(Box::new(Failure {
                        kind: FailureKind::Timeout,
                        phase: None,
                        message: "no answer".into(),
                    })),
                    Concern::Errors | Concern::Latency | Concern::Rate | Concern::ColdStart => Outcome::Ok,
                };
                detector.record(&Sample {
                    target: TargetId(0),
                    intended: Timestamp::from_secs(u64::from(second)),
                    lag: Micros(0),
                    latency: Micros(if is_late { 90_000 } else { 10_000 + second % 7 * 50 }),
                    outcome,
                    phases: Phases::default(),
                    answer: None,
                });
                detector.tick(Timestamp::from_secs(u64::from(second) + 1));
                was_odd |= detector.sighting(concern).is_some();
            }
            assert_eq!(was_odd, expected, "{purpose:?} {concern:?}");
        };
        for (purpose, tells_latency) in [
            (Purpose::Service, true),
            (Purpose::Step, true),
            (Purpose::Figures, false),
            (Purpose::Generator, false),
        ] {
            check(purpose, Concern::Latency, tells_latency);
            check(purpose, Concern::Errors, true);
        }
    }

    #[test]
    fn a_sighting_says_what_was_seen_and_what_was_usual() {
        let check = |kind, seen, usual, stage, expected: &str| {
            let sighting = Sighting {
                kind,
                since: Timestamp::ZERO,
                seen,
                usual,
                score: 14.2,
                stage,
            };
            assert_eq!(sighting.text(), expected);
        };
        let spike = "latency 412ms against 98ms, 14 deviations";
        check(AnomalyKind::Spike, 412e3, 98e3, Stage::Open, spike);
        let slower = "latency 130ms against 100ms, 30% slower";
        check(AnomalyKind::LevelShift, 130e3, 100e3, Stage::Open, slower);
        let faster = "latency 50ms against 100ms, 50% faster; usual from now on";
        check(AnomalyKind::LevelShift, 50e3, 100e3, Stage::Adopted, faster);
        check(
            AnomalyKind::ErrorBurst,
            0.6,
            0.002,
            Stage::Open,
            "errors 60% against 0.2%",
        );
        let fewer = "2.00 probes a second against 10.00";
        check(AnomalyKind::RateDrop, 2.0, 10.0, Stage::Open, fewer);
        let cold = "first on a connection 180ms against 40ms, 4.5 times";
        check(AnomalyKind::ColdStart, 180e3, 40e3, Stage::Open, cold);
    }
}
