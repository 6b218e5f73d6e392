//! A socket that sends and receives ICMP: the kind that needs no privilege where the system allows it, else a raw one.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::OwnedFd;

use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType, ipproto, socket_with};
use tokio::net::UdpSocket;

use super::packet::{Envelope, Identifier};

/// Connected to one host. The system drops what others send.
#[derive(Debug)]
pub(super) struct IcmpSocket {
    /// To tokio a datagram is a datagram; what protocol it bears was settled when the socket was made.
    socket: UdpSocket,
    pub envelope: Envelope,
    pub identifier: Identifier,
}

/// Which of the two kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Privilege {
    None,
    Raw,
}

impl IcmpSocket {
    /// Fails when no descriptor is left, when the system lets us have neither kind, or when there is no way to `address`,
    /// whose port says nothing.
    pub(super) async fn connect(address: SocketAddr) -> io::Result<Self> {
        let host = address.ip();
        let (socket, privilege) = open(host)?;
        let socket = std::net::UdpSocket::from(socket);
        socket.set_nonblocking(true)?;
        let socket = UdpSocket::from_std(socket)?;
        socket.connect(address).await?;
        let gives_header = privilege == Privilege::Raw || !cfg!(target_os = "linux");
        Ok(Self {
            socket,
            envelope: if gives_header && host.is_ipv4() {
                Envelope::Ipv4Header
            } else {
                Envelope::None
            },
            identifier: if privilege == Privilege::Raw || !cfg!(target_os = "linux") {
                Identifier::Ours
            } else {
                Identifier::System
            },
        })
    }

    pub(super) async fn send(&self, packet: &[u8]) -> io::Result<usize> {
        self.socket.send(packet).await
    }

    pub(super) async fn receive(&self, packet: &mut [u8]) -> io::Result<usize> {
        self.socket.recv(packet).await
    }
}

/// Whether this process may send ICMP at all.
///
/// # Errors
/// Names the two ways to allow it.
pub(super) fn check(host: IpAddr) -> Result<(), String> {
    match open(host) {
        Err(error) if is_forbidden(error) => Err(remedy()),
        // Whatever else is wrong now may be right when it is needed.
        Ok(_) | Err(_) => Ok(()),
    }
}

/// What to do about a system that forbids it.
fn remedy() -> String {
    "this system lets only root send ICMP; allow it with sysctl -w net.ipv4.ping_group_range='0 2147483647', \
     or give the program the right with setcap cap_net_raw+ep"
        .to_owned()
}

/// Whether `error` means that we lack the right.
fn is_forbidden(error: Errno) -> bool {
    matches!(error, Errno::ACCESS | Errno::PERM)
}

fn open(host: IpAddr) -> Result<(OwnedFd, Privilege), Errno> {
    match open_as(host, Privilege::None) {
        // Linux refuses groups outside ping_group_range; other systems may not know the kind at all.
        Err(error) if is_forbidden(error) || error == Errno::PROTONOSUPPORT || error == Errno::PROTOTYPE => {
            open_as(host, Privilege::Raw)
        }
        opened => opened,
    }
}

fn open_as(host: IpAddr, privilege: Privilege) -> Result<(OwnedFd, Privilege), Errno> {
    let (family, protocol) = match host {
        IpAddr::V4(_) => (AddressFamily::INET, ipproto::ICMP),
        IpAddr::V6(_) => (AddressFamily::INET6, ipproto::ICMPV6),
    };
    let kind = match privilege {
        Privilege::None => SocketType::DGRAM,
        Privilege::Raw => SocketType::RAW,
    };
    #[cfg(target_os = "linux")]
    let socket = socket_with(family, kind, SocketFlags::CLOEXEC, Some(protocol))?;
    #[cfg(not(target_os = "linux"))]
    let socket = {
        let socket = socket_with(family, kind, SocketFlags::empty(), Some(protocol))?;
        rustix::io::fcntl_setfd(&socket, rustix::io::FdFlags::CLOEXEC)?;
        socket
    };
    Ok((socket, privilege))
}
