//! The zone of an IPv6 address: through which of this machine's interfaces it is reached (RFC 4007, RFC 6874).
//!
//! A zone means something on this machine alone. It is cut out of the URL before the URL is read, so that it is sent to
//! nobody: neither in a `Host` header nor as the name that TLS asks for. A [`Zoned`] probe runs [`within`] its zone, as
//! does a step of a flow or a connection to a proxy, and [`index_for`] gives that zone to the socket's address.

use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::net::{Ipv6Addr, SocketAddr, SocketAddrV6};
use std::pin::Pin;
use std::sync::Arc;

use percent_encoding::percent_decode_str;
use probetop_core::clock::{Clock, Timestamp};
use probetop_core::sample::FailureKind;
use url::Host;

use super::attempt::{Fault, Stopwatch};
use super::kind::Crowd;
use super::{Attempt, Probe};

tokio::task_local! {
    /// Where the probe that runs has its address.
    static WITHIN: Within;
}

/// An address, and the number of the interface that leads to it.
#[derive(Clone, Copy)]
struct Within {
    address: Ipv6Addr,
    index: u32,
}

/// An IPv6 address and its zone, as in `fe80::1%eth0`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    address: Ipv6Addr,
    /// The interface by its name, or its number.
    interface: String,
}

impl Zone {
    /// A URL without the zone of its host, and that zone. Both the `%25` of RFC 6874 and the plain `%` that people
    /// type stand before a zone.
    ///
    /// # Errors
    /// Says what is wrong with the zone.
    pub fn cut(url: &str) -> Result<(Cow<'_, str>, Option<Self>), String> {
        let Some((before, inner, after)) = brackets(url) else {
            return Ok((Cow::Borrowed(url), None));
        };
        let Some((address, zone)) = inner.split_once('%') else {
            return Ok((Cow::Borrowed(url), None));
        };
        let address: Ipv6Addr = address.parse().map_err(|_| {
            format!("[{inner}] has a zone and is not an IPv6 address; write for example [fe80::1%eth0]")
        })?;
        // %25 with nothing behind it is the plain form of the interface with number 25.
        let zone = zone.strip_prefix("25").filter(|rest| !rest.is_empty()).unwrap_or(zone);
        let interface = percent_decode_str(zone).decode_utf8_lossy().into_owned();
        if interface.is_empty() {
            return Err(format!(
                "[{inner}] has no interface behind its %; write for example [{address}%eth0]"
            ));
        }
        Ok((
            Cow::Owned(format!("{before}{address}{after}")),
            Some(Self { address, interface }),
        ))
    }

    /// An address with a zone as it is written where no URL is: `fe80::1%eth0`.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, interface) = text.split_once('%')?;
        let address = address.parse().ok()?;
        let interface = Some(interface.to_owned()).filter(|interface| !interface.is_empty())?;
        Some(Self { address, interface })
    }

    /// The address of a socket there.
    ///
    /// # Errors
    /// There is no such interface.
    pub fn at(&self, port: u16) -> Result<SocketAddr, Fault> {
        Ok(SocketAddrV6::new(self.address, port, 0, self.index()?).into())
    }

    /// The number of the interface now: interfaces come and go.
    fn index(&self) -> Result<u32, Fault> {
        match self.interface.parse() {
            Ok(0) | Err(_) => index_of(&self.interface),
            Ok(index) => Ok(index),
        }
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%{}", self.address, self.interface)
    }
}

/// What stands before, within and behind the brackets of a URL's host; the brackets themselves stand outside.
fn brackets(url: &str) -> Option<(&str, &str, &str)> {
    let authority = url.find("://")? + "://".len();
    let rest = &url[authority..];
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let host = rest[..end].rfind('@').map_or(0, |at| at + 1);
    let length = rest[host..end].strip_prefix('[')?.find(']')?;
    let inner = authority + host + 1;
    Some((&url[..inner], &url[inner..inner + length], &url[inner + length..]))
}

#[cfg(target_os = "linux")]
fn index_of(interface: &str) -> Result<u32, Fault> {
    use rustix::io::Errno;
    use rustix::net::{AddressFamily, SocketFlags, SocketType, netdevice, socket_with};

    let asked = socket_with(AddressFamily::UNIX, SocketType::DGRAM, SocketFlags::CLOEXEC, None)
        .map_err(|error| Fault::from(&std::io::Error::from(error)))?;
    netdevice::name_to_index(asked, interface).map_err(|error| match error {
        // A name longer than the kernel's names is refused without a look.
        Errno::NODEV | Errno::INVAL | Errno::NAMETOOLONG => no_interface(interface),
        error => Fault::from(&std::io::Error::from(error)),
    })
}

#[cfg(not(target_os = "linux"))]
fn index_of(interface: &str) -> Result<u32, Fault> {
    let message = format!("interface {interface:?} cannot be looked up on this system; write its number in its place");
    Err(Fault::new(FailureKind::Dns, message))
}

#[cfg(target_os = "linux")]
fn no_interface(interface: &str) -> Fault {
    Fault::new(
        FailureKind::Dns,
        format!("no interface {interface:?} on this machine; ip link lists those there are"),
    )
}

/// The interface to reach `address` through; 0 leaves it to the system.
pub fn index_for(address: Ipv6Addr) -> u32 {
    let index = WITHIN.try_with(|within| (within.address == address).then_some(within.index));
    index.ok().flatten().unwrap_or(0)
}

