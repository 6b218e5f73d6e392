//! All probes share a thread: what one hostile peer sends must neither hold it up nor fill the memory.
//!
//! A neighbour that asks for its turn again and again stands for all other probes. Between two of its turns the thread
//! may work for a moment only. What counts is the time that the processor worked for it, so that a busy machine does not
//! matter.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use probetop_probe::source::demo::SharedDemo;
use probetop_probe::source::kind::ProbeContext;
use probetop_probe::source::registry::KINDS;
use probetop_probe::source::{Attempt, Probe};
use rustix::time::{ClockId, clock_gettime};
use toml::de::ValueDeserializer;
use url::Url;

use crate::support::attempt::clock;

/// How long a peer that sends without end is listened to.
const SHORT: Duration = Duration::from_secs(1);

/// Where an answer must come, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(60);

/// Work of the thread between two turns of the neighbour. In a program that is not optimised, as tests are, a turn's worth
/// of the smallest messages there are takes some tens of milliseconds; unbounded it takes seconds.
const STRETCH_LIMIT: Duration = Duration::from_millis(100);

/// What all of it may take in memory, where some peers send gigabytes.
const MEMORY_LIMIT_BYTES: u64 = 96 * 1024 * 1024;

/// What a hostile peer is asked as, and does.
struct Case {
    name: &'static str,
    scheme: &'static str,
    path: &'static str,
    keys: String,
    answer: fn(&mut TcpStream) -> std::io::Result<()>,
    /// `Some`: it comes to an end, and this is in the failure's message, or nothing if it succeeds.
    ends: Option<&'static str>,
}

fn case(name: &'static str, scheme: &'static str, answer: fn(&mut TcpStream) -> std::io::Result<()>) -> Case {
    Case {
        name,
        scheme,
        path: "/",
        keys: "{}".to_owned(),
        answer,
        ends: None,
    }
}

/// Sends `bytes` for as long as anybody reads.
fn flood(stream: &mut TcpStream, bytes: &[u8]) -> std::io::Result<()> {
    let many = bytes.repeat((256 * 1024 / bytes.len()).max(1));
    loop {
        stream.write_all(&many)?;
    }
}

/// Reads a request of HTTP/1 or whatever comes first.
fn read(stream: &mut TcpStream) -> std::io::Result<String> {
    let mut bytes = [0; 4096];
    let length = stream.read(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes[..length]).into_owned())
}

/// A frame of HTTP/2 (RFC 9113, section 4.1) on stream 0.
fn frame(kind: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![0, 0, payload.len() as u8, kind, 0, 0, 0, 0, 0];
    frame.extend_from_slice(payload);
    frame
}

fn pings(stream: &mut TcpStream) -> std::io::Result<()> {
    stream.write_all(&frame(4, &[]))?;
    drain(stream)?;
    flood(stream, &frame(6, b"whatever"))
}

fn settings(stream: &mut TcpStream) -> std::io::Result<()> {
    drain(stream)?;
    flood(stream, &frame(4, &[]))
}

fn resets(stream: &mut TcpStream) -> std::io::Result<()> {
    stream.write_all(&frame(4, &[]))?;
    drain(stream)?;
    let mut reset = frame(3, &[0, 0, 0, 8]);
    reset[8] = 1;
    flood(stream, &reset)
}

/// Reads what comes back on a thread of its own, so that nothing that is owed waits for want of a reader.
fn drain(stream: &TcpStream) -> std::io::Result<()> {
    let mut back = stream.try_clone()?;
    thread::spawn(move || std::io::copy(&mut back, &mut std::io::sink()));
    Ok(())
}

/// Shakes hands as a WebSocket server does (RFC 6455, section 4.2.2).
fn upgrade(stream: &mut TcpStream) -> std::io::Result<()> {
    let request = read(stream)?;
    let key = request
        .lines()
        .find_map(|line| {
            line.split_once(':')
                .filter(|(name, _)| name.eq_ignore_ascii_case("sec-websocket-key"))
        })
        .map(|(_, key)| key.trim().to_owned())
        .unwrap_or_default();
    let accept = tokio_tungstenite::tungstenite::handshake::derive_accept_key(key.as_bytes());
    write!(
        stream,
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: {accept}\r\n\r\n"
    )
}

fn page(stream: &mut TcpStream, headers: &str, body: &[u8]) -> std::io::Result<()> {
    read(stream)?;
    write!(
        stream,
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n{headers}\r\n",
        body.len()
    )?;
    stream.write_all(body)?;
    // Until the peer has read it.
    let _ = stream.read(&mut [0]);
    Ok(())
}

