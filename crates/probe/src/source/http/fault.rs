//! What hyper reports, as a failure that every protocol knows.

use std::error::Error;
use std::io;

use probetop_core::sample::FailureKind;

use super::head::HEAD_LIMIT_BYTES;
use crate::source::attempt::Fault;
use crate::source::tls;

/// Why no head of an answer came.
pub fn of_head(error: &hyper::Error) -> Fault {
    if let Some(fault) = of_transport(error) {
        return fault;
    }
    if error.is_parse_too_large() {
        let message = format!("head of the answer longer than {} KiB", HEAD_LIMIT_BYTES / 1024);
        return Fault::new(FailureKind::Protocol, message);
    }
    if error.is_parse() {
        return Fault::new(FailureKind::Protocol, format!("answer is not HTTP: {error}"));
    }
    if error.is_incomplete_message() || error.is_canceled() || error.is_closed() {
        return head_cut();
    }
    of_protocol(error)
}

/// The peer closed too early.
pub fn head_cut() -> Fault {
    Fault::new(
        FailureKind::Closed,
        "connection closed before the head of the answer was whole",
    )
}

/// Why a body ended after `length` bytes.
pub fn of_body(error: &hyper::Error, length: u64) -> Fault {
    let gone = error.is_incomplete_message() || error.is_canceled() || error.is_closed();
    let fault = match of_transport(error) {
        Some(fault) => fault,
        None if gone => Fault::new(FailureKind::Closed, ""),
        None => of_protocol(error),
    };
    within_body(fault, length)
}

/// The same after `length` bytes of a body.
pub fn within_body(fault: Fault, length: u64) -> Fault {
    if matches!(fault.kind, FailureKind::Closed | FailureKind::Reset) {
        return Fault::new(fault.kind, format!("body cut short after {length} bytes"));
    }
    fault
}

/// What the connection below says.
pub fn of_io(error: &io::Error) -> Fault {
    tls::fault_in(error).unwrap_or_else(|| Fault::from(error))
}

/// The error of the connection below, where that is the cause.
fn of_transport(error: &hyper::Error) -> Option<Fault> {
    let below = causes(error).find_map(|cause| cause.downcast_ref::<io::Error>())?;
    Some(of_io(below))
}

fn of_protocol(error: &hyper::Error) -> Fault {
    let deepest = causes(error)
        .last()
        .map_or_else(|| error.to_string(), ToString::to_string);
    // What the HTTP/2 library says of a stream or connection that the peer gave up; it has no type for us to ask.
    // The real-server tests notice if the words change.
    let kind = if deepest.contains("error received") {
        FailureKind::Reset
    } else {
        FailureKind::Protocol
    };
    Fault::new(kind, deepest)
}

fn causes<'a>(error: &'a hyper::Error) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(error.source(), |cause: &&'a (dyn Error + 'static)| (*cause).source())
}
