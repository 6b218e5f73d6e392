//! What is true: every alert that is pending or firing, and the last ones that ended. Whom it is told is the announcer's
//! affair.

use std::cmp::Reverse;
use std::collections::VecDeque;
use std::collections::hash_map::Entry as MapEntry;
use std::sync::Arc;
use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{AlertId, Text};
use probetop_core::snapshot::{AlertBoard, AlertSnapshot, Turn};

use super::QuickMap;
use super::entry::{Entry, Finding};
use super::flap::Flapping;
use super::memory::Memory;
use super::policy::Policy;
use super::source::Key;
use super::state::{Change, Condition, State};
use super::timeline::Timeline;

/// Ended alerts that are kept: more than a night of flapping, and little memory.
pub const HISTORY_LIMIT: usize = 500;

/// A tick comes every second; a starved machine makes it late by a few, and the probes of the meantime are all there to
/// judge by. Where none came for longer, the process was stopped or the machine slept, and nobody knows what was true.
pub const LATE_TICK: Duration = Duration::from_secs(5);

/// How often, in seconds, memory is gone through for what has expired.
const EXPIRY_S: u64 = 60;

/// Steps the alerts and remembers them.
#[derive(Clone, Debug)]
pub struct AlertTable {
    active: QuickMap<Key, Entry>,
    /// Of what is active, and of what was.
    memory: Memory,
    /// Resolved since they were last taken, in the order in which they ended.
    ended: Vec<Ended>,
    /// Newest first.
    history: VecDeque<AlertSnapshot>,
    /// The same as boards show it; `None` once something ended since the last board.
    history_shown: Option<Arc<[AlertSnapshot]>>,
    last_id: u64,
    /// `None`: flapping is not looked for.
    flapping: Option<Flapping>,
    ticked: Option<Timestamp>,
    /// Nobody watched since the round before.
    is_broken_off: bool,
    unbroken_since: Timestamp,
}

impl AlertTable {
    /// What a copy takes beside itself; texts and timelines are shared.
    pub fn heap_bytes(&self) -> usize {
        let active = self.active.capacity() * size_of::<(Key, Entry)>();
        active + self.history.len() * size_of::<AlertSnapshot>() + self.memory.heap_bytes()
    }
}

impl Default for AlertTable {
    fn default() -> Self {
        Self {
            active: QuickMap::default(),
            memory: Memory::default(),
            ended: Vec::new(),
            history: VecDeque::new(),
            history_shown: None,
            last_id: 0,
            flapping: Some(Flapping::default()),
            ticked: None,
            is_broken_off: false,
            unbroken_since: Timestamp::ZERO,
        }
    }
}

/// An alert that was resolved: it had fired.
#[derive(Clone, Debug)]
pub struct Ended {
    pub key: Key,
    pub entry: Entry,
    pub at: Timestamp,
}

/// Whether an alert is evaluated by the configuration in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Evaluated,
    /// It is not, and why.
    Gone(&'static str),
}

impl AlertTable {
    /// Damps by `flapping` from now on; `None`: not at all.
    pub fn damp(&mut self, flapping: Option<Flapping>) {
        self.flapping = flapping;
    }

    /// Nobody watched since the last round: nothing counts across to the next.
    pub fn break_off(&mut self) {
        self.is_broken_off = true;
    }

    /// Opens a round of evaluations. Where none was for longer than [`LATE_TICK`], nothing counts across either.
    pub fn tick(&mut self, now: Timestamp) {
        let before = self.ticked.replace(now).unwrap_or(now);
        let passed = now.since(before);
        if std::mem::take(&mut self.is_broken_off) || passed > LATE_TICK {
            self.unbroken_since = now;
            self.memory.interrupt();
            for entry in self.active.values_mut() {
                entry.interrupt(passed, now);
            }
        }
        if now.second() / EXPIRY_S != before.second() / EXPIRY_S {
            let active = &self.active;
            self.memory.expire(self.flapping, now, |key| active.contains_key(key));
        }
    }

    /// Since when there was a round every second or so.
    pub fn unbroken_since(&self) -> Timestamp {
        self.unbroken_since
    }

    /// Takes one evaluation, and gives the alert if it fires now. `finding` is asked for only where there is
    /// something to say: ten thousand targets in good health cost ten thousand look-ups and no text.
    pub fn observe(
        &mut self,
        key: Key,
        found: Condition,
        policy: &Arc<Policy>,
        now: Timestamp,
        finding: impl FnOnce() -> Finding,
    ) -> Option<&Entry> {
        let condition = match policy.trigger {
            Some(trigger) => self.memory.settle(&key, found, trigger, self.active.contains_key(&key)),
            None => found,
        };
        match condition {
            Condition::True => self.observe_true(key, found, policy, now, finding),
            Condition::False | Condition::Unknown => self.observe_other(key, condition, policy, now),
        }
    }

