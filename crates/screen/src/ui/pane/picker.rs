//! The list of choices that lies over the pane, above the line that is typed.
//!
//! ```text
//!  ┌ actions ──────────────────────── 3/68 ┐
//!  │ Panes                                 │
//!  │  overview    all targets, alerts …  1 │
//!  ├───────────────────────────────────────┤
//!  │ all that is to be said of the chosen  │
//!  └───────────────────────────────────────┘
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::Scene;
use crate::ui::geometry::Overlay;
use crate::ui::theme::{Role, Theme};
use crate::ui::view::{Item, Menu, Picker, PickerRow, Typing};
use crate::ui::widget::text;

/// Columns of a list at most: lines longer than this are not read.
const WIDTH: usize = 100;
/// And at least, so that it does not jump while one types.
const NARROW: usize = 60;
/// Rows of a list at most: what is beyond is found by typing.
const ROWS: usize = 24;
/// From this height on the chosen item is told in full below.
const TOLD_FROM: usize = 12;
const TOLD_ROWS: usize = 2;

/// Where a list of these choices stands.
pub(crate) fn place(body: Rect, picker: &Picker, items: Vec<Item>, rows: Vec<PickerRow>) -> Overlay {
    let (columns, height) = (usize::from(body.width), usize::from(body.height));
    let inner = match picker.menu {
        Menu::Commands | Menu::Processes => WIDTH,
        Menu::Themes { .. }
        | Menu::Columns
        | Menu::Filters
        | Menu::Presets
        | Menu::Discovered
        | Menu::Signals
        | Menu::Confirm => {
            let notes = items.iter().map(|item| text::width(item.note.as_str())).max();
            (name_width(&items) + 8 + about_width(&items) + notes.unwrap_or_default()).clamp(NARROW, WIDTH)
        }
    };
    let width = (inner + 4).min(columns);
    let told = if picker.menu == Menu::Commands && height >= TOLD_FROM {
        TOLD_ROWS + 1
    } else {
        0
    };
    let room = height.saturating_sub(2 + told).min(ROWS);
    // The list of actions does not shrink while one types.
    let shown = if picker.menu == Menu::Commands {
        room
    } else {
        rows.len().max(1).min(room)
    };
    let frame_height = shown + told + 2;
    let frame = text::columns(body, (columns - width) / 2, width);
    let frame = text::rows(frame, height.saturating_sub(frame_height), frame_height);
    let inside = text::columns(frame, 2, width.saturating_sub(4));
    Overlay {
        items,
        rows,
        frame,
        list: text::rows(inside, 1, shown),
        told: text::rows(inside, shown + 2, told.saturating_sub(1)),
    }
}

/// Draws nothing while nothing is chosen from.
pub(crate) fn render(buf: &mut Buffer, scene: Scene) {
    let (Some(Typing::Pick(picker)), Some(overlay)) = (scene.view.typing(), &scene.geometry.overlay) else {
        return;
    };
    let theme = scene.theme;
    frame(overlay, buf, picker, theme);
    if overlay.items.is_empty() {
        let words = text::cut_end(scene.view.nothing_to_pick(picker.menu), usize::from(overlay.list.width));
        text::put(buf, overlay.list, 0, 0, &words, theme.style(Role::Dim));
    }
    let names = name_width(&overlay.items);
    let visible = overlay.rows.iter().skip(picker.first);
    for (y, row) in visible.take(usize::from(overlay.list.height)).enumerate() {
        let area = text::rows(overlay.list, y, 1);
        match row {
            PickerRow::Heading(heading) => {
                text::put(buf, area, 0, 0, heading, theme.style(Role::Heading));
            }
            PickerRow::Item(index) => {
                let Some(item) = overlay.items.get(*index) else {
                    continue;
                };
                let name = self::item(area, buf, item, names, is_of_use(item, scene), theme);
                if *index == picker.chosen {
                    text::put(buf, area, 0, 0, theme.glyphs.selected, theme.style(Role::Accent));
                    theme.select(buf, area, name);
                }
            }
        }
    }
    if let Some(item) = overlay.items.get(picker.chosen) {
        let lines = text::wrap(item.about.as_str(), usize::from(overlay.told.width));
        for (y, line) in lines.iter().enumerate() {
            text::put(buf, overlay.told, 0, y, line, theme.style(Role::Text));
        }
    }
}

