//! A target's URL: which kind of probe it picks, and how it is shown without its secrets.

use std::borrow::Cow;
use std::fmt;

use probetop_core::suggest;
use probetop_probe::source::kind::Kind;
use probetop_probe::source::registry;
use probetop_probe::source::zone::{self, Zone};
use url::Url;

use super::credential::is_web;
use super::secret::{MASK, Secrets};

/// A URL that may hold secrets: `Debug` and `Display` mask them.
#[derive(Clone, PartialEq, Eq)]
pub struct TargetUrl {
    real: Url,
    /// Through which interface its address is reached; no part of `real`.
    zone: Option<Zone>,
    shown: String,
}

impl TargetUrl {
    /// # Errors
    /// Says what is wrong with `text` and what to write instead; secrets in it are masked.
    pub fn parse(text: &str, secrets: &Secrets) -> Result<(Self, &'static Kind), String> {
        let text = &with_scheme(text);
        let shown = secrets.shown_url(text);
        let Some((scheme, rest)) = text.split_once("://") else {
            return Err(missing_scheme(&shown));
        };
        let scheme = scheme.to_ascii_lowercase();
        let Some(kind) = registry::of_scheme(&scheme) else {
            if let Some(feature) = registry::left_out(&scheme) {
                return Err(format!(
                    "{scheme}:// was left out of this build; build probetop with the feature {feature:?}"
                ));
            }
            let hint = match suggest::closest(&scheme, registry::schemes()) {
                hint if hint.is_empty() => {
                    format!("; known are {}", registry::schemes().collect::<Vec<_>>().join(", "))
                }
                hint => hint,
            };
            let shown_scheme = shown.split_once("://").map_or(MASK, |(scheme, _)| scheme);
            return Err(format!("unknown scheme {shown_scheme:?}{hint}"));
        };
        if rest.is_empty() && kind.name != "demo" {
            return Err(format!("{shown:?} has no host; write for example {}", kind.example));
        }
        let (text, zone) = Zone::cut(text).map_err(|why| format!("{shown:?}: {why}"))?;
        if is_cut_short(&text) {
            return Err(format!(
                "{shown:?} has an @ behind its host; in a user and a password write / as %2F, ? as %3F, # as %23 and @ \
                 as %40"
            ));
        }
        let real = Url::parse(&text)
            .map_err(|error| format!("{shown:?} is not a URL: {error}; write for example {}", kind.example))?;
        if let Some(missing) = zone::missing(real.host().as_ref()).filter(|_| zone.is_none()) {
            return Err(format!("{shown:?}: {missing}"));
        }
        Ok((Self { real, zone, shown }, kind))
    }

    /// The URL to connect with, secrets included. Never shown, logged or exported.
    pub const fn real(&self) -> &Url {
        &self.real
    }

    pub const fn zone(&self) -> Option<&Zone> {
        self.zone.as_ref()
    }

    /// The host, with its zone.
    pub fn host(&self) -> Option<String> {
        let host = self.real.host_str()?;
        Some(
            self.zone
                .as_ref()
                .map_or_else(|| host.to_owned(), |zone| format!("[{zone}]")),
        )
    }

    /// The URL as people may see it.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// `demo://` without an endpoint: all of the built-in service.
    pub fn is_whole_demo(&self) -> bool {
        self.real.scheme() == "demo" && self.real.host_str().is_none_or(str::is_empty)
    }

    /// Host, port and path, for a target without a name.
    pub fn short(&self) -> String {
        let rest = self
            .shown
            .split_once("://")
            .map_or(self.shown.as_str(), |(_, rest)| rest);
        let rest = rest.split(['?', '#']).next().unwrap_or(rest);
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        format!("{host}{}", path.trim_end_matches('/'))
    }
}

/// Whether a password seems to hold what ends the address that it stands before.
fn is_cut_short(text: &str) -> bool {
    let (scheme, rest) = text.split_once("://").unwrap_or_default();
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let reads = Url::parse(text).is_ok();
    !authority.is_empty() && rest[authority.len()..].contains('@') && !(reads && is_web(scheme))
}

