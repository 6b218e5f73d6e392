//! A TLS handshake as a target: whether the certificate holds, and for how long yet.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use probetop_core::clock::{Clock, Timestamp};
use probetop_core::sample::{Answer, Fact, Failure, Phase, Text, Word};
use probetop_core::setting::Finding;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::{Inspection, Inspector, Roots};
use crate::source::attempt::Stopwatch;
use crate::source::endpoint::{self, Endpoint};
use crate::source::kind::{Kind, KindGauge, KindSettings, Levels, ProbeContext};
use crate::source::{AddressFamily, Attempt, Probe};

/// Days until the first certificate of a chain ends. Authorities issue for 90 days and renew when 30 are left.
pub const EXPIRES: KindGauge = KindGauge::judged(
    "certificate_expires_days",
    "days until the first certificate of the chain ends; negative: it has",
    Levels::new(30.0, 7.0),
);

/// RFC 7301, 3.1: the length of a protocol's name is one byte.
const ALPN_LENGTH_LIMIT: usize = 255;

/// The keys of a `tls://` target beside those that every target has.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The name to ask for (SNI), which the certificate must be for; the host of the URL when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_name: Option<String>,
    /// Application protocols to offer (ALPN), most wanted first, such as `["h2", "http/1.1"]`.
    pub alpn: Vec<String>,
    /// IP version to use: `any`, `4` or `6`.
    pub ip: AddressFamily,
}

pub static KIND: Kind = Kind {
    name: "tls",
    schemes: &["tls"],
    about: "a TLS handshake: chain, name and days until the first certificate of the chain ends",
    example: "tls://shop.example:443",
    phases: &[Phase::Dns, Phase::Connect, Phase::Tls],
    gauges: &[EXPIRES],
    ..Kind::of::<Settings>()
};

impl KindSettings for Settings {
    const KIND: &'static Kind = &KIND;

    fn check(&self, url: &Url) -> Vec<Finding> {
        let mut findings: Vec<_> = endpoint::needs_port(url).into_iter().collect();
        if let Err(message) = self.name() {
            findings.push(Finding::new("server_name", message));
        }
        let unfit = |protocol: &String| protocol.is_empty() || protocol.len() > ALPN_LENGTH_LIMIT;
        if let Some(index) = self.alpn.iter().position(unfit) {
            let message = "a protocol's name has 1 to 255 bytes; write for example \"h2\"";
            findings.push(Finding::new("alpn", message).item(index));
        }
        findings
    }

    fn probe(&self, url: &Url, context: ProbeContext<'_>) -> Result<Arc<dyn Probe>, String> {
        Ok(Arc::new(Tls::try_new(context.clock.clone(), url, self)?))
    }
}

impl Settings {
    fn name(&self) -> Result<Option<Host>, String> {
        let Some(name) = &self.server_name else {
            return Ok(None);
        };
        let parsed = Host::parse(name);
        let parsed =
            parsed.map_err(|error| format!("{name:?} is not a name: {error}; write for example shop.example"))?;
        Ok(Some(parsed))
    }
}

/// Shakes hands with one host and port, and hangs up.
pub struct Tls {
    clock: Clock,
    endpoint: Endpoint,
    /// Whom the certificate must be for.
    name: Host,
    alpn: Vec<String>,
    inspector: Inspector,
}

impl Tls {
    /// Trusts this machine's certificate authorities.
    ///
    /// # Errors
    /// Says what is wrong with `url` or `settings` and what to write instead.
    pub fn try_new(clock: Clock, url: &Url, settings: &Settings) -> Result<Self, String> {
        let endpoint = Endpoint::try_new(url, settings.ip)?;
        if endpoint::has_more(url) {
            let Endpoint { host, port, .. } = endpoint;
            return Err(format!("a TLS handshake has no path; write tls://{host}:{port}"));
        }
        let name = settings.name()?.unwrap_or_else(|| endpoint.host.clone());
        Ok(Self {
            clock,
            endpoint,
            name,
            alpn: settings.alpn.clone(),
            inspector: inspector(Roots::system(), &settings.alpn),
        })
    }

    /// Trusts `roots` instead.
    pub fn trusting(mut self, roots: Roots) -> Self {
        self.inspector = Inspector::new(roots, &offered(&self.alpn));
        self
    }

    async fn attempt(&self, deadline: Timestamp) -> Attempt {
        let mut watch = Stopwatch::start(&self.clock, deadline);
        let mut answer = Answer::default();
        let result = self.shake_hands(&mut watch, &mut answer).await;
        watch.finish(result, answer.address.is_some().then(|| Box::new(answer)))
    }

    async fn shake_hands(&self, watch: &mut Stopwatch, answer: &mut Answer) -> Result<(), Failure> {
        let (stream, address) = self.endpoint.connect(watch).await?;
        answer.address = Some(address);
        let wall = self.clock.wall();
        let inspection = self.inspector.inspect(stream, &self.name, wall);
        let inspection = watch.phase(Phase::Tls, inspection).await?;
        answer.tls = inspection.version.map(Word::of);
        answer.facts = facts(&inspection);
        if let Some(chain) = &inspection.chain {
            answer.gauges.push(chain.gauge(wall));
            answer.facts.extend(chain.fact());
        }
        inspection.verdict.map_err(|fault| fault.during(Phase::Tls))
    }
}

impl Probe for Tls {
    fn probe(&self, deadline: Timestamp) -> Pin<Box<dyn Future<Output = Attempt> + Send + '_>> {
        Box::pin(self.attempt(deadline))
    }
}

/// What is worth a line, the most asked for first.
fn facts(inspection: &Inspection) -> Vec<Fact> {
    let own = inspection.certificate.as_ref();
    let lines = [
        ("certificate_expires", own.and_then(|own| own.ends.date())),
        ("certificate_subject", own.map(|own| own.subject.clone())),
        ("certificate_names", own.map(|own| own.names.clone())),
        ("certificate_issuer", own.map(|own| own.issuer.clone())),
        ("certificate_serial", own.map(|own| own.serial.clone())),
        ("chain_length", Some(Text::from(inspection.chain_length.to_string()))),
        ("cipher", inspection.cipher.clone()),
        ("alpn", inspection.alpn.clone()),
    ];
    lines
        .into_iter()
        .filter_map(|(name, value)| Some(Fact::new(name, value?)))
        .collect()
}

/// Shared by all targets that offer nothing of their own.
fn inspector(roots: Roots, alpn: &[String]) -> Inspector {
    static PLAIN: OnceLock<Inspector> = OnceLock::new();
    if alpn.is_empty() {
        PLAIN.get_or_init(|| Inspector::new(roots, &[])).clone()
    } else {
        Inspector::new(roots, &offered(alpn))
    }
}

fn offered(alpn: &[String]) -> Vec<&[u8]> {
    alpn.iter().map(String::as_bytes).collect()
}
