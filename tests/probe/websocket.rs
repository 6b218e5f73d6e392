//! WebSocket probes against servers of the library and of a script, and against a real websocketd
//! (`cargo test --test probe websocket:: -- --include-ignored`).

use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use probetop_core::sample::{FailureKind, Phase};
use probetop_probe::source::idle::Connection;
use probetop_probe::source::tls::Roots;
use probetop_probe::source::websocket::{MESSAGE_LIMIT_BYTES, Settings, WebSocket};
use probetop_probe::source::{Attempt, Probe};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::{WebSocketStream, accept_async};
use url::Url;

use crate::support::attempt::{assert_failed, clock, phases};
use crate::support::certificates::{Authority, Files};
use crate::support::nginx::Ports;
use crate::support::raw_server::{RawServer, Step, answer};
use crate::support::silence::assert_times_out;
use crate::support::sockets;
use crate::support::waiting::until;

const PATIENCE: Duration = Duration::from_secs(20);
const FRESH: [Phase; 3] = [Phase::Connect, Phase::FirstByte, Phase::Message];
const WARM: [Phase; 1] = [Phase::Message];

fn websocket(url: &str, settings: &Settings) -> WebSocket {
    WebSocket::try_new(clock(), &Url::parse(url).unwrap(), settings, 4).unwrap()
}

async fn probe(websocket: &WebSocket) -> Attempt {
    probe_within(websocket, PATIENCE).await
}

async fn probe_within(websocket: &WebSocket, limit: Duration) -> Attempt {
    websocket.probe(clock().now() + limit).await
}

#[track_caller]
fn assert_ok(attempt: &Attempt, expected: &[Phase]) {
    assert!(attempt.outcome.is_ok(), "{attempt:?}");
    assert_eq!(phases(attempt), expected);
}

fn asking(send: &str, expect: Option<&str>) -> Settings {
    Settings {
        send: Some(send.to_owned()),
        expect: expect.map(str::to_owned),
        ..Settings::default()
    }
}

/// A server of the library. It answers what it is told: `close` by closing, `silent` not at all, `noise` with a message of
/// its own before the echo, anything else with the echo.
struct Echo {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Echo {
    async fn start() -> Self {
        Self::start_at("127.0.0.1:0".parse().unwrap()).await
    }

    async fn start_at(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&connections);
        let task = tokio::spawn(async move {
            let mut served = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                served.spawn(async move {
                    if let Ok(socket) = accept_async(stream).await {
                        serve(socket).await;
                    }
                });
            }
        });
        Self {
            address,
            connections,
            task,
        }
    }

    fn url(&self) -> String {
        format!("ws://{}/chat", self.address)
    }

    /// Stops, and breaks every connection off.
    async fn stop(self) -> SocketAddr {
        self.task.abort();
        let _ = self.task.await;
        self.address
    }
}

async fn serve(mut socket: WebSocketStream<TcpStream>) {
    while let Some(Ok(message)) = socket.next().await {
        let Ok(text) = message.to_text().map(str::to_owned) else {
            continue;
        };
        match text.as_str() {
            "close" => {
                let reason = "go\u{1b}[31m away".into();
                let code = CloseCode::Again;
                let _ = socket.close(Some(CloseFrame { code, reason })).await;
            }
            "silent" => {}
            "noise" => {
                let _ = socket.send(Message::text("news")).await;
                let _ = socket.send(message).await;
            }
            "late" => {
                // In one piece, so that the second is there when the first is.
                let _ = socket.feed(message).await;
                let _ = socket.send(Message::text("unasked")).await;
            }
            _ if message.is_text() => drop(socket.send(message).await),
            _ => {}
        }
    }
}

