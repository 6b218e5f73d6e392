//! A connection that speaks HTTP/2, for plain requests and for gRPC.

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::client::conn::http2::{Builder, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::task::JoinHandle;

use super::fault;
use crate::source::attempt::Fault;
use crate::source::link::Link;

/// How much a peer may send.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Headers, or trailers, of one answer.
    pub head_bytes: u32,
    /// What comes ahead of us. `None`: as much as hyper thinks fit.
    pub window_bytes: Option<u32>,
}

/// HTTP/2 keeps a task of its own: it has to answer settings and pings while idle.
pub struct Http2 {
    pub sender: SendRequest<Full<Bytes>>,
    task: JoinHandle<()>,
}

impl Http2 {
    /// Begins to speak it.
    ///
    /// # Errors
    /// The peer does not.
    pub async fn open(link: Link, limits: Limits) -> Result<Self, Fault> {
        let mut builder = Builder::new(TokioExecutor::new());
        builder.max_header_list_size(limits.head_bytes);
        if let Some(bytes) = limits.window_bytes {
            builder
                .initial_stream_window_size(bytes)
                .initial_connection_window_size(bytes);
        }
        let opened = builder.handshake(TokioIo::new(link)).await;
        let (sender, connection) = opened.map_err(|error| fault::of_head(&error))?;
        let task = tokio::spawn(async move {
            // Whoever waits for an answer is told of an error; while idle nobody is, and the next probe opens anew.
            let _ = connection.await;
        });
        Ok(Self { sender, task })
    }

    /// Whether the connection has failed or ended, and not only a request over it.
    pub fn is_gone(&self) -> bool {
        self.sender.is_closed()
    }
}

impl Drop for Http2 {
    fn drop(&mut self) {
        self.task.abort();
    }
}
