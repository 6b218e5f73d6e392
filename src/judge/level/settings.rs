//! Thresholds as they are written, and what they may be.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ErrorThresholds, GaugeLevel, GaugeThresholds, HostThresholds, LatencyThresholds, QUANTILES};
use crate::sample::{GaugeName, Window, Worse};
use crate::setting::{Finding, Period};

/// Quantile that latency thresholds are compared with, unless the target says otherwise.
const DEFAULT_QUANTILE: f64 = 0.95;

/// Load above this many times the number of cores is a slip of the pen, not a threshold.
const LOAD_LIMIT: f64 = 1000.0;

/// A target's `latency` as it is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LatencySettings {
    /// What is aimed at: satisfies by Apdex, breaks no level.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Period>,
    /// Slower than this is a warning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warning: Option<Period>,
    /// Slower than this is critical.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub critical: Option<Period>,
    /// Which quantile is compared: 0.5, 0.75, 0.9, 0.95, 0.99 or 0.999.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = 0.95))]
    pub quantile: Option<f64>,
    /// The window it is taken over.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "1m"))]
    pub window: Option<Window>,
}

impl LatencySettings {
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
        if !findings.is_empty() {
            return Err(findings);
        }
        Ok(LatencyThresholds {
            target: self.target.map(Period::duration),
            warning: self.warning.map(Period::duration),
            critical: self.critical.map(Period::duration),
            quantile,
            window: self.window.unwrap_or_default(),
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
        }
    }
}

/// A target's `errors` as it is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ErrorSettings {
    /// A larger share of failed probes than this is a warning, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = 0.01), range(min = 0.0, max = 1.0))]
    pub warning: Option<f64>,
    /// A larger share of failed probes than this is critical, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = 0.05), range(min = 0.0, max = 1.0))]
    pub critical: Option<f64>,
    /// The window the share is taken over.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "1m"))]
    pub window: Option<Window>,
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
        check_steps(warning, critical, 1.0)?;
        Ok(ErrorThresholds {
            warning,
            critical,
            window: self.window.unwrap_or_default(),
        })
    }
}

impl From<&ErrorThresholds> for ErrorSettings {
    fn from(thresholds: &ErrorThresholds) -> Self {
        Self {
            warning: thresholds.warning,
            critical: thresholds.critical,
            window: Some(thresholds.window),
        }
    }
}

/// One of a target's `gauges` as it is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GaugeLevelSettings {
    /// Beyond this is a warning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warning: Option<f64>,
    /// Beyond this is critical.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub critical: Option<f64>,
    /// The direction in which the figure gets worse: `higher` or `lower`; as the two thresholds lie when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worse: Option<Worse>,
}

impl GaugeLevelSettings {
    /// # Errors
    /// Names each key that cannot be meant, and what to write instead.
    pub fn resolve(&self, name: &str) -> Result<GaugeLevel, Vec<Finding>> {
        let clean = GaugeName::clean(name);
        if clean.as_str() != name {
            let message = format!("no gauge is called {name:?}; names have letters, digits and _, as in {clean}");
            return Err(vec![Finding::new(name, message)]);
        }
        if [self.warning, self.critical]
            .into_iter()
            .flatten()
            .any(|limit| !limit.is_finite())
        {
            return Err(vec![Finding::new(
                name,
                format!("{name} has a threshold that is no number"),
            )]);
        }
        let lies = match (self.warning, self.critical) {
            (Some(warning), Some(critical)) if warning < critical => Some(Worse::Higher),
            (Some(warning), Some(critical)) if critical < warning => Some(Worse::Lower),
            (Some(_) | None, Some(_) | None) => None,
        };
        if let (Some(lies), Some(worse)) = (lies, self.worse)
            && lies != worse
        {
            let message = format!("{name}: the thresholds lie the other way round than worse says; swap them");
            return Err(vec![Finding::new(name, message)]);
        }
        Ok(GaugeLevel {
            name: clean,
            warning: self.warning,
            critical: self.critical,
            worse: self.worse.or(lies).unwrap_or_default(),
        })
    }
}

