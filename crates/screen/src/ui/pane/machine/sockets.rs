//! What the network stack goes through and how many files are open: figures side by side.

use probetop_core::snapshot::HostSnapshot;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::ui::format;
use crate::ui::pane::heading;
use crate::ui::theme::{Role, Theme};
use crate::ui::widget::text::{self, Align};

/// Columns of a figure with its label.
const CELL: usize = 26;
const LABEL: usize = 13;
const VALUE: usize = 9;

/// Rows with the heading; the heading alone where nothing is known.
pub(super) fn height(host: &HostSnapshot, width: usize) -> usize {
    1 + figures(host).len().div_ceil(across(width))
}

fn across(width: usize) -> usize {
    (width / CELL).max(1)
}

/// Label, value, role: those that the system tells.
fn figures(host: &HostSnapshot) -> Vec<(&'static str, String, Role)> {
    let tcp = host.reading.tcp;
    let count = |value: Option<u64>| value.map(format::count);
    let drops = tcp.listen_drops_per_s;
    let dropping = if drops.is_some_and(|drops| drops > 0.0) {
        Role::Warning
    } else {
        Role::Text
    };
    let all = [
        ("established", count(tcp.established), Role::Text),
        ("close wait", count(tcp.close_wait), Role::Text),
        ("time wait", count(tcp.time_wait), Role::Text),
        (
            "retransmitted",
            tcp.retransmitted_ratio.map(|ratio| format::share(Some(ratio))),
            Role::Text,
        ),
        ("listen drops", drops.map(|drops| format::rate(Some(drops))), dropping),
        ("open files", count(host.reading.open_files), Role::Text),
    ];
    let known = |(label, value, role): (_, Option<_>, _)| Some((label, value?, role));
    all.into_iter().filter_map(known).collect()
}

pub(super) fn render(area: Rect, buf: &mut Buffer, host: &HostSnapshot, theme: &Theme) {
    heading(area, buf, "tcp and files", theme);
    let across = across(usize::from(area.width));
    for (index, (label, value, role)) in figures(host).into_iter().enumerate() {
        let cell = text::columns(text::rows(area, 1 + index / across, 1), index % across * CELL, CELL - 2);
        text::put(buf, cell, 0, 0, label, theme.style(Role::Dim));
        text::put_cell(buf, cell, LABEL + 1, 0, VALUE, Align::Right, &value, theme.style(role));
    }
}
