//! A WebSocket that stands: one question at a time, there and back.

use std::net::SocketAddr;

use futures_util::{FutureExt, SinkExt, StreamExt};
use probetop_core::sample::{FailureKind, Text};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::{CapacityError, Error, ProtocolError};
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Bytes, Message};

use super::handshake::Agreed;
use crate::source::attempt::Fault;
use crate::source::idle::Kept;
use crate::source::link::Link;
use crate::source::payload;
use crate::source::tls;

/// A longer message is refused: it is held in memory, once for each probe that runs.
pub const MESSAGE_LIMIT_BYTES: usize = 1024 * 1024;

/// Eagerly allocated for each connection, of which there may be thousands.
const BUFFER_BYTES: usize = 4 * 1024;

/// Answers to a peer's pings that wait until it takes them, beside a message of ours. Beyond that the newest is enough
/// (RFC 6455, section 5.5.3).
const OWED_LIMIT_BYTES: usize = 16 * 1024;

/// Messages that were not the answer between two looks at other probes.
const TURN_LIMIT: usize = 32;

/// Messages that nobody asked for and that piled up between two probes. Of a peer that sends more we know nothing but
/// that it is not waiting for us.
const PILE_LIMIT: usize = 1000;

/// A connection that speaks WebSocket.
pub struct Channel {
    pub address: SocketAddr,
    pub tls: Option<&'static str>,
    pub subprotocol: Option<Text>,
    socket: WebSocketStream<Link>,
    pings: u64,
    /// Messages since others had their turn.
    heard: usize,
}

/// What is asked, and what counts as its answer.
#[derive(Clone, Copy, Debug)]
pub enum Question<'a> {
    /// A ping frame and its own pong.
    Ping,
    /// A text message and the next message that contains `expect`.
    Message { send: &'a str, expect: Option<&'a str> },
}

/// What came back so far.
#[derive(Debug, Default)]
pub struct Heard {
    pub bytes: u64,
    /// The last message that was not the one expected.
    pub other: Option<Text>,
}

impl Channel {
    /// `message_bytes` is how long the messages are that will be sent.
    pub async fn new(link: Link, address: SocketAddr, agreed: Agreed, message_bytes: usize) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(BUFFER_BYTES)
            .write_buffer_size(0)
            .max_write_buffer_size(OWED_LIMIT_BYTES + message_bytes)
            .max_message_size(Some(MESSAGE_LIMIT_BYTES))
            .max_frame_size(Some(MESSAGE_LIMIT_BYTES));
        let tls = link.tls_version();
        let socket = WebSocketStream::from_partially_read(link, agreed.rest, Role::Client, Some(config));
        Self {
            address,
            tls,
            subprotocol: agreed.subprotocol,
            socket: socket.await,
            pings: 0,
            heard: 0,
        }
    }

    /// Asks and waits for the answer. What comes on the way is noted in `heard`, whether or not it is the answer.
    pub async fn ask(&mut self, question: Question<'_>, heard: &mut Heard) -> Result<(), Fault> {
        match question {
            Question::Ping => {
                self.pings = self.pings.wrapping_add(1);
                let mark = Bytes::copy_from_slice(&self.pings.to_be_bytes());
                self.send(Message::Ping(mark.clone())).await?;
                while self.next().await? != Message::Pong(mark.clone()) {}
                Ok(())
            }
            Question::Message { send, expect } => {
                self.send(Message::text(send)).await?;
                loop {
                    let message = self.next().await?;
                    if !(message.is_text() || message.is_binary()) {
                        continue;
                    }
                    heard.bytes = message.len() as u64;
                    let data = message.into_data();
                    match expect {
                        Some(expect) if !payload::contains(&data, expect.as_bytes()) => {
                            heard.other = Some(Text::clean_bytes(data.get(..BUFFER_BYTES).unwrap_or(&data)));
                        }
                        Some(_) | None => return Ok(()),
                    }
                }
            }
        }
    }

    /// Takes leave, as far as that takes no time.
    pub fn hang_up(mut self) {
        let _ = self.socket.close(None).now_or_never();
    }

    async fn send(&mut self, message: Message) -> Result<(), Fault> {
        self.socket.send(message).await.map_err(|error| fault(&error))
    }

    async fn next(&mut self) -> Result<Message, Fault> {
        self.heard += 1;
        if self.heard > TURN_LIMIT {
            self.heard = 0;
            // A peer that talks without end holds up nobody else.
            tokio::task::yield_now().await;
        }
        match self.socket.next().await {
            Some(Ok(Message::Close(frame))) => Err(closed(frame.as_ref())),
            Some(Ok(message)) => Ok(message),
            Some(Err(error)) => Err(fault(&error)),
            None => Err(closed(None)),
        }
    }
}

impl Kept for Channel {
    /// Also answers the peer's pings and throws away what it said unasked, so that it is nobody's answer.
    fn is_alive(&mut self) -> bool {
        for _ in 0..PILE_LIMIT {
            // What piled up is looked through at once.
            self.heard = 0;
            match self.next().now_or_never() {
                None => return true,
                Some(Ok(_unasked)) => {}
                Some(Err(_)) => return false,
            }
        }
        false
    }
}

fn closed(frame: Option<&CloseFrame>) -> Fault {
    let message = match frame {
        Some(frame) if frame.reason.is_empty() => format!("peer closed the WebSocket with {}", u16::from(frame.code)),
        Some(frame) => format!(
            "peer closed the WebSocket with {}: {}",
            u16::from(frame.code),
            frame.reason
        ),
        None => "peer closed the WebSocket".to_owned(),
    };
    Fault::new(FailureKind::Closed, message)
}

fn fault(error: &Error) -> Fault {
    match error {
        Error::Io(error) => tls::fault_in(error).unwrap_or_else(|| Fault::from(error)),
        Error::ConnectionClosed | Error::AlreadyClosed => closed(None),
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => {
            Fault::new(FailureKind::Closed, "connection closed by the peer")
        }
        Error::Capacity(CapacityError::MessageTooLong { .. }) => {
            let message = format!("message longer than {} KiB", MESSAGE_LIMIT_BYTES / 1024);
            Fault::new(FailureKind::Protocol, message)
        }
        Error::Protocol(broken) => {
            let message = format!("peer breaks the WebSocket protocol: {broken}");
            Fault::new(FailureKind::Protocol, message)
        }
        other => Fault::new(FailureKind::Protocol, other.to_string()),
    }
}