#[tokio::test]
async fn a_ping_is_answered_by_its_pong_over_a_connection_that_is_kept() {
    let server = Echo::start().await;
    let websocket = websocket(&server.url(), &Settings::default());
    for round in 0..5 {
        let attempt = probe(&websocket).await;
        assert_ok(&attempt, if round == 0 { &FRESH } else { &WARM });
        let answer = attempt.answer.unwrap();
        assert_eq!((answer.reused, answer.protocol), (round > 0, Some("WebSocket".into())));
        assert_eq!(answer.address, Some(server.address));
    }
    assert_eq!(server.connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_fresh_connection_is_made_and_closed_for_every_probe() {
    let server = Echo::start().await;
    let settings = Settings {
        connection: Connection::Fresh,
        ..asking("hello", None)
    };
    let websocket = websocket(&server.url(), &settings);
    for _ in 0..5 {
        let attempt = probe(&websocket).await;
        assert_ok(&attempt, &FRESH);
        assert_eq!(attempt.answer.unwrap().body_bytes, 5);
    }
    assert_eq!(server.connections.load(Ordering::SeqCst), 5);
}

#[tokio::test]
async fn messages_that_are_not_the_answer_are_passed_over() {
    let server = Echo::start().await;
    let expecting = websocket(&server.url(), &asking("noise", Some("noise")));
    let any = websocket(&server.url(), &asking("late", None));
    for _ in 0..3 {
        let attempt = probe(&expecting).await;
        assert!(attempt.outcome.is_ok());
        assert_eq!(attempt.answer.unwrap().body_bytes, 5);
        // The message that came behind the answer is nobody's answer later on.
        let attempt = probe(&any).await;
        assert!(attempt.outcome.is_ok());
        assert_eq!(attempt.answer.unwrap().body_bytes, 4);
    }
}

#[tokio::test]
async fn an_answer_that_is_wrong_or_late_or_a_farewell_is_told() {
    let server = Echo::start().await;
    let check = async |settings: Settings, kind, message: &str| {
        let attempt = probe(&websocket(&server.url(), &settings)).await;
        assert_failed(&attempt, kind, Phase::Message, message);
    };
    check(
        asking("hello", Some("world")),
        FailureKind::Expect,
        "the answer does not contain what is expected: hello",
    )
    .await;
    let silent = websocket(&server.url(), &asking("silent", None));
    let within = async |limit| probe_within(&silent, limit).await;
    assert_times_out(Phase::Message, "no answer within LIMIT", within).await;
    check(
        asking("close", None),
        FailureKind::Closed,
        "peer closed the WebSocket with 1013: go[31m away",
    )
    .await;
}

#[tokio::test]
async fn a_server_that_is_restarted_is_missed_once_and_met_again() {
    let server = Echo::start().await;
    let websocket = websocket(&server.url(), &Settings::default());
    assert_ok(&probe(&websocket).await, &FRESH);
    let address = server.stop().await;
    let missed = probe(&websocket).await;
    assert_failed(
        &missed,
        FailureKind::Refused,
        Phase::Connect,
        &format!("connection refused by {address}"),
    );
    let _server = Echo::start_at(address).await;
    assert_ok(&probe(&websocket).await, &FRESH);
    assert_ok(&probe(&websocket).await, &WARM);
}

async fn check_handshake(script: Vec<Step>, kind: FailureKind, message: &str, status: Option<u16>) {
    let server = RawServer::start(vec![script]).await;
    let websocket = websocket(&format!("ws://{}/", server.address), &Settings::default());
    let attempt = probe(&websocket).await;
    assert_failed(&attempt, kind, Phase::FirstByte, message);
    assert_eq!(attempt.answer.unwrap().status, status);
    server.wait_closed(1).await;
}

#[tokio::test]
async fn a_handshake_without_an_answer_is_a_timeout() {
    let server = RawServer::start(vec![vec![Step::Silence]]).await;
    let silent = websocket(&format!("ws://{}/", server.address), &Settings::default());
    let within = async |limit| probe_within(&silent, limit).await;
    let (attempt, _) = assert_times_out(Phase::FirstByte, "no answer within LIMIT", within).await;
    assert_eq!(attempt.answer.unwrap().status, None);
    server.wait_closed(1).await;
}

#[tokio::test]
async fn a_handshake_that_fails_is_told_by_kind() {
    use FailureKind::{Closed, Protocol, Status};
    let whole = "connection closed before the head of the answer was whole";
    check_handshake(vec![Step::Read], Closed, whole, None).await;
    check_handshake(answer("HTTP/1.1 101 Sw"), Closed, whole, None).await;
    check_handshake(
        answer("\x1b[31mgarbage"),
        Protocol,
        "answer is not HTTP: it begins with \"[31mgarbage\"",
        None,
    )
    .await;
    let never = "more than 32 answers in advance (1xx) and no final one";
    let waits = vec![Step::Read, Step::Flood(b"HTTP/1.1 100 Continue\r\n\r\n".repeat(100))];
    check_handshake(waits, Protocol, never, None).await;
    check_handshake(
        answer("HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 403 Forbidden\r\n\r\n"),
        Status,
        "no WebSocket: answered 403 Forbidden instead of 101",
        Some(403),
    )
    .await;
    check_handshake(
        answer("HTTP/1.1 403 Forbidden\r\n\r\n"),
        Status,
        "no WebSocket: answered 403 Forbidden instead of 101",
        Some(403),
    )
    .await;
    check_handshake(
        answer("HTTP/1.1 101 Switching\r\nsec-websocket-accept: forged\r\n\r\n"),
        Protocol,
        "peer switched, but not to our WebSocket (sec-websocket-accept)",
        None,
    )
    .await;
    let endless = vec![
        Step::Read,
        Step::Send(b"HTTP/1.1 ".to_vec()),
        Step::Flood(vec![b'x'; 4096]),
    ];
    check_handshake(endless, Protocol, "head of the answer longer than 64 KiB", None).await;
    let drip = vec![Step::Read, Step::Drip(b"HTTP/1.1 503 Busy\r\nx: y\r\n\r\n".to_vec())];
    check_handshake(
        drip,
        Status,
        "no WebSocket: answered 503 Busy instead of 101",
        Some(503),
    )
    .await;
}

/// Agrees to the handshake, then plays `frames` byte by byte or at once, again and again, until the peer is gone.
async fn play(mut stream: TcpStream, frames: Vec<u8>, drip: bool) -> std::io::Result<()> {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
    stream.set_nodelay(true)?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8(head).unwrap();
    let key = head.split("Sec-WebSocket-Key: ").nth(1).unwrap().trim();
    let accept = derive_accept_key(key.as_bytes());
    let head = format!("HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: {accept}\r\n\r\n");
    let all = [head.into_bytes(), frames.clone()].concat();
    if drip {
        for byte in all {
            stream.write_all(&[byte]).await?;
            tokio::task::yield_now().await;
        }
    } else {
        stream.write_all(&all).await?;
    }
    while !frames.is_empty() {
        stream.write_all(&frames).await?;
    }
    while stream.read(&mut [0; 1024]).await? > 0 {}
    Ok(())
}

/// Probes a server that plays these frames, and sees that the connection is closed afterwards.
async fn probe_frames(frames: &[u8], drip: bool, limit: Duration) -> Attempt {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let frames = frames.to_vec();
    let server = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        // An error is the peer's doing, and the peer is what the test looks at.
        let _ = play(stream, frames, drip).await;
    });
    let websocket = websocket(&format!("ws://{address}/"), &Settings::default());
    let attempt = probe_within(&websocket, limit).await;
    drop(websocket);
    if attempt.answer.is_some() {
        let ended = tokio::time::timeout(PATIENCE, server).await;
        ended.expect("the connection is closed").unwrap();
    }
    attempt
}

