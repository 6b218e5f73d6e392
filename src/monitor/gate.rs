//! What one threshold remembers: the level its figure had reached, and how its alert behaves.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use crate::alert::policy::Policy;
use crate::alert::state::Patience;
use crate::judge::level::Damping;
use crate::judge::verdict::Verdict;
use crate::sample::Level;

#[derive(Clone, Debug, Default)]
pub struct Gate {
    reached: Level,
    policy: Arc<Policy>,
}

impl Gate {
    /// The level that the figure had reached last.
    pub fn reached(&self) -> Level {
        self.reached
    }

    pub fn policy(&self) -> &Arc<Policy> {
        &self.policy
    }

    /// Remembers the level that was found. A figure that is not known has left none.
    pub fn remember(&mut self, verdict: &Verdict) {
        if verdict.level != Level::Unknown {
            self.reached = verdict.level;
        }
    }

    /// The same threshold by a new plan.
    pub fn replanned(&mut self, damping: &Damping, policies: &mut Policies) {
        self.policy = policies.of(damping);
    }
}

/// The policies of all thresholds: ten thousand targets mostly share one.
#[derive(Debug, Default)]
pub struct Policies(HashMap<(Duration, Duration), Arc<Policy>>);

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
