//! The verdict on a condition, and the values it rests on.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use super::Value;
use crate::sample::Text;

/// What a condition is worth at one moment.
#[derive(Clone, Debug, PartialEq)]
pub enum Evaluation {
    Holds {
        values: Values,
    },
    Fails {
        values: Values,
    },
    /// Not enough is known: neither true nor false.
    Unknown {
        missing: Text,
    },
    /// The condition cannot be judged: a field is absent, or types do not fit.
    Error {
        message: Text,
    },
    /// Judging it over this data takes more steps than a condition is given.
    TooLong {
        message: Text,
    },
}

impl Evaluation {
    pub const fn holds(&self) -> bool {
        matches!(self, Self::Holds { .. })
    }

    /// The resolved operands; none when there is no verdict.
    pub fn values(&self) -> &[Operand] {
        match self {
            Self::Holds { values } | Self::Fails { values } => values,
            Self::Unknown { .. } | Self::Error { .. } | Self::TooLong { .. } => &[],
        }
    }

    /// The condition and its figures in one line: `body.status == 'ok' (was 'degraded')`.
    pub fn explain(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for Evaluation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Holds { values } => values.write(f, "is"),
            Self::Fails { values } => values.write(f, "was"),
            Self::Unknown { missing } => write!(f, "{missing} is not known"),
            Self::Error { message } | Self::TooLong { message } => write!(f, "{message}"),
        }
    }
}

/// One variable, or one field of it, as the condition names it.
#[derive(Clone, Debug, PartialEq)]
pub struct Operand {
    pub name: Arc<str>,
    pub value: Value,
}

/// The operands of one condition in the order they are written.
#[derive(Clone, Debug, PartialEq)]
pub struct Values {
    source: Arc<str>,
    operands: Vec<Operand>,
}

impl Values {
    pub(super) const fn new(source: Arc<str>, operands: Vec<Operand>) -> Self {
        Self { source, operands }
    }

    /// The condition as it is written.
    pub fn source(&self) -> &str {
        &self.source
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, verb: &str) -> fmt::Result {
        f.write_str(&self.source)?;
        match self.operands.as_slice() {
            [] => Ok(()),
            [only] => write!(f, " ({verb} {})", only.value),
            several => {
                for (index, operand) in several.iter().enumerate() {
                    let opening = if index == 0 { " (" } else { ", " };
                    write!(f, "{opening}{} {verb} {}", operand.name, operand.value)?;
                }
                f.write_str(")")
            }
        }
    }
}

impl Deref for Values {
    type Target = [Operand];

    fn deref(&self) -> &[Operand] {
        &self.operands
    }
}
