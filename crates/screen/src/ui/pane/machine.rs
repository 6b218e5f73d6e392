//! This machine: its own pane, a panel beside the targets, and a strip below them.
//!
//! ```text
//!  wide                                  narrow: the same, one below the other
//!  gauges          │ processes
//!  cores           │
//!  memory, limits  │
//!  tcp, open files │
//!  disks           │
//!  networks        │
//! ```

mod amount;
mod cores;
pub(super) mod gauges;
mod processes;
mod resources;
mod sockets;
mod split;

use probetop_core::sample::{Level, SystemReading, Text};
use probetop_core::snapshot::{HostSnapshot, Snapshot};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::ui::action::Action;
use crate::ui::format;
use crate::ui::geometry::Placed;
use crate::ui::page::{About, AlertOf, Form, Need, Page, Past, Rows};
use crate::ui::pane::Scene;
use crate::ui::standing::Standing;
use crate::ui::theme::{Role, Theme};
use crate::ui::view::{Block, MachinePart, View};
use crate::ui::widget::text;

/// From this width on the processes stand beside the rest.
pub const WIDE: usize = 110;

/// A gauge higher than this says no more.
pub const GAUGE_ROWS: usize = 3;

/// Beside something else the machine needs so many columns and rows, and can use so many columns.
pub const PANEL_LEAST: usize = 38;
pub const PANEL_MOST: usize = 42;
pub const PANEL_ROWS: usize = 12;

/// Lower than this it is a strip of gauges.
pub const STRIP_ROWS: u16 = 3;

pub const PAGE: Page = Page {
    title: "Machine",
    short_title: "Mach",
    action: Action::Machine,
    keys: &[
        Action::Help,
        Action::Back,
        Action::SortNext,
        Action::SortReverse,
        Action::Signal,
        Action::ZoomIn,
        Action::Freeze,
        Action::Export,
        Action::Filter,
        Action::Discover,
    ],
    about: About::Itself,
    rows: Rows::Lines,
    alert: AlertOf::Nobody,
    past: Past::Shown,
    needs: &[Need::Processes],
    axis: None,
    form: Form::Sheet,
    measure: height,
    parts: parts_of_page,
    render,
};

/// Rows of the pane at a width.
pub fn height(width: usize, snapshot: &Snapshot, view: &View) -> usize {
    let Some(host) = &snapshot.host else { return 4 };
    let blocks = blocks_height(host, left_width(width));
    let processes = processes::height(host, view);
    let below = if width >= WIDE {
        blocks.max(processes)
    } else {
        blocks + 1 + processes
    };
    summary_rows(snapshot) + below
}

/// The row of the pane on which the processes begin, where they are not beside the rest.
pub fn processes_row(width: usize, snapshot: &Snapshot) -> usize {
    let host = snapshot.host.as_ref().filter(|_| width < WIDE);
    host.map_or(0, |host| {
        summary_rows(snapshot) + blocks_height(host, left_width(width)) + 1
    })
}

/// Rows of the summary: how it stands, and what it is.
const SUMMARY: usize = 2;

/// With a row that says how to watch more than it, while it is all there is.
fn summary_rows(snapshot: &Snapshot) -> usize {
    SUMMARY + usize::from(snapshot.targets.is_empty())
}

fn left_width(width: usize) -> usize {
    if width >= WIDE {
        // As much as bars need; the processes have their command lines to show.
        (width * 9 / 20).max(58)
    } else {
        width.saturating_sub(2)
    }
}

fn render(area: Rect, buf: &mut Buffer, scene: Scene) {
    let Scene {
        snapshot, view, theme, ..
    } = scene;
    let Some(host) = &snapshot.host else {
        let lines = [
            "This machine is not watched, or was not read yet.",
            "Start without --no-host to watch it.",
        ];
        return super::empty(area, buf, &lines, theme);
    };
    let inner = text::inset(area);
    summary(text::rows(inner, 0, 1), buf, host, theme);
    facts(text::rows(inner, 1, 1), buf, &host.reading.system, theme);
    if snapshot.targets.is_empty() {
        alone(text::rows(inner, 2, 1), buf, view, theme);
    }
    for (shown, area) in parts(area, host, snapshot, view) {
        part(shown, area, buf, host, scene);
    }
}

fn parts_of_page(area: Rect, snapshot: &Snapshot, view: &View) -> Placed {
    let host = snapshot.host.as_ref();
    host.map_or_else(Placed::default, |host| {
        let parts = parts(area, host, snapshot, view).into_iter();
        parts
            .map(|(part, area)| (Block::Machine(part), area))
            .collect::<Vec<_>>()
            .into()
    })
}

