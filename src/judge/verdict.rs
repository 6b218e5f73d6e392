//! Compares figures with thresholds: a level, and in words why. Pure.

use super::level::{ErrorThresholds, GaugeThresholds, LatencyThresholds};
use crate::sample::{FailureKind, Level, Micros, Severity, Text, Unit};

/// An error ratio needs this many attempts, unless the window is full: one failed probe of one says little.
const ATTEMPTS_NEEDED: u64 = 3;

/// What one threshold says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Verdict {
    pub level: Level,
    /// The figure that was judged. `None`: there is none yet.
    pub value: Option<f64>,
    pub unit: Unit,
    /// Why the level is not ok, figure and threshold.
    pub reason: Option<Text>,
}

impl Verdict {
    /// The severity of the alert that this verdict calls for; `None` where it calls for none.
    pub fn severity(&self) -> Option<Severity> {
        match self.level {
            Level::Ok | Level::Unknown => None,
            Level::Warning => Some(Severity::Warning),
            Level::Critical => Some(Severity::Critical),
        }
    }
}

/// The worst of several, the first of equals; `Unknown` of none.
pub fn worst<'a>(verdicts: impl IntoIterator<Item = &'a Verdict>) -> Verdict {
    let mut worst: Option<&Verdict> = None;
    for verdict in verdicts {
        if worst.is_none_or(|worst| verdict.level > worst.level) {
            worst = Some(verdict);
        }
    }
    worst.cloned().unwrap_or_default()
}

/// Judges the latency at the thresholds' quantile; `latency` is `None` while its window holds too few samples.
pub fn latency(thresholds: &LatencyThresholds, latency: Option<Micros>) -> Verdict {
    let name = quantile_name(thresholds.quantile);
    let Some(latency) = latency else {
        return unknown(format!("{name} needs more samples in {}", thresholds.window.name()));
    };
    let over = |limit: Option<std::time::Duration>| limit.map(Micros::from).filter(|limit| latency > *limit);
    let (level, limit) = match (over(thresholds.critical), over(thresholds.warning)) {
        (Some(limit), _) => (Level::Critical, limit),
        (None, Some(limit)) => (Level::Warning, limit),
        (None, None) => return ok(f64::from(latency.0), Unit::Microseconds),
    };
    Verdict {
        level,
        value: Some(f64::from(latency.0)),
        unit: Unit::Microseconds,
        reason: Some(format!("{name} {latency} > {limit}").into()),
    }
}

/// What a window says about failures.
#[derive(Clone, Copy, Debug, Default)]
pub struct Failures {
    pub attempts: u64,
    pub failed: u64,
    /// The kind that occurred most.
    pub commonest: Option<FailureKind>,
    /// Whether the whole window was watched.
    pub window_full: bool,
}

/// Judges the share of failed probes.
pub fn errors(thresholds: &ErrorThresholds, failures: Failures) -> Verdict {
    let enough = failures.attempts >= ATTEMPTS_NEEDED || (failures.window_full && failures.attempts > 0);
    if !enough {
        return unknown("too few probes yet".to_owned());
    }
    let ratio = failures.failed as f64 / failures.attempts as f64;
    let Some((level, limit)) = broken(ratio, thresholds.warning, thresholds.critical) else {
        return ok(ratio, Unit::Ratio);
    };
    let kind = failures
        .commonest
        .map(|kind| format!(" ({})", kind.name()))
        .unwrap_or_default();
    let reason = format!("errors {}{kind} > {}", percent(ratio), percent(limit));
    Verdict {
        level,
        value: Some(ratio),
        unit: Unit::Ratio,
        reason: Some(reason.into()),
    }
}

/// What a gauge measures, and so how it is written in a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GaugeKind {
    Share,
    /// Load in multiples of the number of cores.
    LoadPerCore,
}

impl GaugeKind {
    const fn unit(self) -> Unit {
        match self {
            Self::Share => Unit::Ratio,
            Self::LoadPerCore => Unit::Number,
        }
    }
}

/// Judges one gauge of the machine; `what` names it in the reason.
pub fn gauge(what: &str, kind: GaugeKind, thresholds: &GaugeThresholds, value: Option<f64>) -> Verdict {
    let Some(value) = value else {
        return unknown(format!("{what} is not known"));
    };
    let Some((level, limit)) = broken(value, thresholds.warning, thresholds.critical) else {
        return ok(value, kind.unit());
    };
    let words = |figure: f64| match kind {
        GaugeKind::Share => percent(figure),
        GaugeKind::LoadPerCore => format!("{figure:.2} per core"),
    };
    Verdict {
        level,
        value: Some(value),
        unit: kind.unit(),
        reason: Some(format!("{what} {} > {}", words(value), words(limit)).into()),
    }
}

