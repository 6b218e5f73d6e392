//! What is true: every alert that is pending or firing, and the last ones that ended. Whom it is told is the desk's
//! affair.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::entry::{Entry, Finding};
use super::policy::Policy;
use super::state::{Change, Condition, State};
use crate::clock::Timestamp;
use crate::sample::{AlertId, Subject, Text};
use crate::snapshot::{AlertBoard, AlertSnapshot, AlertState, Turn};

/// Ended alerts that are kept: more than a night of flapping, and little memory.
const HISTORY_LIMIT: usize = 500;

/// What speaks: a threshold, a rule or an objective.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    Latency,
    Errors,
    /// A gauge of the target or the machine, by name.
    Gauge(Text),
    /// An `[[alert]]` rule, by name.
    Rule(Text),
    /// An `[[objective]]`, by name.
    Objective(Text),
}

/// One alert: what speaks, and about whom.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    pub subject: Subject,
    pub source: Source,
}

/// Steps the alerts and remembers them.
#[derive(Clone, Debug, Default)]
pub struct Book {
    active: HashMap<Key, Entry>,
    /// Resolved since they were last taken, in the order in which they ended.
    ended: Vec<Ended>,
    /// Newest first.
    history: VecDeque<AlertSnapshot>,
    last_id: u64,
}

/// An alert that was resolved: it had fired.
#[derive(Clone, Debug)]
pub struct Ended {
    pub key: Key,
    pub entry: Entry,
    pub at: Timestamp,
}

impl Book {
    /// Takes one evaluation. `finding` is asked for only where there is something to say: ten thousand targets in good
    /// health cost ten thousand look-ups and no text.
    pub fn observe(
        &mut self,
        key: Key,
        condition: Condition,
        policy: &Arc<Policy>,
        now: Timestamp,
        finding: impl FnOnce() -> Finding,
    ) {
        match condition {
            Condition::True => self.observe_true(key, policy, now, finding()),
            Condition::False | Condition::Unknown => self.observe_other(key, condition, policy, now),
        }
    }

    fn observe_true(&mut self, key: Key, policy: &Arc<Policy>, now: Timestamp, finding: Finding) {
        let last_id = &mut self.last_id;
        let entry = self.active.entry(key).or_insert_with(|| {
            *last_id += 1;
            let mut entry = Entry::new(AlertId(*last_id), finding.clone(), Arc::clone(policy));
            entry.timeline.push(now, Turn::Pending, finding.reason.clone());
            entry
        });
        entry.worst = finding.worse.of(entry.worst, finding.value);
        entry.finding = finding;
        entry.policy = Arc::clone(policy);
        if entry.state.step(Condition::True, policy.patience, now) == Some(Change::Fired) {
            entry.timeline.push(now, Turn::Fired, entry.finding.reason.clone());
        }
    }

    /// The finding stays as it was when the condition last held: it is why the alert speaks.
    fn observe_other(&mut self, key: Key, condition: Condition, policy: &Arc<Policy>, now: Timestamp) {
        let Some(entry) = self.active.get_mut(&key) else { return };
        let before = entry.state;
        let change = entry.state.step(condition, policy.patience, now);
        if entry.state != State::Inactive {
            return;
        }
        let mut entry = self.active.remove(&key).expect("it was found above");
        entry.state = before;
        if change == Some(Change::Resolved) {
            self.end(key, entry, now);
        }
    }

    /// Resolves what nobody evaluates any more: its target or rule is gone.
    pub fn retain(&mut self, evaluated: impl Fn(&Key) -> bool, now: Timestamp) {
        let gone: Vec<_> = self.active.keys().filter(|key| !evaluated(key)).cloned().collect();
        for key in gone {
            if let Some(entry) = self.active.remove(&key).filter(Entry::is_firing) {
                self.end(key, entry, now);
            }
        }
    }

    fn end(&mut self, key: Key, mut entry: Entry, now: Timestamp) {
        entry.timeline.push(now, Turn::Resolved, Text::default());
        self.ended.push(Ended { key, entry, at: now });
    }

    /// Everything active, in no order.
    pub fn entries(&self) -> impl Iterator<Item = (&Key, &Entry)> {
        self.active.iter()
    }

    /// Everything active, in no order.
    pub fn entries_mut(&mut self) -> impl Iterator<Item = (&Key, &mut Entry)> {
        self.active.iter_mut()
    }

    /// What was resolved since this was last asked.
    pub fn take_ended(&mut self) -> Vec<Ended> {
        std::mem::take(&mut self.ended)
    }

