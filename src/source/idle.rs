<<<<<<< HEAD
//! The connections of one target that wait for its next probe.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Something that can be used again while it stands.
pub trait Kept {
    /// Whether it can still carry a question, as far as can be told without asking one.
    fn is_alive(&mut self) -> bool;
}

/// Idle connections, the one used last at the end. It is taken first: so many as are needed stay warm, and the others
/// are closed by their peers and dropped here.
=======
//! The connections of one target that wait for its next probe, and how they are kept.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use percent_encoding::percent_decode_str;
use url::Url;

/// A connection that may have been lost while nobody looked.
pub trait Standing {
    /// Whether it can still carry a question, as far as can be told without asking one.
    fn stands(&mut self) -> bool;
}

/// Idle connections, the one used last at the end. It is taken first: so many as are needed stay warm.
#[derive(Debug)]
>>>>>>> work/data
pub struct Idle<C> {
    connections: Mutex<Vec<C>>,
    capacity: usize,
}

<<<<<<< HEAD
impl<C: Kept> Idle<C> {
=======
impl<C: Standing> Idle<C> {
>>>>>>> work/data
    /// Keeps at most `capacity` connections.
    pub const fn new(capacity: usize) -> Self {
        Self {
            connections: Mutex::new(Vec::new()),
            capacity,
        }
    }

<<<<<<< HEAD
    /// The connection that was used last and still stands.
    pub fn take(&self) -> Option<C> {
        let mut connections = self.lock();
        while let Some(mut last) = connections.pop() {
            if last.is_alive() {
                return Some(last);
=======
    /// The connection that was used last and still stands; those that do not are closed on the way.
    pub fn take(&self) -> Option<C> {
        let mut connections = self.lock();
        while let Some(mut connection) = connections.pop() {
            if connection.stands() {
                return Some(connection);
>>>>>>> work/data
            }
        }
        None
    }

    /// Puts one back, and drops the oldest where it is dead or one too many.
    pub fn put(&self, connection: C) {
        let mut connections = self.lock();
        connections.push(connection);
        let surplus = connections.len() > self.capacity;
<<<<<<< HEAD
        if surplus || connections.first_mut().is_some_and(|oldest| !oldest.is_alive()) {
=======
        if surplus || connections.first_mut().is_some_and(|oldest| !oldest.stands()) {
>>>>>>> work/data
            connections.remove(0);
        }
    }

<<<<<<< HEAD
    fn lock(&self) -> MutexGuard<'_, Vec<C>> {
=======
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<C>> {
>>>>>>> work/data
        // A panic elsewhere leaves the list as good as it was.
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

<<<<<<< HEAD
impl<C> fmt::Debug for Idle<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Idle(at most {})", self.capacity)
=======
/// Who asks, from `user:password@` of a URL. `Debug` does not show the password.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Login {
    pub user: Option<String>,
    pub password: Option<String>,
}

impl Login {
    pub fn of(url: &Url) -> Self {
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        Self {
            user: Some(decoded(url.username())).filter(|user| !user.is_empty()),
            password: url.password().map(decoded),
        }
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let password = self.password.as_ref().map(|_| "***");
        write!(f, "Login({:?}, {password:?})", self.user)
>>>>>>> work/data
    }
}

#[cfg(test)]
mod tests {
<<<<<<< HEAD
    use super::*;

    #[derive(Debug, PartialEq)]
    struct Line(u32, bool);

    impl Kept for Line {
        fn is_alive(&mut self) -> bool {
            self.1
=======
    use std::cell::Cell;
    use std::rc::Rc;

    use super::*;

    struct Stub(u8, Rc<Cell<bool>>);

    impl Standing for Stub {
        fn stands(&mut self) -> bool {
            self.1.get()
>>>>>>> work/data
        }
    }

    #[test]
<<<<<<< HEAD
    fn the_last_one_that_stands_is_taken_and_the_oldest_gives_way() {
        let idle = Idle::new(2);
        for line in [Line(1, true), Line(2, true), Line(3, false), Line(4, true)] {
            idle.put(line);
        }
        assert_eq!(idle.take(), Some(Line(4, true)));
        assert_eq!(idle.take(), None, "the third is dead and the others made room");
=======
    fn the_connection_used_last_is_taken_and_dead_ones_are_passed_over() {
        let idle = Idle::new(2);
        let states: [_; 3] = std::array::from_fn(|_| Rc::new(Cell::new(true)));
        for (number, state) in (0..).zip(&states) {
            idle.put(Stub(number, Rc::clone(state)));
        }
        assert_eq!(Rc::strong_count(&states[0]), 1, "one too many");
        states[2].set(false);
        assert_eq!(idle.take().unwrap().0, 1);
        assert!(idle.take().is_none());
    }

    #[test]
    fn a_login_is_decoded_and_hides_its_password() {
        let check = |url: &str, user: Option<&str>, password: Option<&str>| {
            let login = Login::of(&Url::parse(url).unwrap());
            assert_eq!(
                (login.user.as_deref(), login.password.as_deref()),
                (user, password),
                "{url}"
            );
            assert!(!format!("{login:?}").contains("p@"));
        };
        check("redis://host", None, None);
        check("redis://:p%40w@host", None, Some("p@w"));
        check("redis://a%20b:p%40+@host", Some("a b"), Some("p@+"));
>>>>>>> work/data
    }
}
