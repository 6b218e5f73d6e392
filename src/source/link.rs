//! The bytes below a protocol that keeps its connection: TCP, TLS over it, or a Unix socket.
//!
//! Takes a place (host and port, or the path of a socket), gives a [`Link`] opened phase by phase.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use percent_encoding::percent_decode_str;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream};
use url::{Host, Url};

use super::AddressFamily;
use super::attempt::{Fault, Stopwatch, reason};
use super::connect::connect;
use super::resolve::{self, resolve};
use super::tls::{self, TlsStream};
use crate::sample::{Failure, FailureKind, Phase};

/// Where a server is met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    Network { host: Host, port: u16 },
    Socket(PathBuf),
}

impl Place {
    /// The host and port of `url`, or the path of a Unix socket: percent-encoded in place of the host
    /// (`%2Frun%2Fserver.sock`), or as `host=/run/server.sock` in the query.
    ///
    /// # Errors
    /// Says what is wrong and what to write instead.
    pub fn of(url: &Url, default_port: u16) -> Result<Self, String> {
        let scheme = url.scheme();
        if let Some((_, path)) = url.query_pairs().find(|(key, _)| key == "host") {
            return socket(&path).ok_or_else(|| format!("host={path} is no path; write {scheme}://{path}"));
        }
        let host = url.host_str().filter(|host| !host.is_empty());
        let host = host.ok_or_else(|| format!("has no host; write {scheme}://HOST:{default_port}"))?;
        if let Some(place) = socket(&percent_decode_str(host).decode_utf8_lossy()) {
            return Ok(place);
        }
        let port = match url.port() {
            Some(0) => return Err("port 0 cannot be connected to; use 1 to 65535".to_owned()),
            Some(port) => port,
            None => default_port,
        };
        let host = Host::parse(host)
            .map_err(|error| format!("{host} is no host: {error}; write {scheme}://HOST:{default_port}"))?;
        Ok(Self::Network { host, port })
    }

    /// # Errors
    /// Says that the host is an address of another family.
    pub fn check(&self, family: AddressFamily) -> Result<(), String> {
        match self {
            Self::Network { host, .. } => resolve::check(host, family),
            Self::Socket(_) => Ok(()),
        }
    }

    /// Connects, without TLS.
    pub async fn open(&self, watch: &mut Stopwatch, family: AddressFamily) -> Result<Link, Failure> {
        match self {
            Self::Network { host, port } => {
                let addresses = resolve(watch, host, *port, family).await?;
                let (stream, _) = connect(watch, addresses).await?;
                Ok(Link::Tcp(stream))
            }
            Self::Socket(path) => {
                let opened = async { UnixStream::connect(path).await.map_err(|error| not_open(&error, path)) };
                watch.phase(Phase::Connect, opened).await.map(Link::Unix)
            }
        }
    }
}

fn socket(path: &str) -> Option<Place> {
    path.starts_with('/').then(|| Place::Socket(PathBuf::from(path)))
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

/// An open connection's two directions.
#[derive(Debug)]
pub enum Link {
    Tcp(TcpStream),
    /// Boxed: a TLS session is twenty times larger than a socket.
    Tls(Box<TlsStream<TcpStream>>),
    Unix(UnixStream),
}

impl Link {
    /// The same connection over TLS. A Unix socket stays as it is: nobody is between.
    pub async fn secure(self, client: &tls::Client, host: &Host) -> Result<Self, Fault> {
        match self {
            Self::Tcp(stream) => Ok(Self::Tls(Box::new(client.handshake(stream, host).await?))),
            Self::Tls(_) | Self::Unix(_) => Ok(self),
        }
    }

    /// Whom it is to; a Unix socket has no address.
    pub fn address(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp(stream) => stream.peer_addr().ok(),
            Self::Tls(stream) => stream.get_ref().0.peer_addr().ok(),
            Self::Unix(_) => None,
        }
    }

    pub fn tls_version(&self) -> Option<&'static str> {
        match self {
            Self::Tls(stream) => tls::version(stream),
            Self::Tcp(_) | Self::Unix(_) => None,
        }
    }

    /// Whether it stands while nothing is expected of the peer: it has neither closed nor said anything unasked.
    pub fn is_alive(&mut self) -> bool {
        let mut byte = [0];
        let mut context = Context::from_waker(Waker::noop());
        Pin::new(self)
            .poll_read(&mut context, &mut ReadBuf::new(&mut byte))
            .is_pending()
    }
}

impl AsyncRead for Link {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_read(cx, buf),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
            Self::Unix(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Link {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_write(cx, buf),
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, buf),
            Self::Unix(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
            Self::Unix(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Unix(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, expected: Result<Place, &str>) {
        let place = Place::of(&Url::parse(url).unwrap(), 6379);
        assert_eq!(place, expected.map_err(str::to_owned), "of {url}");
    }

    #[test]
    fn a_place_is_a_host_and_port_or_the_path_of_a_socket() {
        let network = |host, port| {
            let host = Host::parse(host).unwrap();
            Ok(Place::Network { host, port })
        };
        check("redis://cache.example", network("cache.example", 6379));
        check("redis://u:p@[::1]:1/0", network("[::1]", 1));
        check("redis://%2Frun%2Fr.sock/2", Ok(Place::Socket("/run/r.sock".into())));
        check("redis:///2?host=/run/r.sock", Ok(Place::Socket("/run/r.sock".into())));
        check("redis:///2", Err("has no host; write redis://HOST:6379"));
        check("redis://x:0", Err("port 0 cannot be connected to; use 1 to 65535"));
        check("redis:///?host=x", Err("host=x is no path; write redis://x"));
    }
}
