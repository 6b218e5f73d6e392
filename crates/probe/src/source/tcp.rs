//! A TCP connection, opened and closed again; in between, where wanted, a message and its answer.

mod dialogue;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use dialogue::Exchange;
use probetop_core::clock::{Clock, Timestamp};
use probetop_core::sample::{Answer, Failure, Phase};
use probetop_core::setting::Finding;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use super::attempt::Stopwatch;
use super::endpoint::{self, Endpoint};
use super::kind::{Kind, KindSettings, ProbeContext};
use super::payload;
use super::{AddressFamily, Attempt, Probe};

/// Bytes of an answer that are read at most, unless the target says otherwise.
pub const READ_LIMIT_BYTES: u32 = 64 * 1024;

/// The answer is held in memory, once for each probe that runs.
const READ_LIMIT_MAX_BYTES: u32 = 1024 * 1024;

/// The keys of a `tcp://` target beside those that every target has.
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Text to send once connected; `\r` `\n` `\t` `\0` `\xHH` stand for bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub send: Option<String>,
    /// Text, with the same escapes, that the answer must hold; with `send` alone any answer will do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expect: Option<String>,
    /// Bytes of the answer that are searched, at most 1048576.
    #[schemars(range(min = 1, max = 1_048_576))]
    pub read_limit_bytes: u32,
    /// IP version to use: `any`, `4` or `6`.
    pub ip: AddressFamily,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            send: None,
            expect: None,
            read_limit_bytes: READ_LIMIT_BYTES,
            ip: AddressFamily::default(),
        }
    }
}

impl fmt::Debug for Settings {
    /// What is sent may be a credential.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("send_bytes", &self.send.as_ref().map(String::len))
            .field("expect_bytes", &self.expect.as_ref().map(String::len))
            .field("read_limit_bytes", &self.read_limit_bytes)
            .field("ip", &self.ip)
            .finish()
    }
}

impl Settings {
    fn findings(&self) -> impl Iterator<Item = Finding> {
        let texts = [("send", &self.send), ("expect", &self.expect)];
        let texts = texts.into_iter().filter_map(|(key, text)| match text.as_deref()? {
            "" => Some(Finding::new(
                key,
                format!("{key} is empty; write a text or leave it out"),
            )),
            text => payload::check(key, text),
        });
        let limit = self.read_limit_bytes;
        let outside = !(1..=READ_LIMIT_MAX_BYTES).contains(&limit);
        let message = || format!("read_limit_bytes is {limit}; use 1 to {READ_LIMIT_MAX_BYTES}");
        texts.chain(outside.then(|| Finding::new("read_limit_bytes", message())))
    }

    /// `None`: a connection is all that is wanted.
    fn dialogue(&self) -> Result<Option<Exchange>, String> {
        if let Some(finding) = self.findings().next() {
            return Err(finding.message);
        }
        if self.send.is_none() && self.expect.is_none() {
            return Ok(None);
        }
        let bytes = |text: &Option<String>| payload::parse(text.as_deref().unwrap_or_default());
        Ok(Some(Exchange {
            send: bytes(&self.send).map_err(|error| error.message)?,
            expect: bytes(&self.expect).map_err(|error| error.message)?,
            limit_bytes: self.read_limit_bytes as usize,
        }))
    }
}

pub static KIND: Kind = Kind {
    name: "tcp",
    schemes: &["tcp"],
    about: "a TCP connection, and a message and its answer on it where wanted",
    example: "tcp://db.example:5432",
    phases: &[Phase::Dns, Phase::Connect, Phase::FirstByte, Phase::Transfer],
    ..Kind::of::<Settings>()
};

impl KindSettings for Settings {
    const KIND: &'static Kind = &KIND;

    fn check(&self, url: &Url) -> Vec<Finding> {
        let url = endpoint::check_bare(url, self.ip);
        url.into_iter().chain(self.findings()).collect()
    }

    fn probe(&self, url: &Url, context: ProbeContext<'_>) -> Result<Arc<dyn Probe>, String> {
        Ok(Arc::new(Tcp::try_new(context.clock.clone(), url, self)?))
    }
}

/// Connects to one host and port.
pub struct Tcp {
    clock: Clock,
    endpoint: Endpoint,
    dialogue: Option<Exchange>,
}

impl Tcp {
    /// # Errors
    /// Says what is wrong with `url` and what to write instead: no host, no port, or a path; or with `settings`.
    pub fn try_new(clock: Clock, url: &Url, settings: &Settings) -> Result<Self, String> {
        Ok(Self {
            clock,
            endpoint: Endpoint::bare(url, settings.ip)?,
            dialogue: settings.dialogue()?,
        })
    }

    async fn attempt(&self, deadline: Timestamp) -> Attempt {
        let mut watch = Stopwatch::start(&self.clock, deadline);
        let mut answer = Answer::default();
        let result = self.converse(&mut watch, &mut answer).await;
        watch.finish(result, answer.address.is_some().then(|| Box::new(answer)))
    }

    async fn converse(&self, watch: &mut Stopwatch, answer: &mut Answer) -> Result<(), Failure> {
        let (mut stream, address) = self.endpoint.connect(watch).await?;
        answer.address = Some(address);
        let Some(dialogue) = &self.dialogue else {
            return Ok(());
        };
        let mut said = Vec::new();
        let result = dialogue.hold(watch, &mut stream, &mut said).await;
        answer.facts.extend(payload::fact(&said));
        result
    }
}

impl Probe for Tcp {
    fn probe(&self, deadline: Timestamp) -> Pin<Box<dyn Future<Output = Attempt> + Send + '_>> {
        Box::pin(self.attempt(deadline))
    }
}
