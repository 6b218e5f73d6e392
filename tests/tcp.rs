//! TCP probes against real sockets.

mod support;

use std::time::Duration;

use probetop::clock::Clock;
use probetop::sample::{FailureKind, Phase};
use probetop::source::tcp::{Settings, Tcp};
use probetop::source::{AddressFamily, Attempt, Probe};
use support::raw_server::{RawServer, Step};
use url::Url;

async fn probe(url: &str, settings: Settings) -> Attempt {
    let clock = Clock::system();
    let deadline = clock.now() + Duration::from_secs(20);
    Tcp::try_new(clock, &Url::parse(url).unwrap(), &settings)
        .unwrap()
        .probe(deadline)
        .await
}

fn phases(attempt: &Attempt) -> Vec<Phase> {
    attempt.phases.iter().map(|(phase, _)| phase).collect()
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
        let attempt = probe(&url, Settings { ip }).await;
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
