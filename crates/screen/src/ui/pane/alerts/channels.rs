//! Where alerts are told, and whether what is told arrives.

use probetop_core::sample::{ChannelReport, ChannelState, Level};
use probetop_core::snapshot::Snapshot;

use crate::ui::format;
use crate::ui::pane::detail::Detail;
use crate::ui::pane::table::{Cell, Column};
use crate::ui::theme::{Glyphs, Role};

pub(crate) const COLUMNS: [Column; 9] = [
    Column::left("", 1),
    Column::left("", 10),
    Column::left("channel", 9).most(24),
    Column::left("kind", 10).most(14).from(70),
    Column::right("waiting", 7).from(54),
    Column::right("delivered", 9).from(48),
    Column::right("failed", 6).from(42),
    Column::right("dropped", 7).from(60),
    Column::left("last error", 10).prose().from(76),
];

pub(crate) fn cells(channel: &ChannelReport, snapshot: &Snapshot, glyphs: &Glyphs) -> [Cell; 9] {
    let (glyph, role) = standing(channel.state, glyphs);
    let count = |count: u64, loud: Role| {
        let role = if count > 0 { loud } else { Role::Dim };
        Cell::text(format::count(count), role)
    };
    let error = channel.error.as_ref().map(|(at, error)| {
        let at = format::time_of_day(snapshot.wall(*at));
        format!("{at} {error}")
    });
    [
        Cell::text(glyph, role),
        Cell::text(channel.state.name(), role),
        Cell::name(channel.name.as_str(), Role::Text),
        Cell::text(channel.kind.as_str(), Role::Dim),
        count(channel.waiting, Role::Text),
        count(channel.delivered_total, Role::Text),
        count(channel.failed_total, Role::Critical),
        count(channel.dropped_total, Role::Critical),
        Cell::text(error.unwrap_or_default(), Role::Dim),
    ]
}

fn standing(state: ChannelState, glyphs: &Glyphs) -> (&'static str, Role) {
    let level = match state {
        ChannelState::Idle => Level::Unknown,
        ChannelState::Delivering => Level::Ok,
        ChannelState::Retrying => Level::Warning,
        ChannelState::Failing => Level::Critical,
    };
    (glyphs.level(level), level.into())
}

pub(crate) fn detail(channel: &ChannelReport, snapshot: &Snapshot, width: usize) -> Detail {
    let mut detail = Detail::titled(channel.name.as_str());
    detail.title(format!("{}, {}", channel.kind, channel.state.name()), Role::Dim);
    let at = |at| format::time_of_day(snapshot.wall(at));
    let newest = channel.delivered.map_or_else(
        || "nothing was delivered yet".into(),
        |delivered| {
            format!(
                "{} messages, the newest at {}",
                format::count(channel.delivered_total),
                at(delivered)
            )
        },
    );
    detail.labelled("delivered", &newest, Role::Text, width);
    let waiting = format!("{} messages", format::count(channel.waiting));
    detail.labelled("waiting", &waiting, Role::Text, width);
    for (label, count, why) in [
        ("failed", channel.failed_total, "given up after the last try"),
        ("dropped", channel.dropped_total, "not taken because the queue was full"),
    ] {
        if count > 0 {
            let words = format!("{} messages {why}", format::count(count));
            detail.labelled(label, &words, Role::Critical, width);
        }
    }
    if let Some((when, error)) = &channel.error {
        detail.labelled("last error", &format!("{} {error}", at(*when)), Role::Text, width);
    }
    detail
}
