//! Compares figures with thresholds: a level, and in words why. Pure.

use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{FailureKind, Level, Micros, PLUGIN_STATUS, Severity, Text, Unit, Window, Worse};
use probetop_core::setting::Period;

use super::level::{ErrorThresholds, GaugeLevel, GaugeThresholds, LatencyThresholds, RateThresholds};
use super::limits::{Breach, Limits};

/// An error ratio needs this many attempts, unless the window is full: one failed probe of one says little.
const ATTEMPTS_NEEDED: u64 = 3;

/// What one threshold says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Verdict {
    pub level: Level,
    /// The figure that was judged. `None`: there is none yet.
    pub value: Option<f64>,
    pub unit: Unit,
    /// Why the level is not ok: figure, window and threshold.
    pub reason: Option<Text>,
    /// When the level is left, if the figure stays within its limit until then; `None`: it is beyond it now.
    pub clears: Option<Timestamp>,
    /// Somebody looks after it, or asked for quiet.
    pub set_aside: bool,
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

/// The worst of several, the first of equals; `Unknown` of none. What nobody looks after goes before what is set aside; of one
/// level what is beyond its limit now stands for it, else what clears last.
pub fn worst<'a>(verdicts: impl IntoIterator<Item = &'a Verdict>) -> Verdict {
    let rank = |verdict: &Verdict| {
        let is_loud = verdict.level >= Level::Warning && !verdict.set_aside;
        (is_loud, verdict.level, verdict.clears.is_none(), verdict.clears)
    };
    let mut worst: Option<&Verdict> = None;
    for verdict in verdicts {
        if worst.is_none_or(|worst| rank(verdict) > rank(worst)) {
            worst = Some(verdict);
        }
    }
    worst.cloned().unwrap_or_default()
}

/// Judges the latency at the thresholds' quantile; `latency` is `None` while its window holds too few samples. `before` is
/// the level it had reached last, here and below.
pub fn latency(thresholds: &LatencyThresholds, latency: Option<Micros>, before: Level) -> Verdict {
    let name = || quantile_name(thresholds.quantile);
    let Some(latency) = latency else {
        let name = name();
        return unknown(format!("{name} needs more samples in {}", thresholds.window.name()));
    };
    let micros = |limit: Option<Duration>| limit.map(|limit| f64::from(Micros::from(limit).0));
    let limits = Limits {
        warning: micros(thresholds.warning),
        critical: micros(thresholds.critical),
        worse: Worse::Higher,
        hysteresis: thresholds.damping.hysteresis,
    };
    let unit = Unit::Microseconds;
    judged(&limits, f64::from(latency.0), unit, before, |breach| {
        let figure = format!("{} {latency}", over(&name(), thresholds.window));
        breach.reason(&figure, |limit| unit.show(limit))
    })
}

/// What a window says about failures.
#[derive(Clone, Copy, Debug, Default)]
pub struct Failures {
    pub attempts: u64,
    pub failed: u64,
    /// Probes that failed for want of something on this machine.
    pub not_made: u64,
    /// The kind that occurred most.
    pub commonest: Option<FailureKind>,
    /// Whether the whole window was watched.
    pub window_full: bool,
}

/// Judges the share of failed probes.
pub fn errors(thresholds: &ErrorThresholds, failures: Failures, before: Level) -> Verdict {
    let enough = failures.attempts >= ATTEMPTS_NEEDED || (failures.window_full && failures.attempts > 0);
    if !enough && failures.not_made > 0 {
        let local = FailureKind::Local.name();
        return unknown(format!(
            "{} probes not made, for want of something here ({local})",
            failures.not_made
        ));
    }
    if !enough {
        return unknown("too few probes yet".to_owned());
    }
    let ratio = failures.failed as f64 / failures.attempts as f64;
    let limits = Limits {
        warning: thresholds.warning,
        critical: thresholds.critical,
        worse: Worse::Higher,
        hysteresis: thresholds.damping.hysteresis,
    };
    judged(&limits, ratio, Unit::Ratio, before, |breach| {
        let kind = failures.commonest.map(FailureKind::name);
        let kind = kind.map_or_else(String::new, |kind| format!(" ({kind})"));
        let figure = format!("{} {}{kind}", over("errors", thresholds.window), percent(ratio));
        breach.reason(&figure, percent)
    })
}

/// Judges what the service does in a second; `None` while it is not told, or the window is younger than it is long.
pub fn rate(thresholds: &RateThresholds, rate_per_s: Option<f64>, before: Level) -> Verdict {
    let Some(rate) = rate_per_s else {
        return unknown(format!(
            "rate needs {} of answers that report it",
            thresholds.window.name()
        ));
    };
    let limits = Limits {
        warning: thresholds.warning,
        critical: thresholds.critical,
        worse: Worse::Lower,
        hysteresis: thresholds.damping.hysteresis,
    };
    let show = |rate: f64| format!("{}/s", short(rate));
    judged(&limits, rate, Unit::Number, before, |breach| {
        breach.reason(&format!("{} {}", over("rate", thresholds.window), show(rate)), show)
    })
}

