//! Objectives: what is promised of some targets' probes over a period, and how the promise stands.

mod burndown;
mod evidence;
mod goal;
mod ledger;
mod settings;
mod standing;

use std::time::Duration;

use probetop_core::sample::Text;
use probetop_core::setting::selector::{self, Selector};

pub use burndown::BurnDown;
pub use goal::{Goal, GoalError};
pub use ledger::{Counts, Ledger};
pub use settings::ObjectiveSettings;
pub use standing::Standing;

/// One `[[objective]]` as configured and checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Objective {
    pub name: Text,
    /// Whose probes count; none: those of every service.
    pub on: Vec<Selector>,
    pub goal: Goal,
    pub period: Duration,
    pub scope: Scope,
}

/// Whether the promise is given for the targets together or for each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    #[default]
    Pooled,
    Each,
}

impl Objective {
    /// Whether a target with this name, kind and group is meant.
    pub fn is_about(&self, name: &str, kind: &str, group: Option<&str>) -> bool {
        selector::any_matches(&self.on, name, kind, group)
    }

    /// Whether the step is meant beside its flow: by a name that is not the flow's too. Where both are meant the flow counts,
    /// once, and its steps with it.
    pub fn is_about_step(&self, step: &str, flow: &str) -> bool {
        self.on.iter().any(|on| on.is_name_of(step) && !on.is_name_of(flow))
    }

    /// What its part for the target called `target` goes by, where each target has its own.
    pub fn name_for(&self, target: &Text) -> Text {
        format!("{} · {target}", self.name).into()
    }
}
