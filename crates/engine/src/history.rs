//! The past, as it was: the state of every hundred seconds and all inputs between, so that any second of the last hour
//! can be shown again, cell for cell.
//!
//! Nothing that is shown is stored. The monitor is a pure function of its inputs, so a second is brought back by taking
//! the state before it and applying the inputs up to it. Memory has a limit, which states in between give way to first;
//! then what exceeds it is forgotten, oldest first.
//!
//! With an hour of a hundred targets a step back takes 2 ms (p95 4), ten seconds 4 ms (p95 20), a jump 12 ms (p95 26).

use std::collections::VecDeque;
use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::snapshot::HistoryReport;

use crate::journal::Chunk;
use crate::monitor::{Input, Monitor};

/// What is forgotten is a stretch of this length.
const STRETCH: Duration = Duration::from_secs(5 * 60);

/// A state is kept this often while there is room. More often costs memory, more rarely costs time when going back: a
/// second of a hundred targets is lived through again in a quarter of a millisecond, most of it sums of windows, so that
/// a second is mostly there before a held key repeats, after 33 ms; see `cargo bench --bench history`.
const STATE_EVERY: Duration = Duration::from_secs(100);

/// A stretch that takes this much ends early: what is forgotten is a whole one.
const STRETCH_LIMIT_BYTES: usize = HISTORY_LIMIT_BYTES / 8;

/// Memory for the past: an hour of a hundred targets fits. Where it does not, states in between go before seconds do.
pub const HISTORY_LIMIT_BYTES: usize = 95 * 1024 * 1024;

/// States that were passed on the way to the second that is shown: enough to go back through a stretch of which only the
/// beginning is kept without living through much of it twice.
const PASSED_LIMIT: usize = 4;

/// The states and inputs of the last while.
#[derive(Debug)]
pub struct History {
    /// How far back it reaches at most; zero keeps nothing.
    length: Duration,
    /// Oldest first.
    stretches: VecDeque<Stretch>,
    /// The second that was brought back last: the next one asked for is often near it.
    recalled: Option<Recalled>,
}

/// What happened, and states on the way.
#[derive(Debug)]
struct Stretch {
    from: Timestamp,
    /// Earliest first; the first one is that of the beginning.
    states: Vec<State>,
    log: Chunk,
}

#[derive(Clone, Debug)]
struct State {
    /// The position in the log of its stretch that led to it.
    applied: usize,
    monitor: Box<Monitor>,
    /// What it takes.
    bytes: usize,
}

#[derive(Debug)]
struct Recalled {
    /// The position of its stretch.
    stretch: usize,
    /// Passed on the way to what is shown, earliest first: going back on begins at the last of them.
    passed: Vec<State>,
    shown: State,
}

impl Stretch {
    fn bytes(&self) -> usize {
        self.states.iter().map(|state| state.bytes).sum::<usize>() + self.log.heap_bytes()
    }
}

impl State {
    fn new(applied: usize, monitor: &Monitor) -> Self {
        Self {
            applied,
            monitor: Box::new(monitor.clone()),
            bytes: monitor.bytes(),
        }
    }

    /// Lives through the entries up to `target`.
    fn live_on(&mut self, log: &Chunk, target: usize) {
        // What was written here is whole.
        for input in log.inputs(self.applied..target).flatten() {
            // What follows from it was told when it happened.
            let _told = self.monitor.apply(input);
        }
        self.applied = target;
        self.bytes = self.monitor.bytes();
    }
}

impl Recalled {
    /// Keeps what is shown for going back to.
    fn pass(&mut self) {
        if self.passed.len() == PASSED_LIMIT {
            self.passed.remove(0);
        }
        self.passed.push(self.shown.clone());
    }

