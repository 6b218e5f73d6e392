//! DNS probes against peers that answer what no well-behaved server would.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use probetop_core::sample::{FailureKind, Phase};
use probetop_probe::source::dns::{Dns, Settings, Transport};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UdpSocket};
use url::Url;

use super::peer::Peer;
use super::{PATIENCE, facts, run};
use crate::support::attempt::{assert_failed, assert_ok, clock, phases};
use crate::support::raw_server::{RawServer, Step};
use crate::support::silence::{assert_times_out, with_room};

fn dns(url: &str, transport: Transport, expect: &[&str]) -> Dns {
    let settings = Settings {
        transport,
        expect: expect.iter().map(|condition| condition.to_string()).collect(),
        ..Settings::default()
    };
    Dns::try_new(clock(), &Url::parse(url).unwrap(), &settings).unwrap()
}

/// What follows a question: our own OPT record.
const OPT_BYTES: usize = 11;

fn offers_edns(question: &[u8]) -> bool {
    question[11] == 1
}

const RESPONSE: u8 = 0x80;
const TRUNCATED: u8 = 0x02;

/// The question turned into a response: flags, code, and addresses as answers.
fn response(question: &[u8], flags: u8, rcode: u8, addresses: &[[u8; 4]]) -> Vec<u8> {
    let mut bytes = question[..question.len() - if offers_edns(question) { OPT_BYTES } else { 0 }].to_vec();
    bytes[2] |= RESPONSE | flags;
    bytes[3] = rcode;
    bytes[7] = addresses.len() as u8;
    bytes[11] = 0;
    for address in addresses {
        bytes.extend(b"\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04");
        bytes.extend(address);
    }
    bytes
}

async fn ask(
    answers: impl Fn(&[u8]) -> Vec<Vec<u8>> + Send + 'static,
    expect: &[&str],
    limit: Duration,
) -> super::Attempt {
    let peer = Peer::start(answers).await;
    let url = format!("dns://{}/www.example.com", peer.address);
    run(&dns(&url, Transport::Udp, expect), limit).await
}

#[tokio::test]
async fn answers_are_facts_and_gauges() {
    let attempt = ask(
        |question| vec![response(question, 0, 0, &[[192, 0, 2, 1], [192, 0, 2, 2]])],
        &["'192.0.2.2' in answers", "ttl == 60"],
        PATIENCE,
    )
    .await;
    assert_ok(&attempt);
    assert_eq!(phases(&attempt), [Phase::Query]);
    assert_eq!(facts(&attempt), "rcode=NOERROR answers=192.0.2.1, 192.0.2.2");
    let answer = attempt.answer.unwrap();
    assert_eq!(answer.protocol, Some("DNS over UDP".into()));
    let gauges: Vec<_> = answer
        .gauges
        .iter()
        .map(|gauge| (gauge.name.as_str(), gauge.value))
        .collect();
    assert_eq!(gauges, [("answer_count", 2.0), ("ttl_min_s", 60.0)]);
}

#[tokio::test]
async fn a_refusal_or_nothing_fails_unless_it_is_expected() {
    let nxdomain = |question: &[u8]| vec![response(question, 0, 3, &[])];
    let attempt = ask(nxdomain, &[], PATIENCE).await;
    assert_failed(&attempt, FailureKind::Status, None, "NXDOMAIN for www.example.com");
    assert_ok(&ask(nxdomain, &["rcode == 'NXDOMAIN'"], PATIENCE).await);
    let nothing = |question: &[u8]| vec![response(question, 0, 0, &[])];
    let attempt = ask(nothing, &["ttl > 1"], PATIENCE).await;
    assert_failed(&attempt, FailureKind::Status, None, "no A record for www.example.com");
    assert_ok(&ask(nothing, &["size(answers) == 0"], PATIENCE).await);
    let attempt = ask(nothing, &["rcode == 'SERVFAIL'"], PATIENCE).await;
    assert_failed(
        &attempt,
        FailureKind::Expect,
        None,
        "rcode == 'SERVFAIL' (was 'NOERROR')",
    );
}

