//! The order of the rows, and the one the keys act on.

use std::collections::HashMap;

use super::Filter;
use crate::sample::{Micros, TargetId};
use crate::snapshot::{ComparisonRow, Snapshot, TargetSnapshot};

/// A column of the target table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Column {
    #[default]
    Level,
    Name,
    Rate,
    Errors,
    P50,
    P90,
    P95,
    P99,
    Max,
    /// How p95 and errors changed against the baseline; there while there is one.
    Delta,
    /// The sparkline; sorted by, it means the order of the configuration.
    History,
    /// What the sparkline's full height stands for.
    Scale,
}

/// The columns that `s` goes through.
const SORTS: [Column; 10] = [
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
];

impl Column {
    pub const fn heading(self) -> &'static str {
        match self {
            Self::Level => "level",
            Self::Name => "target",
            Self::Rate => "rate",
            Self::Errors => "err",
            Self::P50 => "p50",
            Self::P90 => "p90",
            Self::P95 => "p95",
            Self::P99 => "p99",
            Self::Max => "max",
            Self::Delta => "p95 vs A",
            Self::History => "p95",
            Self::Scale => "scale",
        }
    }

    pub fn next(self) -> Self {
        let position = SORTS
            .iter()
            .position(|column| *column == self)
            .unwrap_or(SORTS.len() - 1);
        SORTS[(position + 1) % SORTS.len()]
    }

    /// Names read from A on; of everything else the greatest matters most.
    pub fn natural_order(self) -> Order {
        match self {
            Self::Name | Self::History | Self::Scale => Order::Ascending,
            Self::Level
            | Self::Rate
            | Self::Errors
            | Self::P50
            | Self::P90
            | Self::P95
            | Self::P99
            | Self::Max
            | Self::Delta => Order::Descending,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Order {
    Ascending,
    #[default]
    Descending,
}

impl Order {
    pub fn reversed(self) -> Self {
        match self {
            Self::Ascending => Self::Descending,
            Self::Descending => Self::Ascending,
        }
    }
}

/// A column of the process table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ProcessColumn {
    #[default]
    Cpu,
    Memory,
    Name,
    Pid,
}

impl ProcessColumn {
    pub fn next(self) -> Self {
        match self {
            Self::Cpu => Self::Memory,
            Self::Memory => Self::Name,
            Self::Name => Self::Pid,
            Self::Pid => Self::Cpu,
        }
    }

    pub fn natural_order(self) -> Order {
        match self {
            Self::Cpu | Self::Memory => Order::Descending,
            Self::Name | Self::Pid => Order::Ascending,
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
    pub fn arrange(&mut self, snapshot: &Snapshot, filter: &Filter) {
        let targets = &snapshot.targets;
        self.rows.clear();
        let accepted = targets
            .iter()
            .enumerate()
            .filter(|(_, target)| filter.accepts_target(&target.info));
        self.rows.extend(accepted.map(|(index, _)| index));
        match self.column {
            Column::Name => {
                self.rows
                    .sort_by(|a, b| targets[*a].info.name.cmp(&targets[*b].info.name));
                if self.order == Order::Descending {
                    self.rows.reverse();
                }
            }
            column => {
                let deltas = match column == Column::Delta {
                    true => deltas(snapshot),
                    false => HashMap::new(),
                };
                let ascending = self.order == Order::Ascending;
                self.rows.sort_by_cached_key(|index| {
                    let target = &targets[*index];
                    let delta = deltas.get(&target.info.id).copied();
                    match (figure(target, column, delta), ascending) {
                        (None, _) => (true, 0),
                        (Some(figure), true) => (false, figure),
                        (Some(figure), false) => (false, u64::MAX - figure),
                    }
                });
            }
        }
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

/// What a row is sorted by, as an ordered number. Ratios and rates count in millionths.
fn figure(target: &TargetSnapshot, column: Column, delta: Option<u64>) -> Option<u64> {
    let latency = &target.stats.latency;
    let micros = |value: Option<Micros>| value.map(|value| u64::from(value.0));
    let millionths = |value: Option<f64>| value.map(|value| (value * 1e6) as u64);
    match column {
        Column::Level => Some(target.level as u64),
        Column::Rate => millionths(target.stats.rate_per_s()),
        Column::Errors => millionths(target.stats.error_ratio()),
        Column::P50 => micros(latency.p50),
        Column::P90 => micros(latency.p90),
        Column::P95 => micros(latency.p95),
        Column::P99 => micros(latency.p99),
        Column::Max => micros(latency.max),
        Column::Delta => delta,
        Column::Name | Column::History | Column::Scale => Some(0),
    }
}
