//! One request over HTTP/1.1, written and read by the probe itself.
//!
//! A client for all purposes has a task, queues and buffers for each connection, and costs more for a request than the
//! system does to carry it. A probe asks once and waits. So an idle connection is a bare socket, and a probe that is
//! dropped drops its connection.

mod answer;
mod decoder;

use std::future::poll_fn;
use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use decoder::Decoder;
use hyper::Method;
use hyper::body::Bytes;
use hyper::http::response;
use probetop_core::sample::FailureKind;
use tokio::io::{AsyncRead as _, AsyncWrite as _, ReadBuf};
use tokio::time::timeout;

use super::body::{Body, BodyLimit};
use super::fault;
use super::head::Heads;
use super::request::Written;
use crate::source::attempt::Fault;
use crate::source::link::Link;

/// What is read at once. Room on the stack that is not even cleared.
const PIECE_BYTES: usize = 16 * 1024;

/// A request on its way, and the answer as far as it came.
pub(super) struct Exchange {
    wire: Wire,
    /// Of an answer to HEAD there is no body, whatever its head says.
    method: Method,
    decoder: Decoder,
    /// What came with the head, and is of the body.
    rest: Bytes,
    /// Whether the peer is willing to have another request over the connection.
    persists: bool,
}

impl Exchange {
    pub(super) fn begin(mut link: Link, method: &Method, request: Written) -> Self {
        link.rest();
        Self {
            wire: Wire {
                link,
                request,
                sent: 0,
                answered: false,
            },
            method: method.clone(),
            decoder: Decoder::Length(0),
            rest: Bytes::new(),
            persists: false,
        }
    }

    /// Sends the request and reads the final head of the answer.
    ///
    /// # Errors
    /// The connection broke, or what came is not a head.
    pub(super) async fn head(&mut self) -> Result<response::Parts, Fault> {
        let mut heads = Heads::default();
        let end = loop {
            let push = |bytes: &[u8]| (!bytes.is_empty()).then(|| heads.push(bytes));
            match self.wire.piece(push).await.map_err(|error| fault::of_io(&error))? {
                Some(pushed) => {
                    if let Some(end) = pushed? {
                        break end;
                    }
                }
                None => return Err(fault::head_cut()),
            }
        };
        let bytes = Bytes::from(heads.into_bytes());
        let head = answer::parse(&bytes.slice(..end))?;
        self.decoder = Decoder::of(&self.method, &head)?;
        self.persists = answer::persists(&head);
        self.rest = bytes.slice(end..);
        Ok(head)
    }

    /// Reads the body into `body`, which shows how far it came when that fails.
    ///
    /// # Errors
    /// The connection broke or ended within it, or its chunks cannot be told apart.
    pub(super) async fn body(&mut self, body_limit: BodyLimit, body: &mut Body) -> Result<(), Fault> {
        let rest = std::mem::take(&mut self.rest);
        let mut surplus = self.decoder.decode(&rest, &mut |data| body.take(data, body_limit))?;
        while !self.decoder.is_done() && !body.truncated {
            let decoder = &mut self.decoder;
            let take = |bytes: &[u8]| {
                let decoded = decoder.decode(bytes, &mut |data| body.take(data, body_limit));
                (!bytes.is_empty()).then_some(decoded)
            };
            let piece = self.wire.piece(take);
            let piece = match body_limit.pause {
                None => piece.await,
                Some(pause) => match timeout(pause, piece).await {
                    Ok(piece) => piece,
                    Err(_elapsed) => {
                        body.truncated = true;
                        break;
                    }
                },
            };
            surplus = match piece.map_err(|error| fault::within_body(fault::of_io(&error), body.length))? {
                Some(decoded) => decoded?,
                None if self.decoder == Decoder::UntilClose => break,
                None => return Err(fault::within_body(Fault::new(FailureKind::Closed, ""), body.length)),
            };
        }
        self.persists &= surplus == 0;
        Ok(())
    }

    /// The connection, when both sides are through with the exchange and willing to have another one.
    pub(super) fn finish(self) -> Option<Link> {
        let reusable = self.persists && self.decoder.is_done() && self.wire.unsent().is_empty();
        reusable.then_some(self.wire.link)
    }

    /// Whether any byte of an answer came.
    pub(super) const fn answered(&self) -> bool {
        self.wire.answered
    }
}

/// A connection over which a request is written while its answer may come already.
struct Wire {
    link: Link,
    request: Written,
    sent: usize,
    answered: bool,
}

impl Wire {
    /// Moves the request on and hands what comes to `take`: nothing where the peer has closed.
    async fn piece<T>(&mut self, take: impl FnOnce(&[u8]) -> T) -> io::Result<T> {
        let mut take = Some(take);
        poll_fn(|cx| {
            let mut piece = [MaybeUninit::uninit(); PIECE_BYTES];
            let mut piece = ReadBuf::uninit(&mut piece);
            ready!(self.poll_read(cx, &mut piece))?;
            let take = take.take().expect("it is ready once");
            Poll::Ready(Ok(take(piece.filled())))
        })
        .await
    }

    /// A peer may answer before it has read the whole request, and close: what it said counts for more than that the rest
    /// could not be written.
    fn poll_read(&mut self, cx: &mut Context<'_>, piece: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let sent = self.poll_send(cx);
        let Poll::Ready(read) = Pin::new(&mut self.link).poll_read(cx, piece) else {
            return match sent {
                Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
                Poll::Ready(Ok(())) | Poll::Pending => Poll::Pending,
            };
        };
        self.answered |= !piece.filled().is_empty();
        Poll::Ready(read)
    }

    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.unsent().is_empty() {
            let unsent = self.request.from(self.sent);
            let written = ready!(Pin::new(&mut self.link).poll_write(cx, unsent))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.sent += written;
        }
        Pin::new(&mut self.link).poll_flush(cx)
    }

    fn unsent(&self) -> &[u8] {
        self.request.from(self.sent)
    }
}
