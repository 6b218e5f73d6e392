//! What one threshold finds of a subject.

use std::sync::Arc;

use probetop_core::sample::Level;

use crate::alert::policy::Policy;
use crate::alert::source::Source;
use crate::judge::health::Limits;
use crate::judge::verdict::Verdict;
use crate::monitor::threshold_state::ThresholdState;

/// What one threshold finds, and the alert that it is about.
pub(crate) struct Judged {
    pub(super) source: Source,
    /// What the figure is held against; `None`: it has no level between good and bad.
    pub(super) limits: Option<Limits>,
    pub(super) policy: Arc<Policy>,
    pub(super) verdict: Verdict,
    /// What counts for the health score in place of the figure that was judged.
    pub(super) steady: Option<f64>,
}

impl Judged {
    pub(crate) fn by(
        threshold_state: &mut ThresholdState,
        source: Source,
        limits: Option<Limits>,
        verdict: Verdict,
    ) -> Self {
        threshold_state.remember(&verdict);
        Self {
            source,
            limits,
            policy: Arc::clone(threshold_state.policy()),
            verdict,
            steady: None,
        }
    }

    /// Of a figure that is of a single second: the health score goes by its course.
    pub(crate) fn of_second(
        threshold_state: &mut ThresholdState,
        source: Source,
        limits: Limits,
        verdict: Verdict,
    ) -> Self {
        let mut judged = Self::by(threshold_state, source, Some(limits), verdict);
        judged.steady = threshold_state.steady(judged.verdict.value);
        judged
    }

    /// Whether the verdict is one on how the subject stands. A gauge that this system or target does not tell, and a rate
    /// that is not known yet, say nothing about it; without latencies or outcomes nothing is known.
    pub(super) fn counts(&self) -> bool {
        match self.source {
            Source::Errors | Source::Latency => true,
            Source::Absence => self.verdict.level > Level::Unknown,
            Source::Rate | Source::Gauge(_) | Source::Rule(_) | Source::Objective(_) | Source::Anomaly(_) => {
                self.verdict.level != Level::Unknown
            }
        }
    }
}
