//! The pages of the screen: their names, in the order of the tabs.

use crate::ui::action::Action;

/// A page of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pane {
    Overview,
    Target,
    Machine,
    Alerts,
    Objectives,
    Health,
    Analysis,
    Compare,
    Timeline,
    Heat,
    Help,
}

impl Pane {
    pub const ALL: [Self; 11] = [
        Self::Overview,
        Self::Target,
        Self::Machine,
        Self::Alerts,
        Self::Objectives,
        Self::Health,
        Self::Analysis,
        Self::Compare,
        Self::Timeline,
        Self::Heat,
        Self::Help,
    ];

    pub const fn title(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Target => "Target",
            Self::Machine => "Machine",
            Self::Alerts => "Alerts",
            Self::Objectives => "Objectives",
            Self::Health => "Health",
            Self::Analysis => "Analysis",
            Self::Compare => "Compare",
            Self::Timeline => "Timeline",
            Self::Heat => "Heat map",
            Self::Help => "Help",
        }
    }

    /// For a tab that is not shown, where the titles of all do not fit.
    pub const fn short_title(self) -> &'static str {
        match self {
            Self::Overview => "All",
            Self::Target => "Target",
            Self::Machine => "Host",
            Self::Alerts => "Alerts",
            Self::Objectives => "SLO",
            Self::Health => "Health",
            Self::Analysis => "Why",
            Self::Compare => "A/B",
            Self::Timeline => "Time",
            Self::Heat => "Heat",
            Self::Help => "",
        }
    }

    /// The action that shows the pane.
    pub const fn action(self) -> Action {
        match self {
            Self::Overview => Action::Overview,
            Self::Target => Action::Target,
            Self::Machine => Action::Machine,
            Self::Alerts => Action::Alerts,
            Self::Objectives => Action::Objectives,
            Self::Health => Action::Health,
            Self::Analysis => Action::Analysis,
            Self::Compare => Action::Compare,
            Self::Timeline => Action::Timeline,
            Self::Heat => Action::Heat,
            Self::Help => Action::Help,
        }
    }

    /// Whether its axis is time, on which a cursor tells the second looked at.
    pub const fn has_cursor(self) -> bool {
        matches!(self, Self::Timeline | Self::Heat)
    }

    pub(super) fn step(self, by: usize) -> Self {
        Self::ALL[(self as usize + by) % Self::ALL.len()]
    }
}
