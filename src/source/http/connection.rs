//! A connection to one origin: opened step by step, used for one request at a time, handed back when it can be used again.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http2::{self, SendRequest};
use hyper::http::response;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::{TcpStream, UnixStream};
use tokio::task::JoinHandle;

use super::body::{self, Appetite, Body};
use super::fault;
use super::http1::Exchange;
use super::origin::{Origin, Scheme};
use super::request::Request;
use super::route::{Destination, Proxy};
use super::settings::HttpVersion;
use super::stream::Stream;
use super::tunnel;
use crate::sample::{Answer, Fact, Failure, FailureKind, Phase, Text};
use crate::source::attempt::{Fault, Stopwatch, reason};
use crate::source::connect::connect;
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

/// A longer head is refused. Servers and proxies stop at 8 to 64 KiB themselves.
pub const HEAD_LIMIT_BYTES: usize = 64 * 1024;

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
#[derive(Clone, Copy)]
struct Session {
    version: Option<&'static str>,
    certificate_ends: Option<tls::End>,
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

/// What one probe has gathered so far.
pub struct Journey {
    pub watch: Stopwatch,
    pub answer: Answer,
    pub reached: Reached,
    /// Which of a name's addresses has its turn.
    pub turn: Option<SocketAddr>,
}

/// Whether a connection to a peer stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reached {
    Yes,
    No,
}

/// An answer as it came.
#[derive(Debug)]
pub struct Reply {
    pub head: response::Parts,
    pub body: Body,
}

/// An exchange that failed.
#[derive(Debug)]
pub struct Broken {
    pub failure: Failure,
    answered: Answered,
}

/// Whether a byte of an answer came before the connection broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answered {
    Yes,
    No,
}

impl Connection {
    /// Goes through the phases that come before a request.
    pub async fn open(
        watch: &mut Stopwatch,
        origin: &Origin,
        destination: Destination<'_>,
        version: HttpVersion,
        tls: impl FnOnce() -> tls::Client,
    ) -> Result<Self, Failure> {
        let mut peer = Peer::new(origin.clone());
        let (stream, address) = match destination {
            Destination::Name(family) => {
                let addresses = resolve(watch, &origin.host, origin.port, family).await?;
                connect(watch, addresses).await?
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

    /// Whether it can still carry a request, as far as can be told without sending one.
    pub fn is_alive(&mut self) -> bool {
        match &mut self.link {
            Link::Http1(stream) => stream.is_idle(),
            Link::Http2(http2) => !http2.sender.is_closed(),
        }
    }

    /// Sends `request` and reads the answer. What is learnt on the way is noted in `journey`, whether or not it
    /// succeeds; the connection comes back if it can be used again.
    pub async fn exchange(
        self,
        journey: &mut Journey,
        request: &Request,
        appetite: Appetite,
    ) -> Result<(Reply, Option<Self>), Broken> {
        let Self { reused, peer, link } = self;
        let ends = peer.tls.and_then(|session| session.certificate_ends);
        journey.reached = Reached::Yes;
        journey.answer = Answer {
            address: peer.address,
            reused,
            tls: peer.tls.and_then(|session| session.version),
            redirects: journey.answer.redirects,
            facts: peer.facts.clone(),
            gauges: ends.map(|ends| ends.gauge(journey.watch.wall())).into_iter().collect(),
            ..Answer::default()
        };
        let (reply, link) = match link {
            Link::Http1(stream) => {
                let sent = match &peer.forwarder {
                    Some(proxy) => request.forwarded(proxy),
                    None => request.http1(),
                };
                over_http1(stream, journey, sent, appetite).await?
            }
            Link::Http2(http2) => over_http2(http2, journey, request, appetite).await?,
        };
        Ok((reply, link.map(|link| Self { reused, peer, link })))
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
        certificate_ends: tls::certificate_ends(&stream),
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

type Carried = Result<(Reply, Option<Link>), Broken>;

async fn over_http1(
    stream: Stream,
    journey: &mut Journey,
    request: hyper::Request<Full<Bytes>>,
    appetite: Appetite,
) -> Carried {
    let begun = Exchange::begin(stream).await.map_err(|error| fault::of_head(&error));
    let mut exchange = begun.map_err(|fault| Broken::unanswered(fault.during(Phase::FirstByte)))?;
    let head = exchange.send(request);
    let head = journey.watch.phase(Phase::FirstByte, named(head)).await;
    let (head, incoming) = match head {
        Ok(response) => response.into_parts(),
        Err(failure) if exchange.answered() => return Err(Broken::answered(failure)),
        Err(failure) => return Err(Broken::unanswered(failure)),
    };
    let body = exchange.drive(transfer(journey, &head, incoming, appetite)).await?;
    let stream = if body.truncated { None } else { exchange.finish().await };
    Ok((Reply { head, body }, stream.map(Link::Http1)))
}

async fn over_http2(mut http2: Http2, journey: &mut Journey, request: &Request, appetite: Appetite) -> Carried {
    let head = http2.sender.send_request(request.http2());
    let head = journey.watch.phase(Phase::FirstByte, named(head)).await;
    let (head, incoming) = match head {
        Ok(response) => response.into_parts(),
        Err(failure) if http2.sender.is_closed() => return Err(Broken::unanswered(failure)),
        // A stream that is reset while its connection stands is the peer's answer to this request.
        Err(failure) => return Err(Broken::answered(failure)),
    };
    let body = transfer(journey, &head, incoming, appetite).await?;
    let reusable = !body.truncated && !http2.sender.is_closed();
    Ok((Reply { head, body }, reusable.then_some(Link::Http2(http2))))
}

async fn named<T>(head: impl Future<Output = hyper::Result<T>>) -> Result<T, Fault> {
    head.await.map_err(|error| fault::of_head(&error))
}

/// Reads the body as the last phase.
async fn transfer(
    journey: &mut Journey,
    head: &response::Parts,
    incoming: Incoming,
    appetite: Appetite,
) -> Result<Body, Broken> {
    let Journey { watch, answer, .. } = journey;
    answer.status = Some(head.status.as_u16());
    answer.protocol = protocol(head.version);
    let mut body = Body::default();
    let read = async {
        let read = body::read(incoming, appetite, &mut body).await;
        read.map_err(|error| fault::of_body(&error, body.length))
    };
    let result = watch.phase(Phase::Transfer, read).await;
    answer.body_bytes = body.length;
    answer.truncated = body.truncated;
    result.map(|()| body).map_err(Broken::answered)
}

fn protocol(version: hyper::Version) -> Option<&'static str> {
    match version {
        hyper::Version::HTTP_10 => Some("HTTP/1.0"),
        hyper::Version::HTTP_11 => Some("HTTP/1.1"),
        hyper::Version::HTTP_2 => Some("HTTP/2"),
        _ => None,
    }
}

impl Broken {
    fn answered(failure: Failure) -> Self {
        let answered = Answered::Yes;
        Self { failure, answered }
    }

    fn unanswered(failure: Failure) -> Self {
        let answered = Answered::No;
        Self { failure, answered }
    }

    /// Whether the peer had given the connection up before it saw the request: then it says nothing about the service.
    pub fn was_stale(&self) -> bool {
        let gave_up = matches!(self.failure.kind, FailureKind::Closed | FailureKind::Reset);
        gave_up && self.answered == Answered::No
    }
}
