//! Where the body of an answer in HTTP/1 ends, and what of the bytes that come is of it (RFC 9112, section 6).

use hyper::header::{self, HeaderMap};
use hyper::http::response;
use hyper::{Method, StatusCode, Version};
use probetop_core::sample::FailureKind;

use crate::source::attempt::Fault;

/// Extensions of all chunks and trailers together: nobody looks at them.
const BESIDE_LIMIT_BYTES: usize = 16 * 1024;

/// The length of a chunk in hexadecimal, and the end of its line.
const SIZE_LINE_BYTES: usize = 18;

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Decoder {
    /// So many bytes are still to come.
    Length(u64),
    Chunks(Chunks),
    UntilClose,
}

impl Decoder {
    /// Of the answer with this head to a request by `method`.
    ///
    /// # Errors
    /// The head contradicts itself.
    pub(super) fn of(method: &Method, head: &response::Parts) -> Result<Self, Fault> {
        let wrong = |what: &str| {
            let message = format!("answer is not HTTP: {what} parsed");
            Err(Fault::new(FailureKind::Protocol, message))
        };
        let bodiless = [
            StatusCode::SWITCHING_PROTOCOLS,
            StatusCode::NO_CONTENT,
            StatusCode::NOT_MODIFIED,
        ];
        if *method == Method::HEAD || bodiless.contains(&head.status) {
            return Ok(Self::Length(0));
        }
        if head.headers.contains_key(header::TRANSFER_ENCODING) {
            return match head.version {
                Version::HTTP_10 => wrong("unexpected transfer-encoding"),
                _ if ends_in_chunks(&head.headers) => Ok(Self::Chunks(Chunks::default())),
                _ => Ok(Self::UntilClose),
            };
        }
        let Some(length) = head.headers.get(header::CONTENT_LENGTH) else {
            return Ok(Self::UntilClose);
        };
        // All of them are the same number: whoever read the head has looked.
        let number = length.to_str().ok().and_then(|number| number.split(',').next());
        match number.and_then(|number| number.trim().parse().ok()) {
            Some(length) => Ok(Self::Length(length)),
            None => wrong("invalid content-length"),
        }
    }

    /// Hands on what of `bytes` is of the body, and tells how many came behind its end.
    ///
    /// # Errors
    /// They are not what chunks are made of.
    pub(super) fn decode(&mut self, bytes: &[u8], take: &mut dyn FnMut(&[u8])) -> Result<usize, Fault> {
        match self {
            Self::Length(left) => {
                let (data, behind) = split(bytes, *left);
                take(data);
                *left -= data.len() as u64;
                Ok(behind.len())
            }
            Self::Chunks(chunks) => chunks.decode(bytes, take),
            Self::UntilClose => {
                take(bytes);
                Ok(0)
            }
        }
    }

    /// Whether the end has come.
    pub(super) fn is_done(&self) -> bool {
        match self {
            Self::Length(left) => *left == 0,
            Self::Chunks(chunks) => chunks.stage == Stage::Done,
            Self::UntilClose => false,
        }
    }
}

/// Whether the last coding is the one whose end can be seen.
fn ends_in_chunks(headers: &HeaderMap) -> bool {
    let last = headers.get_all(header::TRANSFER_ENCODING).iter().next_back();
    let last = last.and_then(|value| value.to_str().ok()?.rsplit(',').next());
    last.is_some_and(|coding| coding.trim().eq_ignore_ascii_case("chunked"))
}

/// At most `length` bytes, and the others.
fn split(bytes: &[u8], length: u64) -> (&[u8], &[u8]) {
    let at = usize::try_from(length).map_or(bytes.len(), |length| length.min(bytes.len()));
    bytes.split_at(at)
}

/// A body in chunks, read so far.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Chunks {
    stage: Stage,
    /// As much of a line as has come.
    line: Vec<u8>,
    beside_bytes: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Size,
    Data(u64),
    DataEnd,
    Trailers,
    Done,
}

impl Chunks {
    fn decode(&mut self, mut bytes: &[u8], take: &mut dyn FnMut(&[u8])) -> Result<usize, Fault> {
        while !bytes.is_empty() {
            match self.stage {
                Stage::Done => break,
                Stage::Data(left) => {
                    let (data, behind) = split(bytes, left);
                    take(data);
                    let left = left - data.len() as u64;
                    self.stage = if left == 0 { Stage::DataEnd } else { Stage::Data(left) };
                    bytes = behind;
                }
                Stage::Size | Stage::DataEnd | Stage::Trailers => bytes = self.collect(bytes)?,
            }
        }
        Ok(bytes.len())
    }

