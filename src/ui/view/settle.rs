//! Keeping every position inside what there is to show, step by step as `layout` finds out where that is.

use super::list;
use super::{Extent, Pane, PickerRow, Typing, View};
use crate::snapshot::Snapshot;
use crate::ui::geometry::{Geometry, List, Overlay};
use crate::ui::widget::scroll;

impl View {
    /// The time axis, the span that reaches to the second shown, and the page of a target that was just chosen.
    pub(in crate::ui) fn settle_time(&mut self, snapshot: &Snapshot) {
        self.keep_in_sight(snapshot.now);
        self.extend_span(snapshot);
        self.begin_at_top();
    }

    /// What was scrolled to on the page of one target says nothing of another: its page begins at the top.
    pub(super) fn begin_at_top(&mut self) {
        let selected = self.table.selected;
        if std::mem::replace(&mut self.shown_target, selected) != selected {
            self.places[Pane::Target as usize].first = 0;
        }
    }

    /// Finds the chosen row again in the list that has the whole page.
    pub(in crate::ui) fn find_row_of_page(&mut self, snapshot: &Snapshot) {
        let pane = self.expanded().and_then(|block| block.listed()).unwrap_or(self.pane);
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
            self.focus[self.pane as usize] = None;
        }
        before != self.extent
    }

    /// Scrolls table, lists, page and choices so far that what is chosen is in sight, and no farther than they go.
    pub(in crate::ui) fn settle_rows(&mut self, geometry: &Geometry, snapshot: &Snapshot) {
        let selected = self.table.selected_row(snapshot);
        let visible = geometry.table.visible();
        self.table.first = scroll::follow(self.table.first, selected, self.table.rows.len(), visible);
        for (pane, list) in &geometry.lists {
            self.settle_list(*pane, list, snapshot);
        }
        if self.pane.list().is_none() {
            self.settle_page(geometry);
        }
        if let Some(overlay) = &geometry.overlay {
            self.settle_choices(overlay);
        }
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

    fn settle_page(&mut self, geometry: &Geometry) {
        for (block, _) in geometry.blocks() {
            // What was chosen long ago says nothing while the keys are elsewhere: the most urgent stands on top.
            if let Some(pane) = block.listed().filter(|_| self.focus() != Some(*block)) {
                self.places[pane as usize].first = 0;
            }
        }
        let last = scroll::last_offset(geometry.scrolled.rows, geometry.scrolled.visible);
        let first = &mut self.places[self.pane as usize].first;
        *first = (*first).min(last);
    }

    fn settle_choices(&mut self, overlay: &Overlay) {
        let Some(Typing::Pick(picker)) = &mut self.typing else {
            return;
        };
        let rows = &overlay.rows;
        let visible = usize::from(overlay.list.height);
        let row = rows.iter().position(|row| *row == PickerRow::Item(picker.chosen));
        // A heading stays with the first of its items.
        let above =
            row.filter(|row| matches!(row.checked_sub(1).map(|above| rows[above]), Some(PickerRow::Heading(_))));
        let first = scroll::follow(picker.first, above.map(|row| row - 1), rows.len(), visible);
        picker.first = scroll::follow(first, row, rows.len(), visible);
    }
}