async fn check_frames(frames: Vec<u8>, drip: bool, kind: FailureKind, message: &str) {
    let attempt = probe_frames(&frames, drip, PATIENCE).await;
    assert_failed(&attempt, kind, Phase::Message, message);
}

async fn check_endless(frames: &[u8], drip: bool) {
    let probe = async |limit| probe_frames(frames, drip, limit).await;
    assert_times_out(Phase::Message, "no answer within LIMIT", probe).await;
}

#[tokio::test]
async fn frames_that_are_garbage_too_long_or_without_end_are_bounded() {
    use FailureKind::Protocol;
    check_endless(&[], true).await;
    // Pongs that are not ours, text without end, and a stream of pings.
    check_endless(&[0x8a, 1, b'x'], true).await;
    check_endless(&[0x81, 1, b'x'], false).await;
    check_endless(&[0x89, 0], false).await;
    let long = [&[0x81, 127][..], &(MESSAGE_LIMIT_BYTES as u64 + 1).to_be_bytes()].concat();
    check_frames(long, false, Protocol, "message longer than 1024 KiB").await;
    let fragments = [
        vec![0x01, 126, 0xff, 0xff],
        vec![b'x'; 0xffff],
        vec![0x00, 126, 0xff, 0xff],
        vec![b'x'; 0xffff],
    ];
    let mut endless = fragments[..2].concat();
    endless.extend(fragments[2..].concat().repeat(20));
    check_frames(endless, false, Protocol, "message longer than 1024 KiB").await;
    check_frames(
        b"\xff\xff\x1b[31m".to_vec(),
        false,
        Protocol,
        "peer breaks the WebSocket protocol: Encountered invalid opcode: 15",
    )
    .await;
}

