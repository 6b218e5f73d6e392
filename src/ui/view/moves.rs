//! Going somewhere: to another row, another page, what an alert is about, and back.

use ratatui::layout::Rect;

use super::lead::{self, Lead};
use super::list::{self, Section};
use super::{Block, Extent, Pane, View};
use crate::snapshot::Snapshot;
use crate::ui::layout;
use crate::ui::page::Rows;
use crate::ui::pane;
use crate::ui::widget::scroll;

impl View {
    pub(super) fn open(&mut self, snapshot: &Snapshot) {
        match self.acting().page().rows {
            Rows::Targets => self.show(Pane::Target),
            Rows::List(_) => {
                let rows = self.rows(self.acting(), snapshot);
                let chosen = list::items(&rows).nth(self.chosen());
                match chosen.and_then(|(section, index)| lead::leads_to(section, index, snapshot)) {
                    Some(Lead::Target(id)) => {
                        self.table.selected = Some(id);
                        self.show(Pane::Target);
                    }
                    Some(Lead::Objective(index)) => {
                        self.show(Pane::Objectives);
                        self.place_mut().filter.clear();
                        let rows = self.rows(self.acting(), snapshot);
                        let is_meant = |section, row| section == Section::Objectives && row == index;
                        self.place_mut().choose_where(&rows, is_meant);
                    }
                    Some(Lead::Machine) => self.show(Pane::Machine),
                    None => {}
                }
            }
            Rows::Lines => {}
        }
    }

    pub(super) fn back(&mut self, snapshot: &Snapshot) {
        if self.extent == Extent::Whole {
            return self.collapse();
        }
        if self.clear_filter(snapshot) || self.drop_span() {
            return;
        }
        let before = if self.pane == Pane::Help {
            self.origin
        } else {
            Pane::Overview
        };
        self.show(before);
    }

    pub(super) fn move_by(&mut self, by: isize, snapshot: &Snapshot) {
        if self.focus() == Some(Block::Details) {
            return self.scroll_details(by);
        }
        match self.acting().page().rows {
            Rows::Targets if !self.scrolls_block() => self.table.move_by(by, snapshot),
            Rows::List(_) => {
                let last = list::items(&self.rows(self.acting(), snapshot))
                    .count()
                    .saturating_sub(1);
                let place = self.place_mut();
                place.choose(place.ordinal.saturating_add_signed(by).min(last));
            }
            Rows::Targets | Rows::Lines => {
                let first = &mut self.place_mut().first;
                *first = first.saturating_add_signed(by);
            }
        }
    }

    /// To the next target, or in a list through the details of the chosen row.
    pub(super) fn move_aside(&mut self, by: isize, snapshot: &Snapshot) {
        if self.acting().list().is_some() {
            self.scroll_details(by);
        } else {
            self.table.move_by(by, snapshot);
        }
    }

    fn scroll_details(&mut self, by: isize) {
        let below = &mut self.place_mut().below;
        *below = below.saturating_add_signed(by);
    }

    /// Rows less one, so that a line of the page before is still there.
    pub(super) fn page(&self, snapshot: &Snapshot) -> isize {
        let body = layout::screen(self.size, snapshot, self.pane).body;
        let block = layout::blocks(snapshot, self);
        let focused = block.iter().find(|(block, _)| self.focus() == Some(*block));
        let rows = match self.acting().page().rows {
            Rows::Targets if !self.scrolls_block() => layout::table_rows(snapshot, self),
            Rows::List(_) => usize::from(self.list_area(self.acting(), snapshot).height),
            Rows::Targets | Rows::Lines => {
                let area = focused.filter(|_| self.scrolls_block()).map_or(body, |(_, area)| *area);
                usize::from(area.height)
            }
        };
        rows.saturating_sub(1).max(1) as isize
    }

    /// Keeps every position inside what there is to show.
    pub(super) fn settle(&mut self, snapshot: &Snapshot) {
        self.keep_in_sight(snapshot.now);
        self.extend_span(snapshot);
        self.settle_focus(snapshot);
        let selected = self.table.selected_row(snapshot);
        let visible = layout::table_rows(snapshot, self);
        self.table.first = scroll::follow(self.table.first, selected, self.table.rows.len(), visible);

        if self.pane.list().is_some() {
            return self.settle_list(self.pane, snapshot);
        }
        for (block, _) in layout::blocks(snapshot, self) {
            if let Some(pane) = block.listed() {
                self.settle_list(pane, snapshot);
                // What was chosen long ago says nothing while the keys are elsewhere: the most urgent stands on top.
                if self.focus() != Some(block) {
                    self.places[pane as usize].first = 0;
                }
            }
        }
        let (height, visible) = self.scrolled(snapshot);
        let first = &mut self.places[self.pane as usize].first;
        *first = (*first).min(scroll::last_offset(height, visible));
    }

    /// Rows of what scrolls, and how many of them are visible: the block that is scrolled, else the pane.
    pub fn scrolled(&self, snapshot: &Snapshot) -> (usize, usize) {
        let blocks = layout::blocks(snapshot, self);
        let focused = blocks.into_iter().find(|(block, _)| self.focus() == Some(*block));
        match focused.filter(|_| self.scrolls_block()) {
            Some((block, area)) => {
                let rows = pane::block::full_height(block, usize::from(area.width), snapshot, self);
                (rows, usize::from(area.height))
            }
            None => {
                let body = layout::screen(self.size, snapshot, self.pane).body;
                (pane::height(snapshot, self), usize::from(body.height))
            }
        }
    }

    /// Where the rows of a list stand, as a pane or as a block of the overview.
    fn list_area(&self, pane: Pane, snapshot: &Snapshot) -> Rect {
        let body = layout::screen(self.size, snapshot, self.pane).body;
        let blocks = layout::blocks(snapshot, self);
        let block = blocks.into_iter().find(|(block, _)| block.listed() == Some(pane));
        match block {
            Some((_, area)) if self.extent == Extent::Parts => area,
            Some(_) | None => pane::listing::parts(body, pane, snapshot, self).list,
        }
    }

    fn settle_list(&mut self, pane: Pane, snapshot: &Snapshot) {
        let rows = self.rows(pane, snapshot);
        self.places[pane as usize].settle(&rows, snapshot);
        let body = layout::screen(self.size, snapshot, self.pane).body;
        let visible = usize::from(self.list_area(pane, snapshot).height);
        let last_below = pane::listing::last_below(body, pane, snapshot, self);
        let place = &mut self.places[pane as usize];
        let line = list::line_of(&rows, place.ordinal);
        // The first row shown is the heading of a section, whatever row it stands in for.
        let above = line.and_then(|line| line.checked_sub(1));
        let first = scroll::follow(place.first, above, rows.len(), visible);
        place.first = scroll::follow(first, line, rows.len(), visible);
        place.below = place.below.min(last_below);
    }
}
