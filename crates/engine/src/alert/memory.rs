//! What is remembered of an alert while it is not active: its last evaluations and firings.

use probetop_core::clock::Timestamp;

use super::QuickMap;
use super::flap::{Firings, Flapping};
use super::source::Key;
use super::state::Condition;
use super::trigger::{Evaluations, Trigger};

/// By alert. An alert of which nothing is worth remembering has no place in it.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory(QuickMap<Key, Past>);

#[derive(Clone, Debug, Default)]
struct Past {
    evaluations: Evaluations,
    firings: Firings,
}

impl Past {
    const fn is_empty(&self) -> bool {
        self.evaluations.is_quiet() && self.firings.is_empty()
    }
}

impl Memory {
    /// What a copy takes beside itself.
    pub(super) fn heap_bytes(&self) -> usize {
        self.0.capacity() * size_of::<(Key, Past)>()
    }

    /// Takes an evaluation, and gives what the last of them come to. Of an alert that is not active there is nothing to
    /// remember before the first that is true: false and unknown leave it as it is.
    pub(super) fn settle(&mut self, key: &Key, found: Condition, trigger: Trigger, active: bool) -> Condition {
        let past = match self.0.get_mut(key) {
            Some(past) => past,
            None if active || found == Condition::True => self.0.entry(key.clone()).or_default(),
            None => return Condition::Unknown,
        };
        past.evaluations.record(found);
        past.evaluations.settle(trigger)
    }

    /// Takes a firing, and gives how many there were within the span.
    pub(super) fn fired(&mut self, key: &Key, flapping: Flapping, now: Timestamp) -> u32 {
        let past = self.0.entry(key.clone()).or_default();
        past.firings.record(flapping, now)
    }

    /// Nothing is known of the time until now: evaluations before it are not among the last any more.
    pub(super) fn interrupt(&mut self) {
        for past in self.0.values_mut() {
            past.evaluations = Evaluations::default();
        }
    }

    /// Forgets what counts no more, but for what `keeps` says is active.
    pub(super) fn expire(&mut self, flapping: Option<Flapping>, now: Timestamp, keeps: impl Fn(&Key) -> bool) {
        self.0.retain(|key, past| {
            match flapping {
                Some(flapping) => past.firings.expire(flapping.within, now),
                None => past.firings = Firings::default(),
            }
            !past.is_empty() || keeps(key)
        });
    }

    /// Forgets all but what `keeps` says is evaluated still.
    pub(super) fn retain(&mut self, keeps: impl Fn(&Key) -> bool) {
        self.0.retain(|key, _| keeps(key));
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}
