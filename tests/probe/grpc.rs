//! gRPC health probes against servers that play a script, and against a real etcd
//! (`cargo test --test probe grpc:: -- --include-ignored`).

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http_body_util::{BodyExt, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper::{HeaderMap, Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use probetop_core::sample::{Answer, FailureKind, Phase};
use probetop_probe::source::grpc::{Grpc, Settings};
use probetop_probe::source::idle::Connection;
use probetop_probe::source::tls::Roots;
use probetop_probe::source::{Attempt, Probe};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};
use url::Url;

use crate::support::attempt::{assert_failed, clock, phases};
use crate::support::certificates::{Authority, Files};
use crate::support::nginx::Ports;
use crate::support::raw_server::{RawServer, Step};
use crate::support::silence::assert_times_out;
use crate::support::sockets;

const PATIENCE: Duration = Duration::from_secs(20);
const FRESH: [Phase; 2] = [Phase::Connect, Phase::Query];
const WARM: [Phase; 1] = [Phase::Query];

fn grpc(url: &str, settings: &Settings) -> Grpc {
    Grpc::try_new(clock(), &Url::parse(url).unwrap(), settings, 4).unwrap()
}

async fn probe(grpc: &Grpc) -> Attempt {
    probe_within(grpc, PATIENCE).await
}

async fn probe_within(grpc: &Grpc, limit: Duration) -> Attempt {
    grpc.probe(clock().now() + limit).await
}

#[track_caller]
fn assert_ok(attempt: &Attempt, expected: &[Phase]) {
    assert!(attempt.outcome.is_ok(), "{attempt:?}");
    assert_eq!(phases(attempt), expected);
    let answer = attempt.answer.as_deref().unwrap();
    assert_eq!(serving(answer), Some("SERVING"));
}

fn serving(answer: &Answer) -> Option<&str> {
    let fact = answer.facts.iter().find(|fact| fact.name == "serving_status")?;
    Some(fact.value.as_str())
}

/// How a server answers every call.
#[derive(Clone, Default)]
struct Script {
    http_status: u16,
    headers: Vec<(&'static str, &'static str)>,
    data: Vec<Vec<u8>>,
    trailers: Option<Vec<(&'static str, &'static str)>>,
}

/// Answers with `message` and `grpc-status: 0`.
fn answering(message: &[u8]) -> Script {
    let length = (message.len() as u32).to_be_bytes();
    Script {
        http_status: 200,
        headers: vec![("content-type", "application/grpc+proto")],
        data: vec![[&[0], &length[..], message].concat()],
        trailers: Some(vec![("grpc-status", "0")]),
    }
}

fn map(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    let pairs = pairs
        .iter()
        .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
    pairs.collect()
}

struct Server {
    address: SocketAddr,
    /// The heads and bodies of the calls, and how many connections there were.
    seen: Seen,
    task: JoinHandle<()>,
}

impl Server {
    async fn start(script: Script) -> Self {
        Self::start_at("127.0.0.1:0".parse().unwrap(), script).await
    }

    async fn start_at(address: SocketAddr, script: Script) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Seen::default();
        let shared = Arc::clone(&seen);
        let task = tokio::spawn(async move {
            let mut serving = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (script, seen) = (script.clone(), Arc::clone(&shared));
                seen.lock().unwrap().1 += 1;
                let service = service_fn(move |request| play(request, script.clone(), Arc::clone(&seen)));
                let connection = http2::Builder::new(TokioExecutor::new());
                serving.spawn(connection.serve_connection(TokioIo::new(stream), service));
            }
        });
        Self { address, seen, task }
    }

    fn url(&self, service: &str) -> String {
        format!("grpc://{}/{service}", self.address)
    }

    async fn stop(self) -> SocketAddr {
        self.task.abort();
        let _ = self.task.await;
        self.address
    }
}

type Seen = Arc<Mutex<(Vec<(Request<()>, Bytes)>, usize)>>;
type Parts = futures_util::stream::Iter<std::vec::IntoIter<Result<Frame<Bytes>, Infallible>>>;

