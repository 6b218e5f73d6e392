//! What the server sends, message by message, with a bound on what is held.

use bytes::{Buf as _, BytesMut};
use postgres_protocol::message::backend::{Header, Message};
use probetop_core::sample::FailureKind;
use tokio::io::AsyncReadExt as _;

use crate::source::attempt::Fault;
use crate::source::link::Link;

/// A longer message is refused, unless it is a row nobody reads. Errors and notices of real servers are below 10 kB.
pub(super) const MESSAGE_LIMIT_BYTES: usize = 256 * 1024;

/// Read at once.
const CHUNK_BYTES: usize = 8 * 1024;

const DATA_ROW: u8 = b'D';
const COPY_DATA: u8 = b'd';

/// Bytes that came and are not yet read as messages.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    bytes: BytesMut,
    /// Of a row that is passed over.
    to_skip: usize,
}

impl Inbox {
    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty() && self.to_skip == 0
    }

    /// The next message; rows longer than the limit are passed over.
    pub(super) async fn next(&mut self, link: &mut Link) -> Result<Message, Fault> {
        loop {
            if let Some(message) = self.parse()? {
                return Ok(message);
            }
            self.bytes.reserve(CHUNK_BYTES);
            if link.read_buf(&mut self.bytes).await? == 0 {
                return Err(Fault::new(FailureKind::Closed, "connection closed by the server"));
            }
        }
    }

    /// The first whole message; `None`: more has to come.
    fn parse(&mut self) -> Result<Option<Message>, Fault> {
        loop {
            let skipped = self.to_skip.min(self.bytes.len());
            self.bytes.advance(skipped);
            self.to_skip -= skipped;
            let Some(header) = Header::parse(&self.bytes).map_err(|error| no_message(&error))? else {
                return Ok(None);
            };
            let length = usize::try_from(header.len()).unwrap_or(usize::MAX).saturating_add(1);
            if length <= MESSAGE_LIMIT_BYTES {
                // Only once it is whole: the parser makes room for whatever length it is told.
                if self.bytes.len() < length {
                    return Ok(None);
                }
                return Message::parse(&mut self.bytes).map_err(|error| no_message(&error));
            }
            if !matches!(header.tag(), DATA_ROW | COPY_DATA) {
                return Err(no_message(&"a message is too long"));
            }
            self.to_skip = length;
        }
    }
}

/// What came is not the protocol.
pub(super) fn no_message(why: &dyn std::fmt::Display) -> Fault {
    Fault::new(FailureKind::Protocol, format!("answer is not PostgreSQL's: {why}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn inbox(bytes: &[u8]) -> Inbox {
        Inbox {
            bytes: bytes.into(),
            to_skip: 0,
        }
    }

    #[test]
    fn other_protocols_are_refused_at_their_first_words() {
        for junk in [
            "SSH-2.0-OpenSSH_9.2\r\n",
            "HTTP/1.1 400 Bad Request\r\n",
            "-ERR unknown\r\n",
            "\x1b[2J\x1b[2J",
        ] {
            let fault = inbox(junk.as_bytes()).parse().map(|_| ()).unwrap_err();
            assert_eq!(fault.kind, FailureKind::Protocol, "{junk:?}");
        }
    }

    #[test]
    fn a_row_beyond_the_limit_is_passed_over() {
        const ROW_BYTES: usize = 1024 * 1024;
        let mut inbox = inbox(&[b'D', 0, 16, 0, 0]);
        let mut left = ROW_BYTES - 4;
        while left > 0 {
            let length = left.min(65_536);
            inbox.bytes.extend_from_slice(&vec![b'x'; length]);
            left -= length;
            assert!(inbox.parse().unwrap().is_none());
            assert!(inbox.bytes.is_empty(), "nothing of it is held");
        }
        inbox.bytes.extend_from_slice(b"Z\0\0\0\x05I");
        assert!(matches!(inbox.parse(), Ok(Some(Message::ReadyForQuery(_)))));
    }

    proptest! {
        #[test]
        fn nothing_a_server_sends_does_more_than_fail(tag in prop::sample::select(&b"RSZTDCEN12KAvGHW"[..]), body in prop::collection::vec(any::<u8>(), 0..64)) {
            let mut bytes = vec![tag, 0, 0, 0, body.len() as u8 + 4];
            bytes.extend_from_slice(&body);
            let _ = inbox(&bytes).parse();
            let _ = inbox(&body).parse();
        }
    }
}
