//! Whose keys the bottom line tells while it is not the page that decides. What is of no use at the moment is left out, and
//! what there is no room for.

use probetop_core::snapshot::Feed;

use crate::ui::action::Action;
use crate::ui::page::Past;
use crate::ui::view::View;

/// At the start of a run, until a key is pressed.
pub(super) const FIRST: &[Action] = &[
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
/// While an earlier second is shown, on every pane but help.
const PAST: &[Action] = &[
    Action::Help,
    Action::Live,
    Action::Back,
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

/// Those of the page as it is, the most important first.
pub(super) fn actions(view: &View) -> &'static [Action] {
    let page = view.pages.shown.page();
    match (page.past, view.travel.feed) {
        (Past::Shown, Feed::At(_)) => PAST,
        (Past::Shown, Feed::Live) | (Past::None, _) => page.keys,
    }
}