async fn play(
    request: Request<Incoming>,
    script: Script,
    seen: Seen,
) -> Result<Response<StreamBody<Parts>>, Infallible> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    seen.lock().unwrap().0.push((Request::from_parts(head, ()), body));
    let data = script.data.into_iter().map(|data| Frame::data(data.into()));
    let trailers = script.trailers.iter().map(|pairs| Frame::trailers(map(pairs)));
    let frames: Vec<_> = data.chain(trailers).map(Ok).collect();
    let mut response = Response::new(StreamBody::new(futures_util::stream::iter(frames)));
    *response.status_mut() = script.http_status.try_into().unwrap();
    *response.headers_mut() = map(&script.headers);
    Ok(response)
}

#[tokio::test]
async fn a_service_that_serves_is_asked_over_a_connection_that_is_kept() {
    let server = Server::start(answering(&[8, 1])).await;
    let settings = Settings {
        headers: [("authorization".to_owned(), "Bearer t".to_owned())].into(),
        ..Settings::default()
    };
    let grpc = grpc(&server.url("shop.Check%6fut"), &settings);
    for round in 0..5 {
        let attempt = probe(&grpc).await;
        assert_ok(&attempt, if round == 0 { &FRESH } else { &WARM });
        let answer = attempt.answer.unwrap();
        assert_eq!((answer.reused, answer.protocol), (round > 0, Some("gRPC".into())));
    }
    let (calls, connections) = &*server.seen.lock().unwrap();
    assert_eq!((calls.len(), *connections), (5, 1));
    let (head, body) = &calls[0];
    assert_eq!(head.uri().path(), "/grpc.health.v1.Health/Check");
    assert_eq!(head.uri().authority().unwrap().as_str(), server.address.to_string());
    for (name, value) in [
        ("content-type", "application/grpc"),
        ("te", "trailers"),
        ("authorization", "Bearer t"),
    ] {
        assert_eq!(head.headers()[name], value);
    }
    assert_eq!(&body[..], b"\x00\x00\x00\x00\x0f\x0a\x0dshop.Checkout");
}

#[tokio::test]
async fn a_fresh_connection_is_made_for_every_probe() {
    let server = Server::start(answering(&[8, 1])).await;
    let settings = Settings {
        connection: Connection::Fresh,
        ..Settings::default()
    };
    let grpc = grpc(&server.url(""), &settings);
    for _ in 0..3 {
        assert_ok(&probe(&grpc).await, &FRESH);
    }
    assert_eq!(server.seen.lock().unwrap().1, 3);
}

async fn check(script: Script, kind: FailureKind, phase: Option<Phase>, message: &str) -> Answer {
    let server = Server::start(script).await;
    let grpc = grpc(&server.url(""), &Settings::default());
    let mut answer = None;
    for _ in 0..2 {
        let attempt = probe(&grpc).await;
        assert_failed(&attempt, kind, phase, message);
        answer = attempt.answer;
    }
    *answer.unwrap()
}

#[tokio::test]
async fn a_service_that_does_not_serve_says_so_itself() {
    let words = ["UNKNOWN", "NOT_SERVING", "SERVICE_UNKNOWN", "status 9"];
    for (number, word) in [0, 2, 3, 9].into_iter().zip(words) {
        let message = format!("the service says of itself: {word}");
        let answer = check(answering(&[8, number]), FailureKind::Status, None, &message).await;
        assert_eq!(serving(&answer), Some(word));
    }
}