/// Whether the choice would do anything here and now.
fn is_of_use(item: &Item, scene: Scene) -> bool {
    let action = item.choice.action();
    action.is_none_or(|action| scene.view.is_of_use(action, scene.snapshot))
}

/// The lines around the list, and empty space within.
fn frame(overlay: &Overlay, buf: &mut Buffer, picker: &Picker, theme: &Theme) {
    let Overlay { frame, list, told, .. } = *overlay;
    let count = overlay.items.len();
    let (width, height) = (usize::from(frame.width), usize::from(frame.height));
    let glyphs = &theme.glyphs;
    let [top_left, top_right, bottom_left, bottom_right] = glyphs.corners;
    let line = glyphs.rule.repeat(width.saturating_sub(2));
    let style = theme.style(Role::Rule);
    let blank = " ".repeat(width.saturating_sub(2));
    buf.set_style(frame, Style::reset());
    let divider = (!told.is_empty()).then_some(usize::from(list.height) + 1);
    for y in 0..height {
        let (left, fill, right) = match y {
            0 => (top_left, &line, top_right),
            y if y + 1 == height => (bottom_left, &line, bottom_right),
            y if Some(y) == divider => (glyphs.vertical, &line, glyphs.vertical),
            _ => (glyphs.vertical, &blank, glyphs.vertical),
        };
        let x = text::put(buf, frame, 0, y, left, style);
        let filled = if *fill == blank { theme.style(Role::Text) } else { style };
        let x = text::put(buf, frame, x, y, fill, filled);
        text::put(buf, frame, x, y, right, style);
    }
    let title = format!(" {} ", picker.menu.title());
    text::put(buf, frame, 2, 0, &title, theme.style(Role::Accent));
    if count > 0 {
        let position = format!(" {}/{count} ", picker.chosen + 1);
        let x = width.saturating_sub(text::width(&position) + 2);
        text::put(buf, frame, x, 0, &position, theme.style(Role::Dim));
    }
}

/// One item: name, what it means as far as there is room, key. Returns where the name stands.
fn item(row: Rect, buf: &mut Buffer, item: &Item, names: usize, is_of_use: bool, theme: &Theme) -> Rect {
    let width = usize::from(row.width);
    let (name_role, note_role) = if is_of_use {
        (Role::Text, Role::Accent)
    } else {
        (Role::Dim, Role::Dim)
    };
    let note = if is_of_use {
        item.note.to_string()
    } else {
        format!("not now  {}", item.note)
    };
    let name = text::cut_middle(item.name.as_str(), names);
    let end = text::put(buf, row, 2, 0, &name, theme.style(name_role));
    let at = names + 4;
    let room = width.saturating_sub(at + text::width(&note) + 2);
    text::put(
        buf,
        row,
        at,
        0,
        &text::cut_end(item.about.as_str(), room),
        theme.style(Role::Dim),
    );
    text::put_right(buf, row, 0, &note, theme.style(note_role));
    text::columns(row, 2, end.saturating_sub(2))
}

/// Columns for the names: a long one is cut.
fn name_width(items: &[Item]) -> usize {
    const NAME: usize = 24;
    let names = items.iter().map(|item| text::width(item.name.as_str()));
    names.max().unwrap_or_default().min(NAME)
}

fn about_width(items: &[Item]) -> usize {
    let abouts = items.iter().map(|item| text::width(item.about.as_str()));
    abouts.max().unwrap_or_default()
}
