//! Who waits for TCP connections on this machine, from `/proc/net/tcp` and `/proc/net/tcp6`.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use super::files::Files;

/// The state of a listening socket in the kernel's `include/net/tcp_states.h`, as the table writes it.
const LISTEN: &str = "0A";

/// One socket that takes connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listener {
    pub address: SocketAddr,
    /// By which a process' descriptors name it.
    pub inode: u64,
}

/// All of this network namespace, IPv4 first.
pub fn all() -> Vec<Listener> {
    let mut files = Files::default();
    let mut listeners = Vec::new();
    for path in ["/proc/net/tcp", "/proc/net/tcp6"] {
        if let Some(text) = files.text(path) {
            listeners.extend(text.lines().filter_map(parse));
        }
    }
    listeners
}

/// `0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 1000 0 427696 …`
fn parse(line: &str) -> Option<Listener> {
    let mut words = line.split_ascii_whitespace().skip(1);
    let (address, port) = words.next()?.split_once(':')?;
    let state = words.nth(1)?;
    let inode = words.nth(5)?.parse().ok()?;
    let port = u16::from_str_radix(port, 16).ok()?;
    (state == LISTEN).then_some(())?;
    Some(Listener {
        address: SocketAddr::new(parse_address(address)?, port),
        inode,
    })
}

/// One word of 32 bits for IPv4, four for IPv6, each as the machine keeps it in memory.
fn parse_address(hex: &str) -> Option<IpAddr> {
    let word = |index: usize| {
        let digits = hex.get(index * 8..index * 8 + 8)?;
        u32::from_str_radix(digits, 16).ok().map(u32::to_ne_bytes)
    };
    match hex.len() {
        8 => Some(IpAddr::from(word(0)?)),
        32 => {
            let mut bytes = [0; 16];
            for (index, part) in bytes.chunks_exact_mut(4).enumerate() {
                part.copy_from_slice(&word(index)?);
            }
            Some(Ipv6Addr::from(bytes).into())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    #[cfg(target_endian = "little")]
    fn only_those_that_listen_are_told() {
        let check = |line: &str, expected: Option<&str>| {
            let address = parse(line).map(|listener| (listener.address.to_string(), listener.inode));
            assert_eq!(address, expected.map(|address| (address.to_owned(), 427_696)), "{line}");
        };
        let rest = "00000000:00000000 00:00000000 00000000     0        0 427696 1 00000000eed39a7a 100 0 0 10 0";
        check(
            &format!("   0: 0100007F:46A0 00000000:0000 0A {rest}"),
            Some("127.0.0.1:18080"),
        );
        check(&format!("   0: 0100007F:46A0 00000000:0000 01 {rest}"), None);
        let (any, one) = ("00000000000000000000000000000000", "00000000000000000000000001000000");
        check(&format!("  12: {any}:0050 {any}:0000 0A {rest}"), Some("[::]:80"));
        check(&format!("  12: {one}:0050 {any}:0000 0A {rest}"), Some("[::1]:80"));
        check(
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt",
            None,
        );
        check("   0: 0100007F:46A0 00000000:0000 0A", None);
    }

    #[test]
    fn a_listener_of_our_own_is_found() {
        let own = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = own.local_addr().unwrap();
        assert!(all().iter().any(|listener| listener.address == address));
    }

    proptest! {
        #[test]
        fn no_line_makes_the_parser_panic(line in "[0-9]+: [0-9A-Fé]{0,33}:[0-9A-F]{0,5} x 0A( [0-9]{0,30}){0,8}") {
            parse(&line);
        }
    }
}
