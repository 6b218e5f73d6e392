//! A condition (CEL) that the rows of the target table must meet: `level == 'critical' || p95 > duration('200ms')`.
//!
//! It names figures by their columns, over the window that is shown. A figure that is not known makes a row not match.

use std::sync::LazyLock;

use probetop_core::expression::{CompileError, Evaluation, Expression, Value};
use probetop_core::snapshot::TargetSnapshot;

use crate::ui::column::Column;

/// As rules call two figures whose columns have shorter names, so that a rule's condition is a filter too.
const ALIASES: [(&str, Column); 2] = [("error_ratio", Column::Errors), ("success_ratio", Column::Availability)];

/// Every name a condition may use, and the column whose figure it is.
static NAMES: LazyLock<Vec<(&str, Column)>> = LazyLock::new(|| {
    let columns = Column::all().filter(|column| column.plausible().is_some());
    columns.map(|column| (column.name(), column)).chain(ALIASES).collect()
});

/// A condition that was understood.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Condition(Expression);

impl Condition {
    /// # Errors
    /// Says what is wrong and at which byte: syntax, names that no column has, or types that do not go together.
    pub(super) fn compile(source: &str) -> Result<Self, CompileError> {
        let names: Vec<_> = NAMES.iter().map(|(name, _)| *name).collect();
        let expression = Expression::compile(source, Some(&names))?;
        match expression.evaluate(&|name| column(name)?.plausible()) {
            Evaluation::Error { message } => {
                let message = message.as_str();
                let why = message.strip_prefix(source).and_then(|rest| rest.strip_prefix(": "));
                Err(CompileError {
                    message: why.unwrap_or(message).to_owned(),
                    offset: 0,
                })
            }
            Evaluation::Holds { .. }
            | Evaluation::Fails { .. }
            | Evaluation::Unknown { .. }
            | Evaluation::TooLong { .. } => Ok(Self(expression)),
        }
    }

    pub(super) fn holds(&self, target: &TargetSnapshot) -> bool {
        let value = |name: &str| -> Option<Value> { column(name)?.value(target) };
        self.0.evaluate(&value).holds()
    }
}

fn column(name: &str) -> Option<Column> {
    let known = NAMES.iter().find(|(known, _)| *known == name);
    known.map(|(_, column)| *column)
}
