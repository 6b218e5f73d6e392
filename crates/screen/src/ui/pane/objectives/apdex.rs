//! Apdex of every target, worst first: the score, what the standard calls it, and the threshold.

use probetop_core::sample::{Level, Micros};
use probetop_core::snapshot::{Apdex, Point, Snapshot, TargetSnapshot};

use super::super::detail::{Detail, Line};
use super::super::table::{Cell, Column};
use crate::ui::format;
use crate::ui::pane::figure::{Curve, Figure, Limit, Time};
use crate::ui::standing::Standing;
use crate::ui::theme::{Glyphs, Role};
use crate::ui::view::length_drawn;
use crate::ui::widget::scale;

pub(crate) const COLUMNS: [Column; 10] = [
    Column::left("", 1),
    Column::left("target", 12).most(32),
    Column::right("score", 5),
    Column::left("0 to 1", 8).most(50).from(56),
    Column::left("band", 12),
    Column::right("satisfied up to", 15).from(72),
    Column::right("p50", 7).from(100),
    Column::right("p95", 7).from(100),
    Column::right("errors", 6).from(110),
    Column::right("probes", 7).from(120),
];

/// The names of the Apdex standard for a score and better ones.
const BANDS: [(f64, &str, Role); 4] = [
    (0.94, "excellent", Role::Ok),
    (0.85, "good", Role::Ok),
    (0.70, "fair", Role::Warning),
    (0.50, "poor", Role::Warning),
];

/// Up to so many times the threshold a probe is tolerated.
const TOLERANCE: f64 = 4.0;

/// Where bands begin.
const EDGES: [f64; 4] = [0.50, 0.70, 0.85, 0.94];

pub(crate) fn cells(target: &TargetSnapshot, glyphs: &Glyphs) -> [Cell; 10] {
    let score = target.apdex.map(|apdex| apdex.score);
    let (band, role) = target.apdex.map_or((format::ABSENT, Role::Dim), band);
    let threshold = target.apdex.map(|apdex| apdex.threshold);
    [
        Cell::text(Standing::of(target).sign(glyphs), Standing::of(target).role()),
        Cell::name(target.info.name.as_str(), Role::Text),
        Cell::text(score.map_or(format::ABSENT.into(), shown), Role::Text),
        Cell::Score(score, &EDGES, role),
        Cell::text(band, role),
        Cell::text(format::latency(threshold), Role::Dim),
        Cell::text(format::latency(target.stats.latency.p50), Role::Text),
        Cell::text(format::latency(target.stats.latency.p95), Role::Text),
        Cell::text(format::share(target.stats.error_ratio()), Role::Text),
        Cell::text(format::number_of(target.stats.attempts), Role::Dim),
    ]
}

/// `apdex 0.93 good, T 500ms`.
pub(crate) fn words(apdex: Apdex) -> [(String, Role); 4] {
    let (band, role) = band(apdex);
    [
        ("apdex ".into(), Role::Dim),
        (shown(apdex.score), Role::Text),
        (format!(" {band}"), role),
        (format!(", T {}", format::latency(Some(apdex.threshold))), Role::Dim),
    ]
}

pub(crate) fn detail(target: &TargetSnapshot, width: usize) -> Detail {
    let mut detail = Detail::titled(target.info.name.as_str());
    let Some(apdex) = target.apdex else { return detail };
    let (band, role) = band(apdex);
    detail.title(band, role);
    detail.lines.push(Line::Bar {
        label: "score".into(),
        ratio: Some(apdex.score),
        role,
        words: vec![(shown(apdex.score), Role::Text)],
    });
    let threshold = u64::from(apdex.threshold.0);
    let tolerated = u32::try_from(TOLERANCE as u64 * threshold).unwrap_or(u32::MAX);
    let (satisfied, tolerated) = (apdex.threshold, Micros(tolerated));
    let (satisfied, tolerated) = (format::latency(Some(satisfied)), format::latency(Some(tolerated)));
    let lines = [
        ("satisfied", format!("up to {satisfied}, counts whole")),
        ("tolerated", format!("up to {tolerated}, counts half")),
        ("frustrated", "anything slower, and every failure".into()),
    ];
    for (label, words) in lines {
        detail.labelled(label, &words, Role::Text, width);
    }
    detail.labelled("bands", &bands(), Role::Dim, width);
    detail
}

/// Its p95 over the axis against what satisfies, and what is tolerated; `None` where no probe succeeded.
pub(crate) fn figure(target: &TargetSnapshot, snapshot: &Snapshot) -> Option<Figure> {
    let threshold = f64::from(target.apdex?.threshold.0);
    let p95 = |point: &Point| point.p95.or(point.max).map(|latency| f64::from(latency.0));
    let values: Vec<_> = target.series.iter().map(p95).collect();
    let most = values.iter().flatten().copied().reduce(f64::max)?;
    let high = scale::round_up(most.max(1.2 * threshold));
    let limit = |value, level, name: &str| Limit {
        value,
        level,
        name: name.into(),
    };
    let limits = [
        limit(threshold, Level::Warning, "satisfied up to here"),
        limit(TOLERANCE * threshold, Level::Critical, "tolerated up to here"),
    ];
    let labels = [high, 0.0, high / 2.0].map(|value| (value, format::latency_scale(value)));
    Some(Figure::Curve(Curve {
        title: vec![
            ("p95".into(), Role::Heading),
            (format!("over {}", length_drawn(snapshot)), Role::Dim),
        ],
        values,
        low: 0.0,
        high,
        base: 0.0,
        labels: labels.into(),
        limits: limits.into_iter().filter(|limit| limit.value <= high).collect(),
        time: Time::Axis,
        role: |_| Role::Bar,
    }))
}

/// `excellent from 0.94, good from 0.85, fair from 0.70, poor from 0.50, unacceptable below`.
fn bands() -> String {
    let bands = BANDS.map(|(least, name, _)| format!("{name} from {least:.2}"));
    format!("{}, unacceptable below", bands.join(", "))
}

/// Two digits, never rounded up into a better band.
fn shown(score: f64) -> String {
    format!("{:.2}", (score.clamp(0.0, 1.0) * 100.0 + 1e-6).floor() / 100.0)
}

fn band(apdex: Apdex) -> (&'static str, Role) {
    let reached = BANDS.into_iter().find(|(least, ..)| apdex.score + 1e-8 >= *least);
    reached.map_or(("unacceptable", Role::Critical), |(_, name, role)| (name, role))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_is_called_what_the_standard_calls_it() {
        let check = |score, expected: &str| {
            let apdex = Apdex {
                score,
                threshold: Micros(500_000),
            };
            let words: String = words(apdex).map(|(words, _)| words).concat();
            assert_eq!(words, expected);
        };
        check(1.0, "apdex 1.00 excellent, T 500ms");
        check(0.94, "apdex 0.94 excellent, T 500ms");
        check(0.9399, "apdex 0.93 good, T 500ms");
        check(0.7, "apdex 0.70 fair, T 500ms");
        check(0.5, "apdex 0.50 poor, T 500ms");
        check(0.4999, "apdex 0.49 unacceptable, T 500ms");
        check(f64::NAN, "apdex NaN unacceptable, T 500ms");
    }
}
