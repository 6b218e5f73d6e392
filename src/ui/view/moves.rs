//! Going somewhere: to another row, another page, what an alert is about, and back.

use super::lead::{self, Lead};
use super::list::{self, Section};
use super::{Pane, View};
use crate::snapshot::Snapshot;
use crate::ui::layout;
use crate::ui::pane;
use crate::ui::widget::scroll;

impl View {
    pub(super) fn open(&mut self, snapshot: &Snapshot) {
        match self.pane {
            Pane::Overview => self.show(Pane::Target),
            Pane::Alerts | Pane::Objectives | Pane::Health | Pane::Analysis | Pane::Compare => {
                let rows = self.rows(snapshot);
                let chosen = list::items(&rows).nth(self.chosen());
                match chosen.and_then(|(section, index)| lead::leads_to(section, index, snapshot)) {
                    Some(Lead::Target(id)) => {
                        self.table.selected = Some(id);
                        self.show(Pane::Target);
                    }
                    Some(Lead::Objective(index)) => {
                        self.show(Pane::Objectives);
                        self.place_mut().filter.clear();
                        let rows = self.rows(snapshot);
                        let is_meant = |section, row| section == Section::Objectives && row == index;
                        self.place_mut().choose_where(&rows, is_meant);
                    }
                    Some(Lead::Machine) => self.show(Pane::Machine),
                    None => {}
                }
            }
            Pane::Target | Pane::Machine | Pane::Timeline | Pane::Heat | Pane::Help => {}
        }
    }

    pub(super) fn back(&mut self, snapshot: &Snapshot) {
        if self.clear_filter(snapshot) {
            return;
        }
        match self.pane {
            Pane::Help => self.show(self.origin),
            Pane::Overview
            | Pane::Target
            | Pane::Machine
            | Pane::Alerts
            | Pane::Objectives
            | Pane::Health
            | Pane::Analysis
            | Pane::Compare
            | Pane::Timeline
            | Pane::Heat => self.show(Pane::Overview),
        }
    }

    pub(super) fn move_by(&mut self, by: isize, snapshot: &Snapshot) {
        let pane = self.pane;
        match pane {
            Pane::Overview => self.table.move_by(by, snapshot),
            Pane::Alerts | Pane::Objectives | Pane::Health | Pane::Analysis | Pane::Compare => {
                let last = list::items(&self.rows(snapshot)).count().saturating_sub(1);
                let place = self.place_mut();
                place.choose(place.ordinal.saturating_add_signed(by).min(last));
            }
            Pane::Target | Pane::Machine | Pane::Timeline | Pane::Heat | Pane::Help => {
                let first = &mut self.place_mut().first;
                *first = first.saturating_add_signed(by);
            }
        }
    }

    /// To the next target, or in a list through the details of the chosen row.
    pub(super) fn move_aside(&mut self, by: isize, snapshot: &Snapshot) {
        if list::is_list(self.pane) {
            let below = &mut self.place_mut().below;
            *below = below.saturating_add_signed(by);
        } else {
            self.table.move_by(by, snapshot);
        }
    }

    pub(super) fn page(&self, snapshot: &Snapshot) -> isize {
        let rows = match self.pane {
            Pane::Overview => layout::table_rows(snapshot, self),
            Pane::Alerts | Pane::Objectives | Pane::Health | Pane::Analysis | Pane::Compare => {
                let body = layout::screen(self.size, snapshot, self.pane).body;
                usize::from(pane::listing::parts(body, snapshot, self).list.height)
            }
            Pane::Target | Pane::Machine | Pane::Timeline | Pane::Heat | Pane::Help => {
                usize::from(layout::screen(self.size, snapshot, self.pane).body.height)
            }
        };
        rows.saturating_sub(1).max(1) as isize
    }

    /// Keeps every position inside what there is to show.
    pub(super) fn settle(&mut self, snapshot: &Snapshot) {
        self.keep_in_sight(snapshot.now);
        let selected = self.table.selected_row(snapshot);
        let visible = layout::table_rows(snapshot, self);
        self.table.first = scroll::follow(self.table.first, selected, self.table.rows.len(), visible);

        if list::is_list(self.pane) {
            return self.settle_list(snapshot);
        }
        let body = usize::from(layout::screen(self.size, snapshot, self.pane).body.height);
        let last = scroll::last_offset(pane::height(snapshot, self), body);
        let first = &mut self.place_mut().first;
        *first = (*first).min(last);
    }

    fn settle_list(&mut self, snapshot: &Snapshot) {
        let rows = self.rows(snapshot);
        self.place_mut().settle(&rows, snapshot);
        let body = layout::screen(self.size, snapshot, self.pane).body;
        let visible = usize::from(pane::listing::parts(body, snapshot, self).list.height);
        let last_below = pane::listing::last_below(body, snapshot, self);
        let place = self.place_mut();
        let line = list::line_of(&rows, place.ordinal);
        // The first row shown is the heading of a section, whatever row it stands in for.
        let above = line.and_then(|line| line.checked_sub(1));
        let first = scroll::follow(place.first, above, rows.len(), visible);
        place.first = scroll::follow(first, line, rows.len(), visible);
        place.below = place.below.min(last_below);
    }
}
