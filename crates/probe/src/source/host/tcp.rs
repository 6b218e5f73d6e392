//! The state of this machine's TCP, from `/proc/net/snmp`, `/proc/net/netstat` and `/proc/net/sockstat`.

use std::io::{BufRead, BufReader, Read};
use std::time::Duration;

use probetop_core::clock::Timestamp;
use probetop_core::sample::TcpReading;

use super::Processes;
use super::files::Files;
use super::rate::{Previous, per_second};

#[derive(Debug, Default)]
pub(super) struct Reader {
    previous: Previous<Counters>,
    /// When connections were looked at one by one, and what came of it.
    counted: Option<(Timestamp, Option<u64>)>,
}

/// The kernel goes through its whole table of connections to list them, however few there are: milliseconds on a machine
/// with much memory. A leak grows over minutes.
const COUNT_EVERY: Duration = Duration::from_secs(5);

/// `TCP_CLOSE_WAIT` of the kernel's `include/net/tcp_states.h`, as the tables of connections have it.
const CLOSE_WAIT: &[u8] = b"08";

/// Of a table of connections more is not read: some hundred thousand of them. What is not read is not told.
const TABLE_LIMIT: u64 = 16 << 20;

impl Reader {
    pub(super) fn read(&mut self, files: &mut Files, now: Timestamp, processes: Processes) -> TcpReading {
        let is_due = match self.counted {
            None => true,
            Some((counted, _)) => processes != Processes::Keep && now.since(counted) >= COUNT_EVERY,
        };
        if is_due {
            self.counted = Some((now, count_close_wait(files)));
        }
        let close_wait = self.counted.and_then(|(_, count)| count);
        let mut counters = Counters::default();
        let mut reading = TcpReading::default();
        if let Some(snmp) = files.text("/proc/net/snmp") {
            // The kernel counts those that the peer has closed among them (RFC 4022, tcpCurrEstab).
            let open = table_figure(&snmp, "Tcp:", "CurrEstab");
            reading.established = open.zip(close_wait).map(|(open, closed)| open.saturating_sub(closed));
            counters.sent = table_figure(&snmp, "Tcp:", "OutSegs");
            counters.retransmitted = table_figure(&snmp, "Tcp:", "RetransSegs");
        }
        if let Some(netstat) = files.text("/proc/net/netstat") {
            counters.listen_drops = table_figure(&netstat, "TcpExt:", "ListenDrops");
        }
        if let Some(sockstat) = files.text("/proc/net/sockstat") {
            reading.time_wait = time_wait(&sockstat);
        }
        let rates = self.previous.compare(now, counters, rates).unwrap_or_default();
        TcpReading {
            established: reading.established,
            close_wait,
            time_wait: reading.time_wait,
            ..rates
        }
    }
}

/// IPv4 and IPv6 together; `None`: the system does not tell, or there are too many to look at.
fn count_close_wait(files: &Files) -> Option<u64> {
    let four = count_state(files.open("/proc/net/tcp")?, CLOSE_WAIT)?;
    // A kernel without IPv6 has no second table.
    let six = files.open("/proc/net/tcp6").map(|table| count_state(table, CLOSE_WAIT));
    Some(four + six.unwrap_or(Some(0))?)
}

/// A line reads `0: 0100007F:1538 00000000:0000 0A …`: number, both ends, state.
fn count_state(table: impl Read, state: &[u8]) -> Option<u64> {
    let mut table = BufReader::new(table.take(TABLE_LIMIT));
    let (mut line, mut read, mut count) = (Vec::new(), 0, 0);
    loop {
        line.clear();
        read += table.read_until(b'\n', &mut line).ok()? as u64;
        if line.is_empty() {
            return (read < TABLE_LIMIT).then_some(count);
        }
        let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        count += u64::from(words.nth(3) == Some(state));
    }
}

/// Since boot. `None`: this kernel does not count it.
#[derive(Debug, Default)]
struct Counters {
    sent: Option<u64>,
    retransmitted: Option<u64>,
    listen_drops: Option<u64>,
}

fn rates(before: &Counters, after: &Counters, elapsed: Duration) -> TcpReading {
    TcpReading {
        retransmitted_ratio: retransmitted_ratio(before, after),
        listen_drops_per_s: before
            .listen_drops
            .zip(after.listen_drops)
            .and_then(|(before, after)| per_second(before, after, elapsed)),
        ..TcpReading::default()
    }
}

/// The kernel does not count a segment sent again among those sent (RFC 4022, tcpOutSegs).
fn retransmitted_ratio(before: &Counters, after: &Counters) -> Option<f64> {
    let again = after.retransmitted?.checked_sub(before.retransmitted?)?;
    let all = after.sent?.checked_sub(before.sent?)?.saturating_add(again);
    (all > 0).then(|| again as f64 / all as f64)
}

