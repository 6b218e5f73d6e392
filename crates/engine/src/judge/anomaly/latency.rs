//! Latency against its own past: spikes by a robust z-score of windows, level shifts by a cumulative sum.
//!
//! A window is the mean of the middle three of five points. A *spike* is two windows in a row that are [`SPIKE_Z`]
//! deviations and half as much again above the usual. A *level shift* is what the two-sided CUSUM (Page 1954), tuned to a
//! shift of 30 %, has gathered; it finds small shifts that no single window shows. A spike that lasts becomes one. Until
//! there are enough windows for it, `young` looks at the points themselves.

use probetop_core::clock::Timestamp;
use probetop_core::snapshot::AnomalyKind;

use super::baseline::{OUTLIER, Usual, Windows};
use super::streak::{Look, Streak, Turn};
use super::young::{Shift, Young};
use super::{ADOPTED_AFTER, Sighting, Stage, WINDOW_POINTS};

/// Iglewicz and Hoaglin (1993) call 3.5 an outlier; who looks at a thousand targets wants more.
const SPIKE_Z: f64 = 5.0;

/// A spike is at least half as slow again as usual, however steady it was.
const SPIKE_LOG: f64 = 0.405;

/// And by so much beyond what now and then happens: latencies have long tails.
const SPIKE_OVER_HIGH: f64 = 1.25;

/// A spike that lasts for so many windows is a level.
const SPIKE_WINDOWS: u16 = 6;

/// The shift that the CUSUM is tuned to, 30 %.
const SHIFT_LOG: f64 = 0.262;

/// The smallest shift that is told, 15 %.
pub(super) const SHIFT_LEAST_LOG: f64 = 0.14;

/// Fewer windows of a cumulative sum are no level yet.
const SHIFT_WINDOWS: u16 = 3;

/// Within this many deviations of the usual, a window is usual; or within half of the shift.
const USUAL_Z: f64 = 1.0;

/// Windows until spikes are looked for, and until the CUSUM runs: two minutes at a probe a second.
const SPIKES_FROM: usize = 12;
const SHIFTS_FROM: usize = 24;

/// Windows between two estimates of the baseline. A young one is estimated at every third.
const ESTIMATED_EVERY: u32 = 12;
const YOUNG_ESTIMATED_EVERY: u32 = 3;

#[derive(Clone, Debug)]
pub(super) struct LatencyWatch {
    points: [f32; WINDOW_POINTS],
    filled: usize,
    /// When the window that fills, began.
    began: Timestamp,
    /// Windows seen, from an offset that spreads the estimates of many targets.
    turn: u32,
    windows: Windows,
    usual: Option<Usual>,
    /// `None`: it was watched for long enough, or something was odd.
    young: Option<Box<Young>>,
    spike: Streak,
    end: Streak,
    up: Sum,
    down: Sum,
    open: Option<Open>,
}

/// One side of the CUSUM.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    gathered: f64,
    windows: u16,
    since: Timestamp,
    /// Of the windows since then, less the usual.
    log_sum: f64,
}

#[derive(Clone, Debug)]
struct Open {
    sighting: Sighting,
    /// Logarithm of the level it is at, smoothed.
    level: f64,
    lasted: u16,
    /// What may be the next baseline.
    fresh: Windows,
}

/// What the CUSUM leaves out of each window, and what it must gather, in deviations.
#[derive(Clone, Copy, Debug)]
struct Tuning {
    allowance: f64,
    limit: f64,
}

impl Tuning {
    /// The allowance is half of the shift looked for. The limit is what such a shift gathers in
    /// [`DELAY_WINDOWS`](Self::DELAY_WINDOWS) on average, and at least what chance gathers once in
    /// [`CHANCE_WINDOWS`](Self::CHANCE_WINDOWS) (Siegmund 1985). A young baseline may be
    /// off by itself, and that is allowed for.
    fn of(usual: &Usual) -> Self {
        let half = (SHIFT_LOG / (2.0 * usual.slow_scale)).clamp(0.5, 1.5);
        let by_delay = Self::DELAY_WINDOWS * half + 0.5 / half;
        let by_chance = (Self::CHANCE_WINDOWS * 2.0 * half * half).ln() / (2.0 * half);
        Self {
            allowance: half + Self::BASELINE_ERROR / (usual.windows as f64).sqrt(),
            limit: by_delay.max(by_chance) - Self::OVERSHOOT,
        }
    }

