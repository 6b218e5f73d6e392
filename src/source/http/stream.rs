//! A connection that carries HTTP/1: what the peer says up to the end of its final head is handed on in one piece.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::head::{self, Heads};
use crate::source::link::{self, Link};

/// A connection's two directions, and how far they came since [`Stream::begin`].
pub struct Stream {
    link: Link,
    reading: Reading,
    answered: bool,
    stalled: bool,
}

/// How far an answer in HTTP/1 is read. Its head is handed on in one piece, without the answers in advance.
enum Reading {
    Heads(Heads),
    /// A head and what came with it, handed on up to `at`.
    Held {
        bytes: Vec<u8>,
        at: usize,
    },
    /// As it comes.
    Through,
}

/// What is read at once while a head is not whole; most have a few hundred bytes.
const PIECE_BYTES: usize = 4 * 1024;

impl From<Link> for Stream {
    fn from(link: Link) -> Self {
        Self {
            link,
            reading: Reading::Through,
            answered: false,
            stalled: false,
        }
    }
}

impl Stream {
    /// A request of HTTP/1 is about to be written.
    pub fn begin(&mut self) {
        self.reading = Reading::Heads(Heads::default());
        self.link.rest();
        self.answered = false;
        self.stalled = false;
    }

    /// Whether the peer sent a byte since then.
    pub const fn answered(&self) -> bool {
        self.answered
    }

    /// Whether the last write found no room, so that part of the request never left.
    pub const fn stalled(&self) -> bool {
        self.stalled
    }

    /// Whether the idle connection still stands: the peer has neither closed it nor said anything unasked.
    pub fn is_alive(&mut self) -> bool {
        self.link.rest();
        link::is_silent(self)
    }

    fn poll_link(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let result = Pin::new(&mut self.link).poll_read(cx, buf);
        self.answered |= buf.filled().len() > before;
        result
    }

    /// Reads until the final head is whole, or the peer says no more.
    fn poll_head(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut piece = [std::mem::MaybeUninit::uninit(); PIECE_BYTES];
        while matches!(self.reading, Reading::Heads(_)) {
            let mut piece = ReadBuf::uninit(&mut piece);
            ready!(self.poll_link(cx, &mut piece))?;
            let Reading::Heads(heads) = &mut self.reading else {
                break;
            };
            let whole = heads.push(piece.filled()).map_err(head::carried)?.is_some();
            if whole || piece.filled().is_empty() {
                let bytes = std::mem::take(heads).into_bytes();
                self.reading = Reading::Held { bytes, at: 0 };
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_head(cx))?;
        if let Reading::Held { bytes, at } = &mut this.reading {
            let rest = bytes.get(*at..).unwrap_or_default();
            let taken = rest.len().min(buf.remaining());
            buf.put_slice(rest.get(..taken).unwrap_or_default());
            *at += taken;
            if *at < bytes.len() || taken > 0 {
                return Poll::Ready(Ok(()));
            }
            this.reading = Reading::Through;
        }
        this.poll_link(cx, buf)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let result = Pin::new(&mut this.link).poll_write(cx, buf);
        this.stalled = result.is_pending();
        result
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().link).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().link).poll_shutdown(cx)
    }
}
