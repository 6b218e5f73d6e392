//! TLS probes against servers that play a script, and against a real nginx
//! (`cargo test --test probe tls:: -- --include-ignored`).

use std::path::Path;
use std::time::Duration;

use probetop_core::sample::{Answer, FailureKind, Phase};
use probetop_probe::source::tls::{Roots, Settings, Tls};
use probetop_probe::source::{Attempt, Probe};
use url::Url;

use crate::support::attempt::{clock, phases};
use crate::support::certificates::{Authority, Files, self_signed, self_signed_authority};
use crate::support::nginx::{Nginx, Ports};
use crate::support::raw_server::{RawServer, Step};
use crate::support::sockets;

const PATIENCE: Duration = Duration::from_secs(20);

fn tls(url: &str, settings: &Settings) -> Tls {
    Tls::try_new(clock(), &Url::parse(url).unwrap(), settings).unwrap()
}

async fn probe(tls: &Tls) -> Attempt {
    probe_within(tls, PATIENCE).await
}

async fn probe_within(tls: &Tls, limit: Duration) -> Attempt {
    tls.probe(clock().now() + limit).await
}

fn assert_failed(attempt: &Attempt, kind: FailureKind, message: &str) {
    let failure = attempt.outcome.failure().expect("the probe failed");
    assert_eq!((failure.kind, failure.phase), (kind, Some(Phase::Tls)), "{failure:?}");
    assert!(failure.message.as_str().starts_with(message), "{failure:?}");
}

fn fact<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    let fact = answer.facts.iter().find(|fact| fact.name == name)?;
    Some(fact.value.as_str())
}

fn days(answer: &Answer) -> f64 {
    let [days] = &answer.gauges[..] else {
        panic!("one gauge: {answer:?}");
    };
    assert_eq!(days.name.as_str(), "certificate_expires_days");
    days.value
}

/// What a server that plays `script` makes of a handshake.
async fn check_fault(script: Vec<Step>, kind: FailureKind, message: &str) {
    let server = RawServer::start(vec![script]).await;
    let tls = tls(&format!("tls://{}", server.address), &Settings::default());
    let attempt = probe_within(&tls, Duration::from_secs(2)).await;
    assert_failed(&attempt, kind, message);
    let answer = attempt.answer.unwrap();
    assert_eq!(answer.address, Some(server.address));
    assert_eq!((answer.tls, answer.facts.len(), answer.gauges.len()), (None, 0, 0));
    server.wait_closed(1).await;
}

#[tokio::test]
async fn a_peer_that_does_not_shake_hands_is_told_by_kind() {
    use FailureKind::{Reset, Timeout, Tls};
    let garbage = b"HTTP/1.1 400 \x1b[31mBad\r\n\r\n".to_vec();
    check_fault(vec![Step::Silence], Timeout, "TLS handshake not finished within").await;
    check_fault(
        vec![Step::Send(garbage.clone()), Step::Silence],
        Tls,
        "peer does not speak TLS",
    )
    .await;
    check_fault(vec![Step::Drip(garbage), Step::Silence], Tls, "peer does not speak TLS").await;
    check_fault(vec![Step::Flood(vec![0x16; 65_536])], Tls, "peer sent something").await;
    // A fatal alert: handshake_failure.
    let alert = vec![0x15, 3, 3, 0, 2, 2, 40];
    check_fault(
        vec![Step::Send(alert), Step::Silence],
        Tls,
        "peer broke the handshake off: handshake failure; what probetop offers does not suit it: TLS 1.2 and 1.3",
    )
    .await;
    for (code, message) in [
        (70, "peer speaks neither TLS 1.2 nor TLS 1.3, and probetop no older one"),
        (116, "peer wants a client certificate; set client_certificate"),
        (
            48,
            "peer does not accept that we show no client certificate: unknown ca",
        ),
        (112, "peer does not know the name that it is asked for, 127.0.0.1"),
        (120, "peer supports none of the offered protocols"),
    ] {
        let alert = vec![0x15, 3, 3, 0, 2, 2, code];
        check_fault(vec![Step::Send(alert), Step::Silence], Tls, message).await;
    }
    check_fault(vec![Step::Reset], Reset, "connection reset during the TLS handshake").await;
}

#[tokio::test]
async fn a_port_without_a_listener_is_refused() {
    let server = RawServer::start(vec![vec![]]).await;
    let address = server.address;
    drop(server);
    tokio::task::yield_now().await;
    let attempt = probe(&tls(&format!("tls://{address}"), &Settings::default())).await;
    let failure = attempt.outcome.failure().unwrap();
    assert_eq!(
        (failure.kind, failure.phase),
        (FailureKind::Refused, Some(Phase::Connect))
    );
    assert_eq!(attempt.answer, None);
}

