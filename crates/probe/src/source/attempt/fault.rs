//! Why a step of an attempt failed, and what the system's errors mean in the words of every protocol.

use std::fmt;
use std::io;
use std::net::SocketAddr;

use probetop_core::sample::{Failure, FailureKind, Phase, Text};
use rustix::io::Errno;

use crate::source::zone;

/// Why a step failed, before it is known which phase the step belonged to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub kind: FailureKind,
    pub message: Text,
}

impl Fault {
    pub fn new(kind: FailureKind, message: impl Into<Text>) -> Self {
        Self {
            kind,
            message: message.into(),
        }
    }

    pub fn during(self, phase: Phase) -> Failure {
        Failure {
            kind: self.kind,
            phase: Some(phase),
            message: self.message,
        }
    }

    /// A failure that belongs to no phase: what came is not what was wanted.
    pub fn after_all_phases(self) -> Failure {
        Failure {
            kind: self.kind,
            phase: None,
            message: self.message,
        }
    }

    /// A connection to `address` that did not come about.
    pub fn connecting(error: &io::Error, address: SocketAddr) -> Self {
        let kind = kind_of(error);
        let message = if kind == FailureKind::Refused {
            format!("connection refused by {address}")
        } else if kind == FailureKind::Reset {
            format!("connection reset by {address}")
        } else if kind == FailureKind::Timeout {
            format!("{address} does not answer")
        } else if kind == FailureKind::Local {
            format!("cannot connect to {address}: {}", reason(error))
        } else if let SocketAddr::V6(bare) = address
            && bare.ip().is_unicast_link_local()
            && bare.scope_id() == 0
        {
            zone::missing_at(*bare.ip())
        } else {
            format!("{address} is unreachable: {}", reason(error))
        };
        Self::new(kind, message)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.message.fmt(f)
    }
}

/// What became of a connection that stood.
impl From<&io::Error> for Fault {
    fn from(error: &io::Error) -> Self {
        let kind = kind_of(error);
        if kind == FailureKind::Reset {
            Self::new(kind, "connection reset by the peer")
        } else if kind == FailureKind::Closed {
            Self::new(kind, "connection closed by the peer")
        } else if kind == FailureKind::Timeout {
            Self::new(kind, "the peer no longer acknowledges anything")
        } else {
            Self::new(kind, reason(error))
        }
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::from(&error)
    }
}

/// Which kind of failure the system's word means.
fn kind_of(error: &io::Error) -> FailureKind {
    if error.raw_os_error().is_some_and(is_local) {
        return FailureKind::Local;
    }
    match error.kind() {
        io::ErrorKind::ConnectionRefused => FailureKind::Refused,
        io::ErrorKind::TimedOut => FailureKind::Timeout,
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::NotConnected => FailureKind::Reset,
        io::ErrorKind::UnexpectedEof | io::ErrorKind::WriteZero => FailureKind::Closed,
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => FailureKind::Protocol,
        io::ErrorKind::OutOfMemory => FailureKind::Local,
        // No route, a firewall's refusal (EPERM, EACCES), or an ICMP error that has no name of its own.
        _ => FailureKind::Unreachable,
    }
}

/// This machine ran out of descriptors, ports or buffers.
fn is_local(code: i32) -> bool {
    [
        Errno::MFILE,
        Errno::NFILE,
        Errno::ADDRNOTAVAIL,
        Errno::ADDRINUSE,
        Errno::NOBUFS,
        Errno::NOMEM,
        Errno::AGAIN,
    ]
    .iter()
    .any(|errno| errno.raw_os_error() == code)
}

/// The system's words in our style: no code at the end, no capital at the start.
pub fn reason(error: &io::Error) -> String {
    let words = error.to_string();
    let words = words.split(" (os error").next().unwrap_or_default();
    let mut characters = words.chars();
    let first = characters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(characters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_says_why_in_the_words_of_every_protocol() {
        let check = |errno: Errno, kind| {
            let error = io::Error::from_raw_os_error(errno.raw_os_error());
            assert_eq!(
                Fault::connecting(&error, ([127, 0, 0, 1], 81).into()).kind,
                kind,
                "{error}"
            );
        };
        check(Errno::CONNREFUSED, FailureKind::Refused);
        check(Errno::HOSTUNREACH, FailureKind::Unreachable);
        check(Errno::NETUNREACH, FailureKind::Unreachable);
        check(Errno::PERM, FailureKind::Unreachable);
        check(Errno::TIMEDOUT, FailureKind::Timeout);
        check(Errno::CONNRESET, FailureKind::Reset);
        check(Errno::PIPE, FailureKind::Reset);
        check(Errno::MFILE, FailureKind::Local);
        check(Errno::NFILE, FailureKind::Local);
        check(Errno::ADDRNOTAVAIL, FailureKind::Local);
        assert_eq!(
            Fault::from(io::Error::from(io::ErrorKind::UnexpectedEof)).kind,
            FailureKind::Closed
        );
    }

    #[test]
    fn messages_are_short_and_name_the_peer() {
        let check = |errno: Errno, message| {
            let error = io::Error::from_raw_os_error(errno.raw_os_error());
            assert_eq!(
                Fault::connecting(&error, ([127, 0, 0, 1], 81).into()).message.as_str(),
                message
            );
        };
        check(Errno::CONNREFUSED, "connection refused by 127.0.0.1:81");
        check(Errno::HOSTUNREACH, "127.0.0.1:81 is unreachable: no route to host");
        check(Errno::MFILE, "cannot connect to 127.0.0.1:81: too many open files");
    }
}