#[tokio::test]
async fn a_call_that_fails_is_told_by_its_trailers() {
    let query = Some(Phase::Query);
    let trailers = |pairs: &[(&'static str, &'static str)]| Script {
        trailers: Some(pairs.to_vec()),
        ..answering(&[])
    };
    let failed = trailers(&[("grpc-status", "14"), ("grpc-message", "try%20again%1b[31m")]);
    check(failed, FailureKind::Status, query, "UNAVAILABLE: try again[31m").await;
    let at_once = Script {
        headers: vec![("content-type", "application/grpc"), ("grpc-status", "12")],
        data: vec![],
        trailers: None,
        ..answering(&[])
    };
    check(at_once, FailureKind::Status, query, "UNIMPLEMENTED").await;
    check(
        trailers(&[("x", "y")]),
        FailureKind::Protocol,
        query,
        "answer has no grpc-status",
    )
    .await;
    let none = Script {
        trailers: None,
        ..answering(&[8, 1])
    };
    check(none, FailureKind::Protocol, query, "answer has no grpc-status").await;
}

#[tokio::test]
async fn an_answer_that_is_no_grpc_or_too_long_is_told() {
    let query = Some(Phase::Query);
    let html = Script {
        headers: vec![("content-type", "text/html")],
        ..answering(&[8, 1])
    };
    check(html, FailureKind::Protocol, query, "answer is not gRPC but text/html").await;
    let busy = Script {
        http_status: 503,
        headers: vec![],
        ..answering(&[])
    };
    let answer = check(busy, FailureKind::Status, query, "503 Service Unavailable").await;
    assert_eq!(answer.status, Some(503));
    let long = Script {
        data: vec![vec![0; 1024]; 1000],
        ..answering(&[])
    };
    check(long, FailureKind::Protocol, query, "answer longer than 4 KiB").await;
    check(
        answering(&[0xff; 64]),
        FailureKind::Protocol,
        query,
        "answer is not a HealthCheckResponse",
    )
    .await;
    let pieces = Script {
        data: answering(&[8, 2]).data.concat().chunks(1).map(<[u8]>::to_vec).collect(),
        ..answering(&[])
    };
    check(
        pieces,
        FailureKind::Status,
        None,
        "the service says of itself: NOT_SERVING",
    )
    .await;
}

#[tokio::test]
async fn a_silent_peer_is_a_timeout() {
    let server = RawServer::start(vec![vec![Step::Silence]]).await;
    let grpc = grpc(&format!("grpc://{}", server.address), &Settings::default());
    let within = async |limit| probe_within(&grpc, limit).await;
    assert_times_out(Phase::Query, "no answer within LIMIT", within).await;
    drop(grpc);
    server.wait_closed(1).await;
}

#[tokio::test]
async fn a_peer_that_speaks_no_http2_is_told_by_kind() {
    let check = async |script: Vec<Step>, kinds: &[FailureKind]| {
        let server = RawServer::start(vec![script]).await;
        let grpc = grpc(&format!("grpc://{}", server.address), &Settings::default());
        let attempt = probe(&grpc).await;
        let failure = attempt.outcome.failure().unwrap();
        assert!(kinds.contains(&failure.kind), "{failure:?}");
        assert_eq!(failure.phase, Some(Phase::Query));
        drop(grpc);
        server.wait_closed(1).await;
    };
    use FailureKind::{Closed, Protocol, Reset};
    let garbage = b"HTTP/1.1 400 \x1b[31mBad Request\r\n\r\n".to_vec();
    check(vec![Step::Send(garbage.clone()), Step::Silence], &[Protocol]).await;
    check(vec![Step::Drip(garbage), Step::Silence], &[Protocol]).await;
    check(vec![Step::Flood(vec![0; 65_536])], &[Protocol, Reset]).await;
    check(vec![], &[Closed, Reset]).await;
    check(vec![Step::Reset], &[Closed, Reset]).await;
}

#[tokio::test]
async fn a_server_that_is_restarted_is_missed_once_and_met_again() {
    let server = Server::start(answering(&[8, 1])).await;
    let grpc = grpc(&server.url(""), &Settings::default());
    assert_ok(&probe(&grpc).await, &FRESH);
    let address = server.stop().await;
    let missed = probe(&grpc).await;
    assert_eq!(
        missed.outcome.failure().unwrap().kind,
        FailureKind::Refused,
        "{missed:?}"
    );
    let _server = Server::start_at(address, answering(&[8, 1])).await;
    assert_ok(&probe(&grpc).await, &FRESH);
    assert_ok(&probe(&grpc).await, &WARM);
}