    fn bytes(&self) -> usize {
        self.passed.iter().chain([&self.shown]).map(|state| state.bytes).sum()
    }
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
            newest.log.push(input);
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
        let (now, length) = (monitor.now(), self.length);
        let is_full =
            |stretch: &Stretch| now.since(stretch.from) >= STRETCH || stretch.log.heap_bytes() >= STRETCH_LIMIT_BYTES;
        if self.stretches.back().is_none_or(is_full) {
            self.begin_stretch(monitor);
        } else {
            self.keep_state(monitor);
        }
        let too_old = |stretch: &Stretch| now.since(stretch.from) > length;
        // The second is where the oldest second is brought back from, once the first is gone.
        while self.stretches.get(1).is_some_and(too_old) || !self.make_room(self.spare_bytes()) {
            self.stretches.pop_front();
            self.recalled = None;
        }
    }

    /// Room for the second that is brought back next: for a state that has lived on a little from one that is kept.
    fn spare_bytes(&self) -> usize {
        let newest = self.stretches.back().and_then(|stretch| stretch.states.last());
        match (&self.recalled, newest) {
            (None, Some(state)) => state.bytes + state.bytes / 8,
            (Some(_), _) | (None, None) => 0,
        }
    }

    fn begin_stretch(&mut self, monitor: &Monitor) {
        if self.length.is_zero() || monitor.bytes() > HISTORY_LIMIT_BYTES / 2 {
            return;
        }
        if let Some(ended) = self.stretches.back_mut() {
            ended.log.close();
        }
        self.stretches.push_back(Stretch {
            from: monitor.now(),
            states: vec![State::new(0, monitor)],
            log: Chunk::new(monitor.now()),
        });
    }

    /// Keeps a state within the newest stretch, when it is time for one and there is room.
    fn keep_state(&mut self, monitor: &Monitor) {
        let Some(newest) = self.stretches.back() else { return };
        let last = newest.states.last().map_or(newest.from, |state| state.monitor.now());
        if monitor.now().since(last) < STATE_EVERY || !self.make_room(monitor.bytes()) {
            return;
        }
        if let Some(newest) = self.stretches.back_mut() {
            newest.states.push(State::new(newest.log.end(), monitor));
        }
    }

    /// Lets go of states that only save time until `needed` bytes fit: of kept ones the oldest where there are most.
    /// `false`: that is not enough.
    fn make_room(&mut self, needed: usize) -> bool {
        while self.bytes() + needed > HISTORY_LIMIT_BYTES {
            let most = self
                .stretches
                .iter_mut()
                .rev()
                .max_by_key(|stretch| stretch.states.len());
            let passed = self.recalled.as_mut().map(|recalled| &mut recalled.passed);
            if let Some(stretch) = most.filter(|stretch| stretch.states.len() > 1) {
                stretch.states.remove(1);
            } else if let Some(passed) = passed.filter(|passed| !passed.is_empty()) {
                passed.clear();
            } else {
                return false;
            }
        }
        true
    }

    /// The state as of the last tick that is not later than `at`, or the oldest there is. `None`: none is kept.
    pub fn recall(&mut self, at: Timestamp) -> Option<&mut Monitor> {
        let at = at.max(self.stretches.front()?.from);
        let position = self.stretches.iter().rposition(|stretch| stretch.from <= at)?;
        let target = self.stretches[position].log.position_after(at);
        let mut recalled = self.nearest(position, target)?;
        let mut stops = self.stretches[position].log.stops(recalled.shown.applied..target);
        let states = 1 + (recalled.passed.len() + stops.len()).min(PASSED_LIMIT);
        if !self.make_room(states * recalled.shown.bytes) {
            stops.clear();
        }
        let log = &self.stretches[position].log;
        for stop in stops {
            recalled.shown.live_on(log, stop);
            recalled.pass();
        }
        recalled.shown.live_on(log, target);
        self.recalled = Some(recalled);
        // What was lived through may have grown beyond what there was room for.
        self.make_room(0);
        self.recalled.as_mut().map(|recalled| &mut *recalled.shown.monitor)
    }

    /// The latest state of the stretch at `position` that is not beyond `target`.
    fn nearest(&mut self, position: usize, target: usize) -> Option<Recalled> {
        let is_before = |state: &State| state.applied <= target;
        let kept = self.stretches[position].states.iter().rfind(|state| is_before(state))?;
        let recalled = self.recalled.take().filter(|recalled| recalled.stretch == position);
        let (mut passed, shown) = recalled.map_or_else(Default::default, |it| (it.passed, Some(it.shown)));
        passed.retain(is_before);
        let shown = match shown.filter(|shown| is_before(shown) && shown.applied >= kept.applied) {
            Some(shown) => shown,
            None => passed
                .last()
                .filter(|passed| passed.applied > kept.applied)
                .unwrap_or(kept)
                .clone(),
        };
        Some(Recalled {
            stretch: position,
            passed,
            shown,
        })
    }

    /// How far it reaches, and what it takes.
    pub fn report(&self) -> HistoryReport {
        HistoryReport {
            oldest: self.stretches.front().map(|oldest| oldest.from),
            bytes: self.bytes() as u64,
        }
    }

    fn bytes(&self) -> usize {
        self.stretches.iter().map(Stretch::bytes).sum::<usize>() + self.recalled.as_ref().map_or(0, Recalled::bytes)
    }
}
