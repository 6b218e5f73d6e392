//! A target as consumers read it.

use std::sync::Arc;

use probetop_core::sample::Window;
use probetop_core::snapshot::{Detail, LatencyLimits, Query, TargetSnapshot};

use super::failing::last;
use super::{ReadWindow, Watched};
use crate::metric::{Scratch, Step, Tracks};

impl Watched {
    pub(crate) fn snapshot(&mut self, query: &Query, step: Step, scratch: &mut Scratch) -> TargetSnapshot {
        let id = self.id();
        let series = if query.series.contains(id) {
            self.series.points(step, query.axis.points(), scratch)
        } else {
            Vec::new()
        };
        let detail = query
            .detail
            .contains(id)
            .then(|| Arc::new(self.detail(query, step, scratch)));
        let ReadWindow { stats, apdex, .. } = self.window(query.window, scratch).clone();
        TargetSnapshot {
            info: Arc::clone(&self.planned.info),
            level: self.standing.level,
            clears: self.standing.clears,
            set_aside: self.standing.set_aside,
            reason: self.standing.reason.clone(),
            errors_level: self.errors_level,
            limits: self
                .planned
                .latency
                .map_or_else(LatencyLimits::default, LatencyLimits::from),
            last: self.series.last().map(|sample| Arc::new(last(sample))),
            failing: self.failures.told(),
            stats,
            apdex,
            series: series.into(),
            detail,
        }
    }

    fn detail(&self, query: &Query, step: Step, scratch: &mut Scratch) -> Detail {
        let read = |window| (window, self.series.read(window, Tracks::ALL, scratch));
        Detail {
            windows: Window::ALL.into_iter().map(read).collect(),
            distribution: self.series.distribution(query.window, scratch),
            failures: self.series.failures().cloned().collect(),
            gauges: self.told.points(step, query.axis.points()),
        }
    }
}
