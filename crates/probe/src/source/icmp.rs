//! An ICMP echo: whether a host is there, and how far away.

mod packet;
mod socket;

use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use packet::Echo;
use probetop_core::clock::{Clock, Timestamp};
use probetop_core::sample::{Answer, Failure, FailureKind, Phase};
use probetop_core::setting::Finding;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use socket::IcmpSocket;
use url::{Host, Url};

use super::attempt::{Fault, Stopwatch};
use super::endpoint;
use super::kind::{Kind, KindSettings, ProbeContext};
use super::nonce::nonce;
use super::resolve::{self, resolve};
use super::{AddressFamily, Attempt, Probe};

/// Ours have 64 bytes, after a header of at most 60 over IPv4. What is longer is somebody else's, and stays so when it
/// is cut.
const RECEIVE_BYTES: usize = 256;

/// The keys of an `icmp://` target beside those that every target has.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// IP version to use: `any`, `4` or `6`.
    pub ip: AddressFamily,
}

pub static KIND: Kind = Kind {
    name: "icmp",
    schemes: &["icmp"],
    about: "an ICMP echo, as ping sends it",
    example: "icmp://router.example",
    phases: &[Phase::Dns, Phase::Message],
    ..Kind::of::<Settings>()
};

impl KindSettings for Settings {
    const KIND: &'static Kind = &KIND;

    fn check(&self, url: &Url) -> Vec<Finding> {
        let wrong = host(url, self.ip).err();
        wrong.map(|message| Finding::new("url", message)).into_iter().collect()
    }

    fn probe(&self, url: &Url, context: ProbeContext<'_>) -> Result<Arc<dyn Probe>, String> {
        Ok(Arc::new(Icmp::try_new(context.clock.clone(), url, self)?))
    }
}

/// # Errors
/// Says what is wrong with `url` and what to write instead.
fn host(url: &Url, family: AddressFamily) -> Result<Host, String> {
    let host = endpoint::host_of(url)?;
    if url.port().is_some() || endpoint::has_more(url) {
        return Err(format!("an echo has neither port nor path; write icmp://{host}"));
    }
    resolve::check(&host, family)?;
    Ok(host)
}

/// Sends echo requests to one host.
#[derive(Debug)]
pub struct Icmp {
    clock: Clock,
    host: Host,
    family: AddressFamily,
    sequence: AtomicU16,
}

impl Icmp {
    /// # Errors
    /// Says what is wrong with `url`, or how to get the right to send ICMP.
    pub fn try_new(clock: Clock, url: &Url, settings: &Settings) -> Result<Self, String> {
        let host = host(url, settings.ip)?;
        socket::check(match (&host, settings.ip) {
            (Host::Ipv6(_), _) | (Host::Domain(_), AddressFamily::V6) => IpAddr::V6(Ipv6Addr::LOCALHOST),
            (Host::Ipv4(_) | Host::Domain(_), _) => IpAddr::V4(Ipv4Addr::LOCALHOST),
        })?;
        Ok(Self {
            clock,
            host,
            family: settings.ip,
            sequence: AtomicU16::new(0),
        })
    }

    async fn attempt(&self, deadline: Timestamp) -> Attempt {
        let mut watch = Stopwatch::start(&self.clock, deadline);
        match self.echo(&mut watch).await {
            Ok(answer) => watch.finish(Ok(()), Some(Box::new(answer))),
            Err(failure) => watch.finish(Err(failure), None),
        }
    }

    async fn echo(&self, watch: &mut Stopwatch) -> Result<Answer, Failure> {
        let addresses = resolve(watch, &self.host, 0, self.family).await?;
        let exchange = async {
            let mut refused = Fault::new(FailureKind::Unreachable, "no address to send to");
            for address in addresses {
                match self.exchange(address).await {
                    Ok(()) => return Ok(address),
                    Err(error) => refused = not_delivered(&error, address.ip()),
                }
            }
            Err(refused)
        };
        let address: SocketAddr = watch.phase(Phase::Message, exchange).await?;
        Ok(Answer {
            address: Some(address),
            ..Answer::default()
        })
    }

    /// There and back. Packets that are none of ours are read over.
    async fn exchange(&self, address: SocketAddr) -> io::Result<()> {
        let host = address.ip();
        let socket = IcmpSocket::connect(address).await?;
        let sequence = self.sequence.fetch_add(1, Ordering::Relaxed);
        let echo = Echo::new(host, nonce() as u16, sequence, nonce());
        socket.send(&echo.request()).await?;
        let mut packet = [0; RECEIVE_BYTES];
        loop {
            let length = socket.receive(&mut packet).await?;
            let received = packet.get(..length).unwrap_or_default();
            if echo.is_answered_by(received, socket.envelope, socket.identifier) {
                return Ok(());
            }
        }
    }
}

impl Probe for Icmp {
    fn probe(&self, deadline: Timestamp) -> Pin<Box<dyn Future<Output = Attempt> + Send + '_>> {
        Box::pin(self.attempt(deadline))
    }
}

fn not_delivered(error: &io::Error, host: IpAddr) -> Fault {
    let fault = Fault::from(error);
    let message = if fault.kind == FailureKind::Local {
        format!("cannot send to {host}: {fault}")
    } else if fault.kind == FailureKind::Refused {
        format!("{host} refuses echo requests")
    } else {
        format!("{host} is unreachable: {fault}")
    };
    Fault::new(fault.kind, message)
}
