//! The order of the rows, and the one the keys act on.

use std::collections::HashMap;

use probetop_core::sample::TargetId;
use probetop_core::snapshot::{ComparisonRow, Snapshot, TargetSnapshot};

use super::Filter;
use crate::ui::column::{Column, Key, Order};

/// A column of the process table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ProcessColumn {
    #[default]
    Cpu,
    Memory,
    Name,
    Pid,
    /// Below the process that started them.
    Tree,
}

impl ProcessColumn {
    const ALL: [Self; 5] = [Self::Cpu, Self::Memory, Self::Name, Self::Pid, Self::Tree];

    pub fn next(self) -> Self {
        Self::ALL[(self as usize + 1) % Self::ALL.len()]
    }

    pub fn previous(self) -> Self {
        Self::ALL[(self as usize + Self::ALL.len() - 1) % Self::ALL.len()]
    }

    pub fn natural_order(self) -> Order {
        match self {
            Self::Cpu | Self::Memory => Order::Descending,
            Self::Name | Self::Pid | Self::Tree => Order::Ascending,
        }
    }
}

/// The target table: its order is made once per snapshot, so that a frame formats only the rows that are visible.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    pub column: Column,
    pub order: Order,
    /// Indices into [`Snapshot::targets`], filtered and sorted.
    pub rows: Vec<usize>,
    /// The row on top.
    pub first: usize,
    /// By id: the selection stays with its target when the order changes.
    pub selected: Option<TargetId>,
}

impl Table {
    pub fn sort_by(&mut self, column: Column) {
        self.column = column;
        self.order = column.natural_order();
    }

    /// A click on a heading: sorts by it, or reverses when it is sorted by already.
    pub fn toggle(&mut self, column: Column) {
        if self.column == column {
            self.order = self.order.reversed();
        } else {
            self.sort_by(column);
        }
    }

    /// Filters and sorts. What has no figure comes last in either order; ties keep the order of the configuration.
    pub fn arrange<'a>(&mut self, snapshot: &'a Snapshot, filter: &Filter) {
        let targets = &snapshot.targets;
        let targets_by_index = targets.iter().enumerate();
        let accepted = targets_by_index.filter(|(_, target)| filter.accepts_target(target));
        let deltas = match self.column {
            Column::Delta => deltas(snapshot),
            _ => HashMap::new(),
        };
        let key = |(index, target): (usize, &'a TargetSnapshot)| match self.column {
            Column::Delta => (deltas.get(&target.info.id).copied().map(Key::Number), index),
            column => (column.key(target), index),
        };
        let mut keyed: Vec<_> = accepted.map(key).collect();
        keyed.sort_by(|(a, _), (b, _)| match (a, b, self.order) {
            (Some(a), Some(b), Order::Ascending) => a.cmp(b),
            (Some(a), Some(b), Order::Descending) => b.cmp(a),
            (a, b, _) => b.is_some().cmp(&a.is_some()),
        });
        self.rows.clear();
        self.rows.extend(keyed.into_iter().map(|(_, index)| index));
        let is_there = |id| targets.iter().any(|target| target.info.id == id);
        if !self.selected.is_some_and(is_there) {
            self.selected = self.rows.first().map(|index| targets[*index].info.id);
        }
    }

    /// The selected target's row; `None` when the filter hides it.
    pub fn selected_row(&self, snapshot: &Snapshot) -> Option<usize> {
        let selected = self.selected?;
        let is_selected = |index: &usize| {
            snapshot
                .targets
                .get(*index)
                .is_some_and(|target| target.info.id == selected)
        };
        self.rows.iter().position(is_selected)
    }

    pub fn select(&mut self, row: usize, snapshot: &Snapshot) {
        let target = self.rows.get(row).and_then(|index| snapshot.targets.get(*index));
        if let Some(target) = target {
            self.selected = Some(target.info.id);
        }
    }

    /// Selects the first row when the selected target is in none: what a filter has found is what the keys act on.
    pub fn select_something_shown(&mut self, snapshot: &Snapshot) {
        if self.selected_row(snapshot).is_none() {
            self.select(0, snapshot);
        }
    }

    /// Moves the selection by so many rows, to the first or last at most.
    pub fn move_by(&mut self, by: isize, snapshot: &Snapshot) {
        let row = match self.selected_row(snapshot) {
            Some(row) => row.saturating_add_signed(by),
            None => 0,
        };
        self.select(row.min(self.rows.len().saturating_sub(1)), snapshot);
    }
}

/// By how much p95 changed against the baseline, as an ordered number; `None`: unknown, or nothing is compared.
fn deltas(snapshot: &Snapshot) -> HashMap<TargetId, u64> {
    let rows = snapshot.comparison.iter().flat_map(|comparison| &comparison.rows);
    let delta = |row: &ComparisonRow| {
        let relative = row.figure("p95")?.relative()?;
        Some((row.target?, ((relative + 1.0).max(0.0) * 1e6) as u64))
    };
    rows.filter_map(delta).collect()
}
