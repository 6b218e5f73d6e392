//! UDP probes against peers that play a script.

use probetop_core::sample::{FailureKind, Phase};
use probetop_probe::source::udp::{Settings, Udp};
use url::Url;

use super::peer::Peer;
use super::{PATIENCE, facts, run};
use crate::support::attempt::{assert_failed, assert_ok, clock, phases};
use crate::support::silence::assert_times_out;

fn udp(url: &str, send: &str, expect: Option<&str>) -> Udp {
    let settings = Settings {
        send: Some(send.to_owned()),
        expect: expect.map(str::to_owned),
        ..Settings::default()
    };
    Udp::try_new(clock(), &Url::parse(url).unwrap(), &settings).unwrap()
}

fn echo(datagram: &[u8]) -> Vec<Vec<u8>> {
    vec![datagram.to_vec()]
}

#[tokio::test]
async fn a_datagram_is_answered() {
    let peer = Peer::start(echo).await;
    let probe = udp(&format!("udp://{}", peer.address), r"PING\x00\r\n", Some(r"G\0"));
    let attempt = run(&probe, PATIENCE).await;
    assert_ok(&attempt);
    assert_eq!(phases(&attempt), [Phase::Message]);
    assert_eq!(facts(&attempt), "answer=PING");
    assert_eq!(attempt.answer.unwrap().address, Some(peer.address));
}

#[tokio::test]
async fn an_empty_datagram_is_a_question_and_an_answer() {
    let peer = Peer::start(echo).await;
    let attempt = run(&udp(&format!("udp://{}", peer.address), "", None), PATIENCE).await;
    assert_ok(&attempt);
    assert_eq!(facts(&attempt), "");
}

#[tokio::test]
async fn another_answer_fails_the_expectation_in_the_words_that_came() {
    let peer = Peer::start(|_| vec![b"\x1b[31mnever heard of it".to_vec()]).await;
    let attempt = run(&udp(&format!("udp://{}", peer.address), "x", Some("PONG")), PATIENCE).await;
    let message = "not the answer expected: '[31mnever heard of it'";
    assert_failed(&attempt, FailureKind::Expect, None, message);
}

#[tokio::test]
async fn silence_is_a_timeout() {
    let peer = Peer::start(|_| Vec::new()).await;
    let probe = udp(&format!("udp://{}", peer.address), "x", None);
    let within = async |limit| run(&probe, limit).await;
    let (attempt, _) = assert_times_out(Phase::Message, "no answer within LIMIT", within).await;
    assert_eq!(attempt.answer, None);
}

#[tokio::test]
async fn a_port_without_a_listener_is_refused_and_one_that_is_back_answers() {
    let address = Peer::start(echo).await.stop().await;
    let probe = udp(&format!("udp://{address}"), "x", None);
    let attempt = run(&probe, PATIENCE).await;
    let message = format!("nobody listens at {address} (port unreachable)");
    assert_failed(&attempt, FailureKind::Refused, Some(Phase::Message), &message);
    let _back = Peer::serve(tokio::net::UdpSocket::bind(address).await.unwrap(), echo);
    assert_ok(&run(&probe, PATIENCE).await);
}

#[tokio::test]
async fn a_name_is_resolved_first() {
    let peer = Peer::start(echo).await;
    let probe = udp(&format!("udp://localhost:{}", peer.address.port()), "x", None);
    let attempt = run(&probe, PATIENCE).await;
    assert_ok(&attempt);
    assert_eq!(phases(&attempt), [Phase::Dns, Phase::Message]);
}
