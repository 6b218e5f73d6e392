//! The cookies of one run of several requests (RFC 6265, without a life beyond the run).
//!
//! There is no list of public suffixes: a cookie for a whole domain is taken from a host below it when the domain has a
//! dot, which is enough where the hosts were chosen by whoever wrote the flow.

use std::collections::BTreeMap;

use hyper::header::{self, HeaderMap, HeaderValue};
use url::Url;

/// RFC 6265, section 6.1, asks for at least 50 for each domain, and 4096 bytes each.
const COOKIES_LIMIT: usize = 100;
const COOKIE_LIMIT_BYTES: usize = 8 * 1024;

/// Whether cookies are sent back, as a browser does, or only kept to be captured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cookies {
    Returned,
    Kept,
}

/// What servers asked to be told again. No `Debug`: cookies are credentials.
pub struct Jar {
    cookies: Vec<Cookie>,
    handling: Cookies,
}

struct Cookie {
    name: String,
    value: String,
    domain: String,
    reach: Reach,
    path: String,
    transport: Transport,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    Host,
    HostsBelow,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Transport {
    Any,
    Encrypted,
}

impl Jar {
    pub const fn new(handling: Cookies) -> Self {
        Self {
            cookies: Vec::new(),
            handling,
        }
    }

    /// Takes in what the answer from `url` asks to be kept, and drops what it asks to be dropped.
    pub fn keep(&mut self, url: &Url, headers: &HeaderMap) {
        for line in headers.get_all(header::SET_COOKIE) {
            let Some((cookie, wanted)) = line.to_str().ok().and_then(|line| read(url, line)) else {
                continue;
            };
            self.cookies.retain(|old| !old.is_same(&cookie));
            if wanted == Wanted::Kept && self.cookies.len() < COOKIES_LIMIT {
                self.cookies.push(cookie);
            }
        }
    }

    /// The value of the header that goes with a request for `url`.
    pub fn header(&self, url: &Url) -> Option<HeaderValue> {
        if self.handling == Cookies::Kept {
            return None;
        }
        let mut fitting: Vec<_> = self.cookies.iter().filter(|cookie| cookie.belongs_to(url)).collect();
        // RFC 6265, section 5.4: longer paths first, else in the order they came.
        fitting.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        let pairs: Vec<_> = fitting
            .iter()
            .map(|cookie| format!("{}={}", cookie.name, cookie.value))
            .collect();
        let mut value = HeaderValue::try_from(pairs.join("; ")).ok()?;
        value.set_sensitive(true);
        (!pairs.is_empty()).then_some(value)
    }

    /// The values by name; of several with one name the newest.
    pub fn by_name(&self) -> BTreeMap<String, String> {
        let pair = |cookie: &Cookie| (cookie.name.clone(), cookie.value.clone());
        self.cookies.iter().map(pair).collect()
    }
}

impl Cookie {
    fn is_same(&self, other: &Self) -> bool {
        (&self.name, &self.domain, &self.path) == (&other.name, &other.domain, &other.path)
    }

