//! A list of choices over the pane: letters narrow it, up and down choose, enter takes, esc leaves all as it was.

use probetop_core::sample::{Severity, TargetId, Text};
use probetop_core::snapshot::{SignalKind, Snapshot};

use super::rank::Wanted;
use super::{Effect, Line, Pane, Typing, Under, View};
use crate::ui::action::{Action, COMMANDS, Command};
use crate::ui::column::Column;
use crate::ui::geometry::Geometry;
use crate::ui::keys::Edit;

/// What is chosen from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Menu {
    /// Every action, and once something is typed every target.
    Commands,
    /// Columns of the target table, each on or off.
    Columns,
    /// Filters of the target table.
    Filters,
    /// What the overview is made of.
    Presets,
    /// What listens on this machine, each watched or not.
    Discovered,
    /// The largest processes, one of which gets a signal.
    Processes,
    /// Which signal it gets.
    Signals,
    /// Whether it shall.
    Confirm,
    /// Every theme, worn while it is chosen; `before` is the one to go back to.
    Themes { before: usize },
}

/// What follows from a choice.
#[derive(Clone, Debug, PartialEq)]
pub enum Choice {
    Do(Action),
    Target(TargetId),
    Theme(usize),
    Toggle(Column),
    /// As it would be typed; nothing shows every row.
    Filter(String),
    /// By its place among all.
    Preset(usize),
    /// The same, of what listens here.
    Watch(usize),
    /// The process of that number gets a signal.
    Process(u32),
    Signal(SignalKind),
    /// Whether the signal that was chosen is sent.
    Confirm(bool),
}

impl Choice {
    /// What it does; `None`: it chooses a thing.
    pub const fn action(&self) -> Option<Action> {
        match self {
            Self::Do(action) => Some(*action),
            Self::Target(_)
            | Self::Theme(_)
            | Self::Toggle(_)
            | Self::Filter(_)
            | Self::Preset(_)
            | Self::Watch(_)
            | Self::Process(_)
            | Self::Signal(_)
            | Self::Confirm(_) => None,
        }
    }
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
    /// The first row shown.
    pub first: usize,
}

/// A row of the list as it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PickerRow {
    Heading(&'static str),
    /// By its place among the items.
    Item(usize),
}

/// Actions taken from the list that stand on top of it the next time.
const RECENT: usize = 5;

/// Targets offered at most; more letters find the others.
const TARGETS: usize = 50;

impl Menu {
    pub const fn title(self) -> &'static str {
        match self {
            Self::Commands => "actions",
            Self::Columns => "columns",
            Self::Filters => "filters",
            Self::Presets => "overview",
            Self::Discovered => "listens on this machine",
            Self::Processes => "signal to",
            Self::Signals => "which signal",
            Self::Confirm => "send it?",
            Self::Themes { .. } => "theme",
        }
    }

    /// What the keys do, for the footer.
    pub const fn hint(self) -> &'static str {
        match self {
            Self::Commands
            | Self::Filters
            | Self::Presets
            | Self::Processes
            | Self::Signals
            | Self::Confirm
            | Self::Themes { .. } => "up down choose   enter take   esc cancel",
            Self::Columns => "up down choose   space on or off   esc close",
            Self::Discovered => "enter watch   esc close   kept by: probetop init --discover",
        }
    }

    /// Whether one choice seldom comes alone: then the list stays, and a blank takes as well.
    pub const fn stays(self) -> bool {
        matches!(self, Self::Columns | Self::Discovered)
    }
}

impl Picker {
    /// The items that answer to every word typed, best first.
    pub fn narrow(&self, all: Vec<Item>) -> Vec<Item> {
        let wanted = Wanted::new(self.line.text());
        if wanted.is_empty() {
            return all;
        }
        let ranked = all.into_iter().filter_map(|item| {
            let rank = wanted.rank(item.name.as_str(), item.about.as_str())?;
            Some((rank, item))
        });
        let mut ranked: Vec<_> = ranked.collect();
        ranked.sort_by_key(|(rank, _)| *rank);
        ranked.into_iter().map(|(_, item)| item).collect()
    }
}

