//! Which connection a probe uses, and what becomes of it.

use std::sync::Arc;

use probetop_core::sample::{FailureKind, Phase};
use probetop_probe::source::http::Settings;
use probetop_probe::source::idle::Connection;

use super::*;
use crate::support::raw_server::{OK, RawServer, Step, answer as script, answers, keeps_answering};

#[tokio::test]
async fn a_kept_connection_spares_the_phases_before_the_request() {
    let server = RawServer::start(keeps_answering(OK)).await;
    let http = http(&server.url("/"), Settings::default());
    let first = probe(&http).await;
    assert_ok(&first);
    assert_eq!(phases(&first), FRESH);
    assert!(!answer(&first).reused);
    for _ in 0..50 {
        let next = probe(&http).await;
        assert_ok(&next);
        assert_eq!(phases(&next), WARM);
        assert!(answer(&next).reused);
    }
    assert_eq!(server.seen().connections, 1);
}

#[tokio::test]
async fn an_answer_tells_what_is_known_of_the_peer() {
    let server = RawServer::start(keeps_answering(OK)).await;
    let attempt = probe(&http(&server.url("/"), Settings::default())).await;
    let expected = Answer {
        address: Some(server.address),
        protocol: Some("HTTP/1.1".into()),
        status: Some(200),
        body_bytes: 2,
        ..Answer::default()
    };
    assert_eq!(answer(&attempt), &expected);
    let sum: u32 = attempt.phases.iter().map(|(_, took)| took.0).sum();
    assert!(sum <= attempt.latency.0, "phases are parts of the latency");
}

#[tokio::test]
async fn users_of_one_plan_have_connections_of_their_own() {
    let server = RawServer::start(keeps_answering(OK)).await;
    let first = http(&server.url("/"), Settings::default());
    let users = [first.another(1), first.another(1), first];
    for expected in [&FRESH[..], &WARM[..]] {
        for user in &users {
            let attempt = probe(user).await;
            assert_ok(&attempt);
            assert_eq!(phases(&attempt), expected);
        }
    }
    assert_eq!(server.seen().connections, 3);
}

#[tokio::test]
async fn fresh_opens_a_connection_for_every_probe() {
    let server = RawServer::start(keeps_answering(OK)).await;
    let settings = Settings {
        connection: Connection::Fresh,
        ..Settings::default()
    };
    let http = http(&server.url("/"), settings);
    for _ in 0..3 {
        let attempt = probe(&http).await;
        assert_ok(&attempt);
        assert_eq!(phases(&attempt), FRESH);
    }
    assert_eq!(server.seen().connections, 3);
    server.wait_closed(3).await;
}

#[tokio::test]
async fn probes_that_run_at_once_are_credited_with_their_own_connection_only() {
    let server = RawServer::start(vec![[vec![Step::Read, Step::Hold], script(OK).split_off(1)].concat()]).await;
    let http = Arc::new(http_in_flight(&server.url("/"), Settings::default(), 32));
    let spawn = || {
        let http = Arc::clone(&http);
        tokio::spawn(async move { probe(&http).await })
    };
    let running: Vec<_> = (0..20).map(|_| spawn()).collect();
    server.wait_requests(20).await;
    server.release();
    for attempt in running {
        let attempt = attempt.await.unwrap();
        assert_ok(&attempt);
        assert_eq!(phases(&attempt), FRESH, "none could have used another's");
        assert!(!answer(&attempt).reused);
    }
    assert_eq!(server.seen().connections, 20);
}

#[tokio::test]
async fn a_probe_that_starts_while_another_ends_carries_no_phantom_phases() {
    for _ in 0..20 {
        let held = [vec![Step::Read, Step::Hold], script(OK).split_off(1), answers(9, OK)].concat();
        let server = RawServer::start(vec![held, answers(9, OK)]).await;
        let http = Arc::new(http(&server.url("/"), Settings::default()));
        let other = Arc::clone(&http);
        let first = tokio::spawn(async move { probe(&other).await });
        server.wait_requests(1).await;
        server.release();
        let second = probe(&http).await;
        let first = first.await.unwrap();
        assert_eq!(phases(&first), FRESH);
        let expected: &[Phase] = if answer(&second).reused { &WARM } else { &FRESH };
        assert_eq!(
            phases(&second),
            expected,
            "the phases are those of the connection that was used"
        );
    }
}

#[tokio::test]
async fn a_connection_closed_while_idle_is_replaced() {
    let server = RawServer::start(vec![script(OK), script(OK)]).await;
    let http = http(&server.url("/"), Settings::default());
    assert_ok(&probe(&http).await);
    server.wait_closed(1).await;
    let second = probe(&http).await;
    assert_ok(&second);
    assert!(!answer(&second).reused);
}

