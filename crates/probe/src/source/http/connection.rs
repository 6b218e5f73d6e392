//! A connection to one origin: opened step by step, used for one request at a time, handed back when it can be used again.

mod exchange;

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use probetop_core::sample::{Fact, Failure, FailureKind, Phase, Text};
use tokio::net::TcpStream;

use super::head::HEAD_LIMIT_BYTES;
use super::http2::{Http2, Limits};
use super::origin::{Origin, Scheme};
use super::reach::{AddressScope, Reach};
use super::route::{Destination, Proxy};
use super::settings::{HttpVersion, Permission};
use super::tunnel;
use crate::source::attempt::{Fault, Stopwatch};
use crate::source::connect::connect;
use crate::source::idle::Kept;
use crate::source::link::Link;
use crate::source::resolve::resolve;
use crate::source::{AddressFamily, tls, zone};

/// What a peer may send over HTTP/2.
const LIMITS: Limits = Limits {
    head_bytes: HEAD_LIMIT_BYTES as u32,
    window_bytes: None,
};

/// What is offered over TLS, most wanted first.
pub(super) const fn protocols(version: HttpVersion) -> &'static [&'static [u8]] {
    match version {
        HttpVersion::Auto => &[b"h2", b"http/1.1"],
        HttpVersion::Http1 => &[b"http/1.1"],
        HttpVersion::Http2 => &[b"h2"],
    }
}

/// Stands between one origin and us.
pub(super) struct Connection {
    /// Whether it carried an earlier probe.
    pub reused: bool,
    peer: Peer,
    carrier: Carrier,
}

struct Peer {
    origin: Origin,
    /// `None`: it has none, as a Unix socket.
    address: Option<SocketAddr>,
    tls: Option<Session>,
    /// Who passes every request on.
    forwarder: Option<Arc<Proxy>>,
    /// What is told with every answer.
    facts: Vec<Fact>,
}

/// What the handshake told, and what is told with every answer over it.
struct Session {
    version: Option<&'static str>,
    chain: Option<tls::Chain>,
}

/// What is spoken over it.
enum Carrier {
    Http1(Link),
    Http2(Http2),
}

/// Where a connection goes, and how far it may.
pub(super) struct Way<'a> {
    pub destination: Destination<'a>,
    pub reach: Reach,
}

impl Connection {
    /// Goes through the phases that come before a request.
    pub(super) async fn open(
        watch: &mut Stopwatch,
        origin: &Origin,
        way: Way<'_>,
        version: HttpVersion,
        tls: impl FnOnce() -> tls::Client,
    ) -> Result<Self, Failure> {
        // Nobody is between the two ends of a socket of this machine.
        let is_local = matches!(way.destination, Destination::Unix(_));
        let mut peer = Peer::new(origin.clone());
        let link = peer.meet(watch, way).await?;
        let carrier = if is_local || origin.scheme == Scheme::Http {
            match version {
                HttpVersion::Auto | HttpVersion::Http1 => Carrier::Http1(link),
                HttpVersion::Http2 => watch.phase(Phase::Connect, speak_http2(link)).await?,
            }
        } else {
            peer.secure(watch, link, version, &tls()).await?
        };
        Ok(Self {
            reused: false,
            peer,
            carrier,
        })
    }

    pub(super) fn is_to(&self, origin: &Origin) -> bool {
        self.peer.origin == *origin
    }

    /// Whether it is to `address`, where one is wanted.
    pub(super) fn is_at(&self, address: Option<SocketAddr>) -> bool {
        address.is_none() || self.peer.address == address
    }
}

impl Kept for Connection {
    fn is_alive(&mut self) -> bool {
        match &mut self.carrier {
            Carrier::Http1(link) => link.is_alive(),
            Carrier::Http2(http2) => !http2.is_gone(),
        }
    }
}

impl Peer {
    const fn new(origin: Origin) -> Self {
        Self {
            origin,
            address: None,
            tls: None,
            forwarder: None,
            facts: Vec::new(),
        }
    }

    fn tell(&mut self, name: &'static str, value: impl Into<Text>) {
        let value = value.into();
        self.facts.push(Fact::new(name, value));
    }

