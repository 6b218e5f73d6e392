//! What the user looks at and how: the state behind the screen, and every change to it.
//!
//! [`View::update`] is pure: an action and a snapshot in, the new state and at most one [`Effect`] out. The view holds
//! no figures, only which ones to show.

mod act;
mod copy;
mod export;
mod filter;
mod lead;
mod line;
mod look;
pub(super) mod list;
mod moves;
mod offer;
mod page;
mod picker;
mod pointer;
mod query;
mod rank;
mod table;
mod travel;
mod typing;

use std::sync::Arc;
use std::time::Duration;

use self::act::Pressed;
use self::copy::Copied;
use self::list::Place;
use self::look::Wardrobe;
use self::travel::LEAP;
use super::action::Action;
use super::keys::{Chord, KeyMap};
use super::widget::timeline::Motion;
use crate::clock::Timestamp;
use crate::sample::{Act, Severity, TargetId, Text, Window};
use crate::snapshot::{Axis, Feed, Snapshot, Span};
use crate::ui::format;

pub use export::Form;
pub use filter::Filter;
pub use line::Line;
pub use look::Hint;
pub use page::Pane;
pub use picker::{Choice, Item, Menu, Picker, PickerRow};
pub use pointer::{Pointer, PointerKind};
pub use table::{Column, Order, ProcessColumn, Table};
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

/// A short message in the footer, for some ticks.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    pub severity: Severity,
    pub text: Text,
    ticks_left: u8,
}

/// How many snapshots a message outlives: long enough to read a path.
const MESSAGE_TICKS: u8 = 5;

