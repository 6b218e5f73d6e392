//! Quiet that was asked for: by an alert's name and subject, so that it outlives the alert and meets the next one.

use std::collections::BTreeMap;
use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::sample::Text;
use probetop_core::snapshot::SilenceSnapshot;

/// Longer quiet is a change of the configuration.
const LENGTH_LIMIT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Every silence in force, with the moment it ends.
#[derive(Clone, Debug, Default)]
pub struct Silences(BTreeMap<(Text, Text), Timestamp>);

impl Silences {
    /// Begins or prolongs the quiet about alerts called `name` of `subject`.
    pub fn begin(&mut self, name: Text, subject: Text, length: Duration, now: Timestamp) {
        self.0.insert((name, subject), now + length.min(LENGTH_LIMIT));
    }

    pub fn end(&mut self, name: Text, subject: Text) {
        self.0.remove(&(name, subject));
    }

    /// Ends what is over at `now`, and says whether anything was.
    pub fn expire(&mut self, now: Timestamp) -> bool {
        let before = self.0.len();
        self.0.retain(|_, until| *until > now);
        self.0.len() < before
    }

    /// Until when nobody is told of this alert.
    pub fn until(&self, name: &Text, subject: &Text) -> Option<Timestamp> {
        if self.0.is_empty() {
            return None;
        }
        self.0.get(&(name.clone(), subject.clone())).copied()
    }

    /// Soonest over first.
    pub fn shown(&self) -> Vec<SilenceSnapshot> {
        let mut shown: Vec<_> = self
            .0
            .iter()
            .map(|((name, subject), until)| SilenceSnapshot {
                name: name.clone(),
                subject: subject.clone(),
                until: *until,
            })
            .collect();
        shown.sort_by_key(|silence| silence.until);
        shown
    }
}
