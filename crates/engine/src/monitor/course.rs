//! How latency and outcomes went over a time axis, of one target or of all together.

use std::sync::Arc;

use probetop_core::snapshot::{Axis, Course, Scope};

use super::Monitor;
use crate::metric::Step;

impl Monitor {
    /// `None`: the target is not watched.
    pub(super) fn course(&mut self, scope: Scope, axis: Axis, step: Step) -> Option<Arc<Course>> {
        let series = match scope {
            Scope::All => &self.totals.services,
            Scope::Target(id) => &self.targets[*self.index.get(&id)?].series,
        };
        let (points, spreads) = series.spreads(step, axis.points(), &mut self.scratch);
        Some(Arc::new(Course { scope, points, spreads }))
    }
}
