//! Lookups by the system's resolver, which blocks its thread and cannot be called off: one at a time for each name, a
//! limit of them at once, and names that hang give way to those that do not.
//!
//! A lookup that a name server leaves unanswered takes ten to thirty seconds, whatever the probe's time limit. So names
//! that were answered promptly when last asked have places that a name which hangs cannot keep: after
//! [`HANGING_AFTER`] its lookup moves to the places for those that hang, and starts there the next time.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use probetop_core::clock::{Clock, Timestamp};
use tokio::sync::watch;
use tokio::time::sleep;

/// Lookups at once of names that do not hang: at the usual millisecond, thirty thousand a second.
const PROMPT_PLACES: usize = 32;

/// Lookups at once of names that hang, each a thread of the system's resolver that cannot be called back.
const HANGING_PLACES: usize = 128;

/// A lookup that takes longer hangs: a resolver that asks a server a second time does so after a second or more.
const HANGING_AFTER: Duration = Duration::from_millis(500);

/// How long a thread without work waits for some.
const LINGER: Duration = Duration::from_secs(10);

/// Names whose standing is remembered; redirects may lead to any number of them.
const STANDINGS_LIMIT: usize = 50_000;

/// The addresses of a name, with port 0; shared by all who asked at the same time.
pub(super) type Found = Result<Arc<[SocketAddr]>, Arc<io::Error>>;

/// One process has one resolver.
pub(super) static SYSTEM: LazyLock<Arc<Lookups>> = LazyLock::new(|| Lookups::new(Clock::system(), ask_system));

type Ask = Box<dyn Fn(&str) -> io::Result<Vec<SocketAddr>> + Send + Sync>;

/// Every lookup that waits or is under way.
pub(super) struct Lookups {
    clock: Clock,
    ask: Ask,
    state: Mutex<State>,
    /// Told when there is work.
    work: Condvar,
}

#[derive(Default)]
struct State {
    lookups: HashMap<Arc<str>, Lookup>,
    /// Names that wait for a place, in the order of their [`Rank`].
    queues: [VecDeque<Arc<str>>; 3],
    taken: [usize; 2],
    /// Names that have a place and no thread yet.
    ready: VecDeque<Arc<str>>,
    idle_threads: usize,
    standings: HashMap<Arc<str>, Place>,
}

struct Lookup {
    stage: watch::Sender<Stage>,
    /// Where it runs, and since when.
    running: Option<(Place, Timestamp)>,
}

#[derive(Clone, Debug)]
enum Stage {
    Waiting,
    Running,
    Done(Found),
}

/// The two kinds of places; also where a name belongs by its last lookup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Prompt,
    Hanging,
}

impl Place {
    const fn count(self) -> usize {
        match self {
            Self::Prompt => PROMPT_PLACES,
            Self::Hanging => HANGING_PLACES,
        }
    }
}

/// Who is let in first.
#[derive(Clone, Copy)]
enum Rank {
    KnownPrompt,
    Unknown,
    KnownHanging,
}

impl Rank {
    const ALL: [Self; 3] = [Self::KnownPrompt, Self::Unknown, Self::KnownHanging];

    const fn place(self) -> Place {
        match self {
            Self::KnownPrompt | Self::Unknown => Place::Prompt,
            Self::KnownHanging => Place::Hanging,
        }
    }
}

/// A part in one lookup. Dropping it gives the part up; the lookup itself goes on.
pub(super) struct LookupHandle {
    lookups: Arc<Lookups>,
    stage: watch::Receiver<Stage>,
}

impl LookupHandle {
    /// Waits until the lookup has a place and begins. Whoever waits looks now and then whether one that hangs can be moved.
    pub(super) async fn begun(&mut self) {
        loop {
            tokio::select! {
                _ = self.stage.wait_for(|stage| !matches!(stage, Stage::Waiting)) => return,
                () = sleep(HANGING_AFTER) => self.lookups.give_way(),
            }
        }
    }

    /// Waits for the addresses.
    pub(super) async fn answer(&mut self) -> Found {
        let done = self.stage.wait_for(|stage| matches!(stage, Stage::Done(_))).await;
        match done.as_deref() {
            Ok(Stage::Done(found)) => found.clone(),
            Ok(Stage::Waiting | Stage::Running) | Err(_) => Err(Arc::new(io::Error::other("the lookup was given up"))),
        }
    }
}

