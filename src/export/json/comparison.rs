//! Two spans of time side by side, as the document has them.

use probetop_core::sample::Text;
use probetop_core::snapshot::{Comparison, ComparisonRow, FigureChange, Side};
use serde::Serialize;

use super::rfc3339;

#[derive(Serialize)]
pub(super) struct ComparisonDocument<'a> {
    before: SideDocument<'a>,
    after: SideDocument<'a>,
    rows: Vec<RowDocument<'a>>,
}

#[derive(Serialize)]
struct SideDocument<'a> {
    from: String,
    to: String,
    length_s: u64,
    file: Option<&'a str>,
}

#[derive(Serialize)]
struct RowDocument<'a> {
    subject: &'a str,
    attempts_before: Option<u64>,
    attempts_after: Option<u64>,
    significance: &'static str,
    figures: Vec<FigureDocument>,
}

#[derive(Serialize)]
struct FigureDocument {
    name: &'static str,
    unit: &'static str,
    before: Option<f64>,
    after: Option<f64>,
    shift: Option<f64>,
    p_value: Option<f64>,
    significance: &'static str,
}

impl<'a> ComparisonDocument<'a> {
    pub(super) fn of(comparison: &'a Comparison) -> Self {
        Self {
            before: SideDocument::of(&comparison.before),
            after: SideDocument::of(&comparison.after),
            rows: comparison.rows.iter().map(RowDocument::of).collect(),
        }
    }
}

impl<'a> SideDocument<'a> {
    fn of(side: &'a Side) -> Self {
        Self {
            from: rfc3339(side.from),
            to: rfc3339(side.to()),
            length_s: side.length.as_secs(),
            file: side.file.as_ref().map(Text::as_str),
        }
    }
}

impl<'a> RowDocument<'a> {
    fn of(row: &'a ComparisonRow) -> Self {
        Self {
            subject: row.subject.as_str(),
            attempts_before: row.attempts.map(|[before, _]| before),
            attempts_after: row.attempts.map(|[_, after]| after),
            significance: row.significance().name(),
            figures: row.figures.iter().map(FigureDocument::of).collect(),
        }
    }
}

impl FigureDocument {
    fn of(figure: &FigureChange) -> Self {
        let change = figure.change;
        Self {
            name: figure.name,
            unit: figure.unit.name(),
            before: change.before,
            after: change.after,
            shift: change.shift,
            p_value: change.p_value,
            significance: change.significance.name(),
        }
    }
}
