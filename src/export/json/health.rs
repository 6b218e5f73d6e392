//! The health score in the snapshot document.

use probetop_core::sample::Text;
use probetop_core::snapshot::{Health, HealthComponent, HealthGroup};
use serde_json::{Value, json};

/// The `health` part.
pub(super) fn document(health: &Health) -> Value {
    json!({
        "score": health.score,
        "level": health.level.name(),
        "clearing": health.clearing,
        "worst": health.worst.as_ref().map(Text::as_str),
        "groups": health.groups.iter().map(group).collect::<Vec<_>>(),
    })
}

fn group(group: &HealthGroup) -> Value {
    json!({
        "name": group.name.as_str(),
        "weight": group.weight,
        "share_ratio": group.share_ratio,
        "score": group.score,
        "level": group.level.name(),
        "clearing": group.clearing,
        "targets": group.subjects,
        "broken": group.broken,
        "components": group.components.iter().map(component).collect::<Vec<_>>(),
    })
}

fn component(component: &HealthComponent) -> Value {
    json!({
        "name": component.name.as_str(),
        "level": component.level.name(),
        "clearing": component.clearing,
        "score": component.score,
        "reason": component.reason.as_str(),
    })
}
