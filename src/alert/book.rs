//! Every alert that is pending or firing, and the last ones that ended.

use std::collections::{HashMap, VecDeque};

use super::state::{Change, Condition, Patience, State};
use crate::clock::Timestamp;
use crate::sample::{Severity, TargetId, Text, Unit};
use crate::snapshot::{AlertBoard, AlertSnapshot, AlertState};

/// Ended alerts that are kept: more than a night of flapping, and little memory.
const HISTORY_LIMIT: usize = 500;

/// What speaks: a threshold or a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    Latency,
    Errors,
    /// A gauge of the machine.
    Gauge(&'static str),
    /// An `[[alert]]` rule, by name.
    Rule(Text),
}

/// One alert: what speaks, and about which target; `None` is the machine.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    pub target: Option<TargetId>,
    pub source: Source,
}

/// What an alert says when it speaks.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    pub name: Text,
    pub subject: Text,
    pub severity: Severity,
    pub value: Option<f64>,
    pub unit: Unit,
    pub worse: Worse,
    pub reason: Text,
}

/// In which direction a figure gets worse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Worse {
    #[default]
    Higher,
    Lower,
}

impl Worse {
    fn of(self, a: Option<f64>, b: Option<f64>) -> Option<f64> {
        match (a, b) {
            (Some(a), Some(b)) => Some(match self {
                Self::Higher => a.max(b),
                Self::Lower => a.min(b),
            }),
            (a, b) => a.or(b),
        }
    }
}

/// Steps the alerts and remembers them.
#[derive(Clone, Debug, Default)]
pub struct Book {
    active: HashMap<Key, Entry>,
    /// Newest first.
    history: VecDeque<AlertSnapshot>,
}

#[derive(Clone, Debug)]
struct Entry {
    state: State,
    finding: Finding,
    worst: Option<f64>,
}

impl Book {
    /// Takes one evaluation. `finding` is asked for only where there is something to say: ten thousand targets in good
    /// health cost ten thousand look-ups and no text.
    pub fn observe(
        &mut self,
        key: Key,
        condition: Condition,
        patience: Patience,
        now: Timestamp,
        finding: impl FnOnce() -> Finding,
    ) {
        match condition {
            Condition::True => self.observe_true(key, patience, now, finding()),
            Condition::False | Condition::Unknown => self.observe_other(key, condition, patience, now),
        }
    }

    fn observe_true(&mut self, key: Key, patience: Patience, now: Timestamp, finding: Finding) {
        let entry = self.active.entry(key).or_insert_with(|| Entry {
            state: State::default(),
            finding: finding.clone(),
            worst: None,
        });
        entry.worst = finding.worse.of(entry.worst, finding.value);
        entry.finding = finding;
        entry.state.step(Condition::True, patience, now);
    }

    /// The finding stays as it was when the condition last held: it is why the alert speaks.
    fn observe_other(&mut self, key: Key, condition: Condition, patience: Patience, now: Timestamp) {
        let Some(entry) = self.active.get_mut(&key) else { return };
        let before = entry.state;
        let change = entry.state.step(condition, patience, now);
        if entry.state != State::Inactive {
            return;
        }
        let ended = self.active.remove(&key).expect("it was found above");
        if change == Some(Change::Resolved) {
            self.remember(key.target, ended.finding, ended.worst, before, now);
        }
    }

    /// Resolves what nobody evaluates any more: its target or rule is gone.
    pub fn retain(&mut self, evaluated: impl Fn(&Key) -> bool, now: Timestamp) {
        let gone: Vec<_> = self.active.keys().filter(|key| !evaluated(key)).cloned().collect();
        for key in gone {
            if let Some(entry) = self.active.remove(&key) {
                self.remember(key.target, entry.finding, entry.worst, entry.state, now);
            }
        }
    }

    fn remember(
        &mut self,
        target: Option<TargetId>,
        finding: Finding,
        worst: Option<f64>,
        state: State,
        now: Timestamp,
    ) {
        let State::Firing { .. } = state else { return };
        self.history
            .push_front(shown(target, &finding, worst, state, Some(now)));
        self.history.truncate(HISTORY_LIMIT);
    }

    /// What an alert says that fires now.
    pub fn firing_finding(&self, key: &Key) -> Option<&Finding> {
        let entry = self.active.get(key)?;
        matches!(entry.state, State::Firing { .. }).then_some(&entry.finding)
    }

    /// Everything as consumers read it: firing before pending, worst first, then longest first.
    pub fn board(&self) -> AlertBoard {
        let mut active: Vec<_> = self
            .active
            .iter()
            .map(|(key, entry)| shown(key.target, &entry.finding, entry.worst, entry.state, None))
            .collect();
        active.sort_by(|a, b| {
            let rank = |alert: &AlertSnapshot| (alert.state == AlertState::Firing, alert.severity);
            rank(b)
                .cmp(&rank(a))
                .then_with(|| (a.since, &a.subject, &a.name).cmp(&(b.since, &b.subject, &b.name)))
        });
        AlertBoard {
            active,
            history: self.history.iter().cloned().collect(),
        }
    }
}

