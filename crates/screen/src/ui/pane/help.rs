//! Every key by group, with the bindings as they are; searched with the filter key.

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

fn height(width: usize, snapshot: &Snapshot, view: &View) -> usize {
    let width = width.saturating_sub(2);
    let group = |(_, commands): (Group, Vec<&Command>)| {
        let rows = commands.iter().map(|command| help(command, width).len().max(1));
        rows.sum::<usize>() + 2
    };
    let groups: usize = groups(view).map(group).sum();
    groups.max(3) + notes(width, snapshot).len()
}

/// Columns for the keys of an action.
fn keys_width(width: usize) -> usize {
    if width < 60 { 11 } else { 20 }
}

/// What an action does, in lines beside its keys.
fn help(command: &Command, width: usize) -> Vec<String> {
    text::wrap(command.help, width.saturating_sub(2 + keys_width(width)).max(10))
}

fn render(area: Rect, buf: &mut Buffer, snapshot: &Snapshot, view: &View, theme: &Theme) {
    let area = text::inset(area);
    let mut y = 0;
    for (group, commands) in groups(view) {
        super::heading(text::rows(area, y, 1), buf, group.name(), theme);
        y += 1;
        for command in commands {
            y += row(text::rows(area, y, usize::from(area.height)), buf, command, view, theme);
        }
        y += 1;
    }
    if y == 0 {
        let words = "No key matches the search. Press esc to clear it.";
        text::put(buf, area, 1, 1, words, theme.style(Role::Text));
        y = 3;
    }
    for line in notes(usize::from(area.width), snapshot) {
        text::put(buf, area, 0, y, &line, theme.style(Role::Dim));
        y += 1;
    }
}

/// One action: its keys, what it does, and its name where there is room. Returns the rows it takes.
fn row(area: Rect, buf: &mut Buffer, command: &Command, view: &View, theme: &Theme) -> usize {
    let width = usize::from(area.width);
    let keys = view.keys.shown(command.action);
    let keys = if keys.is_empty() { "not bound" } else { &keys };
    let keys = text::cut_end(keys, keys_width(width) - 1);
    text::put(buf, area, 2, 0, &keys, theme.style(Role::Accent));
    let lines = help(command, width);
    let mut end = 0;
    for (y, line) in lines.iter().enumerate() {
        end = text::put(buf, area, 2 + keys_width(width), y, line, theme.style(Role::Text));
    }
    if lines.len() == 1 && end + 2 + command.name.len() < width {
        text::put_right(buf, area, 0, command.name, theme.style(Role::Dim));
    }
    lines.len().max(1)
}

/// The groups that have anything to show, with their commands.
fn groups(view: &View) -> impl Iterator<Item = (Group, Vec<&'static Command>)> {
    let matches = |command: &&Command| {
        let keys = view.keys.shown(command.action);
        view.pages
            .filter(Pane::Help)
            .accepts(&[command.name, command.help, command.group.name(), &keys])
    };
    let with_commands = Group::ALL.into_iter().map(move |group| {
        let commands = COMMANDS.iter().filter(|command| command.group == group);
        (group, commands.filter(matches).collect::<Vec<_>>())
    });
    with_commands.filter(|(_, commands)| !commands.is_empty())
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
