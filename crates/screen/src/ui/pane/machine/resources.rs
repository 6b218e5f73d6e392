//! Processors, memory and limits, disks, networks: the newest reading, a block each.

use probetop_core::sample::{CgroupReading, DiskReading, HostReading, TemperatureReading};
use probetop_core::snapshot::HostSnapshot;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget as _;

use super::split::{self, Split};
use crate::ui::format;
use crate::ui::pane::heading;
use crate::ui::theme::{Role, Theme};
use crate::ui::widget::gauge::Gauge;
use crate::ui::widget::text::{self, Align};

/// Rows of disks and networks; machines with many mounts have few that matter, and those come first.
pub(super) const DISK_LIMIT: usize = 8;
/// As for disks.
pub(super) const NETWORK_LIMIT: usize = 8;

pub(super) fn limits_height(host: &HostSnapshot) -> usize {
    1 + limit_lines(host).len()
}

/// Label, bar, words.
type Line = (&'static str, Bar, String);

/// What a line has a bar of.
enum Bar {
    /// A share; `None`: it is not known.
    Share(Option<f64>),
    /// What a whole is made of, whose words stand before the line's own.
    Split(Split),
}

fn limit_lines(host: &HostSnapshot) -> Vec<Line> {
    let reading = &host.reading;
    let memory = &reading.memory;
    let mut lines: Vec<Line> = Vec::new();
    if let Some(split) = split::processors(&reading.cpu) {
        lines.push(("cpu", Bar::Split(split), String::new()));
    }
    if let Some(split) = split::memory(memory) {
        let total = format!("of {}", format::bytes(memory.total_bytes as f64));
        lines.push(("memory", Bar::Split(split), total));
    } else if memory.total_bytes > 0 {
        let words = amount(memory.used_bytes, memory.total_bytes);
        lines.push(("memory", Bar::Share(memory.used_ratio()), words));
    }
    if memory.swap_total_bytes > 0 {
        let words = amount(memory.swap_used_bytes, memory.swap_total_bytes);
        lines.push(("swap", Bar::Share(memory.swap_used_ratio()), words));
    }
    let loads = [reading.cpu.load_1m, reading.cpu.load_5m, reading.cpu.load_15m];
    if loads.iter().any(Option::is_some) {
        let words = loads.map(format::number).join(" ");
        let ratio = loads[0].map(|load| load / f64::from(reading.cpu.cores.max(1)));
        lines.push(("load", Bar::Share(ratio), words));
    }
    lines.extend(reading.cgroup.iter().flat_map(cgroup_lines));
    let pressure = reading.pressure;
    let pressures = [
        ("cpu wait", pressure.cpu_some_10s_ratio, pressure.cpu_full_10s_ratio),
        (
            "mem wait",
            pressure.memory_some_10s_ratio,
            pressure.memory_full_10s_ratio,
        ),
        ("io wait", pressure.io_some_10s_ratio, pressure.io_full_10s_ratio),
    ];
    let known = pressures.into_iter().filter(|(_, some, _)| some.is_some());
    lines.extend(known.map(|(label, some, full)| (label, Bar::Share(some), waited(some, full))));
    lines.extend(heat(&reading.temperatures));
    lines
}

/// `31% of 10s, 4% all`: in what share of the last 10 s some task waited, and in what share all did.
fn waited(some: Option<f64>, full: Option<f64>) -> String {
    let some = format::percent(some);
    match full {
        Some(full) => format!("{some} of 10s, {} all", format::percent(Some(full))),
        None => format!("{some} of last 10s"),
    }
}

/// What a container may use, and uses.
fn cgroup_lines(cgroup: &CgroupReading) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    if let Some(limit) = cgroup.cpu_limit_cores {
        let words = format!("{} of {limit} cores", format::number(cgroup.cpu_used_cores));
        lines.push(("cpu limit", Bar::Share(cgroup.cpu_used_ratio()), words));
    }
    if let Some(throttled) = cgroup.cpu_throttled_ratio {
        lines.push((
            "held back",
            Bar::Share(Some(throttled)),
            format!("{} of periods", format::percent(Some(throttled))),
        ));
    }
    if let (Some(used), Some(limit)) = (cgroup.memory_used_bytes, cgroup.memory_limit_bytes) {
        lines.push(("mem limit", Bar::Share(cgroup.memory_used_ratio()), amount(used, limit)));
    }
    lines
}

