//! Cores, memory and limits, disks, networks: the newest reading, a block each.

use probetop_core::sample::{CgroupReading, DiskReading, HostReading};
use probetop_core::snapshot::HostSnapshot;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget as _;

use crate::ui::format;
use crate::ui::pane::heading;
use crate::ui::theme::{Role, Theme};
use crate::ui::widget::gauge::Gauge;
use crate::ui::widget::text::{self, Align};

/// Rows of disks and networks; machines with many mounts have few that matter, and those come first.
pub const DISK_LIMIT: usize = 8;
/// As for disks.
pub const NETWORK_LIMIT: usize = 8;

/// Up to this many cores each has a gauge with its figure; more share lines of one character each.
const CORES_WITH_GAUGE: usize = 16;
const CORE_CELL: usize = 18;

pub fn cores_height(host: &HostSnapshot, width: usize) -> usize {
    let cores = host.reading.cpu.per_core_ratio.len();
    1 + cores.div_ceil(cores_across(cores, width))
}

fn cores_across(cores: usize, width: usize) -> usize {
    if cores <= CORES_WITH_GAUGE {
        (width / CORE_CELL).max(1)
    } else {
        width.max(1)
    }
}

pub fn cores(area: Rect, buf: &mut Buffer, host: &HostSnapshot, theme: &Theme) {
    let ratios = &host.reading.cpu.per_core_ratio;
    heading(area, buf, "cores", theme);
    let width = usize::from(area.width);
    let across = cores_across(ratios.len(), width);
    for (index, ratio) in ratios.iter().enumerate() {
        let row = text::rows(area, 1 + index / across, 1);
        if ratios.len() <= CORES_WITH_GAUGE {
            let cell_width = (width / across).min(CORE_CELL * 2);
            let cell = text::columns(row, index % across * cell_width, cell_width - 1);
            text::put_cell(
                buf,
                cell,
                0,
                0,
                2,
                Align::Right,
                &index.to_string(),
                theme.style(Role::Dim),
            );
            let bar = text::columns(cell, 3, cell_width.saturating_sub(10));
            let gauge = Gauge {
                ratio: Some(*ratio),
                style: theme.style(Role::Bar),
                theme,
            };
            gauge.render(bar, buf);
            let percent = format::percent(Some(*ratio));
            text::put_cell(
                buf,
                cell,
                cell_width.saturating_sub(6),
                0,
                4,
                Align::Right,
                &percent,
                theme.style(Role::Text),
            );
        } else {
            let eighth = ((ratio.clamp(0.0, 1.0) * 8.0).ceil() as usize).clamp(1, 8);
            text::put(
                buf,
                row,
                index % across,
                0,
                theme.glyphs.bars[eighth - 1],
                theme.style(Role::Bar),
            );
        }
    }
}

pub fn limits_height(host: &HostSnapshot) -> usize {
    1 + limit_lines(host).len()
}

/// Label, ratio for a bar, words.
type Line = (&'static str, Option<f64>, String);

fn limit_lines(host: &HostSnapshot) -> Vec<Line> {
    let reading = &host.reading;
    let memory = &reading.memory;
    let mut lines: Vec<Line> = Vec::new();
    if memory.total_bytes > 0 {
        lines.push((
            "memory",
            memory.used_ratio(),
            amount(memory.used_bytes, memory.total_bytes),
        ));
    }
    if memory.swap_total_bytes > 0 {
        lines.push((
            "swap",
            memory.swap_used_ratio(),
            amount(memory.swap_used_bytes, memory.swap_total_bytes),
        ));
    }
    let loads = [reading.cpu.load_1m, reading.cpu.load_5m, reading.cpu.load_15m];
    if loads.iter().any(Option::is_some) {
        let words = loads.map(format::number).join(" ");
        let ratio = loads[0].map(|load| load / f64::from(reading.cpu.cores.max(1)));
        lines.push(("load", ratio, words));
    }
    let taken = [
        ("iowait", reading.cpu.iowait_ratio, "for disks"),
        ("steal", reading.cpu.steal_ratio, "to others"),
    ];
    let known = taken.into_iter().filter(|(_, ratio, _)| ratio.is_some());
    lines.extend(known.map(|(label, ratio, why)| (label, ratio, format!("{} {why}", format::share(ratio)))));
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
    lines.extend(known.map(|(label, some, full)| (label, some, waited(some, full))));
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
        lines.push(("cpu limit", cgroup.cpu_used_ratio(), words));
    }
    if let Some(throttled) = cgroup.cpu_throttled_ratio {
        lines.push((
            "held back",
            Some(throttled),
            format!("{} of periods", format::percent(Some(throttled))),
        ));
    }
    if let (Some(used), Some(limit)) = (cgroup.memory_used_bytes, cgroup.memory_limit_bytes) {
        lines.push(("mem limit", cgroup.memory_used_ratio(), amount(used, limit)));
    }
    lines
}

fn amount(used: u64, total: u64) -> String {
    format!("{} of {}", format::bytes(used as f64), format::bytes(total as f64))
}

pub fn limits(area: Rect, buf: &mut Buffer, host: &HostSnapshot, theme: &Theme) {
    heading(area, buf, "resources", theme);
    let bar_width = bar_width(area);
    for (index, (label, ratio, words)) in limit_lines(host).into_iter().enumerate() {
        let row = text::rows(area, 1 + index, 1);
        text::put(buf, row, 0, 0, label, theme.style(Role::Dim));
        let gauge = Gauge {
            ratio,
            style: theme.style(Role::Bar),
            theme,
        };
        gauge.render(text::columns(row, 10, bar_width), buf);
        let room = usize::from(area.width).saturating_sub(bar_width + 12);
        text::put(
            buf,
            row,
            bar_width + 12,
            0,
            &text::cut_end(&words, room),
            theme.style(Role::Text),
        );
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

pub fn disks(area: Rect, buf: &mut Buffer, host: &HostSnapshot, theme: &Theme) {
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

pub fn networks(area: Rect, buf: &mut Buffer, host: &HostSnapshot, theme: &Theme) {
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