impl From<&GaugeLevel> for GaugeLevelSettings {
    fn from(level: &GaugeLevel) -> Self {
        Self {
            warning: level.warning,
            critical: level.critical,
            worse: Some(level.worse),
        }
    }
}

/// One gauge of `[host]` as it is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GaugeSettings {
    /// More than this is a warning.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0))]
    pub warning: Option<f64>,
    /// More than this is critical.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0))]
    pub critical: Option<f64>,
}

impl GaugeSettings {
    /// What is not given keeps the default, unless that would put the steps in the wrong order.
    fn resolve(&self, defaults: GaugeThresholds, limit: f64) -> Result<GaugeThresholds, Vec<Finding>> {
        let fits = |default: &f64| match (self.warning, self.critical) {
            (Some(warning), None) => warning <= *default,
            (None, Some(critical)) => *default <= critical,
            (Some(_), Some(_)) | (None, None) => true,
        };
        let warning = self.warning.or(defaults.warning.filter(fits));
        let critical = self.critical.or(defaults.critical.filter(fits));
        check_steps(warning, critical, limit)?;
        Ok(GaugeThresholds { warning, critical })
    }
}

impl From<&GaugeThresholds> for GaugeSettings {
    fn from(thresholds: &GaugeThresholds) -> Self {
        Self {
            warning: thresholds.warning,
            critical: thresholds.critical,
        }
    }
}

/// `[host]` as it is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct HostSettings {
    /// Share of all cores that is busy, 0 to 1.
    #[schemars(extend("default" = {"warning": 0.8, "critical": 0.95}))]
    pub cpu: GaugeSettings,
    /// Share of the memory that is used, 0 to 1.
    #[schemars(extend("default" = {"warning": 0.85, "critical": 0.95}))]
    pub memory: GaugeSettings,
    /// Share of the fullest disk that is used, 0 to 1.
    #[schemars(extend("default" = {"warning": 0.9, "critical": 0.95}))]
    pub disk: GaugeSettings,
    /// Load average of one minute in multiples of the number of cores.
    #[schemars(extend("default" = {"warning": 1.5, "critical": 2.0}))]
    pub load: GaugeSettings,
}

impl HostSettings {
    /// # Errors
    /// Names each key that cannot be meant, and what to write instead.
    pub fn resolve(&self) -> Result<HostThresholds, Vec<Finding>> {
        let defaults = HostThresholds::default();
        let mut findings = Vec::new();
        let mut gauge = |key: &str, settings: GaugeSettings, defaults: GaugeThresholds, limit: f64| {
            settings.resolve(defaults, limit).unwrap_or_else(|wrong| {
                findings.extend(wrong.into_iter().map(|finding| finding.under(key)));
                defaults
            })
        };
        let thresholds = HostThresholds {
            cpu: gauge("cpu", self.cpu, defaults.cpu, 1.0),
            memory: gauge("memory", self.memory, defaults.memory, 1.0),
            disk: gauge("disk", self.disk, defaults.disk, 1.0),
            load: gauge("load", self.load, defaults.load, LOAD_LIMIT),
        };
        if findings.is_empty() {
            Ok(thresholds)
        } else {
            Err(findings)
        }
    }
}

impl From<&HostThresholds> for HostSettings {
    fn from(thresholds: &HostThresholds) -> Self {
        Self {
            cpu: (&thresholds.cpu).into(),
            memory: (&thresholds.memory).into(),
            disk: (&thresholds.disk).into(),
            load: (&thresholds.load).into(),
        }
    }
}

/// Both within 0 to `limit`, the warning not above the critical level.
fn check_steps(warning: Option<f64>, critical: Option<f64>, limit: f64) -> Result<(), Vec<Finding>> {
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
    if findings.is_empty() { Ok(()) } else { Err(findings) }
}