#[tokio::test]
async fn a_server_that_refuses_edns_is_asked_without() {
    for rcode in [1, 2, 4] {
        let questions = Arc::new(AtomicUsize::new(0));
        let asked = Arc::clone(&questions);
        let peer = Peer::start(move |question| {
            asked.fetch_add(1, Ordering::Relaxed);
            vec![match offers_edns(question) {
                true => response(question, 0, rcode, &[]),
                false => response(question, 0, 0, &[[192, 0, 2, 1]]),
            }]
        })
        .await;
        let url = format!("dns://{}/www.example.com", peer.address);
        let probe = dns(&url, Transport::Udp, &["answers == ['192.0.2.1']"]);
        assert_ok(&run(&probe, PATIENCE).await);
        assert_ok(&run(&probe, PATIENCE).await);
        assert_eq!(
            questions.load(Ordering::Relaxed),
            3,
            "the second probe knows what the first has learnt"
        );
    }
    let attempt = ask(|question| vec![response(question, 0, 4, &[])], &[], PATIENCE).await;
    assert_failed(&attempt, FailureKind::Status, None, "NOTIMP for www.example.com");
}

#[tokio::test]
async fn a_server_that_is_silent_about_edns_is_asked_without() {
    let offers = Arc::new(AtomicUsize::new(0));
    let offered = Arc::clone(&offers);
    let peer = Peer::start(move |question| match offers_edns(question) {
        true => {
            offered.fetch_add(1, Ordering::Relaxed);
            Vec::new()
        }
        false => vec![response(question, 0, 0, &[[192, 0, 2, 1]])],
    })
    .await;
    let probe = dns(&format!("dns://{}/www.example.com", peer.address), Transport::Udp, &[]);
    let within = async |limit| run(&probe, limit).await;
    let (attempt, _) = with_room(within, |attempt, _| attempt.outcome.is_ok()).await;
    assert_ok(&attempt);
    let offered = offers.load(Ordering::Relaxed);
    assert_ok(&run(&probe, PATIENCE).await);
    assert_eq!(offers.load(Ordering::Relaxed), offered, "it is remembered");
}

/// A datagram that was lost is a timeout, not a reason to ask otherwise.
#[tokio::test]
async fn a_server_that_has_answered_in_edns_is_not_asked_without_it_when_it_is_silent() {
    let questions = Arc::new(AtomicUsize::new(0));
    let asked = Arc::clone(&questions);
    let peer = Peer::start(move |question| {
        if asked.fetch_add(1, Ordering::Relaxed) > 0 {
            return Vec::new();
        }
        let mut answer = response(question, 0, 0, &[[192, 0, 2, 1]]);
        answer[11] = 1;
        answer.extend(&question[question.len() - OPT_BYTES..]);
        vec![answer]
    })
    .await;
    let probe = dns(&format!("dns://{}/www.example.com", peer.address), Transport::Udp, &[]);
    assert_ok(&run(&probe, PATIENCE).await);
    let tries = AtomicUsize::new(0);
    let within = async |limit| {
        tries.fetch_add(1, Ordering::Relaxed);
        run(&probe, limit).await
    };
    assert_times_out(Phase::Query, "no answer within LIMIT", within).await;
    assert_eq!(questions.load(Ordering::Relaxed), 1 + tries.into_inner());
}

#[tokio::test]
async fn garbage_is_told_and_answers_to_others_are_read_over() {
    let cut = |question: &[u8]| vec![response(question, 0, 0, &[[192, 0, 2, 1]])[..20].to_vec()];
    let attempt = ask(cut, &[], PATIENCE).await;
    let message = "the answer is not a DNS message: it ends too early";
    assert_failed(&attempt, FailureKind::Protocol, Some(Phase::Query), message);
    let noise = |question: &[u8]| {
        let good = response(question, 0, 0, &[[192, 0, 2, 1]]);
        vec![b"\x1b[31m".to_vec(), Vec::new(), question[..2].to_vec(), good]
    };
    assert_ok(&ask(noise, &["answers == ['192.0.2.1']"], PATIENCE).await);
    let forged = |question: &[u8]| {
        let good = response(question, 0, 0, &[[192, 0, 2, 1]]);
        let mut other_id = good.clone();
        other_id[0] ^= 1;
        let mut other_name = response(question, 0, 0, &[[192, 0, 2, 66]]);
        other_name[13] ^= 1;
        vec![other_id, other_name, good]
    };
    assert_ok(&ask(forged, &["answers == ['192.0.2.1']"], PATIENCE).await);
    let within = async |limit| ask(|question| vec![question.to_vec(); 100], &[], limit).await;
    assert_times_out(Phase::Query, "no answer within LIMIT", within).await;
}