/// Judges how long nothing was heard of `what`, against how long that may be.
pub fn absence(what: &str, silence: Duration, limit: Duration) -> Verdict {
    if silence <= limit {
        return ok(silence.as_secs_f64() * 1e6, Unit::Microseconds);
    }
    Verdict {
        level: Level::Warning,
        value: Some(silence.as_secs_f64() * 1e6),
        unit: Unit::Microseconds,
        reason: Some(format!("no {what} for {}", seconds(silence)).into()),
        ..Verdict::default()
    }
}

/// Judges a figure that the target told of itself.
pub fn told_gauge(level: &GaugeLevel, value: Option<f64>, before: Level) -> Verdict {
    let Some(value) = value else {
        return unknown(format!("{} is not known", level.name));
    };
    let unit = Unit::of_name(level.name.as_str());
    let limits = Limits {
        warning: level.warning,
        critical: level.critical,
        worse: level.worse,
        hysteresis: level.damping.hysteresis,
    };
    judged(&limits, value, unit, before, |breach| {
        plugin_words(level.name.as_str(), value).unwrap_or_else(|| {
            breach.reason(&format!("{} {}", level.name, unit.show(value)), |limit| {
                unit.show(limit)
            })
        })
    })
}

/// What the exit code of a plugin means by the convention.
fn plugin_words(name: &str, value: f64) -> Option<String> {
    if name != PLUGIN_STATUS {
        return None;
    }
    let code = value.round();
    let word = ["ok", "warning", "critical", "unknown"].get(code as usize)?;
    Some(format!("plugin says {word} (exit {code})"))
}

/// What a gauge measures, and so how it is written in a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GaugeKind {
    Share,
    /// Load in multiples of the number of cores.
    LoadPerCore,
}

impl GaugeKind {
    pub const fn unit(self) -> Unit {
        match self {
            Self::Share => Unit::Ratio,
            Self::LoadPerCore => Unit::Number,
        }
    }
}

/// Judges one gauge of the machine; `what` names it in the reason.
pub fn gauge(what: &str, kind: GaugeKind, thresholds: &GaugeThresholds, value: Option<f64>, before: Level) -> Verdict {
    let Some(value) = value else {
        return unknown(format!("{what} is not known"));
    };
    let limits = Limits {
        warning: thresholds.warning,
        critical: thresholds.critical,
        worse: Worse::Higher,
        hysteresis: thresholds.damping.hysteresis,
    };
    let words = |figure: f64| match kind {
        GaugeKind::Share => percent(figure),
        GaugeKind::LoadPerCore => format!("{figure:.2} per core"),
    };
    judged(&limits, value, kind.unit(), before, |breach| {
        breach.reason(&format!("{what} {}", words(value)), words)
    })
}

/// `value` against its limits; `reason` is asked for only where one is broken.
fn judged(limits: &Limits, value: f64, unit: Unit, before: Level, reason: impl FnOnce(&Breach) -> String) -> Verdict {
    let Some(breach) = limits.breach(value, before) else {
        return ok(value, unit);
    };
    Verdict {
        level: breach.level,
        value: Some(value),
        unit,
        reason: Some(reason(&breach).into()),
        ..Verdict::default()
    }
}

fn ok(value: f64, unit: Unit) -> Verdict {
    Verdict {
        level: Level::Ok,
        value: Some(value),
        unit,
        ..Verdict::default()
    }
}

fn unknown(reason: String) -> Verdict {
    Verdict {
        reason: Some(reason.into()),
        ..Verdict::default()
    }
}

/// A figure with the window it is of: `p95(10s)`.
pub fn over(figure: &str, window: Window) -> String {
    format!("{figure}({})", window.name())
}

/// `p95`, `p99.9`.
pub fn quantile_name(quantile: f64) -> String {
    format!("p{}", (quantile * 1000.0).round() / 10.0)
}

/// A silence of days, not to the nanosecond: `42s`, `1h 3m 20s`.
pub fn seconds(length: Duration) -> Period {
    Period::from(Duration::from_secs(length.as_secs()))
}

/// Two decimals at most, and none that say nothing.
fn short(figure: f64) -> String {
    format!("{}", (figure * 100.0).round() / 100.0)
}

/// A share, without a decimal that says nothing.
pub fn percent(ratio: f64) -> String {
    let percent = ratio * 100.0;
    if percent.fract() == 0.0 {
        return format!("{percent:.0}%");
    }
    Unit::Ratio.show(ratio)
}

#[cfg(test)]
mod tests;
