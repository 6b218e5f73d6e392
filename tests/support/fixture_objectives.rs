//! The objectives of the fixture: one kept, one that burns, one broken, one without probes.

use std::sync::Arc;
use std::time::Duration;

use probetop_core::sample::{Level, Micros, Severity, Text};
use probetop_core::snapshot::{BurnRate, BurnState, ObjectiveSnapshot};

/// `names`: of the targets, in the order of their ids.
pub(super) fn objectives(names: &[&str], tick: u64) -> Vec<ObjectiveSnapshot> {
    let targets = |ids: &[usize]| ids.iter().map(|id| Text::from(names[*id])).collect();
    let all: Vec<usize> = (0..names.len()).collect();
    vec![
        ObjectiveSnapshot {
            targets: targets(&[0]),
            course: course(tick, 0.06),
            reason: Some("burns 16.2 times as fast as it may over 5s and 1m".into()),
            exhausted_in: Some(Duration::from_secs(262)),
            ..objective(
                "checkout-latency",
                "95% under 2s",
                0.95,
                7200,
                201,
                Level::Critical,
                16.2,
            )
        },
        ObjectiveSnapshot {
            targets: targets(&[1, 2, 3, 5, 6]),
            limit: None,
            course: course(tick, 0.0),
            ..objective("shop", "99.9% available", 0.999, 43_200, 4, Level::Ok, 0.08)
        },
        ObjectiveSnapshot {
            targets: targets(&[4, 8]),
            course: course(tick, 1.0),
            reason: Some("the budget is used up: 7,200 bad of 72 allowed".into()),
            ..objective("partners", "99% under 800ms", 0.99, 7200, 7200, Level::Critical, 100.0)
        },
        ObjectiveSnapshot {
            targets: targets(&all),
            exhausted_in: Some(Duration::from_secs(16_920)),
            reason: Some("burns 3.1 times as fast as it may over 30s and 6m".into()),
            course: course(tick, 0.01),
            ..objective("everything", "99.5% under 5s", 0.995, 86_400, 262, Level::Warning, 3.1)
        },
        ObjectiveSnapshot {
            targets: Arc::default(),
            ..objective("just-added", "95% under 300ms", 0.95, 0, 0, Level::Unknown, 0.0)
        },
    ]
}

fn objective(
    name: &str,
    promise: &str,
    goal_ratio: f64,
    events: u64,
    bad: u64,
    level: Level,
    rate: f64,
) -> ObjectiveSnapshot {
    let attained_ratio = (events > 0).then(|| 1.0 - bad as f64 / events as f64);
    let budget = events as f64 * (1.0 - goal_ratio);
    ObjectiveSnapshot {
        name: name.into(),
        promise: promise.into(),
        goal_ratio,
        limit: Some(Micros(2_000_000)),
        targets: Arc::default(),
        period: Duration::from_secs(3600),
        covered: Duration::from_secs(if events > 0 { 3600 } else { 12 }),
        level,
        reason: None,
        events,
        bad,
        attained_ratio,
        budget_left_ratio: (events > 0).then(|| 1.0 - bad as f64 / budget),
        burn_down: burn_down((events > 0).then(|| 1.0 - bad as f64 / budget)),
        burn_down_step: Duration::from_secs(20),
        burn: burn(if events > 0 { Some(rate) } else { None }),
        exhausted_in: None,
        course: Vec::new(),
    }
}

/// From all of it to what is left, in two stretches in which it goes.
fn burn_down(left: Option<f64>) -> Arc<[Option<f32>]> {
    let gone = 1.0 - left.unwrap_or(1.0);
    let way = |step: u32| f64::from(step.clamp(40, 80) - 40 + step.clamp(140, 170) - 140) / 70.0;
    let at = |step: u32| left.map(|_| (1.0 - gone * way(step)) as f32);
    (0..180).map(at).collect()
}

/// The table of the workbook for an hour: a 720th, a 120th, a 30th and a tenth of it.
fn burn(rate: Option<f64>) -> Vec<BurnRate> {
    let windows = [
        (Severity::Critical, 60, 5, 14.4),
        (Severity::Critical, 360, 30, 6.0),
        (Severity::Warning, 720, 60, 3.0),
        (Severity::Warning, 1800, 150, 1.0),
    ];
    let pair = |(index, (severity, long, short, factor)): (usize, (Severity, u64, u64, f64))| {
        let long_rate = rate.map(|rate| rate / (1.0 + index as f64 / 2.0));
        let short_rate = long_rate.map(|rate| rate * 1.1);
        BurnRate {
            severity,
            long: Duration::from_secs(long),
            short: Duration::from_secs(short),
            factor,
            long_rate,
            short_rate,
            state: match long_rate {
                None => BurnState::Unknown,
                Some(rate) if rate >= factor => BurnState::Burning,
                Some(_) => BurnState::Calm,
            },
        }
    };
    windows.into_iter().enumerate().map(pair).collect()
}

/// Shares of bad probes over the axis; a gap in which nothing was measured.
fn course(tick: u64, share: f32) -> Vec<Option<f32>> {
    let at = |step: u64| (!(70..76).contains(&(step % 120))).then_some(share * (step % 60 / 40) as f32);
    (tick.saturating_sub(119)..=tick).map(at).collect()
}
