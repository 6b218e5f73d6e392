//! A view, keys pressed on it, and the screen it draws.

use std::sync::Arc;

use probetop::sample::Window;
use probetop::snapshot::{Query, Snapshot};
use probetop::ui::keys::KeyMap;
use probetop::ui::pane;
use probetop::ui::theme::{Depth, Glyphs, Theme};
use probetop::ui::view::View;
use probetop::ui::widget::timeline::Motion;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

pub const TICK: u64 = 3600;
pub const SIZES: [(u16, u16); 4] = [(80, 24), (160, 50), (200, 60), (40, 10)];

pub fn view(size: (u16, u16)) -> View {
    View::new(
        "shop.toml".into(),
        Arc::new(KeyMap::default()),
        Motion::Sweep,
        Window::OneMinute,
        size,
    )
}

pub fn theme(depth: Depth, glyphs: Glyphs) -> Theme {
    Theme::try_new("dark", depth, glyphs).unwrap()
}

/// Presses keys, written as in the configuration and separated by spaces; typed text goes letter by letter.
pub fn press(view: &mut View, snapshot: &Snapshot, keys: &str) {
    for key in keys.split_whitespace() {
        let chord = key.parse().unwrap();
        if view.is_typing() {
            view.edit(probetop::ui::keys::Chord::edit(chord), snapshot);
        } else if let Some(action) = view.action(chord) {
            view.update(action, snapshot);
        }
    }
}

pub fn ask(view: &View, snapshot: &Snapshot) -> Query {
    view.query(None, snapshot).expect("nothing was asked before")
}

pub fn render(snapshot: &Snapshot, view: &View, theme: &Theme) -> Buffer {
    let area = Rect::new(0, 0, view.size.0, view.size.1);
    let mut buf = Buffer::empty(area);
    pane::render(area, &mut buf, snapshot, view, theme);
    buf
}