/// Objects by the ten thousand.
fn list() -> Vec<u8> {
    let items: Vec<_> = (0..40_000).map(|id| format!("{{\"id\":{id}}}")).collect();
    format!("{{\"items\":[{}]}}", items.join(",")).into_bytes()
}

fn postgres(stream: &mut TcpStream) -> std::io::Result<()> {
    // Whether there is TLS: no.
    read(stream)?;
    stream.write_all(b"N")?;
    read(stream)?;
    stream.write_all(b"R\0\0\0\x08\0\0\0\0")
}

fn ready(stream: &mut TcpStream) -> std::io::Result<()> {
    postgres(stream)?;
    stream.write_all(b"Z\0\0\0\x05I")?;
    read(stream).map(drop)
}

fn http_cases() -> Vec<Case> {
    let http2 = |name, answer| Case {
        keys: "{ http_version = \"2\" }".to_owned(),
        ..case(name, "http", answer)
    };
    let large =
        "{ body_limit_bytes = 4_000_000, expect = [\"body.items.all(a, body.items.exists_one(b, b.id == a.id))\"] }";
    let searched = "{ body_limit_bytes = 4_000_000, expect = [\"body.items[0].id == 0\", \"text.contains('39999')\"] }";
    vec![
        case("answers in advance", "http", |stream| {
            read(stream)?;
            flood(stream, b"HTTP/1.1 100 Continue\r\n\r\n")
        }),
        Case {
            // It is read up to its limit.
            ends: Some(""),
            ..case("a body without end", "http", |stream| {
                read(stream)?;
                stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")?;
                flood(stream, b"1\r\nx\r\n")
            })
        },
        http2("pings over HTTP/2", pings),
        http2("settings over HTTP/2", settings),
        http2("resets over HTTP/2", resets),
        Case {
            keys: large.to_owned(),
            ends: Some("takes more than"),
            ..case("a list that a condition loops over", "http", |stream| {
                page(stream, "", &list())
            })
        },
        Case {
            keys: searched.to_owned(),
            ends: Some(""),
            ..case("a large document", "http", |stream| page(stream, "", &list()))
        },
        Case {
            keys: "{ body_limit_bytes = 4_000_000, expect = [\"text.contains('never')\"] }".to_owned(),
            ends: Some("never"),
            ..case("a body compressed many times over", "http", |stream| {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
                let zeros = [0; 64 * 1024];
                (0..512).try_for_each(|_| encoder.write_all(&zeros))?;
                page(stream, "content-encoding: gzip\r\n", &encoder.finish()?)
            })
        },
        Case {
            keys: "{ body_limit_bytes = 4_000_000, expect = [\"text == ''\"] }".to_owned(),
            ends: Some(""),
            ..case("compressed nothing, again and again", "http", |stream| {
                let empty = GzEncoder::new(Vec::new(), Compression::best()).finish()?;
                page(stream, "content-encoding: gzip\r\n", &empty.repeat(20_000))
            })
        },
    ]
}

fn cases_of_others() -> Vec<Case> {
    vec![
        case("pings over gRPC", "grpc", pings),
        case("settings over gRPC", "grpc", settings),
        Case {
            keys: "{ series = [{ name = \"x\" }] }".to_owned(),
            ends: Some(""),
            ..case("a page of metrics", "prometheus", |stream| {
                let lines: String = (0..60_000).map(|n| format!("x{{n=\"{n}\"}} {n}\n")).collect();
                page(stream, "", lines.as_bytes())
            })
        },
        Case {
            ends: Some(""),
            ..case("statistics of locust", "locust", |stream| {
                let stats: Vec<_> = (0..20_000)
                    .map(|n| format!("{{\"name\":\"{n}\",\"num_requests\":{n}}}"))
                    .collect();
                let body = format!(
                    "{{\"state\":\"running\",\"user_count\":1,\"stats\":[{}]}}",
                    stats.join(",")
                );
                page(stream, "", body.as_bytes())
            })
        },
        case("WebSocket pings", "ws", |stream| {
            upgrade(stream)?;
            flood(stream, b"\x89\x00")
        }),
        Case {
            keys: "{ send = \"a\", expect = \"never\" }".to_owned(),
            ..case("WebSocket messages that are not the answer", "ws", |stream| {
                upgrade(stream)?;
                let mut message = b"\x81\x7f\0\0\0\0\0\x0f\0\0".to_vec();
                message.resize(message.len() + 0xf_0000, b'n');
                flood(stream, &message)
            })
        },
        Case {
            path: "",
            keys: "{ expect = \"250 ok\", read_limit_bytes = 1_048_576 }".to_owned(),
            ends: Some("not the answer expected"),
            ..case("a greeting of lines without end", "tcp", |stream| {
                flood(stream, b"250-more\r\n")
            })
        },
        case("a reply of a thousand million elements", "redis", |stream| {
            read(stream)?;
            stream.write_all(b"*1000000000\r\n")?;
            flood(stream, b":1\r\n")
        }),
        case("attributes of Redis without end", "redis", |stream| {
            read(stream)?;
            flood(stream, b"|1\r\n+a\r\n+b\r\n")
        }),
        case("pushes of Redis within each other", "redis", |stream| {
            read(stream)?;
            flood(stream, b">2\r\n")
        }),
        Case {
            ends: Some("messages beside it"),
            ..case("notices of PostgreSQL before the login is over", "postgres", |stream| {
                postgres(stream)?;
                flood(stream, b"N\0\0\0\x05\0")
            })
        },
        Case {
            ends: Some("messages beside it"),
            ..case("parameters of PostgreSQL in place of an answer", "postgres", |stream| {
                ready(stream)?;
                flood(stream, b"S\0\0\0\x08a\0b\0")
            })
        },
        case("rows of PostgreSQL without end", "postgres", |stream| {
            ready(stream)?;
            flood(stream, b"D\0\0\0\x06\0\0")
        }),
    ]
}

