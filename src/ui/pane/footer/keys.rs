//! Whose keys the bottom line tells, pane by pane. What is of no use at the moment is left out, and what there is no room for.

use crate::snapshot::Feed;
use crate::ui::action::Action;
use crate::ui::view::{Pane, View};

/// At the start of a run, until a key is pressed.
pub const FIRST: &[Action] = &[
    Action::Help,
    Action::Palette,
    Action::Open,
    Action::Filter,
    Action::Timeline,
    Action::Quit,
    Action::Machine,
    Action::Alerts,
    Action::Freeze,
    Action::Theme,
];
const OVERVIEW: &[Action] = &[
    Action::Help,
    Action::Quit,
    Action::Open,
    Action::Filter,
    Action::SortNext,
    Action::WindowNext,
    Action::Freeze,
    Action::Acknowledge,
    Action::Silence,
    Action::Export,
    Action::ZoomIn,
    Action::ZoomOut,
    Action::Columns,
    Action::SavedFilter,
    Action::Reload,
];
const TARGET: &[Action] = &[
    Action::Help,
    Action::Back,
    Action::PreviousTarget,
    Action::NextTarget,
    Action::WindowNext,
    Action::ZoomIn,
    Action::ZoomOut,
    Action::Freeze,
    Action::Export,
];
const MACHINE: &[Action] = &[
    Action::Help,
    Action::Back,
    Action::SortNext,
    Action::SortReverse,
    Action::ZoomIn,
    Action::Freeze,
    Action::Export,
    Action::Filter,
];
const ALERTS: &[Action] = &[
    Action::Help,
    Action::Back,
    Action::Acknowledge,
    Action::Silence,
    Action::Note,
    Action::Open,
    Action::Freeze,
    Action::Export,
    Action::Filter,
];
const OBJECTIVES: &[Action] = &[
    Action::Help,
    Action::Back,
    Action::Open,
    Action::WindowNext,
    Action::ZoomIn,
    Action::ZoomOut,
    Action::Freeze,
    Action::Export,
    Action::Filter,
];
/// Of the other panes that list things.
const LISTS: &[Action] = &[
    Action::Help,
    Action::Back,
    Action::Open,
    Action::Freeze,
    Action::Export,
    Action::Filter,
];
const COMPARE: &[Action] = &[
    Action::Help,
    Action::Back,
    Action::Baseline,
    Action::Span,
    Action::OtherSpan,
    Action::AroundMark,
    Action::WindowNext,
    Action::Open,
    Action::Freeze,
    Action::Export,
];
/// Of the panes that have time as their axis.
const TIME: &[Action] = &[
    Action::Help,
    Action::Back,
    Action::StepBack,
    Action::Scope,
    Action::ZoomIn,
    Action::ZoomOut,
    Action::PreviousMark,
    Action::Mark,
    Action::Span,
    Action::Export,
];
/// While an earlier second is shown, on every pane but help.
const PAST: &[Action] = &[
    Action::Help,
    Action::Live,
    Action::StepBack,
    Action::StepForward,
    Action::PreviousMark,
    Action::NextMark,
    Action::Mark,
    Action::Span,
    Action::GoToTime,
    Action::Export,
    Action::LeapBack,
    Action::LeapForward,
    Action::Oldest,
];
const HELP: &[Action] = &[Action::Help, Action::Filter, Action::PageDown, Action::Quit];

/// Those of the pane as it is, the most important first.
pub fn actions(view: &View) -> &'static [Action] {
    match (view.pane, view.feed) {
        (Pane::Help, _) => HELP,
        (_, Feed::At(_)) => PAST,
        (Pane::Overview, Feed::Live) => OVERVIEW,
        (Pane::Target, Feed::Live) => TARGET,
        (Pane::Machine, Feed::Live) => MACHINE,
        (Pane::Alerts, Feed::Live) => ALERTS,
        (Pane::Objectives, Feed::Live) => OBJECTIVES,
        (Pane::Health | Pane::Analysis, Feed::Live) => LISTS,
        (Pane::Compare, Feed::Live) => COMPARE,
        (Pane::Timeline | Pane::Heat, Feed::Live) => TIME,
    }
}
