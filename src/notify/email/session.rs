//! A session with a mail server (RFC 5321): one command at a time, each with its answer.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use probetop_probe::handshake;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;

use super::reply::{Ear, Reply, Silence};
use crate::notify::tls::{self, TlsStream};

/// Why something was not done.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The server says no.
    Refused(Reply),
    Silent(Silence),
    /// It cannot do what we must have.
    Unable(&'static str),
}

impl Trouble {
    /// Whether another try would come to the same.
    pub(super) const fn is_lasting(&self) -> bool {
        match self {
            Self::Refused(reply) => reply.is_permanent(),
            Self::Silent(_) => false,
            Self::Unable(_) => true,
        }
    }
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(reply) => reply.fmt(f),
            Self::Silent(Silence::Broken(error)) => match handshake::told(error) {
                Some(told) => f.write_str(&told),
                None => Silence::Broken(io::Error::new(error.kind(), error.to_string())).fmt(f),
            },
            Self::Silent(silence) => silence.fmt(f),
            Self::Unable(why) => f.write_str(why),
        }
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Silent(Silence::Broken(error))
    }
}

/// The connection below.
enum Transport {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// An open session.
pub(super) struct Session {
    transport: Transport,
    ear: Ear,
    /// What the server offers, a keyword and its parameters each; nothing of one that knows only HELO.
    extensions: Vec<String>,
}

impl Session {
    pub(super) fn plain(stream: TcpStream) -> Self {
        Self::over(Transport::Plain(stream))
    }

    pub(super) fn encrypted(stream: TlsStream<TcpStream>) -> Self {
        Self::over(Transport::Tls(Box::new(stream)))
    }

    fn over(transport: Transport) -> Self {
        Self {
            transport,
            ear: Ear::default(),
            extensions: Vec::new(),
        }
    }

    /// Hears the server's greeting.
    pub(super) async fn greeting(&mut self) -> Result<(), Trouble> {
        self.answer().await.map(drop)
    }

    /// Greets as `name`. A server that does not know EHLO (RFC 5321, 4.1.1.1: 500 or 502) is greeted as in the old days.
    pub(super) async fn hello(&mut self, name: &str) -> Result<(), Trouble> {
        match self.command(&format!("EHLO {name}")).await {
            Ok(reply) => {
                self.extensions = reply.lines.into_iter().skip(1).collect();
                Ok(())
            }
            Err(Trouble::Refused(Reply { code: 500 | 502, .. })) => {
                self.extensions.clear();
                self.command(&format!("HELO {name}")).await.map(drop)
            }
            Err(trouble) => Err(trouble),
        }
    }

    /// Encrypts, and greets anew: what was offered in the clear says nothing.
    pub(super) async fn encrypt(mut self, client: &tls::Client, name: &str) -> Result<Self, Trouble> {
        if self.offer("STARTTLS").is_none() {
            return Err(Trouble::Unable("STARTTLS is not supported on this server"));
        }
        self.command("STARTTLS").await?;
        if !self.ear.is_empty() {
            return Err(Trouble::Unable("the server goes on talking before it encrypts"));
        }
        let Transport::Plain(stream) = self.transport else {
            return Ok(self);
        };
        let mut session = Self::encrypted(client.handshake(stream).await?);
        session.hello(name).await?;
        Ok(session)
    }

    /// Logs in by PLAIN (RFC 4616), or by LOGIN where there is no other way.
    pub(super) async fn log_in(&mut self, user: &str, password: &str) -> Result<(), Trouble> {
        let mechanisms = self.offer("AUTH").unwrap_or_default().to_ascii_uppercase();
        let offers = |wanted: &str| mechanisms.split_ascii_whitespace().any(|mechanism| mechanism == wanted);
        if offers("PLAIN") {
            let secret = STANDARD.encode(format!("\0{user}\0{password}"));
            self.command(&format!("AUTH PLAIN {secret}")).await?;
        } else if offers("LOGIN") {
            self.command("AUTH LOGIN").await?;
            self.command(&STANDARD.encode(user)).await?;
            self.command(&STANDARD.encode(password)).await?;
        } else {
            return Err(Trouble::Unable("the server offers neither PLAIN nor LOGIN"));
        }
        Ok(())
    }

    /// The parameters of an extension that the server offers. Some write `AUTH=PLAIN`.
    fn offer(&self, keyword: &str) -> Option<&str> {
        self.extensions.iter().find_map(|line| {
            let (name, parameters) = line.split_once([' ', '=']).unwrap_or((line.trim(), ""));
            name.eq_ignore_ascii_case(keyword).then_some(parameters)
        })
    }

    /// Sends a command and hears its answer.
    pub(super) async fn command(&mut self, command: &str) -> Result<Reply, Trouble> {
        self.write(format!("{command}\r\n").as_bytes()).await?;
        self.answer().await
    }

    /// Sends what follows DATA; its answer is still to be heard.
    pub(super) async fn letter(&mut self, letter: &[u8]) -> Result<(), Trouble> {
        Ok(self.write(&stuffed(letter)).await?)
    }

    /// The server's next answer, where it is not a refusal.
    pub(super) async fn answer(&mut self) -> Result<Reply, Trouble> {
        let reply = self.ear.hear(&mut self.transport).await.map_err(Trouble::Silent)?;
        if reply.is_positive() {
            Ok(reply)
        } else {
            Err(Trouble::Refused(reply))
        }
    }

    async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.transport.write_all(bytes).await?;
        self.transport.flush().await
    }
}

/// As it goes over the wire (RFC 5321, 4.5.2): a line that begins with a dot has one more, and a dot alone ends it.
fn stuffed(letter: &[u8]) -> Vec<u8> {
    let mut stuffed = Vec::with_capacity(letter.len() + 64);
    for line in letter.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(b".") {
            stuffed.push(b'.');
        }
        stuffed.extend_from_slice(line);
    }
    if !stuffed.ends_with(b"\r\n") {
        stuffed.extend_from_slice(b"\r\n");
    }
    stuffed.extend_from_slice(b".\r\n");
    stuffed
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
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_of_a_letter_ends_it() {
        let check = |letter: &str, expected: &str| {
            assert_eq!(String::from_utf8(stuffed(letter.as_bytes())).unwrap(), expected);
        };
        check("a\r\n.\r\nb\r\n", "a\r\n..\r\nb\r\n.\r\n");
        check(".a", "..a\r\n.\r\n");
        check("", "\r\n.\r\n");
        check("a\r\n", "a\r\n.\r\n");
    }
}
