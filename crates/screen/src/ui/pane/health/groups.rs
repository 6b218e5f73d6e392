//! The groups of the health score and what each adds to it.

use probetop_core::sample::Level;
use probetop_core::snapshot::{HealthGroup, Snapshot};

use crate::ui::format;
use crate::ui::pane::detail::{Detail, Line};
use crate::ui::pane::table::{Cell, Column};
use crate::ui::standing::Class;
use crate::ui::theme::{Glyphs, Role};

pub(crate) const COLUMNS: [Column; 7] = [
    Column::left("", 1),
    Column::left("", 10).most(24),
    Column::right("weight", 6).from(48),
    Column::right("share", 6),
    Column::right("score", 6),
    Column::left("", 8).most(30).from(56),
    Column::right("adds", 6),
];

fn group(index: usize, snapshot: &Snapshot) -> Option<&HealthGroup> {
    snapshot.health.as_ref()?.groups.get(index)
}

/// What the group adds to the score.
pub(crate) fn part(group: &HealthGroup) -> Option<f64> {
    group.score.map(|score| score * group.share_ratio)
}

/// As it stands: of one whose worst was so, that it is clearing.
fn class(group: &HealthGroup) -> Class {
    match group.clearing {
        true => Class::Clearing,
        false => Class::Level(group.level),
    }
}

/// Points of the score: one digit after the point.
pub(crate) fn points(value: Option<f64>) -> String {
    match value {
        Some(value) if value.is_finite() => format!("{value:.1}"),
        Some(_) | None => format::ABSENT.into(),
    }
}

fn bar(class: Class) -> Role {
    match class {
        Class::Level(Level::Ok | Level::Unknown) | Class::SetAside => Role::Bar,
        Class::Level(Level::Warning | Level::Critical) | Class::Clearing => class.role(),
    }
}

pub(crate) fn cells(index: usize, snapshot: &Snapshot, glyphs: &Glyphs) -> Option<[Cell; 7]> {
    let group = group(index, snapshot)?;
    let class = class(group);
    let words = if group.score.is_some() { Role::Text } else { Role::Dim };
    Some([
        Cell::text(class.sign(glyphs), class.role()),
        Cell::name(group.name.as_str(), words),
        Cell::text(format::whole_or_number(group.weight), Role::Dim),
        Cell::text(format::share(group.score.map(|_| group.share_ratio)), words),
        Cell::text(points(group.score), words),
        Cell::Bar(group.score.map(|score| score / 100.0), bar(class)),
        Cell::text(points(part(group)), words),
    ])
}

pub(crate) fn detail(index: usize, snapshot: &Snapshot, width: usize) -> Option<Detail> {
    let group = group(index, snapshot)?;
    let class = class(group);
    let mut detail = Detail::titled(group.name.as_str());
    detail.title(class.word(), class.role());
    if group.subjects > 1 {
        detail.title(format!("{} of {} broken", group.broken, group.subjects), Role::Dim);
    }
    let (Some(score), Some(part)) = (group.score, part(group)) else {
        let words = "Nothing in it is known; its weight goes to the other groups.";
        detail.wrapped(words, Role::Text, width);
        return Some(detail);
    };
    let sum = format!(
        "share {} x score {} adds {}",
        format::share(Some(group.share_ratio)),
        points(Some(score)),
        points(Some(part))
    );
    detail.lines.push(Line::Bar {
        label: "score".into(),
        ratio: Some(score / 100.0),
        role: bar(class),
        words: vec![(sum, Role::Text)],
    });
    match group.components.first() {
        Some(worst) => {
            let words = format!("{}: {}", worst.name, worst.reason);
            detail.labelled("its worst", &words, worst.level, width);
        }
        None => detail.wrapped("Everything in it is as it should be.", Role::Dim, width),
    }
    Some(detail)
}
