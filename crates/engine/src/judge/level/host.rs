//! Thresholds of the machine as they are written.

use probetop_core::setting::Finding;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::settings::check_steps;
use super::table::table;
use super::{Damping, GaugeThresholds, HostThresholds};

/// Load above this many times the number of cores is a slip of the pen, not a threshold.
const LOAD_LIMIT: f64 = 1000.0;

table! {
    /// One gauge of `[host]` as it is written.
    pub struct GaugeSettings (default: Damping::GAUGE, hold: "10s") {
        /// What is aimed at: up to this the health score is full. It breaks no level.
        #[schemars(range(min = 0.0))]
        target: f64,
        /// More than this is a warning.
        #[schemars(range(min = 0.0))]
        warning: f64,
        /// More than this is critical.
        #[schemars(range(min = 0.0))]
        critical: f64,
    }
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
        let damping = check_steps(warning, critical, limit, self.damping())?;
        let first = warning.or(critical);
        let fits = |target: &f64| (0.0..=limit).contains(target) && first.is_none_or(|first| *target <= first);
        if let Some(target) = self.target.filter(|target| !fits(target)) {
            let most = first.unwrap_or(limit);
            let message = format!("target {target} is out of range; use 0 to {most}, below the levels");
            return Err(vec![Finding::new("target", message)]);
        }
        Ok(GaugeThresholds {
            target: self.target.or(defaults.target.filter(fits)),
            warning,
            critical,
            damping,
        })
    }
}

impl From<&GaugeThresholds> for GaugeSettings {
    fn from(thresholds: &GaugeThresholds) -> Self {
        Self {
            target: thresholds.target,
            warning: thresholds.warning,
            critical: thresholds.critical,
            ..Self::default()
        }
        .damped(thresholds.damping)
    }
}

/// `[host]` as it is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct HostSettings {
    /// Share of all cores that is busy, 0 to 1.
    #[schemars(extend("default" = {"target": 0.6, "warning": 0.8, "critical": 0.95}))]
    pub cpu: GaugeSettings,
    /// Share of the memory that is used, 0 to 1.
    #[schemars(extend("default" = {"target": 0.8, "warning": 0.85, "critical": 0.95}))]
    pub memory: GaugeSettings,
    /// Share of the fullest disk that is used, 0 to 1.
    #[schemars(extend("default" = {"target": 0.85, "warning": 0.9, "critical": 0.95}))]
    pub disk: GaugeSettings,
    /// Load average of one minute in multiples of the number of cores.
    #[schemars(extend("default" = {"target": 1.0, "warning": 1.5, "critical": 2.0}))]
    pub load: GaugeSettings,
    /// Share of the inodes that are used, of the disk with the fewest left, 0 to 1.
    #[schemars(extend("default" = {"target": 0.85, "warning": 0.9, "critical": 0.95}))]
    pub inodes: GaugeSettings,
    /// Share of the memory that the container or control group of probetop may use and uses, 0 to 1.
    #[schemars(extend("default" = {"target": 0.8, "warning": 0.85, "critical": 0.95}))]
    pub container_memory: GaugeSettings,
    /// Share of the scheduling periods in which that container was held back at its processor limit, 0 to 1.
    #[schemars(extend("default" = {"target": 0.05, "warning": 0.25, "critical": 0.5}))]
    pub throttled: GaugeSettings,
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
            inodes: gauge("inodes", self.inodes, defaults.inodes, 1.0),
            container_memory: gauge(
                "container_memory",
                self.container_memory,
                defaults.container_memory,
                1.0,
            ),
            throttled: gauge("throttled", self.throttled, defaults.throttled, 1.0),
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
            inodes: (&thresholds.inodes).into(),
            container_memory: (&thresholds.container_memory).into(),
            throttled: (&thresholds.throttled).into(),
        }
    }
}
