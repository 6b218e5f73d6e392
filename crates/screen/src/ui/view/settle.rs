//! Keeping every position inside what there is to show, step by step as `layout` finds out where that is.

use probetop_core::snapshot::Snapshot;

use super::{PickerRow, Typing, View};
use crate::ui::geometry::{Geometry, Overlay};
use crate::ui::widget::scroll;

impl View {
    /// The time axis, the span that reaches to the second shown, and the page of a target that was just chosen.
    pub(in crate::ui) fn settle_time(&mut self, snapshot: &Snapshot) {
        self.travel.keep_in_sight(self.charts.axis, snapshot.now);
        self.extend_span(snapshot);
        self.pages.begin_at_top(self.targets.selected());
    }

    /// Scrolls table, page, lists and choices so far that what is chosen is in sight, and no farther than they go.
    pub(in crate::ui) fn settle_rows(&mut self, geometry: &Geometry, snapshot: &Snapshot) {
        let table = &mut self.targets.table;
        let selected = table.selected_row(snapshot);
        table.first = scroll::follow(table.first, selected, table.rows.len(), geometry.table.visible());
        self.pages.settle_rows(geometry, snapshot);
        if let Some(overlay) = &geometry.overlay {
            self.settle_choices(overlay);
        }
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
