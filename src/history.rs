//! The past, as it was: what was watched five minutes ago and every input since, so that any second of the last hour can
//! be shown again, cell for cell.
//!
//! Nothing that is shown is stored. The monitor is a pure function of its inputs, so a second is brought back by taking
//! the state before it and applying the inputs up to it. Memory has a limit; what exceeds it is forgotten, oldest first.

mod log;

use std::collections::VecDeque;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::monitor::{Monitor, Plan};
use crate::sample::Input;
use crate::snapshot::{HistoryReport, Notice};

use log::Log;

/// A state is kept this often. More often costs memory, more rarely costs time when going back: the inputs of a hundred
/// targets over five minutes are applied again in some tens of milliseconds.
const STATE_EVERY: Duration = Duration::from_secs(5 * 60);

/// A stretch that takes this much ends early: what is forgotten is a whole one.
const STRETCH_LIMIT_BYTES: usize = HISTORY_LIMIT_BYTES / 8;

/// Memory for the past: an hour of a hundred targets takes less than half of it.
pub const HISTORY_LIMIT_BYTES: usize = 96 * 1024 * 1024;

/// What the state of one target takes once its rings are full; see `cargo bench --bench metric`.
const TARGET_BYTES: usize = 17 * 1024;

/// What the state takes beside its targets.
const STATE_BYTES: usize = 256 * 1024;

/// The states and inputs of the last while.
#[derive(Debug)]
pub struct History {
    /// How far back it reaches at most; zero keeps nothing.
    length: Duration,
    /// Oldest first.
    stretches: VecDeque<Stretch>,
    /// The second that was brought back last: the next one asked for is often a little later.
    recalled: Option<Recalled>,
}

/// A state and what happened from then on.
#[derive(Debug)]
struct Stretch {
    from: Timestamp,
    state: Box<Monitor>,
    state_bytes: usize,
    log: Log,
}

#[derive(Debug)]
struct Recalled {
    state: Box<Monitor>,
    /// Number of its stretch, counted over all that ever were, and how many entries of it were applied.
    stretch: usize,
    applied: usize,
}

impl History {
    /// Begins with the state as it is.
    pub fn new(length: Duration, monitor: &Monitor) -> Self {
        let mut history = Self {
            length,
            stretches: VecDeque::new(),
            recalled: None,
        };
        history.begin_stretch(monitor);
        history
    }

    /// Takes note of an input that the monitor is about to take.
    pub fn input(&mut self, input: &Input) {
        if let Some(newest) = self.stretches.back_mut() {
            newest.log.input(input);
        }
    }

    /// Takes note of a plan that the monitor is about to follow.
    pub fn plan(&mut self, plan: &Plan, now: Timestamp) {
        if let Some(newest) = self.stretches.back_mut() {
            newest.log.plan(plan, now);
        }
    }

    /// Takes note of what is about to be said on every snapshot.
    pub fn notice(&mut self, notice: &Notice) {
        if let Some(newest) = self.stretches.back_mut() {
            newest.log.notice(notice);
        }
    }

    /// Reaches back this far from now on.
    pub fn keep(&mut self, length: Duration) {
        self.length = length;
        if length.is_zero() {
            self.stretches.clear();
            self.recalled = None;
        }
    }

    /// Frees what going back took; nobody looks at the past any more.
    pub fn forget_recalled(&mut self) {
        self.recalled = None;
    }

    /// Goes on after a tick, with the state it led to.
    pub fn advance(&mut self, monitor: &Monitor) {
        let now = monitor.now();
        let is_full =
            |stretch: &Stretch| now.since(stretch.from) >= STATE_EVERY || stretch.log.bytes() >= STRETCH_LIMIT_BYTES;
        if self.stretches.back().is_none_or(is_full) {
            self.begin_stretch(monitor);
        }
        let too_old = |stretch: &Stretch| now.since(stretch.from) > self.length;
        // The second is where the oldest second is brought back from, once the first is gone.
        while self.stretches.get(1).is_some_and(too_old) || self.bytes() > HISTORY_LIMIT_BYTES {
            self.stretches.pop_front();
            self.recalled = None;
        }
    }

    fn begin_stretch(&mut self, monitor: &Monitor) {
        let state_bytes = STATE_BYTES + monitor.targets().count() * TARGET_BYTES;
        if self.length.is_zero() || state_bytes > HISTORY_LIMIT_BYTES / 2 {
            return;
        }
        self.stretches.push_back(Stretch {
            from: monitor.now(),
            state: Box::new(monitor.clone()),
            state_bytes,
            log: Log::default(),
        });
    }

    /// The state as of the last tick that is not later than `at`, or the oldest there is. `None`: none is kept.
    pub fn recall(&mut self, at: Timestamp) -> Option<&mut Monitor> {
        let at = at.max(self.stretches.front()?.from);
        let stretch = self.stretches.iter().rposition(|stretch| stretch.from <= at)?;
        let target = self.stretches[stretch].log.position_after(at);
        let goes_on = |recalled: &Recalled| recalled.stretch == stretch && recalled.applied <= target;
        let recalled = match self.recalled.take().filter(goes_on) {
            Some(recalled) => self.recalled.insert(recalled),
            None => self.recalled.insert(Recalled {
                state: self.stretches[stretch].state.clone(),
                stretch,
                applied: 0,
            }),
        };
        self.stretches[stretch]
            .log
            .replay(recalled.applied..target, &mut recalled.state);
        recalled.applied = target;
        Some(&mut recalled.state)
    }

    /// How far it reaches, and what it takes.
    pub fn report(&self) -> HistoryReport {
        HistoryReport {
            oldest: self.stretches.front().map(|oldest| oldest.from),
            bytes: self.bytes() as u64,
        }
    }

    fn bytes(&self) -> usize {
        let bytes = |stretch: &Stretch| stretch.state_bytes + stretch.log.bytes();
        self.stretches.iter().map(bytes).sum()
    }
}
