//! What holds something up, most urgent first, each with what to do about it.

use probetop_core::snapshot::{Bottleneck, Snapshot};

use crate::ui::format;
use crate::ui::pane::detail::Detail;
use crate::ui::pane::table::{Cell, Column};
use crate::ui::theme::{Glyphs, Role};

pub(crate) const COLUMNS: [Column; 8] = [
    Column::left("", 1),
    Column::left("what", 20).most(64),
    Column::left("subject", 10).most(24).from(48),
    Column::left("where", 15).from(110),
    Column::right("impact", 6),
    Column::right("often", 5).from(66),
    Column::right("for", 6).from(100),
    Column::left("evidence", 12).prose().from(100),
];

pub(crate) fn cells(bottleneck: &Bottleneck, snapshot: &Snapshot, glyphs: &Glyphs) -> [Cell; 8] {
    let priority = bottleneck.priority;
    [
        Cell::text(glyphs.severity(priority), priority),
        Cell::text(bottleneck.what.as_str(), Role::Text),
        Cell::name(bottleneck.subject.as_str(), Role::Text),
        Cell::text(bottleneck.resource.name(), Role::Dim),
        Cell::text(format::percent(Some(bottleneck.impact_ratio)), Role::Text),
        Cell::text(format::percent(Some(bottleneck.frequency_ratio)), Role::Text),
        Cell::text(format::coarse(snapshot.taken.since(bottleneck.since)), Role::Dim),
        Cell::text(bottleneck.evidence.as_str(), Role::Dim),
    ]
}

pub(crate) fn detail(bottleneck: &Bottleneck, snapshot: &Snapshot, width: usize) -> Detail {
    let mut detail = Detail::titled(bottleneck.subject.as_str());
    detail.title(bottleneck.resource.name(), Role::Dim);
    detail.title(bottleneck.priority.name(), bottleneck.priority);
    detail.wrapped(bottleneck.what.as_str(), Role::Text, width);
    detail.labelled("evidence", bottleneck.evidence.as_str(), Role::Text, width);
    let weight = format!(
        "affects {}, seen in {} of the last minutes, since {}",
        format::percent(Some(bottleneck.impact_ratio)),
        format::percent(Some(bottleneck.frequency_ratio)),
        format::time_of_day(snapshot.wall(bottleneck.since)),
    );
    detail.labelled("weight", &weight, Role::Text, width);
    detail.labelled("to do", bottleneck.recommendation.as_str(), Role::Accent, width);
    detail
}
