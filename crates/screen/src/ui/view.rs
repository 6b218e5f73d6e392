//! What the user looks at and how: the state behind the screen, and every change to it.
//!
//! [`View::update`] is pure: an action, a snapshot and where everything stands in, the new state and at most one [`Effect`]
//! out. The view holds no figures, only which ones to show, and never asks how they are drawn.

mod act;
mod axis;
mod began;
mod block;
mod charts;
mod columns;
mod compared;
mod condition;
mod copy;
mod cost;
mod cursor;
mod discovery;
mod drag;
mod evidence;
mod export;
mod filter;
mod filtering;
mod follow;
mod lead;
mod line;
mod look;
pub(super) mod list;
mod moves;
mod pages;
mod offer;
mod picker;
mod pointer;
mod presets;
mod query;
mod rank;
mod said;
mod saved;
mod settle;
mod signal;
pub(super) mod spans;
mod table;
mod targets;
mod together;
mod travel;
mod typing;

use std::sync::Arc;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{Act, Severity, Text, Window};
use probetop_core::snapshot::{Errand, Feed, ProcessSignal, Snapshot, TargetSnapshot};

use self::act::Pressed;
use self::began::Left;
use self::copy::Copied;
use self::discovery::Discovery;
use self::look::ThemeChoice;
use self::pages::Sorted;
use self::travel::LEAP;
use super::action::Action;
use super::geometry::Geometry;
use super::keys::{Chord, Edit, KeyMap};
use super::page::{Need, Past};
use super::preset::Presets;
use super::widget::timeline::Motion;

pub use super::column::{Column, Order};
pub use super::page::Pane;
pub use axis::length_drawn;
pub use block::{Block, Listed, MachinePart, TargetPart};
pub use charts::{ChartForm, ChartScope, Charts, Scale, Sharing};
pub use columns::Columns;
pub use compared::{Compared, ComparedColumn};
pub use cost::Cost;
pub use cursor::{second_of, step_at, steps_shown};
pub use drag::Drag;
pub(crate) use evidence::{Shown, is_bare, shown};
pub use export::Form;
pub use filter::{Filter, Grammar, Problem};
pub use follow::Follow;
pub use line::Line;
pub use pages::Pages;
pub use picker::{Choice, Item, Menu, Picker, PickerRow};
pub use pointer::{Pointer, PointerKind, Touch, Under};
pub use query::generators;
pub use said::{Hint, Message, Said};
pub use saved::{SavedFilter, filters, findings};
pub use signal::SignalPolicy;
pub use spans::Spans;
pub use table::{ProcessColumn, Table};
pub use targets::Targets;
pub use together::Together;
pub use travel::Travel;
pub use typing::Typing;

/// What an action asks of those outside the view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    Quit,
    QuitKeepingFrame,
    Suspend,
    Repaint,
    Export(Form),
    Reload,
    Act(Act),
    Errand(Errand),
    /// Sets a mark with this label.
    Mark(Timestamp, Text),
    /// Puts text on the terminal's clipboard.
    Copy(Text),
}

/// Whether all blocks of the pane are shown, or the one with the focus on the whole body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Extent {
    #[default]
    Parts,
    Whole,
}

/// The state of the screen.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    pub title: Text,
    pub keys: Arc<KeyMap>,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    pub pages: Pages,
    pub targets: Targets,
    /// Which column the processes are sorted by.
    pub processes: (ProcessColumn, Order),
    pub window: Window,
    pub charts: Charts,
    pub travel: Travel,
    /// Where the key that goes to a second was pressed.
    left: Option<Left>,
    pub spans: Spans,
    /// Between which steps the mouse is dragged.
    pub drag: Option<Drag>,
    /// What the overview can be made of.
    pub presets: Presets,
    typing: Option<Typing>,
    /// What was taken from the palette last, newest first.
    recent: Vec<Action>,
    theme_choice: ThemeChoice,
    pub said: Said,
    /// What the header tells of the line.
    pub cost: Cost,
    /// The silence asked for last, until a snapshot can tell of it.
    pressed: Option<Pressed>,
    copied: Option<Copied>,
    discovery: Discovery,
    pub(super) signals: SignalPolicy,
    /// The signal that is being chosen.
    sending: Option<ProcessSignal>,
    /// The newest tick seen.
    now: Timestamp,
}

impl View {
    pub fn new(title: Text, keys: Arc<KeyMap>, motion: Motion, window: Window, size: (u16, u16)) -> Self {
        Self {
            title,
            keys,
            size,
            pages: Pages::default(),
            targets: Targets::default(),
            processes: (ProcessColumn::Cpu, Order::Descending),
            window,
            charts: Charts::new(motion),
            travel: Travel::default(),
            left: None,
            spans: Spans::default(),
            drag: None,
            presets: Presets::default(),
            typing: None,
            recent: Vec::new(),
            theme_choice: ThemeChoice::default(),
            said: Said::default(),
            cost: Cost::default(),
            pressed: None,
            copied: None,
            discovery: Discovery::default(),
            signals: SignalPolicy::default(),
            sending: None,
            now: Timestamp::ZERO,
        }
    }

