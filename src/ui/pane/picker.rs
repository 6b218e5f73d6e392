//! The list of choices that lies over the pane: the items that the words typed in the footer leave.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Clear, Widget};

use crate::snapshot::Snapshot;
use crate::ui::theme::{Role, Theme};
use crate::ui::view::{Menu, Typing, View};
use crate::ui::widget::{scroll, text};

/// Columns of a list at most: lines longer than this are not read.
const WIDTH: usize = 100;

/// Rows of the pane that stay in sight: of the columns one wants to see what they become.
fn above(menu: Menu, height: u16) -> usize {
    match menu {
        Menu::Columns if height >= 12 => 4,
        Menu::Columns | Menu::Commands | Menu::Filters | Menu::Presets => 0,
    }
}

/// Draws nothing while nothing is chosen from.
pub fn render(body: Rect, buf: &mut Buffer, snapshot: &Snapshot, view: &View, theme: &Theme) {
    let Some(Typing::Pick(picker)) = view.typing() else {
        return;
    };
    let items = view.items(picker, snapshot);
    let body = text::rows(body, above(picker.menu, body.height), usize::from(body.height));
    let width = usize::from(body.width).min(WIDTH);
    let area = text::columns(body, (usize::from(body.width) - width) / 2, width);
    let room = usize::from(area.height).saturating_sub(1);
    let rows = items.len().max(1).min(room);
    let area = text::rows(area, 0, rows + 1);
    Clear.render(area, buf);
    buf.set_style(area, theme.style(Role::Text));
    let title = picker.menu.title();
    super::heading(text::rows(text::columns(area, 1, width - 2), 0, 1), buf, title, theme);
    if items.is_empty() {
        text::put(buf, area, 2, 1, "nothing of that name", theme.style(Role::Dim));
    }
    let name_width = items
        .iter()
        .map(|item| text::width(item.name.as_str()))
        .max()
        .unwrap_or_default();
    let first = scroll::follow(0, Some(picker.chosen), items.len(), room);
    for (y, (index, item)) in items.iter().enumerate().skip(first).take(room).enumerate() {
        let row = text::columns(text::rows(area, y + 1, 1), 1, width - 2);
        let end = text::put(buf, row, 1, 0, item.name.as_str(), theme.style(Role::Text));
        let note = text::width(item.note.as_str()) + 2;
        let about = text::cut_end(item.about.as_str(), (width - 2).saturating_sub(name_width + 3 + note));
        text::put(buf, row, name_width + 3, 0, &about, theme.style(Role::Dim));
        text::put_right(buf, row, 0, item.note.as_str(), theme.style(Role::Accent));
        if index == picker.chosen {
            theme.select(buf, row, text::columns(row, 1, end - 1));
        }
    }
}
