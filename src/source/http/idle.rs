//! The connections of one target that wait for its next probe, to all the origins that it has come to.

use std::net::SocketAddr;

use super::connection::Connection;
use super::origin::Origin;
use crate::source::idle;

pub struct Idle(idle::Idle<Connection>);

impl Idle {
    /// Keeps at most `capacity` connections.
    pub const fn new(capacity: usize) -> Self {
        Self(idle::Idle::new(capacity))
    }

    /// The connection to `origin`, at `address` where one is wanted, that was used last and still stands.
    pub fn take(&self, origin: &Origin, address: Option<SocketAddr>) -> Option<Connection> {
        let fits = |connection: &Connection| connection.is_to(origin) && connection.is_at(address);
        let mut connection = self.0.take_that(fits)?;
        connection.reused = true;
        Some(connection)
    }

    pub fn put(&self, connection: Connection) {
        self.0.put(connection);
    }
}