#[tokio::test]
async fn a_probe_that_is_given_up_hangs_up() {
    let server = RawServer::start(vec![vec![Step::Silence]]).await;
    let tls = tls(&format!("tls://{}", server.address), &Settings::default());
    tokio::select! {
        attempt = probe(&tls) => panic!("nobody answers: {attempt:?}"),
        () = server.wait_connections(1) => {}
    }
    server.wait_closed(1).await;
}

/// nginx with a good certificate over each version, and every bad one.
struct Site {
    ports: [u16; 9],
    roots: Roots,
    /// The certificate behind `OWN_AUTHORITY`.
    own: Roots,
    _nginx: Nginx,
    _claim: Ports<9>,
}

const NEW: usize = 0;
const OLD: usize = 1;
const EXPIRED: usize = 2;
const SELF_SIGNED: usize = 3;
const WRONG_NAME: usize = 4;
const EARLY: usize = 5;
const OWN_AUTHORITY: usize = 6;
const OVER_AN_ISSUER: usize = 7;
const OVER_AN_EXPIRED_ISSUER: usize = 8;

fn server(port: u16, files: &Files, more: &str) -> String {
    let (certificate, key) = (files.certificate.display(), files.key.display());
    format!(
        "server {{ listen 127.0.0.1:{port} ssl http2; server_name localhost; {more}
                   ssl_certificate {certificate}; ssl_certificate_key {key}; }}\n"
    )
}

impl Site {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path: &Path = folder.path();
        let authority = Authority::new();
        let claim = Ports::claim();
        let ports = claim.numbers;
        let good = authority.good(path);
        let own = self_signed_authority(path);
        let servers = [
            server(ports[NEW], &good, "ssl_protocols TLSv1.3;"),
            server(ports[OLD], &good, "ssl_protocols TLSv1.2;"),
            server(ports[EXPIRED], &authority.expired(path), ""),
            server(ports[SELF_SIGNED], &self_signed(path), ""),
            server(ports[WRONG_NAME], &authority.wrong_name(path), ""),
            server(ports[EARLY], &authority.not_yet_valid(path), ""),
            server(ports[OWN_AUTHORITY], &own, ""),
            server(ports[OVER_AN_ISSUER], &authority.over_an_issuer(path, false), ""),
            server(ports[OVER_AN_EXPIRED_ISSUER], &authority.over_an_issuer(path, true), ""),
        ];
        Self {
            ports,
            own: Roots::from_file(&own.certificate).unwrap(),
            roots: Roots::only([authority.root()]),
            _nginx: Nginx::start(folder, &servers.concat(), &ports),
            _claim: claim,
        }
    }

    fn tls(&self, port: usize, settings: &Settings) -> Tls {
        let url = format!("tls://localhost:{}", self.ports[port]);
        tls(&url, settings).trusting(self.roots.clone())
    }
}

#[tokio::test]
#[ignore = "needs nginx"]
async fn a_good_certificate_tells_its_end_and_the_handshake_what_was_agreed() {
    let site = Site::start();
    for (port, version) in [(NEW, "TLS 1.3"), (OLD, "TLS 1.2")] {
        for alpn in [&[][..], &["h2"][..]] {
            let settings = Settings {
                alpn: alpn.iter().map(ToString::to_string).collect(),
                ..Settings::default()
            };
            let attempt = probe(&site.tls(port, &settings)).await;
            assert!(attempt.outcome.is_ok(), "{attempt:?}");
            assert_eq!(phases(&attempt), [Phase::Dns, Phase::Connect, Phase::Tls]);
            let answer = attempt.answer.unwrap();
            assert_eq!(answer.tls, Some(version.into()));
            assert_eq!(fact(&answer, "alpn"), alpn.first().copied());
            assert_eq!(fact(&answer, "certificate_names"), Some("localhost"));
            assert_eq!(fact(&answer, "certificate_issuer"), Some("probetop tests"));
            assert_eq!(fact(&answer, "chain_length"), Some("1"));
            assert!(fact(&answer, "cipher").unwrap().contains("AES"), "{answer:?}");
            // rcgen's certificates last to the year 4096.
            assert_eq!(fact(&answer, "certificate_expires"), Some("4096-01-01T00:00:00Z"));
            assert!(days(&answer) > 700_000.0);
        }
    }
}

