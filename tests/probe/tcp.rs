//! TCP probes against real sockets.

use std::time::Duration;

use probetop_core::sample::{FailureKind, Phase};
use probetop_probe::source::tcp::{Settings, Tcp};
use probetop_probe::source::{AddressFamily, Attempt, Probe};
use url::Url;

use crate::support::attempt::{clock, phases};
use crate::support::raw_server::{RawServer, Step};
use crate::support::silence::assert_times_out;

/// Longer than anything here takes, even on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(20);

async fn probe(url: &str, settings: Settings) -> Attempt {
    probe_within(url, settings, PATIENCE).await
}

async fn probe_within(url: &str, settings: Settings, limit: Duration) -> Attempt {
    let clock = clock();
    let deadline = clock.now() + limit;
    Tcp::try_new(clock, &Url::parse(url).unwrap(), &settings)
        .unwrap()
        .probe(deadline)
        .await
}

#[tokio::test]
async fn a_connection_is_opened_and_closed_again() {
    let server = RawServer::start(vec![vec![Step::Silence]]).await;
    let attempt = probe(&format!("tcp://{}", server.address), Settings::default()).await;
    assert!(attempt.outcome.is_ok(), "{attempt:?}");
    assert_eq!(phases(&attempt), [Phase::Connect]);
    assert_eq!(attempt.answer.unwrap().address, Some(server.address));
    server.wait_closed(1).await;
}

#[tokio::test]
async fn a_name_is_resolved_to_the_family_that_answers() {
    let server = RawServer::start(vec![vec![Step::Silence]]).await;
    let url = format!("tcp://localhost:{}", server.address.port());
    for ip in [AddressFamily::Any, AddressFamily::V4] {
        let settings = Settings {
            ip,
            ..Settings::default()
        };
        let attempt = probe(&url, settings).await;
        assert!(attempt.outcome.is_ok(), "{attempt:?}");
        assert_eq!(phases(&attempt), [Phase::Dns, Phase::Connect]);
        assert_eq!(attempt.answer.unwrap().address, Some(server.address));
    }
}

#[tokio::test]
async fn a_port_without_a_listener_is_refused() {
    let server = RawServer::start(vec![vec![]]).await;
    let address = server.address;
    drop(server);
    tokio::task::yield_now().await;
    let attempt = probe(&format!("tcp://{address}"), Settings::default()).await;
    let failure = attempt.outcome.failure().unwrap();
    assert_eq!(
        (failure.kind, failure.phase),
        (FailureKind::Refused, Some(Phase::Connect))
    );
    assert_eq!(failure.message.as_str(), format!("connection refused by {address}"));
    assert_eq!(attempt.answer, None);
}

/// What is said and expected, of a server that plays `script`.
async fn converse(script: Vec<Step>, send: Option<&str>, expect: Option<&str>) -> Attempt {
    let server = RawServer::start(vec![script]).await;
    let settings = Settings {
        send: send.map(str::to_owned),
        expect: expect.map(str::to_owned),
        read_limit_bytes: 1000,
        ..Settings::default()
    };
    probe_within(&format!("tcp://{}", server.address), settings, PATIENCE).await
}

async fn check(script: Vec<Step>, expect: &str, expected: Result<&str, (FailureKind, Option<Phase>, &str)>) {
    let attempt = converse(script, Some(r"PING\r\n\r\n"), Some(expect)).await;
    let found = attempt
        .outcome
        .failure()
        .map(|failure| (failure.kind, failure.phase, failure.message.as_str()));
    assert_eq!(found, expected.err(), "{attempt:?}");
    let facts = &attempt.answer.as_ref().expect("the peer was reached").facts;
    if let Ok(said) = expected {
        assert_eq!((facts[0].name.as_str(), facts[0].value.as_str()), ("answer", said));
        assert_eq!(phases(&attempt), [Phase::Connect, Phase::FirstByte, Phase::Transfer]);
    }
}

fn send(bytes: &[u8]) -> Step {
    Step::Send(bytes.to_vec())
}

#[tokio::test]
async fn an_answer_is_read_until_it_holds_what_is_expected() {
    check(
        vec![Step::Read, send(b"+PONG\r\n"), Step::Silence],
        r"+PONG\r\n",
        Ok("+PONG"),
    )
    .await;
    let dripped = vec![Step::Read, Step::Drip(b"one two three".to_vec()), Step::Silence];
    check(dripped, "two three", Ok("one two three")).await;
    check(
        vec![Step::Read, send(b"\x00\xff"), Step::Silence],
        r"\xff",
        Ok("\u{fffd}"),
    )
    .await;
    let attempt = converse(vec![send(b"SSH-2.0-x\r\n"), Step::Silence], None, Some("SSH-")).await;
    assert!(attempt.outcome.is_ok(), "a service that speaks first: {attempt:?}");
    let attempt = converse(vec![Step::Read, send(b"x"), Step::Silence], Some(r"\r\n\r\n"), None).await;
    assert!(attempt.outcome.is_ok(), "any answer: {attempt:?}");
}

#[tokio::test]
async fn another_answer_fails_the_expectation_in_the_words_that_came() {
    let wrong = |message| Err((FailureKind::Expect, Some(Phase::Transfer), message));
    let closed = vec![Step::Read, send(b"-ERR \x1b[31mno\r\n")];
    check(closed, "PONG", wrong("not the answer expected: '-ERR [31mno'")).await;
    let attempt = converse(vec![Step::Flood(b"spam".repeat(64))], None, Some("ham")).await;
    let failure = attempt.outcome.failure().unwrap();
    assert_eq!(failure.kind, FailureKind::Expect, "{failure:?}");
}

#[tokio::test]
async fn a_peer_that_ends_or_breaks_off_without_a_word_says_so() {
    let wrong = |kind, message| Err((kind, Some(Phase::FirstByte), message));
    let closed = wrong(FailureKind::Closed, "closed by the peer without an answer");
    check(vec![Step::Read], "PONG", closed).await;
    let reset = wrong(FailureKind::Reset, "connection reset by the peer");
    check(vec![Step::Read, Step::Reset], "PONG", reset).await;
}

#[tokio::test]
async fn silence_is_a_timeout_in_the_phase_it_began_in() {
    let settings = Settings {
        expect: Some("PONG".to_owned()),
        ..Settings::default()
    };
    for (script, phase, message) in [
        (vec![Step::Silence], Phase::FirstByte, "no answer within LIMIT"),
        (
            vec![send(b"-NOAUTH\r\n"), Step::Silence],
            Phase::Transfer,
            "answer not complete within LIMIT: '-NOAUTH'",
        ),
    ] {
        let server = RawServer::start(vec![script]).await;
        let url = format!("tcp://{}", server.address);
        let probe = async |limit| probe_within(&url, settings.clone(), limit).await;
        assert_times_out(phase, message, probe).await;
        server.wait_closed(1).await;
    }
}

#[tokio::test]
async fn an_abandoned_probe_closes_its_connection() {
    let server = RawServer::start(vec![vec![Step::Read, Step::Silence]]).await;
    let settings = Settings {
        send: Some(r"PING\r\n\r\n".to_owned()),
        ..Settings::default()
    };
    let url = format!("tcp://{}", server.address);
    tokio::select! {
        attempt = probe(&url, settings) => panic!("nobody answers: {attempt:?}"),
        () = server.wait_requests(1) => {}
    }
    server.wait_closed(1).await;
}
