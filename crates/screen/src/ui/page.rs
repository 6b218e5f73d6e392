//! The pages of the screen, in the order of the tabs: one row of a table each, which its own file below `ui/pane/` writes.
//!
//! Whoever wants to know something of a page reads its row. To add one takes a variant and a line here, an action whose key
//! shows it, and its file.

use probetop_core::snapshot::Snapshot;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::action::Action;
use super::geometry::Placed;
use super::pane::{
    Scene, alerts, analysis, compare, health, heat, help, machine, objectives, overview, target, timeline,
};
use super::theme::Theme;
use super::view::View;
use super::view::list::Section;
use super::widget::plot::Plot;

/// Which page it is.
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

/// Every page, in the order of the tabs.
const PAGES: [(Pane, &Page); 11] = [
    (Pane::Overview, &overview::PAGE),
    (Pane::Target, &target::PAGE),
    (Pane::Machine, &machine::PAGE),
    (Pane::Alerts, &alerts::PAGE),
    (Pane::Objectives, &objectives::PAGE),
    (Pane::Health, &health::PAGE),
    (Pane::Analysis, &analysis::PAGE),
    (Pane::Compare, &compare::PAGE),
    (Pane::Timeline, &timeline::PAGE),
    (Pane::Heat, &heat::PAGE),
    (Pane::Help, &help::PAGE),
];

/// Where the time axis of a page lies.
type Axis = fn(Rect, &Snapshot, &View) -> Option<Plot>;

/// What there is to know about a page.
pub struct Page {
    pub title: &'static str,
    /// For a tab that is not shown, where the titles of all do not fit.
    pub short_title: &'static str,
    /// The action whose key shows it.
    pub action: Action,
    /// Actions told in the bottom line while it is live, the most important first.
    pub keys: &'static [Action],
    pub about: About,
    pub rows: Rows,
    /// The alert that is acknowledged, silenced and noted by key.
    pub alert: AlertOf,
    pub past: Past,
    /// What it has to be told beyond the rows of the targets.
    pub needs: &'static [Need],
    /// The cells of the body that its time axis lies over; `None` for a page that has another axis or none.
    pub axis: Option<Axis>,
    pub form: Form,
    /// Rows that it needs to show everything at such a width; 0 for one that fits itself into what there is.
    pub measure: fn(usize, &Snapshot, &View) -> usize,
    /// The blocks that it is made of, and where they stand in an area.
    pub parts: fn(Rect, &Snapshot, &View) -> Placed,
    pub render: fn(Rect, &mut Buffer, Scene),
}

/// Whom a page tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// The targets, or the chosen one: the filter that is typed, and what is followed and copied, are those of their table.
    Targets,
    /// Something else, with a filter of its own.
    Itself,
}

/// What the keys that move act on.
#[derive(Clone, Copy)]
pub enum Rows {
    /// The table of targets.
    Targets,
    /// Rows of which one is chosen, with its details below.
    List(List),
    /// Lines, which are scrolled.
    Lines,
}

/// A page that lists things.
#[derive(Clone, Copy)]
pub struct List {
    pub sections: &'static [Section],
    /// Rows that stand above the list in such a body.
    pub top_height: fn(Rect, &Snapshot) -> usize,
    /// Draws what stands above the list.
    pub top: fn(Rect, &mut Buffer, &Snapshot, &View, &Theme),
    /// What it says while it is empty: what is missing, and what to do about it.
    pub nothing: &'static [&'static str],
    /// What it says then below the first of those lines.
    pub note: fn(&Snapshot) -> Option<String>,
}

impl List {
    /// A list with nothing above it.
    pub const fn plain(sections: &'static [Section], nothing: &'static [&'static str]) -> Self {
        Self {
            sections,
            top_height: |_, _| 0,
            top: |_, _, _, _, _| {},
            nothing,
            note: |_| None,
        }
    }
}

/// Which alert the keys of alerts act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertOf {
    /// The chosen row.
    Chosen,
    /// The chosen target: its worst.
    Target,
    /// The banner: the one on top.
    Banner,
    /// Alerts are looked after elsewhere.
    Nobody,
}

/// Whether a page can show an earlier second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Past {
    Shown,
    /// It is the same at any time.
    None,
}

/// What a page or a block has to be told beyond the rows of the targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Every detail of the chosen target.
    Detail,
    /// The course of the chosen target, where it is drawn as a map.
    Map,
    /// The course of those that timeline and heat map tell of.
    Course,
    /// A against B, for everybody.
    Comparison,
    /// The table of processes, which is dear to read.
    Processes,
}

/// How a page fits on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// It makes do with the body.
    Fitted,
    /// It is as high as it has to be, and scrolled as a whole.
    Sheet,
}

impl Pane {
    pub const ALL: [Self; PAGES.len()] = {
        let mut all = [Self::Overview; PAGES.len()];
        let mut index = 0;
        while index < all.len() {
            // Its place in the table is how a page is found.
            assert!(PAGES[index].0 as usize == index);
            all[index] = PAGES[index].0;
            index += 1;
        }
        all
    };

    /// Its row of the table.
    pub const fn page(self) -> &'static Page {
        PAGES[self as usize].1
    }

    /// The page that an action shows.
    pub fn shown_by(action: Action) -> Option<Self> {
        Self::ALL.into_iter().find(|pane| pane.page().action == action)
    }

    /// Whether its axis is time, on which a cursor tells the second looked at.
    pub const fn has_cursor(self) -> bool {
        self.page().axis.is_some()
    }

    /// What it lists, in a page that lists things.
    pub const fn list(self) -> Option<&'static List> {
        match &self.page().rows {
            Rows::List(list) => Some(list),
            Rows::Targets | Rows::Lines => None,
        }
    }

    pub fn needs(self, need: Need) -> bool {
        self.page().needs.contains(&need)
    }

    pub(super) fn step(self, by: usize) -> Self {
        Self::ALL[(self as usize + by) % Self::ALL.len()]
    }
}
