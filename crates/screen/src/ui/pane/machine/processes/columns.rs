//! The figures of a process, behind its name.

use std::time::SystemTime;

use probetop_core::sample::ProcessReading;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::super::amount;
use crate::ui::format;
use crate::ui::theme::{Role, Theme};
use crate::ui::view::ProcessColumn;
use crate::ui::widget::text::{self, Align};

/// What there is to say of one process.
pub(super) struct Subject<'a> {
    pub process: &'a ProcessReading,
    /// Its processors' time over the last seconds.
    pub course: &'a [f32],
    /// The wall clock at the reading.
    pub now: SystemTime,
    /// Of the machine.
    pub memory_bytes: u64,
}

pub(super) struct Column {
    pub label: &'static str,
    /// From this width of the block on it is there.
    from: usize,
    pub x: usize,
    width: usize,
    pub sorts: Option<ProcessColumn>,
    cell: Cell,
}

#[derive(Clone, Copy)]
enum Cell {
    Words(Role, fn(&Subject<'_>) -> String),
    /// In the colour of how much of the whole it is.
    Amount(fn(&Subject<'_>) -> (String, f64)),
    Course,
}

/// A course below this share of a core is noise, and is not drawn as high as one that is something.
const COURSE_LEAST: f32 = 0.05;

const ALL: [Column; 7] = [
    column(
        "user",
        52,
        9,
        None,
        Cell::Words(Role::Dim, |it| text::cut_end(name(it), 9)),
    ),
    column(
        "pid",
        0,
        8,
        Some(ProcessColumn::Pid),
        Cell::Words(Role::Dim, |it| it.process.pid.to_string()),
    ),
    column("age", 100, 6, None, Cell::Words(Role::Dim, age)),
    column("cpu", 0, 7, Some(ProcessColumn::Cpu), Cell::Amount(cpu)),
    column("last 30s", 66, 12, None, Cell::Course),
    column("memory", 0, 7, Some(ProcessColumn::Memory), Cell::Amount(memory)),
    // Only of the largest is it known.
    column("pss", 78, 7, None, Cell::Words(Role::Text, pss)),
];

const fn column(label: &'static str, from: usize, width: usize, sorts: Option<ProcessColumn>, cell: Cell) -> Column {
    Column {
        label,
        from,
        x: 0,
        width,
        sorts,
        cell,
    }
}

/// Those that a block so wide has room for, at its right edge.
pub(super) fn fitting(width: usize) -> Vec<Column> {
    let mut columns: Vec<Column> = ALL.into_iter().filter(|column| width >= column.from).collect();
    let mut end = width;
    for column in columns.iter_mut().rev() {
        column.x = end.saturating_sub(column.width);
        end = column.x.saturating_sub(1);
    }
    columns
}

impl Column {
    pub(super) fn put(&self, row: Rect, buf: &mut Buffer, words: &str, style: Style) {
        text::put_cell(buf, row, self.x, 0, self.width, Align::Right, words, style);
    }

    pub(super) fn render(&self, row: Rect, buf: &mut Buffer, subject: &Subject<'_>, theme: &Theme) {
        match self.cell {
            Cell::Words(role, words) => self.put(row, buf, &words(subject), theme.style(role)),
            Cell::Amount(amount) => {
                let (words, share) = amount(subject);
                self.put(row, buf, &words, theme.amount(share));
            }
            Cell::Course => {
                let greatest = subject.course.iter().copied().max_by(f32::total_cmp);
                let top = greatest.unwrap_or_default().max(COURSE_LEAST);
                let place = text::columns(row, self.x, self.width);
                amount::newest(place, buf, subject.course, top, theme);
            }
        }
    }
}

fn name<'a>(subject: &Subject<'a>) -> &'a str {
    subject
        .process
        .user
        .as_ref()
        .map_or(format::ABSENT, |user| user.as_str())
}

fn age(subject: &Subject<'_>) -> String {
    let started = subject.process.started;
    let age = started.map(|started| subject.now.duration_since(started).unwrap_or_default());
    age.map_or_else(|| format::ABSENT.to_owned(), format::age)
}

fn cpu(subject: &Subject<'_>) -> (String, f64) {
    let ratio = subject.process.cpu_ratio;
    (format!("{:.1}%", ratio * 100.0), ratio)
}

fn memory(subject: &Subject<'_>) -> (String, f64) {
    let bytes = subject.process.rss_bytes as f64;
    (format::bytes(bytes), bytes / subject.memory_bytes.max(1) as f64)
}

fn pss(subject: &Subject<'_>) -> String {
    let bytes = subject.process.pss_bytes;
    bytes.map_or_else(|| format::ABSENT.to_owned(), |bytes| format::bytes(bytes as f64))
}
