//! What a mail server answers (RFC 5321, 4.2): lines with one code. The code decides; the text behind it is for people,
//! in whatever character set the server's author liked.

use std::fmt;
use std::io;

use probetop_core::sample::Text;
use tokio::io::{AsyncRead, AsyncReadExt as _};

/// Of one answer. RFC 5321 (4.5.3.1) grants a line 512 bytes, and the longest greetings have some tens of lines.
const ANSWER_LIMIT_BYTES: usize = 64 * 1024;
/// The longest greetings have some tens of lines.
const LINES_LIMIT: usize = 256;

/// Of what is shown.
const SHOWN_LENGTH_MAX: usize = 300;

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reply {
    pub code: u16,
    /// The text of each line, behind the code.
    pub lines: Vec<String>,
}

impl Reply {
    /// Whether what was asked for is done, or goes on.
    pub(super) const fn is_positive(&self) -> bool {
        self.code < 400
    }

    /// Whether to ask again would be answered in the same way.
    pub(super) const fn is_permanent(&self) -> bool {
        self.code >= 500
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = Text::clean(&self.lines.join(" "));
        let shown: String = text.as_str().chars().take(SHOWN_LENGTH_MAX).collect();
        write!(f, "{} {shown}", self.code)
    }
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Silence {
    Broken(io::Error),
    /// What came is none; it holds the first line.
    NoMail(Text),
    TooLong,
}

impl fmt::Display for Silence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(error) if error.kind() == io::ErrorKind::UnexpectedEof => f.write_str("the server hung up"),
            Self::Broken(error) => error.fmt(f),
            Self::NoMail(said) => write!(
                f,
                "it says {:?}, which is not an answer of a mail server",
                said.as_str()
            ),
            Self::TooLong => write!(
                f,
                "its answer has more than {LINES_LIMIT} lines or {} KiB",
                ANSWER_LIMIT_BYTES / 1024
            ),
        }
    }
}

/// What was heard and not yet understood.
#[derive(Debug, Default)]
pub(super) struct Ear {
    heard: Vec<u8>,
}

impl Ear {
    /// The next answer of `server`. Reads no further than it must, and never more than the limits.
    pub(super) async fn hear(&mut self, server: &mut (impl AsyncRead + Unpin)) -> Result<Reply, Silence> {
        let (mut lines, mut length) = (Vec::new(), 0);
        loop {
            let line = self.line(server, ANSWER_LIMIT_BYTES - length).await?;
            length += line.len();
            let (code, goes_on, text) = read(&line).ok_or_else(|| Silence::NoMail(excerpt(&line)))?;
            lines.push(text);
            if !goes_on {
                return Ok(Reply { code, lines });
            }
            if lines.len() == LINES_LIMIT || length >= ANSWER_LIMIT_BYTES {
                return Err(Silence::TooLong);
            }
        }
    }

    /// Whether the server said more than it was asked for.
    pub(super) const fn is_empty(&self) -> bool {
        self.heard.is_empty()
    }

    /// The next line, with its end, of at most `limit` bytes.
    async fn line(&mut self, server: &mut (impl AsyncRead + Unpin), limit: usize) -> Result<Vec<u8>, Silence> {
        let mut searched = 0;
        loop {
            let end = self.heard[searched..].iter().position(|byte| *byte == b'\n');
            if let Some(end) = end {
                let rest = self.heard.split_off(searched + end + 1);
                return Ok(std::mem::replace(&mut self.heard, rest));
            }
            searched = self.heard.len();
            if searched >= limit {
                return Err(Silence::TooLong);
            }
            let mut chunk = [0; 4096];
            match server.read(&mut chunk).await.map_err(Silence::Broken)? {
                0 if self.heard.is_empty() => return Err(Silence::Broken(io::ErrorKind::UnexpectedEof.into())),
                0 => return Err(Silence::NoMail(excerpt(&self.heard))),
                read => self.heard.extend_from_slice(&chunk[..read]),
            }
        }
    }
}

fn excerpt(line: &[u8]) -> Text {
    let shown: String = Text::clean_bytes(line)
        .as_str()
        .chars()
        .take(SHOWN_LENGTH_MAX)
        .collect();
    shown.into()
}

/// Code, whether another line follows, and text.
fn read(line: &[u8]) -> Option<(u16, bool, String)> {
    let line = line.trim_ascii_end();
    let (code, rest) = line.split_at_checked(3)?;
    let is_code = matches!(code[0], b'2'..=b'5') && code.iter().all(u8::is_ascii_digit);
    let code = std::str::from_utf8(code).ok().filter(|_| is_code)?.parse().ok()?;
    let (goes_on, text) = match rest.split_first() {
        None => (false, rest),
        Some((b'-', text)) => (true, text),
        Some((b' ', text)) => (false, text),
        Some(_) => return None,
    };
    Some((code, goes_on, String::from_utf8_lossy(text).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn hear(said: &[u8]) -> Result<String, String> {
        let reply = Ear::default().hear(&mut &*said).await;
        reply
            .map(|reply| reply.to_string())
            .map_err(|silence| silence.to_string())
    }

    #[tokio::test]
    async fn the_code_decides_whatever_the_text_is_made_of() {
        let check =
            async |said: &[u8], expected: &str| assert_eq!(hear(said).await.as_deref(), Ok(expected), "{said:?}");
        check(b"250 ok\r\n", "250 ok").await;
        check(
            b"250 angenommen f\xfcr Zustellung\r\n",
            "250 angenommen f\u{fffd}r Zustellung",
        )
        .await;
        check("250 für\r\n".as_bytes(), "250 für").await;
        check(b"250\r\n", "250 ").await;
        check(b"220 hi\n", "220 hi").await;
        check(b"220-a\r\n220-\r\n220 b\r\n221 bye\r\n", "220 a b").await;
        check(b"550 \x1b[2Jno\r\n", "550 [2Jno").await;
    }

    #[tokio::test]
    async fn what_is_no_answer_is_shown() {
        let check = async |said: &[u8], expected: &str| {
            let error = hear(said).await.unwrap_err();
            assert!(error.contains(expected), "{error} says {expected}");
        };
        check(
            b"HTTP/1.1 400 Bad Request\r\n",
            "\"HTTP/1.1 400 Bad Request\", which is not an answer",
        )
        .await;
        check(b"2", "it says \"2\"").await;
        check(b"250x\r\n", "it says \"250x\"").await;
        check(b"150 hm\r\n", "it says \"150 hm\"").await;
        check(b"", "the server hung up").await;
        check(b"220-a\r\n", "the server hung up").await;
    }

    #[tokio::test]
    async fn a_server_that_does_not_come_to_an_end_is_left() {
        let expected = Err("its answer has more than 256 lines or 64 KiB".to_owned());
        let lines = b"220-x\r\n".repeat(100_000);
        assert_eq!(hear(&lines).await, expected);
        assert_eq!(hear(&[b'x'; 1_000_000]).await, expected);
        let long = [b"220-".as_slice(), &[b'x'; 60_000], b"\r\n"].concat().repeat(3);
        assert_eq!(hear(&long).await, expected);
        let mut rest = lines.as_slice();
        let _ = Ear::default().hear(&mut rest).await;
        assert!(lines.len() - rest.len() <= 2 * ANSWER_LIMIT_BYTES, "{}", rest.len());
    }
}
