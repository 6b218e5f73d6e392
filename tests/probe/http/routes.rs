//! The ways to a peer: proxies, sockets, pinned addresses, every address in turn; and what of it is told.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use probetop_core::sample::FailureKind;
use probetop_probe::source::http::{Addresses, Auth, Basic, HttpVersion, Settings};
use probetop_probe::source::idle::Connection;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream, UnixListener};
use tokio::task::JoinHandle;

use super::*;
use crate::support::raw_server::{OK, RawServer, Step, answer as script, keeps_answering};
use crate::support::silence::assert_times_out;

/// A proxy that passes on whatever it is asked, and remembers the heads.
pub(super) struct ForwardProxy {
    pub port: u16,
    heads: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl ForwardProxy {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&heads);
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(pass(stream, Arc::clone(&seen)));
            }
        });
        Self { port, heads, task }
    }

    pub(super) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }

    pub(super) fn settings(&self) -> Settings {
        Settings {
            proxy: Some(format!("http://user:pw@127.0.0.1:{}", self.port)),
            ..Settings::default()
        }
    }
}

impl Drop for ForwardProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// CONNECT becomes a pipe; anything else is passed on to the host that its URL names, for the rest of the connection.
async fn pass(mut client: TcpStream, heads: Arc<Mutex<Vec<String>>>) -> Option<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).unwrap();
    heads.lock().unwrap().push(head.clone());
    let target = head.split(' ').nth(1).unwrap();
    let (host, first) = match target.strip_prefix("http://") {
        Some(rest) => (rest.split('/').next().unwrap(), Some(head.as_bytes())),
        None => (target, None),
    };
    let mut server = TcpStream::connect(host).await.ok()?;
    match first {
        Some(bytes) => server.write_all(bytes).await.ok()?,
        None => client
            .write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")
            .await
            .ok()?,
    }
    copy_bidirectional(&mut client, &mut server).await.ok();
    Some(())
}

fn fact<'a>(attempt: &'a Attempt, name: &str) -> Option<&'a str> {
    let facts = &answer(attempt).facts;
    facts
        .iter()
        .find(|fact| fact.name == name)
        .map(|fact| fact.value.as_str())
}

#[tokio::test]
async fn a_proxy_is_asked_for_the_whole_url_and_told_who_asks() {
    let server = RawServer::start(keeps_answering(OK)).await;
    let proxy = ForwardProxy::start().await;
    let http = http(&server.url("/path?q"), proxy.settings());
    let first = probe(&http).await;
    assert_ok(&first);
    assert_eq!(phases(&first), FRESH);
    assert_eq!(answer(&first).address.unwrap().port(), proxy.port);
    assert_eq!(
        fact(&first, "proxy"),
        Some(format!("127.0.0.1:{}", proxy.port).as_str())
    );
    let head = &proxy.heads()[0];
    assert!(
        head.starts_with(&format!("GET {} HTTP/1.1\r\n", server.url("/path?q"))),
        "{head}"
    );
    assert!(head.contains("proxy-authorization: Basic dXNlcjpwdw==\r\n"), "{head}");
    assert!(head.contains(&format!("host: {}\r\n", server.address)), "{head}");
    let second = probe(&http).await;
    assert_ok(&second);
    assert_eq!(phases(&second), WARM);
}

#[tokio::test]
async fn a_proxy_that_refuses_the_tunnel_is_told_apart_from_the_service() {
    let proxy = RawServer::start(vec![script("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")]).await;
    let settings = Settings {
        proxy: Some(proxy.url("")),
        ..Settings::default()
    };
    let attempt = probe(&http("https://a.example/", settings)).await;
    let message = "proxy wants other credentials: 407 Proxy Authentication Required";
    assert_failed(&attempt, FailureKind::Status, Some(Phase::Connect), message);
    assert!(attempt.answer.is_none());
}

#[tokio::test]
async fn a_silent_proxy_is_a_timeout_of_the_connection() {
    let proxy = RawServer::start(vec![vec![Step::Silence]]).await;
    let settings = Settings {
        proxy: Some(proxy.url("")),
        ..Settings::default()
    };
    let http = http("https://a.example/", settings);
    let probe = async |limit| probe_within(&http, limit).await;
    assert_times_out(Phase::Connect, "no connection within LIMIT", probe).await;
    proxy.wait_closed(1).await;
}

