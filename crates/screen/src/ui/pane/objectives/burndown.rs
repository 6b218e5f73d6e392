//! What was left of an objective's budget over its period, and what share of its probes was bad lately.

use probetop_core::sample::Level;
use probetop_core::snapshot::{ObjectiveSnapshot, Snapshot};

use super::{budget, window};
use crate::ui::format;
use crate::ui::pane::figure::{Curve, Figure, Limit, Time};
use crate::ui::theme::Role;
use crate::ui::view::length_drawn;
use crate::ui::widget::scale;

/// Farther below nothing the curve is cut off: a promise of many nines is broken a hundred times over by one bad second.
const LOWEST: f64 = -2.0;

/// None while nothing was counted.
pub(crate) fn figures(objective: &ObjectiveSnapshot, snapshot: &Snapshot) -> Vec<Figure> {
    let bad = objective.budget_left_ratio.map(|_| bad(objective, snapshot));
    budget_left(objective).into_iter().chain(bad).collect()
}

/// The share of bad probes, step by step, with how many may be.
fn bad(objective: &ObjectiveSnapshot, snapshot: &Snapshot) -> Figure {
    let values: Vec<_> = objective.course.iter().map(|share| share.map(f64::from)).collect();
    let promised = 1.0 - objective.goal_ratio;
    let most = values.iter().flatten().copied().fold(2.0 * promised, f64::max);
    let high = scale::round_up(most).min(1.0);
    Figure::Curve(Curve {
        title: vec![
            ("share of bad probes".into(), Role::Heading),
            (format!("over {}", length_drawn(snapshot)), Role::Dim),
        ],
        values,
        low: 0.0,
        high,
        base: 0.0,
        labels: [high, 0.0, high / 2.0]
            .map(|share| (share, format::share(Some(share))))
            .into(),
        limits: vec![Limit {
            value: promised,
            level: Level::Warning,
            name: format!("{} may be bad", format::share(Some(promised))),
        }],
        time: Time::Axis,
        role: |_| Role::Bar,
    })
}

fn budget_left(objective: &ObjectiveSnapshot) -> Option<Figure> {
    objective.budget_left_ratio?;
    let ended = objective.burn_down.iter().map(|left| left.map(f64::from));
    let values: Vec<_> = ended.chain([objective.budget_left_ratio]).collect();
    let least = values.iter().flatten().copied().fold(0.0, f64::min);
    let low = if least < 0.0 {
        (-scale::round_up(-least)).max(LOWEST)
    } else {
        0.0
    };
    let labels = [1.0, 0.0, low, 0.5, low / 2.0];
    Some(Figure::Curve(Curve {
        title: vec![
            ("error budget left".into(), Role::Heading),
            (format!("over {}", window(objective.period)), Role::Dim),
            (budget(objective), Role::Text),
        ],
        values,
        low,
        high: 1.0,
        base: 0.0,
        labels: labels.map(|left: f64| (left, format!("{:.0}%", left * 100.0))).into(),
        limits: vec![Limit {
            value: 0.0,
            level: Level::Critical,
            name: "used up".into(),
        }],
        time: Time::Own {
            length: objective.period,
            step: objective.burn_down_step,
        },
        role: |left| if left < 0.0 { Role::Critical } else { Role::Bar },
    }))
}
