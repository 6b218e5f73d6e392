//! The engine as a screen uses it: going back in time, with a past and without one.

use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use probetop::config::{Config, Overrides};
use probetop::run::{Command, Engine, Event, LastProbes, Past, Setup, Signals};
use probetop_core::clock::{Clock, Timestamp};
use probetop_core::snapshot::{Feed, Query, Snapshot};
use probetop_engine::history::HISTORY_LIMIT_BYTES;

/// However slow the machine is.
const PATIENCE: Duration = Duration::from_secs(120);

const NOT_KEPT: &str = "nothing of the past is kept";

struct Running {
    engine: Engine,
    events: Receiver<Event>,
    notices: Vec<String>,
}

impl Running {
    fn start(past: Past) -> Self {
        let overrides = Overrides {
            targets: vec!["tcp://127.0.0.1:1".to_owned()],
            ..Overrides::default()
        };
        let setup = Setup {
            config: Config::load(&overrides, &|_| None).unwrap(),
            load: None,
            past,
            clock: Clock::system(),
            query: Query::default(),
            signals: Signals::Headless,
            log: None,
            terminal: None,
        };
        let (sender, events) = mpsc::channel();
        let engine = Engine::start(setup, move |event| drop(sender.send(event))).unwrap();
        Self {
            engine,
            events,
            notices: Vec::new(),
        }
    }

    /// The next snapshot that is as wanted.
    fn snapshot(&mut self, is_wanted: impl Fn(&Snapshot) -> bool) -> Snapshot {
        loop {
            match self.events.recv_timeout(PATIENCE).expect("the engine goes on") {
                Event::Snapshot(snapshot) if is_wanted(&snapshot) => return Snapshot::clone(&snapshot),
                Event::Notice(notice) => self.notices.push(notice.text.to_string()),
                Event::Failed(error) => panic!("{error}"),
                Event::Snapshot(_) | Event::Screen(_) | Event::Signal(_) => {}
            }
        }
    }

    /// Holds still at a second, sees that it does while time goes on, and goes back to now.
    fn hold_still(&mut self) -> Snapshot {
        let shown = self.snapshot(|snapshot| snapshot.taken >= Timestamp::from_secs(1));
        let at = shown.taken;
        self.engine.ask(Command::Query(Query {
            feed: Feed::At(at),
            ..Query::default()
        }));
        self.snapshot(|snapshot| snapshot.feed == Feed::At(at));
        let mut held = shown;
        for _ in 0..2 {
            let before = held.now;
            held = self.snapshot(|snapshot| snapshot.now > before);
            assert_eq!(held.taken, at, "it is {:?}", held.now);
        }
        self.engine.ask(Command::Query(Query::default()));
        self.snapshot(|snapshot| snapshot.taken > at && snapshot.feed == Feed::Live);
        held
    }
}

#[test]
fn the_screen_holds_still_within_the_limit_of_the_past() {
    let mut running = Running::start(Past::Kept);
    let held = running.hold_still();
    assert!(held.monitor.history.oldest.is_some());
    assert!(held.monitor.history.bytes <= HISTORY_LIMIT_BYTES as u64);
    assert!(!running.notices.iter().any(|notice| notice.contains(NOT_KEPT)));
    let last = running.engine.finish(LastProbes::CutOff).expect("it ended well");
    assert_eq!(last.feed, Feed::Live);
}

#[test]
fn without_a_past_the_last_snapshot_stays_and_the_reason_is_told() {
    let mut running = Running::start(Past::NotKept);
    let held = running.hold_still();
    assert_eq!((held.monitor.history.oldest, held.monitor.history.bytes), (None, 0));
    let told = running.notices.iter().filter(|notice| notice.contains(NOT_KEPT));
    assert_eq!(told.count(), 1, "{:?}", running.notices);
}
