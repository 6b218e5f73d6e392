//! What happens to a connection after a probe: those of one target that wait for its next.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What happens to a connection after a probe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Connection {
    /// Kept and used again, as a browser or a pooled client does.
    #[default]
    Reuse,
    /// Made anew for every probe, so that DNS, connect and TLS are measured each time.
    Fresh,
}

/// How many connections may be idle at once, since each takes a descriptor that a probe may need, and how many are.
struct Places {
    most: AtomicUsize,
    taken: AtomicUsize,
}

/// Those of this process, for all targets together.
static PLACES: Places = Places::of(usize::MAX);

/// From now on so many connections of all targets together are kept; whatever comes beyond is closed.
pub fn keep_at_most(connections: usize) {
    PLACES.most.store(connections, Ordering::Relaxed);
}

impl Places {
    const fn of(most: usize) -> Self {
        Self {
            most: AtomicUsize::new(most),
            taken: AtomicUsize::new(0),
        }
    }

    fn take(&'static self) -> Option<Place> {
        let most = self.most.load(Ordering::Relaxed);
        let next = |taken: usize| (taken < most).then_some(taken + 1);
        let taken = self.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
        taken.ok().map(|_before| Place(self))
    }
}

/// One of the places, free again when dropped.
struct Place(&'static Places);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Something that can be used again while it stands.
pub trait Kept {
    /// Whether it can still carry a question, as far as can be told without asking one.
    fn is_alive(&mut self) -> bool;
}

/// Idle connections, the one used last at the end. It is taken first: so many as are needed stay warm, and the others
/// are closed by their peers and dropped here.
pub struct Idle<C> {
    connections: Mutex<Vec<(C, Place)>>,
    wanted: Connection,
    capacity: usize,
    places: &'static Places,
}

impl<C: Kept> Idle<C> {
    /// Keeps at most `capacity` connections, and none where every probe is to connect anew.
    pub const fn new(wanted: Connection, capacity: usize) -> Self {
        Self::among(&PLACES, wanted, capacity)
    }

    const fn among(places: &'static Places, wanted: Connection, capacity: usize) -> Self {
        Self {
            connections: Mutex::new(Vec::new()),
            wanted,
            capacity,
            places,
        }
    }

    /// The connection that was used last and still stands.
    pub fn take(&self) -> Option<C> {
        self.take_that(|_| true)
    }

    /// The same, of those that fit.
    pub fn take_that(&self, fits: impl Fn(&C) -> bool) -> Option<C> {
        let mut connections = self.lock();
        while let Some(at) = connections.iter().rposition(|(connection, _)| fits(connection)) {
            let (mut connection, _place) = connections.remove(at);
            if connection.is_alive() {
                return Some(connection);
            }
        }
        None
    }

    /// Puts one back, and drops the oldest where it is dead or one too many. Gives it back where every probe is to
    /// connect anew, or there is no place: then it is to be closed.
    pub fn put(&self, connection: C) -> Option<C> {
        if self.wanted == Connection::Fresh {
            return Some(connection);
        }
        let Some(place) = self.places.take() else {
            return Some(connection);
        };
        let mut connections = self.lock();
        connections.push((connection, place));
        let surplus = connections.len() > self.capacity;
        if surplus || connections.first_mut().is_some_and(|(oldest, _)| !oldest.is_alive()) {
            connections.remove(0);
        }
        None
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(C, Place)>> {
        // A panic elsewhere leaves the list as good as it was.
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<C> fmt::Debug for Idle<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Idle(at most {})", self.capacity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq)]
    struct Line(u32, bool);

    impl Kept for Line {
        fn is_alive(&mut self) -> bool {
            self.1
        }
    }

    #[test]
    fn the_last_one_that_stands_is_taken_and_the_oldest_gives_way() {
        static ENOUGH: Places = Places::of(usize::MAX);
        let idle = Idle::among(&ENOUGH, Connection::Reuse, 2);
        for line in [Line(1, true), Line(2, true), Line(3, false), Line(4, true)] {
            idle.put(line);
        }
        assert_eq!(idle.take(), Some(Line(4, true)));
        assert_eq!(idle.take(), None, "the third is dead and the others made room");
    }

    #[test]
    fn where_every_probe_connects_anew_nothing_is_kept() {
        let idle = Idle::new(Connection::Fresh, 2);
        assert_eq!(idle.put(Line(1, true)), Some(Line(1, true)));
        assert_eq!(idle.take(), None);
    }

    #[test]
    fn all_pools_together_keep_no_more_than_there_are_places_for() {
        static TWO: Places = Places::of(2);
        let kept = |places| Idle::among(places, Connection::Reuse, 8);
        let (one, other) = (kept(&TWO), kept(&TWO));
        one.put(Line(1, true));
        other.put(Line(2, true));
        other.put(Line(3, true));
        assert_eq!(other.take(), Some(Line(2, true)), "for the third there was no place");
        other.put(Line(4, true));
        assert_eq!(one.take(), Some(Line(1, true)));
        assert_eq!(other.take(), Some(Line(4, true)), "a place that was left is free again");
    }
}
