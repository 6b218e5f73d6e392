//! The way of one probe from its first connection to its last answer, and how it may end.

use std::net::SocketAddr;

use hyper::http::response;
use probetop_core::sample::{Answer, Failure, FailureKind};

use super::body::Body;
use crate::source::attempt::Stopwatch;

/// What one probe has gathered so far.
pub(super) struct Journey {
    pub watch: Stopwatch,
    pub answer: Answer,
    pub reached: Reached,
    /// Which of a name's addresses has its turn.
    pub turn: Option<SocketAddr>,
}

/// Whether a connection to a peer stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reached {
    Yes,
    No,
}

/// An answer as it came.
#[derive(Debug)]
pub(super) struct Reply {
    pub head: response::Parts,
    pub body: Body,
}

/// An exchange that failed.
#[derive(Debug)]
pub(super) struct Broken {
    pub failure: Failure,
    answered: Answered,
}

/// Whether a byte of an answer came before the connection broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answered {
    Yes,
    No,
}

impl Broken {
    pub(super) fn answered(failure: Failure) -> Self {
        let answered = Answered::Yes;
        Self { failure, answered }
    }

    pub(super) fn unanswered(failure: Failure) -> Self {
        let answered = Answered::No;
        Self { failure, answered }
    }

    /// Whether the peer had given the connection up before it saw the request: then it says nothing about the service.
    pub(super) fn was_stale(&self) -> bool {
        let gave_up = matches!(self.failure.kind, FailureKind::Closed | FailureKind::Reset);
        gave_up && self.answered == Answered::No
    }
}
