//! From a host to its addresses, by the system's own resolver: what every other caller on this machine would get.

mod lookups;

use std::io;
use std::net::{IpAddr, SocketAddr, SocketAddrV6};

use lookups::{LookupHandle, SYSTEM};
use probetop_core::sample::{Failure, FailureKind, Phase};
use url::Host;

use super::attempt::{Fault, Stopwatch, reason};
use super::{AddressFamily, zone};

/// The addresses of `host` in the system's order of preference (RFC 6724), at least one. A literal address skips the
/// phase: nothing is looked up. Waiting for a place among the lookups is our own lateness and no part of the phase.
pub async fn resolve(
    watch: &mut Stopwatch,
    host: &Host,
    port: u16,
    family: AddressFamily,
) -> Result<Vec<SocketAddr>, Failure> {
    let name = match host {
        Host::Domain(name) => name,
        Host::Ipv4(ip) => return literal(IpAddr::V4(*ip), port, host, family),
        Host::Ipv6(ip) => return literal(IpAddr::V6(*ip), port, host, family),
    };
    let mut ticket = SYSTEM.join(name);
    watch
        .hold("no place was free to look the name up", ticket.begun())
        .await?;
    watch.phase(Phase::Dns, look_up(name, port, family, ticket)).await
}

/// # Errors
/// Says that `host` is an address of another family.
pub fn check(host: &Host, family: AddressFamily) -> Result<(), String> {
    let fits = match host {
        Host::Domain(_) => true,
        Host::Ipv4(_) => family != AddressFamily::V6,
        Host::Ipv6(_) => family != AddressFamily::V4,
    };
    let wrong = || format!("{host} is not an {} address; change the URL or `ip`", label(family));
    fits.then_some(()).ok_or_else(wrong)
}

fn literal(ip: IpAddr, port: u16, host: &Host, family: AddressFamily) -> Result<Vec<SocketAddr>, Failure> {
    let fits = check(host, family).map_err(|why| Fault::new(FailureKind::Dns, why).after_all_phases());
    let address = match ip {
        IpAddr::V4(_) => SocketAddr::new(ip, port),
        IpAddr::V6(ip) => SocketAddrV6::new(ip, port, 0, zone::index_for(ip)).into(),
    };
    fits.map(|()| vec![address])
}

async fn look_up(
    name: &str,
    port: u16,
    family: AddressFamily,
    mut ticket: LookupHandle,
) -> Result<Vec<SocketAddr>, Fault> {
    let found = ticket.answer().await.map_err(|error| not_found(name, &error))?;
    let mut addresses = Vec::new();
    for mut address in found.iter().copied().filter(|address| belongs(address, family)) {
        address.set_port(port);
        // A name that stands in the hosts file twice has its address twice.
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    if addresses.is_empty() {
        let message = format!("{name} has no {} address", label(family));
        return Err(Fault::new(FailureKind::Dns, message));
    }
    Ok(addresses)
}

fn not_found(name: &str, error: &io::Error) -> Fault {
    // The resolver opens files and sockets itself, and may find no descriptor left.
    let kind = if Fault::from(error).kind == FailureKind::Local {
        FailureKind::Local
    } else {
        FailureKind::Dns
    };
    let words = reason(error);
    let said = words
        .strip_prefix("failed to lookup address information: ")
        .unwrap_or(&words);
    Fault::new(kind, format!("cannot resolve {name}: {}", said.to_ascii_lowercase()))
}

fn belongs(address: &SocketAddr, family: AddressFamily) -> bool {
    match family {
        AddressFamily::Any => true,
        AddressFamily::V4 => address.is_ipv4(),
        AddressFamily::V6 => address.is_ipv6(),
    }
}

fn label(family: AddressFamily) -> &'static str {
    match family {
        AddressFamily::Any => "IP",
        AddressFamily::V4 => "IPv4",
        AddressFamily::V6 => "IPv6",
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use probetop_core::clock::{Clock, Timestamp};

    use super::*;

    /// Addresses or message, and whether the phase was gone through.
    async fn check(host: &str, family: AddressFamily, expected: Result<&[&str], &str>, looked_up: bool) {
        let clock = Clock::manual(SystemTime::UNIX_EPOCH);
        let mut watch = Stopwatch::start(&clock, Timestamp::from_secs(5));
        let found = resolve(&mut watch, &Host::parse(host).unwrap(), 80, family).await;
        match (found, expected) {
            (Ok(found), Ok(expected)) => {
                let found: Vec<_> = found.iter().map(ToString::to_string).collect();
                assert_eq!(found, expected, "of {host}");
            }
            (Err(failure), Err(expected)) => {
                assert_eq!(failure.kind, FailureKind::Dns);
                assert_eq!(failure.message.as_str(), expected);
            }
            (found, _) => panic!("{host} gave {found:?}"),
        }
        assert_eq!(watch.finish(Ok(()), None).phases.get(Phase::Dns).is_some(), looked_up);
    }

    #[tokio::test]
    async fn a_literal_address_skips_the_phase() {
        check("127.0.0.1", AddressFamily::Any, Ok(&["127.0.0.1:80"]), false).await;
        check("[::1]", AddressFamily::V6, Ok(&["[::1]:80"]), false).await;
        check(
            "[::1]",
            AddressFamily::V4,
            Err("[::1] is not an IPv4 address; change the URL or `ip`"),
            false,
        )
        .await;
    }

    #[tokio::test]
    async fn a_name_is_resolved_in_the_family_asked_for() {
        check("localhost", AddressFamily::V4, Ok(&["127.0.0.1:80"]), true).await;
    }

    #[tokio::test]
    async fn a_name_that_cannot_exist_fails_in_the_dns_phase() {
        let clock = Clock::system();
        let mut watch = Stopwatch::start(&clock, Timestamp::from_secs(5));
        let host = Host::Domain("no such name".to_owned());
        let failure = resolve(&mut watch, &host, 80, AddressFamily::Any).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Dns);
        assert_eq!(failure.phase, Some(Phase::Dns));
        assert!(
            failure.message.as_str().starts_with("cannot resolve no such name: "),
            "{}",
            failure.message
        );
    }
}
