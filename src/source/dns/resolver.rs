//! Whom to ask: a resolver by address or name, or the ones this machine asks.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;

use url::Host;

use crate::file;
use crate::sample::Failure;
use crate::source::AddressFamily;
use crate::source::attempt::Stopwatch;
use crate::source::resolve::resolve;

pub const PORT: u16 = 53;

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
            Self::System => Ok(listed(
                &file::read_text(Path::new("/etc/resolv.conf"), FILE_LIMIT_BYTES).unwrap_or_default(),
            )),
            Self::At { host, port } => resolve(watch, host, *port, family).await,
        }
    }
}

/// The name servers of a resolv.conf; without any it is this machine.
fn listed(text: &str) -> Vec<SocketAddr> {
    let servers = text.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let address = words.next().filter(|word| *word == "nameserver").and(words.next())?;
        // An address with a zone names an interface; those are for the system's own use.
        address.parse::<IpAddr>().ok()
    });
    let mut servers: Vec<_> = servers.take(SYSTEM_LIMIT).collect();
    if servers.is_empty() {
        servers.push(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    servers
        .into_iter()
        .map(|server| SocketAddr::new(server, PORT))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_servers_are_read_in_their_order() {
        let check = |text: &str, expected: &[&str]| {
            let found: Vec<_> = listed(text).iter().map(ToString::to_string).collect();
            assert_eq!(found, expected, "of {text:?}");
        };
        check(
            "# local\nsearch example.com\nnameserver 192.0.2.1\n nameserver\t2001:db8::1 \noptions edns0\n",
            &["192.0.2.1:53", "[2001:db8::1]:53"],
        );
        check(
            "nameserver fe80::1%eth0\nnameserver\n;nameserver 192.0.2.1",
            &["127.0.0.1:53"],
        );
        check("", &["127.0.0.1:53"]);
        check(&"nameserver 192.0.2.1\n".repeat(5), &["192.0.2.1:53"; 3]);
    }
}