/// As curl takes it: what reads as a host, `localhost:8080` or `example.com/a`, is asked by HTTP.
fn with_scheme(text: &str) -> Cow<'_, str> {
    let authority = text.split(['/', '?', '#']).next().unwrap_or(text);
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    let is_port = port.is_none_or(|port| port.parse::<u16>().is_ok());
    let reads_as_host = port.is_some() || host == "localhost" || host.contains('.');
    let is_known = registry::of_scheme(host).is_some();
    if text.contains("://") || host.is_empty() || !is_port || !reads_as_host || is_known {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("http://{text}"))
}

fn missing_scheme(shown: &str) -> String {
    let host = shown.split(['/', '?']).next().unwrap_or(shown);
    let has_port = host
        .rsplit_once(':')
        .is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    let connect = if has_port {
        host.to_owned()
    } else {
        format!("{host}:PORT")
    };
    format!("{shown:?} has no scheme; write http://{shown}, https://{shown} or tcp://{connect}")
}

impl fmt::Display for TargetUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for TargetUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.shown, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&str, &str>) {
        let read = TargetUrl::parse(text, &Secrets::default()).map(|(url, _)| url.short());
        assert_eq!(read, expected.map(str::to_owned).map_err(str::to_owned), "{text}");
    }

    #[test]
    fn a_target_without_a_name_is_called_by_host_and_path() {
        check(
            "https://shop.example/api/checkout?x=1#y",
            Ok("shop.example/api/checkout"),
        );
        check("http://user:pw@localhost:8080/", Ok("localhost:8080"));
        check("tcp://db.example:5432", Ok("db.example:5432"));
        check("http://[::1]:8080/a", Ok("[::1]:8080/a"));
        check("http://u:p@[fe80::1%25eth0]:8080/a", Ok("[fe80::1%25eth0]:8080/a"));
        check("tcp://[fe80::1%eth0]:22", Ok("[fe80::1%eth0]:22"));
        check("demo://checkout", Ok("checkout"));
        check("HTTP://EXAMPLE.com", Ok("EXAMPLE.com"));
    }

    #[test]
    fn a_host_without_a_scheme_is_asked_by_http() {
        let check = |text: &str, expected: &str| {
            let (url, kind) = TargetUrl::parse(text, &Secrets::default()).unwrap();
            assert_eq!((url.shown(), kind.name), (expected, "http"), "{text}");
        };
        check("localhost:8080", "http://localhost:8080");
        check("localhost", "http://localhost");
        check("127.0.0.1:3000/path?x=1", "http://127.0.0.1:3000/path?x=1");
        check("example.com/a", "http://example.com/a");
        check("[::1]:8080", "http://[::1]:8080");
        check("user:pw@db.example:80/", "http://user:***@db.example:80/");
    }

    #[test]
    fn what_is_no_url_says_what_to_write() {
        check(
            "shop",
            Err("\"shop\" has no scheme; write http://shop, https://shop or tcp://shop:PORT"),
        );
        check(
            "tcp:5432",
            Err("\"tcp:5432\" has no scheme; write http://tcp:5432, https://tcp:5432 or tcp://tcp:5432"),
        );
        check(
            "htps://example.com",
            Err("unknown scheme \"htps\"; did you mean \"https\"?"),
        );
        let known = registry::schemes().collect::<Vec<_>>().join(", ");
        check(
            "gopher://example.com",
            Err(&format!("unknown scheme \"gopher\"; known are {known}")),
        );
        check(
            "tcp://[fe80::1]:22",
            Err(
                "\"tcp://[fe80::1]:22\": fe80::1 is an address on one link only; write its zone, the interface that leads there, as in fe80::1%eth0",
            ),
        );
        check(
            "http://",
            Err("\"http://\" has no host; write for example https://shop.example/health"),
        );
        check(
            "http://user:pw@exa mple/",
            Err(
                "\"http://***@exa mple/\" is not a URL: invalid international domain name; write for example https://shop.example/health",
            ),
        );
    }
}