    /// Takes up to the end of a line, and gives what is behind it.
    fn collect<'a>(&mut self, bytes: &'a [u8]) -> Result<&'a [u8], Fault> {
        let end = memchr::memchr(b'\n', bytes);
        let (part, behind) = bytes.split_at(end.map_or(bytes.len(), |at| at + 1));
        self.line.extend_from_slice(part);
        let plain_bytes = if self.stage == Stage::Size { SIZE_LINE_BYTES } else { 0 };
        let beside = self.beside_bytes + self.line.len().saturating_sub(plain_bytes);
        if beside > BESIDE_LIMIT_BYTES {
            return Err(wrong("there is too much beside them"));
        }
        if end.is_some() {
            if self.stage != Stage::DataEnd {
                self.beside_bytes = beside;
            }
            self.stage = self.next()?;
            self.line.clear();
        }
        Ok(behind)
    }

    /// What comes behind the line that has ended.
    fn next(&self) -> Result<Stage, Fault> {
        let is_empty = self.line == b"\r\n";
        match self.stage {
            Stage::Size => match httparse::parse_chunk_size(&self.line) {
                Ok(httparse::Status::Complete((_, 0))) => Ok(Stage::Trailers),
                Ok(httparse::Status::Complete((_, size))) => Ok(Stage::Data(size)),
                Ok(httparse::Status::Partial) | Err(_) => Err(wrong("one has no length")),
            },
            Stage::DataEnd if is_empty => Ok(Stage::Size),
            Stage::DataEnd => Err(wrong("one is longer than it says")),
            Stage::Trailers if is_empty => Ok(Stage::Done),
            stage @ (Stage::Trailers | Stage::Data(_) | Stage::Done) => Ok(stage),
        }
    }
}

fn wrong(what: &str) -> Fault {
    let message = format!("chunks of the body cannot be told apart: {what}");
    Fault::new(FailureKind::Protocol, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(text: &str) -> response::Parts {
        super::super::answer::parse(&text.as_bytes().to_vec().into()).unwrap()
    }

    /// The body, and how much came behind it, however the bytes are cut into pieces.
    fn check(head_text: &str, bytes: &[u8], expected: Result<(&[u8], usize), &str>) {
        for piece in [1, 2, 3, bytes.len()] {
            let mut decoder = Decoder::of(&Method::GET, &head(head_text)).unwrap();
            let (mut body, mut behind, mut result) = (Vec::new(), 0, Ok(()));
            for bytes in bytes.chunks(piece) {
                match decoder.decode(bytes, &mut |data| body.extend_from_slice(data)) {
                    Ok(more) => behind += more,
                    Err(fault) => {
                        result = Err(fault.message);
                        break;
                    }
                }
            }
            let result = match &result {
                Ok(()) => Ok((body.as_slice(), behind)),
                Err(message) => Err(message.as_str()),
            };
            assert_eq!(result, expected, "{head_text:?} in pieces of {piece}");
            assert!(decoder.is_done() || expected.is_err() || decoder == Decoder::UntilClose);
        }
    }

    const CHUNKED: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, Chunked\r\n\r\n";

    #[test]
    fn a_body_ends_where_its_length_its_chunks_or_the_connection_does() {
        let length = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n";
        check(length, b"ok", Ok((b"ok", 0)));
        check(length, b"okHTTP", Ok((b"ok", 4)));
        check("HTTP/1.1 200 OK\r\n\r\n", b"all of it", Ok((b"all of it", 0)));
        check(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked, x\r\n\r\n",
            b"all",
            Ok((b"all", 0)),
        );
        let chunks = b"2\r\nok\r\n00A;name=value\r\n0123456789\r\n0\r\nx: y\r\n\r\nmore";
        check(CHUNKED, chunks, Ok((b"ok0123456789", 4)));
    }

    #[test]
    fn what_is_not_made_of_chunks_is_a_failure() {
        let wrong = |what| format!("chunks of the body cannot be told apart: {what}");
        check(CHUNKED, b"zz\r\n", Err(&wrong("one has no length")));
        check(CHUNKED, b"2\r\nokay\r\n", Err(&wrong("one is longer than it says")));
        let endless = [b"0\r\n".as_slice(), &b"x: y\r\n".repeat(4_000), b"\r\n"].concat();
        let beside: Vec<u8> = [b"2;".as_slice(), &[b'x'; 20_000], b"\r\n"].concat();
        check(CHUNKED, &beside, Err(&wrong("there is too much beside them")));
        check(CHUNKED, &endless, Err(&wrong("there is too much beside them")));
    }

    #[test]
    fn some_answers_have_no_body_whatever_they_say() {
        let none = |method: Method, text: &str| Decoder::of(&method, &head(text)).unwrap() == Decoder::Length(0);
        assert!(none(Method::HEAD, "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n"));
        assert!(none(
            Method::GET,
            "HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n"
        ));
        assert!(none(
            Method::GET,
            "HTTP/1.1 204 No Content\r\ntransfer-encoding: chunked\r\n\r\n"
        ));
        assert!(!none(Method::GET, "HTTP/1.1 200 OK\r\n\r\n"));
    }

    #[test]
    fn a_head_that_contradicts_itself_is_a_failure() {
        let fault = |text: &str| Decoder::of(&Method::GET, &head(text)).unwrap_err().message.to_string();
        assert_eq!(
            fault("HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"),
            "answer is not HTTP: unexpected transfer-encoding parsed"
        );
        assert_eq!(
            fault("HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999\r\n\r\n"),
            "answer is not HTTP: invalid content-length parsed"
        );
    }
}