impl Lookups {
    fn new(clock: Clock, ask: impl Fn(&str) -> io::Result<Vec<SocketAddr>> + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self {
            clock,
            ask: Box::new(ask),
            state: Mutex::default(),
            work: Condvar::new(),
        })
    }

    /// Takes part in the lookup of `name`, which is begun unless it is under way.
    pub(super) fn join(self: &Arc<Self>, name: &str) -> LookupHandle {
        let mut state = self.lock();
        let stage = match state.lookups.get(name) {
            Some(lookup) => lookup.stage.subscribe(),
            None => {
                let name: Arc<str> = name.into();
                let (sender, receiver) = watch::channel(Stage::Waiting);
                let rank = state.rank(&name);
                state.queues[rank as usize].push_back(Arc::clone(&name));
                let lookup = Lookup {
                    stage: sender,
                    running: None,
                };
                state.lookups.insert(name, lookup);
                self.let_in(&mut state);
                receiver
            }
        };
        drop(state);
        LookupHandle {
            lookups: Arc::clone(self),
            stage,
        }
    }

    /// Moves the lookups that hang out of the way of those that need not.
    fn give_way(self: &Arc<Self>) {
        let mut state = self.lock();
        state.move_hanging(self.clock.now());
        self.let_in(&mut state);
    }

    /// Begins as many lookups as there are places for.
    fn let_in(self: &Arc<Self>, state: &mut State) {
        while let Some(name) = state.take_next(self.clock.now()) {
            state.ready.push_back(Arc::clone(&name));
            if state.idle_threads >= state.ready.len() {
                self.work.notify_one();
                continue;
            }
            let lookups = Arc::clone(self);
            let thread = thread::Builder::new().name("resolver".to_owned());
            if let Err(error) = thread.spawn(move || lookups.work()) {
                state.ready.pop_back();
                state.conclude(&name, Err(Arc::new(error)), self.clock.now());
            }
        }
    }

    /// What each thread does until there is nothing left to do.
    fn work(self: &Arc<Self>) {
        while let Some(name) = self.next_work() {
            let found = (self.ask)(&name).map(Arc::from).map_err(Arc::new);
            let mut state = self.lock();
            state.conclude(&name, found, self.clock.now());
            self.let_in(&mut state);
        }
    }

    fn next_work(&self) -> Option<Arc<str>> {
        let mut state = self.lock();
        loop {
            if let Some(name) = state.ready.pop_front() {
                return Some(name);
            }
            state.idle_threads += 1;
            let (woken, waited) = self
                .work
                .wait_timeout(state, LINGER)
                .unwrap_or_else(PoisonError::into_inner);
            state = woken;
            state.idle_threads -= 1;
            if waited.timed_out() && state.ready.is_empty() {
                return None;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere leaves the state as good as it was.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn rank(&self, name: &str) -> Rank {
        match self.standings.get(name) {
            Some(Place::Prompt) => Rank::KnownPrompt,
            Some(Place::Hanging) => Rank::KnownHanging,
            None => Rank::Unknown,
        }
    }

    fn stand(&mut self, name: &Arc<str>, place: Place) {
        if self.standings.len() >= STANDINGS_LIMIT {
            self.standings.clear();
        }
        self.standings.insert(Arc::clone(name), place);
    }

    /// Gives a place to the name that is let in next. One that nobody waits for any more is let go.
    fn take_next(&mut self, now: Timestamp) -> Option<Arc<str>> {
        for rank in Rank::ALL {
            let place = rank.place();
            while self.taken[place as usize] < place.count() {
                let Some(name) = self.queues[rank as usize].pop_front() else {
                    break;
                };
                let Some(lookup) = self.lookups.get_mut(&name) else {
                    continue;
                };
                if lookup.stage.receiver_count() == 0 {
                    self.lookups.remove(&name);
                    continue;
                }
                lookup.running = Some((place, now));
                lookup.stage.send_replace(Stage::Running);
                self.taken[place as usize] += 1;
                return Some(name);
            }
        }
        None
    }

    fn move_hanging(&mut self, now: Timestamp) {
        let mut moved = Vec::new();
        for (name, lookup) in &mut self.lookups {
            if let Some((place @ Place::Prompt, began)) = &mut lookup.running
                && now.since(*began) >= HANGING_AFTER
                && self.taken[Place::Hanging as usize] < HANGING_PLACES
            {
                *place = Place::Hanging;
                self.taken[Place::Prompt as usize] -= 1;
                self.taken[Place::Hanging as usize] += 1;
                moved.push(Arc::clone(name));
            }
        }
        for name in moved {
            self.stand(&name, Place::Hanging);
        }
    }

    fn conclude(&mut self, name: &Arc<str>, found: Found, now: Timestamp) {
        let Some(lookup) = self.lookups.remove(name) else {
            return;
        };
        if let Some((place, began)) = lookup.running {
            self.taken[place as usize] -= 1;
            let hung = now.since(began) >= HANGING_AFTER;
            self.stand(name, if hung { Place::Hanging } else { Place::Prompt });
        }
        lookup.stage.send_replace(Stage::Done(found));
    }
}

fn ask_system(name: &str) -> io::Result<Vec<SocketAddr>> {
    Ok((name, 0).to_socket_addrs()?.collect())
}

#[cfg(test)]
mod tests;
