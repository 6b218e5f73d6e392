//! Every key with the bindings as they are, those of the page that help was called from first; searched with the filter key.
//! Where there is room, in columns.

use probetop_core::snapshot::{Snapshot, Store};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::ui::action::{Action, COMMANDS, Command, Group};
use crate::ui::format;
use crate::ui::geometry::Placed;
use crate::ui::page::{About, AlertOf, Form, Page, Past, Rows};
use crate::ui::theme::{Role, Theme};
use crate::ui::view::{Pane, View};
use crate::ui::widget::text;

pub const PAGE: Page = Page {
    title: "Help",
    short_title: "",
    action: Action::Help,
    keys: &[Action::Help, Action::Filter, Action::PageDown, Action::Quit],
    about: About::Itself,
    rows: Rows::Lines,
    alert: AlertOf::Nobody,
    past: Past::None,
    needs: &[],
    axis: None,
    form: Form::Sheet,
    measure: height,
    parts: |_, _, _| Placed::default(),
    render: |area, buf, scene| render(area, buf, scene.snapshot, scene.view, scene.theme),
};

/// Notes that no key of the table tells.
const NOTES: [&str; 10] = [
    "Mouse: click a tab, a row, a heading or a key below; the wheel moves what it is over. Shift and drag selects text. \
     Keys are set in [keys] of the configuration.",
    "In lists with a search line (O, c, t, @, :) only the arrows move: letters are what is searched for.",
    "On a chart over time a click looks at the second under it, a drag zooms in on the span, a right click zooms out.",
    "Sparklines show p95, or what the limits are about, each on a logarithmic scale of its own; its colour is the level of \
     then, and the tick at the end is the lowest limit.",
    "Swept (x), the newest column overwrites the oldest, and what is older than a lap is dimmed.",
    "A cross marks a step in which half of the probes failed; a red bar one in which fewer did.",
    "A dash is a figure that cannot be known: no samples, or fewer than the percentile needs.",
    "Where a block is narrow, a disk's used is of its inodes if these are fuller (91%i), and errors and drops are one figure.",
    "A filter of targets that begins with = is a condition (CEL) over columns: = level == 'critical' || p95 > duration('200ms')",
    "Figures are over the window (w), charts over the axis (+ -). Failed probes count as errors, never as latency.",
];

/// A line of the keys, in its column.
enum Line {
    Heading(String),
    /// An action: its keys, what it does, and its name.
    Command(String, String, &'static str),
    /// What does not fit into the line before.
    More(String),
    Blank,
}

/// The keys in columns side by side, and below them the notes.
struct Sheet {
    columns: Vec<Vec<Line>>,
    /// Of one column.
    width: usize,
    keys_width: usize,
    notes: Vec<String>,
}

/// Columns of cells between two columns of keys.
const SPACE: usize = 3;

/// Cells that a column of keys takes where there is more than one, and how many there are at most.
const COLUMN_FROM: usize = 58;
const COLUMNS_MOST: usize = 3;

impl Sheet {
    fn new(width: usize, snapshot: &Snapshot, view: &View) -> Self {
        let count = ((width + SPACE) / (COLUMN_FROM + SPACE)).clamp(1, COLUMNS_MOST);
        let column = (width + SPACE) / count - SPACE;
        let sections = sections(view);
        let keys = sections.iter().flat_map(|(_, commands)| commands);
        let longest = keys
            .map(|command| text::width(&shown(command, view)))
            .max()
            .unwrap_or_default();
        let keys_width = (longest + 2).min(if column < COLUMN_FROM { 11 } else { 20 });
        Self {
            columns: flow(|| lines(&sections, column, keys_width, view), count),
            width: column,
            keys_width,
            notes: notes(width, snapshot),
        }
    }

