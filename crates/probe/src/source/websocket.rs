//! WebSocket: the handshake, and a message there and back.

mod handshake;
mod channel;

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use channel::{Channel, Heard, Question};
use handshake::Request;
use probetop_core::clock::{Clock, Timestamp};
use probetop_core::sample::{Answer, Fact, Failure, FailureKind, Phase, Word};
use probetop_core::setting::Finding;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use super::attempt::{Fault, Stopwatch};
use super::conversation::{self, Reply, Service};
use super::dialer::Dialer;
use super::endpoint::Endpoint;
use super::header;
use super::idle::{Connection, Idle};
use super::kind::{Kind, KindSettings, ProbeContext};
use super::tls::Roots;
use super::{AddressFamily, Attempt, Probe};

pub use channel::MESSAGE_LIMIT_BYTES;

/// The keys of a `ws://` or `wss://` target beside those that every target has.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The text message to send; a ping frame, which every server answers, when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub send: Option<String>,
    /// Text that the answer to `send` contains; other messages are passed over. Any message when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expect: Option<String>,
    /// Headers of the handshake, such as `origin` or `sec-websocket-protocol`.
    pub headers: BTreeMap<String, String>,
    /// Whether the connection is kept for the next probe or made anew each time.
    pub connection: Connection,
    /// IP version to use: `any`, `4` or `6`.
    pub ip: AddressFamily,
}

pub static KIND: Kind = Kind {
    name: "websocket",
    schemes: &["ws", "wss"],
    about: "a WebSocket: the handshake, and a message there and back",
    example: "wss://chat.example/socket",
    phases: &[Phase::Dns, Phase::Connect, Phase::Tls, Phase::FirstByte, Phase::Message],
    ..Kind::of::<Settings>()
};

impl KindSettings for Settings {
    const KIND: &'static Kind = &KIND;

    fn check(&self, _url: &Url) -> Vec<Finding> {
        let mut findings = header::check(&self.headers, &handshake::OURS);
        if self.expect.is_some() && self.send.is_none() {
            let message = "expect is the answer to a message; add send, or remove it (a ping is answered by its pong)";
            findings.push(Finding::new("expect", message));
        }
        findings
    }

    fn probe(&self, url: &Url, context: ProbeContext<'_>) -> Result<Arc<dyn Probe>, String> {
        let made = WebSocket::try_new(context.clock.clone(), url, self, context.in_flight)?;
        Ok(Arc::new(made))
    }
}

impl fmt::Debug for Settings {
    /// Headers and messages carry credentials: names are shown, values are not.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("send_bytes", &self.send.as_ref().map(String::len))
            .field("expect_bytes", &self.expect.as_ref().map(String::len))
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("connection", &self.connection)
            .field("ip", &self.ip)
            .finish()
    }
}

/// Talks to one URL.
pub struct WebSocket {
    clock: Clock,
    dialer: Dialer,
    request: Request,
    settings: Settings,
    idle: Idle<Channel>,
}

impl WebSocket {
    /// A probe of `url` that trusts this machine's certificate authorities; `in_flight` probes may run at once.
    ///
    /// # Errors
    /// Says what in `url` or `settings` cannot be used, and what to do about it.
    pub fn try_new(clock: Clock, url: &Url, settings: &Settings, in_flight: u16) -> Result<Self, String> {
        let endpoint = Endpoint::try_new(url, settings.ip)?;
        Ok(Self {
            clock,
            dialer: match url.scheme() {
                "wss" => Dialer::secure(endpoint, &ALPN),
                _ => Dialer::plain(endpoint),
            },
            request: Request::new(url, &settings.headers),
            settings: settings.clone(),
            idle: Idle::new(settings.connection, usize::from(in_flight.max(1))),
        })
    }

    /// Trusts `roots` instead.
    pub fn trusting(mut self, roots: Roots) -> Self {
        self.dialer = self.dialer.trusting(roots);
        self
    }
}

impl Service for WebSocket {
    type Session = Channel;

    fn clock(&self) -> &Clock {
        &self.clock
    }

    fn idle(&self) -> &Idle<Channel> {
        &self.idle
    }

    async fn open(&self, watch: &mut Stopwatch, answer: &mut Option<Answer>) -> Result<Channel, Failure> {
        let (mut link, address, known) = self.dialer.open(watch, answer).await?;
        let agreed = async {
            let sent = self.request.send(&mut link).await;
            sent.map_err(|refused| {
                known.status = refused.status;
                refused.fault
            })
        };
        let agreed = watch.phase(Phase::FirstByte, agreed).await?;
        let message_bytes = self.settings.send.as_ref().map_or(0, String::len);
        Ok(Channel::new(link, address, agreed, message_bytes).await)
    }

    fn describe(&self, channel: &Channel) -> Answer {
        let protocol = channel.subprotocol.clone().map(|value| Fact {
            name: "subprotocol".into(),
            value,
        });
        Answer {
            address: Some(channel.address),
            protocol: Some("WebSocket".into()),
            tls: channel.tls.map(Word::of),
            facts: protocol.into_iter().collect(),
            ..Answer::default()
        }
    }

    async fn ask(&self, watch: &mut Stopwatch, channel: &mut Channel, answer: &mut Answer) -> Result<Reply, Failure> {
        let expect = self.settings.expect.as_deref();
        let question = match &self.settings.send {
            Some(send) => Question::Message { send, expect },
            None => Question::Ping,
        };
        let mut heard = Heard::default();
        let asked = watch.phase(Phase::Message, channel.ask(question, &mut heard)).await;
        answer.body_bytes = heard.bytes;
        asked.map_err(|failure| told(failure, &heard))?;
        Ok(Reply {
            verdict: Ok(()),
            is_usable: true,
        })
    }

    /// A ping changes nothing; a message may.
    fn may_ask_again(&self, _channel: &Channel, failure: &Failure) -> bool {
        self.settings.send.is_none() && matches!(failure.kind, FailureKind::Closed | FailureKind::Reset)
    }

    fn hang_up(&self, channel: Channel) {
        channel.hang_up();
    }
}

impl Probe for WebSocket {
    fn probe(&self, deadline: Timestamp) -> Pin<Box<dyn Future<Output = Attempt> + Send + '_>> {
        Box::pin(conversation::attempt(self, deadline))
    }
}

/// Answers that are not the expected one say more than that none came in time.
fn told(failure: Failure, heard: &Heard) -> Failure {
    match &heard.other {
        Some(other) if failure.kind == FailureKind::Timeout => Fault::new(
            FailureKind::Expect,
            format!("the answer does not contain what is expected: {other}"),
        )
        .during(Phase::Message),
        Some(_) | None => failure,
    }
}

/// WebSocket is negotiated over HTTP/1.1; a server that also speaks HTTP/2 must not choose that.
const ALPN: [&[u8]; 1] = [b"http/1.1"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_secret() {
        let settings = Settings {
            send: Some("s3cret".to_owned()),
            expect: Some("s3cret".to_owned()),
            headers: [("authorization".to_owned(), "s3cret".to_owned())].into(),
            ..Settings::default()
        };
        let shown = format!("{settings:?}");
        assert!(shown.contains("authorization") && !shown.contains("s3cret"), "{shown}");
    }
}
