//! How a call ended: the `grpc-status` and `grpc-message` of its trailers.

use hyper::HeaderMap;
use probetop_core::sample::FailureKind;

use crate::source::attempt::Fault;
use crate::source::http::credentials::percent_decoded;

/// By number, as gRPC's own documents write them.
const NAMES: [&str; 17] = [
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
];

/// Whether trailers (or the headers of an answer without a message) tell how the call ended.
pub(super) fn is_told_in(trailers: &HeaderMap) -> bool {
    trailers.contains_key("grpc-status")
}

/// # Errors
/// The call failed: `UNIMPLEMENTED: unknown service grpc.health.v1.Health`, or nobody said how it ended.
pub(super) fn judge(trailers: &HeaderMap) -> Result<(), Fault> {
    let protocol = |message: &str| Fault::new(FailureKind::Protocol, message);
    let status = trailers.get("grpc-status");
    let status = status.ok_or_else(|| protocol("answer has no grpc-status"))?;
    let number = status.to_str().ok().and_then(|text| text.parse::<usize>().ok());
    let number = number.ok_or_else(|| protocol("grpc-status of the answer is not a number"))?;
    if number == 0 {
        return Ok(());
    }
    let name = NAMES
        .get(number)
        .map_or_else(|| format!("grpc-status {number}"), ToString::to_string);
    let said = trailers.get("grpc-message").and_then(|message| message.to_str().ok());
    let said = said.map(percent_decoded).unwrap_or_default();
    let message = match String::from_utf8_lossy(&said).trim() {
        "" => name,
        said => format!("{name}: {said}"),
    };
    Err(Fault::new(FailureKind::Status, message))
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;

    use super::*;

    fn check(status: Option<&str>, message: Option<&[u8]>, expected: Result<(), (FailureKind, &str)>) {
        let mut trailers = HeaderMap::new();
        if let Some(status) = status {
            trailers.insert("grpc-status", status.parse().unwrap());
        }
        if let Some(message) = message {
            trailers.insert("grpc-message", HeaderValue::from_bytes(message).unwrap());
        }
        let expected = expected.map_err(|(kind, message)| Fault::new(kind, message));
        assert_eq!(judge(&trailers), expected);
    }

    #[test]
    fn trailers_tell_how_a_call_ended() {
        use FailureKind::{Protocol, Status};
        check(Some("0"), Some(b"ignored"), Ok(()));
        check(Some("12"), None, Err((Status, "UNIMPLEMENTED")));
        check(
            Some("5"),
            Some(b"unknown%20service%1b[31m"),
            Err((Status, "NOT_FOUND: unknown service[31m")),
        );
        check(Some("14"), Some(b"\xff"), Err((Status, "UNAVAILABLE")));
        check(Some("99"), Some(b" "), Err((Status, "grpc-status 99")));
        check(
            Some("99999999999999999999999"),
            None,
            Err((Protocol, "grpc-status of the answer is not a number")),
        );
        check(
            Some("ok"),
            None,
            Err((Protocol, "grpc-status of the answer is not a number")),
        );
        check(None, Some(b"x"), Err((Protocol, "answer has no grpc-status")));
    }
}
