//! How a target's requests get to where they go: straight, to a pinned address, through a socket or a proxy.

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use url::{Host, Url};

use super::credentials;
use super::origin::{Origin, Scheme};
use super::rotation::ADDRESS_LIMIT;
use super::settings::{Addresses, Settings};
use crate::source::AddressFamily;
use crate::source::attempt::Fault;
use crate::source::zone::{self, Zone};

/// The way to a target, for all of its probes.
#[derive(Clone)]
pub(super) enum Route {
    /// To the addresses of the name, whichever connects first.
    Straight(AddressFamily),
    Pinned(Pinned, AddressFamily),
    /// To each address of the name in turn.
    Each(AddressFamily),
    Unix(PathBuf),
    Proxy(Arc<Proxy>, AddressFamily),
}

/// Where one connection goes.
pub(super) enum Destination<'a> {
    Name(AddressFamily),
    Address(SocketAddr),
    /// At that port, unless it has its own.
    Pinned(&'a Pinned, u16),
    Unix(&'a Path),
    Proxy(&'a Arc<Proxy>, AddressFamily),
}

impl Route {
    /// # Errors
    /// Says what is not an address or not a proxy.
    pub(super) fn of(settings: &Settings) -> Result<Self, String> {
        let family = settings.ip;
        if let Some(path) = &settings.unix {
            return Ok(Self::Unix(path.clone()));
        }
        if let Some(proxy) = &settings.proxy {
            return Ok(Self::Proxy(Arc::new(Proxy::parse(proxy)?), family));
        }
        if let Some(address) = &settings.resolve {
            return Ok(Self::Pinned(Pinned::parse(address)?, family));
        }
        Ok(match settings.addresses {
            Addresses::First => Self::Straight(family),
            Addresses::All => Self::Each(family),
        })
    }

    /// How many addresses it leads to.
    pub(super) const fn width(&self) -> usize {
        match self {
            Self::Straight(_) | Self::Pinned(..) | Self::Unix(_) | Self::Proxy(..) => 1,
            Self::Each(_) => ADDRESS_LIMIT,
        }
    }

    /// The way to `origin`, where `own` is the target's own. An address or a socket stands for that one alone; other
    /// origins, where redirects lead, are asked as anybody would. `turn` is whose turn it is.
    pub(super) fn to<'a>(&'a self, origin: &Origin, own: &Origin, turn: Option<SocketAddr>) -> Destination<'a> {
        match self {
            Self::Straight(family) => Destination::Name(*family),
            Self::Proxy(proxy, family) => Destination::Proxy(proxy, *family),
            Self::Pinned(_, family) if origin != own => Destination::Name(*family),
            Self::Pinned(pinned, _) => Destination::Pinned(pinned, origin.port),
            Self::Each(family) => match turn.filter(|_| origin == own) {
                Some(address) => Destination::Address(address),
                None => Destination::Name(*family),
            },
            Self::Unix(_) if origin != own => Destination::Name(AddressFamily::Any),
            Self::Unix(path) => Destination::Unix(path),
        }
    }
}

/// An address that stands for the name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pinned {
    ip: IpAddr,
    zone: Option<Zone>,
    /// `None`: the URL's.
    port: Option<u16>,
}

impl Pinned {
    /// # Errors
    /// Says what an address looks like.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let wrong =
            || format!("resolve {text:?} is not an address; write for example \"10.0.0.7\" or \"10.0.0.7:8443\"");
        let (bare, zone) = cut_zone(text).ok_or_else(wrong)?;
        let address = bare.parse::<SocketAddr>().ok().filter(|address| address.port() != 0);
        let whole = address.map(|address| (address.ip(), Some(address.port())));
        let (ip, port) = whole.or_else(|| Some((bare.parse().ok()?, None))).ok_or_else(wrong)?;
        match ip {
            IpAddr::V6(ip) if ip.is_unicast_link_local() && zone.is_none() => {
                Err(format!("resolve: {}", zone::missing_at(ip)))
            }
            ip => Ok(Self { ip, zone, port }),
        }
    }

    pub(super) const fn is_of(&self, family: AddressFamily) -> bool {
        match family {
            AddressFamily::Any => true,
            AddressFamily::V4 => self.ip.is_ipv4(),
            AddressFamily::V6 => self.ip.is_ipv6(),
        }
    }

    /// # Errors
    /// There is no such interface as it names.
    pub(super) fn at(&self, port: u16) -> Result<SocketAddr, Fault> {
        let port = self.port.unwrap_or(port);
        let zoned = self.zone.as_ref().map(|zone| zone.at(port));
        zoned.unwrap_or_else(|| Ok(SocketAddr::new(self.ip, port)))
    }
}