    const DELAY_WINDOWS: f64 = 2.7;
    const CHANCE_WINDOWS: f64 = 50_000.0;
    /// Siegmund's correction for a sum that jumps over its limit.
    const OVERSHOOT: f64 = 1.166;
    /// The standard error of a mean, in deviations and times the root of n.
    const BASELINE_ERROR: f64 = 1.0;
}

impl Sum {
    fn step(&mut self, z: f64, log: f64, allowance: f64, began: Timestamp) {
        let gathered = self.gathered + z.clamp(-OUTLIER, OUTLIER) - allowance;
        if gathered <= 0.0 {
            *self = Self::default();
            return;
        }
        if self.windows == 0 {
            self.since = began;
        }
        self.gathered = gathered;
        self.windows = self.windows.saturating_add(1);
        self.log_sum += log;
    }

    fn mean(&self) -> f64 {
        self.log_sum / f64::from(self.windows.max(1))
    }

    fn is_a_shift(&self, limit: f64) -> bool {
        self.gathered > limit && self.windows >= SHIFT_WINDOWS
    }
}

impl LatencyWatch {
    pub(super) fn new(phase: u32) -> Self {
        Self {
            points: [0.0; WINDOW_POINTS],
            filled: 0,
            began: Timestamp::ZERO,
            turn: phase % ESTIMATED_EVERY,
            windows: Windows::default(),
            usual: None,
            young: Some(Box::default()),
            spike: Streak::default(),
            end: Streak::default(),
            up: Sum::default(),
            down: Sum::default(),
            open: None,
        }
    }

    pub(super) fn sighting(&self) -> Option<&Sighting> {
        self.open.as_ref().map(|open| &open.sighting)
    }

    /// What a copy takes beside itself.
    pub(super) fn heap_bytes(&self) -> usize {
        self.windows.heap_bytes()
    }

    /// As [`Young::missing`].
    pub(super) fn points_missing(&self) -> Option<usize> {
        self.young.as_ref().map_or(Some(0), |young| young.missing())
    }

    pub(super) fn usual(&self) -> Option<&Usual> {
        self.usual.as_ref()
    }

    /// Takes a point, the logarithm of microseconds; says whether it completed a window.
    pub(super) fn point(&mut self, log: f64, now: Timestamp) -> bool {
        if self.open.is_some() {
            self.young = None;
        }
        if let Some(shift) = self.young.as_mut().and_then(|young| young.point(log, now)) {
            self.shifted(shift);
            return false;
        }
        self.young.take_if(|young| young.is_over());
        if self.filled == 0 {
            self.began = now;
        }
        self.points[self.filled] = log as f32;
        self.filled += 1;
        if self.filled < WINDOW_POINTS {
            return false;
        }
        self.filled = 0;
        self.points.sort_unstable_by(f32::total_cmp);
        let middle = &self.points[1..WINDOW_POINTS - 1];
        let log = f64::from(middle.iter().sum::<f32>()) / middle.len() as f64;
        self.window(log);
        true
    }

    /// Opens what the young target's points say; what was before it is the usual.
    fn shifted(&mut self, shift: Shift) {
        (self.young, self.filled) = (None, 0);
        self.windows.keep_oldest(shift.older / WINDOW_POINTS);
        self.usual = self.windows.usual();
        if let Some(usual) = self.usual {
            self.open(AnomalyKind::LevelShift, shift.since, shift.level, &usual);
        }
    }

    fn window(&mut self, log: f64) {
        self.turn = self.turn.wrapping_add(1);
        match (self.usual, self.open.take()) {
            (None, _) => self.learn(log),
            (Some(usual), None) => self.look(log, &usual),
            (Some(usual), Some(open)) => self.follow(log, &usual, open),
        }
    }

