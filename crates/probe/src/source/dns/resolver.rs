//! Whom to ask: a resolver by address or name, or the ones this machine asks.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use probetop_core::sample::Failure;
use url::Host;

use crate::file;
use crate::source::AddressFamily;
use crate::source::attempt::{Fault, Stopwatch};
use crate::source::resolve::resolve;
use crate::source::zone::Zone;

pub(super) const PORT: u16 = 53;

/// resolv.conf(5): more are not used.
const SYSTEM_LIMIT: usize = 3;

/// resolv.conf(5): a few lines.
const FILE_LIMIT_BYTES: u64 = 64 * 1024;

/// Where questions go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolver {
    /// Those in /etc/resolv.conf, read anew by each probe: a VPN or a DHCP lease may change it at any time.
    System,
    At {
        host: Host,
        port: u16,
    },
}

impl Resolver {
    /// Addresses to ask, the first first.
    pub async fn addresses(&self, watch: &mut Stopwatch, family: AddressFamily) -> Result<Vec<SocketAddr>, Failure> {
        match self {
            Self::System => {
                let text = file::read_text(Path::new("/etc/resolv.conf"), FILE_LIMIT_BYTES).unwrap_or_default();
                listed(&text).map_err(|fault| fault.after_all_phases())
            }
            Self::At { host, port } => resolve(watch, host, *port, family).await,
        }
    }
}

/// The name servers of a resolv.conf; without any it is this machine. One behind an interface that is not there is left
/// out.
///
/// # Errors
/// None of them is behind an interface that is there.
fn listed(text: &str) -> Result<Vec<SocketAddr>, Fault> {
    let servers = text.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let address = words.next().filter(|word| *word == "nameserver").and(words.next())?;
        match Zone::parse(address) {
            Some(zone) => Some(zone.at(PORT)),
            None => Some(Ok(SocketAddr::new(address.parse().ok()?, PORT))),
        }
    });
    let mut missing = None;
    let there = |server: Result<SocketAddr, Fault>| server.map_err(|fault| missing = Some(fault)).ok();
    let servers: Vec<_> = servers.take(SYSTEM_LIMIT).filter_map(there).collect();
    match missing {
        Some(fault) if servers.is_empty() => Err(fault),
        None if servers.is_empty() => Ok(vec![(Ipv4Addr::LOCALHOST, PORT).into()]),
        Some(_) | None => Ok(servers),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_servers_are_read_in_their_order() {
        let check = |text: &str, expected: &[&str]| {
            let found: Vec<_> = listed(text).unwrap().iter().map(ToString::to_string).collect();
            assert_eq!(found, expected, "of {text:?}");
        };
        check(
            "# local\nsearch example.com\nnameserver 192.0.2.1\n nameserver\t2001:db8::1 \noptions edns0\n",
            &["192.0.2.1:53", "[2001:db8::1]:53"],
        );
        check("nameserver\n;nameserver 192.0.2.1", &["127.0.0.1:53"]);
        check("nameserver fe80::1%1\n", &["[fe80::1%1]:53"]);
        check("nameserver fe80::1%nowhere9\nnameserver 192.0.2.1", &["192.0.2.1:53"]);
        let missing = listed("nameserver fe80::1%nowhere9\n").unwrap_err();
        assert!(
            missing.message.as_str().starts_with("no interface \"nowhere9\""),
            "{missing}"
        );
        check("", &["127.0.0.1:53"]);
        check(&"nameserver 192.0.2.1\n".repeat(5), &["192.0.2.1:53"; 3]);
    }
}
