//! What one threshold remembers: the level its figure had reached, and how its alert behaves.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use probetop_core::sample::Level;

use crate::alert::policy::Policy;
use crate::alert::state::Patience;
use crate::judge::level::Damping;
use crate::judge::verdict::Verdict;

#[derive(Clone, Debug, Default)]
pub(super) struct ThresholdState {
    reached: Level,
    policy: Arc<Policy>,
    /// The course of a figure that is of a single second.
    steady: Option<f64>,
}

/// What a tick adds to the course of a figure: nine tenths of a change are in it after ten seconds.
const STEADY_SHARE: f64 = 0.2;

impl ThresholdState {
    /// The level that the figure had reached last.
    pub(super) fn reached(&self) -> Level {
        self.reached
    }

    pub(super) fn policy(&self) -> &Arc<Policy> {
        &self.policy
    }

    /// Remembers the level that was found. A figure that is not known has left none.
    pub(super) fn remember(&mut self, verdict: &Verdict) {
        if verdict.level != Level::Unknown {
            self.reached = verdict.level;
        }
    }

    /// The course of the figure with the newest second: its exponential mean. Of a figure that is not known, nothing.
    pub(super) fn steady(&mut self, value: Option<f64>) -> Option<f64> {
        let value = value.filter(|value| value.is_finite());
        self.steady = value.map(|value| {
            let before = self.steady.unwrap_or(value);
            before + (value - before) * STEADY_SHARE
        });
        self.steady
    }

    /// The same threshold by a new plan.
    pub(super) fn replanned(&mut self, damping: &Damping, policies: &mut Policies) {
        self.policy = policies.of(damping);
    }
}

/// The policies of all thresholds: ten thousand targets mostly share one.
#[derive(Debug, Default)]
pub(super) struct Policies(HashMap<(Duration, Duration), Arc<Policy>>);

impl Policies {
    fn of(&mut self, damping: &Damping) -> Arc<Policy> {
        let Damping { hold, clear, .. } = *damping;
        let policy = || {
            Arc::new(Policy {
                patience: Patience { hold, clear },
                ..Policy::default()
            })
        };
        Arc::clone(self.0.entry((hold, clear)).or_insert_with(policy))
    }
}
