//! Objectives: what was promised, what was kept, what is left of the budget and how fast it goes.

pub(crate) mod apdex;
mod burndown;

use std::time::Duration;

use probetop_core::sample::Level;
use probetop_core::snapshot::{BurnRate, BurnState, ObjectiveSnapshot, Snapshot};

use super::detail::{Detail, LABEL, Line};
use super::listing;
use super::table::{Cell, Column};
use crate::ui::action::Action;
use crate::ui::format;
use crate::ui::page::{About, AlertOf, Form, List, Page, Past, Rows};
use crate::ui::theme::{Glyphs, Role};
use crate::ui::view::list::Section;

pub(crate) use burndown::figures;

pub(crate) const PAGE: Page = Page {
    title: "Objectives",
    short_title: "Obj",
    action: Action::Objectives,
    keys: &[
        Action::Help,
        Action::Back,
        Action::Open,
        Action::WindowNext,
        Action::ZoomIn,
        Action::ZoomOut,
        Action::Freeze,
        Action::Export,
        Action::Filter,
    ],
    about: About::Itself,
    rows: Rows::List(List::plain(&[Section::Objectives, Section::Apdex], &NOTHING)),
    alert: AlertOf::Nobody,
    past: Past::Shown,
    needs: &[],
    axis: None,
    form: Form::Fitted,
    measure: |_, _, _| 0,
    parts: listing::parts_of_page,
    render: listing::render_page,
};

const NOTHING: [&str; 7] = [
    "No objectives.",
    "Add one to the configuration:",
    "  [[objective]]",
    "  name = \"checkout\"",
    "  on = [\"checkout\"]",
    "  goal = \"95% under 2s\"",
    "A score by Apdex stands here as soon as a target has been probed a few times.",
];

pub(crate) const COLUMNS: [Column; 10] = [
    Column::left("", 1),
    Column::left("", 14).most(32),
    Column::left("promise", 15).most(20).from(72),
    Column::right("attained", 8).from(48),
    Column::left("budget", 7).most(24).from(56),
    Column::right("left", 6),
    Column::right("burn", 6),
    Column::right("burn over each long window", 56).from(170),
    Column::right("used up", 9).from(66),
    Column::right("probes", 7).from(96),
];

pub(crate) fn cells(objective: &ObjectiveSnapshot, glyphs: &Glyphs) -> [Cell; 10] {
    let level = objective.level;
    let exhausted = match (exhaustion(objective), objective.exhausted_in) {
        (Exhaustion::Certain, _) => "now".into(),
        (Exhaustion::Unclear, _) => "unclear".into(),
        (Exhaustion::Ahead, Some(duration)) => format!("in {}", format::coarse(duration)),
        (Exhaustion::Ahead, None) => format::ABSENT.into(),
    };
    let loud = |is_loud: bool| if is_loud { level.into() } else { Role::Text };
    let burning = objective.burn.iter().any(|burn| burn.state == BurnState::Burning);
    [
        Cell::text(glyphs.level(level), level),
        Cell::name(objective.name.as_str(), Role::Text),
        Cell::text(objective.promise.as_str(), Role::Dim),
        Cell::text(format::attained(objective.attained_ratio), Role::Text),
        Cell::Bar(objective.budget_left_ratio, bar_role(level)),
        Cell::text(budget(objective), loud(level != Level::Ok)),
        Cell::text(format::times(newest(&objective.burn)), loud(burning)),
        Cell::text(rates(&objective.burn), Role::Dim),
        Cell::text(exhausted, loud(objective.exhausted_in.is_some() && burning)),
        Cell::text(format::number_of(objective.events), Role::Dim),
    ]
}

/// Whether the budget is at its end.
enum Exhaustion {
    Ahead,
    /// More was bad than may be, but so little beyond it that the level is not known.
    Unclear,
    Certain,
}

fn exhaustion(objective: &ObjectiveSnapshot) -> Exhaustion {
    match objective.budget_left_ratio {
        Some(left) if left <= 0.0 && objective.level == Level::Unknown => Exhaustion::Unclear,
        Some(left) if left <= 0.0 => Exhaustion::Certain,
        Some(_) | None => Exhaustion::Ahead,
    }
}

/// What is kept needs no colour of its own.
fn bar_role(level: Level) -> Role {
    match level {
        Level::Ok | Level::Unknown => Role::Bar,
        Level::Warning | Level::Critical => level.into(),
    }
}

/// What is left of the budget, in whole percent, never rounded up to what is not there; below zero it says by how much.
fn budget(objective: &ObjectiveSnapshot) -> String {
    let percent = objective.budget_left_ratio.map(|left| (left * 100.0).floor());
    match percent.filter(|percent| percent.is_finite()) {
        Some(percent) => format!("{:.0}%", percent.max(-9999.0)),
        None => format::ABSENT.into(),
    }
}

/// The burn of now: over the shortest of the long windows in which there were enough probes.
fn newest(burn: &[BurnRate]) -> Option<f64> {
    burn.iter().find_map(|burn| burn.long_rate)
}

