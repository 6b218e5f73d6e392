//! Heads of answers in HTTP/1: which is the final one, where it ends, and what in it cannot be read.
//!
//! Takes bytes as they come. Shared by all that read HTTP/1: plain requests, and a proxy's tunnel and a WebSocket's
//! handshake, which take a [`Head`].

mod parsed;

use probetop_core::sample::{FailureKind, Text};

use crate::source::attempt::Fault;

pub use parsed::{Head, tolerant};

/// A longer head is refused, with those that came before the final one. Servers and proxies stop at 8 to 64 KiB
/// themselves.
pub const HEAD_LIMIT_BYTES: usize = 64 * 1024;

/// Real answers have some dozen. curl takes 5000, most clients a hundred.
pub const HEADERS_LIMIT: usize = 1024;

/// RFC 9110, section 15.2, sets no limit. A server that says more often that it is still at work is not.
const INTERIM_LIMIT: usize = 32;

/// So much of a line is quoted.
const QUOTED_CHARACTERS: usize = 60;

const START: &[u8] = b"HTTP/1.";

/// The bytes of an answer up to the end of its final head. Answers in advance (1xx) are dropped on the way, except the
/// one that switches protocols, which is final.
#[derive(Debug, Default)]
pub struct Heads {
    bytes: Vec<u8>,
    /// Where the line begins whose end has not come yet.
    line: usize,
    interim: usize,
    dropped_bytes: usize,
}

impl Heads {
    /// Takes more bytes. Gives the length of the final head, once all of it is there.
    ///
    /// # Errors
    /// They are not those of a head, or more than a head may have.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Option<usize>, Fault> {
        self.bytes.extend_from_slice(bytes);
        loop {
            self.skip_empty_lines();
            if !self.bytes.iter().zip(START).all(|(byte, expected)| byte == expected) {
                return Err(not_http(&self.bytes));
            }
            let end = self.find_end();
            let length = self.dropped_bytes + end.unwrap_or(self.bytes.len());
            if length > HEAD_LIMIT_BYTES {
                let message = format!("head of the answer longer than {} KiB", HEAD_LIMIT_BYTES / 1024);
                return Err(Fault::new(FailureKind::Protocol, message));
            }
            let Some(end) = end else { return Ok(None) };
            let head = self.bytes.get(..end).unwrap_or_default();
            if !is_interim(head) {
                return check(head).map(|()| Some(end));
            }
            self.interim += 1;
            if self.interim > INTERIM_LIMIT {
                let message = format!("more than {INTERIM_LIMIT} answers in advance (1xx) and no final one");
                return Err(Fault::new(FailureKind::Protocol, message));
            }
            self.dropped_bytes += end;
            self.bytes.drain(..end);
            self.line = 0;
        }
    }

    /// What is there of the final head, and what came behind it.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// RFC 9112, section 2.2: some peers send one too many after a body.
    fn skip_empty_lines(&mut self) {
        if self.line == 0 {
            let empty = self
                .bytes
                .iter()
                .take_while(|byte| matches!(byte, b'\r' | b'\n'))
                .count();
            self.bytes.drain(..empty);
            self.dropped_bytes += empty;
        }
    }

    /// Where the first empty line ends.
    fn find_end(&mut self) -> Option<usize> {
        loop {
            let rest = self.bytes.get(self.line..)?;
            let length = rest.iter().position(|byte| *byte == b'\n')?;
            let empty = matches!(rest.get(..length), Some(b"" | b"\r"));
            self.line += length + 1;
            if empty {
                return Some(self.line);
            }
        }
    }
}

fn is_interim(head: &[u8]) -> bool {
    let status = head.get(START.len() + 2..).and_then(|rest| rest.get(..3));
    matches!(status, Some([b'1', tens, ones]) if tens.is_ascii_digit() && ones.is_ascii_digit() && status != Some(b"101"))
}

fn not_http(bytes: &[u8]) -> Fault {
    let message = format!("answer is not HTTP: it begins with {}", quoted(bytes));
    Fault::new(FailureKind::Protocol, message)
}

/// What would be lost if the parser, which passes over what it does not know, had the last word.
fn check(head: &[u8]) -> Result<(), Fault> {
    let unreadable = |line: &[u8], why: &str| {
        let message = format!("header of the answer cannot be read: {} {why}", quoted(line));
        Err(Fault::new(FailureKind::Protocol, message))
    };
    let mut length: Option<&[u8]> = None;
    for (count, line) in head.split(|byte| *byte == b'\n').skip(1).enumerate() {
        let line = line.trim_ascii_end();
        // RFC 9112, section 5.2: a line that goes on from the one before.
        if line.is_empty() || line.starts_with(b" ") || line.starts_with(b"\t") {
            continue;
        }
        if count >= HEADERS_LIMIT {
            let message = format!("head of the answer has more than {HEADERS_LIMIT} headers");
            return Err(Fault::new(FailureKind::Protocol, message));
        }
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            return unreadable(line, "has no colon");
        };
        if line.contains(&0) {
            return unreadable(line, "holds a zero byte");
        }
        let (name, value) = line.split_at(colon);
        if !name.trim_ascii().eq_ignore_ascii_case(b"content-length") {
            continue;
        }
        // RFC 9110, section 8.6: the same number may come several times.
        for number in value.get(1..).unwrap_or_default().split(|byte| *byte == b',') {
            let number = number.trim_ascii();
            if number.is_empty() || !number.iter().all(u8::is_ascii_digit) {
                return unreadable(line, "is not a number");
            }
            if length.is_some_and(|length| length != number) {
                return unreadable(line, "contradicts the one before");
            }
            length = Some(number);
        }
    }
    Ok(())
}

