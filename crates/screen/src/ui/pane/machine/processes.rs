//! The largest processes, in the order asked for; a filter looks for others too, while the machine tells of all.

use std::cmp::Ordering;

use probetop_core::sample::ProcessReading;
use probetop_core::snapshot::HostSnapshot;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::ui::format;
use crate::ui::theme::{Role, Theme};
use crate::ui::view::{Order, Pane, ProcessColumn, View};
use crate::ui::widget::text::{self, Align};

pub fn height(host: &HostSnapshot, view: &View) -> usize {
    // Where the filter leaves none, a row says so.
    1 + matching(host, view).count().max(host.reading.processes.len().min(1))
}

/// Those whose name or number contains every word of the filter.
fn matching<'a>(host: &'a HostSnapshot, view: &'a View) -> impl Iterator<Item = &'a ProcessReading> {
    let filter = view.pages.filter(Pane::Machine);
    let processes = searched(host, view).iter();
    processes.filter(|process| filter.is_empty() || filter.accepts(&[process.name.as_str(), &process.pid.to_string()]))
}

/// Without a filter the largest; with one all that are known, of which the largest are known in any case.
fn searched<'a>(host: &'a HostSnapshot, view: &View) -> &'a [ProcessReading] {
    let reading = &host.reading;
    match view.pages.filter(Pane::Machine).is_empty() || reading.all_processes.is_empty() {
        true => &reading.processes,
        false => &reading.all_processes,
    }
}

/// `processes`, and how many the filter leaves: `processes 2/412 /postgres`.
fn title(host: &HostSnapshot, view: &View, width: usize) -> String {
    let filter = view.pages.filter(Pane::Machine);
    if filter.is_empty() {
        return "processes".into();
    }
    let (shown, all) = (matching(host, view).count(), searched(host, view).len());
    text::cut_end(&format!("processes {shown}/{all} /{}", filter.text()), width)
}

pub fn render(area: Rect, buf: &mut Buffer, host: &HostSnapshot, view: &View, theme: &Theme) {
    let width = usize::from(area.width);
    // The labels of the columns stand on the same line.
    let columns = columns(width);
    let figures = columns.first().map_or(0, |first| width.saturating_sub(first.x));
    let title = title(host, view, width.saturating_sub(figures + 2));
    super::super::heading(area, buf, &title, theme);
    labels(area, buf, &title, &columns, view.processes, theme);
    let processes = sorted(host, view);
    if processes.is_empty() && !host.reading.processes.is_empty() {
        let words = text::cut_end("none matches the filter", width);
        text::put(buf, area, 0, 1, &words, theme.style(Role::Dim));
    }
    for (index, process) in processes.into_iter().enumerate() {
        let row = text::rows(area, 1 + index, 1);
        let name = text::cut_middle(process.name.as_str(), width.saturating_sub(figures + 1));
        text::put(buf, row, 0, 0, &name, theme.style(Role::Text));
        for column in &columns {
            column.put(row, buf, &(column.cell)(process), theme.style(column.role));
        }
    }
}

/// What the columns are called, with an arrow at the one that is sorted by.
fn labels(
    area: Rect,
    buf: &mut Buffer,
    title: &str,
    columns: &[Figure],
    (by, order): (ProcessColumn, Order),
    theme: &Theme,
) {
    let arrow = match order {
        Order::Ascending => theme.glyphs.ascending,
        Order::Descending => theme.glyphs.descending,
    };
    if by == ProcessColumn::Name {
        text::put(buf, area, text::width(title), 0, arrow, theme.style(Role::Accent));
    }
    for column in columns {
        let is_sorted = column.sorts == Some(by);
        let arrow = if is_sorted { arrow } else { "" };
        let role = if is_sorted { Role::Accent } else { Role::Dim };
        column.put(area, buf, &format!(" {}{arrow}", column.label), theme.style(role));
    }
}

/// Those that the filter leaves, in the order asked for.
fn sorted<'a>(host: &'a HostSnapshot, view: &'a View) -> Vec<&'a ProcessReading> {
    let (by, order) = view.processes;
    let mut processes: Vec<_> = matching(host, view).collect();
    processes.sort_by(|a, b| match order {
        Order::Ascending => compare(a, b, by),
        Order::Descending => compare(b, a, by),
    });
    processes
}

/// From this width on the memory stands there as well in which shared pages count by their part.
const PSS_FROM: usize = 60;

struct Figure {
    label: &'static str,
    /// Where it begins.
    x: usize,
    width: usize,
    role: Role,
    sorts: Option<ProcessColumn>,
    cell: fn(&ProcessReading) -> String,
}

impl Figure {
    fn put(&self, row: Rect, buf: &mut Buffer, words: &str, style: Style) {
        text::put_cell(buf, row, self.x, 0, self.width, Align::Right, words, style);
    }
}

/// The figures behind the name, at the right edge.
fn columns(width: usize) -> Vec<Figure> {
    let figure = |label, figure_width, role, sorts, cell| Figure {
        label,
        x: 0,
        width: figure_width,
        role,
        sorts,
        cell,
    };
    let mut columns = vec![
        figure("pid", 8, Role::Dim, Some(ProcessColumn::Pid), |process| {
            process.pid.to_string()
        }),
        figure("cpu", 7, Role::Text, Some(ProcessColumn::Cpu), |process| {
            format!("{:.1}%", process.cpu_ratio * 100.0)
        }),
        figure("memory", 7, Role::Text, Some(ProcessColumn::Memory), |process| {
            format::bytes(process.rss_bytes as f64)
        }),
    ];
    if width >= PSS_FROM {
        // Only of the largest is it known.
        columns.push(figure("pss", 7, Role::Text, None, |process| {
            process
                .pss_bytes
                .map_or_else(|| format::ABSENT.to_owned(), |bytes| format::bytes(bytes as f64))
        }));
    }
    let mut end = width;
    for column in columns.iter_mut().rev() {
        column.x = end.saturating_sub(column.width);
        end = column.x.saturating_sub(1);
    }
    columns
}

/// Ties are told apart by pid, so that rows do not swap places.
fn compare(a: &ProcessReading, b: &ProcessReading, column: ProcessColumn) -> Ordering {
    let order = match column {
        ProcessColumn::Cpu => a.cpu_ratio.total_cmp(&b.cpu_ratio),
        ProcessColumn::Memory => a.rss_bytes.cmp(&b.rss_bytes),
        ProcessColumn::Name => a.name.cmp(&b.name),
        ProcessColumn::Pid => Ordering::Equal,
    };
    order.then(a.pid.cmp(&b.pid))
}
