//! The figures that the health score is made of, worst first.

use probetop_core::snapshot::Snapshot;

use crate::ui::pane::detail::{Detail, Line};
use crate::ui::pane::table::{Cell, Column};
use crate::ui::standing::Class;
use crate::ui::theme::{Glyphs, Role};
use crate::ui::view::list;

pub(crate) const COLUMNS: [Column; 5] = [
    Column::left("", 1),
    Column::left("component", 14).most(32),
    Column::left("group", 10).most(20).from(66),
    Column::right("score", 6),
    Column::left("why", 12).prose().from(56),
];

pub(crate) fn cells(index: usize, snapshot: &Snapshot, glyphs: &Glyphs) -> Option<[Cell; 5]> {
    let (group, component) = list::components(snapshot).nth(index)?;
    Some([
        match component.clearing {
            true => Cell::text(glyphs.clearing, Class::Clearing.role()),
            false => Cell::text(glyphs.level(component.level), component.level),
        },
        Cell::name(component.name.as_str(), Role::Text),
        Cell::text(group.name.as_str(), Role::Dim),
        Cell::text(format!("{:.1}", component.score), Role::Text),
        Cell::text(component.reason.as_str(), Role::Text),
    ])
}

pub(crate) fn detail(index: usize, snapshot: &Snapshot, width: usize) -> Option<Detail> {
    let (group, component) = list::components(snapshot).nth(index)?;
    let mut detail = Detail::titled(component.name.as_str());
    detail.title(format!("of {}", group.name), Role::Dim);
    detail.title(component.level.name(), component.level);
    detail.wrapped(component.reason.as_str(), Role::Text, width);
    detail.lines.push(Line::Bar {
        label: "score".into(),
        ratio: Some(component.score / 100.0),
        role: component.level.into(),
        words: vec![(format!("{:.1} of 100", component.score), Role::Text)],
    });
    Some(detail)
}