impl View {
    pub(super) fn begin_pick(&mut self, menu: Menu) {
        let chosen = match menu {
            Menu::Themes { before } => before,
            Menu::Presets => self.presets.chosen(),
            Menu::Commands
            | Menu::Columns
            | Menu::Filters
            | Menu::Discovered
            | Menu::Processes
            | Menu::Signals
            | Menu::Confirm => 0,
        };
        self.typing = Some(Typing::Pick(Picker {
            menu,
            line: Line::default(),
            chosen,
            first: 0,
        }));
    }

    pub(super) fn edit_pick(
        &mut self,
        mut picker: Picker,
        edit: Edit,
        snapshot: &Snapshot,
        geometry: &Geometry,
    ) -> Option<Effect> {
        let items = self.items(&picker, snapshot, geometry);
        let last = items.len().saturating_sub(1);
        match edit {
            Edit::Cancel => {
                if let Menu::Themes { before } = picker.menu {
                    self.theme_choice.worn = before;
                }
                return None;
            }
            Edit::Accept | Edit::Insert(' ') if picker.menu.stays() => {
                let item = items.into_iter().nth(picker.chosen);
                let effect = item.and_then(|item| self.pick(item.choice, snapshot, geometry));
                self.go_on(picker, snapshot, geometry);
                return effect;
            }
            Edit::Accept => {
                return match items.into_iter().nth(picker.chosen) {
                    Some(item) => self.pick(item.choice, snapshot, geometry),
                    // Nothing is left to take: the line can still be mended.
                    None => {
                        self.go_on(picker, snapshot, geometry);
                        None
                    }
                };
            }
            Edit::Previous if picker.chosen == 0 => picker.chosen = last,
            Edit::Previous => picker.chosen -= 1,
            Edit::Next if picker.chosen >= last => picker.chosen = 0,
            Edit::Next => picker.chosen += 1,
            Edit::Insert(_) | Edit::Delete | Edit::DeleteWord | Edit::Clear => {
                picker.line.edit(edit);
                picker.chosen = 0;
            }
            Edit::None => {}
        }
        self.go_on(picker, snapshot, geometry);
        None
    }

    /// The item that lies under the mouse, taken; a click beside the list closes it.
    pub(super) fn click_pick(
        &mut self,
        picker: Picker,
        under: Under,
        snapshot: &Snapshot,
        geometry: &Geometry,
    ) -> Option<Effect> {
        match under {
            Under::Beside => self.edit_pick(picker, Edit::Cancel, snapshot, geometry),
            Under::Choice(PickerRow::Item(chosen)) => {
                self.edit_pick(Picker { chosen, ..picker }, Edit::Accept, snapshot, geometry)
            }
            Under::Choice(PickerRow::Heading(_)) | Under::Details | Under::Else => {
                self.typing = Some(Typing::Pick(picker));
                None
            }
        }
    }

    /// The wheel moves by so many items, and stops at either end.
    pub(super) fn roll_pick(&mut self, mut picker: Picker, by: isize, snapshot: &Snapshot, geometry: &Geometry) {
        let last = self.items(&picker, snapshot, geometry).len().saturating_sub(1);
        picker.chosen = picker.chosen.saturating_add_signed(by).min(last);
        self.go_on(picker, snapshot, geometry);
    }

    /// Keeps the list open, and shows what can be shown of the chosen item.
    fn go_on(&mut self, mut picker: Picker, snapshot: &Snapshot, geometry: &Geometry) {
        let items = self.items(&picker, snapshot, geometry);
        picker.chosen = picker.chosen.min(items.len().saturating_sub(1));
        match (picker.menu, items.get(picker.chosen).map(|item| &item.choice)) {
            (Menu::Themes { .. }, Some(Choice::Theme(index))) => self.theme_choice.worn = *index,
            (Menu::Themes { before }, _) => self.theme_choice.worn = before,
            (
                Menu::Commands
                | Menu::Columns
                | Menu::Filters
                | Menu::Presets
                | Menu::Discovered
                | Menu::Processes
                | Menu::Signals
                | Menu::Confirm,
                _,
            ) => {}
        }
        self.typing = Some(Typing::Pick(picker));
    }