#[tokio::test]
async fn a_connection_closed_as_the_request_arrives_is_tried_once_more() {
    for ending in [vec![Step::Read], vec![Step::Read, Step::Reset]] {
        let server = RawServer::start(vec![[script(OK), ending].concat(), script(OK)]).await;
        let http = http(&server.url("/"), Settings::default());
        assert_ok(&probe(&http).await);
        let second = probe(&http).await;
        assert_ok(&second);
        assert!(!answer(&second).reused);
        assert_eq!(phases(&second), FRESH);
        assert_eq!(server.seen().requests.len(), 3);
    }
}

#[tokio::test]
async fn a_post_is_never_sent_twice() {
    let server = RawServer::start(vec![[script(OK), vec![Step::Read]].concat(), script(OK)]).await;
    let settings = Settings {
        method: "POST".to_owned(),
        ..Settings::default()
    };
    let http = http(&server.url("/"), settings);
    assert_ok(&probe(&http).await);
    let closed = "connection closed before the head of the answer was whole";
    assert_failed(&probe(&http).await, FailureKind::Closed, Some(Phase::FirstByte), closed);
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_not_tried_again() {
    let half = vec![Step::Read, Step::Send(b"HTTP/1.1 200 O".to_vec())];
    let server = RawServer::start(vec![[script(OK), half].concat(), script(OK)]).await;
    let http = http(&server.url("/"), Settings::default());
    assert_ok(&probe(&http).await);
    let closed = "connection closed before the head of the answer was whole";
    assert_failed(&probe(&http).await, FailureKind::Closed, Some(Phase::FirstByte), closed);
}

#[tokio::test]
async fn a_connection_the_peer_will_close_is_not_kept() {
    for last in [
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok",
        "HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok and more than was asked for",
    ] {
        let server = RawServer::start(keeps_answering(last)).await;
        let http = http(&server.url("/"), Settings::default());
        for _ in 0..2 {
            let attempt = probe(&http).await;
            assert_ok(&attempt);
            assert!(!answer(&attempt).reused, "after {last:?}");
        }
    }
}

#[tokio::test]
async fn a_request_that_was_answered_before_it_was_read_spoils_its_connection() {
    let server = RawServer::start(vec![[script(OK), vec![Step::Hold]].concat()]).await;
    let settings = Settings {
        method: "PUT".to_owned(),
        // More than the buffers of both sides take.
        body: Some("x".repeat(64 * 1024 * 1024)),
        ..Settings::default()
    };
    let http = http(&server.url("/"), settings);
    for _ in 0..2 {
        let attempt = probe(&http).await;
        assert_ok(&attempt);
        assert!(!answer(&attempt).reused);
    }
}

#[tokio::test]
async fn a_probe_that_is_given_up_closes_its_connection() {
    let server = RawServer::start(vec![vec![Step::Read, Step::Silence]]).await;
    let http = http(&server.url("/"), Settings::default());
    {
        let abandoned = probe(&http);
        tokio::select! {
            _ = abandoned => panic!("nobody answers"),
            () = server.wait_requests(1) => {}
        }
    }
    server.wait_closed(1).await;
}

#[tokio::test]
async fn idle_connections_close_with_their_target() {
    let server = RawServer::start(vec![[script(OK), vec![Step::Silence]].concat()]).await;
    let http = http(&server.url("/"), Settings::default());
    assert_ok(&probe(&http).await);
    drop(http);
    server.wait_closed(1).await;
}

#[tokio::test]
async fn no_more_connections_are_kept_than_probes_may_run() {
    let held = [vec![Step::Read, Step::Hold], answers(9, OK).split_off(1)].concat();
    let server = RawServer::start(vec![held]).await;
    let settings = Settings {
        redirects: 0,
        ..Settings::default()
    };
    let http = Arc::new(http_in_flight(&server.url("/"), settings, 2));
    let spawn = || {
        let http = Arc::clone(&http);
        tokio::spawn(async move { probe(&http).await })
    };
    let running: Vec<_> = (0..5).map(|_| spawn()).collect();
    server.wait_requests(5).await;
    server.release();
    for attempt in running {
        assert_ok(&attempt.await.unwrap());
    }
    server.wait_closed(3).await;
    let again: Vec<_> = (0..2).map(|_| spawn()).collect();
    for attempt in again {
        assert!(answer(&attempt.await.unwrap()).reused);
    }
    assert_eq!(server.seen().connections, 5);
}
