//! One datagram out and the one that answers it.
//!
//! Each exchange has a socket of its own: answers to an earlier probe go to a port that nobody listens on any more.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use probetop_core::sample::FailureKind;
use tokio::net::UdpSocket;

use super::attempt::Fault;

/// No datagram is longer.
const DATAGRAM_LIMIT_BYTES: usize = 65_535;

/// Sends `message` to the first of `addresses` that does not refuse it, and hands what comes back to `accept`, until
/// that finds the answer in it: `None` waits on.
///
/// # Errors
/// What the last of the addresses refused with, or what `accept` found wrong.
pub async fn exchange<T>(
    addresses: &[SocketAddr],
    message: &[u8],
    mut accept: impl FnMut(&[u8]) -> Option<Result<T, Fault>>,
) -> Result<(T, SocketAddr), Fault> {
    let mut refused = Fault::new(FailureKind::Unreachable, "no address to send to");
    for address in addresses {
        match ask(*address, message, &mut accept).await {
            Ok(answer) => return Ok((answer?, *address)),
            Err(error) => refused = not_delivered(&error, *address),
        }
    }
    Err(refused)
}

/// The outer error is the system's, about the way there; the inner one is about the answer.
async fn ask<T>(
    address: SocketAddr,
    message: &[u8],
    accept: &mut impl FnMut(&[u8]) -> Option<Result<T, Fault>>,
) -> io::Result<Result<T, Fault>> {
    let socket = open(address).await?;
    socket.send(message).await?;
    let mut datagram = Vec::with_capacity(DATAGRAM_LIMIT_BYTES);
    loop {
        datagram.clear();
        socket.recv_buf(&mut datagram).await?;
        if let Some(answer) = accept(&datagram) {
            return Ok(answer);
        }
    }
}

/// Connected, so that the system drops what others send and tells of refusals (ICMP port unreachable).
async fn open(address: SocketAddr) -> io::Result<UdpSocket> {
    let any = if address.is_ipv4() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED)
    } else {
        IpAddr::V6(Ipv6Addr::UNSPECIFIED)
    };
    let socket = UdpSocket::bind((any, 0)).await?;
    socket.connect(address).await?;
    Ok(socket)
}

fn not_delivered(error: &io::Error, address: SocketAddr) -> Fault {
    if error.kind() == io::ErrorKind::ConnectionRefused {
        return Fault::new(
            FailureKind::Refused,
            format!("nobody listens at {address} (port unreachable)"),
        );
    }
    Fault::connecting(error, address)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The address of a socket that is gone.
    async fn refused() -> SocketAddr {
        let gone = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        gone.local_addr().unwrap()
    }

    #[tokio::test]
    async fn an_address_that_refuses_gives_way_to_the_next() {
        let server = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let alive = server.local_addr().unwrap();
        let dead = refused().await;
        let serve = async {
            let mut buffer = [0; 16];
            let (length, peer) = server.recv_from(&mut buffer).await.unwrap();
            server.send_to(b"noise", peer).await.unwrap();
            server.send_to(&buffer[..length], peer).await.unwrap();
        };
        let accept = |datagram: &[u8]| (datagram == b"ping").then_some(Ok(()));
        let addresses = [dead, alive];
        let (found, ()) = tokio::join!(exchange(&addresses, b"ping", accept), serve);
        assert_eq!(found, Ok(((), alive)));
    }

    #[tokio::test]
    async fn a_port_without_a_listener_refuses() {
        let dead = refused().await;
        let fault = exchange(&[dead], b"ping", |_| Some(Ok(()))).await.unwrap_err();
        assert_eq!(fault.kind, FailureKind::Refused);
        assert_eq!(
            fault.message.as_str(),
            format!("nobody listens at {dead} (port unreachable)")
        );
    }
}