    /// A finding is taken when the evaluation itself found something: of three in five that are true, the two that are
    /// not say nothing.
    fn observe_true(
        &mut self,
        key: Key,
        found: Condition,
        policy: &Arc<Policy>,
        now: Timestamp,
        finding: impl FnOnce() -> Finding,
    ) -> Option<&Entry> {
        let entry = match self.active.entry(key.clone()) {
            MapEntry::Occupied(entry) => {
                let entry = entry.into_mut();
                if found == Condition::True {
                    entry.see(finding(), policy, now);
                }
                entry
            }
            MapEntry::Vacant(place) => {
                self.last_id += 1;
                place.insert(Entry::pending(AlertId(self.last_id), finding(), policy, now))
            }
        };
        if entry.step(Condition::True, policy, self.flapping, now) == Some(Change::Fired) {
            entry.timeline.push(now, Turn::Fired, entry.finding.reason.clone());
            if let Some(flapping) = self.flapping {
                let turns = self.memory.fired(&key, flapping, now);
                if turns >= flapping.turns {
                    entry.begin_flapping(turns, flapping, now);
                }
            }
        }
        Some(&*entry).filter(|entry| entry.is_firing())
    }

    /// The finding stays as it was when the condition last held: it is why the alert speaks.
    fn observe_other(
        &mut self,
        key: Key,
        condition: Condition,
        policy: &Arc<Policy>,
        now: Timestamp,
    ) -> Option<&Entry> {
        let entry = self.active.get_mut(&key)?;
        let before = entry.state;
        let change = entry.step(condition, policy, self.flapping, now);
        if entry.state != State::Inactive {
            return self.firing(&key);
        }
        let mut entry = self.active.remove(&key).expect("it was found above");
        entry.state = before;
        if change == Some(Change::Resolved) {
            entry.end_flapping("calm", now);
            self.end(key, entry, now, Text::default());
        }
        None
    }

    /// Resolves what is not evaluated any more, and says why.
    pub fn retain(&mut self, fate: impl Fn(&Key) -> Fate, now: Timestamp) {
        let gone = |key: &Key| match fate(key) {
            Fate::Evaluated => None,
            Fate::Gone(why) => Some((key.clone(), why)),
        };
        let mut gone: Vec<_> = self.active.keys().filter_map(gone).collect();
        // In an order that does not depend on how the table lies in memory.
        gone.sort_unstable();
        for (key, why) in gone {
            if let Some(entry) = self.active.remove(&key).filter(Entry::is_firing) {
                self.end(key, entry, now, why.into());
            }
        }
        self.memory.retain(|key| fate(key) == Fate::Evaluated);
    }

    fn end(&mut self, key: Key, mut entry: Entry, now: Timestamp, why: Text) {
        entry.timeline.push(now, Turn::Resolved, why);
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
        self.history_shown = None;
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

    /// Writes a line into the timeline of an alert that is active, or has ended: what it was is often found out later.
    pub fn note(&mut self, id: AlertId, text: Text, now: Timestamp) {
        if let Some(entry) = self.active.values_mut().find(|entry| entry.id == id) {
            return entry.timeline.push(now, Turn::Noted, text);
        }
        if let Some(alert) = self.history.iter_mut().find(|alert| alert.id == id) {
            let mut timeline = Timeline::of(Arc::clone(&alert.timeline));
            timeline.push(now, Turn::Noted, text);
            alert.timeline = timeline.entries();
            self.history_shown = None;
        }
    }

    /// Takes over an alert that fired when the run before ended, and gives the id it has now.
    pub fn restore(&mut self, key: Key, now: Timestamp, entry: impl FnOnce(AlertId) -> Entry) -> AlertId {
        let id = self.new_id();
        let mut entry = entry(id);
        entry.timeline.push(now, Turn::Restored, entry.finding.reason.clone());
        self.active.entry(key).or_insert(entry).id
    }

    /// An id that no alert has had in this run.
    pub const fn new_id(&mut self) -> AlertId {
        self.last_id += 1;
        AlertId(self.last_id)
    }

    /// An alert that fires now.
    pub fn firing(&self, key: &Key) -> Option<&Entry> {
        self.active.get(key).filter(|entry| entry.is_firing())
    }

    /// Everything as consumers read it: what nobody looks after yet before the rest, firing before pending, what is beyond its
    /// limit now before what is clearing, then worst first, and newest first.
    pub fn board(&mut self) -> AlertBoard {
        let mut active: Vec<_> = self.active.iter().collect();
        active.sort_unstable_by(|(_, a), (_, b)| rank(a).cmp(&rank(b)));
        let shown = |(key, entry): (&Key, &Entry)| entry.shown(key.subject.target(), None);
        let history = self
            .history_shown
            .get_or_insert_with(|| self.history.iter().cloned().collect());
        AlertBoard {
            active: active.into_iter().map(shown).collect(),
            history: Arc::clone(history),
            ..AlertBoard::default()
        }
    }
}

/// What ranks least stands first on the board.
fn rank(entry: &Entry) -> impl Ord + '_ {
    let Finding { name, subject, .. } = &entry.finding;
    let urgent = Reverse((
        !entry.is_set_aside(),
        entry.is_firing(),
        !entry.is_clearing(),
        entry.severity(),
    ));
    (urgent, Reverse(entry.since()), subject, name, entry.id)
}

#[cfg(test)]
mod tests;
