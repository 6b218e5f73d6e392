//! A DNS lookup, asked of one resolver: not through the system's library, so that no cache or hosts file answers.

mod record;
mod reader;
mod name;
mod message;
mod resolver;
mod settings;
mod expectation;

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use expectation::{Expectations, Facts};
use message::{Edns, Question, Response, rcode_name};
use probetop_core::clock::{Clock, Timestamp};
use probetop_core::sample::{Answer, Fact, Failure, FailureKind, Gauge, Phase, Word};
use probetop_core::setting::Finding;
use reader::Malformed;
use settings::Lookup;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use url::Url;

use super::attempt::{Fault, Stopwatch};
use super::connect::connect;
use super::datagram;
use super::kind::{Kind, KindGauge, KindSettings, ProbeContext};
use super::nonce::nonce;
use super::{AddressFamily, Attempt, Probe};

pub use record::RecordType;
pub use settings::{EXPECT_VARIABLES, Settings, Transport};

pub static KIND: Kind = Kind {
    name: "dns",
    schemes: &["dns"],
    about: "a DNS lookup at a resolver, or without one (`dns:///NAME`) at the system's",
    example: "dns://192.0.2.53/shop.example?type=A",
    phases: &[Phase::Dns, Phase::Connect, Phase::Query],
    gauges: &[
        KindGauge::told("answer_count", "records of the type that was asked for"),
        KindGauge::told("ttl_min_s", "the shortest time to live among the answers"),
    ],
    ..Kind::of::<Settings>()
};

impl KindSettings for Settings {
    const KIND: &'static Kind = &KIND;

    fn check(&self, url: &Url) -> Vec<Finding> {
        self.lookup(url)
            .err()
            .into_iter()
            .chain(self.condition_findings())
            .collect()
    }

    fn probe(&self, url: &Url, context: ProbeContext<'_>) -> Result<Arc<dyn Probe>, String> {
        Ok(Arc::new(Dns::try_new(context.clock.clone(), url, self)?))
    }
}

/// Asks one question.
pub struct Dns {
    clock: Clock,
    lookup: Lookup,
    transport: Transport,
    family: AddressFamily,
    expectations: Expectations,
    /// The server refuses EDNS, or is silent where it is offered.
    is_plain: AtomicBool,
    /// The server has answered in EDNS: its silence has another reason.
    knows_edns: AtomicBool,
}

/// What became of a question.
struct Reply {
    response: Response,
    address: SocketAddr,
    transport: Transport,
    /// The datagram said that there is more.
    truncated: bool,
}

impl Dns {
    /// # Errors
    /// Says what is wrong with `url` or `settings` and what to write instead.
    pub fn try_new(clock: Clock, url: &Url, settings: &Settings) -> Result<Self, String> {
        Ok(Self {
            clock,
            lookup: settings.lookup(url).map_err(|finding| finding.message)?,
            transport: settings.transport,
            family: settings.ip,
            expectations: Expectations::try_new(&settings.expect)?,
            is_plain: AtomicBool::new(false),
            knows_edns: AtomicBool::new(false),
        })
    }

    async fn attempt(&self, deadline: Timestamp) -> Attempt {
        let mut watch = Stopwatch::start(&self.clock, deadline);
        match self.ask(&mut watch).await {
            Ok(reply) => {
                let result = self.judge(&reply, &watch).map_err(Fault::after_all_phases);
                watch.finish(result, Some(Box::new(answer(reply))))
            }
            Err(failure) => watch.finish(Err(failure), None),
        }
    }

    /// A server that refuses EDNS, or drops what it does not understand, is asked again without, and from then on at once.
    async fn ask(&self, watch: &mut Stopwatch) -> Result<Reply, Failure> {
        let addresses = self.lookup.resolver.addresses(watch, self.family).await?;
        if !self.is_plain.load(Ordering::Relaxed) {
            match self.ask_with(watch, &addresses, Edns::Offered).await {
                Ok(reply) if !reply.response.refuses_edns() => {
                    self.knows_edns.fetch_or(reply.response.edns, Ordering::Relaxed);
                    return Ok(reply);
                }
                Err(failure) if failure.kind != FailureKind::Timeout || watch.left().is_zero() => return Err(failure),
                Ok(_) | Err(_) => {}
            }
        }
        let reply = self.ask_with(watch, &addresses, Edns::Left).await?;
        self.is_plain.store(!reply.response.refuses_edns(), Ordering::Relaxed);
        Ok(reply)
    }

    async fn ask_with(&self, watch: &mut Stopwatch, addresses: &[SocketAddr], edns: Edns) -> Result<Reply, Failure> {
        match self.transport {
            Transport::Udp => {
                let (response, address) = self.ask_by_datagram(watch, addresses, edns).await?;
                if response.truncated {
                    return self.ask_by_stream(watch, vec![address], true, edns).await;
                }
                Ok(Reply {
                    response,
                    address,
                    transport: Transport::Udp,
                    truncated: false,
                })
            }
            Transport::Tcp => self.ask_by_stream(watch, addresses.to_vec(), false, edns).await,
        }
    }

