//! The groups of the health score and what each adds to it.

use probetop_core::sample::Level;
use probetop_core::snapshot::{HealthGroup, Snapshot};

use crate::ui::format;
use crate::ui::pane::detail::{Detail, Line};
use crate::ui::pane::table::{Cell, Column};
use crate::ui::standing::Class;
use crate::ui::theme::{Glyphs, Role};

pub(crate) const COLUMNS: [Column; 9] = [
    Column::left("", 1),
    Column::left("", 10).most(24),
    Column::right("weight", 6).from(48),
    Column::right("share", 6),
    Column::right("score", 6),
    Column::left("", 8).most(40).from(56),
    Column::right("adds", 6).from(64),
    Column::right("loses", 6),
    Column::left("degraded", 14).most(24).from(90),
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

pub(crate) fn cells(index: usize, snapshot: &Snapshot, glyphs: &Glyphs) -> Option<[Cell; 9]> {
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
        Cell::text(points(group.lost()), class.role()),
        Cell::text(broken(group), Role::Dim),
    ])
}

/// `2 of 9 targets`; nothing of a group of one.
fn broken(group: &HealthGroup) -> String {
    match group.subjects {
        0 | 1 => String::new(),
        subjects => format!("{} of {subjects}", group.broken),
    }
}

/// The groups that are left out: `intact: machine, cache; not known: database`.
pub(crate) fn note(snapshot: &Snapshot) -> String {
    let groups = || snapshot.health.iter().flat_map(|health| &health.groups);
    let named = |label: &str, is_meant: fn(&&HealthGroup) -> bool| {
        let names: Vec<_> = groups().filter(is_meant).map(|group| group.name.as_str()).collect();
        (!names.is_empty()).then(|| format!("{label}: {}", names.join(", ")))
    };
    let intact = named("intact", |group| group.lost().is_some_and(|lost| lost <= 0.0));
    let unknown = named("not known", |group| group.lost().is_none());
    intact.into_iter().chain(unknown).collect::<Vec<_>>().join("; ")
}

pub(crate) fn detail(index: usize, snapshot: &Snapshot, width: usize) -> Option<Detail> {
    let group = group(index, snapshot)?;
    let class = class(group);
    let mut detail = Detail::titled(group.name.as_str());
    detail.title(class.word(), class.role());
    if group.subjects > 1 {
        detail.title(format!("{} of {} degraded", group.broken, group.subjects), Role::Dim);
    }
    let (Some(score), Some(part)) = (group.score, part(group)) else {
        let words = "Nothing in it is known; its weight goes to the other groups.";
        detail.wrapped(words, Role::Text, width);
        return Some(detail);
    };
    let sum = format!(
        "share {} x score {} adds {}, loses {}",
        format::share(Some(group.share_ratio)),
        points(Some(score)),
        points(Some(part)),
        points(group.lost())
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
            let role = if worst.clearing {
                Class::Clearing.role()
            } else {
                worst.level.into()
            };
            detail.labelled("its worst", &words, role, width);
        }
        None => detail.wrapped("Everything in it is as it should be.", Role::Dim, width),
    }
    Some(detail)
}
