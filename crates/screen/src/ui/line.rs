//! The line to the terminal: what frames cost it, how to draw within the budget, and when it stands still.

use std::time::Duration;

use probetop_core::clock::{Clock, Timestamp};
use probetop_core::sample::{Severity, Text};

use super::Look;
use super::budget::{Budget, Form};
use super::meter::{Flush, Meter};
use super::screen::Cause;
use super::terminal::Drawn;
use super::theme::Theme;
use super::view::View;
use super::widget::timeline::Motion;
use crate::ui::format;

/// A frame that the terminal has not taken for so long is said to stand still.
const STALL: Duration = Duration::from_secs(3);

/// A frame that takes so much of its second is too much for the line.
const SLOW: Duration = Duration::from_millis(500);

/// Seconds with such a frame, one after the other, until charts no longer scroll.
const SLOW_TICKS: u8 = 3;

pub(super) struct Line {
    clock: Clock,
    meter: Meter,
    /// `None`: the screen may send what it takes.
    budget: Option<Budget>,
    /// Seconds in a row in which the frame before was still under way.
    slow_ticks: u8,
    /// The form of the frame before.
    form: Form,
    /// Bytes drawn by the clock since the last tick.
    spent: u64,
    /// Ticks since one was drawn.
    undrawn: u32,
    /// Since when the frame has been waiting that was complained of.
    complained_of: Option<Timestamp>,
}

impl Line {
    pub(super) fn new(look: &Look, clock: Clock) -> Self {
        let form = Form {
            motion: look.motion,
            depth: look.depth,
            every: 1,
        };
        Self {
            meter: Meter::new(clock.now()),
            clock,
            budget: look.budget.map(|rate| Budget::new(rate.bytes_per_s(), form)),
            slow_ticks: 0,
            form,
            spent: 0,
            undrawn: 0,
            complained_of: None,
        }
    }

    /// The theme that is worn, in as many colours as the terminal has and the budget leaves.
    pub(super) fn theme(&self, look: &Look, view: &View) -> Theme {
        let depth = match self.budget {
            Some(_) => self.form.depth,
            None => look.depth,
        };
        look.theme_at(view.theme(), depth)
    }

    /// A second has passed. Returns why a frame is due, or `None` while it is not.
    pub(super) fn tick(&mut self, busy_since: Option<Timestamp>, view: &mut View) -> Option<Cause> {
        view.cost.reading = self.meter.reading(self.clock.now());
        let busy = busy_since.map(|since| self.clock.now().since(since));
        let has_changed = self.economize(busy.unwrap_or_default(), view);
        self.undrawn += 1;
        if has_changed {
            return Some(Cause::Asked);
        }
        (self.undrawn >= self.form.every).then_some(Cause::Tick)
    }

    /// Holds what was spent against the budget; `busy` is how long a frame has been under way. Returns whether the form
    /// has changed.
    fn economize(&mut self, busy: Duration, view: &mut View) -> bool {
        let Some(budget) = &mut self.budget else {
            return self.spare_slow_line(busy, view);
        };
        if view.charts.motion != self.form.motion {
            // By key: what the user wants now is measured before it is taken back.
            budget.want(view.charts.motion);
        } else if busy >= STALL {
            // A line that does not flow tells nothing of what a frame costs.
            return false;
        } else if busy >= SLOW {
            budget.choke();
        } else {
            budget.tick(std::mem::take(&mut self.spent));
        }
        view.cost.saving = budget.saving();
        let form = budget.form();
        if form == self.form {
            return false;
        }
        view.charts.motion = form.motion;
        self.form = form;
        self.spent = 0;
        true
    }

    /// Without a budget, a line that is slow again and again gets less: the user may take it back. Returns whether it does.
    fn spare_slow_line(&mut self, busy: Duration, view: &mut View) -> bool {
        self.slow_ticks = if busy >= SLOW {
            self.slow_ticks.saturating_add(1)
        } else {
            0
        };
        if self.slow_ticks < SLOW_TICKS || view.charts.motion == Motion::Sweep {
            return false;
        }
        view.charts.motion = Motion::Sweep;
        view.tell(
            Severity::Info,
            "the line is slow: charts are swept now, in fewer bytes; x scrolls them again".into(),
        );
        true
    }

    /// Takes note of a frame.
    pub(super) fn drawn(&mut self, drawn: Drawn, cause: Cause) {
        match (drawn, cause) {
            (Drawn::Changes(bytes), Cause::Tick) => self.spent = self.spent.saturating_add(bytes as u64),
            (Drawn::Changes(_) | Drawn::Whole, Cause::Tick | Cause::Asked) => {}
            (Drawn::Skipped, Cause::Tick | Cause::Asked) => return,
        }
        self.undrawn = 0;
    }

    /// The terminal has taken a frame.
    pub(super) fn written(&mut self, flush: Flush, view: &mut View) {
        self.meter.note(flush);
        if flush.took() >= STALL {
            view.cost.stood_still(flush.took());
        }
    }

    /// That the line stands still; said once of each time.
    pub(super) fn complaint(&mut self, busy_since: Option<Timestamp>) -> Option<Text> {
        let since = busy_since.filter(|since| self.clock.now().since(*since) >= STALL);
        let is_new = since.is_some() && since != self.complained_of;
        self.complained_of = since;
        is_new.then(|| {
            let length = format::age(STALL);
            format!("the terminal has taken nothing for {length}; measuring goes on").into()
        })
    }
}
