//! What there is to know around an alert before the world hears of it.

use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{FailureKind, Severity, Subject, Text};

use crate::alert::QuickSet;
use crate::alert::entry::Entry;
use crate::alert::source::{Key, Source};
use crate::alert::table::AlertTable;

/// An alert waits this long for word from what its target stands behind: a probe a second and its answer, with room.
const PARENT_WAIT: Duration = Duration::from_secs(5);

/// What there is to know about a subject beyond its alerts.
pub trait SubjectContext {
    /// What it stands behind.
    fn parents(&self, of: Subject) -> &[Subject];
    /// As alerts call it.
    fn name(&self, of: Subject) -> Text;
    fn last_probe_failed(&self, of: Subject) -> bool;
    /// Whether a probe that started no earlier than `since` has ended.
    fn was_heard_since(&self, of: Subject, since: Timestamp) -> bool;
    /// The work that is done on it, and until when.
    fn maintenance(&self, of: Subject) -> Option<(Text, Timestamp)>;
    /// The machine it is probed on, where that is known.
    fn host(&self, of: Subject) -> Option<&Text>;
    /// What most of its failed probes failed of.
    fn failure(&self, of: Subject) -> Option<FailureKind>;
}

/// What one step looks at.
pub(super) struct View<'a, S> {
    pub around: &'a S,
    /// Subjects with an alert that is worth a parent's name.
    pub troubled: &'a QuickSet<Subject>,
    pub now: Timestamp,
}

impl<S: SubjectContext> View<'_, S> {
    pub(super) fn parent_in_trouble(&self, of: Subject) -> Option<Subject> {
        let mut parents = self.around.parents(of).iter().copied();
        parents.find(|parent| self.troubled.contains(parent) || self.around.last_probe_failed(*parent))
    }

    /// Whether every parent was heard from since the trouble began; one that says nothing is not waited for long.
    pub(super) fn parents_were_heard(&self, subject: Subject, entry: &Entry) -> bool {
        let since = entry.since();
        let mut parents = self.around.parents(subject).iter();
        self.now.since(since) >= PARENT_WAIT || parents.all(|parent| self.around.was_heard_since(*parent, since))
    }

    /// Whether an alert that was behind a parent is on still, now that the parent is well: what the windows remember of
    /// the time before does not count.
    pub(super) fn fails_by_itself(&self, key: &Key, entry: &Entry) -> bool {
        !entry.is_clearing() && (key.source != Source::Errors || self.around.last_probe_failed(key.subject))
    }
}

/// Subjects with an alert, be it pending, that may be why others fail.
pub(super) fn troubled(table: &AlertTable) -> QuickSet<Subject> {
    let grave = table
        .entries()
        .filter(|(_, entry)| entry.finding.severity >= Severity::Warning);
    grave.map(|(key, _)| key.subject).collect()
}
