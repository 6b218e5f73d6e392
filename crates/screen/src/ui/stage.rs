//! The view, and where everything stands that it shows: each change is followed by reckoning that anew, once, for drawing and
//! for the next key.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use probetop_core::sample::{Text, Window};
use probetop_core::snapshot::{Offer, Query, Snapshot};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget as _;

use super::action::Action;
use super::geometry::Geometry;
use super::keys::{Chord, Edit, KeyMap};
use super::layout;
use super::pane::Scene;
use super::theme::Theme;
use super::view::{Effect, Item, Picker, Pointer, View};
use super::widget::timeline::Motion;

/// A view in line with what there is to show. It reads as its view.
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    view: View,
    geometry: Geometry,
}

impl Deref for Stage {
    type Target = View;

    fn deref(&self) -> &View {
        &self.view
    }
}

/// What is changed past the methods below is in line again after the next of them.
impl DerefMut for Stage {
    fn deref_mut(&mut self) -> &mut View {
        &mut self.view
    }
}

impl Stage {
    /// Columns and rows are those of the terminal. Where things stand is known with the first snapshot.
    pub fn new(title: Text, keys: Arc<KeyMap>, motion: Motion, window: Window, size: (u16, u16)) -> Self {
        Self {
            view: View::new(title, keys, motion, window, size),
            geometry: Geometry::default(),
        }
    }

    /// Where everything stands.
    pub fn geometry(&self) -> &Geometry {
        &self.geometry
    }

    /// Brings everything in line with the snapshot.
    pub fn settle(&mut self, snapshot: &Snapshot) {
        self.geometry = layout::settle(&mut self.view, snapshot);
    }

    /// Takes note of a new snapshot.
    pub fn observe(&mut self, snapshot: &Snapshot) {
        self.view.observe(snapshot);
        self.settle(snapshot);
    }

    pub fn resize(&mut self, size: (u16, u16), snapshot: &Snapshot) {
        self.view.size = size;
        self.settle(snapshot);
    }

    /// Does what a key asks for.
    pub fn update(&mut self, action: Action, snapshot: &Snapshot) -> Option<Effect> {
        let effect = self.view.update(action, snapshot, &self.geometry);
        self.settle(snapshot);
        effect
    }

    /// What listens on this machine.
    pub fn discovered(&mut self, found: Result<Vec<Offer>, Text>, snapshot: &Snapshot) {
        self.view.discovered(found);
        self.settle(snapshot);
    }

    /// A key that does nothing here.
    pub fn say_unbound(&mut self, chord: Chord, snapshot: &Snapshot) {
        self.view.say_unbound(chord, snapshot);
    }

    /// A key while a line is typed.
    pub fn edit(&mut self, edit: Edit, snapshot: &Snapshot) -> Option<Effect> {
        let effect = self.view.edit(edit, snapshot, &self.geometry);
        self.settle(snapshot);
        effect
    }

    /// Text pasted from the clipboard.
    pub fn paste(&mut self, text: &str, snapshot: &Snapshot) {
        self.view.paste(text, snapshot, &self.geometry);
        self.settle(snapshot);
    }

    /// Does what the mouse asks for.
    pub fn point(&mut self, pointer: Pointer, snapshot: &Snapshot) -> Option<Effect> {
        let touch = layout::touch(pointer, &self.geometry, snapshot, &self.view);
        let effect = self.view.point(touch, snapshot, &self.geometry);
        self.settle(snapshot);
        effect
    }

    /// What the screen needs to know; `None` while what was asked for before tells it.
    pub fn query(&self, asked: Option<&Query>, snapshot: &Snapshot) -> Option<Query> {
        self.view.query(asked, snapshot, &self.geometry)
    }

    /// Whether the process table is on the screen.
    pub fn shows_processes(&self) -> bool {
        self.view.shows_processes(&self.geometry)
    }

    /// What there is to choose from, best first.
    pub fn items(&self, picker: &Picker, snapshot: &Snapshot) -> Vec<Item> {
        self.view.items(picker, snapshot, &self.geometry)
    }

    /// The whole screen, to be drawn.
    pub fn scene<'a>(&'a self, snapshot: &'a Snapshot, theme: &'a Theme) -> Scene<'a> {
        Scene {
            snapshot,
            view: &self.view,
            geometry: &self.geometry,
            theme,
        }
    }

    pub fn render(&self, area: Rect, buf: &mut Buffer, snapshot: &Snapshot, theme: &Theme) {
        self.scene(snapshot, theme).render(area, buf);
    }
}
