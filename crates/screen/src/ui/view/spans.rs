//! Spans of time: chosen by going from one second to another, and two of them held against each other, A and B.

use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{Mark, Severity, Text};
use probetop_core::snapshot::{Snapshot, Span};

use super::{Pane, View};
use crate::ui::format;

/// What is taken of a run, which has no length of its own.
const OF_A_RUN: Duration = Duration::from_secs(5 * 60);

/// The span that is chosen, and the two that are compared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spans {
    /// The one chosen last, and not used yet.
    pub chosen: Option<Span>,
    /// Where it was begun, while it reaches to the second shown.
    begun: Option<Timestamp>,
    /// What is compared: A. Without it what was loaded, if anything was.
    pub baseline: Option<Span>,
    /// B. Without it the time after A.
    pub against: Option<Span>,
}

impl Spans {
    /// Begins a span at the second shown, or ends the one that was begun. Returns what to say.
    fn mark(&mut self, here: Timestamp, snapshot: &Snapshot) -> String {
        let Some(begun) = self.begun.take() else {
            self.begun = Some(here);
            self.chosen = None;
            return format!("a span from {}: go back or forward, then v again", time(here, snapshot));
        };
        self.chosen = between(begun, here);
        match self.chosen {
            Some(span) => format!("{}: b: use as baseline A; B: compare A with it", words(span, snapshot)),
            None => "no span: it ends where it began".to_owned(),
        }
    }

    /// While a span is begun it reaches to the second shown.
    fn extend(&mut self, here: Timestamp) {
        if let Some(begun) = self.begun {
            self.chosen = between(begun, here);
        }
    }

    /// Chooses a span that was dragged over.
    pub(super) fn choose(&mut self, span: Span) {
        self.chosen = Some(span);
        self.begun = None;
    }

    fn is_any(&self) -> bool {
        self.begun.is_some() || self.chosen.is_some()
    }

    /// The span, which what is done with it uses up.
    fn take(&mut self) -> Option<Span> {
        self.begun = None;
        self.chosen.take()
    }

    /// Pins A: the span, or `shown`. Without a span it drops the A there is. Returns what to say.
    fn pin(&mut self, shown: Option<Span>, snapshot: &Snapshot) -> String {
        self.baseline = match (self.take(), self.baseline) {
            (Some(span), _) => Some(span),
            (None, Some(_)) => None,
            (None, None) => shown,
        };
        match self.baseline {
            Some(span) => format!("the baseline from now on: {}", words(span, snapshot)),
            None => "no baseline is pinned any more".to_owned(),
        }
    }

    /// As [`pin`](Self::pin) for B; without one it is the time after A.
    fn hold_against(&mut self, shown: Option<Span>, snapshot: &Snapshot) -> String {
        self.against = match (self.take(), self.against) {
            (Some(span), _) => Some(span),
            (None, Some(_)) => None,
            (None, None) => shown,
        };
        match self.against {
            Some(span) => format!("the baseline is compared with {}", words(span, snapshot)),
            None => "the baseline is compared with the time after it".to_owned(),
        }
    }

    /// Takes the time before a moment as A and the time after it as B. `None`: nothing was measured before.
    fn compare_around(&mut self, at: Timestamp, length: Duration) -> Option<()> {
        self.baseline = Some(between(at - length, at)?);
        self.against = Some(Span {
            from: at,
            to: at + length,
        });
        Some(())
    }
}

impl View {
    /// Begins a span at the second shown, or ends the one that was begun.
    pub(super) fn mark_span(&mut self, snapshot: &Snapshot) {
        let words = self.spans.mark(self.here(snapshot), snapshot);
        self.tell(Severity::Info, Text::clean(&words));
    }

    pub(super) fn extend_span(&mut self, snapshot: &Snapshot) {
        self.spans.extend(self.here(snapshot));
    }

    /// `false`: there is no span, nor one begun.
    pub(super) fn drop_span(&mut self) -> bool {
        let is_there = self.spans.is_any();
        if is_there {
            self.spans.take();
            self.tell(Severity::Info, "no span any more".into());
        }
        is_there
    }

    /// Pins A: the span, or the window that ends with the second shown.
    pub(super) fn pin(&mut self, snapshot: &Snapshot) {
        let words = self.spans.pin(self.window_shown(snapshot), snapshot);
        self.tell(Severity::Info, Text::clean(&words));
    }

    /// As [`pin`](Self::pin) for B.
    pub(super) fn hold_against(&mut self, snapshot: &Snapshot) {
        let words = self.spans.hold_against(self.window_shown(snapshot), snapshot);
        self.tell(Severity::Info, Text::clean(&words));
    }

    /// Compares the window before the mark nearest to the second shown with the one after it.
    pub(super) fn compare_around_mark(&mut self, snapshot: &Snapshot) {
        let Some(mark) = nearest_mark(self.here(snapshot), snapshot) else {
            return self.tell(
                Severity::Info,
                "nobody set a mark: m sets one at the second that is shown".into(),
            );
        };
        let at = whole(mark.at);
        let length = self.span_length();
        if self.spans.compare_around(at, length).is_none() {
            return self.tell(Severity::Info, "nothing was measured before that mark".into());
        }
        self.show(Pane::Compare);
        let length = format::age(length);
        let words = format!("{length} before and after {} {}", time(at, snapshot), mark.label);
        self.tell(Severity::Info, Text::clean(&words));
    }

    /// What a baseline that is written holds: A, else the span, else the window that ends with the second shown.
    pub fn baseline_to_write(&self, snapshot: &Snapshot) -> Option<Span> {
        let spans = &self.spans;
        spans.baseline.or(spans.chosen).or_else(|| self.window_shown(snapshot))
    }

    /// `None` within the first second.
    fn window_shown(&self, snapshot: &Snapshot) -> Option<Span> {
        let to = self.here(snapshot);
        between(to - self.span_length(), to)
    }

    /// The second that is looked at, be its snapshot there already or on its way.
    fn here(&self, snapshot: &Snapshot) -> Timestamp {
        Timestamp::from_secs(self.travel.second(snapshot))
    }

    fn span_length(&self) -> Duration {
        self.window.length().unwrap_or(OF_A_RUN)
    }
}

/// The mark that somebody set the least time away from the second shown; of two the later. Those that came about by
/// themselves are many, and often of what the marked change led to.
fn nearest_mark(shown: Timestamp, snapshot: &Snapshot) -> Option<&Mark> {
    let away = |mark: &&Mark| mark.at.since(shown).max(shown.since(mark.at));
    let deliberate = snapshot.marks.iter().rev().filter(|mark| mark.origin.is_deliberate());
    deliberate.min_by_key(away)
}

/// The time between two moments, whichever is first. `None`: there is none.
fn between(a: Timestamp, b: Timestamp) -> Option<Span> {
    (a != b).then(|| Span {
        from: a.min(b),
        to: a.max(b),
    })
}

fn whole(at: Timestamp) -> Timestamp {
    Timestamp::from_secs(at.second())
}

/// `12:03:11 to 12:04:02 (51s)`.
pub(crate) fn words(span: Span, snapshot: &Snapshot) -> String {
    let length = format::age(span.length());
    format!(
        "{} to {} ({length})",
        time(span.from, snapshot),
        time(span.to, snapshot)
    )
}

fn time(at: Timestamp, snapshot: &Snapshot) -> String {
    format::time_of_day(snapshot.wall(at))
}

#[cfg(test)]
mod tests;
