//! Which addresses a redirect may lead to.
//!
//! Whoever answers a probe chooses where it goes next. From elsewhere it must not be this machine, nor what only this
//! machine's own network has, such as the credentials that clouds hand out there.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::Host;

/// From where an address can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AddressScope {
    /// From other machines as well, as far as can be told.
    Elsewhere,
    /// From this machine alone.
    Loopback,
    /// From this machine's own link: link-local addresses, and those where clouds tell a machine about itself.
    Link,
}

/// Where clouds tell a machine about itself beside 169.254.169.254: Alibaba's, Oracle's, and Amazon's over IPv6.
const METADATA: [IpAddr; 3] = [
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V4(Ipv4Addr::new(192, 0, 0, 192)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
];

impl AddressScope {
    pub(super) fn of(address: IpAddr) -> Self {
        let address = carried(address);
        // Whoever connects to the unspecified address gets to this machine.
        if address.is_loopback() || address.is_unspecified() {
            return Self::Loopback;
        }
        let link = match address {
            IpAddr::V4(address) => address.is_link_local(),
            IpAddr::V6(address) => address.is_unicast_link_local(),
        };
        if link || METADATA.contains(&address) {
            Self::Link
        } else {
            Self::Elsewhere
        }
    }

    /// As far as the name alone tells; a proxy looks up the others.
    pub(super) fn of_host(host: &Host) -> Self {
        match host {
            Host::Ipv4(address) => Self::of((*address).into()),
            Host::Ipv6(address) => Self::of((*address).into()),
            // RFC 6761, section 6.3.
            Host::Domain(name) => {
                let name = name.trim_end_matches('.');
                let is_local = name == "localhost" || name.ends_with(".localhost");
                if is_local { Self::Loopback } else { Self::Elsewhere }
            }
        }
    }
}

/// The IPv4 address that an IPv6 address stands for, where a gateway or the system itself takes it for one: mapped
/// (`::ffff:0:0/96`), compatible (`::/96`), translated (RFC 6052, `64:ff9b::/96`) and 6to4 (RFC 3056, `2002::/16`).
fn carried(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address.to_canonical() else {
        return address.to_canonical();
    };
    let v4 = |high: u16, low: u16| IpAddr::V4(Ipv4Addr::from_bits((u32::from(high) << 16) | u32::from(low)));
    match v6.segments() {
        // `::` and `::1` are addresses of their own.
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => address,
        [0, 0, 0, 0, 0, 0, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
            v4(high, low)
        }
        _ => address,
    }
}

/// How far a request may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// The target says where to itself.
    Anywhere,
    /// A peer that is there says where to.
    From(AddressScope),
}

impl Reach {
    pub(super) fn permits(self, to: AddressScope) -> bool {
        match self {
            Self::Anywhere => true,
            Self::From(here) => to == AddressScope::Elsewhere || to == here,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_this_machine_and_its_link_are_known() {
        let check = |address: &str, expected| {
            assert_eq!(AddressScope::of(address.parse().unwrap()), expected, "{address}");
        };
        for address in [
            "127.0.0.1",
            "127.8.9.1",
            "::1",
            "0.0.0.0",
            "::",
            "::ffff:127.0.0.1",
            "::127.0.0.1",
            "64:ff9b::127.0.0.1",
            "2002:7f00:1::1",
        ] {
            check(address, AddressScope::Loopback);
        }
        for address in [
            "169.254.169.254",
            "169.254.0.1",
            "fe80::1",
            "fd00:ec2::254",
            "100.100.100.200",
            "192.0.0.192",
            "::ffff:169.254.169.254",
            "::169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "2002:a9fe:a9fe::1",
            "64:ff9b::100.100.100.200",
        ] {
            check(address, AddressScope::Link);
        }
        for address in [
            "10.0.0.1",
            "192.168.1.1",
            "93.184.216.34",
            "2001:db8::1",
            "fd00::1",
            "64:ff9b::10.0.0.1",
            "2002:a00:1::1",
        ] {
            check(address, AddressScope::Elsewhere);
        }
        let named = |name: &str| AddressScope::of_host(&Host::parse(name).unwrap());
        assert_eq!(named("api.localhost"), AddressScope::Loopback);
        assert_eq!(named("[fe80::1]"), AddressScope::Link);
        assert_eq!(named("a.example"), AddressScope::Elsewhere);
    }

    #[test]
    fn a_redirect_from_elsewhere_does_not_lead_inside() {
        use AddressScope::{Elsewhere, Link, Loopback};
        for (from, to, permitted) in [
            (Elsewhere, Elsewhere, true),
            (Elsewhere, Loopback, false),
            (Elsewhere, Link, false),
            (Loopback, Loopback, true),
            (Loopback, Elsewhere, true),
            (Loopback, Link, false),
            (Link, Link, true),
            (Link, Loopback, false),
        ] {
            assert_eq!(Reach::From(from).permits(to), permitted, "{from:?} to {to:?}");
        }
        assert!(Reach::Anywhere.permits(Link));
    }
}
