//! What holds something up, most urgent first, each with what to do about it.

use probetop_core::snapshot::{Bottleneck, Snapshot};

use crate::ui::format;
use crate::ui::pane::detail::Detail;
use crate::ui::pane::table::{Cell, Column};
use crate::ui::theme::{Glyphs, Role};

pub(crate) const COLUMNS: [Column; 8] = [
    Column::left("", 1),
    Column::left("", 8).from(60),
    Column::left("what", 26).most(62),
    Column::left("subject", 10).most(18).from(48),
    Column::left("where", 15).from(180),
    Column::right("touches", 7),
    Column::right("seen", 5).from(66),
    Column::left("evidence", 12).prose().from(100),
];

pub(crate) fn cells(bottleneck: &Bottleneck, snapshot: &Snapshot, glyphs: &Glyphs) -> [Cell; 8] {
    let priority = bottleneck.priority;
    // What is over is told in a weaker voice, and in words.
    let (sign, words) = match bottleneck.until {
        None => (glyphs.severity(priority), Role::Text),
        Some(_) => (" ", Role::Dim),
    };
    [
        Cell::text(sign, priority),
        Cell::text(lasted(bottleneck, snapshot), Role::Dim),
        Cell::text(bottleneck.what.as_str(), words),
        Cell::name(bottleneck.subject.as_str(), words),
        Cell::text(bottleneck.resource.name(), Role::Dim),
        Cell::text(format::percent(Some(bottleneck.impact_ratio)), words),
        Cell::text(format::percent(Some(bottleneck.frequency_ratio)), words),
        Cell::text(bottleneck.evidence.as_str(), Role::Dim),
    ]
}

/// Since how long it holds, or since when it does not any more.
fn lasted(bottleneck: &Bottleneck, snapshot: &Snapshot) -> String {
    let for_so_long = |at| format::coarse(snapshot.taken.since(at));
    match bottleneck.until {
        None => format!("for {}", for_so_long(bottleneck.since)),
        Some(until) => format!("{} ago", for_so_long(until)),
    }
}

pub(crate) fn detail(bottleneck: &Bottleneck, snapshot: &Snapshot, width: usize) -> Detail {
    let mut detail = Detail::titled(bottleneck.subject.as_str());
    detail.title(bottleneck.resource.name(), Role::Dim);
    match bottleneck.until {
        None => detail.title(bottleneck.priority.name(), bottleneck.priority),
        Some(_) => detail.title(format!("over, seen {}", lasted(bottleneck, snapshot)), Role::Dim),
    }
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