#[tokio::test]
async fn a_resolver_that_is_not_there_refuses() {
    let address = Peer::start(|_| Vec::new()).await.stop().await;
    let attempt = run(
        &dns(&format!("dns://{address}/a.example"), Transport::Udp, &[]),
        PATIENCE,
    )
    .await;
    let message = format!("nobody listens at {address} (port unreachable)");
    assert_failed(&attempt, FailureKind::Refused, Some(Phase::Query), &message);
    let attempt = run(
        &dns(&format!("dns://{address}/a.example"), Transport::Tcp, &[]),
        PATIENCE,
    )
    .await;
    let message = format!("connection refused by {address}");
    assert_failed(&attempt, FailureKind::Refused, Some(Phase::Connect), &message);
}

#[tokio::test]
async fn an_answer_that_does_not_fit_is_asked_for_again_over_tcp() {
    let server = RawServer::start(vec![vec![Step::Send(b"\0\x02hi".to_vec()), Step::Silence]]).await;
    let socket = UdpSocket::bind(server.address).await.unwrap();
    let _peer = Peer::serve(socket, |question| vec![response(question, TRUNCATED, 0, &[])]);
    let attempt = run(
        &dns(&format!("dns://{}/a.example", server.address), Transport::Udp, &[]),
        PATIENCE,
    )
    .await;
    assert_eq!(phases(&attempt), [Phase::Connect, Phase::Query]);
    let message = "the answer is not a DNS message: it ends too early";
    assert_failed(&attempt, FailureKind::Protocol, Some(Phase::Query), message);
    server.wait_closed(1).await;
}

#[tokio::test]
async fn every_trouble_of_a_stream_is_told_by_its_name() {
    let check = async |script: Vec<Step>, kind: FailureKind, message: &str| {
        let server = RawServer::start(vec![script]).await;
        let probe = dns(&format!("dns://{}/a.example", server.address), Transport::Tcp, &[]);
        assert_failed(&run(&probe, PATIENCE).await, kind, Some(Phase::Query), message);
        server.wait_closed(1).await;
    };
    let server = RawServer::start(vec![vec![Step::Silence]]).await;
    let probe = dns(&format!("dns://{}/a.example", server.address), Transport::Tcp, &[]);
    let within = async |limit| run(&probe, limit).await;
    assert_times_out(Phase::Query, "no answer within LIMIT", within).await;
    server.wait_closed(1).await;
    let dripped = vec![Step::Drip(b"\0\x0c............".to_vec()), Step::Silence];
    check(dripped, FailureKind::Protocol, "the answer is to another question").await;
    let endless = vec![Step::Flood(vec![0; 4096])];
    check(
        endless,
        FailureKind::Protocol,
        "the answer is not a DNS message: it ends too early",
    )
    .await;
}

#[tokio::test]
async fn an_answer_shorter_than_its_length_is_cut_off() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("dns://{}/a.example", listener.local_addr().unwrap());
    let serve = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        // What is left unread at the end would break the connection off instead.
        let length = stream.read_u16().await.unwrap();
        stream.read_exact(&mut vec![0; length.into()]).await.unwrap();
        stream.write_all(b"\xff\xffshort").await.unwrap();
    };
    let probe = dns(&url, Transport::Tcp, &[]);
    let (attempt, ()) = tokio::join!(run(&probe, PATIENCE), serve);
    let message = "connection closed by the peer";
    assert_failed(&attempt, FailureKind::Closed, Some(Phase::Query), message);
}
