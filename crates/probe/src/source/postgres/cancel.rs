//! Breaks off a query that nobody waits for any more.
//!
//! The server does not notice that its client has gone before it has something to send: without this, a slow server
//! would collect the queries of every probe that timed out until its connections are used up.

use std::io;
use std::time::Duration;

use bytes::BytesMut;
use postgres_protocol::message::frontend;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;

use super::session::Session;
use crate::source::endpoint::Place;
use crate::source::link::Link;

/// The probe has failed already; what it knows waits for this.
const LIMIT: Duration = Duration::from_millis(500);

/// Asks the server over a connection of its own, as the protocol wants it, and does not mind whether it works.
pub(super) async fn cancel(place: &Place, session: &Session) {
    let Some((process, secret)) = session.key else {
        return;
    };
    let mut request = BytesMut::new();
    frontend::cancel_request(process, secret, &mut request);
    let sent = async {
        let mut link = open(place, session).await?;
        link.write_all(&request).await
    };
    // Whether it arrived or not, the failure that is told is that of the query.
    let _ = timeout(LIMIT, sent).await;
}

async fn open(place: &Place, session: &Session) -> io::Result<Link> {
    match (place, session.link.address()) {
        (Place::Socket(path), _) => Ok(UnixStream::connect(path).await?.into()),
        (Place::Network(_), Some(address)) => Ok(TcpStream::connect(address).await?.into()),
        (Place::Network(_), None) => Err(io::ErrorKind::NotConnected.into()),
    }
}
