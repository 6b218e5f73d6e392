//! What the screen gives up to stay within a number of bytes a second, and when it takes it back. Pure: takes what each
//! tick cost, gives the [`Form`] to draw in.
//!
//! ```text
//!  as configured ─ sweep ─ 256 colours ─ 16 ─ none ─ every 2s ─ 5s ─ 10s ─ 30s
//!        more than the budget ──▶                ◀── room, for long enough
//! ```
//! Down goes what has spent a window's allowance. Up goes what would keep within [`ROOM`] of the budget, by the ratio
//! measured when the step was given up. A step that had to be given up again at once is tried half as often.

use std::fmt;

use super::theme::Depth;
use super::widget::timeline::Motion;

/// How the screen is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    pub motion: Motion,
    pub depth: Depth,
    /// Ticks from one frame to the next.
    pub every: u32,
}

/// What has been given up, for the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Saving {
    sweeps: bool,
    depth: Option<Depth>,
    every: u32,
    /// There is nothing left to give up, and it is not enough.
    pub is_over: bool,
}

/// Intervals to draw at, in ticks of a second.
const INTERVALS: [u32; 4] = [2, 5, 10, 30];

/// Ticks of a window: the meter's ten seconds, or three frames where they are rare.
const WINDOW: u32 = 10;
const FRAMES: u32 = 3;

/// The part of the budget that a step up may be expected to use.
const ROOM: f64 = 0.7;

/// Calm windows before a step up: half a minute at first, half an hour for one that failed again and again.
const HOLD: u32 = 3;
const LONGEST_HOLD: u32 = 180;

/// A step up that lasted so many times as long as it was waited for was right.
const LASTING: u32 = 8;

/// Nothing saves more: scrolling costs some ten times as much as sweeping.
const LARGEST_RATIO: f64 = 20.0;

/// What is left of the excess of a ratio after a window. It was measured at another load, on another pane perhaps.
const MEMORY: f64 = 0.95;

/// A form, and what is known of going back to it.
#[derive(Clone, Debug)]
struct Step {
    form: Form,
    /// Bytes a tick when it was given up; taken when the saving of the next one is known.
    cost: Option<f64>,
    /// How many times the next one's bytes it takes.
    ratio: f64,
    hold: u32,
}

#[derive(Clone, Debug)]
pub struct Budget {
    bytes_per_s: u64,
    steps: Vec<Step>,
    at: usize,
    ticks: u32,
    spent: u64,
    /// Windows with room for the step up, in a row.
    calm: u32,
    /// Windows since a step up.
    tried: u32,
    is_over: bool,
}

impl Budget {
    /// `wanted` is how the screen is drawn while there is room.
    pub fn new(bytes_per_s: u64, wanted: Form) -> Self {
        Self {
            bytes_per_s,
            steps: steps(wanted),
            at: 0,
            ticks: 0,
            spent: 0,
            calm: 0,
            tried: u32::MAX,
            is_over: false,
        }
    }

    pub fn form(&self) -> Form {
        self.steps[self.at].form
    }

    /// The user wants charts to move differently. From the top again: what it costs is to be seen.
    pub fn want(&mut self, motion: Motion) {
        let wanted = Form {
            motion,
            ..self.steps[0].form
        };
        *self = Self::new(self.bytes_per_s, wanted);
    }

    /// `None` while everything is as it is wanted.
    pub fn saving(&self) -> Option<Saving> {
        let (wanted, form) = (self.steps[0].form, self.form());
        (self.at > 0).then_some(Saving {
            sweeps: form.motion != wanted.motion,
            depth: (form.depth != wanted.depth).then_some(form.depth),
            every: form.every,
            is_over: self.is_over,
        })
    }

    /// A second has passed in which this many bytes were drawn by the clock. What a key has drawn does not count: it was
    /// asked for, and tells nothing of the next second. Nor does a frame in a new form, which redraws everything once.
    pub fn tick(&mut self, bytes: u64) {
        self.ticks += 1;
        self.spent = self.spent.saturating_add(bytes);
        let window = WINDOW.max(FRAMES * self.form().every);
        if self.spent > self.bytes_per_s.saturating_mul(u64::from(window)) {
            self.overspent();
        } else if self.ticks >= window {
            self.kept();
        }
    }

    /// A second has passed in which the line could not take what it was given: it carries less than the budget, and less
    /// has to do. Two in three of a window are too many, every other one too many to take anything back.
    pub fn choke(&mut self) {
        self.tick(self.bytes_per_s.saturating_add(self.bytes_per_s / 2));
    }

    fn overspent(&mut self) {
        let cost = self.cost();
        self.begin_window();
        self.calm = 0;
        if self.at + 1 == self.steps.len() {
            self.is_over = true;
            return;
        }
        let step = &mut self.steps[self.at];
        step.hold = if self.tried <= LASTING * step.hold {
            (2 * step.hold).min(LONGEST_HOLD)
        } else {
            (step.hold / 2).max(HOLD)
        };
        step.cost = Some(cost);
        self.tried = u32::MAX;
        self.at += 1;
    }

    fn kept(&mut self) {
        let cost = self.cost();
        self.begin_window();
        self.is_over = false;
        self.tried = self.tried.saturating_add(1);
        let Some(above) = self.at.checked_sub(1) else {
            return;
        };
        let step = &mut self.steps[above];
        step.ratio = match step.cost.take() {
            Some(before) => (before / cost.max(1.0)).clamp(1.0, LARGEST_RATIO),
            None => 1.0 + (step.ratio - 1.0) * MEMORY,
        };
        let has_room = cost * step.ratio <= self.bytes_per_s as f64 * ROOM;
        self.calm = if has_room { self.calm + 1 } else { 0 };
        if self.calm >= step.hold {
            self.calm = 0;
            self.tried = 0;
            self.at = above;
        }
    }

    /// Bytes a tick in this window.
    fn cost(&self) -> f64 {
        self.spent as f64 / f64::from(self.ticks.max(1))
    }

    fn begin_window(&mut self) {
        self.ticks = 0;
        self.spent = 0;
    }
}

/// From `wanted` to the least: charts swept, then fewer colours, then fewer frames. Never empty.
fn steps(wanted: Form) -> Vec<Step> {
    let mut forms = vec![wanted];
    let mut form = wanted;
    if form.motion == Motion::Scroll {
        form.motion = Motion::Sweep;
        forms.push(form);
    }
    let depths = [Depth::TrueColor, Depth::Colors256, Depth::Colors16, Depth::None];
    for depth in depths.into_iter().skip_while(|depth| *depth != wanted.depth).skip(1) {
        form.depth = depth;
        forms.push(form);
    }
    for every in INTERVALS.into_iter().filter(|every| *every > wanted.every) {
        form.every = every;
        forms.push(form);
    }
    let step = |form| Step {
        form,
        cost: None,
        ratio: 1.0,
        hold: HOLD,
    };
    forms.into_iter().map(step).collect()
}

impl fmt::Display for Saving {
    /// `sweep, 16 colours, every 2s`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sweep = self.sweeps.then(|| "sweep".to_owned());
        let depth = self.depth.map(|depth| depth.name().to_owned());
        let every = (self.every > 1).then(|| format!("every {}s", self.every));
        let words: Vec<_> = [sweep, depth, every].into_iter().flatten().collect();
        f.write_str(&words.join(", "))
    }
}

#[cfg(test)]
mod tests;
