//! Which page is shown, which block of it has the focus, and where each page stands.

use probetop_core::sample::TargetId;
use probetop_core::snapshot::Snapshot;

use super::list::{self, Place, Row, Section};
use super::{Block, Compared, Extent, Filter, MachinePart, Pane};
use crate::ui::geometry::{Geometry, List};
use crate::ui::page::{Form, Need, Rows};
use crate::ui::widget::scroll;

/// The pages, each as it was left.
#[derive(Clone, Debug, PartialEq)]
pub struct Pages {
    /// The one that is shown.
    pub shown: Pane,
    /// Where help was called from.
    origin: Pane,
    /// The block of each page that has the focus.
    focus: [Option<Block>; Pane::ALL.len()],
    extent: Extent,
    pub(super) places: [Place; Pane::ALL.len()],
    /// How what is compared is sorted.
    pub compared: Compared,
    /// The target whose page is scrolled to where it is.
    target: Option<TargetId>,
}

/// What is sorted by key: what is seen, never what another page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sorted {
    Targets,
    Processes,
    Comparison,
    Nothing,
}

impl Default for Pages {
    fn default() -> Self {
        Self {
            shown: Pane::Overview,
            origin: Pane::Overview,
            focus: [None; Pane::ALL.len()],
            extent: Extent::Parts,
            places: Default::default(),
            compared: Compared::default(),
            target: None,
        }
    }
}

impl Pages {
    pub(super) fn show(&mut self, pane: Pane) {
        if pane == Pane::Help && self.shown != Pane::Help {
            self.origin = self.shown;
        }
        if pane != self.shown {
            self.extent = Extent::Parts;
        }
        self.shown = pane;
    }

    /// The page that is left for: from help the one it was called from, else the overview.
    pub(super) fn before(&self) -> Pane {
        if self.shown == Pane::Help {
            self.origin
        } else {
            Pane::Overview
        }
    }

    /// The page that help tells of: the one it was called from.
    pub fn helped(&self) -> Pane {
        self.origin
    }

    /// The block of the page that is marked and that the keys act on; at first there is none.
    pub fn focus(&self) -> Option<Block> {
        self.focus[self.shown as usize]
    }

    /// Whether one block has the whole body.
    pub fn extent(&self) -> Extent {
        self.extent
    }

    /// The block that has the whole body.
    pub fn expanded(&self) -> Option<Block> {
        match self.extent {
            Extent::Whole => self.focus(),
            Extent::Parts => None,
        }
    }

    /// The page whose keys hold: that of a list with the focus, else the one that is shown.
    pub(super) fn acting(&self) -> Pane {
        self.focus().and_then(Block::listed).unwrap_or(self.shown)
    }

    /// Where the page stands whose keys hold.
    pub(super) fn acting_mut(&mut self) -> &mut Place {
        &mut self.places[self.acting() as usize]
    }

    /// What the keys that sort act on.
    pub(super) fn sorted(&self) -> Sorted {
        let on_processes =
            self.shown.needs(Need::Processes) || self.focus() == Some(Block::Machine(MachinePart::Processes));
        match self.acting().page().rows {
            _ if on_processes => Sorted::Processes,
            Rows::List(list) if list.sections.contains(&Section::Comparison) => Sorted::Comparison,
            Rows::Targets => Sorted::Targets,
            Rows::List(_) | Rows::Lines => Sorted::Nothing,
        }
    }

    /// Whether a block is scrolled by the keys that otherwise choose a target or scroll the pane.
    pub fn scrolls_block(&self) -> bool {
        match self.focus() {
            None
            | Some(
                Block::Targets
                | Block::Cards
                | Block::Chart
                | Block::Heat
                | Block::Timeline
                | Block::Listed(_)
                | Block::List
                | Block::Details,
            ) => false,
            Some(Block::Machine(_) | Block::Target(_)) => self.shown == Pane::Overview || self.extent == Extent::Whole,
        }
    }

    /// The first row that is visible of the page, or of its block that is scrolled.
    pub fn offset(&self) -> usize {
        self.offset_in(self.shown)
    }

    pub fn offset_in(&self, pane: Pane) -> usize {
        self.places[pane as usize].first
    }

    /// The first line of the details that is visible, in a page that lists things.
    pub fn below_in(&self, pane: Pane) -> usize {
        self.places[pane as usize].below
    }

    /// The row the keys act on in the list they act on, counted over those that can be chosen.
    pub fn chosen(&self) -> usize {
        self.chosen_in(self.acting())
    }

    pub fn chosen_in(&self, pane: Pane) -> usize {
        self.places[pane as usize].ordinal
    }

    /// The words that the rows of a page other than the target table's must contain.
    pub fn filter(&self, pane: Pane) -> &Filter {
        &self.places[pane as usize].filter
    }

    /// The same of the page that is shown.
    pub(super) fn filter_mut(&mut self) -> &mut Filter {
        &mut self.places[self.shown as usize].filter
    }

    /// The rows of a page that lists things, as far as its filter leaves them.
    pub fn rows(&self, pane: Pane, snapshot: &Snapshot) -> Vec<Row> {
        list::rows(pane, snapshot, &self.places[pane as usize], self.compared)
    }

