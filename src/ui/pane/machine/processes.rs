//! The largest processes, in the order asked for; a filter looks for others too, while the machine tells of all.

use std::cmp::Ordering;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::sample::ProcessReading;
use crate::snapshot::HostSnapshot;
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
    let filter = view.words(Pane::Machine);
    let processes = searched(host, view).iter();
    processes.filter(|process| filter.is_empty() || filter.accepts(&[process.name.as_str(), &process.pid.to_string()]))
}

/// Without a filter the largest; with one all that are known, of which the largest are known in any case.
fn searched<'a>(host: &'a HostSnapshot, view: &View) -> &'a [ProcessReading] {
    let reading = &host.reading;
    match view.words(Pane::Machine).is_empty() || reading.all_processes.is_empty() {
        true => &reading.processes,
        false => &reading.all_processes,
    }
}

/// `processes`, and how many the filter leaves: `processes 2/412 /postgres`.
fn title(host: &HostSnapshot, view: &View, width: usize) -> String {
    let filter = view.words(Pane::Machine);
    if filter.is_empty() {
        return "processes".into();
    }
    let (shown, all) = (matching(host, view).count(), searched(host, view).len());
    text::cut_end(&format!("processes {shown}/{all} /{}", filter.text()), width)
}

pub fn render(area: Rect, buf: &mut Buffer, host: &HostSnapshot, view: &View, theme: &Theme) {
    let sort = view.processes;
    let width = usize::from(area.width);
    // The labels of the columns stand on the same line.
    let title = title(host, view, width.saturating_sub(FIGURES));
    super::super::heading(area, buf, &title, theme);
    let columns = [
        (ProcessColumn::Pid, "pid", width.saturating_sub(24), 8),
        (ProcessColumn::Cpu, "cpu", width.saturating_sub(15), 7),
        (ProcessColumn::Memory, "memory", width.saturating_sub(7), 7),
    ];
    let arrow = match sort.1 {
        Order::Ascending => theme.glyphs.ascending,
        Order::Descending => theme.glyphs.descending,
    };
    if sort.0 == ProcessColumn::Name {
        text::put(buf, area, text::width(&title), 0, arrow, theme.style(Role::Accent));
    }
    for (column, label, x, cell_width) in columns {
        let sorted = column == sort.0;
        let label = if sorted {
            format!(" {label}{arrow}")
        } else {
            format!(" {label}")
        };
        let role = if sorted { Role::Accent } else { Role::Dim };
        text::put_cell(buf, area, x, 0, cell_width, Align::Right, &label, theme.style(role));
    }
    let mut processes: Vec<_> = matching(host, view).collect();
    if processes.is_empty() && !host.reading.processes.is_empty() {
        let words = text::cut_end("none matches the filter", width);
        text::put(buf, area, 0, 1, &words, theme.style(Role::Dim));
    }
    processes.sort_by(|a, b| match sort.1 {
        Order::Ascending => compare(a, b, sort.0),
        Order::Descending => compare(b, a, sort.0),
    });
    for (index, process) in processes.into_iter().enumerate() {
        let row = text::rows(area, 1 + index, 1);
        let name = text::cut_middle(process.name.as_str(), width.saturating_sub(25));
        text::put(buf, row, 0, 0, &name, theme.style(Role::Text));
        let cells = [
            process.pid.to_string(),
            format!("{:.1}%", process.cpu_ratio * 100.0),
            format::bytes(process.rss_bytes as f64),
        ];
        for ((column, _, x, cell_width), cell) in columns.into_iter().zip(cells) {
            let role = if column == ProcessColumn::Pid {
                Role::Dim
            } else {
                Role::Text
            };
            text::put_cell(buf, row, x, 0, cell_width, Align::Right, &cell, theme.style(role));
        }
    }
}

/// Columns of the screen that pid, cpu and memory take.
const FIGURES: usize = 26;

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
