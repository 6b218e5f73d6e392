//! The question that turns an HTTP connection into a WebSocket, and its answer (RFC 6455, section 4).
//!
//! Read here and not by the WebSocket library, which takes a server that sends byte by byte for an attacker.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use probetop_core::sample::{FailureKind, Text};
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use url::Url;

use crate::source::attempt::Fault;
use crate::source::http::credentials;
use crate::source::http::head::Head;
use crate::source::link::Link;

/// The headers that make the handshake; a target cannot send its own.
pub(super) const OURS: [&str; 6] = [
    "upgrade",
    "connection",
    "sec-websocket-key",
    "sec-websocket-version",
    "sec-websocket-extensions",
    "content-length",
];

/// What is asked of one target, but for the key, which is new each time.
pub(super) struct Request(String);

/// The peer agreed.
#[derive(Debug)]
pub struct Agreed {
    pub subprotocol: Option<Text>,
    /// What came right behind the head: the first bytes of messages.
    pub rest: Vec<u8>,
}

/// The peer did not, or nothing came that could be read.
#[derive(Debug, PartialEq)]
pub(super) struct Refused {
    pub fault: Fault,
    pub status: Option<u16>,
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Self { fault, status: None }
    }
}

impl Request {
    pub(super) fn new(url: &Url, headers: &BTreeMap<String, String>) -> Self {
        let own = |name: &str| headers.keys().any(|key| key.eq_ignore_ascii_case(name));
        let mut head = format!("GET {}", url.path());
        // Writing to a string cannot fail.
        if let Some(query) = url.query() {
            let _ = write!(head, "?{query}");
        }
        head.push_str(" HTTP/1.1\r\n");
        if !own("host") {
            let _ = write!(head, "Host: {}", url.host_str().unwrap_or_default());
            if let Some(port) = url.port() {
                let _ = write!(head, ":{port}");
            }
            head.push_str("\r\n");
        }
        if let Some(basic) = credentials::basic_of_url(url).filter(|_| !own("authorization")) {
            let _ = write!(head, "Authorization: {basic}\r\n");
        }
        for (name, value) in headers {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        head.push_str("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n");
        Self(head)
    }

    /// Asks, and reads the head of the answer.
    pub(super) async fn send(&self, link: &mut Link) -> Result<Agreed, Refused> {
        let key = generate_key();
        let request = format!("{}Sec-WebSocket-Key: {key}\r\n\r\n", self.0);
        link.write_all(request.as_bytes()).await.map_err(Fault::from)?;
        link.flush().await.map_err(Fault::from)?;
        let head = Head::read(link).await?.ok_or_else(|| {
            let message = "connection closed before the head of the answer was whole";
            Fault::new(FailureKind::Closed, message)
        })?;
        judge(head, &key)
    }
}

fn judge(head: Head, key: &str) -> Result<Agreed, Refused> {
    if head.status != 101 {
        let message = format!("no WebSocket: answered {} instead of 101", head.words());
        // What is no error to HTTP is none of the service either: it speaks another protocol there.
        let kind = if head.status < 400 {
            FailureKind::Protocol
        } else {
            FailureKind::Status
        };
        let fault = Fault::new(kind, message);
        let status = Some(head.status);
        return Err(Refused { fault, status });
    }
    if head.value("sec-websocket-accept") != Some(derive_accept_key(key.as_bytes()).as_bytes()) {
        let message = "peer switched, but not to our WebSocket (sec-websocket-accept)";
        return Err(Fault::new(FailureKind::Protocol, message).into());
    }
    Ok(Agreed {
        subprotocol: head.value("sec-websocket-protocol").map(Text::clean_bytes),
        rest: head.rest,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
    const SWITCHED: &str = "HTTP/1.1 101 Switching\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";

    fn read(head: &[u8]) -> Result<Agreed, Refused> {
        judge(Head::parse(head)?, KEY)
    }

    fn check_request(url: &str, headers: &[(&str, &str)], expected: &str) {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_string()));
        let request = Request::new(&Url::parse(url).unwrap(), &headers.collect());
        let (own, ours) = request.0.split_once("Upgrade: websocket\r\n").unwrap();
        assert_eq!(own, expected);
        assert_eq!(ours, "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n");
    }

    #[test]
    fn a_request_names_host_path_and_whoever_asks() {
        check_request("ws://a.example", &[], "GET / HTTP/1.1\r\nHost: a.example\r\n");
        check_request(
            "wss://u:p@a.example:8443/chat?room=1",
            &[("x", "y")],
            "GET /chat?room=1 HTTP/1.1\r\nHost: a.example:8443\r\nAuthorization: Basic dTpw\r\nx: y\r\n",
        );
        check_request(
            "ws://u@[::1]:80/",
            &[("Host", "b"), ("authorization", "Bearer t")],
            "GET / HTTP/1.1\r\nHost: b\r\nauthorization: Bearer t\r\n",
        );
    }

    fn check(head: &str, expected: Result<&str, (FailureKind, &str)>) {
        let judged = read(head.as_bytes());
        let judged = judged.map(|agreed| String::from_utf8(agreed.rest).unwrap());
        let judged = judged.map_err(|refused| (refused.fault.kind, refused.fault.message));
        let expected = expected
            .map(str::to_owned)
            .map_err(|(kind, text)| (kind, Text::clean(text)));
        assert_eq!(judged, expected, "{head:?}");
    }

    #[test]
    fn an_answer_agrees_only_with_the_key_that_was_sent() {
        use FailureKind::{Protocol, Status};
        check(&format!("{SWITCHED}\r\nrest"), Ok("rest"));
        check(
            "HTTP/1.1 403 No\x1b[31m\r\n\r\n",
            Err((Protocol, "answer is not HTTP: invalid response status")),
        );
        check(
            "HTTP/1.1 403 Go away\r\n\r\n",
            Err((Status, "no WebSocket: answered 403 Go away instead of 101")),
        );
        check(
            "HTTP/1.1 200\r\n\r\n",
            Err((Protocol, "no WebSocket: answered 200 instead of 101")),
        );
        check(
            "HTTP/1.1 101 Switching\r\nsec-websocket-accept: x\r\n\r\n",
            Err((
                Protocol,
                "peer switched, but not to our WebSocket (sec-websocket-accept)",
            )),
        );
    }

    proptest! {
        #[test]
        fn no_answer_makes_it_panic(head in prop::collection::vec(any::<u8>(), 0..200), cut in 0..SWITCHED.len()) {
            let _ = read(&head);
            let _ = read(&[&SWITCHED.as_bytes()[..cut], &head].concat());
        }
    }
}
