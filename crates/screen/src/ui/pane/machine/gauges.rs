//! The machine's gauges with their course: one a row, or in a grid below the targets.

use probetop_core::snapshot::{AmountLimits, HostSnapshot, Snapshot};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::amount;
use crate::ui::format;
use crate::ui::pane::course::{self, scale_of};
use crate::ui::pane::vertical;
use crate::ui::theme::{Role, Theme};
use crate::ui::view::{View, length_drawn};
use crate::ui::widget::text::{self, Align};

/// How many gauges there are.
pub(crate) const COUNT: usize = 8;

/// Rows of the gauges one below the other, so many rows each, with their heading.
pub(crate) const fn height(rows_each: usize) -> usize {
    1 + COUNT * rows_each
}

/// One gauge.
struct Gauge<'a> {
    label: &'static str,
    /// In the strip, where columns are dear.
    short: &'static str,
    value: String,
    history: &'a [Option<f32>],
    /// What a full bar stands for; `None`: the greatest value shown, rounded up to a 1-2-5 step.
    top: Option<f64>,
    limits: AmountLimits,
}

impl Gauge<'_> {
    /// What has an end is coloured by how near it is.
    fn course(&self, area: Rect, buf: &mut Buffer, snapshot: &Snapshot, view: &View, theme: &Theme) {
        match self.top {
            Some(1.0) => amount::course(area, buf, self.history, snapshot, view, theme),
            top => course::render(area, buf, self.history, top, snapshot, view, theme),
        }
    }

    /// The same with its limits: lines where nothing is drawn, or in a single row a tick behind it where the lowest lies.
    fn held_course(&self, area: Rect, buf: &mut Buffer, snapshot: &Snapshot, view: &View, theme: &Theme) {
        let top = self.top.unwrap_or(1.0).max(f64::MIN_POSITIVE);
        let shares = self.limits.set().map(|(level, limit)| (level, limit / top));
        let mut shares = shares.filter(|(_, share)| (0.0..=1.0).contains(share));
        if area.height > 1 {
            self.course(area, buf, snapshot, view, theme);
            return vertical::share_lines(area, buf, shares, theme);
        }
        let width = usize::from(area.width);
        let drawn = text::columns(area, 0, width - usize::from(width > 0));
        self.course(drawn, buf, snapshot, view, theme);
        if let Some((level, share)) = shares.next_back() {
            vertical::tick(
                text::columns(area, usize::from(drawn.width), 1),
                buf,
                level,
                share,
                theme,
            );
        }
    }
}

fn gauges(host: &HostSnapshot) -> [Gauge<'_>; COUNT] {
    let reading = &host.reading;
    let history = &host.history;
    let ratio = |label, short, value, history, limits| Gauge {
        label,
        short,
        value: format::percent(value),
        history,
        top: Some(1.0),
        limits,
    };
    let rate = |label, short, value, history| Gauge {
        label,
        short,
        // Of the newest reading, as the blocks below have it.
        value: format::bytes_rate(value),
        history,
        top: None,
        limits: AmountLimits::default(),
    };
    let received = reading.network_sum(|network| network.received_bytes_per_s);
    let transmitted = reading.network_sum(|network| network.transmitted_bytes_per_s);
    let read = reading.disk_sum(|disk| disk.read_bytes_per_s);
    let written = reading.disk_sum(|disk| disk.write_bytes_per_s);
    [
        ratio(
            "cpu",
            "cpu",
            reading.cpu.usage_ratio,
            history.cpu_ratio.as_slice(),
            host.limits.cpu_ratio,
        ),
        ratio(
            "memory",
            "mem",
            reading.memory.used_ratio(),
            history.memory_ratio.as_slice(),
            host.limits.memory_ratio,
        ),
        Gauge {
            label: "load",
            short: "load",
            value: format::number(reading.cpu.load_1m),
            history: &history.load_1m,
            // Load 1 a core is a full machine; above it the scale grows.
            top: scale_of(&history.load_1m).map(|top| top.max(f64::from(reading.cpu.cores))),
            limits: times(host.limits.load_1m_per_core, reading.cpu.cores.into()),
        },
        rate(
            "net in",
            "net↓",
            received,
            history.network_received_bytes_per_s.as_slice(),
        ),
        rate(
            "net out",
            "net↑",
            transmitted,
            history.network_transmitted_bytes_per_s.as_slice(),
        ),
        rate(
            "loopback",
            "lo",
            reading.loopback_bytes_per_s(),
            history.loopback_bytes_per_s.as_slice(),
        ),
        rate("disk read", "read", read, history.disk_read_bytes_per_s.as_slice()),
        rate(
            "disk write",
            "write",
            written,
            history.disk_write_bytes_per_s.as_slice(),
        ),
    ]
}

/// One below the other: label, value, course; as high as `area` lets them be.
pub(crate) fn render(
    area: Rect,
    buf: &mut Buffer,
    host: &HostSnapshot,
    snapshot: &Snapshot,
    view: &View,
    theme: &Theme,
) {
    super::super::heading(area, buf, &format!("machine over {}", length_drawn(snapshot)), theme);
    let rows_each = (usize::from(area.height).saturating_sub(1) / COUNT).max(1);
    for (index, gauge) in gauges(host).into_iter().enumerate() {
        let row = text::rows(area, 1 + index * rows_each, rows_each);
        let words = text::rows(row, rows_each - 1, 1);
        text::put(buf, words, 0, 0, gauge.label, theme.style(Role::Dim));
        text::put_cell(
            buf,
            words,
            10,
            0,
            7,
            Align::Right,
            &gauge.value,
            theme.style(Role::Text),
        );
        let place = text::columns(row, 18, usize::from(row.width));
        gauge.held_course(place, buf, snapshot, view, theme);
    }
}

/// Limits that are set for a part of what is shown.
fn times(limits: AmountLimits, parts: f64) -> AmountLimits {
    AmountLimits {
        warning: limits.warning.map(|limit| limit * parts),
        critical: limits.critical.map(|limit| limit * parts),
    }
}

/// A grid of gauges, as many rows as `area` has.
pub(crate) fn strip(
    area: Rect,
    buf: &mut Buffer,
    host: &HostSnapshot,
    snapshot: &Snapshot,
    view: &View,
    theme: &Theme,
) {
    if area.is_empty() {
        return;
    }
    let rows = usize::from(area.height);
    let order = [0, 1, 2, 6, 3, 4, 5, 7];
    let across = if area.width < 60 { 2 } else { 4 };
    let width = (usize::from(area.width).saturating_sub(1)) / across;
    let gauges = gauges(host);
    // Row by row: cpu, memory, load, disk read; net in, net out, loopback, disk write.
    for (place, index) in order.into_iter().enumerate().take(across * rows) {
        let Some(gauge) = gauges.get(index) else { continue };
        let cell = text::columns(
            text::rows(area, place / across, 1),
            1 + place % across * width,
            width - 1,
        );
        text::put(buf, cell, 0, 0, gauge.short, theme.style(Role::Dim));
        text::put_cell(buf, cell, 5, 0, 7, Align::Right, &gauge.value, theme.style(Role::Text));
        let rest = text::columns(cell, 13, width);
        gauge.course(rest, buf, snapshot, view, theme);
    }
}
