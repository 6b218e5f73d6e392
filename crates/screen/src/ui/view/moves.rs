//! Going somewhere: to another row, another page, what an alert is about, and back.

use probetop_core::snapshot::{Feed, Snapshot};

use super::began;
use super::lead::{self, PageLink};
use super::list::{self, Section};
use super::{Block, Extent, Pane, View};
use crate::ui::geometry::Geometry;
use crate::ui::page::Rows;

impl View {
    pub(super) fn open(&mut self, snapshot: &Snapshot) {
        match self.pages.acting().page().rows {
            Rows::Targets => self.show(Pane::Target),
            Rows::List(_) => {
                let rows = self.rows(self.pages.acting(), snapshot);
                let Some((section, index)) = list::items(&rows).nth(self.pages.chosen()) else {
                    return;
                };
                if self.pages.acting_mut().toggle(section, index, snapshot) {
                    return;
                }
                let Some(link) = lead::leads_to(section, index, snapshot) else {
                    return;
                };
                // What is over is looked at as it was: now there is nothing to see of it.
                match began::of_what_is_over(section, index, snapshot) {
                    Some(beginning) if self.travel.feed == Feed::Live && snapshot.monitor.history.oldest.is_some() => {
                        self.go_to(&beginning, snapshot, |view| view.follow(link, snapshot));
                    }
                    Some(_) | None => self.follow(link, snapshot),
                }
            }
            Rows::Lines => {}
        }
    }

    fn follow(&mut self, link: PageLink, snapshot: &Snapshot) {
        match link {
            PageLink::Target(id) => {
                self.targets.table.selected = Some(id);
                self.show(Pane::Target);
            }
            PageLink::Objective(index) => {
                self.show(Pane::Objectives);
                self.pages.acting_mut().filter.clear();
                let rows = self.rows(self.pages.acting(), snapshot);
                let is_meant = |section, row| section == Section::Objectives && row == index;
                self.pages.acting_mut().choose_where(&rows, is_meant);
            }
            PageLink::Machine => self.show(Pane::Machine),
        }
    }

    pub(super) fn back(&mut self, snapshot: &Snapshot) {
        if self.pages.extent() == Extent::Whole {
            return self.pages.collapse();
        }
        if self.clear_filter(snapshot) || self.drop_span() || self.return_from_there() {
            return;
        }
        match self.pages.before() {
            before if before == self.pages.shown => self.travel.feed = Feed::Live,
            before => self.show(before),
        }
    }

    pub(super) fn move_by(&mut self, by: isize, snapshot: &Snapshot) {
        if self.pages.focus() == Some(Block::Details) {
            return self.scroll_details(by);
        }
        match self.pages.acting().page().rows {
            Rows::Targets if !self.pages.scrolls_block() => self.targets.table.move_by(by, snapshot),
            Rows::List(_) => {
                let last = list::items(&self.rows(self.pages.acting(), snapshot))
                    .count()
                    .saturating_sub(1);
                let place = self.pages.acting_mut();
                place.choose(place.ordinal.saturating_add_signed(by).min(last));
            }
            Rows::Targets | Rows::Lines => {
                let first = &mut self.pages.acting_mut().first;
                *first = first.saturating_add_signed(by);
            }
        }
    }

    /// To the next target, or in a list through the details of the chosen row.
    pub(super) fn move_aside(&mut self, by: isize, snapshot: &Snapshot) {
        if self.pages.acting().list().is_some() {
            self.scroll_details(by);
        } else {
            self.targets.table.move_by(by, snapshot);
        }
    }

    fn scroll_details(&mut self, by: isize) {
        let below = &mut self.pages.acting_mut().below;
        *below = below.saturating_add_signed(by);
    }

    /// Rows less one, so that a line of the page before is still there.
    pub(super) fn page(&self, geometry: &Geometry) -> isize {
        let acting = self.pages.acting();
        let rows = match acting.page().rows {
            Rows::Targets if !self.pages.scrolls_block() => geometry.table.visible(),
            Rows::List(_) => usize::from(geometry.list(acting).rows.height),
            Rows::Targets | Rows::Lines => geometry.scrolled.visible,
        };
        rows.saturating_sub(1).max(1) as isize
    }
}
