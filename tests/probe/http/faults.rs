//! What goes wrong, and how it is told.

use std::time::Duration;

use probetop_core::sample::{FailureKind, Phase};
use probetop_probe::source::http::Settings;

use super::*;
use crate::support::raw_server::{OK, RawServer, Step, answer as script};
use crate::support::silence::assert_times_out;

const HEAD_CUT: &str = "connection closed before the head of the answer was whole";

async fn check(steps: Vec<Step>, kind: FailureKind, phase: Phase, message: &str) {
    let server = RawServer::start(vec![steps]).await;
    let attempt = probe(&http(&server.url("/"), Settings::default())).await;
    assert_failed(&attempt, kind, Some(phase), message);
    assert_eq!(answer(&attempt).address, Some(server.address));
}

#[tokio::test]
async fn a_head_that_is_not_http_is_a_protocol_failure() {
    for junk in [
        "SSH-2.0-OpenSSH_9.2\r\n",
        "HTTP/9.9 200 OK\r\n\r\n",
        "HTTP/1.1 2x0 OK\r\n\r\n",
        "HTTP/1.1 200 \x1b[31mOK\r\ncontent-length: 0\r\n\r\n",
        "\x00\x00\x12\x04",
    ] {
        let server = RawServer::start(vec![script(junk)]).await;
        let attempt = probe(&http(&server.url("/"), Settings::default())).await;
        let failure = failure(&attempt);
        assert_eq!(
            (failure.kind, failure.phase),
            (FailureKind::Protocol, Some(Phase::FirstByte)),
            "{junk:?}"
        );
        assert!(
            failure.message.as_str().starts_with("answer is not HTTP: "),
            "{failure:?}"
        );
    }
}

#[tokio::test]
async fn a_head_without_end_is_cut_off() {
    let too_long = "head of the answer longer than 64 KiB";
    let endless = vec![
        Step::Read,
        Step::Send(b"HTTP/1.1 200 OK\r\nx: ".to_vec()),
        Step::Flood(vec![b'x'; 4096]),
    ];
    check(endless, FailureKind::Protocol, Phase::FirstByte, too_long).await;
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "x: y\r\n".repeat(1025));
    let too_many = "head of the answer has more than 1024 headers";
    check(script(many), FailureKind::Protocol, Phase::FirstByte, too_many).await;
    let waits = vec![Step::Read, Step::Flood(b"HTTP/1.1 100 Continue\r\n\r\n".repeat(100))];
    let never = "more than 32 answers in advance (1xx) and no final one";
    check(waits, FailureKind::Protocol, Phase::FirstByte, never).await;
}

#[tokio::test]
async fn heads_that_other_clients_read_are_read() {
    for headers in [
        "Set-Cookie: a=1;\r\n path=/\r\n".to_owned(),
        "X-Version : 2\r\n".to_owned(),
        "X-Größe: 7\r\n".to_owned(),
        "X: \x1b[2J\r\n".to_owned(),
        "x: y\r\n".repeat(1000),
    ] {
        let whole = format!("HTTP/1.1 200 OK\r\n{headers}content-length: 2\r\n\r\nok");
        let server = RawServer::start(vec![script(whole)]).await;
        let attempt = probe(&http(&server.url("/"), Settings::default())).await;
        assert_ok(&attempt);
        assert_eq!(answer(&attempt).body_bytes, 2);
    }
    let server = RawServer::start(vec![script(
        "HTTP/1.1 200 OK\r\nx: one\r\n  two\r\ncontent-length: 0\r\n\r\n",
    )])
    .await;
    let settings = Settings {
        expect: vec!["headers['x'].startsWith('one') && headers['x'].endsWith('two')".to_owned()],
        ..Settings::default()
    };
    assert_ok(&probe(&http(&server.url("/"), settings)).await);
}

#[tokio::test]
async fn a_header_that_cannot_be_read_is_named() {
    for (header, message) in [
        (
            "this is not a header",
            "header of the answer cannot be read: \"this is not a header\" has no colon",
        ),
        (
            "Content-Length: 5O",
            "header of the answer cannot be read: \"Content-Length: 5O\" is not a number",
        ),
        (
            "Content-Length: -1",
            "header of the answer cannot be read: \"Content-Length: -1\" is not a number",
        ),
    ] {
        let head = format!("HTTP/1.1 200 OK\r\n{header}\r\n\r\nok");
        check(script(head), FailureKind::Protocol, Phase::FirstByte, message).await;
    }
}

#[tokio::test]
async fn a_connection_that_ends_before_the_answer_is_closed_or_reset() {
    let part = || Step::Send(b"HTTP/1.1 200 OK\r\nconte".to_vec());
    check(vec![Step::Read], FailureKind::Closed, Phase::FirstByte, HEAD_CUT).await;
    check(
        vec![Step::Read, part()],
        FailureKind::Closed,
        Phase::FirstByte,
        HEAD_CUT,
    )
    .await;
    let reset = "connection reset by the peer";
    check(
        vec![Step::Read, part(), Step::Reset],
        FailureKind::Reset,
        Phase::FirstByte,
        reset,
    )
    .await;
}