/// The blocks of the pane and where they stand.
fn parts(area: Rect, host: &HostSnapshot, snapshot: &Snapshot, view: &View) -> Vec<(MachinePart, Rect)> {
    let width = usize::from(area.width);
    let inner = text::inset(area);
    let rest = text::rows(inner, summary_rows(snapshot), usize::from(area.height));
    let (left, processes) = if width >= WIDE {
        let left = text::columns(rest, 0, left_width(width));
        (left, text::columns(rest, usize::from(left.width) + 3, width))
    } else {
        let rows = usize::from(rest.height).saturating_sub(processes::height(host, view) + 1);
        (
            text::rows(rest, 0, rows),
            text::rows(rest, rows + 1, usize::from(rest.height)),
        )
    };
    let mut parts = stack(left, host);
    parts.push((MachinePart::Processes, processes));
    parts
}

/// One part, or of all as much as there is room for.
pub fn part(part: MachinePart, area: Rect, buf: &mut Buffer, host: &HostSnapshot, scene: Scene) {
    let Scene {
        snapshot, view, theme, ..
    } = scene;
    match part {
        MachinePart::Whole if area.height < STRIP_ROWS => gauges::strip(area, buf, host, snapshot, view, theme),
        MachinePart::Whole if usize::from(area.width) >= WIDE => render(area, buf, scene),
        MachinePart::Whole => panel(area, buf, host, scene),
        MachinePart::Gauges => gauges::render(area, buf, host, snapshot, view, theme),
        MachinePart::Cores => cores::render(area, buf, host, snapshot, view, theme),
        MachinePart::Resources => resources::limits(area, buf, host, theme),
        MachinePart::Sockets => sockets::render(area, buf, host, theme),
        MachinePart::Disks => resources::disks(area, buf, host, theme),
        MachinePart::Networks => resources::networks(area, buf, host, theme),
        MachinePart::Processes => processes::render(area, buf, host, snapshot, view, theme),
    }
}

/// Rows of the processes that the filter leaves, and of their heading.
pub fn processes_height(host: &HostSnapshot, view: &View) -> usize {
    processes::height(host, view)
}

/// Rows of one part, its heading among them.
pub fn height_of(part: MachinePart, host: &HostSnapshot, width: usize) -> usize {
    match part {
        MachinePart::Gauges => gauges::height(1),
        MachinePart::Cores => cores::height(host, width),
        MachinePart::Resources => resources::limits_height(host),
        MachinePart::Sockets => sockets::height(host, width),
        MachinePart::Disks => 1 + host.reading.disks.len().min(resources::DISK_LIMIT),
        MachinePart::Networks => 1 + host.reading.networks.len().min(resources::NETWORK_LIMIT),
        // How many of them are left is told by the filter.
        MachinePart::Processes | MachinePart::Whole => 0,
    }
}

/// The panel beside the targets: what fits, most important first.
fn panel(area: Rect, buf: &mut Buffer, host: &HostSnapshot, scene: Scene) {
    let Scene {
        snapshot, view, theme, ..
    } = scene;
    if area.is_empty() {
        return;
    }
    summary(text::rows(area, 0, 1), buf, host, theme);
    if let Some(reason) = host.reason.as_ref().filter(|_| host.level != Level::Ok) {
        let cut = text::cut_end(reason.as_str(), usize::from(area.width));
        text::put(buf, area, 0, 1, &cut, theme.style(Standing::of_host(host).role()));
    } else {
        facts(text::rows(area, 1, 1), buf, &host.reading.system, theme);
    }
    let rest = text::rows(area, SUMMARY, usize::from(area.height));
    // The processes come last, but if there is room for all, before higher gauges.
    let all = blocks_height(host, usize::from(area.width)) + 1 + processes::height(host, view);
    let kept = if all <= usize::from(rest.height) {
        processes::height(host, view) + 1
    } else {
        0
    };
    let blocks = text::rows(rest, 0, usize::from(rest.height).saturating_sub(kept));
    let parts = stack(blocks, host);
    for (shown, area) in &parts {
        part(*shown, *area, buf, host, scene);
    }
    let used = parts.last().map_or(0, |(_, area)| usize::from(area.bottom() - rest.y));
    let processes = text::rows(rest, used + 1, usize::from(rest.height));
    if processes.height > 2 {
        processes::render(processes, buf, host, snapshot, view, theme);
    }
}

