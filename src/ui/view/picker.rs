//! A list of choices over the pane: words narrow it, up and down choose, enter takes, esc leaves all as it was.

use super::{Effect, Line, Typing, View};
use crate::sample::Text;
use crate::snapshot::Snapshot;
use crate::ui::action::{Action, COMMANDS};
use crate::ui::column::Column;
use crate::ui::keys::Edit;

/// What is chosen from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Menu {
    /// Every action.
    Commands,
    /// Columns of the target table, each on or off.
    Columns,
    /// Filters of the target table.
    Filters,
    /// What the overview is made of.
    Presets,
}

/// What follows from a choice.
#[derive(Clone, Debug, PartialEq)]
pub enum Choice {
    Do(Action),
    Toggle(Column),
    /// As it would be typed; nothing shows every row.
    Filter(String),
    /// By its place among all.
    Preset(usize),
}

/// A line of the list.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    pub name: Text,
    /// What it means.
    pub about: Text,
    /// Its key, or what stands beside it.
    pub note: Text,
    pub choice: Choice,
}

/// The list while it is open.
#[derive(Clone, Debug, PartialEq)]
pub struct Picker {
    pub menu: Menu,
    pub line: Line,
    /// The item the keys act on, counted over those that the words leave.
    pub chosen: usize,
}

impl Menu {
    pub const fn title(self) -> &'static str {
        match self {
            Self::Commands => "actions",
            Self::Columns => "columns",
            Self::Filters => "filters",
            Self::Presets => "overview",
        }
    }

    /// What the keys do, for the footer.
    pub const fn hint(self) -> &'static str {
        match self {
            Self::Commands | Self::Filters | Self::Presets => "up down choose   enter take   esc cancel",
            Self::Columns => "up down choose   space on or off   esc close",
        }
    }
}

impl Picker {
    /// The items that the words leave.
    pub fn narrow(&self, all: Vec<Item>) -> Vec<Item> {
        let words: Vec<_> = self
            .line
            .text()
            .to_lowercase()
            .split_whitespace()
            .map(String::from)
            .collect();
        let contains = |item: &Item| {
            let text = format!("{} {}", item.name, item.about).to_lowercase();
            words.iter().all(|word| text.contains(word))
        };
        let mut items: Vec<_> = all.into_iter().filter(contains).collect();
        items.sort_by_key(|item| {
            let name = item.name.as_str().to_lowercase();
            !words.iter().all(|word| name.contains(word))
        });
        items
    }
}

impl View {
    pub(super) fn begin_pick(&mut self, menu: Menu) {
        self.typing = Some(Typing::Pick(Picker {
            menu,
            line: Line::default(),
            chosen: 0,
        }));
    }

    pub(super) fn edit_pick(&mut self, mut picker: Picker, edit: Edit, snapshot: &Snapshot) -> Option<Effect> {
        let items = self.items(&picker, snapshot);
        match edit {
            // One column seldom comes alone: the list stays.
            Edit::Accept | Edit::Insert(' ') if picker.menu == Menu::Columns => {
                let item = items.into_iter().nth(picker.chosen);
                item.and_then(|item| self.pick(item.choice, snapshot));
            }
            Edit::Cancel => return None,
            Edit::Accept => return self.pick(items.into_iter().nth(picker.chosen)?.choice, snapshot),
            Edit::Previous => picker.chosen = picker.chosen.saturating_sub(1),
            Edit::Next => picker.chosen = (picker.chosen + 1).min(items.len().saturating_sub(1)),
            Edit::Insert(_) | Edit::Delete | Edit::DeleteWord | Edit::Clear | Edit::None => {
                picker.line.edit(edit);
                picker.chosen = 0;
            }
        }
        self.typing = Some(Typing::Pick(picker));
        None
    }

    fn pick(&mut self, choice: Choice, snapshot: &Snapshot) -> Option<Effect> {
        match choice {
            Choice::Do(action) => self.update(action, snapshot),
            Choice::Toggle(column) => {
                self.toggle_column(column, snapshot);
                None
            }
            Choice::Filter(text) => {
                self.filter.set(text);
                self.sort(snapshot);
                self.table.select_something_shown(snapshot);
                None
            }
            Choice::Preset(place) => {
                self.take_preset(place, snapshot);
                None
            }
        }
    }

    /// What there is to choose from: items that contain every word typed, whatever its case; those named so first.
    pub fn items(&self, picker: &Picker, snapshot: &Snapshot) -> Vec<Item> {
        let all = match picker.menu {
            Menu::Commands => self.commands(),
            Menu::Columns => self.column_items(snapshot),
            Menu::Filters => self.filter_items(),
            Menu::Presets => self.preset_items(),
        };
        picker.narrow(all)
    }

    fn commands(&self) -> Vec<Item> {
        let item = |command: &super::super::action::Command| Item {
            name: command.name.into(),
            about: command.help.into(),
            note: Text::clean(&self.keys.keys(command.action).join(" ")),
            choice: Choice::Do(command.action),
        };
        let others = COMMANDS.iter().filter(|command| command.action != Action::Palette);
        others.map(item).collect()
    }
}
