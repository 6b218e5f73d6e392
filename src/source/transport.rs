//! The bytes below a protocol: plain or over TLS, as one type.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::attempt::Stopwatch;
use super::endpoint::Endpoint;
use super::tls::{self, TlsStream};
use crate::sample::{Failure, Phase};

/// A connection's two directions.
#[derive(Debug)]
pub enum Transport {
    Plain(TcpStream),
    /// Boxed: a TLS session is twenty times larger than a socket.
    Tls(Box<TlsStream<TcpStream>>),
}

impl Transport {
    /// Goes through the phases DNS, connect and, with `tls`, TLS.
    pub async fn open(
        watch: &mut Stopwatch,
        endpoint: &Endpoint,
        tls: Option<&tls::Client>,
    ) -> Result<(Self, SocketAddr), Failure> {
        let (stream, address) = endpoint.connect(watch).await?;
        let Some(client) = tls else {
            return Ok((Self::Plain(stream), address));
        };
        let stream = watch.phase(Phase::Tls, client.handshake(stream, &endpoint.host));
        Ok((Self::Tls(Box::new(stream.await?)), address))
    }

    /// The version of TLS, where there is any.
    pub fn tls(&self) -> Option<&'static str> {
        match self {
            Self::Plain(_) => None,
            Self::Tls(stream) => tls::version(stream),
        }
    }

    /// Whether the peer agreed to speak `protocol` (ALPN).
    pub fn agreed_on(&self, protocol: &[u8]) -> bool {
        match self {
            Self::Plain(_) => false,
            Self::Tls(stream) => tls::agreed_on(stream, protocol),
        }
    }
}

impl AsyncRead for Transport {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Transport {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, buf),
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