    fn belongs_to(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        let here = match self.reach {
            Reach::Host => host == self.domain,
            Reach::HostsBelow => is_within(host, &self.domain),
        };
        let safe = self.transport == Transport::Any || url.scheme() == "https";
        here && safe && is_below(url.path(), &self.path)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Kept,
    Dropped,
}

/// One `Set-Cookie` line from `url`. `None`: it is not for that host, or no cookie.
fn read(url: &Url, line: &str) -> Option<(Cookie, Wanted)> {
    let mut parts = line.split(';').map(str::trim);
    let (name, value) = parts.next()?.split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    if name.is_empty() || name.len() + value.len() > COOKIE_LIMIT_BYTES {
        return None;
    }
    let host = url.host_str()?;
    let mut cookie = Cookie {
        name: name.to_owned(),
        value: value.to_owned(),
        domain: host.to_owned(),
        reach: Reach::Host,
        path: default_path(url.path()).to_owned(),
        transport: Transport::Any,
    };
    let mut wanted = Wanted::Kept;
    for part in parts {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        match key.trim().to_ascii_lowercase().as_str() {
            "domain" if !value.trim().is_empty() => {
                let domain = value.trim().trim_start_matches('.').to_ascii_lowercase();
                if domain != host && !(domain.contains('.') && is_within(host, &domain)) {
                    return None;
                }
                cookie.domain = domain;
                cookie.reach = Reach::HostsBelow;
            }
            "path" if value.trim().starts_with('/') => cookie.path = value.trim().to_owned(),
            "secure" => cookie.transport = Transport::Encrypted,
            "max-age" if value.trim().parse::<i64>().is_ok_and(|seconds| seconds <= 0) => wanted = Wanted::Dropped,
            // A run lasts two minutes at most: of all dates only the beginning of time, by which servers delete, matters.
            "expires" if value.contains("1970") => wanted = Wanted::Dropped,
            _ => {}
        }
    }
    Some((cookie, wanted))
}

/// RFC 6265, section 5.1.3; an address is within itself alone.
fn is_within(host: &str, domain: &str) -> bool {
    let below = host
        .strip_suffix(domain)
        .is_some_and(|before| before.ends_with('.') && !host.ends_with(|c: char| c.is_ascii_digit() || c == ']'));
    host == domain || below
}

/// RFC 6265, section 5.1.4.
fn is_below(path: &str, of: &str) -> bool {
    path.strip_prefix(of)
        .is_some_and(|rest| rest.is_empty() || of.ends_with('/') || rest.starts_with('/'))
}

fn default_path(path: &str) -> &str {
    match path.rfind('/') {
        Some(0) | None => "/",
        Some(last) => &path[..last],
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_line_is_read_without_harm(line in "[a-c=;. /ä,\"]{0,40}|(domain|path|max-age|expires|a|;|=|/|\\.| ){0,12}") {
            let mut jar = Jar::new(Cookies::Returned);
            let url = Url::parse("http://a.b/c/").unwrap();
            let headers = HeaderValue::from_bytes(line.as_bytes()).map(|value| (header::SET_COOKIE, value));
            jar.keep(&url, &headers.into_iter().collect());
            let sent = jar.header(&url);
            prop_assert!(sent.is_none_or(|sent| sent.as_bytes().contains(&b'=')));
        }
    }

    fn check(from: &str, lines: &[&str], to: &str, expected: Option<&str>) {
        let mut jar = Jar::new(Cookies::Returned);
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::SET_COOKIE, HeaderValue::from_str(line).unwrap());
        }
        jar.keep(&Url::parse(from).unwrap(), &headers);
        let sent = jar.header(&Url::parse(to).unwrap());
        let sent = sent.as_ref().map(|value| value.to_str().unwrap());
        assert_eq!(sent, expected, "{lines:?} from {from} to {to}");
    }

    #[test]
    fn a_cookie_goes_back_to_where_it_belongs() {
        let login = "https://a.example/auth/login";
        check(login, &["s=1; Path=/"], "https://a.example/x", Some("s=1"));
        check(login, &["s=1"], "https://a.example/auth/x", Some("s=1"));
        check(login, &["s=1"], "https://a.example/x", None);
        check(login, &["s=1; path=/au"], "https://a.example/auth", None);
        check(login, &["s=1; path=/"], "https://b.a.example/", None);
        check(login, &["s=1; path=/; secure"], "http://a.example/", None);
        check(login, &["s=1; path=/; domain=.Example"], "https://a.example/", None);
        check(
            "https://w.a.example/",
            &["s=1; domain=a.example"],
            "https://v.a.example/",
            Some("s=1"),
        );
        check(
            "https://w.a.example/",
            &["s=1; domain=b.example"],
            "https://b.example/",
            None,
        );
        check("http://10.0.0.1/", &["s=1; domain=0.0.1"], "http://20.0.0.1/", None);
    }

    #[test]
    fn the_newest_of_a_name_counts_and_longer_paths_come_first() {
        let url = "http://h/a/b";
        check(url, &["s=1; path=/", "s=2; path=/"], url, Some("s=2"));
        check(url, &["s=1; path=/", "t=2; path=/a"], url, Some("t=2; s=1"));
        check(url, &["s=1; path=/", "s=; path=/; max-age=0"], url, None);
        check(
            url,
            &["s=1; path=/", "s=; path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT"],
            url,
            None,
        );
        check(url, &["", "=x", "nothing", "s=a=b; path=/"], url, Some("s=a=b"));
    }
}