fn probe(case: &Case, port: u16) -> Arc<dyn Probe> {
    let kind = KINDS.iter().find(|kind| kind.schemes.contains(&case.scheme)).unwrap();
    let settings = (kind.read)(ValueDeserializer::parse(&case.keys).unwrap());
    let settings = settings.unwrap_or_else(|error| panic!("{}: {error}", case.name));
    let (user, path) = match case.scheme {
        "postgres" => ("user:word@", "/db"),
        _ => ("", case.path),
    };
    let url = Url::parse(&format!("{}://{user}127.0.0.1:{port}{path}", case.scheme)).unwrap();
    let (clock, demo) = (clock(), SharedDemo::default());
    let context = ProbeContext {
        clock: &clock,
        in_flight: 1,
        demo: &demo,
    };
    settings
        .probe(&url, context)
        .unwrap_or_else(|message| panic!("{}: {message}", case.name))
}

/// Serves every connection on a thread of its own, so that bytes are there whenever they are looked for.
fn serve(answer: fn(&mut TcpStream) -> std::io::Result<()>) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            // What breaks off is the probe's doing.
            thread::spawn(move || stream.and_then(|mut stream| answer(&mut stream)));
        }
    });
    port
}

/// Work that the processor has done for this thread.
fn worked() -> Duration {
    let spent = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(spent.tv_sec as u64, spent.tv_nsec as u32)
}

/// What this process holds in memory.
fn memory_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: u64 = status
        .split(' ')
        .nth(1)
        .and_then(|pages| pages.parse().ok())
        .unwrap_or_default();
    pages * 4096
}

/// Probes once, and gives the longest work between two turns of a neighbour and the largest growth of memory.
fn beside(probe: Arc<dyn Probe>, limit: Duration) -> (Attempt, Duration, u64) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let deadline = clock().now() + limit;
    let before = memory_bytes();
    let (mut longest, mut most) = (Duration::ZERO, 0);
    let attempt = runtime.block_on(async {
        let probed = tokio::spawn(async move { probe.probe(deadline).await });
        let mut last = worked();
        while !probed.is_finished() {
            tokio::task::yield_now().await;
            let now = worked();
            longest = longest.max(now.saturating_sub(last));
            most = most.max(memory_bytes().saturating_sub(before));
            last = worked();
        }
        probed.await.unwrap()
    });
    runtime.shutdown_background();
    (attempt, longest, most)
}

#[test]
fn no_peer_holds_up_its_neighbours_or_fills_the_memory() {
    let _turn = crate::turn();
    let mut faults = Vec::new();
    for case in http_cases().into_iter().chain(cases_of_others()) {
        let port = serve(case.answer);
        let limit = if case.ends.is_some() { PATIENCE } else { SHORT };
        let (attempt, longest, most) = beside(probe(&case, port), limit);
        let said = attempt.outcome.failure().map(|failure| failure.message.to_string());
        println!("{}: {longest:?}, {} KiB, {said:?}", case.name, most / 1024);
        let fits = match case.ends {
            None => attempt.outcome.failure().is_some(),
            Some("") => said.is_none(),
            Some(part) => said.as_deref().is_some_and(|said| said.contains(part)),
        };
        if longest > STRETCH_LIMIT || most > MEMORY_LIMIT_BYTES || !fits {
            faults.push(format!("{}: {longest:?}, {most} bytes, {said:?}", case.name));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
