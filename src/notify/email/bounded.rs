//! A connection to a mail server that is heard up to a limit: the library that speaks SMTP reads a line to its end, and a
//! server may send one that has none.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use lettre::transport::smtp::client::AsyncTokioStream;
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