    async fn ask_by_datagram(
        &self,
        watch: &mut Stopwatch,
        addresses: &[SocketAddr],
        edns: Edns,
    ) -> Result<(Response, SocketAddr), Failure> {
        let question = &self.lookup.question;
        let id = nonce() as u16;
        let message = question.message(id, edns);
        // Answers to other questions are forged or strayed; waiting for ours goes on.
        let accept = |said: &[u8]| {
            let said = Some(said).filter(|said| message::answers(said, id))?;
            message::read(said, id, question).map_err(no_answer).transpose()
        };
        let exchange = datagram::exchange(addresses, &message, accept);
        if edns == Edns::Left || self.knows_edns.load(Ordering::Relaxed) {
            return watch.phase(Phase::Query, exchange).await;
        }
        // Half of the time is left to ask without.
        let patience = watch.left() / 2;
        let silent = |_elapsed| Err(Fault::new(FailureKind::Timeout, "no answer to a question with EDNS"));
        let offer = async { timeout(patience, exchange).await.unwrap_or_else(silent) };
        watch.phase(Phase::Query, offer).await
    }

    async fn ask_by_stream(
        &self,
        watch: &mut Stopwatch,
        addresses: Vec<SocketAddr>,
        truncated: bool,
        edns: Edns,
    ) -> Result<Reply, Failure> {
        let (stream, address) = connect(watch, addresses).await?;
        let response = watch
            .phase(Phase::Query, exchange(stream, &self.lookup.question, edns))
            .await?;
        Ok(Reply {
            response,
            address,
            transport: Transport::Tcp,
            truncated,
        })
    }

    /// A response that says no, or nothing, is a failure unless a condition is about just that.
    fn judge(&self, reply: &Reply, watch: &Stopwatch) -> Result<(), Fault> {
        let Reply {
            response, truncated, ..
        } = reply;
        let Question { name, record } = &self.lookup.question;
        if response.rcode != 0 && !self.expectations.mention(&["rcode"]) {
            let message = format!("{} for {name}", rcode_name(response.rcode));
            return Err(Fault::new(FailureKind::Status, message));
        }
        if response.answer_count == 0 && !self.expectations.mention(&["rcode", "answers"]) {
            let message = format!("no {} record for {name}", record.name());
            return Err(Fault::new(FailureKind::Status, message));
        }
        self.expectations.judge(&Facts {
            response,
            truncated: *truncated,
            latency: watch.latency(),
        })
    }
}

impl Probe for Dns {
    fn probe(&self, deadline: Timestamp) -> Pin<Box<dyn Future<Output = Attempt> + Send + '_>> {
        Box::pin(self.attempt(deadline))
    }
}

/// Over a stream each message has its length before it (RFC 1035, section 4.2.2), which bounds it to 65,535 bytes.
async fn exchange(mut stream: TcpStream, question: &Question, edns: Edns) -> Result<Response, Fault> {
    let id = nonce() as u16;
    let message = question.message(id, edns);
    let length = u16::try_from(message.len()).expect("a name has at most 255 bytes");
    // In one segment: some servers take the length alone for the whole.
    stream
        .write_all(&[&length.to_be_bytes()[..], &message].concat())
        .await?;
    let mut said = vec![0; usize::from(stream.read_u16().await?)];
    stream.read_exact(&mut said).await?;
    let response = message::read(&said, id, question).map_err(no_answer)?;
    response.ok_or_else(|| Fault::new(FailureKind::Protocol, "the answer is to another question"))
}

fn no_answer(Malformed(why): Malformed) -> Fault {
    Fault::new(FailureKind::Protocol, format!("the answer is not a DNS message: {why}"))
}

/// What the screen tells of a reply.
fn answer(reply: Reply) -> Answer {
    let response = reply.response;
    let mut facts = vec![Fact {
        name: "rcode".into(),
        value: rcode_name(response.rcode).into(),
    }];
    if !response.answers.is_empty() {
        facts.push(Fact {
            name: "answers".into(),
            value: response.answers.join(", ").into(),
        });
    }
    let mut gauges = vec![Gauge::new("answer_count", response.answer_count as f64)];
    gauges.extend(response.ttl_min_s.map(|ttl| Gauge::new("ttl_min_s", f64::from(ttl))));
    Answer {
        address: Some(reply.address),
        protocol: Some(Word::of(match reply.transport {
            Transport::Udp => "DNS over UDP",
            Transport::Tcp => "DNS over TCP",
        })),
        facts,
        gauges,
        ..Answer::default()
    }
}
