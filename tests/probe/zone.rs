//! Targets whose IPv6 address has a zone, as a user writes them.

use std::time::Duration;

use probetop::config::{Config, Overrides, Problems};
use probetop_core::sample::FailureKind;
use probetop_probe::source::Attempt;
use probetop_probe::source::demo::SharedDemo;
use probetop_probe::source::kind::ProbeContext;
use probetop_probe::source::registry::KINDS;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::support::attempt::clock;

/// Longer than anything here takes, even on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(20);

/// Kinds whose URL names no peer on the network.
const WITHOUT_PEER: [&str; 4] = ["exec", "process", "demo", "flow"];

fn load(url: &str) -> Config {
    read(&format!("[[target]]\nurl = {url:?}\n")).unwrap_or_else(|problems| panic!("{url}: {problems}"))
}

fn read(text: &str) -> Result<Config, Problems> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("probetop.toml");
    std::fs::write(&path, text).unwrap();
    let overrides = Overrides {
        file: Some(path),
        ..Overrides::default()
    };
    Config::load(&overrides, &|_| None)
}

async fn attempt(url: &str) -> Attempt {
    attempt_of(&format!("[[target]]\nurl = {url:?}\n")).await
}

/// Of the first target of a configuration.
async fn attempt_of(text: &str) -> Attempt {
    let config = read(text).unwrap_or_else(|problems| panic!("{text}: {problems}"));
    let (clock, demo) = (clock(), SharedDemo::default());
    let context = ProbeContext {
        clock: &clock,
        in_flight: 4,
        demo: &demo,
    };
    let probed = config.targets.probed().next().unwrap();
    probed.probe(context).unwrap().probe(clock.now() + PATIENCE).await
}

/// Answers one request on the loopback interface's `::1`, and tells what was asked.
async fn asked(url: impl Fn(u16) -> String) -> (Attempt, String) {
    let listener = TcpListener::bind("[::1]:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = vec![0; 4096];
        let length = stream.read(&mut request).await.unwrap();
        stream
            .write_all(crate::support::raw_server::OK.as_bytes())
            .await
            .unwrap();
        String::from_utf8_lossy(&request[..length]).into_owned()
    });
    let attempt = attempt(&url(port)).await;
    assert!(attempt.outcome.is_ok(), "{attempt:?}");
    (attempt, server.await.unwrap())
}

#[tokio::test]
async fn an_address_with_a_zone_is_asked_and_its_zone_is_told_to_nobody() {
    for percent in ["%25", "%"] {
        let (attempt, request) = asked(|port| format!("http://[::1{percent}lo]:{port}/")).await;
        let address = attempt.answer.unwrap().address.unwrap();
        assert!(address.to_string().starts_with("[::1%1]:"), "{address}");
        assert!(
            request.contains(&format!("\r\nhost: [::1]:{}\r\n", address.port())),
            "{request}"
        );
        assert!(!request.contains('%'), "{request}");
    }
}

#[tokio::test]
async fn an_interface_is_named_by_its_number_too() {
    let listener = TcpListener::bind("[::1]:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let attempt = attempt(&format!("tcp://[::1%1]:{port}")).await;
    assert!(attempt.outcome.is_ok(), "{attempt:?}");
}

#[tokio::test]
async fn every_kind_with_a_peer_takes_both_spellings_and_says_that_there_is_no_such_interface() {
    for kind in KINDS.iter().filter(|kind| !WITHOUT_PEER.contains(&kind.name)) {
        // An echo has no port.
        let port = if kind.name == "icmp" { "" } else { ":9" };
        let path = url::Url::parse(kind.example).unwrap().path().to_owned();
        for (scheme, percent) in kind.schemes.iter().flat_map(|scheme| [(scheme, "%25"), (scheme, "%")]) {
            let url = format!("{scheme}://[fe80::1{percent}nowhere9]{port}{path}");
            let shown = load(&url).targets.rows()[0].url.shown().to_owned();
            assert_eq!(shown, url);
            let attempt = attempt(&url).await;
            let failure = attempt.outcome.failure().unwrap_or_else(|| panic!("{url} is answered"));
            assert_eq!(
                (failure.kind, failure.message.as_str()),
                (
                    FailureKind::Dns,
                    "no interface \"nowhere9\" on this machine; ip link lists those there are"
                ),
                "{url}"
            );
        }
    }
}

#[tokio::test]
async fn the_step_of_a_flow_a_proxy_and_a_pinned_address_may_have_a_zone() {
    let listener = TcpListener::bind("[::1]:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let serve = async {
        let mut requests = Vec::new();
        for _ in 0..4 {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = vec![0; 4096];
            let length = stream.read(&mut request).await.unwrap();
            let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";
            stream.write_all(answer.as_bytes()).await.unwrap();
            requests.push(String::from_utf8_lossy(&request[..length]).into_owned());
        }
        requests
    };
    let ask = async {
        for text in [
            format!("[[flow]]\nname = \"f\"\n[[flow.step]]\nname = \"s\"\nurl = \"http://[::1%lo]:{port}/a\"\n"),
            format!("[[target]]\nurl = \"http://shop.example/b\"\nproxy = \"http://[::1%25lo]:{port}\"\n"),
            format!("[[target]]\nurl = \"http://shop.example/c\"\nresolve = \"[::1%lo]:{port}\"\n"),
            format!("[[target]]\nurl = \"http://shop.example:{port}/d\"\nresolve = \"::1%1\"\n"),
        ] {
            let attempt = attempt_of(&text).await;
            assert!(attempt.outcome.is_ok(), "{text}: {attempt:?}");
        }
    };
    let (requests, ()) = tokio::join!(serve, ask);
    let lines: Vec<_> = requests.iter().map(|request| request.lines().next().unwrap()).collect();
    let expected = [
        "GET /a HTTP/1.1",
        "GET http://shop.example/b HTTP/1.1",
        "GET /c HTTP/1.1",
        "GET /d HTTP/1.1",
    ];
    assert_eq!(lines, expected);
    assert!(requests.iter().all(|request| !request.contains('%')), "{requests:?}");
}

#[tokio::test]
async fn wherever_a_zone_is_written_its_interface_must_be_there() {
    for text in [
        "[[flow]]\nname = \"f\"\n[[flow.step]]\nname = \"s\"\nurl = \"http://[fe80::1%nowhere9]/\"\n",
        "[[target]]\nurl = \"http://shop.example/\"\nproxy = \"http://[fe80::1%nowhere9]:3128\"\n",
        "[[target]]\nurl = \"http://shop.example/\"\nresolve = \"fe80::1%nowhere9\"\n",
    ] {
        let attempt = attempt_of(text).await;
        let message = attempt.outcome.failure().unwrap().message.to_string();
        assert!(
            message.ends_with("no interface \"nowhere9\" on this machine; ip link lists those there are"),
            "{message}"
        );
    }
}

#[test]
fn an_address_on_one_link_without_a_zone_is_told_to_have_one() {
    for text in [
        "[[target]]\nurl = \"tcp://[fe80::1]:22\"\n",
        "[[flow]]\nname = \"f\"\n[[flow.step]]\nname = \"s\"\nurl = \"http://[fe80::1]/\"\n",
        "[[target]]\nurl = \"http://shop.example/\"\nproxy = \"http://[fe80::1]:3128\"\n",
        "[[target]]\nurl = \"http://shop.example/\"\nresolve = \"fe80::1\"\n",
    ] {
        let problems = read(text).unwrap_err().to_string();
        let expected = "write its zone, the interface that leads there, as in fe80::1%eth0";
        assert!(problems.contains(expected), "{problems}");
    }
}
