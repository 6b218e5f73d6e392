//! A run that is watched and remembered, and the frames of it: as they were live, and by going back to them.

use std::time::{Duration, SystemTime};

use probetop_core::clock::Timestamp;
use probetop_core::snapshot::{Feed, Present, Query, Snapshot};
use probetop_engine::history::History;
use probetop_engine::monitor::Input;
use probetop_engine::monitor::{Monitor, Plan};
use probetop_screen::ui::stage::Stage;
use probetop_screen::ui::theme::{Depth, Glyphs};
use ratatui::buffer::{Buffer, Cell};

use super::screen;

/// A monitor that lives, and the history that listens.
pub struct Watch {
    pub monitor: Monitor,
    pub history: History,
}

impl Watch {
    pub fn new(plan: Plan, length: Duration) -> Self {
        let monitor = Monitor::new(plan, Timestamp::ZERO, SystemTime::UNIX_EPOCH);
        Self {
            history: History::new(length, &monitor),
            monitor,
        }
    }

    /// As the engine takes it.
    pub fn take(&mut self, input: Input) {
        let is_tick = matches!(input, Input::Tick(_));
        self.history.input(&input);
        self.monitor.apply(input);
        if is_tick {
            self.history.advance(&self.monitor);
        }
    }

    /// As the engine answers: what was marked later is told too.
    pub fn answer(&mut self, query: &Query) -> Snapshot {
        if let Feed::At(at) = query.feed {
            self.history.recall(at);
        }
        let present = Present {
            history: self.history.report(),
            ..self.monitor.present()
        };
        let state = match query.feed {
            Feed::Live => &mut self.monitor,
            Feed::At(at) => self.history.recall(at).expect("an hour is kept"),
        };
        state.snapshot_from(query, present)
    }

    /// The pane that `keys` lead to, at `second`: live, or where that is over, as the screen goes back to it.
    pub fn frame(&mut self, keys: &str, second: u64) -> Buffer {
        let mut view = screen::view((160, 50));
        let newest = self.answer(&Query::default());
        let back = newest.now.second() - second;
        // Nothing was seen of the seconds between, so that the same target is chosen as by a view that began there.
        screen::press(&mut view, &newest, &"[ ".repeat(back as usize));
        self.press(&mut view, keys);
        self.draw(&mut view)
    }

    /// The pane that `keys` lead to as it is now, and the view that holds still there.
    pub fn hold(&mut self, keys: &str) -> (Buffer, Stage) {
        let mut view = screen::view((160, 50));
        self.press(&mut view, keys);
        let live = self.draw(&mut view);
        self.press(&mut view, "space");
        (live, view)
    }

    pub fn draw(&mut self, view: &mut Stage) -> Buffer {
        let snapshot = self.look(view);
        screen::render(&snapshot, view, &screen::theme(Depth::TrueColor, Glyphs::UNICODE))
    }

    fn press(&mut self, view: &mut Stage, keys: &str) {
        let snapshot = self.look(view);
        screen::press(view, &snapshot, keys);
    }

    fn look(&mut self, view: &mut Stage) -> Snapshot {
        let newest = self.answer(&Query::default());
        let snapshot = self.answer(&screen::ask(view, &newest));
        view.observe(&snapshot);
        snapshot
    }
}

/// So far from `now` a time of day may stand in its place, or have no room beside it.
const LABEL: usize = 12;

/// Whether two frames are the same cell for cell, but for the line that says how far back it is, the one of the keys, and
/// where only the live one can say `now` below an axis.
pub fn looks_same(live: &Buffer, back: &Buffer) -> bool {
    let width = usize::from(live.area.width);
    let inner = 1..usize::from(live.area.height) - 1;
    let rows = live.content.chunks(width).zip(back.content.chunks(width));
    let mut rows = rows.enumerate().filter(|(number, _)| inner.contains(number));
    live.area == back.area
        && rows.all(|(_, (live, back))| {
            let near = |at: usize| at.saturating_sub(LABEL)..at + LABEL;
            let now: Vec<_> = said_now(live).map(near).collect();
            let mut cells = live.iter().zip(back).enumerate();
            cells.all(|(x, (live, back))| live == back || now.iter().any(|near| near.contains(&x)))
        })
}

/// Where a row says `now` below an axis, or two side by side: as a word of its own.
fn said_now(row: &[Cell]) -> impl Iterator<Item = usize> {
    let said = move |at: &usize| {
        let word = row[*at..].iter().take(3).map(Cell::symbol);
        let is_apart = |x: usize| row.get(x).is_none_or(|cell| cell.symbol() == " ");
        word.eq(["n", "o", "w"]) && at.checked_sub(1).is_none_or(is_apart) && is_apart(at + 3)
    };
    (0..row.len().saturating_sub(2)).filter(said)
}
