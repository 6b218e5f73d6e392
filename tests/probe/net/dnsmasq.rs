//! DNS probes against a real dnsmasq.

use probetop_core::sample::{FailureKind, Phase};
use probetop_probe::source::dns::{Dns, Settings, Transport};
use url::Url;

use super::{PATIENCE, facts, run};
use crate::support::attempt::{assert_failed, assert_ok, clock, phases};
use crate::support::dnsmasq::Dnsmasq;
use crate::support::nginx::Ports;
use crate::support::sockets;

const ZONE: [&str; 13] = [
    "--local=/test/",
    "--auth-ttl=60",
    "--local-ttl=60",
    "--host-record=www.test,192.0.2.1,2001:db8::1",
    "--host-record=www.test,192.0.2.2",
    "--cname=alias.test,www.test",
    "--mx-host=test,mail.test,10",
    "--txt-record=test,v=spf1 -all",
    "--srv-host=_sip._tcp.test,www.test,5060,1,2",
    "--ptr-record=7.2.0.192.in-addr.arpa,seven.test",
    "--caa-record=test,0,issue,ca.example",
    "--dns-rr=test,2,026e730474657374 00",
    "--edns-packet-max=1232",
];

fn dns(port: u16, rest: &str, transport: Transport, expect: &[&str]) -> Dns {
    let settings = Settings {
        transport,
        expect: expect.iter().map(|condition| condition.to_string()).collect(),
        ..Settings::default()
    };
    let url = Url::parse(&format!("dns://127.0.0.1:{port}/{rest}")).unwrap();
    Dns::try_new(clock(), &url, &settings).unwrap()
}

#[tokio::test]
#[ignore = "needs dnsmasq"]
async fn every_type_is_asked_over_udp_and_tcp() {
    let ports = Ports::<1>::claim();
    let [port] = ports.numbers;
    let _server = Dnsmasq::start(port, &ZONE);
    for (transport, gone_through) in [
        (Transport::Udp, &[Phase::Query][..]),
        (Transport::Tcp, &[Phase::Connect, Phase::Query]),
    ] {
        for (rest, answers) in [
            ("www.test?type=AAAA", "['2001:db8::1']"),
            ("alias.test?type=CNAME", "['www.test']"),
            ("test?type=MX", "['10 mail.test']"),
            ("test?type=TXT", "['v=spf1 -all']"),
            ("test?type=CAA", "['0 issue ca.example']"),
            ("test?type=NS", "['ns.test']"),
            ("_sip._tcp.test?type=SRV", "['1 2 5060 www.test']"),
            ("192.0.2.7?type=PTR", "['seven.test']"),
        ] {
            let condition = format!("answers == {answers}");
            let attempt = run(&dns(port, rest, transport, &[&condition]), PATIENCE).await;
            assert_ok(&attempt);
            assert_eq!(phases(&attempt), gone_through);
        }
        let addresses = ["size(answers) == 2 && '192.0.2.1' in answers && '192.0.2.2' in answers && ttl > 0"];
        assert_ok(&run(&dns(port, "alias.test", transport, &addresses), PATIENCE).await);
        let attempt = run(&dns(port, "nobody.test", transport, &[]), PATIENCE).await;
        assert_failed(&attempt, FailureKind::Status, None, "NXDOMAIN for nobody.test");
    }
}

#[tokio::test]
#[ignore = "needs dnsmasq"]
async fn an_answer_that_does_not_fit_comes_over_tcp() {
    let ports = Ports::<1>::claim();
    let [port] = ports.numbers;
    let text = format!("--txt-record=long.test{}", format!(",{}", "x".repeat(250)).repeat(8));
    let _server = Dnsmasq::start(port, &[&ZONE[..], &[&text]].concat());
    let attempt = run(
        &dns(
            port,
            "long.test?type=TXT",
            Transport::Udp,
            &["truncated && size(answers[0]) == 2000"],
        ),
        PATIENCE,
    )
    .await;
    assert_ok(&attempt);
    assert_eq!(phases(&attempt), [Phase::Connect, Phase::Query]);
    assert_eq!(attempt.answer.unwrap().protocol, Some("DNS over TCP".into()));
}

#[tokio::test]
#[ignore = "needs dnsmasq"]
async fn a_server_that_is_killed_is_missed_at_once_and_found_again() {
    let ports = Ports::<1>::claim();
    let [port] = ports.numbers;
    for transport in [Transport::Udp, Transport::Tcp] {
        let probe = dns(port, "www.test", transport, &[]);
        let server = Dnsmasq::start(port, &ZONE);
        assert_ok(&run(&probe, PATIENCE).await);
        drop(server);
        let attempt = run(&probe, PATIENCE).await;
        assert_eq!(
            attempt.outcome.failure().map(|failure| failure.kind),
            Some(FailureKind::Refused)
        );
        let _server = Dnsmasq::start(port, &ZONE);
        for _ in 0..200 {
            let attempt = run(&probe, PATIENCE).await;
            assert_ok(&attempt);
            assert!(facts(&attempt).starts_with("rcode=NOERROR answers=192.0.2."));
        }
        let open = sockets::open_to(port);
        assert!(open <= 4, "{open} sockets after 200 probes");
    }
}
