//! Traffic and errors of each network interface, from `/proc/net/dev`.

use std::time::Duration;

use super::files::Files;
use super::rate::{Previous, per_second};
use crate::clock::Timestamp;
use crate::sample::{NetworkReading, Text};

/// A container host has hundreds of virtual interfaces; they sort last, so these are the ones to look at.
const INTERFACES_LIMIT: usize = 32;

/// How the names of interfaces begin that container engines, hypervisors and tunnels make.
const VIRTUAL: [&str; 14] = [
    "veth", "docker", "br-", "virbr", "vnet", "cni", "cali", "flannel", "cilium", "lxc", "lxd", "ifb", "dummy", "sit",
];

#[derive(Debug, Default)]
pub(super) struct Reader {
    previous: Previous<Vec<Counters>>,
}

impl Reader {
    pub(super) fn read(&mut self, files: &mut Files, now: Timestamp) -> Vec<NetworkReading> {
        let counters = files.text("/proc/net/dev").map(|text| parse(&text)).unwrap_or_default();
        let unknown = readings(&[], &counters, Duration::ZERO);
        self.previous
            .compare(now, counters, |before, after, elapsed| readings(before, after, elapsed))
            .unwrap_or(unknown)
    }
}

/// What went through one interface since it was made.
#[derive(Debug, PartialEq)]
struct Counters {
    interface: String,
    received_bytes: u64,
    transmitted_bytes: u64,
    errors: u64,
}

/// Two lines of heading, then an interface a line. Lines that say something else are left out.
fn parse(text: &str) -> Vec<Counters> {
    text.lines().filter_map(parse_line).collect()
}

/// `eth0: bytes packets errs drop fifo frame compressed multicast`, then the same count of figures for sending.
fn parse_line(line: &str) -> Option<Counters> {
    let (interface, figures) = line.rsplit_once(':')?;
    let figures: Vec<u64> = figures
        .split_ascii_whitespace()
        .map_while(|figure| figure.parse().ok())
        .collect();
    let [
        received_bytes,
        _,
        receive_errors,
        _,
        _,
        _,
        _,
        _,
        transmitted_bytes,
        _,
        transmit_errors,
        ..,
    ] = figures[..]
    else {
        return None;
    };
    Some(Counters {
        interface: interface.trim().to_owned(),
        received_bytes,
        transmitted_bytes,
        errors: receive_errors.saturating_add(transmit_errors),
    })
}

/// Real interfaces first, then loopback, then virtual ones, each by name.
fn readings(before: &[Counters], after: &[Counters], elapsed: Duration) -> Vec<NetworkReading> {
    let mut order: Vec<&Counters> = after.iter().collect();
    order.sort_by_key(|counters| (rank(&counters.interface), &counters.interface));
    order.truncate(INTERFACES_LIMIT);
    order
        .into_iter()
        .map(|after| {
            let before = before.iter().find(|before| before.interface == after.interface);
            let rate = |counter: fn(&Counters) -> u64| per_second(counter(before?), counter(after), elapsed);
            NetworkReading {
                interface: Text::clean(&after.interface),
                received_bytes_per_s: rate(|counters| counters.received_bytes),
                transmitted_bytes_per_s: rate(|counters| counters.transmitted_bytes),
                errors_per_s: rate(|counters| counters.errors),
                loopback: after.interface == "lo",
            }
        })
        .collect()
}

fn rank(interface: &str) -> u8 {
    match interface {
        "lo" => 1,
        name if VIRTUAL.iter().any(|prefix| name.starts_with(prefix)) => 2,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DEV: &str = include_str!("../../../tests/fixtures/host/net-dev-docker");
    const DEV_LATER: &str = include_str!("../../../tests/fixtures/host/net-dev-docker-later");

    #[test]
    fn interfaces_that_carry_the_load_come_first() {
        let names: Vec<_> = readings(&[], &parse(DEV), Duration::ZERO)
            .iter()
            .map(|reading| reading.interface.to_string())
            .collect();
        assert_eq!(names, ["ens3", "wlp2s0", "lo", "br-1f6a", "docker0", "veth9c0d4e1"]);
    }

    #[test]
    fn rates_are_growth_over_time_and_a_reset_has_none() {
        let readings = readings(&parse(DEV), &parse(DEV_LATER), Duration::from_secs(2));
        let rates = |name: &str| {
            let reading = readings
                .iter()
                .find(|reading| reading.interface.as_str() == name)
                .expect("it is in the fixture");
            (
                reading.received_bytes_per_s,
                reading.transmitted_bytes_per_s,
                reading.errors_per_s,
            )
        };
        assert_eq!(rates("ens3"), (Some(500.0), Some(1000.0), Some(1.5)));
        assert_eq!(rates("lo"), (Some(0.0), Some(0.0), Some(0.0)));
        assert_eq!(
            rates("veth9c0d4e1"),
            (None, None, Some(0.0)),
            "its byte counters went backwards"
        );
        assert_eq!(rates("wg0"), (None, None, None), "it was not there before");
    }

    #[test]
    fn lines_that_are_no_interface_are_left_out() {
        let check = |line, expected| assert_eq!(parse_line(line).is_some(), expected, "{line:?}");
        check(
            "  eth0:127184370    6701    0    0    0     0          0         0   626778    4931    1",
            true,
        );
        check("eth0:1: 1 2 3 4 5 6 7 8 9 10 11 12", true);
        check(" face |bytes    packets errs drop", false);
        check("  eth0: 1 2 3", false);
        check("  eth0: 1 2 3 4 5 6 7 x 9 10 11", false);
        check("", false);
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in "([a-z0-9]{0,5}:( [0-9]{0,22}){0,17}\n){0,4}.*") {
            readings(&[], &parse(&text), Duration::ZERO);
        }
    }
}
