//! A final head, taken apart.

use std::borrow::Cow;

use hyper::body::Bytes;
use hyper::ext::ReasonPhrase;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::http::response;
use hyper::{Response, StatusCode, Version};
use probetop_core::sample::FailureKind;

use crate::source::attempt::Fault;
use crate::source::http::head::{HEADERS_LIMIT, tolerant};

/// Room for as many is made on the stack; few answers have more.
const USUAL_HEADERS: usize = 64;

/// # Errors
/// `head` is not a whole head.
pub(super) fn parse(head: &Bytes) -> Result<response::Parts, Fault> {
    let mut usual = [httparse::EMPTY_HEADER; USUAL_HEADERS];
    match parse_into(&mut usual, head) {
        Err(httparse::Error::TooManyHeaders) => {
            let mut many = vec![httparse::EMPTY_HEADER; HEADERS_LIMIT];
            parse_into(&mut many, head).map_err(not_http)?.ok_or_else(no_head)
        }
        parsed => parsed.map_err(not_http)?.ok_or_else(no_head),
    }
}

/// `None`: it is not whole, or its status no number that a status may have.
fn parse_into<'a>(
    headers: &mut [httparse::Header<'a>],
    head: &'a Bytes,
) -> Result<Option<response::Parts>, httparse::Error> {
    let mut answer = httparse::Response::new(headers);
    if tolerant().parse_response(&mut answer, head)?.is_partial() {
        return Ok(None);
    }
    let status = answer.code.and_then(|code| StatusCode::from_u16(code).ok());
    let Some(status) = status else {
        return Err(httparse::Error::Status);
    };
    let (mut parts, ()) = Response::new(()).into_parts();
    parts.status = status;
    parts.version = match answer.version {
        Some(1) => Version::HTTP_11,
        Some(_) | None => Version::HTTP_10,
    };
    parts.headers = HeaderMap::with_capacity(answer.headers.len());
    for header in answer.headers.iter() {
        let name = HeaderName::from_bytes(header.name.as_bytes()).map_err(|_| httparse::Error::HeaderName)?;
        let value = value(head, header.value).ok_or(httparse::Error::HeaderValue)?;
        parts.headers.append(name, value);
    }
    // The usual one is known by the status.
    let reason = answer.reason.filter(|reason| status.canonical_reason() != Some(reason));
    if let Some(reason) = reason.and_then(|reason| ReasonPhrase::try_from(reason.as_bytes()).ok()) {
        parts.extensions.insert(reason);
    }
    Ok(Some(parts))
}

/// The value as a part of `head`, or anew where it goes over several lines (RFC 9112, section 5.2).
fn value(head: &Bytes, value: &[u8]) -> Option<HeaderValue> {
    match unfolded(value) {
        Cow::Borrowed(b"") => Some(HeaderValue::from_static("")),
        Cow::Borrowed(value) => HeaderValue::from_maybe_shared(head.slice_ref(value)).ok(),
        Cow::Owned(value) => HeaderValue::from_maybe_shared(Bytes::from(value)).ok(),
    }
}

fn unfolded(value: &[u8]) -> Cow<'_, [u8]> {
    let ends_line = |byte: &u8| matches!(byte, b'\r' | b'\n');
    if !value.iter().any(ends_line) {
        return Cow::Borrowed(value);
    }
    let spaced = value.iter().map(|byte| if ends_line(byte) { b' ' } else { *byte });
    Cow::Owned(spaced.collect())
}

fn no_head() -> Fault {
    Fault::new(FailureKind::Protocol, "answer is not HTTP")
}

fn not_http(error: httparse::Error) -> Fault {
    let what = match error {
        httparse::Error::Version => "invalid HTTP version parsed",
        httparse::Error::Status => "invalid HTTP status-code parsed",
        httparse::Error::HeaderName
        | httparse::Error::HeaderValue
        | httparse::Error::NewLine
        | httparse::Error::Token
        | httparse::Error::TooManyHeaders => "invalid HTTP header parsed",
    };
    Fault::new(FailureKind::Protocol, format!("answer is not HTTP: {what}"))
}

/// Whether the connection may carry another request (RFC 9112, section 9.3).
pub(super) fn persists(head: &response::Parts) -> bool {
    if head.status == StatusCode::SWITCHING_PROTOCOLS {
        return false;
    }
    let says = |word: &str| {
        let values = head.headers.get_all(header::CONNECTION).iter();
        let mut words = values
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','));
        words.any(|said| said.trim().eq_ignore_ascii_case(word))
    };
    match head.version {
        Version::HTTP_11 => !says("close"),
        _ => says("keep-alive"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(head: &str) -> response::Parts {
        parse(&Bytes::copy_from_slice(head.as_bytes())).unwrap()
    }

    #[test]
    fn a_head_has_what_it_said_in_order_and_a_reason_only_where_it_is_an_own_one() {
        let head = read("HTTP/1.1 200 OK\r\nA: 1\r\nB:\r\na: 2\r\nfolded: one\r\n two\r\n\r\n");
        let values: Vec<_> = head.headers.get_all("a").iter().collect();
        assert_eq!(values, ["1", "2"]);
        assert_eq!(head.headers["b"], "");
        assert_eq!(head.headers["folded"], "one   two");
        assert!(head.extensions.get::<ReasonPhrase>().is_none());
        let own = read("HTTP/1.0 503 Busy\r\n\r\n");
        assert_eq!((own.status.as_u16(), own.version), (503, Version::HTTP_10));
        assert_eq!(own.extensions.get::<ReasonPhrase>().unwrap().as_bytes(), b"Busy");
    }

    #[test]
    fn more_headers_than_usual_are_read_as_well() {
        let head = read(&format!("HTTP/1.1 200 OK\r\n{}\r\n", "x: y\r\n".repeat(1000)));
        assert_eq!(head.headers.len(), 1000);
    }

    #[test]
    fn a_connection_stays_unless_the_peer_says_otherwise_and_before_1_1_only_if_it_says_so() {
        for (head, expected) in [
            ("HTTP/1.1 200 OK\r\n\r\n", true),
            ("HTTP/1.1 200 OK\r\nconnection: x, Close\r\n\r\n", false),
            ("HTTP/1.0 200 OK\r\n\r\n", false),
            ("HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n\r\n", true),
            ("HTTP/1.1 101 Switching Protocols\r\n\r\n", false),
        ] {
            assert_eq!(persists(&read(head)), expected, "{head}");
        }
    }
}