    /// The block with the focus on the whole body, without any the first one; and back. `false`: there is none.
    pub(super) fn expand(&mut self, geometry: &Geometry) -> bool {
        if self.extent == Extent::Whole {
            self.collapse();
            return true;
        }
        let first = geometry.blocks().first().map(|(block, _)| *block);
        let block = self.focus().or(first);
        if block.is_some() {
            self.focus_on(block);
            self.extent = Extent::Whole;
        }
        block.is_some()
    }

    pub(super) fn collapse(&mut self) {
        self.extent = Extent::Parts;
        self.places[self.shown as usize].first = 0;
    }

    /// To the block after the one that has the focus; behind the last one none has it, unless it is on the whole body.
    /// `false`: there is none.
    pub(super) fn focus_next(&mut self, geometry: &Geometry) -> bool {
        let blocks = &geometry.parts.blocks;
        let place = blocks.iter().position(|(block, _)| self.focus() == Some(*block));
        let next = place.map_or(0, |place| place + 1);
        let block = match (blocks.get(next), self.extent) {
            (Some((block, _)), _) => Some(*block),
            (None, Extent::Whole) => blocks.first().map(|(block, _)| *block),
            (None, Extent::Parts) => None,
        };
        self.focus_on(block);
        self.reveal(geometry);
        !blocks.is_empty()
    }

    /// Gives a block the focus and scrolls to it.
    pub(super) fn focus_on(&mut self, block: Option<Block>) {
        if self.focus() != block {
            self.focus[self.shown as usize] = block;
            let is_scrolled = self.shown == Pane::Overview || self.extent == Extent::Whole;
            if is_scrolled && self.shown.list().is_none() {
                self.places[self.shown as usize].first = 0;
            }
        }
    }

    /// Brings the block with the focus into sight, where the page scrolls as a whole.
    fn reveal(&mut self, geometry: &Geometry) {
        let is_part = self.extent == Extent::Parts && self.shown.page().form == Form::Sheet;
        let mut parts = geometry.parts.blocks.iter();
        let focused = parts.find(|(block, _)| self.focus() == Some(*block));
        if let Some((_, area)) = focused.filter(|_| is_part) {
            let body = geometry.bands.body;
            let (top, bottom) = (usize::from(area.y - body.y), usize::from(area.bottom() - body.y));
            let first = &mut self.places[self.shown as usize].first;
            let visible = usize::from(body.height);
            *first = (*first).max(bottom.saturating_sub(visible)).min(top);
        }
    }

    /// What was scrolled to on the page of one target says nothing of another: its page begins at the top.
    pub(super) fn begin_at_top(&mut self, selected: Option<TargetId>) {
        if std::mem::replace(&mut self.target, selected) != selected {
            self.places[Pane::Target as usize].first = 0;
        }
    }

    /// Finds the chosen row again in the list that has the whole page.
    pub(in crate::ui) fn find_row_of_page(&mut self, snapshot: &Snapshot) {
        let pane = self.expanded().and_then(Block::listed).unwrap_or(self.shown);
        if pane.list().is_some() {
            self.find_row(pane, snapshot);
        }
    }

    /// Finds the chosen row of a list again, wherever it stands now.
    pub(in crate::ui) fn find_row(&mut self, pane: Pane, snapshot: &Snapshot) {
        let rows = self.rows(pane, snapshot);
        self.places[pane as usize].settle(&rows, snapshot);
    }

    /// A block that is not on the screen any more has no focus. Returns whether the blocks stand elsewhere now.
    pub(in crate::ui) fn settle_focus(&mut self, geometry: &Geometry) -> bool {
        let before = self.extent;
        let Some(block) = self.focus() else {
            self.extent = Extent::Parts;
            return before != self.extent;
        };
        let is_there = match before {
            Extent::Whole => geometry.whole.is_some(),
            Extent::Parts => geometry.parts.blocks.iter().any(|(placed, _)| *placed == block),
        };
        if !is_there {
            self.collapse();
            self.focus[self.shown as usize] = None;
        }
        before != self.extent
    }

    /// Scrolls page and lists so far that what is chosen is in sight, and no farther than they go.
    pub(super) fn settle_rows(&mut self, geometry: &Geometry, snapshot: &Snapshot) {
        for (pane, list) in &geometry.lists {
            self.settle_list(*pane, list, snapshot);
        }
        if self.shown.list().is_some() {
            return;
        }
        for (block, _) in geometry.blocks() {
            // What was chosen long ago says nothing while the keys are elsewhere: the most urgent stands on top.
            if let Some(pane) = block.listed().filter(|_| self.focus() != Some(*block)) {
                self.places[pane as usize].first = 0;
            }
        }
        let last = scroll::last_offset(geometry.scrolled.rows, geometry.scrolled.visible);
        let first = &mut self.places[self.shown as usize].first;
        *first = (*first).min(last);
    }

    fn settle_list(&mut self, pane: Pane, list: &List, snapshot: &Snapshot) {
        let rows = self.rows(pane, snapshot);
        let visible = usize::from(list.rows.height);
        let place = &mut self.places[pane as usize];
        let line = list::line_of(&rows, place.ordinal);
        // The first row shown is the heading of a section, whatever row it stands in for.
        let above = line.and_then(|line| line.checked_sub(1));
        let first = scroll::follow(place.first, above, rows.len(), visible);
        place.first = scroll::follow(first, line, rows.len(), visible);
        place.below = place.below.min(list.last_below);
    }
}
