//! Traffic, errors and drops of each network interface, from `/proc/net/dev`.

use std::collections::HashMap;
use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::sample::{NetworkReading, Text};

use super::files::Files;
use super::rate::{Previous, per_second};

/// A container host has hundreds of virtual interfaces; they sort last, so these are the ones to look at.
const INTERFACES_LIMIT: usize = 32;

#[derive(Debug, Default)]
pub(super) struct Reader {
    previous: Previous<Interfaces>,
}

impl Reader {
    pub(super) fn read(&mut self, files: &mut Files, now: Timestamp) -> Vec<NetworkReading> {
        let counters = files.text("/proc/net/dev").map(|text| parse(&text)).unwrap_or_default();
        let unknown = readings(&Interfaces::new(), &counters, Duration::ZERO);
        self.previous.compare(now, counters, readings).unwrap_or(unknown)
    }
}

/// By name.
type Interfaces = HashMap<String, Counters>;

/// What went through one interface since it was made.
#[derive(Debug, PartialEq)]
struct Counters {
    received_bytes: u64,
    transmitted_bytes: u64,
    errors: u64,
    drops: u64,
}

/// Two lines of heading, then an interface a line. Lines that say something else are left out.
fn parse(text: &str) -> Interfaces {
    text.lines().filter_map(parse_line).collect()
}

/// `eth0: bytes packets errs drop fifo frame compressed multicast`, then the same count of figures for sending.
fn parse_line(line: &str) -> Option<(String, Counters)> {
    let (interface, figures) = line.rsplit_once(':')?;
    let figures: Vec<u64> = figures
        .split_ascii_whitespace()
        .map_while(|figure| figure.parse().ok())
        .collect();
    let [
        received_bytes,
        _,
        receive_errors,
        receive_drops,
        _,
        _,
        _,
        _,
        transmitted_bytes,
        _,
        transmit_errors,
        transmit_drops,
        ..,
    ] = figures[..]
    else {
        return None;
    };
    let counters = Counters {
        received_bytes,
        transmitted_bytes,
        errors: receive_errors.saturating_add(transmit_errors),
        drops: receive_drops.saturating_add(transmit_drops),
    };
    Some((interface.trim().to_owned(), counters))
}

/// Outward interfaces first, then loopback, then the others, each by name.
fn readings(before: &Interfaces, after: &Interfaces, elapsed: Duration) -> Vec<NetworkReading> {
    let mut readings: Vec<NetworkReading> = after
        .iter()
        .map(|(interface, after)| reading(interface, before.get(interface), after, elapsed))
        .collect();
    readings.sort_by(|a, b| order(a).cmp(&order(b)));
    readings.truncate(INTERFACES_LIMIT);
    readings
}

fn reading(interface: &str, before: Option<&Counters>, after: &Counters, elapsed: Duration) -> NetworkReading {
    let rate = |counter: fn(&Counters) -> u64| per_second(counter(before?), counter(after), elapsed);
    NetworkReading {
        interface: Text::clean(interface),
        received_bytes_per_s: rate(|counters| counters.received_bytes),
        transmitted_bytes_per_s: rate(|counters| counters.transmitted_bytes),
        errors_per_s: rate(|counters| counters.errors),
        drops_per_s: rate(|counters| counters.drops),
        loopback: interface == "lo",
    }
}

fn order(reading: &NetworkReading) -> (bool, bool, &Text) {
    (!reading.is_outward(), !reading.loopback, &reading.interface)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DEV: &str = include_str!("../../../fixtures/host/net-dev-docker");
    const DEV_LATER: &str = include_str!("../../../fixtures/host/net-dev-docker-later");

    #[test]
    fn interfaces_that_carry_the_load_come_first() {
        let names: Vec<_> = readings(&Interfaces::new(), &parse(DEV), Duration::ZERO)
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
    fn only_ways_to_other_machines_count_in_a_sum() {
        let check = |interface: &str, expected| {
            let reading = reading(
                interface,
                None,
                &parse_line("x: 1 2 3 4 5 6 7 8 9 10 11 12").expect("it is whole").1,
                Duration::ZERO,
            );
            assert_eq!(reading.is_outward(), expected, "{interface}");
        };
        for outward in ["eth0", "enp3s0f1", "wlan0", "bond0", "wg0", "ppp0"] {
            check(outward, true);
        }
        for inward in [
            "lo", "veth12ab", "docker0", "br-1f6a", "br0", "virbr0", "cali01", "ifb0",
        ] {
            check(inward, false);
        }
    }

    #[test]
    fn lines_that_are_no_interface_are_left_out() {
        let check = |line, expected| assert_eq!(parse_line(line).is_some(), expected, "{line:?}");
        check(
            "  eth0:127184370    6701    0    0    0     0          0         0   626778    4931    1    0",
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
            readings(&Interfaces::new(), &parse(&text), Duration::ZERO);
        }
    }
}