#[tokio::test]
async fn a_unix_socket_takes_the_place_of_the_address() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("web.sock");
    let settings = Settings {
        unix: Some(path.clone()),
        ..Settings::default()
    };
    let http = http("http://service.example/status", settings);
    let absent = probe(&http).await;
    assert_eq!(failure(&absent).kind, FailureKind::Refused);
    let listener = UnixListener::bind(&path).unwrap();
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut heads = Vec::new();
        for _ in 0..2 {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.unwrap());
            }
            stream.write_all(OK.as_bytes()).await.unwrap();
            heads.push(String::from_utf8(head).unwrap());
        }
        heads
    });
    let first = probe(&http).await;
    assert_ok(&first);
    assert_eq!(phases(&first), FRESH);
    assert_eq!(fact(&first, "socket"), path.to_str());
    assert_eq!(answer(&first).address, None);
    assert_eq!(phases(&probe(&http).await), WARM);
    let head = &server.await.unwrap()[0];
    assert!(
        head.starts_with("GET /status HTTP/1.1\r\nhost: service.example\r\n"),
        "{head}"
    );
}

#[tokio::test]
async fn a_pinned_address_stands_for_the_name_but_not_for_others() {
    let elsewhere = RawServer::start(keeps_answering(OK)).await;
    let location = elsewhere.url("/");
    let moved = format!("HTTP/1.1 302 Found\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n");
    let server = RawServer::start(keeps_answering(&moved)).await;
    let settings = Settings {
        resolve: Some(server.address.to_string()),
        ..Settings::default()
    };
    let attempt = probe(&http("http://nowhere.invalid/", settings)).await;
    assert_ok(&attempt);
    assert_eq!(phases(&attempt), FRESH, "the name was not looked up");
    assert!(server.seen().requests[0].contains("host: nowhere.invalid\r\n"));
    assert_eq!(answer(&attempt).address, Some(elsewhere.address));
}

#[tokio::test]
async fn every_address_of_a_name_has_its_turn() {
    // localhost has one address or two; each gets a server on the same port where the machine has it.
    let server = RawServer::start(keeps_answering(OK)).await;
    let settings = Settings {
        addresses: Addresses::All,
        ..Settings::default()
    };
    let http = http(&format!("http://localhost:{}/", server.address.port()), settings);
    let addresses: BTreeSet<_> = tokio::net::lookup_host(("localhost", 1)).await.unwrap().collect();
    let mut last = None;
    for _ in 0..addresses.len() * 3 {
        let attempt = probe(&http).await;
        match attempt.outcome.is_ok() {
            true => last = fact(&attempt, "addresses").map(str::to_owned),
            false => assert_eq!(failure(&attempt).kind, FailureKind::Refused),
        }
    }
    let told = last.unwrap();
    assert!(told.contains("127.0.0.1 ") && told.contains("(3 ok)"), "{told}");
    assert_eq!(
        told.contains("::1 refused (3 of 3 failed)") || told.contains("::1 refused (2 of 2 failed)"),
        addresses.len() == 2,
        "{told}"
    );
    assert_eq!(server.seen().connections, 1, "its connection waited for its turn");
}

#[tokio::test]
async fn answers_are_counted_by_a_header() {
    let from = |backend: &str| format!("HTTP/1.1 200 OK\r\nx-backend: {backend}\r\ncontent-length: 0\r\n\r\n");
    let server = RawServer::start(vec![script(from("a")), script(from("b")), script(from("b\x1b[2J"))]).await;
    let settings = Settings {
        tally: Some("X-Backend".to_owned()),
        connection: Connection::Fresh,
        ..Settings::default()
    };
    let http = http(&server.url("/"), settings);
    for expected in ["a: 1", "a: 1, b: 1"] {
        assert_eq!(fact(&probe(&http).await, "tally"), Some(expected));
    }
}

#[tokio::test]
async fn what_is_sent_follows_from_the_keys() {
    let server = RawServer::start(keeps_answering(OK)).await;
    let settings = Settings {
        method: "post".to_owned(),
        query: headers(&[("a", "1 2"), ("b", "&")]),
        auth: Some(Auth {
            basic: Some(Basic {
                user: "me".to_owned(),
                password: "päss".to_owned(),
            }),
            bearer: None,
        }),
        form: headers(&[("k", "v")]),
        ..Settings::default()
    };
    assert!(!format!("{settings:?}").contains("päss"));
    assert_ok(&probe(&http(&server.url("/x?z=0"), settings)).await);
    let head = &server.seen().requests[0];
    assert!(head.starts_with("POST /x?z=0&a=1+2&b=%26 HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("authorization: Basic bWU6cMOkc3M=\r\n"), "{head}");
    assert!(
        head.contains("content-type: application/x-www-form-urlencoded\r\n"),
        "{head}"
    );
    assert!(head.contains("content-length: 3\r\n"), "{head}");
}

#[tokio::test]
async fn a_server_that_knows_no_http2_fails_as_a_protocol() {
    let refuses = [script("HTTP/1.1 400 Bad Request\r\n\r\n"), vec![Step::Silence]].concat();
    let server = RawServer::start(vec![refuses]).await;
    let settings = Settings {
        http_version: HttpVersion::Http2,
        ..Settings::default()
    };
    let attempt = probe(&http(&server.url("/"), settings)).await;
    assert_eq!(failure(&attempt).kind, FailureKind::Protocol, "{attempt:?}");
}
