//! The targets as they are listed: which of them, in which order, with which columns, and the chosen one.

use std::collections::BTreeMap;
use std::sync::Arc;

use probetop_core::sample::TargetId;
use probetop_core::snapshot::Snapshot;

use super::{Column, Columns, Filter, Follow, Grammar, SavedFilter, Table, Together, filters};

/// Their table, and what makes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Targets {
    pub table: Table,
    pub columns: Columns,
    /// What the table is narrowed to; every other page has a filter of its own.
    pub filter: Filter,
    /// Filters to choose from.
    pub saved: Arc<[SavedFilter]>,
    /// Those that are drawn in one chart.
    pub together: Together,
    pub(super) follow: Follow,
}

impl Default for Targets {
    fn default() -> Self {
        Self {
            table: Table::default(),
            columns: Columns::default(),
            filter: Filter::new(Grammar::WordsOrCondition),
            saved: filters(&BTreeMap::new()),
            together: Together::default(),
            follow: Follow::default(),
        }
    }
}

impl Targets {
    pub fn selected(&self) -> Option<TargetId> {
        self.table.selected
    }

    /// Narrows and orders the rows anew.
    pub(super) fn arrange(&mut self, snapshot: &Snapshot) {
        self.table.arrange(snapshot, &self.filter);
    }

    /// Sorts by the next column that can be.
    pub(super) fn sort_next(&mut self, snapshot: &Snapshot) {
        self.sort_beside(1, snapshot);
    }

    /// Sorts by the column before.
    pub(super) fn sort_previous(&mut self, snapshot: &Snapshot) {
        self.sort_beside(-1, snapshot);
    }

    fn sort_beside(&mut self, by: isize, snapshot: &Snapshot) {
        let column = self.columns.sorted_beside(self.table.column, by, snapshot);
        self.table.sort_by(column);
        self.arrange(snapshot);
    }

    pub(super) fn sort_reverse(&mut self, snapshot: &Snapshot) {
        self.table.order = self.table.order.reversed();
        self.arrange(snapshot);
    }

    /// Sorts by the column, or the other way round when it is sorted by already.
    pub(super) fn sort_by(&mut self, column: Column, snapshot: &Snapshot) {
        self.table.toggle(column);
        self.arrange(snapshot);
    }

    /// Turns a column on or off. One that is off is not sorted by.
    pub(super) fn toggle_column(&mut self, column: Column, snapshot: &Snapshot) {
        self.columns.toggle(column);
        if !self.columns.is_on(self.table.column) {
            self.sort_next(snapshot);
        }
    }

    /// Narrows the rows to what a filter of the list leaves.
    pub(super) fn narrow(&mut self, filter: String, snapshot: &Snapshot) {
        self.filter.set(filter);
        self.arrange(snapshot);
        self.table.select_something_shown(snapshot);
    }
}
