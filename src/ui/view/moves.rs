//! Going somewhere: to another row, another page, what an alert is about, and back.

use super::{Pane, View};
use crate::snapshot::Snapshot;
use crate::ui::layout;
use crate::ui::pane;
use crate::ui::widget::scroll;

impl View {
    pub(super) fn open(&mut self, snapshot: &Snapshot) {
        match self.pane {
            Pane::Overview => self.show(Pane::Target),
            Pane::Alerts => {
                let mut alerts = snapshot.alerts.active.iter().chain(&snapshot.alerts.history);
                let Some(alert) = alerts.nth(self.alert) else { return };
                match alert.target {
                    Some(id) => {
                        self.table.selected = Some(id);
                        self.show(Pane::Target);
                    }
                    None => self.show(Pane::Machine),
                }
            }
            Pane::Target | Pane::Machine | Pane::Help => {}
        }
    }

    pub(super) fn back(&mut self, snapshot: &Snapshot) {
        match self.pane {
            Pane::Help if !self.search.is_empty() => self.search.set(String::new()),
            Pane::Help => self.show(self.origin),
            Pane::Overview if !self.filter.is_empty() => {
                self.filter.set(String::new());
                self.sort(snapshot);
            }
            Pane::Overview | Pane::Target | Pane::Machine | Pane::Alerts => self.show(Pane::Overview),
        }
    }

    pub(super) fn move_by(&mut self, by: isize, snapshot: &Snapshot) {
        match self.pane {
            Pane::Overview => self.table.move_by(by, snapshot),
            Pane::Alerts => self.alert = self.alert.saturating_add_signed(by),
            Pane::Target | Pane::Machine | Pane::Help => {
                let offset = &mut self.offsets[self.pane as usize];
                *offset = offset.saturating_add_signed(by);
            }
        }
    }

    pub(super) fn page(&self, snapshot: &Snapshot) -> isize {
        let rows = match self.pane {
            Pane::Overview => layout::table_rows(snapshot, self),
            Pane::Target | Pane::Machine | Pane::Alerts | Pane::Help => {
                usize::from(layout::screen(self.size, snapshot, self.pane).body.height)
            }
        };
        rows.saturating_sub(1).max(1) as isize
    }

    /// Keeps every position inside what there is to show.
    pub(super) fn settle(&mut self, snapshot: &Snapshot) {
        let selected = self.table.selected_row(snapshot);
        let visible = layout::table_rows(snapshot, self);
        self.table.first = scroll::follow(self.table.first, selected, self.table.rows.len(), visible);

        let body = usize::from(layout::screen(self.size, snapshot, self.pane).body.height);
        let alerts = snapshot.alerts.active.len() + snapshot.alerts.history.len();
        self.alert = self.alert.min(alerts.saturating_sub(1));
        let height = pane::height(snapshot, self);
        let offset = &mut self.offsets[self.pane as usize];
        *offset = match self.pane {
            Pane::Alerts => scroll::follow(*offset, Some(self.alert), alerts, layout::alert_rows(body)),
            Pane::Overview | Pane::Target | Pane::Machine | Pane::Help => {
                (*offset).min(scroll::last_offset(height, body))
            }
        };
    }
}
