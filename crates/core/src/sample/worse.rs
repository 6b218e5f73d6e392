//! In which direction a figure gets worse.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Worse {
    #[default]
    Higher,
    Lower,
}

impl Worse {
    /// Whether `value` is worse than `limit`.
    pub fn is_beyond(self, value: f64, limit: f64) -> bool {
        match self {
            Self::Higher => value > limit,
            Self::Lower => value < limit,
        }
    }

    /// The worse of two figures, or the one that is known.
    pub fn of(self, a: Option<f64>, b: Option<f64>) -> Option<f64> {
        match (a, b) {
            (Some(a), Some(b)) => Some(match self {
                Self::Higher => a.max(b),
                Self::Lower => a.min(b),
            }),
            (a, b) => a.or(b),
        }
    }

    /// Between a figure and its limit, where the limit is broken.
    pub const fn sign(self) -> char {
        match self {
            Self::Higher => '>',
            Self::Lower => '<',
        }
    }
}
