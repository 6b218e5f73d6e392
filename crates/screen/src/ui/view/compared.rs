//! The order of what is compared.

use probetop_core::snapshot::{Comparison, ComparisonRow};

use crate::ui::column::Order;

/// What the rows of a comparison are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ComparedColumn {
    /// What they mean, and how large the change is.
    #[default]
    Effect,
    Name,
    Errors,
    P50,
    P95,
    P99,
}

/// How the rows of a comparison are sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    pub column: ComparedColumn,
    pub order: Order,
}

impl ComparedColumn {
    const ALL: [Self; 6] = [Self::Effect, Self::Name, Self::Errors, Self::P50, Self::P95, Self::P99];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Effect => "effect",
            Self::Name => "name",
            Self::Errors => "errors",
            Self::P50 => "p50",
            Self::P95 => "p95",
            Self::P99 => "p99",
        }
    }

    fn natural_order(self) -> Order {
        match self {
            Self::Name => Order::Ascending,
            Self::Effect | Self::Errors | Self::P50 | Self::P95 | Self::P99 => Order::Descending,
        }
    }
}

impl Compared {
    /// By the next column, in its own order.
    pub(super) fn next(&mut self) {
        let next = ComparedColumn::ALL[(self.column as usize + 1) % ComparedColumn::ALL.len()];
        *self = Self::by(next);
    }

    /// By the column before, in its own order.
    pub(super) fn previous(&mut self) {
        let count = ComparedColumn::ALL.len();
        *self = Self::by(ComparedColumn::ALL[(self.column as usize + count - 1) % count]);
    }

    pub(super) fn reverse(&mut self) {
        self.order = self.order.reversed();
    }

    fn by(column: ComparedColumn) -> Self {
        Self {
            column,
            order: column.natural_order(),
        }
    }

    /// The places of the rows in this order. Those without the figure come last in either order.
    pub(super) fn places(self, comparison: &Comparison) -> Vec<usize> {
        let mut places = comparison.by_effect.clone();
        let rows = &comparison.rows;
        match self.column {
            ComparedColumn::Effect if self.order == Order::Ascending => places.reverse(),
            ComparedColumn::Effect => {}
            ComparedColumn::Name => {
                places.sort_by(|a, b| rows[*a].subject.as_str().cmp(rows[*b].subject.as_str()));
                if self.order == Order::Descending {
                    places.reverse();
                }
            }
            column @ (ComparedColumn::Errors | ComparedColumn::P50 | ComparedColumn::P95 | ComparedColumn::P99) => {
                let change = |row: &ComparisonRow| row.figure(column.name())?.relative();
                let (mut known, unknown): (Vec<usize>, Vec<usize>) =
                    places.into_iter().partition(|place| change(&rows[*place]).is_some());
                known.sort_by(|a, b| {
                    let [a, b] = [a, b].map(|place| change(&rows[*place]).unwrap_or_default());
                    match self.order {
                        Order::Ascending => a.total_cmp(&b),
                        Order::Descending => b.total_cmp(&a),
                    }
                });
                known.extend(unknown);
                return known;
            }
        }
        places
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use probetop_core::sample::Unit;
    use probetop_core::snapshot::{Change, FigureChange, Side, Significance};

    use super::*;

    fn comparison() -> Comparison {
        let row = |name: &str, p95: Option<f64>, significance| ComparisonRow {
            subject: name.into(),
            target: None,
            attempts: None,
            figures: vec![FigureChange {
                name: "p95",
                unit: Unit::Microseconds,
                change: Change {
                    before: Some(100.0),
                    after: p95,
                    shift: p95.map(|p95| p95 - 100.0),
                    p_value: None,
                    significance,
                    lack: None,
                },
            }],
            spread: Vec::new(),
        };
        let side = Side {
            from: SystemTime::UNIX_EPOCH,
            length: Duration::from_secs(60),
            file: None,
        };
        let rows = vec![
            row("delta", Some(110.0), Significance::Same),
            row("alpha", Some(200.0), Significance::Worse),
            row("charlie", None, Significance::TooLittle),
            row("bravo", Some(20.0), Significance::Better),
        ];
        Comparison::of(side.clone(), side, rows)
    }

    #[test]
    fn rows_are_sorted_by_effect_by_name_and_by_a_figure() {
        let comparison = comparison();
        let check = |compared: Compared, expected: [&str; 4]| {
            let names = compared.places(&comparison);
            let names: Vec<_> = names
                .iter()
                .map(|place| comparison.rows[*place].subject.as_str())
                .collect();
            assert_eq!(names, expected, "{compared:?}");
        };
        let mut compared = Compared::default();
        check(compared, ["alpha", "bravo", "charlie", "delta"]);
        compared.reverse();
        check(compared, ["delta", "charlie", "bravo", "alpha"]);
        compared.next();
        check(compared, ["alpha", "bravo", "charlie", "delta"]);
        let mut by_p95 = Compared::by(ComparedColumn::P95);
        check(by_p95, ["alpha", "delta", "bravo", "charlie"]);
        by_p95.reverse();
        check(by_p95, ["bravo", "delta", "alpha", "charlie"]);
    }

    #[test]
    fn the_columns_are_gone_through_in_turn() {
        let mut compared = Compared::default();
        let mut seen = Vec::new();
        for _ in ComparedColumn::ALL {
            seen.push(compared.column.name());
            compared.next();
        }
        assert_eq!(seen, ["effect", "name", "errors", "p50", "p95", "p99"]);
        assert_eq!(compared, Compared::default());
    }
}
