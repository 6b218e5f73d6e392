//! A final head, read to its end and taken apart: for those who ask over a bare stream, as for a tunnel or a WebSocket.

use probetop_core::sample::FailureKind;
use tokio::io::{AsyncRead, AsyncReadExt as _};

use super::{HEADERS_LIMIT, Heads};
use crate::source::attempt::Fault;

/// What is read at once: a head has a few hundred bytes.
const PIECE_BYTES: usize = 1024;

#[derive(Debug)]
pub struct Head {
    pub status: u16,
    reason: String,
    headers: Vec<(String, Vec<u8>)>,
    /// What came right behind it.
    pub rest: Vec<u8>,
}

impl Head {
    /// The next final head from `stream`. `None`: the peer closed before it was whole.
    ///
    /// # Errors
    /// The connection broke, or what came is not a head.
    pub async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Result<Option<Self>, Fault> {
        let mut heads = Heads::default();
        let mut piece = [0; PIECE_BYTES];
        loop {
            let read = stream.read(&mut piece).await?;
            if read == 0 {
                return Ok(None);
            }
            if heads.push(piece.get(..read).unwrap_or_default())?.is_some() {
                return Self::parse(&heads.into_bytes()).map(Some);
            }
        }
    }

    /// # Errors
    /// `bytes` do not begin with a whole head.
    pub fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        let not_http = |why: String| Fault::new(FailureKind::Protocol, format!("answer is not HTTP{why}"));
        let mut headers = vec![httparse::EMPTY_HEADER; HEADERS_LIMIT];
        let mut response = httparse::Response::new(&mut headers);
        let length = match tolerant().parse_response(&mut response, bytes) {
            Ok(httparse::Status::Complete(length)) => length,
            Ok(httparse::Status::Partial) => return Err(not_http(String::new())),
            Err(error) => return Err(not_http(format!(": {error}"))),
        };
        let headers = response.headers.iter();
        Ok(Self {
            status: response.code.unwrap_or_default(),
            reason: response.reason.unwrap_or_default().to_owned(),
            headers: headers
                .map(|header| (header.name.to_owned(), header.value.to_vec()))
                .collect(),
            rest: bytes.get(length..).unwrap_or_default().to_vec(),
        })
    }

    /// The first value of a header, by its name in small letters.
    pub fn value(&self, name: &str) -> Option<&[u8]> {
        let found = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_slice())
    }

    /// Status and reason, as people read them.
    pub fn words(&self) -> String {
        format!("{} {}", self.status, self.reason)
    }
}

/// As RFC 9112, section 5.2, wants it, and as all other clients have it.
pub fn tolerant() -> httparse::ParserConfig {
    let mut config = httparse::ParserConfig::default();
    config
        .allow_obsolete_multiline_headers_in_responses(true)
        .allow_spaces_after_header_name_in_responses(true)
        .ignore_invalid_headers_in_responses(true);
    config
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_head_is_read_behind_those_in_advance_and_up_to_what_follows() {
        let answer =
            "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 407 Who are you\r\nX-Proxy : a\r\nx-proxy: b\r\n\r\nrest";
        let head = Head::read(&mut answer.as_bytes()).await.unwrap().unwrap();
        assert_eq!(head.words(), "407 Who are you");
        assert_eq!(head.value("x-proxy"), Some(&b"a"[..]));
        assert_eq!(head.rest, b"rest");
        assert!(Head::read(&mut &answer.as_bytes()[..50]).await.unwrap().is_none());
    }
}
