//! The demo service: HTTP/1.1 on a loopback port, on a thread and runtime of its own so that it never delays a probe.

use std::convert::Infallible;
use std::fmt;
use std::future::poll_fn;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener as StdTcpListener};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::thread::JoinHandle;
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use probetop_core::clock::{Clock, Timestamp};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::scenario::{Behaviour, Endpoint, Reply, behaviour};
use crate::worker;

/// The size of a [`Reply::Large`]: more than a probe reads, so that one sees an answer cut off.
pub const LARGE_BODY_BYTES: usize = CHUNK_BYTES * 32;

/// A large body is this much, sent again and again.
const CHUNK_BYTES: usize = 64 * 1024;

/// Connections served at a time; later ones wait. The demo's targets have about 40 at most, and a stranger on the
/// loopback device shall not use up our descriptors.
const CONNECTION_LIMIT: usize = 256;

/// How long to wait after the system refused a connection (no descriptors left), so that it is not asked in a circle.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A running demo service; stopped, with all its connections, when dropped.
#[derive(Debug)]
pub struct Service {
    address: SocketAddr,
    cancel: CancellationToken,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl Service {
    /// Starts the service on a free port of 127.0.0.1; its schedule begins now, by `clock`.
    ///
    /// # Errors
    /// No port, thread or descriptor is to be had.
    pub fn start(clock: Clock) -> io::Result<Self> {
        let listener = StdTcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let cancel = CancellationToken::new();
        let until = cancel.clone();
        let shop = Arc::new(ServiceState::new(clock));
        let thread = worker::spawn_with_runtime("demo", move |runtime| {
            runtime.block_on(async {
                let listener = TcpListener::from_std(listener)?;
                until.run_until_cancelled(accept(&listener, &shop)).await;
                Ok(())
            })
        })?;
        Ok(Self {
            address,
            cancel,
            thread: Some(thread),
        })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:PORT`; an endpoint is this, a slash and its name.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.cancel.cancel();
        if let Some(thread) = self.thread.take() {
            // A panic on that thread has been reported there, and there is nothing left to save.
            let _ = thread.join();
        }
    }
}

/// What all connections share: the time since the start and the number of requests of each endpoint.
struct ServiceState {
    clock: Clock,
    opened: Timestamp,
    requests: [AtomicU64; Endpoint::ALL.len()],
    chunk: Bytes,
}

impl ServiceState {
    fn new(clock: Clock) -> Self {
        Self {
            opened: clock.now(),
            clock,
            requests: Default::default(),
            chunk: Bytes::from(vec![b'.'; CHUNK_BYTES]),
        }
    }

    async fn answer(&self, request: Request<Incoming>) -> Result<Response<Chunks>, Reset> {
        let path = request.uri().path().trim_start_matches('/');
        let Some(endpoint) = Endpoint::from_name(path) else {
            return Ok(directory(path));
        };
        let number = self.requests[endpoint as usize].fetch_add(1, Ordering::Relaxed);
        let since_start = self.clock.now().since(self.opened);
        let Behaviour { delay, reply } = behaviour(endpoint, since_start, number);
        tokio::time::sleep(delay).await;
        match reply {
            Reply::Ok => Ok(json(StatusCode::OK, "ok")),
            Reply::Degraded => Ok(json(StatusCode::OK, "degraded")),
            Reply::Unavailable => Ok(json(StatusCode::SERVICE_UNAVAILABLE, "unavailable")),
            Reply::Reset => Err(Reset),
            Reply::Large => Ok(respond(StatusCode::OK, "text/plain", Chunks::large(self.chunk.clone()))),
        }
    }
}

/// Accepts connections until it is dropped.
async fn accept(listener: &TcpListener, shop: &Arc<ServiceState>) {
    let places = Arc::new(Semaphore::new(CONNECTION_LIMIT));
    loop {
        let place = Arc::clone(&places)
            .acquire_owned()
            .await
            .expect("the semaphore is never closed");
        match listener.accept().await {
            Ok((stream, _)) => {
                let shop = Arc::clone(shop);
                tokio::spawn(async move {
                    serve(stream, shop).await;
                    drop(place);
                });
            }
            Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
        }
    }
}

/// Serves one connection. The only error that answering makes is the wish to reset the connection: hyper then ends
/// without a word, and closing the socket without lingering makes the system send RST instead of FIN.
async fn serve(stream: TcpStream, shop: Arc<ServiceState>) {
    // Without it an answer could wait for an acknowledgement; where it cannot be set, the demo is only less exact.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let shop = Arc::clone(&shop);
        Box::pin(async move { shop.answer(request).await })
    });
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let ended = poll_fn(|context| connection.poll_without_shutdown(context)).await;
    if ended.is_err() {
        let _ = connection.into_parts().io.into_inner().set_zero_linger();
    }
}

/// What asks for the connection to be reset.
#[derive(Debug)]
struct Reset;

impl fmt::Display for Reset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection is to be reset")
    }
}

impl std::error::Error for Reset {}

fn json(status: StatusCode, word: &str) -> Response<Chunks> {
    respond(
        status,
        "application/json",
        Chunks::once(format!("{{\"status\":\"{word}\"}}\n")),
    )
}

/// The list of endpoints, at `/` and where nothing else is.
fn directory(path: &str) -> Response<Chunks> {
    let status = if path.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::NOT_FOUND
    };
    let list: String = Endpoint::ALL
        .iter()
        .map(|endpoint| format!("/{}\n", endpoint.name()))
        .collect();
    respond(status, "text/plain", Chunks::once(list))
}

fn respond(status: StatusCode, kind: &'static str, body: Chunks) -> Response<Chunks> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// A body that is the same chunk some times over.
struct Chunks {
    chunk: Bytes,
    left: usize,
}

impl Chunks {
    fn once(text: String) -> Self {
        Self {
            chunk: Bytes::from(text),
            left: 1,
        }
    }

    fn large(chunk: Bytes) -> Self {
        Self {
            left: LARGE_BODY_BYTES / CHUNK_BYTES,
            chunk,
        }
    }
}

impl Body for Chunks {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let Some(left) = self.left.checked_sub(1) else {
            return Poll::Ready(None);
        };
        self.left = left;
        Poll::Ready(Some(Ok(Frame::data(self.chunk.clone()))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact((self.chunk.len() * self.left) as u64)
    }
}

#[cfg(test)]
mod tests;
