//! A connection to one origin: opened step by step, used for one request at a time, handed back when it can be used again.

mod exchange;

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::{TcpStream, UnixStream};
use tokio::task::JoinHandle;

use super::fault;
use super::head::HEAD_LIMIT_BYTES;
use super::origin::{Origin, Scheme};
use super::reach::{Locality, Reach};
use super::route::{Destination, Proxy};
use super::settings::{HttpVersion, Permission};
use super::stream::Stream;
use super::tunnel;
use crate::sample::{Fact, Failure, FailureKind, Phase, Text};
use crate::source::attempt::{Fault, Stopwatch, reason};
use crate::source::connect::connect;
use crate::source::idle::Kept;
use crate::source::resolve::resolve;
use crate::source::tls;

/// What is offered over TLS, most wanted first.
pub const fn protocols(version: HttpVersion) -> &'static [&'static [u8]] {
    match version {
        HttpVersion::Auto => &[b"h2", b"http/1.1"],
        HttpVersion::Http1 => &[b"http/1.1"],
        HttpVersion::Http2 => &[b"h2"],
    }
}

/// Stands between one origin and us.
pub struct Connection {
    /// Whether it carried an earlier probe.
    pub reused: bool,
    peer: Peer,
    link: Link,
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

enum Link {
    Http1(Stream),
    Http2(Http2),
}

/// HTTP/2 keeps a task of its own: it has to answer settings and pings while idle.
struct Http2 {
    sender: SendRequest<Full<Bytes>>,
    task: JoinHandle<()>,
}

impl Drop for Http2 {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Where a connection goes, and how far it may.
pub struct Way<'a> {
    pub destination: Destination<'a>,
    pub reach: Reach,
}

impl Connection {
    /// Goes through the phases that come before a request.
    pub async fn open(
        watch: &mut Stopwatch,
        origin: &Origin,
        Way { destination, reach }: Way<'_>,
        version: HttpVersion,
        tls: impl FnOnce() -> tls::Client,
    ) -> Result<Self, Failure> {
        let mut peer = Peer::new(origin.clone());
        let (stream, address) = match destination {
            Destination::Name(family) => {
                let mut addresses = resolve(watch, &origin.host, origin.port, family).await?;
                let first = addresses.first().map(SocketAddr::ip);
                addresses.retain(|address| reach.permits(Locality::of(address.ip())));
                match first {
                    Some(first) if addresses.is_empty() => return Err(out_of_reach(&first)),
                    Some(_) | None => connect(watch, addresses).await?,
                }
            }
            Destination::Address(address) => connect(watch, vec![address]).await?,
            Destination::Unix(path) => {
                let stream = watch.phase(Phase::Connect, connect_unix(path)).await?;
                let link = watch
                    .phase(Phase::Connect, plain(Stream::unix(stream), version))
                    .await?;
                peer.tell("socket", path.to_string_lossy().as_ref());
                return Ok(Self::new(peer, link));
            }
            Destination::Proxy(..) if !reach.permits(Locality::of_host(&origin.host)) => {
                return Err(out_of_reach(&origin.host));
            }
            Destination::Proxy(proxy, family) => {
                let addresses = resolve(watch, &proxy.host, proxy.port, family).await?;
                let (mut stream, address) = connect(watch, addresses).await?;
                match origin.scheme {
                    Scheme::Http => peer.forwarder = Some(Arc::clone(proxy)),
                    Scheme::Https => {
                        let dug = tunnel::dig(&mut stream, proxy, origin);
                        watch.phase(Phase::Connect, dug).await?;
                    }
                }
                peer.tell("proxy", format!("{}:{}", proxy.host, proxy.port));
                (stream, address)
            }
        };
        peer.address = Some(address);
        let link = match origin.scheme {
            Scheme::Http => {
                watch
                    .phase(Phase::Connect, plain(Stream::plain(stream), version))
                    .await?
            }
            Scheme::Https => {
                let client = tls();
                let insecure = client.is_insecure();
                let secured = secure(client, stream, origin, version);
                let (link, session) = watch.phase(Phase::Tls, secured).await?;
                peer.facts.extend(session.chain.as_ref().and_then(tls::Chain::fact));
                peer.tls = Some(session);
                if insecure {
                    peer.tell("insecure", "certificate not checked");
                }
                link
            }
        };
        Ok(Self::new(peer, link))
    }

    fn new(peer: Peer, link: Link) -> Self {
        Self {
            reused: false,
            peer,
            link,
        }
    }

    pub fn is_to(&self, origin: &Origin) -> bool {
        self.peer.origin == *origin
    }

    /// Whether it is to `address`, where one is wanted.
    pub fn is_at(&self, address: Option<SocketAddr>) -> bool {
        address.is_none() || self.peer.address == address
    }
}

impl Kept for Connection {
    fn is_alive(&mut self) -> bool {
        match &mut self.link {
            Link::Http1(stream) => stream.is_idle(),
            Link::Http2(http2) => !http2.sender.is_closed(),
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
        self.facts.push(Fact { name, value });
    }
}

/// A redirect from elsewhere that leads inside.
fn out_of_reach(address: &impl std::fmt::Display) -> Failure {
    let allow = Permission::ReachLocal.remedy();
    let message =
        format!("the redirect leads to {address}, which only this machine or its own network can reach; {allow}");
    Fault::new(FailureKind::Redirect, message).after_all_phases()
}

async fn connect_unix(path: &Path) -> Result<UnixStream, Fault> {
    UnixStream::connect(path).await.map_err(|error| {
        let kind = match error.kind() {
            // A path without a socket is a port without a listener.
            io::ErrorKind::NotFound => FailureKind::Refused,
            _ => Fault::from(&error).kind,
        };
        Fault::new(
            kind,
            format!("cannot connect to {}: {}", path.display(), reason(&error)),
        )
    })
}

/// What is spoken without TLS.
async fn plain(stream: Stream, version: HttpVersion) -> Result<Link, Fault> {
    match version {
        HttpVersion::Auto | HttpVersion::Http1 => Ok(Link::Http1(stream)),
        HttpVersion::Http2 => speak_http2(stream).await,
    }
}

async fn secure(
    client: tls::Client,
    stream: TcpStream,
    origin: &Origin,
    wanted: HttpVersion,
) -> Result<(Link, Session), Fault> {
    let stream = client.handshake(stream, &origin.host).await?;
    let session = Session {
        version: tls::version(&stream),
        chain: client.chain(&stream),
    };
    let http2 = tls::agreed_on(&stream, b"h2");
    let stream = Stream::tls(stream);
    match (http2, wanted) {
        (true, _) => Ok((speak_http2(stream).await?, session)),
        (false, HttpVersion::Http2) => Err(Fault::new(FailureKind::Protocol, "peer does not offer HTTP/2")),
        (false, HttpVersion::Auto | HttpVersion::Http1) => Ok((Link::Http1(stream), session)),
    }
}

async fn speak_http2(stream: Stream) -> Result<Link, Fault> {
    let (sender, connection) = http2::Builder::new(TokioExecutor::new())
        .max_header_list_size(HEAD_LIMIT_BYTES as u32)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|error| fault::of_head(&error))?;
    let task = tokio::spawn(async move {
        // Whoever waits for an answer is told of an error; while idle nobody is, and the next probe opens anew.
        let _ = connection.await;
    });
    Ok(Link::Http2(Http2 { sender, task }))
}
