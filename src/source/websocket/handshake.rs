//! The question that turns an HTTP connection into a WebSocket, and its answer (RFC 6455, section 4).
//!
//! Read here and not by the WebSocket library, which takes a server that sends byte by byte for an attacker.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use url::Url;

use crate::sample::{FailureKind, Text};
use crate::source::attempt::Fault;
use crate::source::http::credentials;
use crate::source::http::head::{HEADERS_LIMIT, Heads};
use crate::source::link::Link;

/// What is read at once: a head has a few hundred bytes.
const PIECE_BYTES: usize = 1024;

/// The headers that make the handshake; a target cannot send its own.
pub const OURS: [&str; 6] = [
    "upgrade",
    "connection",
    "sec-websocket-key",
    "sec-websocket-version",
    "sec-websocket-extensions",
    "content-length",
];

/// What is asked of one target, but for the key, which is new each time.
pub struct Request(String);

/// The peer agreed.
#[derive(Debug)]
pub struct Agreed {
    pub subprotocol: Option<Text>,
    /// What came right behind the head: the first bytes of messages.
    pub rest: Vec<u8>,
}

/// The peer did not, or nothing came that could be read.
#[derive(Debug, PartialEq)]
pub struct Refused {
    pub fault: Fault,
    pub status: Option<u16>,
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Self { fault, status: None }
    }
}

impl Request {
    pub fn new(url: &Url, headers: &BTreeMap<String, String>) -> Self {
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
    pub async fn send(&self, link: &mut Link) -> Result<Agreed, Refused> {
        let key = generate_key();
        let request = format!("{}Sec-WebSocket-Key: {key}\r\n\r\n", self.0);
        link.write_all(request.as_bytes()).await.map_err(Fault::from)?;
        link.flush().await.map_err(Fault::from)?;
        let head = read_head(link).await?;
        judge(&head, &key)
    }
}

/// The final head, and what came with it.
async fn read_head(link: &mut Link) -> Result<Vec<u8>, Fault> {
    let mut heads = Heads::default();
    let mut piece = [0; PIECE_BYTES];
    loop {
        let read = link.read(&mut piece).await?;
        if read == 0 {
            let message = "connection closed before the head of the answer was whole";
            return Err(Fault::new(FailureKind::Closed, message));
        }
        if heads.push(piece.get(..read).unwrap_or_default())?.is_some() {
            return Ok(heads.into_bytes());
        }
    }
}

fn judge(head: &[u8], key: &str) -> Result<Agreed, Refused> {
    let protocol = |message: String| Refused::from(Fault::new(FailureKind::Protocol, message));
    let mut headers = vec![httparse::EMPTY_HEADER; HEADERS_LIMIT];
    let mut response = httparse::Response::new(&mut headers);
    let length = match tolerant().parse_response(&mut response, head) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Err(protocol("answer is not HTTP".to_owned())),
        Err(error) => return Err(protocol(format!("answer is not HTTP: {error}"))),
    };
    let status = response.code.unwrap_or_default();
    if status != 101 {
        let words = format!("{status} {}", response.reason.unwrap_or_default());
        let fault = Fault::new(FailureKind::Status, words);
        let status = Some(status);
        return Err(Refused { fault, status });
    }
    let value = |name: &str| {
        let found = response
            .headers
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case(name));
        found.map(|header| header.value)
    };
    if value("sec-websocket-accept") != Some(derive_accept_key(key.as_bytes()).as_bytes()) {
        return Err(protocol(
            "peer switched, but not to our WebSocket (sec-websocket-accept)".to_owned(),
        ));
    }
    Ok(Agreed {
        subprotocol: value("sec-websocket-protocol").map(Text::clean_bytes),
        rest: head.get(length..).unwrap_or_default().to_vec(),
    })
}

/// As plain requests have it.
fn tolerant() -> httparse::ParserConfig {
    let mut config = httparse::ParserConfig::default();
    config
        .allow_obsolete_multiline_headers_in_responses(true)
        .allow_spaces_after_header_name_in_responses(true)
        .ignore_invalid_headers_in_responses(true);
    config
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
    const SWITCHED: &str = "HTTP/1.1 101 Switching\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";

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
        let judged = judge(head.as_bytes(), KEY);
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
        check("HTTP/1.1 403 Go away\r\n\r\n", Err((Status, "403 Go away")));
        check("HTTP/1.1 200\r\n\r\n", Err((Status, "200")));
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
            let _ = judge(&head, KEY);
            let _ = judge(&[&SWITCHED.as_bytes()[..cut], &head].concat(), KEY);
        }
    }
}