/// Runs `work`, in which the address of `zone` is reached through its interface.
///
/// # Errors
/// There is no such interface.
pub async fn within<T>(zone: Option<&Zone>, work: impl Future<Output = T>) -> Result<T, Fault> {
    let Some(zone) = zone else { return Ok(work.await) };
    let (address, index) = (zone.address, zone.index()?);
    Ok(WITHIN.scope(Within { address, index }, work).await)
}

/// What to say of an address that several interfaces may lead to, each to another machine, where no zone says which
/// (RFC 4007, section 6).
pub fn missing(host: Option<&Host<&str>>) -> Option<String> {
    match host {
        Some(Host::Ipv6(address)) if address.is_unicast_link_local() => Some(missing_at(*address)),
        Some(Host::Ipv6(_) | Host::Ipv4(_) | Host::Domain(_)) | None => None,
    }
}

pub fn missing_at(address: Ipv6Addr) -> String {
    format!(
        "{address} is an address on one link only; write its zone, the interface that leads there, as in {address}%eth0"
    )
}

/// A probe of whatever kind whose URL has a zone.
pub struct Zoned {
    clock: Clock,
    probe: Arc<dyn Probe>,
    zone: Zone,
}

impl Zoned {
    pub fn new(clock: Clock, probe: Arc<dyn Probe>, zone: Zone) -> Self {
        Self { clock, probe, zone }
    }

    async fn attempt(&self, deadline: Timestamp) -> Attempt {
        let watch = Stopwatch::start(&self.clock, deadline);
        let attempt = within(Some(&self.zone), self.probe.probe(deadline)).await;
        attempt.unwrap_or_else(|fault| watch.finish(Err(fault.after_all_phases()), None))
    }
}

/// Users of what is reached through a zone.
pub struct ZonedCrowd {
    clock: Clock,
    crowd: Arc<dyn Crowd>,
    zone: Zone,
}

impl ZonedCrowd {
    pub fn new(clock: Clock, crowd: Arc<dyn Crowd>, zone: Zone) -> Self {
        Self { clock, crowd, zone }
    }
}

impl Crowd for ZonedCrowd {
    fn user(&self, in_flight: u16) -> Arc<dyn Probe> {
        let probe = self.crowd.user(in_flight);
        Arc::new(Zoned::new(self.clock.clone(), probe, self.zone.clone()))
    }
}

impl Probe for Zoned {
    fn probe(&self, deadline: Timestamp) -> Pin<Box<dyn Future<Output = Attempt> + Send + '_>> {
        Box::pin(self.attempt(deadline))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_cut_out_of_a_url_in_both_spellings() {
        let check = |text: &str, url: &str, zone: Option<&str>| {
            let (cut, found) = Zone::cut(text).unwrap();
            let found = found.map(|zone| zone.to_string());
            assert_eq!((&*cut, found.as_deref()), (url, zone), "{text}");
        };
        check(
            "http://[fe80::1%25eth0]:8080/a",
            "http://[fe80::1]:8080/a",
            Some("fe80::1%eth0"),
        );
        check("tcp://[fe80::1%eth0]:1", "tcp://[fe80::1]:1", Some("fe80::1%eth0"));
        check("icmp://[FE80::1%2]", "icmp://[fe80::1]", Some("fe80::1%2"));
        check("icmp://[fe80::1%25]", "icmp://[fe80::1]", Some("fe80::1%25"));
        check("icmp://[fe80::1%251]", "icmp://[fe80::1]", Some("fe80::1%1"));
        check("dns://[fe80::1%25a%2Eb]/x", "dns://[fe80::1]/x", Some("fe80::1%a.b"));
        check(
            "redis://u:p%25w@[fe80::1%eth0]/0?a=[::2%b]",
            "redis://u:p%25w@[fe80::1]/0?a=[::2%b]",
            Some("fe80::1%eth0"),
        );
        for plain in [
            "http://[::1]/%25",
            "http://h/[fe80::1%25eth0]",
            "redis://%2Frun%2Fr.sock",
            "no url",
        ] {
            check(plain, plain, None);
        }
    }

    #[test]
    fn what_is_wrong_with_a_zone_is_said() {
        let check = |text: &str, expected: &str| assert_eq!(Zone::cut(text).unwrap_err(), expected, "{text}");
        check(
            "http://[fe80::1%]/",
            "[fe80::1%] has no interface behind its %; write for example [fe80::1%eth0]",
        );
        check(
            "http://[10.0.0.1%eth0]/",
            "[10.0.0.1%eth0] has a zone and is not an IPv6 address; write for example [fe80::1%eth0]",
        );
    }

    #[test]
    fn an_address_on_one_link_is_asked_for_its_zone() {
        let said = |url: &str| missing(url::Url::parse(url).unwrap().host().as_ref());
        let expected = "fe80::1 is an address on one link only; write its zone, the interface that leads there, as in \
                        fe80::1%eth0";
        assert_eq!(said("http://[fe80::1]/").as_deref(), Some(expected));
        for plain in [
            "http://[::1]/",
            "http://[2001:db8::1]/",
            "http://10.0.0.1/",
            "http://fe80/",
            "exec:///a",
        ] {
            assert_eq!(said(plain), None, "{plain}");
        }
    }

    #[tokio::test]
    async fn only_the_address_of_the_zone_is_reached_through_its_interface() {
        let address = Ipv6Addr::LOCALHOST;
        assert_eq!(index_for(address), 0);
        let both = async { (index_for(address), index_for(Ipv6Addr::UNSPECIFIED)) };
        assert_eq!(WITHIN.scope(Within { address, index: 7 }, both).await, (7, 0));
    }
}