#[tokio::test]
async fn a_probe_that_is_given_up_leaves_no_connection_behind() {
    let server = RawServer::start(vec![vec![Step::Silence]]).await;
    let grpc = grpc(&format!("grpc://{}", server.address), &Settings::default());
    tokio::select! {
        attempt = probe(&grpc) => panic!("nobody answers: {attempt:?}"),
        () = server.wait_connections(1) => {}
    }
    server.wait_closed(1).await;
}

/// A real server of Google's own Go library.
struct Etcd {
    process: Child,
    folder: TempDir,
    files: Option<Files>,
    claim: Ports<2>,
}

impl Etcd {
    fn start(certify: impl FnOnce(&Path) -> Option<Files>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let files = certify(folder.path());
        let claim = Ports::claim();
        let process = Self::spawn(folder.path(), files.as_ref(), claim.numbers);
        Self {
            process,
            folder,
            files,
            claim,
        }
    }

    fn spawn(folder: &Path, files: Option<&Files>, [port, peers]: [u16; 2]) -> Child {
        let scheme = if files.is_some() { "https" } else { "http" };
        let clients = format!("{scheme}://127.0.0.1:{port}");
        let peers = format!("http://127.0.0.1:{peers}");
        let mut command = Command::new("etcd");
        command.arg("--data-dir").arg(folder.join("data"));
        command.args(["--listen-client-urls", &clients, "--advertise-client-urls", &clients]);
        command.args(["--listen-peer-urls", &peers, "--initial-advertise-peer-urls", &peers]);
        command.args(["--initial-cluster", &format!("default={peers}")]);
        if let Some(files) = files {
            command.arg("--cert-file").arg(&files.certificate);
            command.arg("--key-file").arg(&files.key);
        }
        let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
        quiet.spawn().expect("etcd is installed")
    }

    fn url(&self) -> String {
        let scheme = if self.files.is_some() { "grpcs" } else { "grpc" };
        format!("{scheme}://localhost:{}", self.claim.numbers[0])
    }

    fn restart(&mut self) {
        self.process = Self::spawn(self.folder.path(), self.files.as_ref(), self.claim.numbers);
    }

    fn kill(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for Etcd {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Probes until the server is up, and returns the first attempt that succeeds.
async fn until_up(grpc: &Grpc) -> Attempt {
    let up = async {
        loop {
            let attempt = probe(grpc).await;
            if attempt.outcome.is_ok() {
                return attempt;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, up).await.expect("etcd answers")
}

/// Connections that may wait for the next probe, and one that is just being closed.
const KEPT: usize = 8;

#[tokio::test]
#[ignore = "needs etcd"]
async fn a_real_server_tells_its_health_plain_and_over_tls() {
    let authority = Authority::new();
    let roots = Roots::only([authority.root()]);
    for secure in [false, true] {
        let mut server = Etcd::start(|folder| secure.then(|| authority.good(folder)));
        let grpc = grpc(&server.url(), &Settings::default()).trusting(roots.clone());
        let first = until_up(&grpc).await;
        assert_eq!(first.answer.unwrap().tls, secure.then_some("TLS 1.3".into()));
        for _ in 0..200 {
            assert_ok(&probe(&grpc).await, &WARM);
        }
        let open = sockets::open_to(server.claim.numbers[0]);
        assert!(open <= KEPT, "{open} connections after 200 probes");
        server.kill();
        for _ in 0..3 {
            assert_eq!(probe(&grpc).await.outcome.failure().unwrap().kind, FailureKind::Refused);
        }
        server.restart();
        until_up(&grpc).await;
        let unknown = self::grpc(&format!("{}/no.Such", server.url()), &Settings::default());
        let unknown = probe(&unknown.trusting(roots.clone())).await;
        assert_failed(
            &unknown,
            FailureKind::Status,
            Some(Phase::Query),
            "NOT_FOUND: unknown service",
        );
    }
}
