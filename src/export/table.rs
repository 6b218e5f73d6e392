//! A snapshot as a table for people who read a log: one line per target, columns that stand still.

mod comparison;

use std::fmt::Write;

use probetop_core::sample::{Level, Micros, TargetInfo, Text};
use probetop_core::snapshot::{
    AlertSnapshot, Bottleneck, Health, ObjectiveSnapshot, Snapshot, TargetSnapshot, WindowStats,
};
use unicode_width::UnicodeWidthStr;

pub use comparison::changes;

/// Longer names are not cut, but do not widen the column for the others.
const NAME_WIDTH_MAX: usize = 32;

/// Bottlenecks below the table: what to do first.
pub const BOTTLENECKS_SHOWN: usize = 3;

/// The width of the column of names.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    name_width: usize,
}

impl Layout {
    pub fn of<'a>(targets: impl Iterator<Item = &'a TargetInfo>) -> Self {
        let widest = targets.map(|target| target.name.as_str().width()).max().unwrap_or(0);
        Self {
            name_width: widest.clamp("TARGET".len(), NAME_WIDTH_MAX),
        }
    }

    /// The names of the columns, as one line without its end.
    pub fn head(self) -> String {
        let name = pad("TARGET", self.name_width);
        format!(
            "{name}  {:<8}  {:>8}  {:>6}  {:>7}  {:>7}  {:>7}  {:>7}  WHY",
            "LEVEL", "RATE", "ERRORS", "P50", "P95", "P99", "MAX"
        )
    }

    /// One target over the snapshot's window.
    pub fn row(self, target: &TargetSnapshot) -> String {
        let stats = &target.stats;
        let latency = &stats.latency;
        let mut line = format!(
            "{}  {:<8}  {:>8}  {:>6}  {:>7}  {:>7}  {:>7}  {:>7}  {}",
            pad(target.info.name.as_str(), self.name_width),
            target.level.name(),
            rate(stats),
            errors(stats),
            figure(latency.p50),
            figure(latency.p95),
            figure(latency.p99),
            figure(latency.max),
            why(target),
        );
        line.truncate(line.trim_end().len());
        line
    }
}

/// The whole table, and the alerts that fire, each line with its end.
pub fn whole(snapshot: &Snapshot) -> String {
    let layout = Layout::of(snapshot.targets.iter().map(|target| &*target.info));
    let mut text = String::new();
    if !snapshot.targets.is_empty() {
        push_line(&mut text, &layout.head());
    }
    for target in &snapshot.targets {
        push_line(&mut text, &layout.row(target));
    }
    if let Some(host) = &snapshot.host {
        push_line(&mut text, &host_line(host));
    }
    if let Some(health) = &snapshot.health {
        push_line(&mut text, &health_line(health));
    }
    if let Some(comparison) = &snapshot.comparison {
        text.push_str(&comparison::lines(comparison));
    }
    for objective in snapshot.objectives.iter().filter(|objective| is_broken(objective)) {
        push_line(&mut text, &objective_line(objective));
    }
    for alert in snapshot.alerts.firing() {
        push_line(&mut text, &format!("alert: {}", alert_words(alert)));
    }
    for bottleneck in snapshot.analysis.bottlenecks.iter().take(BOTTLENECKS_SHOWN) {
        push_line(&mut text, &bottleneck_words(bottleneck));
    }
    text
}

fn host_line(host: &probetop_core::snapshot::HostSnapshot) -> String {
    let percent = |ratio: Option<f64>| ratio.map_or_else(|| "-".to_owned(), |ratio| format!("{:.0}%", ratio * 100.0));
    let load = host
        .reading
        .cpu
        .load_1m
        .map_or_else(|| "-".to_owned(), |load| format!("{load:.2}"));
    let reason = host
        .reason
        .as_ref()
        .map_or_else(String::new, |reason| format!("  {reason}"));
    format!(
        "host: {}  cpu {}  memory {}  load {load}{reason}",
        host.level.name(),
        percent(host.reading.cpu.usage_ratio),
        percent(host.reading.memory.used_ratio()),
    )
}

/// The score, and what costs the most of it.
pub fn health_line(health: &Health) -> String {
    let worst = health
        .worst
        .as_ref()
        .map_or_else(String::new, |worst| format!("  {worst}"));
    format!("health: {}  {}{worst}", health.score, health.level.name())
}

fn is_broken(objective: &ObjectiveSnapshot) -> bool {
    objective.level == Level::Critical
}

fn objective_line(objective: &ObjectiveSnapshot) -> String {
    let attained = objective
        .attained_ratio
        .map_or_else(|| "-".to_owned(), |ratio| format!("{:.3}%", ratio * 100.0));
    let reason = objective.reason.as_ref().map_or("", Text::as_str);
    format!(
        "objective: {}  {}, {attained} attained: {reason}",
        objective.name, objective.promise
    )
}

/// An alert in one line: how grave, what, on whom and why.
pub fn alert_words(alert: &AlertSnapshot) -> String {
    format!(
        "{} {} on {}: {}",
        alert.severity.name(),
        alert.name,
        alert.subject,
        alert.reason
    )
}

/// What holds something up in one line, and what to do about it in another.
pub fn bottleneck_words(bottleneck: &Bottleneck) -> String {
    format!(
        "bottleneck: {} {}, {}: {} ({})\n  -> {}",
        bottleneck.until.map_or(bottleneck.priority.name(), |_| "over,"),
        bottleneck.resource.name(),
        bottleneck.subject,
        bottleneck.what,
        bottleneck.evidence,
        bottleneck.recommendation
    )
}

/// Why the level is not ok, or how the last probe failed.
fn why(target: &TargetSnapshot) -> String {
    if let Some(reason) = &target.reason {
        return reason.to_string();
    }
    let failure = target.last.as_deref().and_then(|last| last.outcome.failure());
    failure.map_or_else(String::new, |failure| {
        format!("last: {}: {}", failure.kind.name(), failure.message)
    })
}

fn rate(stats: &WindowStats) -> String {
    stats
        .rate_per_s()
        .map_or_else(|| "-".to_owned(), |rate| format!("{rate:.1}/s"))
}

fn errors(stats: &WindowStats) -> String {
    stats
        .error_ratio()
        .map_or_else(|| "-".to_owned(), |ratio| format!("{:.1}%", ratio * 100.0))
}

fn figure(latency: Option<Micros>) -> String {
    latency.map_or_else(|| "-".to_owned(), |latency| latency.to_string())
}

/// Padded to `width` columns of a terminal, which wide characters take two of.
pub fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

fn push_line(text: &mut String, line: &str) {
    writeln!(text, "{line}").expect("a string takes everything");
}
