//! The largest processes, in the order asked for; a filter looks for others too, while the machine tells of all.

mod columns;
mod tree;

use std::cmp::Ordering;
use std::collections::HashMap;

use columns::{Column, Subject};
use probetop_core::sample::{ProcessReading, Text};
use probetop_core::snapshot::{HostSnapshot, Snapshot};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::ui::theme::{Role, Theme};
use crate::ui::view::{Order, Pane, ProcessColumn, View};
use crate::ui::widget::text;

pub(super) fn height(host: &HostSnapshot, view: &View) -> usize {
    // Where the filter leaves none, a row says so.
    1 + rows(host, view).len().max(host.reading.processes.len().min(1))
}

/// Those whose name, number, user or command line contain every word of the filter.
fn matching<'a>(host: &'a HostSnapshot, view: &'a View) -> impl Iterator<Item = &'a ProcessReading> {
    let filter = view.pages.filter(Pane::Machine);
    let processes = searched(host, view).iter();
    processes.filter(|process| {
        let words = |text: &'a Option<Text>| text.as_ref().map_or("", Text::as_str);
        let pid = process.pid.to_string();
        filter.is_empty()
            || filter.accepts(&[
                process.name.as_str(),
                &pid,
                words(&process.user),
                words(&process.command),
            ])
    })
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

/// Deeper ones stand no further to the right, so that their names are still seen.
const DEPTH_LIMIT: usize = 8;

/// From this width of the name on there is room for the command line.
const COMMAND_FROM: usize = 18;

pub(super) fn render(
    area: Rect,
    buf: &mut Buffer,
    host: &HostSnapshot,
    snapshot: &Snapshot,
    view: &View,
    theme: &Theme,
) {
    let width = usize::from(area.width);
    // The labels of the columns stand on the same line.
    let columns = columns::fitting(width);
    let figures = columns.first().map_or(0, |first| width.saturating_sub(first.x));
    let title = title(host, view, width.saturating_sub(figures + 2));
    super::super::heading(area, buf, &title, theme);
    labels(area, buf, &title, &columns, view.processes, theme);
    let rows = rows(host, view);
    if rows.is_empty() && !host.reading.processes.is_empty() {
        let words = text::cut_end("none matches the filter", width);
        text::put(buf, area, 0, 1, &words, theme.style(Role::Dim));
    }
    let reading = &host.reading;
    let listed = reading.processes.iter().map(|process| process.pid);
    let courses: HashMap<u32, &Vec<f32>> = listed.zip(&host.history.processes_cpu_ratio).collect();
    for (index, (process, depth)) in rows.into_iter().enumerate().take(usize::from(area.height)) {
        let row = text::rows(area, 1 + index, 1);
        name(
            text::columns(row, 0, width.saturating_sub(figures + 1)),
            buf,
            process,
            depth,
            theme,
        );
        let subject = Subject {
            process,
            course: courses.get(&process.pid).map_or(&[], |course| course.as_slice()),
            now: snapshot.wall(reading.at),
            memory_bytes: reading.memory.total_bytes,
        };
        for column in &columns {
            column.render(row, buf, &subject, theme);
        }
    }
}

/// The name, as deep as its process stands in the tree, or the command line where that says it as well.
fn name(area: Rect, buf: &mut Buffer, process: &ProcessReading, depth: usize, theme: &Theme) {
    let mut x = 0;
    if depth > 0 {
        let branch = format!("{}{} ", theme.glyphs.corners[2], theme.glyphs.rule);
        let indent = 2 * (depth.min(DEPTH_LIMIT) - 1);
        x = text::put(buf, area, indent, 0, &branch, theme.style(Role::Rule));
    }
    let room = usize::from(area.width).saturating_sub(x);
    let name = process.name.as_str();
    let command = process.command.as_ref().filter(|_| room >= COMMAND_FROM);
    let Some(command) = command.map(|command| without_folder(command.as_str())) else {
        text::put(buf, area, x, 0, &text::cut_middle(name, room), theme.style(Role::Text));
        return;
    };
    let arguments = match command.strip_prefix(name) {
        Some(arguments) => {
            x = text::put(buf, area, x, 0, &text::cut_end(name, room), theme.style(Role::Text));
            arguments
        }
        // A thread or a script that calls itself otherwise.
        None => {
            x = text::put(buf, area, x, 0, &text::cut_end(name, room), theme.style(Role::Text)) + 1;
            command
        }
    };
    let room = usize::from(area.width).saturating_sub(x);
    text::put(buf, area, x, 0, &text::cut_end(arguments, room), theme.style(Role::Dim));
}

/// `/usr/bin/java -jar x.jar` as `java -jar x.jar`.
fn without_folder(command: &str) -> &str {
    let program = command.split(' ').next().unwrap_or(command);
    let folder = program.rfind('/').filter(|_| program.starts_with('/'));
    folder.map_or(command, |slash| &command[slash + 1..])
}

/// What the columns are called, with an arrow at the one that is sorted by.
fn labels(
    area: Rect,
    buf: &mut Buffer,
    title: &str,
    columns: &[Column],
    (by, order): (ProcessColumn, Order),
    theme: &Theme,
) {
    let arrow = match order {
        Order::Ascending => theme.glyphs.ascending,
        Order::Descending => theme.glyphs.descending,
    };
    let of_title = match by {
        ProcessColumn::Name => Some(arrow.to_owned()),
        ProcessColumn::Tree => Some(format!(" tree{arrow}")),
        ProcessColumn::Cpu | ProcessColumn::Memory | ProcessColumn::Pid => None,
    };
    if let Some(words) = of_title {
        text::put(buf, area, text::width(title), 0, &words, theme.style(Role::Accent));
    }
    for column in columns {
        let is_sorted = column.sorts == Some(by);
        let arrow = if is_sorted { arrow } else { "" };
        let role = if is_sorted { Role::Accent } else { Role::Dim };
        column.put(area, buf, &format!(" {}{arrow}", column.label), theme.style(role));
    }
}

/// Those that the filter leaves in the order asked for, each with its depth in the tree.
fn rows<'a>(host: &'a HostSnapshot, view: &'a View) -> Vec<(&'a ProcessReading, usize)> {
    let (by, order) = view.processes;
    let mut processes: Vec<_> = matching(host, view).collect();
    if by == ProcessColumn::Tree {
        return tree::rows(&processes, &host.reading.all_processes, order);
    }
    processes.sort_by(|a, b| match order {
        Order::Ascending => compare(a, b, by),
        Order::Descending => compare(b, a, by),
    });
    processes.into_iter().map(|process| (process, 0)).collect()
}

/// Ties are told apart by pid, so that rows do not swap places.
fn compare(a: &ProcessReading, b: &ProcessReading, column: ProcessColumn) -> Ordering {
    let order = match column {
        ProcessColumn::Cpu => a.cpu_ratio.total_cmp(&b.cpu_ratio),
        ProcessColumn::Memory => a.rss_bytes.cmp(&b.rss_bytes),
        ProcessColumn::Name => a.name.cmp(&b.name),
        ProcessColumn::Pid | ProcessColumn::Tree => Ordering::Equal,
    };
    order.then(a.pid.cmp(&b.pid))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_begins_with_its_program() {
        let check = |command, expected| assert_eq!(without_folder(command), expected);
        check("/usr/bin/java -jar /srv/x.jar", "java -jar /srv/x.jar");
        check("k6 run a/b.js", "k6 run a/b.js");
        check("nginx: worker process", "nginx: worker process");
        check("./run /tmp", "./run /tmp");
        check("/", "");
        check("", "");
    }
}
