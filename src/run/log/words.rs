//! What the lines of the log say.

use std::fmt;
use std::path::Path;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{Level, Sample, TargetInfo, Text};
use probetop_core::snapshot::{AlertBoard, AlertSnapshot, MonitorSnapshot, Notice};

pub(super) fn start(path: Option<&Path>, targets: usize) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let configuration = path.map_or_else(
        || "no configuration file".to_owned(),
        |path| format!("configuration {}", Text::clean(&path.display().to_string())),
    );
    format!("start    probetop {version}, {configuration}, targets {targets}")
}

pub(super) fn target(info: &TargetInfo) -> String {
    let TargetInfo {
        name,
        url,
        interval,
        timeout,
        ..
    } = info;
    format!("target   {name}: {url} every {interval:?}, timeout {timeout:?}")
}

/// Alerts that fired or ended after `since`, in the order in which they did.
pub(super) fn alerts(board: &AlertBoard, since: Timestamp) -> Vec<(Timestamp, String)> {
    let fired = |alert: &AlertSnapshot| Some((alert.fired?, alert_line("fired", alert)));
    let resolved = |alert: &AlertSnapshot| Some((alert.resolved?, alert_line("resolved", alert)));
    let mut lines: Vec<_> = board
        .history
        .iter()
        .take_while(|alert| alert.resolved > Some(since))
        .filter_map(resolved)
        .chain(board.active.iter().filter_map(fired))
        .filter(|(at, _)| *at > since)
        .collect();
    lines.sort_by_key(|(at, _)| *at);
    lines
}

pub(super) fn alert_line(what: &str, alert: &AlertSnapshot) -> String {
    let AlertSnapshot {
        name,
        subject,
        severity,
        value,
        reason,
        ..
    } = alert;
    let value = value.map_or_else(String::new, |value| format!(" (value {value})"));
    format!(
        "alert    {what}: {} {name} on {subject}: {reason}{value}",
        severity.name()
    )
}

pub(super) fn level(subject: &dyn fmt::Display, before: Level, after: Level, reason: Option<&Text>) -> String {
    let reason = reason.map_or_else(String::new, |reason| format!(": {reason}"));
    format!("level    {subject}: {} -> {}{reason}", before.name(), after.name())
}

pub(super) fn probe(name: &Text, sample: &Sample) -> String {
    let latency = sample.latency;
    match sample.outcome.failure() {
        Some(failure) => {
            let phase = failure
                .phase
                .filter(|phase| phase.label() != failure.kind.name())
                .map_or_else(String::new, |phase| format!(" in {}", phase.label()));
            let (kind, message) = (failure.kind.name(), &failure.message);
            format!("failed   {name}: {kind}{phase} after {latency}: {message}")
        }
        None => {
            let status = sample.answer.as_deref().and_then(|answer| answer.status);
            let status = status.map_or_else(String::new, |status| format!(", status {status}"));
            format!("probe    {name}: {latency}{status}")
        }
    }
}

pub(super) fn notice(notice: &Notice) -> String {
    format!("notice   {}: {}", notice.severity.name(), notice.text)
}

pub(super) fn end(totals: &MonitorSnapshot) -> String {
    let MonitorSnapshot {
        samples_total,
        failed_total,
        overruns_total,
        dropped_total,
        cut_off_total,
        ..
    } = totals;
    format!(
        "end      probes {samples_total}, failed {failed_total}, overruns {overruns_total}, lost {dropped_total}, cut off {cut_off_total}"
    )
}
