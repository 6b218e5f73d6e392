//! The line of a filter: which one it is, what keys do to it, and the filters that have a name.

use probetop_core::sample::Text;
use probetop_core::snapshot::Snapshot;

use super::{Choice, Filter, Item, Pane, Typing, View};
use crate::ui::geometry::Geometry;
use crate::ui::keys::Edit;
use crate::ui::page::{About, Need};

impl View {
    /// The filter that is typed on this pane: that of the rows it shows.
    pub fn pane_filter(&self) -> &Filter {
        if self.tells_of_targets() {
            &self.targets.filter
        } else {
            self.pages.filter(self.pages.shown)
        }
    }

    /// Whether the page tells of targets: then what narrows and leads them holds on it.
    pub fn tells_of_targets(&self) -> bool {
        self.pages.shown.page().about == About::Targets
    }

    /// Whether it tells of targets, but does not show their table.
    fn is_beside_the_table(&self) -> bool {
        self.tells_of_targets() && self.pages.shown != Pane::Overview
    }

    pub(super) fn pane_filter_mut(&mut self) -> &mut Filter {
        if self.tells_of_targets() {
            &mut self.targets.filter
        } else {
            self.pages.filter_mut()
        }
    }

    /// Of panes that show no rows, it is the target table that is narrowed.
    pub(super) fn type_filter(&mut self) {
        if self.is_beside_the_table() {
            self.show(Pane::Overview);
        }
        let before = self.pane_filter().text().into();
        self.typing = Some(Typing::Filter { before });
    }

    /// Shows every row again. `false`: there is no filter of this pane to take away.
    pub(super) fn clear_filter(&mut self, snapshot: &Snapshot) -> bool {
        if self.is_beside_the_table() || self.pane_filter().text().is_empty() {
            return false;
        }
        self.pane_filter_mut().clear();
        self.targets.arrange(snapshot);
        true
    }

    pub(super) fn edit_filter(&mut self, before: String, edit: Edit, snapshot: &Snapshot, geometry: &Geometry) {
        let filter = self.pane_filter_mut();
        let is_done = match edit {
            // What is not understood stays to be mended: were the line closed, what is typed on would act as keys.
            Edit::Accept => filter.problem().is_none(),
            Edit::Cancel => true,
            Edit::Insert(_)
            | Edit::Delete
            | Edit::DeleteWord
            | Edit::Clear
            | Edit::Previous
            | Edit::Next
            | Edit::None => false,
        };
        match edit {
            Edit::Insert(_) | Edit::Delete | Edit::DeleteWord | Edit::Clear => filter.edit(edit),
            Edit::Cancel => filter.set(before.clone()),
            Edit::Accept | Edit::Previous | Edit::Next | Edit::None => {}
        }
        if self.pages.shown.needs(Need::Processes) {
            // What is narrowed is to be seen, also where it stands below everything else.
            self.pages.acting_mut().first = geometry.processes_row;
        }
        if !is_done {
            self.typing = Some(Typing::Filter { before });
        }
        self.targets.arrange(snapshot);
        self.targets.table.select_something_shown(snapshot);
    }

    /// The filters that have a name, and the way to none.
    pub(super) fn filter_items(&self) -> Vec<Item> {
        let item = |name: &Text, text: &str| Item {
            name: name.clone(),
            about: Text::clean(text),
            note: if self.targets.filter.text() == text { "on" } else { "" }.into(),
            choice: Choice::Filter(text.to_owned()),
        };
        let none = item(&"no filter".into(), "");
        let saved = self.targets.saved.iter().map(|filter| item(&filter.name, &filter.text));
        std::iter::once(none).chain(saved).collect()
    }
}
