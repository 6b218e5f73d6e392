//! Thresholds of latency and errors as they are written, and what they may be.

use std::time::Duration;

use probetop_core::sample::Window;
use probetop_core::setting::{Finding, Period};

use super::table::table;
use super::{Damping, ErrorThresholds, LatencyThresholds, QUANTILES};

/// Quantile that latency thresholds are compared with, unless the target says otherwise.
const DEFAULT_QUANTILE: f64 = 0.95;

table! {
    /// A target's `latency` as it is written.
    pub struct LatencySettings (default: Damping::WINDOW, hold: "0s") {
        /// What is aimed at: satisfies by Apdex, breaks no level.
        target: Period,
        /// Slower than this is a warning.
        warning: Period,
        /// Slower than this is critical.
        critical: Period,
        /// Which quantile is compared: 0.5, 0.75, 0.9, 0.95, 0.99 or 0.999.
        #[schemars(extend("default" = 0.95))]
        quantile: f64,
        /// The window it is taken over.
        #[schemars(extend("default" = "1m"))]
        window: Window,
    }
}

impl LatencySettings {
    /// Target, warning and critical alone.
    pub fn of(steps: [Duration; 3]) -> Self {
        let [target, warning, critical] = steps.map(|step| Some(Period::from(step)));
        Self {
            target,
            warning,
            critical,
            ..Self::default()
        }
    }

    /// # Errors
    /// Names each key that cannot be meant, and what to write instead.
    pub fn resolve(&self) -> Result<LatencyThresholds, Vec<Finding>> {
        let mut findings = Vec::new();
        let steps = [
            ("target", self.target),
            ("warning", self.warning),
            ("critical", self.critical),
        ];
        let set: Vec<(&str, Period)> = steps.into_iter().filter_map(|(key, step)| Some((key, step?))).collect();
        for (key, step) in &set {
            if step.duration().is_zero() {
                findings.push(Finding::new(key, format!("{key} is 0s; leave it out or use more")));
            }
        }
        for pair in set.windows(2) {
            let [(lower_key, lower), (key, step)] = pair else {
                continue;
            };
            if step < lower {
                let message = format!("{key} {step} is below {lower_key} {lower}; use at least {lower}");
                findings.push(Finding::new(key, message));
            }
        }
        let quantile = self.quantile.unwrap_or(DEFAULT_QUANTILE);
        if !QUANTILES.contains(&quantile) {
            let message = format!("quantile {quantile} is not kept; use 0.5, 0.75, 0.9, 0.95, 0.99 or 0.999");
            findings.push(Finding::new("quantile", message));
        }
        let damping = self.damping();
        let damping = damping.map_err(|wrong| findings.extend(wrong));
        let (Ok(damping), []) = (damping, findings.as_slice()) else {
            return Err(findings);
        };
        Ok(LatencyThresholds {
            target: self.target.map(Period::duration),
            warning: self.warning.map(Period::duration),
            critical: self.critical.map(Period::duration),
            quantile,
            window: self.window.unwrap_or_default(),
            damping,
        })
    }
}

impl From<&LatencyThresholds> for LatencySettings {
    fn from(thresholds: &LatencyThresholds) -> Self {
        Self {
            target: thresholds.target.map(Period::from),
            warning: thresholds.warning.map(Period::from),
            critical: thresholds.critical.map(Period::from),
            quantile: Some(thresholds.quantile),
            window: Some(thresholds.window),
            ..Self::default()
        }
        .damped(thresholds.damping)
    }
}

table! {
    /// A target's `errors` as it is written.
    pub struct ErrorSettings (default: Damping::WINDOW, hold: "0s") {
        /// A larger share of failed probes than this is a warning, 0 to 1.
        #[schemars(extend("default" = 0.01), range(min = 0.0, max = 1.0))]
        warning: f64,
        /// A larger share of failed probes than this is critical, 0 to 1.
        #[schemars(extend("default" = 0.05), range(min = 0.0, max = 1.0))]
        critical: f64,
        /// The window the share is taken over.
        #[schemars(extend("default" = "1m"))]
        window: Window,
    }
}

impl ErrorSettings {
    /// Given alone, a threshold stands alone; with neither, the defaults hold.
    ///
    /// # Errors
    /// Names each key that cannot be meant, and what to write instead.
    pub fn resolve(&self) -> Result<ErrorThresholds, Vec<Finding>> {
        let defaults = ErrorThresholds::default();
        let (warning, critical) = match (self.warning, self.critical) {
            (None, None) => (defaults.warning, defaults.critical),
            given => given,
        };
        let damping = check_steps(warning, critical, 1.0, self.damping())?;
        Ok(ErrorThresholds {
            warning,
            critical,
            window: self.window.unwrap_or_default(),
            damping,
        })
    }
}

impl From<&ErrorThresholds> for ErrorSettings {
    fn from(thresholds: &ErrorThresholds) -> Self {
        Self {
            warning: thresholds.warning,
            critical: thresholds.critical,
            window: Some(thresholds.window),
            ..Self::default()
        }
        .damped(thresholds.damping)
    }
}

/// Both within 0 to `limit`, the warning not above the critical level; and what is wrong with the damping beside them.
pub(super) fn check_steps(
    warning: Option<f64>,
    critical: Option<f64>,
    limit: f64,
    damping: Result<Damping, Vec<Finding>>,
) -> Result<Damping, Vec<Finding>> {
    let mut findings = Vec::new();
    for (key, step) in [("warning", warning), ("critical", critical)] {
        let Some(step) = step.filter(|step| !(0.0..=limit).contains(step)) else {
            continue;
        };
        let percent = match step {
            percentage if limit == 1.0 && (1.0..=100.0).contains(&percentage) => {
                format!("; {percentage} % is written {}", percentage / 100.0)
            }
            _ => format!("; use 0 to {limit}"),
        };
        findings.push(Finding::new(key, format!("{key} {step} is out of range{percent}")));
    }
    if let (Some(warning), Some(critical)) = (warning, critical)
        && findings.is_empty()
        && warning > critical
    {
        let message = format!("critical {critical} is below warning {warning}; use at least {warning}");
        findings.push(Finding::new("critical", message));
    }
    match damping {
        Ok(damping) if findings.is_empty() => Ok(damping),
        damping => {
            findings.extend(damping.err().into_iter().flatten());
            Err(findings)
        }
    }
}
