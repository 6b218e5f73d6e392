//! What the user looks at and how: the state behind the screen, and every change to it.
//!
//! [`View::update`] is pure: an action, a snapshot and where everything stands in, the new state and at most one [`Effect`]
//! out. The view holds no figures, only which ones to show, and never asks how they are drawn.

mod act;
mod block;
mod columns;
mod condition;
mod copy;
mod cost;
mod cursor;
mod drag;
mod export;
mod filter;
mod filtering;
mod focus;
mod follow;
mod lead;
mod line;
mod look;
pub(super) mod list;
mod moves;
mod offer;
mod picker;
mod pointer;
mod presets;
mod query;
mod rank;
mod saved;
mod scale;
mod settle;
pub(super) mod spans;
mod table;
mod travel;
mod typing;

use std::collections::BTreeMap;
use std::sync::Arc;

use self::act::Pressed;
use self::copy::Copied;
use self::list::Place;
use self::look::Wardrobe;
use self::travel::LEAP;
use super::action::Action;
use super::geometry::Geometry;
use super::keys::{Chord, KeyMap};
use super::page::{Need, Past};
use super::preset::Presets;
use super::widget::timeline::Motion;
use crate::clock::Timestamp;
use crate::sample::{Act, Severity, TargetId, Text, Window};
use crate::snapshot::{Axis, Feed, Snapshot, Span, TargetSnapshot};

pub use super::column::{Column, Order};
pub use super::page::Pane;
pub use block::Block;
pub use columns::Columns;
pub use cost::Cost;
pub use cursor::{second_of, step_at, steps_shown};
pub use drag::Drag;
pub use export::Form;
pub use filter::{Filter, Grammar, Problem};
pub use follow::Follow;
pub use line::Line;
pub use look::Hint;
pub use picker::{Choice, Item, Menu, Picker, PickerRow};
pub use pointer::{Pointer, PointerKind, Touch, Under};
pub use query::generators;
pub use saved::{SavedFilter, filters, findings};
pub use scale::{ChartForm, Scale, Sharing};
pub use table::{ProcessColumn, Table};
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
    /// Sets a mark with this label.
    Mark(Timestamp, Text),
    /// Puts text on the terminal's clipboard.
    Copy(Text),
}

/// Whether timeline and heat map tell of the chosen target or of all together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Breadth {
    #[default]
    All,
    One,
}

/// Whether all blocks of the pane are shown, or the one with the focus on the whole body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Extent {
    #[default]
    Parts,
    Whole,
}

/// A short message in the footer, for some ticks.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    pub severity: Severity,
    pub text: Text,
    ticks_left: u8,
}

/// How many snapshots a message outlives: long enough to read a path.
const MESSAGE_TICKS: u8 = 5;

/// The state of the screen.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    pub title: Text,
    pub keys: Arc<KeyMap>,
    pub motion: Motion,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    pub pane: Pane,
    /// Where help was called from.
    origin: Pane,
    pub window: Window,
    pub axis: Axis,
    /// Of whom timeline and heat map tell.
    pub breadth: Breadth,
    pub chart: ChartForm,
    pub scale: Scale,
    pub sharing: Sharing,
    pub feed: Feed,
    /// Where the axis of timeline and heat map ends; `None`: it goes on with the time.
    until: Option<Timestamp>,
    /// The span chosen last, and not used yet.
    pub span: Option<Span>,
    /// Where it was begun, while it reaches to the second shown.
    span_begun: Option<Timestamp>,
    /// Between which steps the mouse is dragged.
    pub drag: Option<Drag>,
    /// What is compared: A. Without it what was loaded, if anything was.
    pub baseline: Option<Span>,
    /// B. Without it the time after A.
    pub against: Option<Span>,
    pub table: Table,
    /// The target whose page is scrolled to where it is.
    shown_target: Option<TargetId>,
    pub columns: Columns,
    pub processes: (ProcessColumn, Order),
    /// What the target table is narrowed to; every other pane has a filter of its own.
    pub filter: Filter,
    /// Filters of the target table to choose from.
    pub filters: Arc<[SavedFilter]>,
    follow: Follow,
    /// What the overview can be made of.
    pub presets: Presets,
    /// The block of each pane that has the focus.
    focus: [Option<Block>; Pane::ALL.len()],
    extent: Extent,
    typing: Option<Typing>,
    places: [Place; Pane::ALL.len()],
    /// The silence asked for last, until a snapshot can tell of it.
    pressed: Option<Pressed>,
    pub message: Option<Message>,
    /// What the header tells of the line.
    pub cost: Cost,
    wardrobe: Wardrobe,
    hint: Hint,
    copied: Option<Copied>,
    /// What was taken from the palette last, newest first.
    recent: Vec<Action>,
    /// The newest tick seen.
    now: Timestamp,
}

