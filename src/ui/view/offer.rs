//! What can be done at this moment: footer and palette offer nothing else, or say that it is not now.

use super::{Pane, View};
use crate::snapshot::{Feed, Snapshot};
use crate::ui::action::Action;

impl View {
    /// Whether an action would do anything here and now.
    pub fn is_of_use(&self, action: Action, snapshot: &Snapshot) -> bool {
        let is_live = self.feed == Feed::Live;
        match action {
            Action::Acknowledge | Action::Silence | Action::Note => {
                let is_any = snapshot.alerts.firing().next().is_some();
                is_any || self.pane == Pane::Alerts && !snapshot.alerts.active.is_empty()
            }
            Action::Live | Action::StepForward | Action::LeapForward | Action::NextMark => !is_live,
            Action::PreviousMark => !snapshot.marks.is_empty(),
            Action::AroundMark => snapshot.marks.iter().any(|mark| mark.origin.is_deliberate()),
            Action::SortNext | Action::SortReverse => matches!(self.pane, Pane::Overview | Pane::Machine),
            Action::Open => match self.pane {
                Pane::Overview => !snapshot.targets.is_empty(),
                Pane::Alerts | Pane::Objectives | Pane::Health | Pane::Analysis | Pane::Compare => true,
                Pane::Target | Pane::Machine | Pane::Timeline | Pane::Heat | Pane::Help => false,
            },
            Action::Back => self.pane != Pane::Overview || self.expanded().is_some() || !self.filter.text().is_empty(),
            Action::Copy => !matches!(self.pane, Pane::Machine | Pane::Help),
            Action::OtherSpan => self.baseline.is_some() || snapshot.comparison.is_some(),
            Action::Overview
            | Action::Target
            | Action::Machine
            | Action::Alerts
            | Action::Objectives
            | Action::Health
            | Action::Analysis
            | Action::Compare
            | Action::Timeline
            | Action::Heat
            | Action::Help
            | Action::NextPane
            | Action::PreviousPane
            | Action::Palette
            | Action::Expand
            | Action::FocusNext
            | Action::Preset
            | Action::Up
            | Action::Down
            | Action::PageUp
            | Action::PageDown
            | Action::First
            | Action::Last
            | Action::PreviousTarget
            | Action::NextTarget
            | Action::Filter
            | Action::Columns
            | Action::SavedFilter
            | Action::FollowWorst
            | Action::WindowNext
            | Action::ZoomIn
            | Action::ZoomOut
            | Action::Freeze
            | Action::Baseline
            | Action::Span
            | Action::Scope
            | Action::Chart
            | Action::Scale
            | Action::SameScale
            | Action::Motion
            | Action::StepBack
            | Action::LeapBack
            | Action::Oldest
            | Action::GoToTime
            | Action::Mark
            | Action::Export
            | Action::Theme
            | Action::Line
            | Action::Reload
            | Action::Repaint
            | Action::Suspend
            | Action::Quit
            | Action::QuitKeepingFrame => true,
        }
    }
}
