//! A UDP datagram and the one that answers it.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use probetop_core::clock::{Clock, Timestamp};
use probetop_core::sample::{Answer, Failure, FailureKind, Phase};
use probetop_core::setting::Finding;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use super::attempt::{Fault, Stopwatch};
use super::endpoint::{self, Endpoint};
use super::kind::{Kind, KindSettings, ProbeContext};
use super::{AddressFamily, Attempt, Probe, datagram, payload};

/// What one datagram carries at most over IPv4: 65,535 bytes less the headers of IP and UDP.
const SEND_LIMIT_BYTES: usize = 65_507;

/// The keys of a `udp://` target beside those that every target has.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Text of the datagram; `\r` `\n` `\t` `\0` `\xHH` stand for bytes; an empty datagram when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub send: Option<String>,
    /// Text, with the same escapes, that the answer must hold; any answer will do when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expect: Option<String>,
    /// IP version to use: `any`, `4` or `6`.
    pub ip: AddressFamily,
}

impl fmt::Debug for Settings {
    /// What is sent may be a credential.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("send_bytes", &self.send.as_ref().map(String::len))
            .field("expect_bytes", &self.expect.as_ref().map(String::len))
            .field("ip", &self.ip)
            .finish()
    }
}

pub static KIND: Kind = Kind {
    name: "udp",
    schemes: &["udp"],
    about: "a UDP datagram and its answer",
    example: "udp://game.example:27015",
    phases: &[Phase::Dns, Phase::Message],
    ..Kind::of::<Settings>()
};

impl KindSettings for Settings {
    const KIND: &'static Kind = &KIND;

    fn check(&self, url: &Url) -> Vec<Finding> {
        let texts = [("send", &self.send), ("expect", &self.expect)];
        let texts = texts
            .into_iter()
            .filter_map(|(key, text)| payload::check(key, text.as_deref()?));
        let send = payload::parse(self.send.as_deref().unwrap_or_default());
        let too_long = send.ok().filter(|send| send.len() > SEND_LIMIT_BYTES).map(|send| {
            let message = format!(
                "send is {} bytes; a datagram has at most {SEND_LIMIT_BYTES}",
                send.len()
            );
            Finding::new("send", message)
        });
        let url = endpoint::check_bare(url, self.ip);
        url.into_iter().chain(texts).chain(too_long).collect()
    }

    fn probe(&self, url: &Url, context: ProbeContext<'_>) -> Result<Arc<dyn Probe>, String> {
        Ok(Arc::new(Udp::try_new(context.clock.clone(), url, self)?))
    }
}

/// Asks one host and port.
pub struct Udp {
    clock: Clock,
    endpoint: Endpoint,
    send: Vec<u8>,
    expect: Vec<u8>,
}

impl Udp {
    /// # Errors
    /// Says what is wrong with `url` or `settings` and what to write instead.
    pub fn try_new(clock: Clock, url: &Url, settings: &Settings) -> Result<Self, String> {
        let bytes = |text: &Option<String>| payload::parse(text.as_deref().unwrap_or_default());
        Ok(Self {
            clock,
            endpoint: Endpoint::bare(url, settings.ip)?,
            send: bytes(&settings.send).map_err(|error| error.message)?,
            expect: bytes(&settings.expect).map_err(|error| error.message)?,
        })
    }

    async fn attempt(&self, deadline: Timestamp) -> Attempt {
        let mut watch = Stopwatch::start(&self.clock, deadline);
        let mut answer = Answer::default();
        let result = self.ask(&mut watch, &mut answer).await;
        watch.finish(result, answer.address.is_some().then(|| Box::new(answer)))
    }

    async fn ask(&self, watch: &mut Stopwatch, answer: &mut Answer) -> Result<(), Failure> {
        let addresses = self.endpoint.resolve(watch).await?;
        let exchange = datagram::exchange(&addresses, &self.send, |said| Some(Ok(said.to_vec())));
        let (said, address) = watch.phase(Phase::Message, exchange).await?;
        answer.address = Some(address);
        answer.facts.extend(payload::fact(&said));
        if payload::contains(&said, &self.expect) {
            return Ok(());
        }
        let message = format!("not the answer expected: '{}'", payload::shown(&said));
        Err(Fault::new(FailureKind::Expect, message).after_all_phases())
    }
}

impl Probe for Udp {
    fn probe(&self, deadline: Timestamp) -> Pin<Box<dyn Future<Output = Attempt> + Send + '_>> {
        Box::pin(self.attempt(deadline))
    }
}
