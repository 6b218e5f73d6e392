//! A request as the bytes that go over a connection in HTTP/1.1.

use hyper::body::Bytes;
use hyper::header::{self, HeaderMap};

use super::Request;

/// A body of up to so many bytes goes with the head, in one segment where that has room.
const TOGETHER_BYTES: usize = 16 * 1024;

/// Room for the head of most requests.
const HEAD_BYTES: usize = 256;

/// The head, and a body that is too long to be copied.
#[derive(Debug)]
pub(crate) struct Written {
    head: Vec<u8>,
    body: Bytes,
}

impl Written {
    pub(super) fn new(request: &Request, target: &str, headers: &HeaderMap) -> Self {
        let mut head = Vec::with_capacity(HEAD_BYTES + request.body.len().min(TOGETHER_BYTES));
        for part in [request.method.as_str(), " ", target, " HTTP/1.1\r\n"] {
            head.extend_from_slice(part.as_bytes());
        }
        for (name, value) in headers {
            for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
                head.extend_from_slice(part);
            }
        }
        if !request.body.is_empty() && !headers.contains_key(header::CONTENT_LENGTH) {
            head.extend_from_slice(format!("content-length: {}\r\n", request.body.len()).as_bytes());
        }
        head.extend_from_slice(b"\r\n");
        let mut body = request.body.clone();
        if body.len() <= TOGETHER_BYTES {
            head.extend_from_slice(&body);
            body.clear();
        }
        Self { head, body }
    }

    /// What is left of it when so many bytes have gone; at most up to where the body begins.
    pub(crate) fn from(&self, sent: usize) -> &[u8] {
        match sent.checked_sub(self.head.len()) {
            None => self.head.get(sent..).unwrap_or_default(),
            Some(sent) => self.body.get(sent..).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
impl Written {
    /// All of it, as text.
    pub(crate) fn text(&self) -> String {
        let bytes = [self.head.as_slice(), &self.body].concat();
        String::from_utf8(bytes).expect("requests of tests are text")
    }
}
