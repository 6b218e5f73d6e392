//! Conditions in CEL, behind one small type.

use std::fmt;

/// A compiled condition.
#[derive(Clone)]
pub struct Expression {
    source: String,
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Expression({:?})", self.source)
    }
}