/// The beginning of `bytes` in quotation marks.
fn quoted(bytes: &[u8]) -> String {
    let text = Text::clean_bytes(bytes.get(..QUOTED_CHARACTERS * 4).unwrap_or(bytes));
    let mut shown: String = text.as_str().chars().take(QUOTED_CHARACTERS).collect();
    if shown.len() < text.as_str().len() {
        shown.push('…');
    }
    format!("\"{shown}\"")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The final head and what came behind it, however the bytes are cut into pieces.
    fn check_heads(answer: &[u8], expected: Result<(&str, &str), &str>) {
        for piece in [1, 3, answer.len()] {
            let mut heads = Heads::default();
            let mut found = Ok(None);
            for bytes in answer.chunks(piece) {
                match found {
                    Ok(None) => found = heads.push(bytes),
                    Ok(Some(_)) => heads.bytes.extend_from_slice(bytes),
                    Err(_) => break,
                }
            }
            let found = found.map(|end| {
                let bytes = String::from_utf8(heads.bytes.clone()).unwrap();
                let end = end.unwrap_or(0);
                (bytes[..end].to_owned(), bytes[end..].to_owned())
            });
            let expected = expected.map(|(head, rest)| (head.to_owned(), rest.to_owned()));
            let found = found.map_err(|fault| fault.to_string());
            assert_eq!(found, expected.map_err(str::to_owned), "in pieces of {piece}");
        }
    }

    const OK: &str = "HTTP/1.1 200 OK\r\n\r\n";

    #[test]
    fn the_final_head_is_found_behind_those_in_advance() {
        check_heads(OK.as_bytes(), Ok((OK, "")));
        let advance = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n";
        check_heads(format!("{advance}{OK}body").as_bytes(), Ok((OK, "body")));
        let switched = "HTTP/1.1 101 Switching\r\nupgrade: websocket\r\n\r\n";
        check_heads(format!("{advance}{switched}\u{1}").as_bytes(), Ok((switched, "\u{1}")));
        check_heads(format!("\r\n{OK}").as_bytes(), Ok((OK, "")));
        check_heads(
            b"HTTP/1.1 200 OK\nx: y\n\nbody",
            Ok(("HTTP/1.1 200 OK\nx: y\n\n", "body")),
        );
        check_heads(b"HTTP/1.1 200 OK\r\nx: y\r\n", Ok(("", "HTTP/1.1 200 OK\r\nx: y\r\n")));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let check = |headers: &str, expected: Result<(), &str>| {
            let head = format!("HTTP/1.1 200 OK\r\n{headers}\r\n");
            let expected = expected.map(|()| (head.as_str(), ""));
            check_heads(head.as_bytes(), expected);
        };
        check("Set-Cookie: a=1;\r\n path=/\r\nX-Version : 2\r\nX-Größe: 7\r\n", Ok(()));
        check(&"x: y\r\n".repeat(HEADERS_LIMIT), Ok(()));
        check(
            &"x: y\r\n".repeat(HEADERS_LIMIT + 1),
            Err("head of the answer has more than 1024 headers"),
        );
        check(
            "this is not a header\r\n",
            Err("header of the answer cannot be read: \"this is not a header\" has no colon"),
        );
        check(
            "Content-Length: 5O\r\n",
            Err("header of the answer cannot be read: \"Content-Length: 5O\" is not a number"),
        );
        check("content-length: 2, 2\r\ncontent-length: 2\r\n", Ok(()));
        check(
            "content-length: 2\r\ncontent-length: 3\r\n",
            Err("header of the answer cannot be read: \"content-length: 3\" contradicts the one before"),
        );
        check(
            "x: a\0b\r\n",
            Err("header of the answer cannot be read: \"x: ab\" holds a zero byte"),
        );
        let other = Heads::default().push(b"SSH-2.0-OpenSSH\r\n").unwrap_err().to_string();
        assert_eq!(other, "answer is not HTTP: it begins with \"SSH-2.0-OpenSSH\"");
    }

    #[test]
    fn a_server_that_never_comes_to_its_answer_is_left() {
        let check = |answer: Vec<u8>, expected: &str| {
            let mut heads = Heads::default();
            let mut taken = 0;
            let fault = answer.chunks(100).cycle().find_map(|bytes| {
                taken += bytes.len();
                heads.push(bytes).err()
            });
            assert_eq!(fault.unwrap().to_string(), expected);
            assert!(taken <= HEAD_LIMIT_BYTES + 1100 && heads.bytes.len() <= HEAD_LIMIT_BYTES + 1100);
        };
        let advance = b"HTTP/1.1 100 Continue\r\n\r\n";
        check(
            advance.repeat(4),
            "more than 32 answers in advance (1xx) and no final one",
        );
        let long = format!("HTTP/1.1 103 x\r\nx: {}\r\n\r\n", "y".repeat(5_000 - 24));
        check(long.into_bytes(), "head of the answer longer than 64 KiB");
    }

    proptest! {
        #[test]
        fn no_bytes_do_harm(bytes in prop::collection::vec(any::<u8>(), 0..300), start in any::<bool>()) {
            let mut heads = Heads::default();
            let start = if start { OK.as_bytes().get(..17).unwrap() } else { b"" };
            let _ = heads.push(&[start, &bytes].concat());
        }
    }
}
