//! The bytes below a protocol: TCP, TLS over it, or a Unix socket, as one type.
//!
//! Takes a connection or a place to connect to, gives a [`Link`].

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use probetop_core::sample::{Failure, FailureKind, Phase};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream};
use url::Host;

use super::attempt::{Fault, Stopwatch, reason};
use super::endpoint::Place;
use super::pace::Pace;
use super::tls::{self, TlsStream};

/// An open connection's two directions.
#[derive(Debug)]
pub struct Link {
    transport: Transport,
    pace: Pace,
}

#[derive(Debug)]
enum Transport {
    Tcp(TcpStream),
    /// Boxed: a TLS session is twenty times larger than a socket.
    Tls(Box<TlsStream<TcpStream>>),
    Unix(UnixStream),
}

impl From<TcpStream> for Link {
    fn from(stream: TcpStream) -> Self {
        Self::over(Transport::Tcp(stream))
    }
}

impl From<UnixStream> for Link {
    fn from(stream: UnixStream) -> Self {
        Self::over(Transport::Unix(stream))
    }
}

impl Link {
    fn over(transport: Transport) -> Self {
        Self {
            transport,
            pace: Pace::default(),
        }
    }

    /// Connects, without TLS: what is spoken decides whether and when it begins.
    pub async fn open_plain(watch: &mut Stopwatch, place: &Place) -> Result<Self, Failure> {
        match place {
            Place::Network(endpoint) => {
                let (stream, _) = endpoint.connect(watch).await?;
                Ok(Self::from(stream))
            }
            Place::Socket(path) => Self::open_unix(watch, path).await,
        }
    }

    /// Connects to the Unix socket at `path`.
    pub async fn open_unix(watch: &mut Stopwatch, path: &Path) -> Result<Self, Failure> {
        let opened = async { UnixStream::connect(path).await.map_err(|error| not_open(&error, path)) };
        watch.phase(Phase::Connect, opened).await.map(Self::from)
    }

    /// The same connection over TLS. A Unix socket stays as it is: nobody is between.
    pub async fn secure(self, client: &tls::Client, host: &Host) -> Result<Self, Fault> {
        match self.transport {
            Transport::Tcp(stream) => {
                let stream = client.handshake(stream, host).await?;
                Ok(Self::over(Transport::Tls(Box::new(stream))))
            }
            transport @ (Transport::Tls(_) | Transport::Unix(_)) => Ok(Self::over(transport)),
        }
    }

    /// Whom it is to; a Unix socket has no address.
    pub fn address(&self) -> Option<SocketAddr> {
        match &self.transport {
            Transport::Tcp(stream) => stream.peer_addr().ok(),
            Transport::Tls(stream) => stream.get_ref().0.peer_addr().ok(),
            Transport::Unix(_) => None,
        }
    }

    /// The version of TLS, where there is any.
    pub fn tls_version(&self) -> Option<&'static str> {
        match &self.transport {
            Transport::Tls(stream) => tls::version(stream),
            Transport::Tcp(_) | Transport::Unix(_) => None,
        }
    }

    /// Whether the peer agreed to speak `protocol` (ALPN).
    pub fn agreed_on(&self, protocol: &[u8]) -> bool {
        match &self.transport {
            Transport::Tls(stream) => tls::agreed_on(stream, protocol),
            Transport::Tcp(_) | Transport::Unix(_) => false,
        }
    }

    /// The certificates of a peer that speaks TLS, up to whom `client` trusts.
    pub fn chain(&self, client: &tls::Client) -> Option<tls::Chain> {
        match &self.transport {
            Transport::Tls(stream) => client.chain(stream),
            Transport::Tcp(_) | Transport::Unix(_) => None,
        }
    }

    /// Whether it stands while nothing is expected of the peer: it has neither closed nor said anything unasked.
    pub fn is_alive(&mut self) -> bool {
        self.rest();
        is_silent(self)
    }

    /// Nobody waits for their turn meanwhile: what it takes in is counted anew.
    pub const fn rest(&mut self) {
        self.pace.rest();
    }
}

/// Whether nothing can be read from `stream`, not even its end.
pub fn is_silent(stream: &mut (impl AsyncRead + Unpin)) -> bool {
    let mut byte = [0];
    let mut context = Context::from_waker(Waker::noop());
    Pin::new(stream)
        .poll_read(&mut context, &mut ReadBuf::new(&mut byte))
        .is_pending()
}

fn not_open(error: &io::Error, path: &Path) -> Fault {
    let path = path.display();
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => {
            Fault::new(FailureKind::Refused, format!("nobody listens at {path}"))
        }
        _other => {
            let kind = Fault::from(error).kind;
            Fault::new(kind, format!("cannot connect to {path}: {}", reason(error)))
        }
    }
}

impl AsyncRead for Link {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let Self { transport, pace } = self.get_mut();
        ready!(pace.poll_turn(cx));
        let before = buf.filled().len();
        let result = match transport {
            Transport::Tcp(stream) => Pin::new(stream).poll_read(cx, buf),
            Transport::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
            Transport::Unix(stream) => Pin::new(stream).poll_read(cx, buf),
        };
        pace.read(&result, buf.filled().len() - before);
        result
    }
}

impl AsyncWrite for Link {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.get_mut().transport {
            Transport::Tcp(stream) => Pin::new(stream).poll_write(cx, buf),
            Transport::Tls(stream) => Pin::new(stream).poll_write(cx, buf),
            Transport::Unix(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().transport {
            Transport::Tcp(stream) => Pin::new(stream).poll_flush(cx),
            Transport::Tls(stream) => Pin::new(stream).poll_flush(cx),
            Transport::Unix(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().transport {
            Transport::Tcp(stream) => Pin::new(stream).poll_shutdown(cx),
            Transport::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
            Transport::Unix(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