    fn height(&self) -> usize {
        let keys = self.columns.iter().map(Vec::len).max().unwrap_or_default();
        keys.max(NOTHING_ROWS) + 1 + self.notes.len()
    }
}

/// Rows of what is said where no key is found.
const NOTHING_ROWS: usize = 2;

fn height(width: usize, snapshot: &Snapshot, view: &View) -> usize {
    Sheet::new(width.saturating_sub(2), snapshot, view).height()
}

fn render(area: Rect, buf: &mut Buffer, snapshot: &Snapshot, view: &View, theme: &Theme) {
    let area = text::inset(area);
    let sheet = Sheet::new(usize::from(area.width), snapshot, view);
    for (number, lines) in sheet.columns.iter().enumerate() {
        let column = text::columns(area, number * (sheet.width + SPACE), sheet.width);
        for (y, line) in lines.iter().enumerate() {
            line.render(text::rows(column, y, 1), buf, sheet.keys_width, theme);
        }
    }
    if sheet.columns.iter().all(Vec::is_empty) {
        let words = "No key matches the search. Press esc to clear it.";
        text::put(buf, area, 1, 1, words, theme.style(Role::Text));
    }
    let first = sheet.height() - sheet.notes.len();
    for (y, line) in sheet.notes.iter().enumerate() {
        text::put(buf, area, 0, first + y, line, theme.style(Role::Dim));
    }
}

impl Line {
    fn render(&self, row: Rect, buf: &mut Buffer, keys_width: usize, theme: &Theme) {
        match self {
            Self::Heading(name) => super::heading(row, buf, name, theme),
            Self::Command(keys, help, name) => {
                let keys = text::cut_end(keys, keys_width - 1);
                text::put(buf, row, 1, 0, &keys, theme.style(Role::Accent));
                let end = text::put(buf, row, 1 + keys_width, 0, help, theme.style(Role::Text));
                if end + 2 + name.len() < usize::from(row.width) {
                    text::put_right(buf, row, 0, name, theme.style(Role::Dim));
                }
            }
            Self::More(help) => {
                text::put(buf, row, 1 + keys_width, 0, help, theme.style(Role::Text));
            }
            Self::Blank => {}
        }
    }
}

fn shown(command: &Command, view: &View) -> String {
    let keys = view.keys.shown(command.action);
    if keys.is_empty() { "not bound".into() } else { keys }
}

/// All lines for a column so wide, a blank one before each heading but the first.
fn lines(sections: &[(String, Vec<&'static Command>)], width: usize, keys_width: usize, view: &View) -> Vec<Line> {
    let mut lines = Vec::new();
    for (name, commands) in sections {
        if !lines.is_empty() {
            lines.push(Line::Blank);
        }
        lines.push(Line::Heading(name.clone()));
        for command in commands {
            let help = text::wrap(command.help, width.saturating_sub(1 + keys_width).max(10));
            let mut help = help.into_iter();
            let first = help.next().unwrap_or_default();
            // Beside a help that goes on there is no place for the name.
            let name = if help.len() == 0 { command.name } else { "" };
            lines.push(Line::Command(shown(command, view), first, name));
            lines.extend(help.map(Line::More));
        }
    }
    lines
}

/// The lines over so many columns, from above and then to the right, in as few rows as that takes. A heading stands above what it
/// is of, and what belongs to a line stays with it.
fn flow(make: impl Fn() -> Vec<Line>, count: usize) -> Vec<Vec<Line>> {
    let all = make().len();
    let fitting = (all.div_ceil(count)..=all).map(|rows| broken(make(), rows));
    let mut fitting = fitting.filter(|columns| columns.len() <= count);
    fitting.next().unwrap_or_default()
}

/// Broken into columns of at most so many rows.
fn broken(lines: Vec<Line>, rows: usize) -> Vec<Vec<Line>> {
    let mut columns: Vec<Vec<Line>> = Vec::new();
    let mut lines = lines.into_iter().peekable();
    while let Some(line) = lines.next() {
        // A heading goes with the first line below it, an action with the rest of its help.
        let mut block = vec![line];
        while let Some(next) = lines.next_if(|next| belongs(block.last(), next)) {
            block.push(next);
        }
        match columns.last_mut().filter(|column| column.len() + block.len() <= rows) {
            Some(column) => column.extend(block),
            None => columns.push(
                block
                    .into_iter()
                    .skip_while(|line| matches!(line, Line::Blank))
                    .collect(),
            ),
        }
    }
    columns
}

fn belongs(before: Option<&Line>, next: &Line) -> bool {
    match before {
        Some(Line::Blank | Line::Heading(_)) => true,
        Some(Line::Command(..) | Line::More(_)) | None => matches!(next, Line::More(_)),
    }
}

/// The keys of the page that help was called from, then all by group, as far as they match the search.
fn sections(view: &View) -> Vec<(String, Vec<&'static Command>)> {
    let of = view.pages.helped();
    let of_page = of.page().keys.iter().filter(|action| **action != Action::Help);
    let of_page = of_page.map(|action| action.command()).collect();
    let own = (format!("On this page: {}", of.page().title), of_page);
    let groups = Group::ALL.into_iter().map(|group| {
        let commands = COMMANDS.iter().filter(|command| command.group == group);
        (group.name().to_owned(), commands.collect::<Vec<_>>())
    });
    let matches = |command: &&Command| {
        let keys = view.keys.shown(command.action);
        view.pages
            .filter(Pane::Help)
            .accepts(&[command.name, command.help, command.group.name(), &keys])
    };
    let is_searched = !view.pages.filter(Pane::Help).is_empty();
    let own = (!is_searched).then_some(own);
    let all = own.into_iter().chain(groups).map(|(name, mut commands)| {
        commands.retain(matches);
        (name, commands)
    });
    all.filter(|(_, commands)| !commands.is_empty()).collect()
}

/// The notes, wrapped at words, all but the first line of each indented.
fn notes(width: usize, snapshot: &Snapshot) -> Vec<String> {
    let width = width.saturating_sub(2).max(10);
    let lines = |note: &str| {
        let lines = text::wrap(note, width).into_iter().enumerate();
        let lines = lines.map(|(index, line)| if index == 0 { line } else { format!("  {line}") });
        lines.collect::<Vec<_>>()
    };
    let notes = NOTES.into_iter().map(str::to_owned).chain(stores(snapshot));
    notes.flat_map(|note| lines(&note)).collect()
}

/// How full is what fills up while probetop runs: `probetop holds past 12M of 95M, marks 3 of 500.`
fn stores(snapshot: &Snapshot) -> Option<String> {
    let words = |store: &Store| {
        let Store { name, held, limit } = *store;
        match name.strip_suffix("_bytes") {
            Some(name) => format!(
                "{name} {} of {}",
                format::bytes(held as f64),
                format::bytes(limit as f64)
            ),
            None => format!("{} {held} of {limit}", name.replace('_', " ")),
        }
    };
    let stores: Vec<_> = snapshot.monitor.stores.iter().map(words).collect();
    (!stores.is_empty()).then(|| format!("probetop holds {}.", stores.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(help: usize) -> Vec<Line> {
        let more = (1..help).map(|_| Line::More(String::new()));
        std::iter::once(Line::Command(String::new(), String::new(), ""))
            .chain(more)
            .collect()
    }

    #[test]
    fn columns_keep_together_what_belongs_together() {
        let make = || {
            let mut lines = vec![Line::Heading("a".into())];
            lines.extend((0..4).flat_map(|_| command(1)));
            lines.extend([Line::Blank, Line::Heading("b".into())]);
            lines.extend(command(2));
            lines.extend(command(1));
            lines
        };
        let check = |count, expected: &[usize]| {
            let columns = flow(make, count);
            let heights: Vec<_> = columns.iter().map(Vec::len).collect();
            assert_eq!(heights, expected);
            for column in columns {
                assert!(!matches!(column.first(), Some(Line::Blank | Line::More(_))));
                assert!(!matches!(column.last(), Some(Line::Blank | Line::Heading(_))));
            }
        };
        check(1, &[10]);
        check(2, &[5, 4]);
        check(3, &[4, 1, 4]);
        assert_eq!(flow(Vec::new, 2).len(), 0);
    }
}