    /// Connects to where the way leads.
    async fn meet(&mut self, watch: &mut Stopwatch, way: Way<'_>) -> Result<Link, Failure> {
        let Way { destination, reach } = way;
        let (stream, address) = match destination {
            Destination::Unix(path) => {
                let link = Link::open_unix(watch, path).await?;
                self.tell("socket", path.to_string_lossy().as_ref());
                return Ok(link);
            }
            Destination::Address(address) => connect(watch, vec![address]).await?,
            Destination::Pinned(pinned, port) => {
                let address = pinned.at(port).map_err(Fault::after_all_phases)?;
                connect(watch, vec![address]).await?
            }
            Destination::Name(family) => {
                let addresses = self.addresses(watch, family, reach).await?;
                connect(watch, addresses).await?
            }
            Destination::Proxy(..) if !reach.permits(AddressScope::of_host(&self.origin.host)) => {
                return Err(out_of_reach(&self.origin.host));
            }
            Destination::Proxy(proxy, family) => {
                self.forwarder = (self.origin.scheme == Scheme::Http).then(|| Arc::clone(proxy));
                self.tell("proxy", format!("{}:{}", proxy.host, proxy.port));
                through(proxy, family, &self.origin, watch).await?
            }
        };
        self.address = Some(address);
        Ok(stream.into())
    }

    /// Those of the origin's name that are within reach.
    async fn addresses(
        &self,
        watch: &mut Stopwatch,
        family: AddressFamily,
        reach: Reach,
    ) -> Result<Vec<SocketAddr>, Failure> {
        let mut addresses = resolve(watch, &self.origin.host, self.origin.port, family).await?;
        let first = addresses.first().map(SocketAddr::ip);
        addresses.retain(|address| reach.permits(AddressScope::of(address.ip())));
        match first {
            Some(first) if addresses.is_empty() => Err(out_of_reach(&first)),
            Some(_) | None => Ok(addresses),
        }
    }

    /// Shakes hands, and begins to speak what was agreed on.
    async fn secure(
        &mut self,
        watch: &mut Stopwatch,
        link: Link,
        wanted: HttpVersion,
        client: &tls::Client,
    ) -> Result<Carrier, Failure> {
        let secured = async {
            let link = link.secure(client, &self.origin.host).await?;
            let session = Session {
                version: link.tls_version(),
                chain: link.chain(client),
            };
            let carrier = match (link.agreed_on(b"h2"), wanted) {
                (true, _) => speak_http2(link).await?,
                (false, HttpVersion::Http2) => {
                    return Err(Fault::new(FailureKind::Protocol, "peer does not offer HTTP/2"));
                }
                (false, HttpVersion::Auto | HttpVersion::Http1) => Carrier::Http1(link),
            };
            Ok((carrier, session))
        };
        let (carrier, session) = watch.phase(Phase::Tls, secured).await?;
        self.facts.extend(session.chain.as_ref().and_then(tls::Chain::fact));
        self.tls = Some(session);
        if client.is_insecure() {
            self.tell("insecure", "certificate not checked");
        }
        Ok(carrier)
    }
}

/// A redirect from elsewhere that leads inside.
fn out_of_reach(address: &impl fmt::Display) -> Failure {
    let allow = Permission::ReachLocal.remedy();
    let message =
        format!("the redirect leads to {address}, which only this machine or its own network can reach; {allow}");
    Fault::new(FailureKind::Redirect, message).after_all_phases()
}

/// A connection by way of a proxy, which passes requests on or, where they are encrypted, all that comes.
async fn through(
    proxy: &Proxy,
    family: AddressFamily,
    origin: &Origin,
    watch: &mut Stopwatch,
) -> Result<(TcpStream, SocketAddr), Failure> {
    let found = resolve(watch, &proxy.host, proxy.port, family);
    let found = zone::within(proxy.zone.as_ref(), found).await;
    let addresses = found.map_err(Fault::after_all_phases)??;
    let (mut stream, address) = connect(watch, addresses).await?;
    if origin.scheme == Scheme::Https {
        let dug = tunnel::dig(&mut stream, proxy, origin);
        watch.phase(Phase::Connect, dug).await?;
    }
    Ok((stream, address))
}

async fn speak_http2(link: Link) -> Result<Carrier, Fault> {
    Http2::open(link, LIMITS).await.map(Carrier::Http2)
}
