//! A figure that can be followed over time, and its value step by step.

use probetop_core::sample::slot::{self, Scratch};
use probetop_core::sample::{Level, TargetId, Text, Unit, Window};
use probetop_core::snapshot::FigureLine;

use crate::judge::level::QUANTILES;
use crate::judge::verdict;
use crate::metric::Step;
use crate::monitor::host::Machine;
use crate::monitor::target::Watched;
use crate::monitor::target::thresholds::quantile;

/// Of a target, but for the last.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Figure {
    /// A quantile over a window.
    Latency(f64, Window),
    /// The slowest probe in a window.
    Slowest(Window),
    /// The share of probes that failed.
    Errors(Window),
    /// Probes that finished, a second.
    Attempts(Window),
    /// What it told of itself.
    Told(Text),
    /// Of the machine, by the name its history has.
    Machine(Text),
}

/// Limits as they are configured, the mildest first.
pub(super) fn lines(warning: Option<f64>, critical: Option<f64>) -> Vec<FigureLine> {
    let warning = warning.map(|limit| line(Level::Warning.name(), Level::Warning, limit));
    let critical = critical.map(|limit| line(Level::Critical.name(), Level::Critical, limit));
    warning.into_iter().chain(critical).collect()
}

pub(super) fn line(name: &str, level: Level, value: f64) -> FigureLine {
    let name = name.into();
    FigureLine { name, level, value }
}

impl Figure {
    /// What a variable of a condition is, over the window of its rule; `None`: it is not kept over time.
    pub(super) fn of_variable(name: &str, target: Option<TargetId>, window: Window) -> Option<Self> {
        if target.is_none() {
            let name = match name {
                "load_1m" => return None,
                "pressure_cpu" => "waiting for cpu",
                "pressure_memory" => "waiting for memory",
                "pressure_io" => "waiting for disks",
                "network_received_bytes_per_s" => "network received",
                "network_transmitted_bytes_per_s" => "network transmitted",
                name => name,
            };
            return Some(Self::Machine(name.into()));
        }
        let gauge = name.strip_prefix("gauge.");
        match name {
            "error_ratio" => Some(Self::Errors(window)),
            "rate" => Some(Self::Attempts(window)),
            "max" => Some(Self::Slowest(window)),
            name => {
                let of_name = |quantile: &f64| verdict::quantile_name(*quantile).replace('.', "_") == name;
                let quantile = QUANTILES.into_iter().find(of_name);
                let latency = quantile.map(|quantile| Self::Latency(quantile, window));
                latency.or_else(|| gauge.map(|gauge| Self::Told(gauge.into())))
            }
        }
    }

    pub(super) fn name(&self) -> Text {
        match self {
            Self::Latency(quantile, window) => verdict::over(&verdict::quantile_name(*quantile), *window).into(),
            Self::Slowest(window) => verdict::over("max", *window).into(),
            Self::Errors(window) => verdict::over("errors", *window).into(),
            Self::Attempts(window) => verdict::over("probes a second", *window).into(),
            Self::Told(name) | Self::Machine(name) => name.clone(),
        }
    }

    pub(super) fn unit(&self) -> Unit {
        match self {
            Self::Latency(..) | Self::Slowest(_) => Unit::Microseconds,
            Self::Errors(_) => Unit::Ratio,
            Self::Attempts(_) => Unit::Number,
            Self::Told(name) => Unit::of_name(name.as_str()),
            Self::Machine(name) => match name.as_str() {
                "load" => Unit::Number,
                name if name.starts_with("network") || name.starts_with("disk ") => Unit::Bytes,
                _ => Unit::Ratio,
            },
        }
    }

    /// The newest steps, so many of them; `None`: nothing is kept of it.
    pub(super) fn points(
        &self,
        watched: Option<&Watched>,
        machine: Option<&Machine>,
        (step, count): (Step, usize),
        scratch: &mut Scratch,
    ) -> Option<Vec<Option<f32>>> {
        let mut rolling = |window: Window, figure: &dyn Fn(&Scratch, u64) -> Option<f64>| {
            Some(watched?.series.rolling(window, step, count, scratch, figure))
        };
        let us = |value: probetop_core::sample::Micros| f64::from(value.0);
        match self {
            Self::Latency(of, window) => rolling(*window, &|sum, _| {
                quantile(&sum.histograms[slot::LATENCY].quantiles(), *of).map(us)
            }),
            Self::Slowest(window) => rolling(*window, &|sum, _| sum.histograms[slot::LATENCY].quantiles().max.map(us)),
            Self::Errors(window) => rolling(*window, &|sum, _| {
                let attempts = sum.attempts();
                (attempts > 0).then(|| sum.failed() as f64 / attempts as f64)
            }),
            Self::Attempts(window) => rolling(*window, &|sum, seconds| {
                (seconds > 0).then(|| sum.attempts() as f64 / seconds as f64)
            }),
            Self::Told(name) => {
                let mut histories = watched?.told().histories();
                let (_, history) = histories.find(|(of, _)| of.as_str() == name.as_str())?;
                Some(history.points(step, count))
            }
            Self::Machine(name) => {
                let machine = machine?;
                let (_, history) = machine.histories().find(|(of, _)| *of == name.as_str())?;
                let points = history.points(step, count);
                let cores = machine.reading.as_ref().map_or(1, |host| host.cpu.cores.max(1));
                let per_core = |value: f32| {
                    if name.as_str() == "load" {
                        value / cores as f32
                    } else {
                        value
                    }
                };
                Some(points.into_iter().map(|point| point.map(per_core)).collect())
            }
        }
    }
}
