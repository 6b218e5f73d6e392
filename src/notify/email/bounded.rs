//! A connection to a mail server that is heard up to a limit: the library that speaks SMTP reads a line to its end, and a
//! server may send one that has none.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use lettre::transport::smtp::Error;
use lettre::transport::smtp::client::{AsyncTokioStream, TlsParameters};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// What a server says in one session. Its certificates have some KiB, each of its answers a line or two.
const SESSION_LIMIT_BYTES: usize = 1024 * 1024;

#[derive(Debug)]
pub struct Bounded {
    stream: TcpStream,
    /// What the server may still say.
    left: usize,
}

impl Bounded {
    pub async fn connect(address: (&str, u16)) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        let left = SESSION_LIMIT_BYTES;
        Ok(Self { stream, left })
    }
}

impl AsyncTokioStream for Bounded {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.stream.peer_addr()
    }
}

impl AsyncRead for Bounded {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let Self { stream, left } = self.get_mut();
        if *left == 0 {
            let message = format!("the server says more than {} KiB", SESSION_LIMIT_BYTES / 1024);
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, message)));
        }
        let before = buf.filled().len();
        let result = Pin::new(stream).poll_read(cx, buf);
        *left = left.saturating_sub(buf.filled().len() - before);
        result
    }
}

impl AsyncWrite for Bounded {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

/// The library's own connection. It is the only one that encrypts as its [`TlsParameters`] say.
#[expect(
    deprecated,
    reason = "the only way to encrypt a connection of ours before anything is said on it"
)]
type Library = lettre::transport::smtp::client::AsyncNetworkStream;

/// A connection that is encrypted before anything is said on it (RFC 8314, 3.3). What it hears is bounded below the
/// encryption, whose records have a limit of their own.
#[derive(Debug)]
pub struct Encrypted {
    stream: Library,
    peer: SocketAddr,
}

impl Encrypted {
    /// Shakes hands as `tls` says.
    ///
    /// # Errors
    /// Whoever answers cannot be trusted, or does not encrypt.
    pub async fn over(bounded: Bounded, tls: TlsParameters) -> Result<Self, Error> {
        let peer = bounded.peer_addr().unwrap_or_else(|_| ([0; 4], 0).into());
        let mut stream = Library::use_existing_tokio1(Box::new(bounded));
        stream.upgrade_tls(tls).await?;
        Ok(Self { stream, peer })
    }
}

impl AsyncTokioStream for Encrypted {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.peer)
    }
}

/// The library's stream reads and writes by the traits of another family.
impl AsyncRead for Encrypted {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let stream = Pin::new(&mut self.get_mut().stream);
        let read = ready!(futures_io::AsyncRead::poll_read(stream, cx, buf.initialize_unfilled()))?;
        buf.advance(read);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Encrypted {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        futures_io::AsyncWrite::poll_write(Pin::new(&mut self.get_mut().stream), cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        futures_io::AsyncWrite::poll_flush(Pin::new(&mut self.get_mut().stream), cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        futures_io::AsyncWrite::poll_close(Pin::new(&mut self.get_mut().stream), cx)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use tokio::io::AsyncReadExt as _;

    use super::*;

    #[tokio::test]
    async fn a_server_that_says_one_line_without_end_is_left() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            while stream.write_all(&[b'x'; 64 * 1024]).is_ok() {}
        });
        let mut stream = Bounded::connect(("127.0.0.1", port)).await.unwrap();
        let mut heard = vec![0; 64 * 1024];
        let mut length = 0;
        let error = loop {
            match stream.read(&mut heard).await {
                Ok(more) => length += more,
                Err(error) => break error,
            }
        };
        assert_eq!(error.to_string(), "the server says more than 1024 KiB");
        assert!(length < SESSION_LIMIT_BYTES + heard.len(), "{length}");
        drop(stream);
        server.join().unwrap();
    }
}
