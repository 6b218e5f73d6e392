//! What one user keeps from one request to the next: connections to all the origins that it has come to, whose turn it is
//! among a name's addresses, and what was counted of the answers.

use std::net::SocketAddr;
use std::sync::Arc;

use super::connection::Connection;
use super::origin::Origin;
use super::plan::Plan;
use super::rotation::Rotation;
use super::route::Route;
use super::tally::Tally;
use crate::source::idle::Idle;

pub(super) struct Pool {
    idle: Arc<Idle<Connection>>,
    /// Where each address of a name has its turn.
    pub rotation: Option<Rotation>,
    pub tally: Option<Tally>,
}

impl Pool {
    /// An empty one for a user who asks by `plan`, `in_flight` times at once.
    pub(super) fn new(plan: &Plan, in_flight: u16) -> Self {
        let capacity = usize::from(in_flight.max(1)) * plan.stops();
        let rotation = match plan.route {
            Route::Each(family) => Some(Rotation::new(family, plan.connection)),
            Route::Straight(_) | Route::Pinned(..) | Route::Unix(_) | Route::Proxy(..) => None,
        };
        Self {
            idle: Arc::new(Idle::new(plan.connection, capacity)),
            rotation,
            tally: plan.tally.clone().map(Tally::new),
        }
    }

    /// With the connections of `other`.
    pub(super) fn sharing(mut self, other: &Self) -> Self {
        self.idle = Arc::clone(&other.idle);
        self
    }

    /// The connection to `origin`, at `address` where one is wanted, that was used last and still stands.
    pub(super) fn take(&self, origin: &Origin, address: Option<SocketAddr>) -> Option<Connection> {
        let fits = |connection: &Connection| connection.is_to(origin) && connection.is_at(address);
        let mut connection = self.idle.take_that(fits)?;
        connection.reused = true;
        Some(connection)
    }

    /// Keeps what an exchange left, if it left any.
    pub(super) fn put(&self, connection: Option<Connection>) {
        if let Some(connection) = connection {
            // One that is given back is closed.
            self.idle.put(connection);
        }
    }
}