/// What is taken of a run, which has no length of its own.
const BASELINE: Duration = Duration::from_secs(5 * 60);

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
    pub feed: Feed,
    /// What the time after it is compared with.
    pub baseline: Option<Span>,
    pub table: Table,
    pub processes: (ProcessColumn, Order),
    /// What the overview and the target pane are narrowed to.
    pub filter: Filter,
    /// What help is searched for.
    pub search: Filter,
    typing: Option<Typing>,
    places: [Place; Pane::ALL.len()],
    /// The silence asked for last, until a snapshot can tell of it.
    pressed: Option<Pressed>,
    pub message: Option<Message>,
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
            feed: Feed::Live,
            baseline: None,
            table: Table::default(),
            processes: (ProcessColumn::Cpu, Order::Descending),
            filter: Filter::default(),
            search: Filter::default(),
            typing: None,
            places: Default::default(),
            pressed: None,
            message: None,
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
        self.age_hint();
        if let Some(message) = self.message.as_mut().filter(|_| ticked) {
            message.ticks_left = message.ticks_left.saturating_sub(1);
            if message.ticks_left == 0 {
                self.message = None;
            }
        }
        self.sort(snapshot);
    }

    pub fn resize(&mut self, size: (u16, u16), snapshot: &Snapshot) {
        self.size = size;
        self.settle(snapshot);
    }

    pub fn tell(&mut self, severity: Severity, text: Text) {
        self.message = Some(Message {
            severity,
            text,
            ticks_left: MESSAGE_TICKS,
        });
    }

    /// The first row of the pane that is visible.
    pub fn offset(&self) -> usize {
        self.place().first
    }

    /// The first line of the details that is visible, in a pane that lists things.
    pub fn below(&self) -> usize {
        self.place().below
    }

    /// The row the keys act on in a pane that lists things, counted over those that can be chosen.
    pub fn chosen(&self) -> usize {
        self.place().ordinal
    }

    fn place(&self) -> &Place {
        &self.places[self.pane as usize]
    }

    fn place_mut(&mut self) -> &mut Place {
        &mut self.places[self.pane as usize]
    }

    pub fn selected(&self) -> Option<TargetId> {
        self.table.selected
    }

    /// Whether the process table is on the screen.
    pub fn shows_processes(&self) -> bool {
        self.pane == Pane::Machine
    }

    /// What a key asks for. Of help there is no past: its keys scroll.
    pub fn action(&self, chord: Chord) -> Option<Action> {
        match self.feed {
            Feed::At(_) if self.pane != Pane::Help => self.keys.past_action(chord),
            Feed::At(_) | Feed::Live => self.keys.action(chord),
        }
    }

    /// Does what a key asks for.
    pub fn update(&mut self, action: Action, snapshot: &Snapshot) -> Option<Effect> {
        self.hint = Hint::Gone;
        match action {
            Action::Quit => return Some(Effect::Quit),
            Action::QuitKeepingFrame => return Some(Effect::QuitKeepingFrame),
            Action::Suspend => return Some(Effect::Suspend),
            Action::Repaint => return Some(Effect::Repaint),
            Action::Reload => return Some(Effect::Reload),
            Action::Overview => self.show(Pane::Overview),
            Action::Target => self.show(Pane::Target),
            Action::Machine => self.show(Pane::Machine),
            Action::Alerts => self.show(Pane::Alerts),
            Action::Objectives => self.show(Pane::Objectives),
            Action::Health => self.show(Pane::Health),
            Action::Analysis => self.show(Pane::Analysis),
            Action::Compare => self.show(Pane::Compare),
            Action::Timeline => self.show(Pane::Timeline),
            Action::Heat => self.show(Pane::Heat),
            Action::NextPane => self.show(self.pane.step(1)),
            Action::PreviousPane => self.show(self.pane.step(Pane::ALL.len() - 1)),
            Action::Help if self.pane == Pane::Help => self.show(self.origin),
            Action::Help => self.show(Pane::Help),
            Action::Open => self.open(snapshot),
            Action::Back => self.back(snapshot),
            Action::Up => self.move_by(-1, snapshot),
            Action::Down => self.move_by(1, snapshot),
            Action::PageUp => self.move_by(-self.page(snapshot), snapshot),
            Action::PageDown => self.move_by(self.page(snapshot), snapshot),
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
            Action::Palette => self.begin_pick(Menu::Commands, snapshot),
            Action::Scope => {
                self.breadth = match self.breadth {
                    Breadth::All => Breadth::One,
                    Breadth::One => Breadth::All,
                }
            }
            Action::Motion => {
                self.motion = match self.motion {
                    Motion::Sweep => Motion::Scroll,
                    Motion::Scroll => Motion::Sweep,
                }
            }
            Action::Expand | Action::FocusNext | Action::Preset => {}
            Action::Columns | Action::SavedFilter | Action::FollowWorst => {}
            Action::Copy => return self.copy(snapshot),
            Action::Theme => self.begin_pick(Menu::Themes { before: self.theme() }, snapshot),
            Action::Line => {}
            Action::Span | Action::OtherSpan | Action::AroundMark => {}
            Action::Chart | Action::Scale | Action::SameScale => {}
        }
        self.settle(snapshot);
        None
    }

    fn show(&mut self, pane: Pane) {
        if pane == Pane::Help && self.pane != Pane::Help {
            self.origin = self.pane;
        }
        self.pane = pane;
    }

    /// Takes the window that ends with the second shown as the baseline, or drops the one there is.
    fn pin(&mut self, snapshot: &Snapshot) {
        let length = self
            .window
            .length()
            .unwrap_or(BASELINE)
            .min(snapshot.taken.since_origin());
        self.baseline = match self.baseline {
            None => Some(Span {
                from: snapshot.taken - length,
                to: snapshot.taken,
            }),
            Some(_) => None,
        };
        let words = match self.baseline {
            Some(span) => format!("the last {} are the baseline from now on", format::age(span.length())),
            None => "no baseline any more".to_owned(),
        };
        self.tell(Severity::Info, words.into());
    }

    fn sort_next(&mut self, snapshot: &Snapshot) {
        if self.pane == Pane::Machine {
            let column = self.processes.0.next();
            self.processes = (column, column.natural_order());
        } else {
            self.table.sort_by(self.table.column.next());
            self.sort(snapshot);
        }
    }

    fn sort_reverse(&mut self, snapshot: &Snapshot) {
        if self.pane == Pane::Machine {
            self.processes.1 = self.processes.1.reversed();
        } else {
            self.table.order = self.table.order.reversed();
            self.sort(snapshot);
        }
    }

    /// Orders the rows anew and brings everything else in line.
    fn sort(&mut self, snapshot: &Snapshot) {
        self.table.arrange(snapshot, &self.filter);
        self.settle(snapshot);
    }
}

#[cfg(test)]
mod tests;