    /// Takes note of a new snapshot.
    pub fn observe(&mut self, snapshot: &Snapshot) {
        // A snapshot that only answers a query brings no new tick.
        let ticked = snapshot.now > self.now;
        self.now = snapshot.now;
        self.said.age_hint(self.now);
        self.targets.arrange(snapshot);
        if ticked {
            self.cost.tick();
            self.said.tick();
            let lists_all = self.pages.shown == Pane::Overview;
            self.targets.follow(self.travel.feed, lists_all, snapshot);
        }
    }

    pub fn tell(&mut self, severity: Severity, text: Text) {
        self.said.tell(severity, text);
    }

    /// The rows of a page that lists things, as far as its filter leaves them.
    pub(super) fn rows(&self, pane: Pane, snapshot: &Snapshot) -> Vec<list::Row> {
        self.pages.rows(pane, snapshot)
    }

    /// The target that is chosen.
    pub fn target<'a>(&self, snapshot: &'a Snapshot) -> Option<&'a TargetSnapshot> {
        self.targets.selected().and_then(|id| snapshot.target(id))
    }

    /// Whether the process table is on the screen.
    pub fn shows_processes(&self, geometry: &Geometry) -> bool {
        self.needs(Need::Processes, geometry)
    }

    /// What a key asks for. Of help there is no past: its keys scroll. Where there is a cursor, its keys hold even while live.
    pub fn action(&self, chord: Chord) -> Option<Action> {
        match self.travel.feed {
            Feed::At(_) if self.pages.shown.page().past == Past::Shown => self.keys.past_action(chord),
            Feed::Live if self.pages.shown.has_cursor() => self.keys.past_action(chord),
            Feed::At(_) | Feed::Live => self.keys.action(chord),
        }
    }

    /// The key behind an Esc that was pressed just before it, where the two together mean nothing and the key alone shows a
    /// page: nobody waits after Esc for as long as a terminal may take to send a sequence.
    pub fn after_escape(&self, chord: Chord) -> Option<Chord> {
        let alone = chord.after_escape()?;
        let is_known = match self.is_typing() {
            true => chord.edit() != Edit::None,
            false => self.action(chord).is_some(),
        };
        let shows_page = self
            .action(alone)
            .is_some_and(|action| Pane::shown_by(action).is_some());
        (!is_known && shows_page).then_some(alone)
    }

    /// A key that does nothing here says so, and where every key stands.
    pub fn say_unbound(&mut self, chord: Chord, snapshot: &Snapshot) {
        self.said.read(snapshot.monitor.notice.as_ref());
        let help = self.keys.keys(Action::Help).into_iter().next();
        let help = help.map(|key| format!("; {key} shows every key"));
        let words = format!("{chord} does nothing here{}", help.unwrap_or_default());
        self.tell(Severity::Info, Text::clean(&words));
    }

    /// Does what a key asks for.
    pub fn update(&mut self, action: Action, snapshot: &Snapshot, geometry: &Geometry) -> Option<Effect> {
        self.said.read(snapshot.monitor.notice.as_ref());
        let selected = self.targets.selected();
        match action {
            Action::Quit => return Some(Effect::Quit),
            Action::QuitKeepingFrame => return Some(Effect::QuitKeepingFrame),
            Action::Suspend => return Some(Effect::Suspend),
            Action::Repaint => return Some(Effect::Repaint),
            Action::Reload => return Some(Effect::Reload),
            Action::Overview
            | Action::Target
            | Action::Machine
            | Action::Alerts
            | Action::Objectives
            | Action::Health
            | Action::Analysis
            | Action::Compare
            | Action::Timeline
            | Action::Heat
            | Action::Help => self.show_by(action),
            Action::NextPane => self.show(self.pages.shown.step(1)),
            Action::PreviousPane => self.show(self.pages.shown.step(Pane::ALL.len() - 1)),
            Action::Open => self.open(snapshot),
            Action::Back => self.back(snapshot),
            Action::Up => self.move_by(-1, snapshot),
            Action::Down => self.move_by(1, snapshot),
            Action::PageUp => self.move_by(-self.page(geometry), snapshot),
            Action::PageDown => self.move_by(self.page(geometry), snapshot),
            Action::First => self.move_by(isize::MIN, snapshot),
            Action::Last => self.move_by(isize::MAX, snapshot),
            Action::PreviousTarget => self.move_aside(-1, snapshot),
            Action::NextTarget => self.move_aside(1, snapshot),
            Action::Filter => self.type_filter(),
            Action::SortNext => self.sort_next(snapshot),
            Action::SortPrevious => self.sort_previous(snapshot),
            Action::SortReverse => self.sort_reverse(snapshot),
            Action::Acknowledge => return self.acknowledge(snapshot),
            Action::Silence => return self.silence(snapshot),
            Action::Note => self.begin_note(snapshot),
            Action::WindowNext => self.window = self.window.next(),
            Action::ZoomIn => self.charts.axis = self.charts.axis.closer(),
            Action::ZoomOut => self.charts.axis = self.charts.axis.farther(),
            Action::Baseline => self.pin(snapshot),
            Action::Freeze => self.travel.freeze(snapshot),
            Action::StepBack => self.travel(|travel, axis| travel.step(-1, axis, snapshot)),
            Action::StepForward => self.travel(|travel, axis| travel.step(1, axis, snapshot)),
            Action::LeapBack => self.travel(|travel, axis| travel.step(-LEAP, axis, snapshot)),
            Action::LeapForward => self.travel(|travel, axis| travel.step(LEAP, axis, snapshot)),
            Action::Oldest => self.travel(|travel, axis| travel.look_at(0, axis, snapshot)),
            Action::Live => self.travel.feed = Feed::Live,
            Action::PreviousMark => self.travel(|travel, axis| travel.previous_mark(axis, snapshot)),
            Action::NextMark => self.travel(|travel, axis| travel.next_mark(axis, snapshot)),
            Action::GoToTime => self.begin_time(),
            Action::GoThere => self.go_there(snapshot),
            Action::Mark => self.begin_mark(snapshot),
            Action::Export => self.begin_export(),
            Action::Palette => self.begin_pick(Menu::Commands),
            Action::Scope => self.charts.change_breadth(),
            Action::Motion => {
                let words = self.charts.change_motion();
                self.tell(Severity::Info, words.into());
            }
            Action::Expand => self.expand(geometry),
            Action::FocusNext => {
                let is_any = self.pages.focus_next(geometry);
                self.say_one_block_unless(is_any);
            }
            Action::Preset => self.begin_preset(),
            Action::Columns => self.begin_pick_over_targets(Menu::Columns),
            Action::SavedFilter => self.begin_pick_over_targets(Menu::Filters),
            Action::FollowWorst => {
                let words = self.targets.toggle_follow(snapshot);
                self.tell(Severity::Info, words.into());
            }
            Action::Together => self.toggle_together(snapshot),
            Action::Copy => return self.copy(snapshot),
            Action::Signal => self.begin_signal(snapshot),
            Action::Discover => return self.begin_discovery(),
            Action::Theme => self.begin_pick(Menu::Themes { before: self.theme() }),
            Action::Line => self.cost.toggle(),
            Action::Span => self.mark_span(snapshot),
            Action::OtherSpan => self.hold_against(snapshot),
            Action::AroundMark => self.compare_around_mark(snapshot),
            Action::Chart => self.charts.next_form(),
            Action::Scale => self.charts.next_scale(snapshot),
            Action::SameScale => self.charts.share_scale(),
        }
        if action != Action::FollowWorst {
            self.targets.follow_no_more(selected);
        }
        None
    }

    /// The block with the focus on the whole body, and back.
    fn expand(&mut self, geometry: &Geometry) {
        let is_any = self.pages.expand(geometry);
        self.say_one_block_unless(is_any);
    }

    fn say_one_block_unless(&mut self, is_any: bool) {
        if !is_any {
            self.tell(Severity::Info, "this pane is one block".into());
        }
    }

    /// The page that an action shows; from help, the key of help leads back.
    fn show_by(&mut self, action: Action) {
        match Pane::shown_by(action) {
            Some(Pane::Help) if self.pages.shown == Pane::Help => self.show(self.pages.before()),
            Some(pane) => self.show(pane),
            None => {}
        }
    }

    fn show(&mut self, pane: Pane) {
        self.drag = None;
        self.left = None;
        self.pages.show(pane);
    }

    fn sort_next(&mut self, snapshot: &Snapshot) {
        match self.pages.sorted() {
            Sorted::Processes => {
                let column = self.processes.0.next();
                self.processes = (column, column.natural_order());
            }
            Sorted::Comparison => self.pages.compared.next(),
            Sorted::Targets => self.targets.sort_next(snapshot),
            Sorted::Nothing => self.say_unsorted(),
        }
    }

    fn sort_previous(&mut self, snapshot: &Snapshot) {
        match self.pages.sorted() {
            Sorted::Processes => {
                let column = self.processes.0.previous();
                self.processes = (column, column.natural_order());
            }
            Sorted::Comparison => self.pages.compared.previous(),
            Sorted::Targets => self.targets.sort_previous(snapshot),
            Sorted::Nothing => self.say_unsorted(),
        }
    }

    fn sort_reverse(&mut self, snapshot: &Snapshot) {
        match self.pages.sorted() {
            Sorted::Processes => self.processes.1 = self.processes.1.reversed(),
            Sorted::Comparison => self.pages.compared.reverse(),
            Sorted::Targets => self.targets.sort_reverse(snapshot),
            Sorted::Nothing => self.say_unsorted(),
        }
    }

    fn say_unsorted(&mut self) {
        self.tell(Severity::Info, "nothing is sorted by key here".into());
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod row_tests;
