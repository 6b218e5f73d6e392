//! The health of the fixture: four groups, one of them without anything known.

use probetop_core::sample::{Level, TargetId, Text};
use probetop_core::snapshot::{Health, HealthComponent, HealthGroup};

pub(super) fn health(tick: u64) -> Health {
    let component = |name: &str, target: Option<u32>, level, score, reason: &str| HealthComponent {
        name: name.into(),
        target: target.map(TargetId),
        level,
        clearing: false,
        score,
        reason: reason.into(),
    };
    let group = |name: &str, weight, share_ratio, score: Option<f64>, components: Vec<HealthComponent>| HealthGroup {
        name: Text::from(name),
        weight,
        share_ratio,
        score,
        level: components
            .iter()
            .map(|component| component.level)
            .max()
            .unwrap_or_default(),
        clearing: false,
        subjects: components.len(),
        broken: components
            .iter()
            .filter(|component| component.level >= Level::Warning)
            .count(),
        set_aside: usize::from(name == "services"),
        components,
    };
    let cpu = if tick.is_multiple_of(2) { 76.4 } else { 75.9 };
    let services = vec![
        component(
            "legacy-soap errors",
            Some(8),
            Level::Critical,
            12.0,
            "errors(1m) 100% > 5%: 50 at 5%, 0 at 10%",
        ),
        component(
            "checkout latency",
            Some(0),
            Level::Critical,
            41.3,
            "p95(1m) 1.62s > 1.5s: 50 at 1.5s, 0 at 3s",
        ),
        component(
            "flaky errors",
            Some(11),
            Level::Warning,
            71.0,
            "errors(1m) 2.9% > 1%: 80 at 1%, 50 at 5%",
        ),
    ];
    let machine = vec![
        component("cpu", None, Level::Warning, cpu, "cpu 84% > 80%: 80 at 80%, 50 at 95%"),
        component("memory", None, Level::Ok, 93.0, "memory 61%: 100 up to 50%, 80 at 80%"),
    ];
    let database = vec![component(
        "postgres pool",
        Some(6),
        Level::Ok,
        88.0,
        "pool 72%: 80 at 80%",
    )];
    Health {
        score: 42,
        level: Level::Critical,
        clearing: false,
        worst: Some("legacy-soap errors 100% > 5%".into()),
        groups: vec![
            group("services", 100.0, 0.571, Some(12.0), services),
            group("database", 40.0, 0.229, Some(88.0), database),
            group("machine", 35.0, 0.2, Some(cpu), machine),
            group("cache", 25.0, 0.0, None, Vec::new()),
        ],
    }
}