impl View {
    pub fn new(title: Text, keys: Arc<KeyMap>, motion: Motion, window: Window, size: (u16, u16)) -> Self {
        Self {
            title,
            keys,
            motion,
            size,
            pane: Pane::Overview,
            origin: Pane::Overview,
            window,
            axis: Axis::default(),
            breadth: Breadth::default(),
            chart: ChartForm::default(),
            scale: Scale::default(),
            sharing: Sharing::default(),
            feed: Feed::Live,
            until: None,
            span: None,
            span_begun: None,
            shown_target: None,
            drag: None,
            baseline: None,
            against: None,
            table: Table::default(),
            columns: Columns::default(),
            processes: (ProcessColumn::Cpu, Order::Descending),
            filter: Filter::new(Grammar::WordsOrCondition),
            filters: filters(&BTreeMap::new()),
            follow: Follow::default(),
            presets: Presets::default(),
            focus: [None; Pane::ALL.len()],
            extent: Extent::Parts,
            typing: None,
            places: Default::default(),
            pressed: None,
            message: None,
            cost: Cost::default(),
            wardrobe: Wardrobe::default(),
            hint: Hint::default(),
            copied: None,
            recent: Vec::new(),
            now: Timestamp::ZERO,
        }
    }

    /// Takes note of a new snapshot.
    pub fn observe(&mut self, snapshot: &Snapshot) {
        // A snapshot that only answers a query brings no new tick.
        let ticked = snapshot.now > self.now;
        self.now = snapshot.now;
        if ticked {
            self.cost.tick();
        }
        self.age_hint();
        if let Some(message) = self.message.as_mut().filter(|_| ticked) {
            message.ticks_left = message.ticks_left.saturating_sub(1);
            if message.ticks_left == 0 {
                self.message = None;
            }
        }
        self.table.arrange(snapshot, &self.filter);
        if ticked {
            self.follow(snapshot);
        }
    }

    pub fn tell(&mut self, severity: Severity, text: Text) {
        self.message = Some(Message {
            severity,
            text,
            ticks_left: MESSAGE_TICKS,
        });
    }

    /// The first row that is visible of the pane, or of its block that is scrolled.
    pub fn offset(&self) -> usize {
        self.offset_in(self.pane)
    }

    pub fn offset_in(&self, pane: Pane) -> usize {
        self.places[pane as usize].first
    }

    /// The first line of the details that is visible, in a pane that lists things.
    pub fn below_in(&self, pane: Pane) -> usize {
        self.places[pane as usize].below
    }

    /// The row the keys act on in the list they act on, counted over those that can be chosen.
    pub fn chosen(&self) -> usize {
        self.chosen_in(self.acting())
    }

    pub fn chosen_in(&self, pane: Pane) -> usize {
        self.places[pane as usize].ordinal
    }

    /// Where the pane stands whose keys hold.
    fn place_mut(&mut self) -> &mut Place {
        &mut self.places[self.acting() as usize]
    }

    /// The words that the rows of a pane other than the target table's must contain.
    pub fn words(&self, pane: Pane) -> &Filter {
        &self.places[pane as usize].filter
    }

    /// The rows of a pane that lists things, as far as its filter leaves them.
    pub(super) fn rows(&self, pane: Pane, snapshot: &Snapshot) -> Vec<list::Row> {
        list::rows(pane, snapshot, self.words(pane))
    }

    pub fn selected(&self) -> Option<TargetId> {
        self.table.selected
    }

