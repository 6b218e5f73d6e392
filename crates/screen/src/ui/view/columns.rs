//! Which columns the target table has, and in which order: as configured, then as chosen.

use probetop_core::snapshot::Snapshot;

use super::{Block, Choice, Item, Menu, Pane, View};
use crate::ui::column::Column;
use crate::ui::geometry::Slot;

/// Columns of the table unless the configuration says otherwise.
const DEFAULT: [Column; 12] = [
    Column::Level,
    Column::Name,
    Column::Rate,
    Column::Errors,
    Column::P50,
    Column::P90,
    Column::P95,
    Column::P99,
    Column::Max,
    Column::Delta,
    Column::History,
    Column::Scale,
];

/// Every column in the order in which the table has those that are on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    order: Vec<Column>,
    on: Vec<Column>,
    /// Those that were turned on by hand: who asks for a column wants to see it, whatever gives way.
    wanted: Vec<Column>,
}

impl Default for Columns {
    fn default() -> Self {
        Self::new(&DEFAULT)
    }
}

impl Columns {
    /// These are on. Each of the others gets its place behind the one that is usually before it.
    pub fn new(on: &[Column]) -> Self {
        let mut order = on.to_vec();
        let mut before = None;
        for column in Column::all() {
            if !order.contains(&column) {
                let place = before.and_then(|before| order.iter().position(|other| *other == before));
                order.insert(place.map_or(0, |place| place + 1), column);
            }
            before = Some(column);
        }
        Self {
            order,
            on: on.to_vec(),
            wanted: Vec::new(),
        }
    }

    /// Every column, whether on or off.
    pub fn all(&self) -> &[Column] {
        &self.order
    }

    /// Those that are on.
    pub fn shown(&self) -> Vec<Column> {
        let shown = self.order.iter().copied();
        shown.filter(|column| self.is_on(*column)).collect()
    }

    pub fn is_on(&self, column: Column) -> bool {
        self.on.contains(&column)
    }

    /// Turns a column on or off; the name stays, because rows are told apart by it.
    pub fn toggle(&mut self, column: Column) {
        if !self.is_on(column) {
            self.on.push(column);
            self.wanted.push(column);
        } else if column != Column::Name {
            self.on.retain(|other| *other != column);
            self.wanted.retain(|other| *other != column);
        }
    }

    /// Whether the column was turned on by hand.
    pub fn is_wanted(&self, column: Column) -> bool {
        self.wanted.contains(&column)
    }

    /// The column that is sorted by so many places behind `column`, of those that are on and can be; the first, where it is none
    /// of them.
    pub fn sorted_beside(&self, column: Column, by: isize, snapshot: &Snapshot) -> Column {
        let is_sortable = |column: &Column| column.is_sortable() && column.is_known(snapshot);
        let sortable: Vec<_> = self.shown().into_iter().filter(is_sortable).collect();
        let place = sortable.iter().position(|other| *other == column);
        let next = place.map_or(0, |place| {
            (place as isize + by).rem_euclid(sortable.len() as isize) as usize
        });
        sortable.get(next).copied().unwrap_or(column)
    }
}

impl View {
    /// A list of choices about the target table, which is seen beside it.
    pub(super) fn begin_pick_over_targets(&mut self, menu: Menu) {
        self.show(Pane::Overview);
        if self
            .pages
            .expanded()
            .is_some_and(|block| !matches!(block, Block::Targets | Block::Cards))
        {
            self.pages.collapse();
        }
        self.begin_pick(menu);
    }

    /// Every column, whether it is on, and whether there is room for it.
    pub(super) fn column_items(&self, slots: &[Slot]) -> Vec<Item> {
        let item = |column: &Column| {
            let is_on = self.targets.columns.is_on(*column);
            let is_placed = slots.iter().any(|slot| slot.column == *column);
            let mark = if is_on { "[x]" } else { "[ ]" };
            Item {
                name: format!("{mark} {}", column.name()).as_str().into(),
                about: column.about().into(),
                note: if is_on && !is_placed { "no room" } else { "" }.into(),
                choice: Choice::Toggle(*column),
            }
        };
        self.targets.columns.all().iter().map(item).collect()
    }
}
