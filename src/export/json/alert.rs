//! Alerts in the snapshot document: each with what happened to it, what is behind them, and the quiet that was asked for.

use probetop_core::clock::Timestamp;
use probetop_core::sample::{AlertId, Text};
use probetop_core::snapshot::{
    AlertSnapshot, Cause, SilenceSnapshot, Snapshot, Stability, Suppression, TimelineEntry, before_this_run,
};
use serde_json::{Value, json};

use super::rfc3339;

/// Entries of `alerts`: those that are pending or firing, then those that have ended.
pub(super) fn alerts(snapshot: &Snapshot) -> Vec<Value> {
    let board = &snapshot.alerts;
    let alerts = board.active.iter().chain(&*board.history);
    alerts.map(|alert| document(alert, snapshot)).collect()
}

/// Entries of `causes`.
pub(super) fn causes(snapshot: &Snapshot) -> Vec<Value> {
    let causes = snapshot.alerts.causes.iter();
    causes.map(|one| cause(one, snapshot)).collect()
}

/// Entries of `silences`.
pub(super) fn silences(snapshot: &Snapshot) -> Vec<Value> {
    let silences = snapshot.alerts.silences.iter();
    silences.map(|one| silence(one, snapshot)).collect()
}

fn document(alert: &AlertSnapshot, snapshot: &Snapshot) -> Value {
    let time = |at| rfc3339(snapshot.wall(at));
    let beginning = |at| rfc3339(snapshot.wall_of(alert, at));
    json!({
        "id": alert.id.0,
        "name": alert.name.as_str(),
        "target": alert.subject.as_str(),
        "severity": alert.severity.name(),
        "state": alert.state.name(),
        "since": beginning(alert.since),
        "fired_at": alert.fired.map(beginning),
        "resolved_at": alert.resolved.map(time),
        "clears_at": alert.clears.map(time),
        "value": alert.value,
        "worst": alert.worst,
        "unit": alert.unit.name(),
        "reason": alert.reason.as_str(),
        "action": alert.action.as_ref().map(Text::as_str),
        "flapping_turns": flapping_turns(alert.steadiness),
        "hush": alert.suppression.as_ref().map(|why| suppression(why, &time)),
        "acknowledged_at": alert.acknowledged.map(time),
        "timeline": alert.timeline.iter().map(|entry| turn(entry, snapshot)).collect::<Vec<_>>(),
    })
}

fn flapping_turns(steadiness: Stability) -> Option<u32> {
    match steadiness {
        Stability::Steady => None,
        Stability::Flapping { turns } => Some(turns),
    }
}

fn suppression(suppression: &Suppression, time: &impl Fn(Timestamp) -> String) -> Value {
    let (reason, name, until) = match suppression {
        Suppression::Behind { parent } => ("behind", Some(parent.as_str()), None),
        Suppression::Silenced { until } => ("silenced", None, Some(*until)),
        Suppression::Maintenance { name, until } => ("maintenance", Some(name.as_str()), Some(*until)),
    };
    json!({ "reason": reason, "name": name, "until": until.map(time) })
}

fn turn(entry: &TimelineEntry, snapshot: &Snapshot) -> Value {
    let at = before_this_run(snapshot.wall(entry.at), entry.carried);
    json!({ "at": rfc3339(at), "turn": entry.turn.name(), "text": entry.text.as_str() })
}

fn cause(cause: &Cause, snapshot: &Snapshot) -> Value {
    json!({
        "severity": cause.severity.name(),
        "since": rfc3339(before_this_run(snapshot.wall(cause.since), cause.carried)),
        "headline": cause.headline.as_str(),
        "victims": cause.victims.iter().map(Text::as_str).collect::<Vec<_>>(),
        "alerts": cause.alerts.iter().map(|AlertId(id)| id).collect::<Vec<_>>(),
        "quiet": cause.quiet,
        "set_aside": cause.set_aside,
        "clears_at": cause.clears.map(|at| rfc3339(snapshot.wall(at))),
    })
}

fn silence(silence: &SilenceSnapshot, snapshot: &Snapshot) -> Value {
    json!({
        "name": silence.name.as_str(),
        "target": silence.subject.as_str(),
        "until": rfc3339(snapshot.wall(silence.until)),
    })
}
