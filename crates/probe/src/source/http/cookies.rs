//! The cookies of one run of several requests (RFC 6265, without a life beyond the run).
//!
//! There is no list of public suffixes: a cookie for a whole domain is taken from a host below it when the domain has a
//! dot, which is enough where the hosts were chosen by whoever wrote the flow.
//!
//! `cookie_store` (0.22) would be the library for it. But an age counts from when it reads the clock itself, not from a
//! time that is given, so that no test can hold it to a date; it keeps as many cookies as a server likes to send; and
//! with both put right around it, a wrapper would read each line once more.

mod date;

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use hyper::header::{self, HeaderMap, HeaderValue};
use url::Url;

/// RFC 6265, section 6.1, asks for at least 50 for each domain, and 4096 bytes each.
const COOKIES_LIMIT: usize = 100;
/// Of one cookie, twice what RFC 6265 asks for: a longer one is not kept.
const COOKIE_LIMIT_BYTES: usize = 8 * 1024;

/// Whether cookies are sent back, as a browser does, or only kept to be captured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cookies {
    Returned,
    Kept,
}

/// What servers asked to be told again. No `Debug`: cookies are credentials.
pub(super) struct Jar {
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
    /// `None`: it lasts as long as the run.
    ends: Option<SystemTime>,
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
    pub(super) const fn new(handling: Cookies) -> Self {
        Self {
            cookies: Vec::new(),
            handling,
        }
    }

    /// Takes in what the answer from `url` asks to be kept, and drops what it asks to be dropped, at `now`.
    pub(super) fn keep(&mut self, url: &Url, headers: &HeaderMap, now: SystemTime) {
        for line in headers.get_all(header::SET_COOKIE) {
            let line = std::str::from_utf8(line.as_bytes()).ok();
            let Some(cookie) = line.and_then(|line| read(url, line, now)) else {
                continue;
            };
            self.cookies.retain(|old| !old.is_same(&cookie));
            if cookie.lasts(now) && self.cookies.len() < COOKIES_LIMIT {
                self.cookies.push(cookie);
            }
        }
    }

    /// The value of the header that goes with a request for `url` at `now`, behind the cookies that the request has of
    /// its `own`, but for those that were set anew.
    pub(super) fn header(&self, url: &Url, own: Option<&HeaderValue>, now: SystemTime) -> Option<HeaderValue> {
        if self.handling == Cookies::Kept {
            return None;
        }
        let mut fitting: Vec<_> = self
            .cookies
            .iter()
            .filter(|cookie| cookie.belongs_to(url) && cookie.lasts(now))
            .collect();
        if fitting.is_empty() {
            return None;
        }
        // RFC 6265, section 5.4: longer paths first, else in the order they came.
        fitting.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        let own = own
            .map(|own| String::from_utf8_lossy(own.as_bytes()))
            .unwrap_or_default();
        let anew = |pair: &&str| {
            let name = pair.split_once('=').map_or(*pair, |(name, _)| name);
            fitting.iter().any(|cookie| cookie.name == name)
        };
        let own = own
            .split(';')
            .map(str::trim)
            .filter(|pair| !pair.is_empty() && !anew(pair));
        let set = fitting.iter().map(|cookie| format!("{}={}", cookie.name, cookie.value));
        let pairs: Vec<_> = own.map(str::to_owned).chain(set).collect();
        let mut value = HeaderValue::try_from(pairs.join("; ")).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// The values by name; of several with one name the newest.
    pub(super) fn by_name(&self) -> BTreeMap<String, String> {
        let pair = |cookie: &Cookie| (cookie.name.clone(), cookie.value.clone());
        self.cookies.iter().map(pair).collect()
    }
}

impl Cookie {
    fn is_same(&self, other: &Self) -> bool {
        (&self.name, &self.domain, &self.path) == (&other.name, &other.domain, &other.path)
    }

    fn lasts(&self, now: SystemTime) -> bool {
        self.ends.is_none_or(|ends| ends > now)
    }

    /// Whether it is what the beginning of its name promises (RFC 6265bis, section 4.1.3); browsers take no other.
    fn keeps_its_word(&self, from: &Url, has_path: bool) -> bool {
        let begins = |prefix: &str| {
            let beginning = self.name.get(..prefix.len());
            beginning.is_some_and(|beginning| beginning.eq_ignore_ascii_case(prefix))
        };
        let is_secure = self.transport == Transport::Encrypted && from.scheme() == "https";
        if begins("__Host-") {
            return is_secure && self.reach == Reach::Host && has_path && self.path == "/";
        }
        is_secure || !begins("__Secure-")
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

/// One `Set-Cookie` line from `url`. `None`: it is not for that host, or no cookie.
fn read(url: &Url, line: &str, now: SystemTime) -> Option<Cookie> {
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
        ends: None,
    };
    let (mut expires, mut age) = (None, None);
    let mut has_path = false;
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
            "path" => {
                has_path = value.trim().starts_with('/');
                let path = Some(value.trim()).filter(|path| path.starts_with('/'));
                cookie.path = path.unwrap_or_else(|| default_path(url.path())).to_owned();
            }
            "secure" => cookie.transport = Transport::Encrypted,
            "max-age" => age = max_age(value.trim(), now).or(age),
            "expires" => expires = date::read(value).or(expires),
            _ => {}
        }
    }
    // RFC 6265, section 5.3: the age has the last word.
    cookie.ends = age.or(expires);
    cookie.keeps_its_word(url, has_path).then_some(cookie)
}

