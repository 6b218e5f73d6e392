//! One request over HTTP/1.1, with hyper's connection driven by the probe itself.
//!
//! hyper takes the stream for one exchange and gives it back afterwards. So an idle connection is a bare socket instead
//! of two buffers of 8 KiB, a queue of requests and a task, and a probe that is dropped drops its connection.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::{Context, Poll};

use http_body_util::Full;
use hyper::Response;
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{Builder, Connection, SendRequest};
use hyper_util::rt::TokioIo;

use super::head::{HEAD_LIMIT_BYTES, HEADERS_LIMIT};
use super::stream::Stream;

/// A stream in hyper's hands.
pub struct Exchange {
    sender: SendRequest<Full<Bytes>>,
    connection: Connection<TokioIo<Stream>, Full<Bytes>>,
    progress: Progress,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    Running,
    /// hyper's connection must not be polled again.
    Ended,
}

impl Exchange {
    pub async fn begin(mut stream: Stream) -> hyper::Result<Self> {
        stream.begin();
        let (sender, connection) = Builder::new()
            .max_buf_size(HEAD_LIMIT_BYTES)
            .max_headers(HEADERS_LIMIT)
            // As RFC 9112, section 5.2, wants it, and as all other clients have it.
            .allow_obsolete_multiline_headers_in_responses(true)
            .allow_spaces_after_header_name_in_responses(true)
            .ignore_invalid_headers_in_responses(true)
            .handshake(TokioIo::new(stream))
            .await?;
        Ok(Self {
            sender,
            connection,
            progress: Progress::Running,
        })
    }

    /// Sends `request` and waits for the head of the answer.
    pub async fn send(&mut self, request: hyper::Request<Full<Bytes>>) -> hyper::Result<Response<Incoming>> {
        let answer = self.sender.send_request(request);
        self.drive(answer).await
    }

    /// Moves the connection on while `work` waits for it.
    pub async fn drive<T>(&mut self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        poll_fn(|cx| {
            self.advance(cx);
            work.as_mut().poll(cx)
        })
        .await
    }

    /// The stream, when both sides are through with the exchange and willing to have another one.
    pub async fn finish(mut self) -> Option<Stream> {
        poll_fn(|cx| {
            self.advance(cx);
            // hyper wants the next request when the answer was read to its end, the request is written or waits in
            // its buffer, and nobody asked to close.
            let reusable = matches!(self.sender.poll_ready(cx), Poll::Ready(Ok(())));
            Poll::Ready(reusable)
        })
        .await
        .then_some(())?;
        // Without a sender the connection has nothing left to do and ends at once.
        drop(self.sender);
        let Progress::Running = self.progress else {
            return None;
        };
        let ended = poll_fn(|cx| Poll::Ready(self.connection.poll_without_shutdown(cx))).await;
        let Poll::Ready(Ok(())) = ended else {
            return None;
        };
        let parts = self.connection.into_parts();
        let stream = parts.io.into_inner();
        // The buffer goes with hyper: what it still held of a request that was answered early is lost.
        (parts.read_buf.is_empty() && !stream.stalled()).then_some(stream)
    }

    /// Whether any byte of an answer came.
    pub fn answered(self) -> bool {
        self.connection.into_parts().io.inner().answered()
    }

    fn advance(&mut self, cx: &mut Context<'_>) {
        // An error is not lost: hyper hands it to whoever waits for the answer or the body.
        if self.progress == Progress::Running && self.connection.poll_without_shutdown(cx).is_ready() {
            self.progress = Progress::Ended;
        }
    }
}
