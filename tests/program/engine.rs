//! The engine as its readers use it: going back in time, with a past and without one, and several readers at once.

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use probetop::config::{Config, Overrides};
use probetop::run::{Backlog, Cadence, Engine, Event, Interest, LastProbes, Past, Setup, Signals, Subscription};
use probetop_core::clock::{Clock, Timestamp};
use probetop_core::snapshot::{Feed, Query, Reader as _, Request, Rows, Snapshot};
use probetop_engine::history::HISTORY_LIMIT_BYTES;

/// However slow the machine is.
const PATIENCE: Duration = Duration::from_secs(120);

const NOT_KEPT: &str = "nothing of the past is kept";

struct Running {
    engine: Engine,
    events: Receiver<Event>,
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
            signals: Signals::Headless,
            log: None,
            terminal: None,
        };
        let (sender, events) = mpsc::channel();
        let engine = Engine::start(setup, move |event| drop(sender.send(event))).unwrap();
        Self { engine, events }
    }

    fn read(&self, query: Query, backlog: Backlog) -> Reading {
        let interest = Interest {
            query,
            cadence: Cadence::AlsoBetween,
            backlog,
        };
        let (sender, woken) = mpsc::channel();
        let subscription = self.engine.subscribe(interest, move || {
            let _ = sender.send(());
        });
        Reading { subscription, woken }
    }

    fn notices(&self) -> Vec<String> {
        let told = self.events.try_iter().filter_map(|event| match event {
            Event::Notice(notice) => Some(notice.text.to_string()),
            Event::Failed(error) => panic!("{error}"),
            Event::Screen(_) | Event::Signal(_) => None,
        });
        told.collect()
    }
}

/// One who reads, and is woken when there is something to read.
struct Reading {
    subscription: Subscription,
    woken: Receiver<()>,
}

impl Reading {
    /// The next snapshot that is as wanted.
    fn next(&self, is_wanted: impl Fn(&Snapshot) -> bool) -> Arc<Snapshot> {
        loop {
            let mut waiting = std::iter::from_fn(|| self.subscription.next());
            if let Some(snapshot) = waiting.find(|snapshot| is_wanted(snapshot)) {
                return snapshot;
            }
            self.woken.recv_timeout(PATIENCE).expect("the engine goes on");
        }
    }

    fn ask(&self, query: Query) {
        self.subscription.ask(Request::Query(query));
    }

    /// Holds still at a second, sees that it does while time goes on, and goes back to now.
    fn hold_still(&self) -> Arc<Snapshot> {
        let shown = self.next(|snapshot| snapshot.taken >= Timestamp::from_secs(1));
        let at = shown.taken;
        self.ask(Query {
            feed: Feed::At(at),
            ..Query::default()
        });
        self.next(|snapshot| snapshot.feed == Feed::At(at));
        let mut held = shown;
        for _ in 0..2 {
            let before = held.now;
            held = self.next(|snapshot| snapshot.now > before);
            assert_eq!(held.taken, at, "it is {:?}", held.now);
        }
        self.ask(Query::default());
        self.next(|snapshot| snapshot.taken > at && snapshot.feed == Feed::Live);
        held
    }
}

#[test]
fn the_screen_holds_still_within_the_limit_of_the_past() {
    let running = Running::start(Past::Kept);
    let screen = running.read(Query::default(), Backlog::InOrder);
    let held = screen.hold_still();
    assert!(held.monitor.history.oldest.is_some());
    assert!(held.monitor.history.bytes <= HISTORY_LIMIT_BYTES as u64);
    assert!(!running.notices().iter().any(|notice| notice.contains(NOT_KEPT)));
    let last = running.engine.finish(LastProbes::CutOff, &screen.subscription);
    assert_eq!(last.expect("it ended well").feed, Feed::Live);
}

#[test]
fn without_a_past_the_last_snapshot_stays_and_the_reason_is_told() {
    let running = Running::start(Past::NotKept);
    let screen = running.read(Query::default(), Backlog::InOrder);
    let held = screen.hold_still();
    assert_eq!((held.monitor.history.oldest, held.monitor.history.bytes), (None, 0));
    let notices = running.notices();
    let told = notices.iter().filter(|notice| notice.contains(NOT_KEPT));
    assert_eq!(told.count(), 1, "{notices:?}");
}

/// A screen that holds still, beside a service that follows.
#[test]
fn each_reader_has_its_own_query_and_its_own_second() {
    let running = Running::start(Past::Kept);
    let bare = Query {
        detail: Rows::None,
        ..Query::default()
    };
    let service = running.read(bare, Backlog::InOrder);
    let screen = running.read(Query::default(), Backlog::InOrder);
    let at = screen.next(|snapshot| snapshot.taken >= Timestamp::from_secs(1)).taken;
    screen.ask(Query {
        feed: Feed::At(at),
        ..Query::default()
    });
    let (mut held, mut followed) = (at, at);
    for _ in 0..3 {
        let snapshot = screen.next(|snapshot| snapshot.feed != Feed::Live && snapshot.now > held);
        assert_eq!(snapshot.taken, at);
        assert!(snapshot.targets[0].detail.is_some());
        held = snapshot.now;
        let snapshot = service.next(|snapshot| snapshot.now > followed);
        assert_eq!((snapshot.taken, snapshot.feed), (snapshot.now, Feed::Live));
        assert!(snapshot.targets[0].detail.is_none());
        followed = snapshot.now;
    }
    let last = running.engine.finish(LastProbes::CutOff, &service.subscription);
    assert!(last.expect("it ended well").targets[0].detail.is_some());
}

#[test]
fn a_reader_that_does_not_read_holds_up_nobody_and_finds_the_newest() {
    let running = Running::start(Past::NotKept);
    let idle = running.read(Query::default(), Backlog::Newest);
    let busy = running.read(Query::default(), Backlog::InOrder);
    let seen = busy.next(|snapshot| snapshot.taken >= Timestamp::from_secs(3)).taken;
    assert_eq!(idle.woken.try_iter().count(), 1, "what it was woken for still waits");
    let found = idle.subscription.next().expect("it was answered");
    // Who came first is answered first.
    assert!(found.taken >= seen, "{:?} {seen:?}", found.taken);
    let next = idle.next(|snapshot| snapshot.taken > found.taken);
    assert!(idle.subscription.next().is_none_or(|later| later.now >= next.now));
}

#[test]
fn a_reader_that_leaves_is_forgotten_and_the_others_read_on() {
    let running = Running::start(Past::NotKept);
    let leaving = running.read(Query::default(), Backlog::Newest);
    let staying = running.read(Query::default(), Backlog::Newest);
    leaving.next(|snapshot| snapshot.taken >= Timestamp::from_secs(1));
    let Reading { subscription, woken } = leaving;
    drop(subscription);
    // The engine lets go of what wakes the reader, and with that of the other end.
    while woken.recv_timeout(PATIENCE) != Err(mpsc::RecvTimeoutError::Disconnected) {}
    let left = staying.next(|_| true).taken;
    staying.next(|snapshot| snapshot.taken > left);
    assert!(
        running
            .engine
            .finish(LastProbes::CutOff, &staying.subscription)
            .is_some()
    );
}