/// RFC 6265, section 5.2.2. `None`: it is not a number.
fn max_age(text: &str, now: SystemTime) -> Option<SystemTime> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if digits.len() < text.len() {
        return Some(SystemTime::UNIX_EPOCH);
    }
    // Longer than anybody counts is as good as for ever.
    let seconds = digits.parse::<u32>().unwrap_or(u32::MAX);
    now.checked_add(Duration::from_secs(seconds.into()))
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

    /// The first second of 2026.
    fn now() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600)
    }

    proptest! {
        #[test]
        fn any_line_is_read_without_harm(line in "[a-c=;. /ä,\"]{0,40}|(domain|path|max-age|expires|a|;|=|/|\\.| ){0,12}") {
            let mut jar = Jar::new(Cookies::Returned);
            let url = Url::parse("http://a.b/c/").unwrap();
            let headers = HeaderValue::from_bytes(line.as_bytes()).map(|value| (header::SET_COOKIE, value));
            jar.keep(&url, &headers.into_iter().collect(), now());
            let sent = jar.header(&url, None, now());
            prop_assert!(sent.is_none_or(|sent| sent.as_bytes().contains(&b'=')));
        }
    }

    fn check(from: &str, lines: &[&str], to: &str, expected: Option<&str>) {
        let mut jar = Jar::new(Cookies::Returned);
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::SET_COOKIE, HeaderValue::from_str(line).unwrap());
        }
        jar.keep(&Url::parse(from).unwrap(), &headers, now());
        let sent = jar.header(&Url::parse(to).unwrap(), None, now());
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
    fn a_name_that_promises_something_is_kept_only_where_it_holds() {
        let url = "https://a.example/x";
        check(url, &["__Host-s=1; Secure; Path=/"], url, Some("__Host-s=1"));
        check(url, &["__Secure-s=1; Secure; Path=/"], url, Some("__Secure-s=1"));
        let below = "https://b.a.example/x";
        check(
            below,
            &["__secure-s=1; secure; path=/; domain=a.example"],
            url,
            Some("__secure-s=1"),
        );
        for broken in [
            "__Host-s=1; Path=/",
            "__Host-s=1; Secure",
            "__Host-s=1; Secure; Path=/x",
            "__Host-s=1; Secure; Path=/; Domain=a.example",
            "__host-s=1; Path=/",
            "__Secure-s=1; Path=/",
        ] {
            check(url, &[broken], url, None);
        }
        let clear = "http://a.example/x";
        check(
            clear,
            &["__Host-s=1; Secure; Path=/", "__Secure-t=1; Secure; Path=/"],
            url,
            None,
        );
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

    #[test]
    fn a_cookie_lasts_until_its_date_or_age() {
        let url = "http://h/";
        let set = |attributes: &str| format!("s=1; path=/; {attributes}");
        let lasts = |attributes: &str, lasts: bool| {
            check(url, &[&set(attributes)], url, lasts.then_some("s=1"));
        };
        // Now is the first second of 2026.
        lasts("expires=Wed, 31 Dec 2025 23:59:59 GMT", false);
        lasts("expires=Thu, 01-Jan-2026 00:00:01 GMT", true);
        lasts("expires=Thu, 01-Jan-70 00:00:01 GMT", false);
        lasts("expires=Wed, 21 Oct 2015 07:28:00 GMT", false);
        lasts("Expires=Fri, 01 Jan 2038 19:70:00 GMT", true);
        lasts("expires=never", true);
        lasts("max-age=0", false);
        lasts("Max-Age=-1", false);
        lasts("max-age=60", true);
        lasts("max-age=99999999999999999999", true);
        lasts("max-age=1.5", true);
        lasts("max-age=", true);
        lasts("max-age=60; expires=Thu, 01 Jan 1970 00:00:00 GMT", true);
        lasts("expires=Fri, 01 Jan 2100 00:00:00 GMT; max-age=0", false);
        lasts("max-age=0; max-age=60", true);
        let mut jar = Jar::new(Cookies::Returned);
        let mut headers = HeaderMap::new();
        headers.insert(header::SET_COOKIE, HeaderValue::from_static("s=1; max-age=1"));
        let url = Url::parse(url).unwrap();
        jar.keep(&url, &headers, now());
        let later = |seconds| jar.header(&url, None, now() + Duration::from_secs(seconds)).is_some();
        assert!(later(0) && !later(1));
    }

    #[test]
    fn cookies_of_the_request_itself_stay_but_for_those_set_anew() {
        let mut jar = Jar::new(Cookies::Returned);
        let url = Url::parse("http://h/").unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(header::SET_COOKIE, HeaderValue::from_static("seen=1"));
        jar.keep(&url, &headers, now());
        let own = HeaderValue::from_static("a=b; seen=0");
        let both = jar.header(&url, Some(&own), now()).unwrap();
        assert_eq!(both, "a=b; seen=1");
        assert!(both.is_sensitive());
    }
}