fn broken(value: f64, warning: Option<f64>, critical: Option<f64>) -> Option<(Level, f64)> {
    let over = |limit: Option<f64>| limit.filter(|limit| value > *limit);
    over(critical)
        .map(|limit| (Level::Critical, limit))
        .or_else(|| over(warning).map(|limit| (Level::Warning, limit)))
}

fn ok(value: f64, unit: Unit) -> Verdict {
    Verdict {
        level: Level::Ok,
        value: Some(value),
        unit,
        reason: None,
    }
}

fn unknown(reason: String) -> Verdict {
    Verdict {
        level: Level::Unknown,
        value: None,
        unit: Unit::default(),
        reason: Some(reason.into()),
    }
}

/// `p95`, `p99.9`.
fn quantile_name(quantile: f64) -> String {
    format!("p{}", (quantile * 1000.0).round() / 10.0)
}

/// One decimal below ten per cent, none above.
fn percent(ratio: f64) -> String {
    let percent = ratio * 100.0;
    if percent < 9.95 && percent.fract() != 0.0 {
        format!("{percent:.1}%")
    } else {
        format!("{percent:.0}%")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::time::Duration;

    use crate::sample::Window;

    fn check(verdict: Verdict, level: Level, reason: &str) {
        assert_eq!(
            (verdict.level, verdict.reason.as_ref().map_or("", Text::as_str)),
            (level, reason)
        );
    }

    #[test]
    fn latency_is_compared_at_its_quantile() {
        let thresholds = LatencyThresholds {
            target: Some(Duration::from_millis(300)),
            warning: Some(Duration::from_millis(500)),
            critical: Some(Duration::from_secs(2)),
            quantile: 0.95,
            window: Window::OneMinute,
        };
        check(latency(&thresholds, Some(Micros(500_000))), Level::Ok, "");
        check(
            latency(&thresholds, Some(Micros(612_000))),
            Level::Warning,
            "p95 612ms > 500ms",
        );
        check(
            latency(&thresholds, Some(Micros(2_500_000))),
            Level::Critical,
            "p95 2.5s > 2s",
        );
        check(
            latency(&thresholds, None),
            Level::Unknown,
            "p95 needs more samples in 1m",
        );
        let tail = LatencyThresholds {
            quantile: 0.999,
            warning: None,
            ..thresholds
        };
        check(
            latency(&tail, Some(Micros(2_000_001))),
            Level::Critical,
            "p99.9 2s > 2s",
        );
    }

    #[test]
    fn errors_need_a_few_attempts_or_a_full_window() {
        let thresholds = ErrorThresholds::default();
        let failures = |attempts, failed, window_full| Failures {
            attempts,
            failed,
            commonest: (failed > 0).then_some(FailureKind::Timeout),
            window_full,
        };
        check(
            errors(&thresholds, failures(0, 0, true)),
            Level::Unknown,
            "too few probes yet",
        );
        check(
            errors(&thresholds, failures(2, 2, false)),
            Level::Unknown,
            "too few probes yet",
        );
        check(
            errors(&thresholds, failures(2, 2, true)),
            Level::Critical,
            "errors 100% (timeout) > 5%",
        );
        check(
            errors(&thresholds, failures(3, 3, false)),
            Level::Critical,
            "errors 100% (timeout) > 5%",
        );
        check(
            errors(&thresholds, failures(60, 1, true)),
            Level::Warning,
            "errors 1.7% (timeout) > 1%",
        );
        check(errors(&thresholds, failures(100, 1, true)), Level::Ok, "");
    }

    #[test]
    fn gauges_name_themselves_and_their_unit() {
        let cpu = GaugeThresholds {
            warning: Some(0.8),
            critical: Some(0.95),
        };
        check(
            gauge("cpu", GaugeKind::Share, &cpu, Some(0.97)),
            Level::Critical,
            "cpu 97% > 95%",
        );
        check(gauge("cpu", GaugeKind::Share, &cpu, Some(0.8)), Level::Ok, "");
        check(
            gauge("cpu", GaugeKind::Share, &cpu, None),
            Level::Unknown,
            "cpu is not known",
        );
        let load = GaugeThresholds {
            warning: Some(1.5),
            critical: None,
        };
        check(
            gauge("load", GaugeKind::LoadPerCore, &load, Some(1.75)),
            Level::Warning,
            "load 1.75 per core > 1.50 per core",
        );
    }

    #[test]
    fn the_worst_verdict_wins_and_unknown_outweighs_ok() {
        let of = |level| Verdict {
            level,
            reason: Some(Text::from(level.name())),
            ..Verdict::default()
        };
        let all = [
            of(Level::Ok),
            of(Level::Unknown),
            of(Level::Critical),
            of(Level::Warning),
        ];
        assert_eq!(worst(&all).level, Level::Critical);
        assert_eq!(worst(&all[..2]).level, Level::Unknown);
        assert_eq!(worst(&[]).level, Level::Unknown);
    }
}