/// The blocks one below the other with a blank row between; the gauges get the rows that are left over. Leaves out what does
/// not fit.
fn stack(area: Rect, host: &HostSnapshot) -> Vec<(MachinePart, Rect)> {
    let rows = usize::from(area.height);
    let width = usize::from(area.width);
    let spare = rows.saturating_sub(blocks_height(host, width));
    let rows_each = (1 + spare / gauges::COUNT).min(GAUGE_ROWS);
    let mut placed = Vec::new();
    let mut y = 0;
    for block in blocks(host) {
        let height = if block == MachinePart::Gauges {
            gauges::height(rows_each)
        } else {
            height_of(block, host, width)
        };
        let start = if y > 0 { y + 1 } else { 0 };
        if start + height <= rows {
            placed.push((block, text::rows(area, start, height)));
            y = start + height;
        }
    }
    placed
}

/// Rows of all blocks with a blank row between.
fn blocks_height(host: &HostSnapshot, width: usize) -> usize {
    let blocks = blocks(host);
    let rows: usize = blocks.iter().map(|block| height_of(*block, host, width)).sum();
    rows + blocks.len().saturating_sub(1)
}

/// `web-1  8 cores  up 12d03h  212 processes` and the level at the right.
fn summary(area: Rect, buf: &mut Buffer, host: &HostSnapshot, theme: &Theme) {
    let reading = &host.reading;
    let name = reading.name.as_ref().map_or("this machine", |name| name.as_str());
    let standing = Standing::of_host(host);
    let level = standing.words(&theme.glyphs);
    let room = usize::from(area.width).saturating_sub(text::width(&level) + 1);
    let left = text::columns(area, 0, room);
    let mut x = text::put(buf, left, 0, 0, &text::cut_end(name, room), theme.style(Role::Accent));
    let cores = match reading.cpu.cores {
        1 => "1 core".into(),
        cores => format!("{cores} cores"),
    };
    let uptime = reading.uptime.map(|uptime| format!("up {}", format::age(uptime)));
    let processes = reading.process_count.map(|count| match count {
        1 => "1 process".to_owned(),
        count => format!("{count} processes"),
    });
    let reason = host
        .reason
        .as_ref()
        .filter(|_| room >= 90)
        .map(|reason| reason.as_str().to_string());
    for part in [Some(cores), uptime, processes, reason].into_iter().flatten() {
        if x + 2 + text::width(&part) <= room {
            x = text::put(buf, left, x + 2, 0, &part, theme.style(Role::Dim));
        }
    }
    text::put_right(buf, area, 0, &level, theme.style(standing.role()));
}

/// How to watch more than this machine.
fn alone(area: Rect, buf: &mut Buffer, view: &View, theme: &Theme) {
    let key = view.keys.keys(Action::Discover).into_iter().next();
    let listens = key.map(|key| format!("{key} lists what listens here, to be watched"));
    let start = "or start with probetop localhost:8080, probetop demo";
    let room = usize::from(area.width);
    let mut x = text::put(buf, area, 0, 0, "No targets yet:", theme.style(Role::Text));
    for (words, role) in [(listens, Role::Accent), (Some(start.to_owned()), Role::Dim)] {
        let Some(words) = words.filter(|words| x + 1 + text::width(words) <= room) else {
            continue;
        };
        x = text::put(buf, area, x + 1, 0, &words, theme.style(role));
    }
}

/// `Ubuntu 24.04, Linux 6.8.0-49-generic, AMD EPYC 7B13`, as much of it as fits.
fn facts(area: Rect, buf: &mut Buffer, system: &SystemReading, theme: &Theme) {
    let kernel = system.kernel.as_ref().map(|kernel| format!("kernel {kernel}"));
    let named = |name: &Option<Text>| name.as_ref().map(Text::to_string);
    let known = [named(&system.os), kernel, named(&system.cpu_brand)];
    let words = known.into_iter().flatten().collect::<Vec<_>>().join(", ");
    let words = text::cut_end(&words, usize::from(area.width));
    text::put(buf, area, 0, 0, &words, theme.style(Role::Dim));
}

/// The parts that there is anything to say about.
fn blocks(host: &HostSnapshot) -> Vec<MachinePart> {
    let all = [
        MachinePart::Gauges,
        MachinePart::Cores,
        MachinePart::Resources,
        MachinePart::Sockets,
        MachinePart::Disks,
        MachinePart::Networks,
    ];
    all.into_iter().filter(|part| height_of(*part, host, 80) > 1).collect()
}