/// The hottest sensors: `72C k10temp Tctl  48C nvme Composite`, with a bar towards where the hottest is in danger.
fn heat(temperatures: &[TemperatureReading]) -> Option<Line> {
    let hottest = temperatures.first()?;
    let share = hottest.celsius
        / hottest
            .critical_celsius
            .filter(|critical| *critical > 0.0)
            .unwrap_or(100.0);
    let words = temperatures
        .iter()
        .map(|it| format!("{:.0}C {}", it.celsius, it.sensor));
    Some(("hottest", Bar::Share(Some(share)), words.collect::<Vec<_>>().join("  ")))
}

fn amount(used: u64, total: u64) -> String {
    format!("{} of {}", format::bytes(used as f64), format::bytes(total as f64))
}

pub(super) fn limits(area: Rect, buf: &mut Buffer, host: &HostSnapshot, theme: &Theme) {
    heading(area, buf, "resources", theme);
    let bar_width = bar_width(area);
    for (index, (label, bar, words)) in limit_lines(host).into_iter().enumerate() {
        let row = text::rows(area, 1 + index, 1);
        text::put(buf, row, 0, 0, label, theme.style(Role::Dim));
        let (place, rest) = (
            text::columns(row, 10, bar_width),
            text::columns(row, bar_width + 12, usize::from(area.width)),
        );
        match bar {
            Bar::Share(ratio) => {
                let style = theme.amount(ratio.unwrap_or(0.0));
                Gauge { ratio, style, theme }.render(place, buf);
                let words = text::cut_end(&words, usize::from(rest.width));
                text::put(buf, rest, 0, 0, &words, theme.style(Role::Text));
            }
            Bar::Split(parts) => {
                split::bar(place, buf, &parts, theme);
                split::words(rest, buf, &parts, &words, theme);
            }
        }
    }
}

fn bar_width(area: Rect) -> usize {
    (usize::from(area.width) / 4).clamp(6, 24)
}