#[tokio::test]
async fn a_probe_that_is_given_up_leaves_no_connection_behind() {
    let server = RawServer::start(vec![vec![Step::Silence]]).await;
    let websocket = websocket(&format!("ws://{}/", server.address), &Settings::default());
    tokio::select! {
        attempt = probe(&websocket) => panic!("nobody answers: {attempt:?}"),
        () = server.wait_connections(1) => {}
    }
    server.wait_closed(1).await;
}

/// A real server that runs `cat` for every connection.
struct Websocketd {
    process: Child,
    port: u16,
    files: Option<Files>,
    _claim: Ports<1>,
}

impl Websocketd {
    fn start(files: Option<Files>) -> Self {
        let claim = Ports::<1>::claim();
        let [port] = claim.numbers;
        Self {
            process: Self::spawn(port, files.as_ref()),
            port,
            files,
            _claim: claim,
        }
    }

    fn spawn(port: u16, files: Option<&Files>) -> Child {
        let mut command = Command::new("websocketd");
        command.args(["--address=127.0.0.1", &format!("--port={port}")]);
        if let Some(files) = files {
            command.arg("--ssl").arg("--sslcert").arg(&files.certificate);
            command.arg("--sslkey").arg(&files.key);
        }
        let mut process = command
            .arg("cat")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("websocketd is installed");
        until("websocketd answers", || {
            assert_eq!(process.try_wait().unwrap(), None, "websocketd runs");
            std::net::TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
        process
    }

    fn kill(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for Websocketd {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Connections that may wait for the next probe, and one that is just being closed.
const KEPT: usize = 8;

#[tokio::test]
#[ignore = "needs websocketd"]
async fn a_real_server_answers_pings_and_messages_and_its_death_is_noticed() {
    let authority = Authority::new();
    let folder = tempfile::tempdir().unwrap();
    for secure in [false, true] {
        let mut server = Websocketd::start(secure.then(|| authority.good(folder.path())));
        let scheme = if secure { "wss" } else { "ws" };
        let url = format!("{scheme}://localhost:{}/", server.port);
        let mut opening = vec![Phase::Dns, Phase::Connect];
        opening.extend(secure.then_some(Phase::Tls));
        opening.extend([Phase::FirstByte, Phase::Message]);
        let fresh = Settings {
            connection: Connection::Fresh,
            ..Settings::default()
        };
        for settings in [Settings::default(), asking("hello", Some("ello")), fresh] {
            let roots = Roots::only([authority.root()]);
            let websocket = websocket(&url, &settings).trusting(roots);
            let first = probe(&websocket).await;
            assert_ok(&first, &opening);
            assert_eq!(first.answer.unwrap().tls.is_some(), secure);
            let reuse = settings.connection == Connection::Reuse;
            for _ in 0..200 {
                assert_ok(&probe(&websocket).await, if reuse { &WARM } else { &opening });
            }
            let open = sockets::open_to(server.port);
            assert!(open <= KEPT, "{open} connections after 200 probes");
            server.kill();
            assert!(!probe(&websocket).await.outcome.is_ok());
            assert!(!probe(&websocket).await.outcome.is_ok());
            server.process = Websocketd::spawn(server.port, server.files.as_ref());
            assert_ok(&probe(&websocket).await, &opening);
        }
    }
}
