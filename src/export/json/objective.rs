//! An objective in the snapshot document.

use probetop_core::sample::Text;
use probetop_core::snapshot::{BurnRate, BurnState, ObjectiveSnapshot};
use serde_json::{Value, json};

/// One entry of `objectives`.
pub(super) fn document(objective: &ObjectiveSnapshot) -> Value {
    json!({
        "name": objective.name.as_str(),
        "goal": objective.promise.as_str(),
        "goal_ratio": objective.goal_ratio,
        "limit_us": objective.limit.map(|limit| limit.0),
        "targets": objective.targets.iter().map(Text::as_str).collect::<Vec<_>>(),
        "period_s": objective.period.as_secs(),
        "covered_s": objective.covered.as_secs(),
        "level": objective.level.name(),
        "reason": objective.reason.as_ref().map(Text::as_str),
        "events": objective.events,
        "bad": objective.bad,
        "attained_ratio": objective.attained_ratio,
        "budget_left_ratio": objective.budget_left_ratio,
        "exhausted_in_s": objective.exhausted_in.map(|left| left.as_secs_f64()),
        "burn": objective.burn.iter().map(burn).collect::<Vec<_>>(),
    })
}

fn burn(row: &BurnRate) -> Value {
    let state = match row.state {
        BurnState::Calm => "calm",
        BurnState::Burning => "burning",
        BurnState::Unknown => "unknown",
    };
    json!({
        "severity": row.severity.name(),
        "long_s": row.long.as_secs(),
        "short_s": row.short.as_secs(),
        "factor": row.factor,
        "long_rate": row.long_rate,
        "short_rate": row.short_rate,
        "state": state,
    })
}
