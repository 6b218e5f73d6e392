//! ICMP echoes over the loopback interface, which need the right to send them.

use probetop_core::sample::Phase;
use probetop_probe::source::icmp::{Icmp, Settings};
use url::Url;

use super::{PATIENCE, run};
use crate::support::attempt::{assert_ok, clock, phases};
use crate::support::sockets;

fn icmp(url: &str) -> Result<Icmp, String> {
    Icmp::try_new(clock(), &Url::parse(url).unwrap(), &Settings::default())
}

#[tokio::test]
#[ignore = "needs the right to send ICMP"]
async fn this_machine_answers_over_both_versions() {
    for host in ["127.0.0.1", "[::1]", "localhost"] {
        let probe = icmp(&format!("icmp://{host}")).unwrap();
        let attempt = run(&probe, PATIENCE).await;
        assert_ok(&attempt);
        let name = if host == "localhost" { &[Phase::Dns][..] } else { &[] };
        assert_eq!(phases(&attempt), [name, &[Phase::Message]].concat());
        assert!(attempt.answer.unwrap().address.unwrap().ip().is_loopback());
    }
}

#[tokio::test]
#[ignore = "needs the right to send ICMP"]
async fn probes_at_once_each_take_their_own_reply_and_keep_no_socket() {
    let probe = icmp("icmp://127.0.0.1").unwrap();
    assert_ok(&run(&probe, PATIENCE).await);
    for _ in 0..50 {
        let four = tokio::join!(
            run(&probe, PATIENCE),
            run(&probe, PATIENCE),
            run(&probe, PATIENCE),
            run(&probe, PATIENCE),
        );
        for attempt in [four.0, four.1, four.2, four.3] {
            assert_ok(&attempt);
        }
    }
    // The test beside this one has a few of its own; one left behind by each probe would be 200.
    let open = sockets::open_for_icmp();
    assert!(open <= 8, "{open} sockets after 200 probes");
}

#[test]
fn a_url_is_a_host_alone() {
    let check = |url: &str, message: &str| assert_eq!(icmp(url).err().as_deref(), Some(message), "of {url}");
    check(
        "icmp://a.example:7",
        "an echo has neither port nor path; write icmp://a.example",
    );
    check(
        "icmp://a.example/x",
        "an echo has neither port nor path; write icmp://a.example",
    );
    check("icmp:///x", "the URL has no host; write icmp://HOST");
}
