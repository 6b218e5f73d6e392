//! A view, keys pressed on it, and the screen it draws.

use std::sync::Arc;

use probetop_core::sample::Window;
use probetop_core::snapshot::{Query, Snapshot};
use probetop_screen::ui::keys::KeyMap;
use probetop_screen::ui::stage::Stage;
use probetop_screen::ui::theme::{Depth, Glyphs, Theme};
use probetop_screen::ui::widget::timeline::Motion;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

pub const TICK: u64 = 3600;
pub const SIZES: [(u16, u16); 4] = [(80, 24), (160, 50), (200, 60), (40, 10)];

pub fn view(size: (u16, u16)) -> Stage {
    Stage::new(
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

/// The view as it stands before this snapshot, be it the one observed last or not.
fn in_line(view: &Stage, snapshot: &Snapshot) -> Stage {
    let mut view = view.clone();
    view.settle(snapshot);
    view
}

/// Presses keys, written as in the configuration and separated by spaces; typed text goes letter by letter.
pub fn press(view: &mut Stage, snapshot: &Snapshot, keys: &str) {
    view.settle(snapshot);
    for key in keys.split_whitespace() {
        let chord = key.parse().unwrap();
        if view.is_typing() {
            view.edit(probetop_screen::ui::keys::Chord::edit(chord), snapshot);
        } else if let Some(action) = view.action(chord) {
            view.update(action, snapshot);
        }
    }
}

pub fn ask(view: &Stage, snapshot: &Snapshot) -> Query {
    in_line(view, snapshot)
        .query(None, snapshot)
        .expect("nothing was asked before")
}

pub fn render(snapshot: &Snapshot, view: &Stage, theme: &Theme) -> Buffer {
    let area = Rect::new(0, 0, view.size.0, view.size.1);
    let mut buf = Buffer::empty(area);
    in_line(view, snapshot).render(area, &mut buf, snapshot, theme);
    buf
}
