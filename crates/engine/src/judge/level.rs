//! Thresholds of a target and of the machine.

mod damping;
mod table;
mod settings;
mod rate;
mod gauge;
mod host;

use std::time::Duration;

use probetop_core::sample::{GaugeName, Micros, Window, Worse};
use probetop_core::snapshot::LatencyLimits;

pub use damping::Damping;
pub use gauge::GaugeLevelSettings;
pub use host::{GaugeSettings, HostSettings};
pub use rate::{RateSettings, RateThresholds};
pub use settings::{ErrorSettings, LatencySettings};

/// The quantiles that windows keep.
pub const QUANTILES: [f64; 6] = [0.5, 0.75, 0.9, 0.95, 0.99, 0.999];

/// A target's latency thresholds; each is compared with `quantile` over `window`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LatencyThresholds {
    /// What is aimed at: the threshold of Apdex, and where the health score begins to fall. Breaks no level.
    pub target: Option<Duration>,
    pub warning: Option<Duration>,
    pub critical: Option<Duration>,
    /// One of 0.5, 0.75, 0.9, 0.95, 0.99, 0.999.
    pub quantile: f64,
    pub window: Window,
    pub damping: Damping,
}

impl From<LatencyThresholds> for LatencyLimits {
    fn from(thresholds: LatencyThresholds) -> Self {
        let limit = |limit: Option<Duration>| limit.map(Micros::from);
        Self {
            quantile: thresholds.quantile,
            warning: limit(thresholds.warning),
            critical: limit(thresholds.critical),
        }
    }
}

/// A target's thresholds for the share of failed probes over `window`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ErrorThresholds {
    pub warning: Option<f64>,
    pub critical: Option<f64>,
    pub window: Window,
    pub damping: Damping,
}

/// What one gauge that a target tells may reach.
#[derive(Clone, Debug, PartialEq)]
pub struct GaugeLevel {
    pub name: GaugeName,
    /// What is aimed at: where the health score begins to fall. Breaks no level.
    pub target: Option<f64>,
    pub warning: Option<f64>,
    pub critical: Option<f64>,
    pub worse: Worse,
    pub damping: Damping,
}

/// What one gauge of the machine may reach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GaugeThresholds {
    /// What is aimed at: where the health score begins to fall. Breaks no level.
    pub target: Option<f64>,
    pub warning: Option<f64>,
    pub critical: Option<f64>,
    pub damping: Damping,
}

/// The machine's thresholds, and those of the container that probetop runs in. Ratios from 0 to 1; load in multiples of the number of cores.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HostThresholds {
    pub cpu: GaugeThresholds,
    pub memory: GaugeThresholds,
    pub disk: GaugeThresholds,
    pub load: GaugeThresholds,
    pub inodes: GaugeThresholds,
    pub container_memory: GaugeThresholds,
    pub throttled: GaugeThresholds,
}

impl Default for ErrorThresholds {
    /// The shares that load tests commonly use: 1 % worries, 5 % breaks.
    fn default() -> Self {
        Self {
            warning: Some(0.01),
            critical: Some(0.05),
            window: Window::OneMinute,
            damping: Damping::WINDOW,
        }
    }
}

impl Default for HostThresholds {
    fn default() -> Self {
        let gauge = |target, warning, critical| GaugeThresholds {
            target: Some(target),
            warning: Some(warning),
            critical: Some(critical),
            damping: Damping::GAUGE,
        };
        Self {
            cpu: gauge(0.60, 0.80, 0.95),
            memory: gauge(0.80, 0.85, 0.95),
            disk: gauge(0.85, 0.90, 0.95),
            load: gauge(1.0, 1.5, 2.0),
            inodes: gauge(0.85, 0.90, 0.95),
            container_memory: gauge(0.80, 0.85, 0.95),
            throttled: gauge(0.05, 0.25, 0.5),
        }
    }
}
