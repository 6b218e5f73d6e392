//! What the monitor takes: everything that ever changes it, in the order in which it became known.

use probetop_core::clock::Timestamp;
use probetop_core::sample::{Act, Mark, Observation, Sample, TargetId, Tick};
use probetop_core::snapshot::Notice;

use super::Plan;
use crate::alert::saved::SavedAlerts;

/// One thing that happened: the only ground truth. The same inputs in the same order give the same snapshots and the same
/// announcements.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// A source has something to report.
    Observed(Observation),
    /// It is watched by another plan from then on. A target that keeps its id keeps its history; alerts of what is gone
    /// are resolved.
    Plan { at: Timestamp, plan: Box<Plan> },
    /// Said on every snapshot, until the next notice.
    Notice(Notice),
    /// The alerts of the run before, which go on. What nobody judges any more is over, and told so.
    Restored(Box<SavedAlerts>),
    /// Done about an alert at the keyboard.
    Act(Act),
    /// Somebody looks at this target, or at none.
    Look(Option<TargetId>),
    /// Set by somebody, or because something happened.
    Mark(Mark),
    /// The time moves on.
    Tick(Tick),
    /// The run is over: what came since the last tick counts for it, though its second has not ended.
    End,
}

impl From<Observation> for Input {
    fn from(observation: Observation) -> Self {
        Self::Observed(observation)
    }
}

impl From<Sample> for Input {
    fn from(sample: Sample) -> Self {
        Self::Observed(sample.into())
    }
}
