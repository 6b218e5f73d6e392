//! The mouse on a time axis: a click looks at the second under it, a drag takes the span for the axis.

use probetop_core::clock::Timestamp;
use probetop_core::snapshot::{Axis, Snapshot, Span};

use super::View;
use super::cursor::second_of;

/// The steps between which the mouse is dragged; the same one until it moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drag {
    /// Where the button went down.
    pub from: u64,
    pub to: u64,
}

impl Drag {
    pub fn at(step: u64) -> Self {
        Self { from: step, to: step }
    }

    /// The first and the last step.
    pub fn ends(&self) -> (u64, u64) {
        (self.from.min(self.to), self.from.max(self.to))
    }

    /// From the beginning of the first step to the end of the last one.
    pub fn span(&self, axis: Axis) -> Span {
        let (first, last) = self.ends();
        let begin = first.saturating_mul(axis.step().as_secs());
        Span {
            from: Timestamp::from_secs(begin),
            to: Timestamp::from_secs(second_of(last, axis)),
        }
    }
}

impl View {
    /// The mouse has moved; with a button that went down elsewhere that says nothing.
    pub(super) fn drag_to(&mut self, step: u64) {
        if let Some(drag) = &mut self.drag {
            drag.to = step;
        }
    }

    /// The button is up: looks at the second it was pressed on, or at the span that was dragged over.
    pub(super) fn end_drag(&mut self, snapshot: &Snapshot) {
        let Some(drag) = self.drag.take() else { return };
        let (first, last) = drag.ends();
        let second = second_of(last, snapshot.axis);
        if first == last {
            return self.travel(|travel, axis| travel.go_to(second, axis, snapshot));
        }
        let span = drag.span(snapshot.axis);
        self.charts.axis = shortest_over(span);
        self.spans.choose(span);
        self.travel(|travel, axis| travel.go_to(second, axis, snapshot));
        self.travel.end_axis_here();
    }
}

/// The shortest axis that holds the span; the longest where none does.
fn shortest_over(span: Span) -> Axis {
    let is_long_enough = |axis: &Axis| axis.length() >= span.length();
    Axis::ALL.into_iter().find(is_long_enough).unwrap_or(Axis::OneHour)
}
