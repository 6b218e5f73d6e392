//! Floors under the throughput of a target.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Damping;
use crate::sample::Window;
use crate::setting::{Finding, Period};

/// What the rate that a target tells of itself may fall to, as a mean over `window`. That of our own probes is a matter
/// of their interval and says nothing about the service.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateThresholds {
    /// The gauge that tells it.
    pub gauge: &'static str,
    pub warning: Option<f64>,
    pub critical: Option<f64>,
    pub window: Window,
    pub damping: Damping,
}

/// A target's `rate` as it is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RateSettings {
    /// Less a second than this is a warning.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0))]
    pub warning: Option<f64>,
    /// Less a second than this is critical.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0))]
    pub critical: Option<f64>,
    /// The window it is taken over; nothing is judged before the target was watched for as long.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "1m"))]
    pub window: Option<Window>,
    /// A level that was reached is left when the rate is above its limit by this share of it, 0 to 0.9.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = 0.0), range(min = 0.0, max = 0.9))]
    pub hysteresis: Option<f64>,
    /// How long it is too low before the alert fires.
    #[serde(rename = "for", skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "0s"))]
    pub hold: Option<Period>,
    /// How long it is back before the alert is resolved.
    #[serde(rename = "clear_for", skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "10s"))]
    pub clear: Option<Period>,
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
                    format!("{key} {step} is no floor; use more than 0, or leave it out"),
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
        match Damping::WINDOW.with(self.hysteresis, self.hold, self.clear) {
            Ok(damping) if findings.is_empty() => Ok(RateThresholds {
                gauge,
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
            hysteresis: Some(thresholds.damping.hysteresis),
            hold: Some(thresholds.damping.hold.into()),
            clear: Some(thresholds.damping.clear.into()),
        }
    }
}
