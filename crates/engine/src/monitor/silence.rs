//! What to make of a subject of which nothing is heard.

use std::time::Duration;

use probetop_core::expression::Evaluation;
use probetop_core::sample::{Text, Window};

use super::reason;
use crate::alert::rule::NoData;
use crate::alert::state::Condition;
use crate::judge::verdict;

/// Silence of the machine, or of a target that is probed often, is noticed after this: ten readings that are missing.
pub(super) const SILENCE_MIN: Duration = Duration::from_secs(10);

/// How it is about data, for a condition that cannot be judged without.
#[derive(Clone, Copy)]
pub(super) struct Silence {
    pub length: Duration,
    /// Longer is not an accident.
    pub limit: Duration,
    /// Figures may be missing because they have not been gathered for long enough.
    pub is_young: bool,
}

impl Silence {
    /// What the condition counts as.
    pub(super) fn condition(self, no_data: NoData) -> Condition {
        match no_data {
            NoData::Keep => Condition::Unknown,
            NoData::Ok => Condition::False,
            NoData::Alert if self.is_young && !self.is_long() => Condition::Unknown,
            NoData::Alert => Condition::True,
        }
    }

    /// Why it is true.
    pub(super) fn reason(self, evaluation: &Evaluation, window: Window) -> Text {
        match evaluation {
            Evaluation::Unknown { .. } | Evaluation::Error { .. } | Evaluation::TooLong { .. } if self.is_long() => {
                format!("no data for {}", verdict::seconds(self.length)).into()
            }
            Evaluation::Unknown { .. }
            | Evaluation::Error { .. }
            | Evaluation::TooLong { .. }
            | Evaluation::Fails { .. } => evaluation.explain().into(),
            Evaluation::Holds { values } => {
                let words = reason::comparisons(values, window).unwrap_or_else(|| evaluation.explain());
                words.into()
            }
        }
    }

    fn is_long(self) -> bool {
        self.length > self.limit
    }
}