#[tokio::test]
async fn a_body_that_ends_early_is_closed_or_reset() {
    let cut = "body cut short after 2 bytes";
    let longer = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok";
    check(script(longer), FailureKind::Closed, Phase::Transfer, cut).await;
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n5\r\n";
    check(script(chunked), FailureKind::Closed, Phase::Transfer, cut).await;
}

#[tokio::test]
async fn a_chunk_that_is_none_is_a_protocol_failure() {
    let server = RawServer::start(vec![script(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n\x1bzz\r\n",
    )])
    .await;
    let attempt = probe(&http(&server.url("/"), Settings::default())).await;
    let failure = failure(&attempt);
    assert_eq!(
        (failure.kind, failure.phase),
        (FailureKind::Protocol, Some(Phase::Transfer)),
        "{failure:?}"
    );
    assert_eq!(answer(&attempt).status, Some(200), "what came before is known");
}

#[tokio::test]
async fn silence_times_out_in_the_phase_it_fell_in() {
    for (steps, phase, message) in [
        (vec![Step::Silence], Phase::FirstByte, "no answer within LIMIT"),
        (
            vec![
                Step::Read,
                Step::Send(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n".to_vec()),
                Step::Silence,
            ],
            Phase::Transfer,
            "answer not complete within LIMIT",
        ),
    ] {
        let server = RawServer::start(vec![steps]).await;
        let http = http(&server.url("/"), Settings::default());
        let probe = async |limit| probe_within(&http, limit).await;
        let (attempt, limit) = assert_times_out(phase, message, probe).await;
        assert!(attempt.latency.as_duration() >= limit - Duration::from_millis(1));
        server.wait_closed(1).await;
    }
}

#[tokio::test]
async fn an_answer_that_comes_byte_by_byte_is_an_answer() {
    let server = RawServer::start(vec![vec![Step::Read, Step::Drip(OK.as_bytes().to_vec())]]).await;
    let attempt = probe(&http(&server.url("/"), Settings::default())).await;
    assert_ok(&attempt);
    assert_eq!(answer(&attempt).body_bytes, 2);
}

#[tokio::test]
async fn answers_in_advance_are_passed_over() {
    let server = RawServer::start(vec![script(format!(
        "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n{OK}"
    ))])
    .await;
    let attempt = probe(&http(&server.url("/"), Settings::default())).await;
    assert_ok(&attempt);
    assert_eq!(answer(&attempt).status, Some(200));
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_cut_off_there() {
    let endless = "HTTP/1.1 200 OK\r\n\r\n";
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    for (head, flood) in [
        (endless, "x".repeat(1000)),
        (chunked, format!("3e8\r\n{}\r\n", "x".repeat(1000))),
    ] {
        let steps = vec![Step::Read, Step::Send(head.into()), Step::Flood(flood.into())];
        let server = RawServer::start(vec![steps]).await;
        let settings = Settings {
            body_limit_bytes: 123_456,
            expect: vec!["size(body) == 123456".to_owned()],
            ..Settings::default()
        };
        let attempt = probe(&http(&server.url("/"), settings)).await;
        assert_ok(&attempt);
        assert_eq!(
            (answer(&attempt).body_bytes, answer(&attempt).truncated),
            (123_456, true)
        );
        server.wait_closed(1).await;
    }
}

#[tokio::test]
async fn a_body_of_just_the_limit_is_whole() {
    let server = RawServer::start(vec![script(OK)]).await;
    let settings = Settings {
        body_limit_bytes: 2,
        ..Settings::default()
    };
    let attempt = probe(&http(&server.url("/"), settings)).await;
    assert_ok(&attempt);
    assert_eq!((answer(&attempt).body_bytes, answer(&attempt).truncated), (2, false));
}

#[tokio::test]
async fn a_status_that_means_failure_is_told_in_the_peers_words() {
    for (line, message) in [
        ("503 Service Unavailable", "503 Service Unavailable"),
        ("404 Nothing Here", "404 Nothing Here"),
        ("500 ", "500"),
        ("101 Switching Protocols", "101 Switching Protocols"),
        ("999 \u{e9}", "999"),
    ] {
        let server = RawServer::start(vec![script(format!("HTTP/1.1 {line}\r\ncontent-length: 0\r\n\r\n"))]).await;
        let attempt = probe(&http(&server.url("/"), Settings::default())).await;
        assert_failed(&attempt, FailureKind::Status, None, message);
        assert_eq!(phases(&attempt), FRESH);
    }
}

#[tokio::test]
async fn expectations_decide_over_the_status_they_name() {
    let answer = "HTTP/1.1 503 Busy\r\nx-state: warm\u{e9}\r\ncontent-length: 16\r\n\r\n{\"state\":\"\x1b[1m\"}";
    for (condition, expected) in [
        ("status == 503", Ok(())),
        ("status == 200", Err((FailureKind::Expect, "status == 200 (was 503)"))),
        (
            "headers['x-state'].startsWith('warm')",
            Err((FailureKind::Status, "503 Busy")),
        ),
        ("status > 0 && latency < duration('1h')", Ok(())),
    ] {
        let server = RawServer::start(vec![script(answer)]).await;
        let settings = Settings {
            expect: vec![condition.to_owned()],
            ..Settings::default()
        };
        let attempt = probe(&http(&server.url("/"), settings)).await;
        let outcome = attempt
            .outcome
            .failure()
            .map(|failure| (failure.kind, failure.message.as_str()));
        assert_eq!(outcome.map_or(Ok(()), Err), expected, "{condition}");
    }
}

#[tokio::test]
async fn nobody_listening_is_refused_without_an_answer() {
    let server = RawServer::start(vec![vec![]]).await;
    let address = server.address;
    drop(server);
    tokio::task::yield_now().await;
    let attempt = probe(&http(&format!("http://{address}/"), Settings::default())).await;
    let message = format!("connection refused by {address}");
    assert_failed(&attempt, FailureKind::Refused, Some(Phase::Connect), &message);
    assert_eq!(attempt.answer, None);
}

#[tokio::test]
async fn tls_to_a_peer_without_it_fails_in_the_tls_phase() {
    let tls = |server: &RawServer| http(&format!("https://{}/", server.address), Settings::default());
    let plain = RawServer::start(vec![vec![Step::Send(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec())]]).await;
    let attempt = probe(&tls(&plain)).await;
    assert_failed(&attempt, FailureKind::Tls, Some(Phase::Tls), "peer does not speak TLS");
    let silent = RawServer::start(vec![vec![Step::Silence]]).await;
    let unanswered = tls(&silent);
    let within = async |limit| probe_within(&unanswered, limit).await;
    assert_times_out(Phase::Tls, "TLS handshake not finished within LIMIT", within).await;
    let closing = RawServer::start(vec![vec![]]).await;
    let failure = failure(&probe(&tls(&closing)).await).clone();
    assert_eq!(failure.phase, Some(Phase::Tls));
    assert!(
        matches!(failure.kind, FailureKind::Closed | FailureKind::Reset),
        "{failure:?}"
    );
}

#[tokio::test]
async fn no_answer_however_broken_does_more_than_fail() {
    let whole = b"HTTP/1.1 302 Found\r\nlocation: /x\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n";
    let mut seed = 1_u32;
    let mut random = |below: usize| {
        // Numerical Recipes' generator: the same answers in every run.
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 8) as usize % below
    };
    for _ in 0..300 {
        let mut bytes = whole.to_vec();
        for _ in 0..=random(4) {
            let at = random(bytes.len());
            match random(3) {
                0 => bytes[at] = random(256) as u8,
                1 => bytes.truncate(at + 1),
                _ => bytes.insert(at, random(256) as u8),
            }
        }
        let server = RawServer::start(vec![script(&bytes), script(OK)]).await;
        let attempt = probe(&http(&server.url("/"), Settings::default())).await;
        let Some(failure) = attempt.outcome.failure() else {
            continue;
        };
        assert_ne!(
            failure.kind,
            FailureKind::Timeout,
            "{:?}",
            String::from_utf8_lossy(&bytes)
        );
        assert!(!failure.message.as_str().contains(char::is_control) && !failure.message.as_str().is_empty());
    }
}

#[tokio::test]
async fn a_server_that_sends_without_end_leaves_its_neighbours_their_turns() {
    use std::io::{Read as _, Write as _};
    const BODY_BYTES: u64 = 16 * 1024 * 1024;
    // On a thread of its own, so that its bytes are there whenever they are looked for.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    // Nobody joins it: what it could wait for has an end.
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 1024];
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        assert!(stream.read(&mut request).unwrap() > 0);
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
        while stream.write_all(&[b'x'; 256 * 1024]).is_ok() {}
    });
    let settings = Settings {
        body_limit_bytes: BODY_BYTES,
        ..Settings::default()
    };
    let http = http(&url, settings);
    let mut turns = 0_u64;
    let neighbour = async {
        loop {
            turns += 1;
            tokio::task::yield_now().await;
        }
    };
    let attempt = tokio::select! {
        biased;
        attempt = async { tokio::spawn(async move { probe(&http).await }).await.unwrap() } => attempt,
        () = neighbour => unreachable!("it goes on for ever"),
    };
    assert_ok(&attempt);
    assert_eq!(answer(&attempt).body_bytes, BODY_BYTES);
    // A turn of the server's takes 64 KiB, and what one read gives beyond them.
    assert!(turns > BODY_BYTES / (512 * 1024), "{turns} turns");
}
