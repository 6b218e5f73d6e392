//! The bytes below HTTP: plain, over TLS or through a Unix socket, as one type, so that hyper is compiled for one.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream};

use super::head::{self, Heads};
use crate::source::pace::Pace;
use crate::source::tls::TlsStream;

/// A connection's two directions, and how far they came since [`Stream::begin`].
pub struct Stream {
    transport: Transport,
    reading: Reading,
    pace: Pace,
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

enum Transport {
    Plain(TcpStream),
    Unix(UnixStream),
    /// Boxed: a TLS session is twenty times larger than a socket.
    Tls(Box<TlsStream<TcpStream>>),
}

impl Stream {
    pub fn plain(stream: TcpStream) -> Self {
        Self::over(Transport::Plain(stream))
    }

    pub fn unix(stream: UnixStream) -> Self {
        Self::over(Transport::Unix(stream))
    }

    pub fn tls(stream: TlsStream<TcpStream>) -> Self {
        Self::over(Transport::Tls(Box::new(stream)))
    }

    fn over(transport: Transport) -> Self {
        Self {
            transport,
            reading: Reading::Through,
            pace: Pace::default(),
            answered: false,
            stalled: false,
        }
    }

    /// A request of HTTP/1 is about to be written.
    pub fn begin(&mut self) {
        self.reading = Reading::Heads(Heads::default());
        self.pace.rest();
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
    pub fn is_idle(&mut self) -> bool {
        let mut byte = [0];
        let mut context = Context::from_waker(Waker::noop());
        self.pace.rest();
        Pin::new(self)
            .poll_read(&mut context, &mut ReadBuf::new(&mut byte))
            .is_pending()
    }

    /// Bytes as they come, at most a turn's worth of them.
    fn poll_transport(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        ready!(self.pace.poll_turn(cx));
        let before = buf.filled().len();
        let result = match &mut self.transport {
            Transport::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Transport::Unix(stream) => Pin::new(stream).poll_read(cx, buf),
            Transport::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
        };
        let read = buf.filled().len() - before;
        self.answered |= read > 0;
        self.pace.read(&result, read);
        result
    }

    /// Reads until the final head is whole, or the peer says no more.
    fn poll_head(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut piece = [std::mem::MaybeUninit::uninit(); PIECE_BYTES];
        while matches!(self.reading, Reading::Heads(_)) {
            let mut piece = ReadBuf::uninit(&mut piece);
            ready!(self.poll_transport(cx, &mut piece))?;
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
        this.poll_transport(cx, buf)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let result = match &mut this.transport {
            Transport::Plain(stream) => Pin::new(stream).poll_write(cx, buf),
            Transport::Unix(stream) => Pin::new(stream).poll_write(cx, buf),
            Transport::Tls(stream) => Pin::new(stream).poll_write(cx, buf),
        };
        this.stalled = result.is_pending();
        result
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().transport {
            Transport::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Transport::Unix(stream) => Pin::new(stream).poll_flush(cx),
            Transport::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().transport {
            Transport::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Transport::Unix(stream) => Pin::new(stream).poll_shutdown(cx),
            Transport::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