/// A figure's column: heading, width, and in which blocks it is there.
type Column = (&'static str, usize, Room);

/// From this width on a block has room for all figures.
const BROAD: usize = 60;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Room {
    Any,
    Broad,
    /// Stands for two figures that only broad blocks tell apart.
    Narrow,
}

const DISK_COLUMNS: [Column; 7] = [
    ("busy", 5, Room::Any),
    ("inodes", 7, Room::Broad),
    ("used", 5, Room::Broad),
    ("used", 5, Room::Narrow),
    ("free", 5, Room::Any),
    ("read", 7, Room::Any),
    ("write", 7, Room::Any),
];
const NETWORK_COLUMNS: [Column; 5] = [
    ("errors", 7, Room::Broad),
    ("drops", 7, Room::Broad),
    ("err+dr", 7, Room::Narrow),
    ("in", 7, Room::Any),
    ("out", 7, Room::Any),
];

pub(super) fn disks(area: Rect, buf: &mut Buffer, host: &HostSnapshot, theme: &Theme) {
    let disks = host.reading.disks.iter().take(DISK_LIMIT).map(|disk| {
        let figures = [
            format::percent(disk.busy_ratio),
            format::percent(disk.inodes_used_ratio()),
            format::percent(disk.used_ratio()),
            fuller(disk),
            format::bytes(disk.available_bytes as f64),
            format::bytes_rate(disk.read_bytes_per_s),
            format::bytes_rate(disk.write_bytes_per_s),
        ];
        (disk.mount.as_str(), figures)
    });
    table(area, buf, &disks_title(&host.reading), DISK_COLUMNS, disks, theme);
}

/// What will run out first: `87%` of the space, or `91%i` of the inodes.
fn fuller(disk: &DiskReading) -> String {
    let (space, inodes) = (disk.used_ratio(), disk.inodes_used_ratio());
    if inodes > space {
        format!("{}i", format::percent(inodes))
    } else {
        format::percent(space)
    }
}

/// `disks`, and how many file systems are not looked at and why: `disks, not image 4 network 1`.
fn disks_title(host: &HostReading) -> String {
    let left_out = host
        .disks_left_out
        .iter()
        .map(|left| format!(" {} {}", left.why, left.count));
    match left_out.collect::<String>() {
        left_out if left_out.is_empty() => "disks".to_owned(),
        left_out => format!("disks, not{left_out}"),
    }
}

pub(super) fn networks(area: Rect, buf: &mut Buffer, host: &HostSnapshot, theme: &Theme) {
    let networks = host.reading.networks.iter().take(NETWORK_LIMIT).map(|network| {
        let figures = [
            format::rate(network.errors_per_s),
            format::rate(network.drops_per_s),
            format::rate(either(network.errors_per_s, network.drops_per_s)),
            format::bytes_rate(network.received_bytes_per_s),
            format::bytes_rate(network.transmitted_bytes_per_s),
        ];
        (network.interface.as_str(), figures)
    });
    table(area, buf, "networks", NETWORK_COLUMNS, networks, theme);
}

/// The sum of what is known.
fn either(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    a.or(b).map(|_| a.unwrap_or(0.0) + b.unwrap_or(0.0))
}

/// Names at the left and figures up to the right edge, their headings on the line of the block's heading.
fn table<'a, const N: usize>(
    area: Rect,
    buf: &mut Buffer,
    title: &str,
    columns: [Column; N],
    rows: impl Iterator<Item = (&'a str, [String; N])>,
    theme: &Theme,
) {
    let places = places(usize::from(area.width), &columns);
    let name_width = places
        .first()
        .map_or(usize::from(area.width), |first| first.x.saturating_sub(1));
    heading(area, buf, &text::cut_end(title, name_width), theme);
    let put = |buf: &mut Buffer, row: Rect, place: &Place, words: &str, role| {
        text::put_cell(
            buf,
            row,
            place.x,
            0,
            place.width,
            Align::Right,
            words,
            theme.style(role),
        );
    };
    for place in &places {
        put(buf, area, place, &format!(" {}", place.label), Role::Dim);
    }
    for (y, (name, figures)) in rows.enumerate() {
        let row = text::rows(area, 1 + y, 1);
        let name = text::cut_middle(name, name_width);
        text::put(buf, row, 0, 0, &name, theme.style(Role::Text));
        for place in &places {
            put(buf, row, place, &figures[place.figure], Role::Text);
        }
    }
}

/// Where a figure stands.
struct Place {
    /// Which of them it is.
    figure: usize,
    label: &'static str,
    x: usize,
    width: usize,
}

/// The columns that there is room for, up to the right edge with a blank before each.
fn places(width: usize, columns: &[Column]) -> Vec<Place> {
    let has_room = |room: Room| room == Room::Any || (room == Room::Broad) == (width >= BROAD);
    let shown = || columns.iter().enumerate().filter(|(_, (_, _, room))| has_room(*room));
    let taken: usize = shown().map(|(_, (_, width, _))| width + 1).sum();
    let mut x = width.saturating_sub(taken) + 1;
    let place = |(figure, (label, width, _)): (usize, &Column)| {
        let start = x;
        x += width + 1;
        Place {
            figure,
            label,
            x: start,
            width: *width,
        }
    };
    shown().map(place).collect()
}
