//! The replies of Redis (RESP 2 and 3), read as the bytes come and with a bound on what is held.
//!
//! A nested reply is counted, not built: of it the probe needs no more than where it ends.

/// A longer line is not a reply of Redis.
const LINE_LIMIT_BYTES: usize = 64 * 1024;

/// Held of a text, such as the answer to INFO; the rest is counted and passed over.
const TEXT_LIMIT_BYTES: usize = 256 * 1024;

/// Redis refuses larger texts itself (`proto-max-bulk-len`).
const BULK_LIMIT_BYTES: u64 = 512 * 1024 * 1024;

/// One answer, to its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    pub kind: Kind,
    /// Of a reply that is one text or one line; cut off at a limit.
    pub text: Vec<u8>,
    /// Length on the wire.
    pub bytes: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    #[default]
    Text,
    Error,
    Nothing,
    /// A list, a map: its elements are not kept.
    Many,
}

/// Why the bytes are no reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Malformed {
    Type(u8),
    Line,
    Number,
    /// More came than was asked for.
    Surplus,
}

impl std::fmt::Display for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let what = match self {
            Self::Type(_) => "it begins as no reply does",
            Self::Line => "a line does not end",
            Self::Number => "a length is none",
            Self::Surplus => "more came than was asked for",
        };
        write!(f, "answer is not Redis's: {what}")
    }
}

/// Reads one reply from bytes that come in pieces.
#[derive(Debug)]
pub(super) struct Decoder {
    reply: Reply,
    /// Elements still to come, the one that is being read among them.
    left: u64,
    part: Part,
    /// Whether the first element, which says what the reply is, was seen.
    begun: bool,
}

#[derive(Debug)]
enum Part {
    /// The first line of an element.
    Line(Vec<u8>),
    /// This many bytes of a text, with the line end behind it.
    Bulk { left: u64, holds: bool },
}

impl Default for Decoder {
    fn default() -> Self {
        Self {
            reply: Reply::default(),
            left: 1,
            part: Part::Line(Vec::new()),
            begun: false,
        }
    }
}

impl Decoder {
    /// Takes the next bytes; gives the reply when they end it.
    ///
    /// # Errors
    /// They are no reply, or go on behind it.
    pub(super) fn feed(&mut self, mut bytes: &[u8]) -> Result<Option<Reply>, Malformed> {
        self.reply.bytes += bytes.len() as u64;
        while let Some((first, after)) = bytes.split_first() {
            if self.left == 0 {
                return Err(Malformed::Surplus);
            }
            match &mut self.part {
                Part::Line(line) => {
                    line.push(*first);
                    bytes = after;
                    if line.ends_with(b"\r\n") {
                        let line = std::mem::take(line);
                        self.line(&line)?;
                    } else if line.len() > LINE_LIMIT_BYTES || !is_type(line[0]) {
                        return Err(line
                            .first()
                            .filter(|_| line.len() == 1)
                            .map_or(Malformed::Line, |c| Malformed::Type(*c)));
                    }
                }
                Part::Bulk { left, holds } => {
                    let length = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                    let (now, later) = bytes.split_at(length);
                    if *holds {
                        let room = TEXT_LIMIT_BYTES.saturating_sub(self.reply.text.len());
                        self.reply.text.extend(now.iter().take(room));
                    }
                    *left -= length as u64;
                    bytes = later;
                    if *left == 0 {
                        if *holds && self.reply.text.ends_with(b"\r\n") {
                            self.reply.text.truncate(self.reply.text.len() - 2);
                        }
                        self.end_element();
                    }
                }
            }
        }
        Ok((self.left == 0).then(|| std::mem::take(&mut self.reply)))
    }

    fn end_element(&mut self) {
        self.left = self.left.saturating_sub(1);
        self.part = Part::Line(Vec::new());
    }

    /// Reads the first line of an element, line end included.
    fn line(&mut self, line: &[u8]) -> Result<(), Malformed> {
        let (kind, rest) = line.split_first().ok_or(Malformed::Line)?;
        let rest = rest.strip_suffix(b"\r\n").ok_or(Malformed::Line)?;
        let first = !std::mem::replace(&mut self.begun, true);
        match kind {
            b'+' | b':' | b'#' | b',' | b'(' => self.single(first, Kind::Text, rest),
            b'-' => self.single(first, Kind::Error, rest),
            b'_' => self.single(first, Kind::Nothing, &[]),
            b'$' | b'=' | b'!' => match length(rest)? {
                None => self.single(first, Kind::Nothing, &[]),
                Some(length) if length > BULK_LIMIT_BYTES => return Err(Malformed::Number),
                Some(length) => {
                    if first && *kind == b'!' {
                        self.reply.kind = Kind::Error;
                    }
                    let left = length + 2;
                    self.part = Part::Bulk { left, holds: first };
                }
            },
            b'*' | b'~' | b'>' => self.many(first, length(rest)?, 1)?,
            b'%' => self.many(first, length(rest)?, 2)?,
            // Attributes stand before the element they are about.
            b'|' => {
                let more = length(rest)?.unwrap_or(0).checked_mul(2).ok_or(Malformed::Number)?;
                self.left = self.left.checked_add(more).ok_or(Malformed::Number)?;
            }
            other => return Err(Malformed::Type(*other)),
        }
        Ok(())
    }

    fn single(&mut self, first: bool, kind: Kind, text: &[u8]) {
        if first {
            self.reply.kind = kind;
            self.reply.text = text.to_vec();
        }
        self.end_element();
    }

