//! Every key by group, with the bindings as they are; searched with the filter key.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::snapshot::Snapshot;
use crate::ui::action::{COMMANDS, Command, Group};
use crate::ui::theme::{Role, Theme};
use crate::ui::view::View;
use crate::ui::widget::text;

/// Columns for the keys of an action.
const KEYS: usize = 20;

/// Notes that no key of the table tells.
const NOTES: [&str; 6] = [
    "Mouse: click a tab, a row or a heading; the wheel moves. Keys are set in [keys] of the configuration.",
    "Sparklines show p95 on a square-root scale from zero to a 1-2-5 step above each row's highest; the chart is logarithmic.",
    "Time runs in place: the newest column overwrites the oldest, and the gap after it marks now.",
    "A cross marks a step in which a tenth of the probes failed; a red bar one in which fewer did.",
    "A dash is a figure that cannot be known: no samples, or fewer than the percentile needs.",
    "Figures are over the window (w), charts over the axis (+ -). Failed probes count as errors, never as latency.",
];

pub fn height(width: usize, view: &View) -> usize {
    let groups: usize = groups(view).map(|(_, commands)| commands.len() + 2).sum();
    groups.max(3) + notes(width).len()
}

pub fn render(area: Rect, buf: &mut Buffer, _snapshot: &Snapshot, view: &View, theme: &Theme) {
    let area = text::columns(area, 1, usize::from(area.width).saturating_sub(2));
    let width = usize::from(area.width);
    let mut y = 0;
    for (group, commands) in groups(view) {
        super::heading(text::rows(area, y, 1), buf, group.name(), theme);
        y += 1;
        for command in commands {
            let keys = text::cut_end(&view.keys.keys(command.action).join(" "), KEYS - 1);
            text::put(
                buf,
                area,
                2,
                y,
                if keys.is_empty() { "not bound" } else { &keys },
                theme.style(Role::Accent),
            );
            let room = width.saturating_sub(KEYS + 2);
            let x = text::put(
                buf,
                area,
                KEYS + 2,
                y,
                &text::cut_end(command.help, room),
                theme.style(Role::Text),
            );
            if x + 2 + command.name.len() < width {
                text::put_right(buf, text::rows(area, y, 1), 0, command.name, theme.style(Role::Dim));
            }
            y += 1;
        }
        y += 1;
    }
    if y == 0 {
        text::put(
            buf,
            area,
            1,
            1,
            "No key matches the search. Press esc to clear it.",
            theme.style(Role::Text),
        );
        y = 3;
    }
    for line in notes(width + 2) {
        text::put(buf, area, 0, y, &line, theme.style(Role::Dim));
        y += 1;
    }
}

/// The groups that have anything to show, with their commands.
fn groups(view: &View) -> impl Iterator<Item = (Group, Vec<&'static Command>)> {
    let matches = |command: &&Command| {
        let keys = view.keys.keys(command.action).join(" ");
        view.search
            .accepts(&[command.name, command.help, command.group.name(), &keys])
    };
    let with_commands = Group::ALL.into_iter().map(move |group| {
        let commands = COMMANDS.iter().filter(|command| command.group == group);
        (group, commands.filter(matches).collect::<Vec<_>>())
    });
    with_commands.filter(|(_, commands)| !commands.is_empty())
}

/// The notes, wrapped at words, all but the first line of each indented.
fn notes(width: usize) -> Vec<String> {
    let width = width.saturating_sub(4).max(10);
    let lines = |note: &&str| {
        let lines = text::wrap(note, width).into_iter().enumerate();
        lines.map(|(index, line)| if index == 0 { line } else { format!("  {line}") })
    };
    NOTES.iter().flat_map(|note| lines(&note).collect::<Vec<_>>()).collect()
}
