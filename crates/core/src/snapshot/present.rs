//! What a snapshot tells of the present, whatever second it is of.

use std::sync::Arc;

use super::{Comparison, HistoryReport, MonitorSnapshot, Snapshot, Store};
use crate::clock::Timestamp;
use crate::sample::Mark;

/// What is known now.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Present {
    /// The newest tick.
    pub now: Timestamp,
    /// Also those that were set after the second that is shown: one may want to go there next.
    pub marks: Arc<[Mark]>,
    /// How far back can be gone.
    pub history: HistoryReport,
    /// What fills up while probetop runs, and how full it is.
    pub stores: Vec<Store>,
    /// What is compared with what.
    pub comparison: Option<Arc<Comparison>>,
}

impl Snapshot {
    /// The same second, seen from a later one.
    pub fn seen_from(&self, present: Present) -> Self {
        let Present {
            now,
            marks,
            history,
            stores,
            comparison,
        } = present;
        Self {
            now,
            marks,
            comparison,
            monitor: MonitorSnapshot {
                history,
                stores,
                ..self.monitor.clone()
            },
            ..self.clone()
        }
    }
}
