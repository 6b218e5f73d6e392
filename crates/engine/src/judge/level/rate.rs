//! Floors under the throughput of a target.

use probetop_core::sample::{Window, Word};
use probetop_core::setting::Finding;

use super::Damping;
use super::table::table;

/// What the rate that a target tells of itself may fall to, as a mean over `window`. That of our own probes is a matter
/// of their interval and says nothing about the service.
#[derive(Clone, Debug, PartialEq)]
pub struct RateThresholds {
    /// The gauge that tells it.
    pub gauge: Word,
    pub warning: Option<f64>,
    pub critical: Option<f64>,
    pub window: Window,
    pub damping: Damping,
}

table! {
    /// A target's `rate` as it is written.
    pub struct RateSettings (default: Damping::WINDOW, hold: "0s") {
        /// Less a second than this is a warning.
        #[schemars(range(min = 0.0))]
        warning: f64,
        /// Less a second than this is critical.
        #[schemars(range(min = 0.0))]
        critical: f64,
        /// The window it is taken over; nothing is judged before the target was watched for as long.
        #[schemars(extend("default" = "1m"))]
        window: Window,
    }
}

impl RateSettings {
    /// `gauge` is where targets of that kind tell their rate.
    ///
    /// # Errors
    /// Names each key that cannot be meant, and what to write instead.
    pub fn resolve(&self, gauge: &'static str) -> Result<RateThresholds, Vec<Finding>> {
        let steps = [("warning", self.warning), ("critical", self.critical)];
        let mut findings: Vec<_> = steps
            .into_iter()
            .filter_map(|(key, step)| Some((key, step.filter(|step| !step.is_finite() || *step <= 0.0)?)))
            .map(|(key, step)| {
                Finding::new(
                    key,
                    format!("{key} {step} is not a floor; use more than 0, or leave it out"),
                )
            })
            .collect();
        if let (Some(warning), Some(critical)) = (self.warning, self.critical)
            && critical > warning
        {
            let message = format!("critical {critical} is above warning {warning}; use at most {warning}");
            findings.push(Finding::new("critical", message));
        }
        if (self.warning, self.critical) == (None, None) {
            findings.push(Finding::new("warning", "has no floor; add warning = 10.0"));
        }
        match self.damping() {
            Ok(damping) if findings.is_empty() => Ok(RateThresholds {
                gauge: gauge.into(),
                warning: self.warning,
                critical: self.critical,
                window: self.window.unwrap_or_default(),
                damping,
            }),
            damping => {
                findings.extend(damping.err().into_iter().flatten());
                Err(findings)
            }
        }
    }
}

impl From<&RateThresholds> for RateSettings {
    fn from(thresholds: &RateThresholds) -> Self {
        Self {
            warning: thresholds.warning,
            critical: thresholds.critical,
            window: Some(thresholds.window),
            ..Self::default()
        }
        .damped(thresholds.damping)
    }
}
