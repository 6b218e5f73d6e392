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

/// Without the line that says how far back it is, and the one of the keys.
pub fn cells(frame: &Buffer) -> Vec<Cell> {
    let width = usize::from(frame.area.width);
    let rows = frame
        .content
        .chunks(width)
        .take(usize::from(frame.area.height) - 1)
        .skip(1);
    rows.flatten().cloned().collect()
}
