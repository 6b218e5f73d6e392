//! The connections of one target that wait for its next probe.

use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

use super::connection::Connection;
use super::origin::Origin;

/// Idle connections, the one used last at the end. It is taken first: so many as are needed stay warm, and the others
/// are closed by their peers and dropped here.
pub struct Idle {
    connections: Mutex<Vec<Connection>>,
    capacity: usize,
}

impl Idle {
    /// Keeps at most `capacity` connections.
    pub const fn new(capacity: usize) -> Self {
        Self {
            connections: Mutex::new(Vec::new()),
            capacity,
        }
    }

    /// The connection to `origin`, at `address` where one is wanted, that was used last and still stands.
    pub fn take(&self, origin: &Origin, address: Option<SocketAddr>) -> Option<Connection> {
        let mut connections = self.lock();
        let fits = |connection: &Connection| connection.is_to(origin) && connection.is_at(address);
        while let Some(at) = connections.iter().rposition(fits) {
            let mut connection = connections.remove(at);
            if connection.is_alive() {
                connection.reused = true;
                return Some(connection);
            }
        }
        None
    }

    /// Puts one back, and drops the oldest where it is dead or one too many.
    pub fn put(&self, connection: Connection) {
        let mut connections = self.lock();
        connections.push(connection);
        let surplus = connections.len() > self.capacity;
        if surplus || connections.first_mut().is_some_and(|oldest| !oldest.is_alive()) {
            connections.remove(0);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        // A panic elsewhere leaves the list as good as it was.
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
