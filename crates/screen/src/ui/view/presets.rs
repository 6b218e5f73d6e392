//! Choosing what the overview is made of: the preset under the cursor is shown while it is chosen.

use probetop_core::sample::Text;

use super::picker::{Choice, Item, Menu};
use super::{Pane, Typing, View};
use crate::ui::preset::Preset;

impl View {
    /// What the overview is made of at this moment.
    pub fn preset(&self) -> &Preset {
        self.presets.get(self.previewed())
    }

    fn previewed(&self) -> Option<usize> {
        let Some(Typing::Pick(picker)) = self.typing() else {
            return None;
        };
        if picker.menu != Menu::Presets {
            return None;
        }
        match picker.narrow(self.preset_items()).get(picker.chosen)?.choice {
            Choice::Preset(place) => Some(place),
            Choice::Do(_)
            | Choice::Target(_)
            | Choice::Theme(_)
            | Choice::Toggle(_)
            | Choice::Filter(_)
            | Choice::Watch(_)
            | Choice::Process(_)
            | Choice::Signal(_)
            | Choice::Confirm(_) => None,
        }
    }

    pub(super) fn begin_preset(&mut self) {
        self.show(Pane::Overview);
        self.pages.collapse();
        self.begin_pick(Menu::Presets);
    }

    pub(super) fn preset_items(&self) -> Vec<Item> {
        let all = self.presets.all().iter().enumerate();
        all.map(|(place, preset)| Item {
            name: Text::clean(&preset.name),
            about: Text::clean(&preset.about),
            note: if place == self.presets.chosen() { "now" } else { "" }.into(),
            choice: Choice::Preset(place),
        })
        .collect()
    }
}