    /// Takes a window into the baseline, and estimates it where it is time.
    fn learn(&mut self, log: f64) {
        self.windows.push(log);
        let count = self.windows.len();
        let every = if count <= SHIFTS_FROM {
            YOUNG_ESTIMATED_EVERY
        } else {
            ESTIMATED_EVERY
        };
        if count >= SPIKES_FROM && self.turn.is_multiple_of(every) {
            self.usual = self.windows.usual();
        }
    }

    fn look(&mut self, log: f64, usual: &Usual) {
        let above = log - usual.centre;
        let needed = SPIKE_LOG.max(SPIKE_Z * usual.scale).max(SPIKE_OVER_HIGH * usual.high);
        let look = if above >= needed { Look::Odd } else { Look::Usual };
        let spike = self.spike.step(look, self.began, false);
        let tuning = Tuning::of(usual);
        if usual.windows >= SHIFTS_FROM {
            let off = log - usual.level;
            let z = off / usual.slow_scale;
            self.up.step(z, off, tuning.allowance, self.began);
            self.down.step(-z, off, tuning.allowance, self.began);
        }
        let shift = [self.up, self.down]
            .into_iter()
            .find(|sum| sum.is_a_shift(tuning.limit));
        if let Some(Turn::Opens(since)) = spike {
            self.open(AnomalyKind::Spike, since, log, usual);
        } else if let Some(sum) = shift {
            if sum.mean().abs() >= SHIFT_LEAST_LOG {
                self.open(AnomalyKind::LevelShift, sum.since, usual.level + sum.mean(), usual);
            } else {
                // Sure, but not worth a word: the baseline goes along.
                (self.up, self.down) = Default::default();
                self.learn(log);
            }
        } else if self.up.gathered.max(self.down.gathered) < tuning.limit / 2.0 && look == Look::Usual {
            self.learn(log);
        }
    }

    fn open(&mut self, kind: AnomalyKind, since: Timestamp, level: f64, usual: &Usual) {
        (self.up, self.down) = Default::default();
        self.end = Streak::default();
        self.open = Some(Open {
            sighting: sighting(kind, since, level, usual),
            level,
            lasted: 0,
            fresh: Windows::default(),
        });
    }

    /// Goes on with an anomaly: until two windows are usual again, or it has lasted so long that it is usual.
    fn follow(&mut self, log: f64, usual: &Usual, mut open: Open) {
        if open.sighting.stage == Stage::Adopted {
            self.learn(log);
            return;
        }
        let (above, shift) = (log - usual.centre, open.level - usual.centre);
        let is_back = above * shift.signum() < (shift.abs() / 2.0).max(USUAL_Z * usual.scale);
        let look = if is_back { Look::Usual } else { Look::Odd };
        if self.end.step(look, self.began, true) == Some(Turn::Ends) {
            self.spike = Streak::default();
            return;
        }
        open.lasted += 1;
        open.fresh.push(log);
        if !is_back {
            open.level += (log - open.level) * 0.3;
        }
        let kind = match open.sighting.kind {
            AnomalyKind::Spike if open.lasted < SPIKE_WINDOWS => AnomalyKind::Spike,
            _ => AnomalyKind::LevelShift,
        };
        open.sighting = sighting(kind, open.sighting.since, open.level, usual);
        if open.lasted >= ADOPTED_AFTER {
            open.sighting.stage = Stage::Adopted;
            self.windows = std::mem::take(&mut open.fresh);
            self.usual = self.windows.usual();
        }
        self.open = Some(open);
    }
}

fn sighting(kind: AnomalyKind, since: Timestamp, level: f64, usual: &Usual) -> Sighting {
    Sighting {
        kind,
        since,
        seen: level.exp(),
        usual: usual.centre.exp(),
        score: (level - usual.centre).abs() / usual.scale,
        stage: Stage::Open,
    }
}