fn shown(
    target: Option<TargetId>,
    finding: &Finding,
    worst: Option<f64>,
    state: State,
    resolved: Option<Timestamp>,
) -> AlertSnapshot {
    let (since, fired) = match state {
        State::Inactive => (Timestamp::ZERO, None),
        State::Pending { since, .. } => (since, None),
        State::Firing { since, fired, .. } => (since, Some(fired)),
    };
    let state = match (resolved, fired) {
        (Some(_), _) => AlertState::Resolved,
        (None, Some(_)) => AlertState::Firing,
        (None, None) => AlertState::Pending,
    };
    AlertSnapshot {
        name: finding.name.clone(),
        subject: finding.subject.clone(),
        target,
        severity: finding.severity,
        state,
        since,
        fired,
        resolved,
        value: finding.value,
        worst,
        unit: finding.unit,
        reason: finding.reason.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::time::Duration;

    const AT_ONCE: Patience = Patience {
        hold: Duration::ZERO,
        clear: Duration::ZERO,
    };

    fn key(id: u32) -> Key {
        Key {
            target: Some(TargetId(id)),
            source: Source::Errors,
        }
    }

    fn finding(severity: Severity, value: f64) -> Finding {
        Finding {
            name: "errors".into(),
            subject: "checkout".into(),
            severity,
            value: Some(value),
            unit: Unit::Ratio,
            worse: Worse::Higher,
            reason: format!("errors {value}").into(),
        }
    }

    fn at(second: u64) -> Timestamp {
        Timestamp::from_secs(second)
    }

    #[test]
    fn an_alert_keeps_its_worst_value_and_goes_to_the_history_when_it_ends() {
        let mut book = Book::default();
        for (second, value) in [(1, 0.2), (2, 0.9), (3, 0.4)] {
            book.observe(key(1), Condition::True, AT_ONCE, at(second), || {
                finding(Severity::Warning, value)
            });
        }
        assert_eq!(book.board().active[0].worst, Some(0.9));
        assert_eq!(book.board().active[0].value, Some(0.4));
        book.observe(key(1), Condition::False, AT_ONCE, at(4), || {
            unreachable!("nothing to say")
        });
        let board = book.board();
        assert_eq!(board.active, []);
        let ended = &board.history[0];
        assert_eq!(
            (ended.state, ended.since, ended.resolved),
            (AlertState::Resolved, at(1), Some(at(4)))
        );
        assert_eq!(ended.worst, Some(0.9));
    }

    #[test]
    fn an_alert_that_was_only_pending_leaves_no_history() {
        let mut book = Book::default();
        let patient = Patience {
            hold: Duration::from_secs(10),
            clear: Duration::ZERO,
        };
        book.observe(key(1), Condition::True, patient, at(1), || {
            finding(Severity::Warning, 1.0)
        });
        assert_eq!(book.board().active[0].state, AlertState::Pending);
        book.observe(key(1), Condition::False, patient, at(2), || {
            unreachable!("nothing to say")
        });
        assert_eq!(book.board(), AlertBoard::default());
    }

    #[test]
    fn the_board_lists_firing_before_pending_and_worst_first() {
        let mut book = Book::default();
        let patient = Patience {
            hold: Duration::from_secs(10),
            clear: Duration::ZERO,
        };
        book.observe(key(1), Condition::True, patient, at(1), || {
            finding(Severity::Critical, 1.0)
        });
        book.observe(key(2), Condition::True, AT_ONCE, at(2), || {
            finding(Severity::Warning, 2.0)
        });
        book.observe(key(3), Condition::True, AT_ONCE, at(3), || {
            finding(Severity::Critical, 3.0)
        });
        let order: Vec<_> = book
            .board()
            .active
            .iter()
            .map(|alert| alert.target.map(|id| id.0))
            .collect();
        assert_eq!(order, [Some(3), Some(2), Some(1)]);
    }

    #[test]
    fn alerts_of_a_removed_target_are_resolved() {
        let mut book = Book::default();
        book.observe(key(1), Condition::True, AT_ONCE, at(1), || {
            finding(Severity::Warning, 1.0)
        });
        book.observe(key(2), Condition::True, AT_ONCE, at(1), || {
            finding(Severity::Warning, 1.0)
        });
        book.retain(|kept| *kept == key(2), at(5));
        let board = book.board();
        assert_eq!(board.active.len(), 1);
        assert_eq!(board.history[0].target, Some(TargetId(1)));
    }

    #[test]
    fn the_history_is_bounded() {
        let mut book = Book::default();
        for second in 0..2 * HISTORY_LIMIT as u64 {
            book.observe(key(1), Condition::True, AT_ONCE, at(second), || {
                finding(Severity::Warning, 1.0)
            });
            book.observe(key(1), Condition::False, AT_ONCE, at(second), || {
                unreachable!("nothing to say")
            });
        }
        assert_eq!(book.board().history.len(), HISTORY_LIMIT);
    }
}
