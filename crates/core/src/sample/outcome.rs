//! How a probe went: answered or failed, by kind, and in which phase.

use super::{Micros, Text};

/// A stretch of a probe, in the order a probe goes through them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    Dns,
    Connect,
    Tls,
    /// The peer was told who asks, and agreed.
    Authenticate,
    /// From the request to the head of its answer.
    FirstByte,
    /// The rest of the answer.
    Transfer,
    /// A question in the peer's own language, to the end of its answer.
    Query,
    /// A message there and back.
    Message,
    /// A program, from its start to its end.
    Run,
}

impl Phase {
    pub const ALL: [Self; 9] = [
        Self::Dns,
        Self::Connect,
        Self::Tls,
        Self::Authenticate,
        Self::FirstByte,
        Self::Transfer,
        Self::Query,
        Self::Message,
        Self::Run,
    ];

    /// What an HTTP request goes through.
    pub const HTTP: [Self; 5] = [Self::Dns, Self::Connect, Self::Tls, Self::FirstByte, Self::Transfer];

    /// As documents name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Authenticate => "authenticate",
            Self::FirstByte => "first_byte",
            Self::Transfer => "transfer",
            Self::Query => "query",
            Self::Message => "message",
            Self::Run => "run",
        }
    }

    /// As people read it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::FirstByte => "first byte",
            Self::Dns
            | Self::Connect
            | Self::Tls
            | Self::Authenticate
            | Self::Transfer
            | Self::Query
            | Self::Message
            | Self::Run => self.name(),
        }
    }
}

/// How long each phase took; absent where the probe did not go through it (a reused connection does not connect).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Phases([Option<Micros>; Phase::ALL.len()]);

impl Phases {
    pub fn get(&self, phase: Phase) -> Option<Micros> {
        self.0[phase as usize]
    }

    /// Adds to what the phase took so far: a redirect connects more than once.
    pub fn add(&mut self, phase: Phase, took: Micros) {
        let slot = &mut self.0[phase as usize];
        *slot = Some(Micros(slot.unwrap_or_default().0.saturating_add(took.0)));
    }

    /// Whether a connection was opened and then asked: the probe paid for both.
    pub fn asked_on_a_new_connection(&self) -> bool {
        let asked = [Phase::FirstByte, Phase::Query, Phase::Message];
        self.get(Phase::Connect).is_some() && asked.into_iter().any(|phase| self.get(phase).is_some())
    }

    /// The phases gone through, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Phase, Micros)> {
        Phase::ALL
            .into_iter()
            .filter_map(|phase| Some((phase, self.get(phase)?)))
    }
}

/// Whether the probe did what was wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Ok,
    Failed(Box<Failure>),
}

impl Outcome {
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Ok => None,
            Self::Failed(failure) => Some(failure),
        }
    }

    pub fn is_ok(&self) -> bool {
        self.failure().is_none()
    }

    /// Whether it failed for want of something on this machine, which says nothing about the target.
    pub fn is_ours(&self) -> bool {
        self.failure().is_some_and(|failure| failure.kind.is_ours())
    }
}

/// Why a probe failed, where on its way, and what the system or the peer said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub kind: FailureKind,
    /// The phase it happened in; `None` before the first or after the last (an expectation).
    pub phase: Option<Phase>,
    pub message: Text,
}

/// The same words for every protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FailureKind {
    /// The name could not be resolved.
    Dns,
    /// Nobody listens there.
    Refused,
    /// No route, or the network said no.
    Unreachable,
    /// The time limit passed.
    Timeout,
    /// The peer broke the connection off.
    Reset,
    /// The peer closed the connection before the answer was whole.
    Closed,
    /// The TLS handshake failed or the certificate does not hold.
    Tls,
    /// The peer refuses who asks: user, password, or what they may do.
    Auth,
    /// The answer is not what the protocol allows.
    Protocol,
    /// More redirects than allowed, or one that leads nowhere.
    Redirect,
    /// An answer with a status that means failure.
    Status,
    /// An answer that does not meet an `expect` condition.
    Expect,
    /// The program of the probe could not be started: it is not there, or is none that may be run.
    Start,
    /// This machine does not let probetop do what the probe needs.
    Permission,
    /// The limits of this machine: descriptors, ports, memory.
    Local,
}

impl FailureKind {
    pub const ALL: [Self; 15] = [
        Self::Dns,
        Self::Refused,
        Self::Unreachable,
        Self::Timeout,
        Self::Reset,
        Self::Closed,
        Self::Tls,
        Self::Auth,
        Self::Protocol,
        Self::Redirect,
        Self::Status,
        Self::Expect,
        Self::Start,
        Self::Permission,
        Self::Local,
    ];

    /// Whether it is probetop's own want and not the target's: counted by its kind, and neither as an attempt nor as failed.
    pub const fn is_ours(self) -> bool {
        matches!(self, Self::Local)
    }

    /// As documents and the screen name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::Timeout => "timeout",
            Self::Reset => "reset",
            Self::Closed => "closed",
            Self::Tls => "tls",
            Self::Auth => "auth",
            Self::Protocol => "protocol",
            Self::Redirect => "redirect",
            Self::Status => "status",
            Self::Expect => "expect",
            Self::Start => "start",
            Self::Permission => "permission",
            Self::Local => "local",
        }
    }

    /// What to look at first, for the reference and the screen.
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::Dns => "check the name and this machine's resolver",
            Self::Refused => "check that the service runs and listens on that port",
            Self::Unreachable => "check routes, firewalls and the address family",
            Self::Timeout => "the service is slower than the timeout, or packets are dropped on the way",
            Self::Reset => "the service or something between broke the connection; look at its log",
            Self::Closed => "the service closed early; look for crashes and keep-alive limits",
            Self::Tls => "check the certificate's dates, names and issuer, and what both sides offer",
            Self::Auth => "check user and password, and what the server lets them do",
            Self::Protocol => "look at what the message quotes, and check that the port speaks this protocol",
            Self::Redirect => "check where the redirects lead, or raise `redirects`",
            Self::Status => "the service answered with an error; look at its log",
            Self::Expect => "the answer came but is not the one expected",
            Self::Start => {
                "install the program, make it executable (chmod +x), or mend its first line, as the message says"
            }
            Self::Permission => "run as root, or give the right that the message names",
            Self::Local => "raise the descriptor limit (ulimit -n) or probe less often",
        }
    }
}