/// A figure of a table of two lines, both beginning with `table`: names above, figures below.
fn table_figure(text: &str, table: &str, name: &str) -> Option<u64> {
    let mut lines = text.lines().filter_map(|line| line.strip_prefix(table));
    let (names, figures) = (lines.next()?, lines.next()?);
    let column = names.split_ascii_whitespace().position(|candidate| candidate == name)?;
    figures.split_ascii_whitespace().nth(column)?.parse().ok()
}

/// From the line `TCP: inuse 5 orphan 0 tw 12 alloc 9 mem 1`.
fn time_wait(sockstat: &str) -> Option<u64> {
    let line = sockstat.lines().find_map(|line| line.strip_prefix("TCP:"))?;
    let mut words = line.split_ascii_whitespace();
    words.find(|word| *word == "tw")?;
    words.next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SNMP: &str = include_str!("../../../fixtures/host/net-snmp-6.18");
    const NETSTAT: &str = include_str!("../../../fixtures/host/net-netstat-6.18");

    #[test]
    fn a_figure_is_found_below_its_name() {
        let check = |text, table, name, expected| assert_eq!(table_figure(text, table, name), expected, "{name}");
        check(SNMP, "Tcp:", "CurrEstab", Some(37));
        check(SNMP, "Tcp:", "OutSegs", Some(4813));
        check(SNMP, "Tcp:", "RetransSegs", Some(12));
        check(SNMP, "Udp:", "NoPorts", Some(0));
        check(SNMP, "Tcp:", "Nothing", None);
        check(NETSTAT, "TcpExt:", "ListenDrops", Some(4));
        check("Tcp: A B\nTcp: 1\n", "Tcp:", "B", None);
        check("Tcp: A B\n", "Tcp:", "A", None);
        check("", "Tcp:", "A", None);
    }

    #[test]
    fn what_the_peer_has_closed_is_not_established() {
        let root = tempfile::tempdir().expect("a temporary directory");
        let folder = root.path().join("proc/net");
        std::fs::create_dir_all(&folder).expect("folders");
        let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).expect("a file");
        let heading = "  sl  local_address rem_address   st tx_queue rx_queue\n";
        let line = |state| format!("   0: 0100007F:1538 0200007F:C3A2 {state} 00000000:00000000 00:00000000 0\n");
        write("snmp", "Tcp: CurrEstab OutSegs RetransSegs\nTcp: 37 5 0\n");
        let mut reader = Reader::default();
        let mut read = |second, processes| {
            let reading = reader.read(&mut Files::at(root.path()), Timestamp::from_secs(second), processes);
            (reading.established, reading.close_wait)
        };
        assert_eq!(read(0, Processes::Refresh), (None, None), "nobody tells");
        write("tcp", &[heading, &line("01"), &line("08"), &line("0A")].concat());
        assert_eq!(read(5, Processes::Refresh), (Some(36), Some(1)));
        write("tcp6", &[heading, &line("08"), &line("08")].concat());
        assert_eq!(
            read(9, Processes::Refresh),
            (Some(36), Some(1)),
            "it is looked at seldom"
        );
        assert_eq!(
            read(20, Processes::Keep),
            (Some(36), Some(1)),
            "nor by whoever wants no processes"
        );
        assert_eq!(read(20, Processes::Refresh), (Some(34), Some(3)));
    }

    #[test]
    fn closed_connections_that_wait_are_counted() {
        assert_eq!(
            time_wait("sockets: used 15\nTCP: inuse 1 orphan 0 tw 812 alloc 1 mem 280\n"),
            Some(812)
        );
        assert_eq!(time_wait("TCP: inuse 1 tw"), None);
        assert_eq!(time_wait("UDP: inuse 1 tw 3"), None);
    }

    #[test]
    fn retransmissions_are_a_share_of_all_that_was_sent() {
        let counters = |sent, again| Counters {
            sent: Some(sent),
            retransmitted: Some(again),
            listen_drops: Some(again),
        };
        let check = |before, after, expected| assert_eq!(retransmitted_ratio(&before, &after), expected);
        check(counters(100, 0), counters(190, 10), Some(0.1));
        check(counters(100, 0), counters(100, 0), None);
        check(counters(100, 5), counters(200, 4), None);
        check(Counters::default(), counters(1, 1), None);
        let reading = rates(&counters(0, 2), &counters(0, 8), Duration::from_secs(2));
        assert_eq!(reading.listen_drops_per_s, Some(3.0));
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parsers_panic(text in "(Tcp:( A| B| 1| 2){0,4}\n){0,3}(TCP:( tw)? ?.*)?") {
            table_figure(&text, "Tcp:", "A");
            time_wait(&text);
        }
    }
}