#[tokio::test]
#[ignore = "needs nginx"]
async fn a_certificate_that_does_not_hold_fails_and_is_still_shown() {
    let site = Site::start();
    let check = async |port, message: &str, name: &str, ended: bool| {
        let attempt = probe(&site.tls(port, &Settings::default())).await;
        assert_failed(&attempt, FailureKind::Tls, message);
        let answer = attempt.answer.unwrap();
        assert!(answer.tls.is_some());
        assert_eq!(fact(&answer, "certificate_names"), Some(name));
        assert!(fact(&answer, "cipher").is_some());
        assert_eq!(days(&answer) < 0.0, ended, "{answer:?}");
    };
    check(EXPIRED, "certificate expired ", "localhost", true).await;
    check(SELF_SIGNED, "certificate is signed by itself", "localhost", false).await;
    check(
        WRONG_NAME,
        "certificate is for other.example, not for localhost",
        "other.example",
        false,
    )
    .await;
    check(EARLY, "certificate becomes valid in ", "localhost", false).await;
}

#[tokio::test]
#[ignore = "needs nginx"]
async fn a_certificate_that_was_named_itself_is_trusted_though_it_is_an_authoritys() {
    let site = Site::start();
    let url = |host: &str| format!("tls://{host}:{}", site.ports[OWN_AUTHORITY]);
    let trusting = |host: &str| tls(&url(host), &Settings::default()).trusting(site.own.clone());
    let attempt = probe(&trusting("localhost")).await;
    assert!(attempt.outcome.is_ok(), "{attempt:?}");
    let attempt = probe(&trusting("127.0.0.1")).await;
    assert_failed(
        &attempt,
        FailureKind::Tls,
        "certificate is for localhost, not for 127.0.0.1",
    );
    // Nobody named it: the answer is an answer, without the library's own names for things.
    let attempt = probe(&site.tls(OWN_AUTHORITY, &Settings::default())).await;
    assert_failed(&attempt, FailureKind::Tls, "certificate is ");
    let message = attempt.outcome.failure().unwrap().message.to_string();
    assert!(!message.contains("Error") && !message.contains('('), "{message}");
}

#[tokio::test]
#[ignore = "needs nginx"]
async fn the_end_of_the_whole_chain_is_watched() {
    let site = Site::start();
    let attempt = probe(&site.tls(OVER_AN_ISSUER, &Settings::default())).await;
    assert!(attempt.outcome.is_ok(), "{attempt:?}");
    let answer = attempt.answer.unwrap();
    assert!(days(&answer) < 30_000.0, "{answer:?}");
    assert_eq!(
        fact(&answer, "certificate_ends_first"),
        Some("that of the issuer between, 2090-01-01T00:00:00Z")
    );
    let attempt = probe(&site.tls(OVER_AN_EXPIRED_ISSUER, &Settings::default())).await;
    assert_failed(&attempt, FailureKind::Tls, "certificate of the issuer between expired ");
    assert!(days(&attempt.answer.unwrap()) < 0.0);
}

#[tokio::test]
#[ignore = "needs nginx"]
async fn the_name_asked_for_is_the_one_the_certificate_must_be_for() {
    let site = Site::start();
    let other = Settings {
        server_name: Some("other.example".to_owned()),
        ..Settings::default()
    };
    let attempt = probe(&site.tls(WRONG_NAME, &other)).await;
    assert!(attempt.outcome.is_ok(), "{attempt:?}");
    let attempt = probe(&site.tls(NEW, &other)).await;
    assert_failed(
        &attempt,
        FailureKind::Tls,
        "certificate is for localhost, not for other.example",
    );
    let stranger = tls(&format!("tls://localhost:{}", site.ports[NEW]), &Settings::default());
    let attempt = probe(&stranger).await;
    assert_failed(
        &attempt,
        FailureKind::Tls,
        "certificate issued by an unknown authority: probetop tests",
    );
}

#[tokio::test]
#[ignore = "needs nginx"]
async fn no_descriptor_is_left_behind_and_a_restart_is_noticed_at_once() {
    let site = Site::start();
    let tls = site.tls(NEW, &Settings::default());
    assert!(probe(&tls).await.outcome.is_ok());
    for _ in 0..200 {
        assert!(probe(&tls).await.outcome.is_ok());
    }
    let open = sockets::open_to(site.ports[NEW]);
    assert!(open <= KEPT, "{open} connections after 200 probes");
    drop(site);
    let refused = probe(&tls).await;
    assert_eq!(refused.outcome.failure().unwrap().kind, FailureKind::Refused);
}

/// Connections that may wait for the next probe, and one that is just being closed.
const KEPT: usize = 8;