/// The rates over the long windows side by side: `5s 2.31x  30s 0.80x`.
fn rates(burn: &[BurnRate]) -> String {
    let rate = |burn: &BurnRate| format!("{} {:>6}", window(burn.long), format::times(burn.long_rate));
    burn.iter().map(rate).collect::<Vec<_>>().join("  ")
}

/// A window's length as it would be configured: `5s`, `1m30s`, `6h`, `3d`.
fn window(length: Duration) -> String {
    match length.as_secs() {
        s if s >= 86_400 && s.is_multiple_of(86_400) => format!("{}d", s / 86_400),
        s if (60..3_600).contains(&s) && !s.is_multiple_of(60) => format::age(length),
        s if s >= 60 => format::coarse(length),
        _ => format::interval(length),
    }
}

pub(crate) fn detail(objective: &ObjectiveSnapshot, snapshot: &Snapshot, width: usize) -> Detail {
    let level = objective.level;
    let mut detail = Detail::titled(objective.name.as_str());
    detail.title(objective.promise.as_str(), Role::Text);
    detail.title(format!("over {}", window(objective.period)), Role::Dim);
    detail.title(level.name(), level);
    if let Some(reason) = objective.reason.as_ref().filter(|_| level != Level::Ok) {
        detail.wrapped(reason.as_str(), level, width);
    }
    let allowed = objective.events as f64 * (1.0 - objective.goal_ratio);
    detail.lines.push(Line::Bar {
        label: "budget left".into(),
        ratio: objective.budget_left_ratio,
        role: bar_role(level),
        words: vec![
            (format!("{:>5}", budget(objective)), Role::Text),
            (
                format!(
                    "  {} bad, {} allowed so far",
                    format::number_of(objective.bad),
                    self::allowed(allowed)
                ),
                Role::Dim,
            ),
        ],
    });
    let good = format!(
        "{} of {} probes good",
        format::number_of(objective.events.saturating_sub(objective.bad)),
        format::number_of(objective.events),
    );
    detail.words(vec![
        (format!("{:LABEL$}", "attained"), Role::Dim),
        (format::attained(objective.attained_ratio), Role::Text),
        (format!("  {good}"), Role::Dim),
    ]);
    let watched = format::age(objective.covered.min(objective.period));
    let watched = format!("{watched} of {}", window(objective.period));
    detail.labelled("watched", &watched, Role::Text, width);
    burn_table(&mut detail, objective);
    if objective.course.iter().flatten().any(|share| *share > 0.0) {
        detail.lines.push(Line::Course {
            label: format!("bad, {}", snapshot.axis.name()),
            shares: objective.course.clone(),
        });
    }
    let targets: Vec<_> = objective.targets.iter().map(|name| name.as_str()).collect();
    detail.labelled("targets", &targets.join(", "), Role::Text, width);
    detail
}

/// How many may be bad, in the digits that count: of less than ten a tenth.
fn allowed(count: f64) -> String {
    match count {
        count if count < 9.95 => format!("{count:.1}"),
        count => format::number_of(count as u64),
    }
}

/// A line for each pair of windows: their lengths, above which rate it burns, the rates, and what follows.
fn burn_table(detail: &mut Detail, objective: &ObjectiveSnapshot) {
    if objective.burn.is_empty() {
        return;
    }
    let head = format!(
        "{:10}{:>6}{:>7}{:>8}{:>7}{:>7}  {:9} state",
        "burn rate", "over", "rate", "over", "rate", "limit", "alert"
    );
    detail.words(vec![(head, Role::Dim)]);
    for burn in &objective.burn {
        let (state, role) = match burn.state {
            BurnState::Calm => ("calm", Role::Ok),
            BurnState::Burning => ("burning", burn.severity.into()),
            BurnState::Unknown => ("too few", Role::Dim),
        };
        detail.words(vec![
            (format!("{:10}{:>6}", "", window(burn.long)), Role::Dim),
            (format!("{:>7}", format::times(burn.long_rate)), Role::Text),
            (format!("{:>8}", window(burn.short)), Role::Dim),
            (format!("{:>7}", format::times(burn.short_rate)), Role::Text),
            (format!("{:>7}", format::times(Some(burn.factor))), Role::Dim),
            (format!("  {:9} ", burn.severity.name()), Role::Dim),
            (state.into(), role),
        ]);
    }
    let exhausted = match (exhaustion(objective), objective.exhausted_in) {
        (Exhaustion::Certain, _) => "now".into(),
        (Exhaustion::Unclear, _) => "not yet certain".into(),
        (Exhaustion::Ahead, Some(duration)) => format!("in {} at this rate", format::coarse(duration)),
        (Exhaustion::Ahead, None) => "not at this rate".into(),
    };
    detail.words(vec![
        (format!("{:LABEL$}", "used up"), Role::Dim),
        (exhausted, Role::Text),
    ]);
}