/// `[fe80::1%eth0]:80` or `fe80::1%eth0` without its zone, and that zone. `None`: the zone belongs to no address.
fn cut_zone(text: &str) -> Option<(Cow<'_, str>, Option<Zone>)> {
    let Some((before, behind)) = text.split_once('%') else {
        return Some((text.into(), None));
    };
    let (interface, after) = behind.split_at(behind.find(']').unwrap_or(behind.len()));
    let zone = Zone::parse(&format!("{}%{interface}", before.trim_start_matches('[')))?;
    Some((format!("{before}{after}").into(), Some(zone)))
}

/// An HTTP proxy. No `Debug`: it may have a password.
pub(super) struct Proxy {
    pub host: Host,
    /// Through which interface its address is reached.
    pub zone: Option<Zone>,
    pub port: u16,
    /// The value of `Proxy-Authorization`.
    pub credentials: Option<String>,
}

impl Proxy {
    /// # Errors
    /// Says what a proxy looks like; does not quote it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        const EXAMPLE: &str = "write for example \"http://proxy.example:3128\"";
        let (text, zone) = Zone::cut(text).map_err(|why| format!("proxy: {why}"))?;
        let url = Url::parse(&text).map_err(|error| format!("proxy is not a URL: {error}; {EXAMPLE}"))?;
        if url.scheme() != Scheme::Http.name() {
            return Err(format!("only HTTP proxies are spoken to; {EXAMPLE}"));
        }
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err(format!("a proxy has no path; {EXAMPLE}"));
        }
        if let Some(missing) = zone::missing(url.host().as_ref()).filter(|_| zone.is_none()) {
            return Err(format!("proxy: {missing}"));
        }
        let origin = Origin::of(&url).ok_or_else(|| format!("proxy has no host; {EXAMPLE}"))?;
        Ok(Self {
            host: origin.host,
            zone,
            port: origin.port,
            credentials: credentials::basic_of_url(&url),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_bring_its_port() {
        let check = |text: &str, expected: Option<&str>| {
            let address = Pinned::parse(text)
                .ok()
                .map(|pinned| pinned.at(443).unwrap().to_string());
            assert_eq!(address.as_deref(), expected, "{text}");
        };
        check("10.0.0.7", Some("10.0.0.7:443"));
        check("10.0.0.7:8443", Some("10.0.0.7:8443"));
        check("::1", Some("[::1]:443"));
        check("[::1]:8443", Some("[::1]:8443"));
        check("fe80::7%1", Some("[fe80::7%1]:443"));
        check("[fe80::7%1]:8443", Some("[fe80::7%1]:8443"));
        check("fe80::7", None);
        check("10.0.0.7%1", None);
        check("fe80::7%", None);
        check("10.0.0.7:0", None);
        check("a.example", None);
        check("", None);
    }

    #[test]
    fn a_proxy_is_an_http_url_and_never_quoted() {
        let check = |text: &str, expected: Result<(&str, u16, Option<&str>), &str>| {
            let parsed = Proxy::parse(text).map(|proxy| (proxy.host.to_string(), proxy.port, proxy.credentials));
            let expected = expected.map(|(host, port, credentials)| (host.into(), port, credentials.map(Into::into)));
            assert_eq!(parsed, expected.map_err(str::to_owned), "{text}");
        };
        check("http://proxy.example:3128", Ok(("proxy.example", 3128, None)));
        check("http://proxy.example", Ok(("proxy.example", 80, None)));
        check(
            "http://user:pw@[::1]:8080/",
            Ok(("[::1]", 8080, Some("Basic dXNlcjpwdw=="))),
        );
        check(
            "https://u:secret@p:1",
            Err("only HTTP proxies are spoken to; write for example \"http://proxy.example:3128\""),
        );
        check(
            "http://p:1/path",
            Err("a proxy has no path; write for example \"http://proxy.example:3128\""),
        );
        check(
            "u:secret@p",
            Err("only HTTP proxies are spoken to; write for example \"http://proxy.example:3128\""),
        );
        check(
            "proxy.example",
            Err("proxy is not a URL: relative URL without a base; write for example \"http://proxy.example:3128\""),
        );
    }
}