    /// Puts what has ended, and was told, into the history.
    pub fn file(&mut self, ended: &Ended) {
        let shown = ended.entry.shown(ended.key.subject.target(), Some(ended.at));
        self.history.push_front(shown);
        self.history.truncate(HISTORY_LIMIT);
    }

    /// Name and subject of an alert that is active, or has ended.
    pub fn name_of(&self, id: AlertId) -> Option<(Text, Text)> {
        let mut active = self
            .active
            .values()
            .filter(|entry| entry.id == id)
            .map(|entry| &entry.finding);
        let mut history = self.history.iter().filter(|alert| alert.id == id);
        match active.next() {
            Some(finding) => Some((finding.name.clone(), finding.subject.clone())),
            None => history.next().map(|alert| (alert.name.clone(), alert.subject.clone())),
        }
    }

    /// Takes over an alert that fired when the run before ended.
    pub fn restore(&mut self, key: Key, now: Timestamp, entry: impl FnOnce(AlertId) -> Entry) {
        self.last_id += 1;
        let mut entry = entry(AlertId(self.last_id));
        entry.timeline.push(now, Turn::Restored, entry.finding.reason.clone());
        self.active.entry(key).or_insert(entry);
    }

    /// What an alert says that fires now.
    pub fn firing_finding(&self, key: &Key) -> Option<&Finding> {
        let entry = self.active.get(key).filter(|entry| entry.is_firing())?;
        Some(&entry.finding)
    }

    /// Everything as consumers read it: firing before pending, worst first, then longest first.
    pub fn board(&self) -> AlertBoard {
        let mut active: Vec<_> = self
            .active
            .iter()
            .map(|(key, entry)| entry.shown(key.subject.target(), None))
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
            ..AlertBoard::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::time::Duration;

    use crate::alert::state::Patience;
    use crate::sample::{Severity, TargetId, Unit, Worse};

    fn at_once() -> Arc<Policy> {
        Arc::default()
    }

    fn patient() -> Arc<Policy> {
        let patience = Patience {
            hold: Duration::from_secs(10),
            clear: Duration::ZERO,
        };
        Arc::new(Policy {
            patience,
            ..Policy::default()
        })
    }

    /// The board once what has ended is filed.
    fn filed(book: &mut Book) -> AlertBoard {
        for ended in book.take_ended() {
            book.file(&ended);
        }
        book.board()
    }

    fn key(id: u32) -> Key {
        Key {
            subject: Subject::Target(TargetId(id)),
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
            book.observe(key(1), Condition::True, &at_once(), at(second), || {
                finding(Severity::Warning, value)
            });
        }
        assert_eq!(book.board().active[0].worst, Some(0.9));
        assert_eq!(book.board().active[0].value, Some(0.4));
        book.observe(key(1), Condition::False, &at_once(), at(4), || {
            unreachable!("nothing to say")
        });
        let board = filed(&mut book);
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
        book.observe(key(1), Condition::True, &patient(), at(1), || {
            finding(Severity::Warning, 1.0)
        });
        assert_eq!(book.board().active[0].state, AlertState::Pending);
        book.observe(key(1), Condition::False, &patient(), at(2), || {
            unreachable!("nothing to say")
        });
        assert_eq!(filed(&mut book), AlertBoard::default());
    }

    #[test]
    fn the_board_lists_firing_before_pending_and_worst_first() {
        let mut book = Book::default();
        book.observe(key(1), Condition::True, &patient(), at(1), || {
            finding(Severity::Critical, 1.0)
        });
        book.observe(key(2), Condition::True, &at_once(), at(2), || {
            finding(Severity::Warning, 2.0)
        });
        book.observe(key(3), Condition::True, &at_once(), at(3), || {
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
        book.observe(key(1), Condition::True, &at_once(), at(1), || {
            finding(Severity::Warning, 1.0)
        });
        book.observe(key(2), Condition::True, &at_once(), at(1), || {
            finding(Severity::Warning, 1.0)
        });
        book.retain(|kept| *kept == key(2), at(5));
        let board = filed(&mut book);
        assert_eq!(board.active.len(), 1);
        assert_eq!(board.history[0].target, Some(TargetId(1)));
    }

    #[test]
    fn the_history_is_bounded() {
        let mut book = Book::default();
        for second in 0..2 * HISTORY_LIMIT as u64 {
            book.observe(key(1), Condition::True, &at_once(), at(second), || {
                finding(Severity::Warning, 1.0)
            });
            book.observe(key(1), Condition::False, &at_once(), at(second), || {
                unreachable!("nothing to say")
            });
        }
        assert_eq!(filed(&mut book).history.len(), HISTORY_LIMIT);
    }
}