    /// The target that is chosen.
    pub fn target<'a>(&self, snapshot: &'a Snapshot) -> Option<&'a TargetSnapshot> {
        self.selected().and_then(|id| snapshot.target(id))
    }

    /// Whether the process table is on the screen.
    pub fn shows_processes(&self, geometry: &Geometry) -> bool {
        self.needs(Need::Processes, geometry)
    }

    /// What a key asks for. Of help there is no past: its keys scroll. Where there is a cursor, its keys hold even while live.
    pub fn action(&self, chord: Chord) -> Option<Action> {
        match self.feed {
            Feed::At(_) if self.pane.page().past == Past::Shown => self.keys.past_action(chord),
            Feed::Live if self.pane.has_cursor() => self.keys.past_action(chord),
            Feed::At(_) | Feed::Live => self.keys.action(chord),
        }
    }

    /// Does what a key asks for.
    pub fn update(&mut self, action: Action, snapshot: &Snapshot, geometry: &Geometry) -> Option<Effect> {
        self.hint = Hint::Gone;
        let selected = self.selected();
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
            Action::NextPane => self.show(self.pane.step(1)),
            Action::PreviousPane => self.show(self.pane.step(Pane::ALL.len() - 1)),
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
            Action::SortReverse => self.sort_reverse(snapshot),
            Action::Acknowledge => return self.acknowledge(snapshot),
            Action::Silence => return self.silence(snapshot),
            Action::Note => self.begin_note(snapshot),
            Action::WindowNext => self.window = self.window.next(),
            Action::ZoomIn => self.axis = self.axis.closer(),
            Action::ZoomOut => self.axis = self.axis.farther(),
            Action::Baseline => self.pin(snapshot),
            Action::Freeze => self.freeze(snapshot),
            Action::StepBack => self.step(-1, snapshot),
            Action::StepForward => self.step(1, snapshot),
            Action::LeapBack => self.step(-LEAP, snapshot),
            Action::LeapForward => self.step(LEAP, snapshot),
            Action::Oldest => self.look_at_oldest(snapshot),
            Action::Live => self.feed = Feed::Live,
            Action::PreviousMark => self.previous_mark(snapshot),
            Action::NextMark => self.next_mark(snapshot),
            Action::GoToTime => self.begin_time(),
            Action::Mark => self.begin_mark(snapshot),
            Action::Export => self.begin_export(),
            Action::Palette => self.begin_pick(Menu::Commands),
            Action::Scope => {
                self.breadth = match self.breadth {
                    Breadth::All => Breadth::One,
                    Breadth::One => Breadth::All,
                }
            }
            Action::Motion => self.change_motion(),
            Action::Expand => self.expand(geometry),
            Action::FocusNext => {
                self.focus_next(geometry);
                self.reveal(geometry);
            }
            Action::Preset => self.begin_preset(),
            Action::Columns => self.begin_pick_over_targets(Menu::Columns),
            Action::SavedFilter => self.begin_pick_over_targets(Menu::Filters),
            Action::FollowWorst => self.toggle_follow(snapshot),
            Action::Copy => return self.copy(snapshot),
            Action::Theme => self.begin_pick(Menu::Themes { before: self.theme() }),
            Action::Line => self.cost.toggle(),
            Action::Span => self.mark_span(snapshot),
            Action::OtherSpan => self.hold_against(snapshot),
            Action::AroundMark => self.compare_around_mark(snapshot),
            Action::Chart => self.chart_next(),
            Action::Scale => self.scale_next(snapshot),
            Action::SameScale => self.share_scale(),
        }
        if action != Action::FollowWorst {
            self.follow_no_more(selected);
        }
        None
    }

    fn change_motion(&mut self) {
        let (motion, words) = match self.motion {
            Motion::Sweep => (Motion::Scroll, "charts scroll: some ten times the bytes"),
            Motion::Scroll => (Motion::Sweep, "charts are swept in place: a tenth of the bytes"),
        };
        self.motion = motion;
        self.tell(Severity::Info, words.into());
    }

    /// The page that an action shows; from help, the key of help leads back.
    fn show_by(&mut self, action: Action) {
        match Pane::shown_by(action) {
            Some(Pane::Help) if self.pane == Pane::Help => self.show(self.origin),
            Some(pane) => self.show(pane),
            None => {}
        }
    }

    fn show(&mut self, pane: Pane) {
        if pane == Pane::Help && self.pane != Pane::Help {
            self.origin = self.pane;
        }
        self.drag = None;
        if pane != self.pane {
            self.extent = Extent::Parts;
        }
        self.pane = pane;
    }

    fn sort_next(&mut self, snapshot: &Snapshot) {
        if self.acts_on_processes() {
            let column = self.processes.0.next();
            self.processes = (column, column.natural_order());
        } else {
            self.table
                .sort_by(self.columns.next_sorted(self.table.column, snapshot));
            self.sort(snapshot);
        }
    }

    fn sort_reverse(&mut self, snapshot: &Snapshot) {
        if self.acts_on_processes() {
            self.processes.1 = self.processes.1.reversed();
        } else {
            self.table.order = self.table.order.reversed();
            self.sort(snapshot);
        }
    }

    /// Orders the rows anew.
    fn sort(&mut self, snapshot: &Snapshot) {
        self.table.arrange(snapshot, &self.filter);
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod row_tests;