    fn pick(&mut self, choice: Choice, snapshot: &Snapshot, geometry: &Geometry) -> Option<Effect> {
        match choice {
            Choice::Do(action) => {
                self.recent.retain(|recent| *recent != action);
                self.recent.insert(0, action);
                self.recent.truncate(RECENT);
                self.update(action, snapshot, geometry)
            }
            Choice::Target(id) => {
                self.targets.table.selected = Some(id);
                self.show(Pane::Target);
                None
            }
            Choice::Theme(index) => {
                self.theme_choice.worn = index;
                let name = self.theme_choice.themes.name(index);
                let words = format!("{name} until the end of this run; theme = {name:?} in the configuration keeps it");
                self.tell(Severity::Info, Text::clean(&words));
                None
            }
            Choice::Toggle(column) => {
                self.targets.toggle_column(column, snapshot);
                None
            }
            Choice::Filter(text) => {
                self.targets.narrow(text, snapshot);
                None
            }
            Choice::Preset(place) => {
                self.presets.take(place);
                None
            }
            Choice::Watch(place) => self.watch_offer(place, snapshot),
            Choice::Process(pid) => {
                self.pick_process(pid, snapshot);
                None
            }
            Choice::Signal(signal) => {
                self.pick_signal(signal);
                None
            }
            Choice::Confirm(is_meant) => self.confirm_signal(is_meant),
        }
    }

    /// What there is to choose from, best first: items that answer to every word typed.
    pub fn items(&self, picker: &Picker, snapshot: &Snapshot, geometry: &Geometry) -> Vec<Item> {
        let mut all = match picker.menu {
            Menu::Commands => self.commands(),
            Menu::Themes { .. } => self.themes(),
            Menu::Columns => self.column_items(&geometry.table.columns),
            Menu::Filters => self.filter_items(),
            Menu::Presets => self.preset_items(),
            Menu::Discovered => self.discovered_items(snapshot),
            Menu::Processes => Self::process_items(snapshot),
            Menu::Signals => Self::signal_items(),
            Menu::Confirm => self.confirm_items(),
        };
        let wanted = Wanted::new(picker.line.text());
        if picker.menu == Menu::Commands && !wanted.is_empty() {
            all.extend(targets(&wanted, snapshot));
        }
        picker.narrow(all)
    }

    /// The items with headings between them, as long as they stand in their groups.
    pub fn picker_rows(&self, picker: &Picker, items: &[Item]) -> Vec<PickerRow> {
        let has_headings = picker.menu == Menu::Commands && picker.line.text().trim().is_empty();
        let mut rows = Vec::with_capacity(items.len());
        let mut above = "";
        for (index, item) in items.iter().enumerate() {
            let heading = match item.choice.action() {
                Some(_) if index < self.recent.len() => "Used last",
                Some(action) => action.command().group.name(),
                None => "",
            };
            if has_headings && heading != above {
                rows.push(PickerRow::Heading(heading));
                above = heading;
            }
            rows.push(PickerRow::Item(index));
        }
        rows
    }

    /// Every action but the one that opened the list: those used last, then all others by group.
    fn commands(&self) -> Vec<Item> {
        let item = |command: &Command| Item {
            name: command.name.into(),
            about: command.help.into(),
            note: Text::clean(&self.keys.shown(command.action)),
            choice: Choice::Do(command.action),
        };
        let is_other = |command: &&Command| command.action != Action::Palette && !self.recent.contains(&command.action);
        let recent = self.recent.iter().map(|action| action.command());
        recent.chain(COMMANDS.iter().filter(is_other)).map(item).collect()
    }

    fn themes(&self) -> Vec<Item> {
        let item = |(index, (name, about)): (usize, (&Text, &Text))| Item {
            name: name.clone(),
            about: about.clone(),
            note: Text::default(),
            choice: Choice::Theme(index),
        };
        self.theme_choice.themes.offers().enumerate().map(item).collect()
    }
}

/// The first targets whose names answer to what was typed.
fn targets(wanted: &Wanted, snapshot: &Snapshot) -> impl Iterator<Item = Item> {
    const ABOUT: &str = "go to the target";
    let found = snapshot
        .targets
        .iter()
        .filter(|target| wanted.rank(target.info.name.as_str(), ABOUT).is_some());
    found.take(TARGETS).map(|target| Item {
        name: target.info.name.clone(),
        about: ABOUT.into(),
        note: Text::default(),
        choice: Choice::Target(target.info.id),
    })
}