    fn many(&mut self, first: bool, count: Option<u64>, each: u64) -> Result<(), Malformed> {
        if first {
            self.reply.kind = if count.is_some() { Kind::Many } else { Kind::Nothing };
        }
        let more = count.unwrap_or(0).checked_mul(each).ok_or(Malformed::Number)?;
        self.left = self.left.checked_add(more).ok_or(Malformed::Number)?;
        self.end_element();
        Ok(())
    }
}

fn is_type(byte: u8) -> bool {
    b"+-:$*_#,(=!~>%|".contains(&byte)
}

/// A length; `None`: `-1`, nothing.
fn length(text: &[u8]) -> Result<Option<u64>, Malformed> {
    if text == b"-1" {
        return Ok(None);
    }
    let digits = std::str::from_utf8(text)
        .ok()
        .filter(|text| text.bytes().all(|c| c.is_ascii_digit()));
    let number = digits.and_then(|text| text.parse().ok());
    number.map(Some).ok_or(Malformed::Number)
}

/// A command as Redis reads it: a list of texts.
pub(super) fn command(arguments: &[impl AsRef<str>]) -> Vec<u8> {
    let mut bytes = format!("*{}\r\n", arguments.len()).into_bytes();
    for argument in arguments {
        let argument = argument.as_ref();
        bytes.extend_from_slice(format!("${}\r\n{argument}\r\n", argument.len()).as_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at_once(bytes: &[u8]) -> Result<Option<Reply>, Malformed> {
        Decoder::default().feed(bytes)
    }

    fn byte_by_byte(bytes: &[u8]) -> Result<Option<Reply>, Malformed> {
        let mut decoder = Decoder::default();
        let mut last = Ok(None);
        for (at, byte) in bytes.iter().enumerate() {
            last = decoder.feed(&[*byte]);
            if last.is_err() || matches!(last, Ok(Some(_))) && at + 1 < bytes.len() {
                break;
            }
        }
        last
    }

    fn check(bytes: &str, kind: Kind, text: &str) {
        let expected = Reply {
            kind,
            text: text.into(),
            bytes: bytes.len() as u64,
        };
        assert_eq!(at_once(bytes.as_bytes()), Ok(Some(expected.clone())), "{bytes:?}");
        assert_eq!(byte_by_byte(bytes.as_bytes()), Ok(Some(expected)), "{bytes:?}");
    }

    #[test]
    fn every_type_of_reply_is_read_to_its_end() {
        check("+PONG\r\n", Kind::Text, "PONG");
        check("-ERR no\r\n", Kind::Error, "ERR no");
        check(":12\r\n", Kind::Text, "12");
        check("$5\r\na\r\nbc\r\n", Kind::Text, "a\r\nbc");
        check("$0\r\n\r\n", Kind::Text, "");
        check("$-1\r\n", Kind::Nothing, "");
        check("_\r\n", Kind::Nothing, "");
        check("*-1\r\n", Kind::Nothing, "");
        check("*0\r\n", Kind::Many, "");
        check("*2\r\n$1\r\na\r\n*1\r\n:1\r\n", Kind::Many, "");
        check("%1\r\n+a\r\n_\r\n", Kind::Many, "");
        check("|1\r\n+a\r\n+b\r\n*1\r\n:1\r\n", Kind::Text, "");
        check("!3\r\nERR\r\n", Kind::Error, "ERR");
    }

    #[test]
    fn what_is_no_reply_is_refused_at_once() {
        let refused = |bytes: &str, expected| assert_eq!(at_once(bytes.as_bytes()), Err(expected), "{bytes:?}");
        refused("HTTP/1.1 400", Malformed::Type(b'H'));
        refused("\x1b[2J", Malformed::Type(0x1b));
        refused("$x\r\n", Malformed::Number);
        refused("$99999999999\r\n", Malformed::Number);
        refused("*18446744073709551615\r\n", Malformed::Number);
        refused("+OK\r\n+OK\r\n", Malformed::Surplus);
        refused(&format!("+{}", "x".repeat(LINE_LIMIT_BYTES)), Malformed::Line);
    }

    #[test]
    fn a_long_text_is_cut_off_and_counted() {
        let mut decoder = Decoder::default();
        decoder.feed(b"$1048576\r\n").unwrap();
        for _ in 0..256 {
            assert_eq!(decoder.feed(&[b'x'; 4096]), Ok(None));
        }
        let reply = decoder.feed(b"\r\n").unwrap().unwrap();
        assert_eq!((reply.text.len(), reply.bytes), (TEXT_LIMIT_BYTES, 1_048_576 + 12));
    }

    #[test]
    fn commands_are_lists_of_texts() {
        assert_eq!(command(&["GET", "é"]), "*2\r\n$3\r\nGET\r\n$2\r\né\r\n".as_bytes());
    }

    proptest! {
        #[test]
        fn no_bytes_do_more_than_fail_in_whatever_pieces(bytes in "([+$*:%|~!_-]([0-9]{1,3}|-1|[a-z]*)(\r\n)?){0,8}") {
            let whole = at_once(bytes.as_bytes());
            let pieces = byte_by_byte(bytes.as_bytes());
            if let (Ok(Some(whole)), Ok(Some(pieces))) = (whole, pieces) {
                prop_assert_eq!(whole, pieces);
            }
        }
    }
}
