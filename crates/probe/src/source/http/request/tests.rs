//! What is sent for which settings, and what goes along with a redirect.

use super::*;

use std::collections::BTreeMap;

fn request(url: &str, settings: Settings) -> Request {
    Request::try_new(&Url::parse(url).unwrap(), &settings).unwrap()
}

fn headers(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_string()))
        .collect()
}

/// The value of a header as it is written.
fn value(sent: &Written, name: &str) -> Option<String> {
    let text = sent.text();
    let mut lines = text.lines().skip(1).take_while(|line| !line.is_empty());
    lines.find_map(|line| Some(line.strip_prefix(name)?.strip_prefix(": ")?.to_owned()))
}

fn first_line(sent: &Written) -> String {
    sent.text().lines().next().unwrap().to_owned()
}

#[test]
fn http1_names_the_path_and_the_host() {
    let sent = request("http://user:pw@Host.example:8080/a%20b?q=1#part", Settings::default()).http1();
    assert_eq!(first_line(&sent), "GET /a%20b?q=1 HTTP/1.1");
    assert_eq!(value(&sent, "host").as_deref(), Some("host.example:8080"));
    assert_eq!(value(&sent, "accept").as_deref(), Some("*/*"));
    assert!(value(&sent, "user-agent").unwrap().starts_with("probetop/"));
    assert_eq!(value(&sent, "authorization").as_deref(), Some("Basic dXNlcjpwdw=="));
    assert_eq!(value(&sent, "content-length"), None);
    assert!(sent.text().ends_with("\r\n\r\n"));
}

#[test]
fn a_proxy_is_told_the_whole_url_and_who_asks_it() {
    let proxy = Proxy::parse("http://me:pw@proxy:3128").unwrap();
    let sent = request("http://h:81/x?y", Settings::default()).forwarded(&proxy);
    assert_eq!(first_line(&sent), "GET http://h:81/x?y HTTP/1.1");
    assert_eq!(value(&sent, "host").as_deref(), Some("h:81"));
    assert_eq!(value(&sent, "proxy-authorization").as_deref(), Some("Basic bWU6cHc="));
}

#[test]
fn a_long_body_is_written_behind_its_head() {
    for length in [3, 100_000] {
        let settings = Settings {
            method: "POST".to_owned(),
            body: Some("x".repeat(length)),
            ..Settings::default()
        };
        let sent = request("http://h/", settings).http1();
        assert_eq!(value(&sent, "content-length"), Some(length.to_string()));
        let mut written = Vec::new();
        while !sent.from(written.len()).is_empty() {
            let piece = sent.from(written.len());
            written.extend_from_slice(&piece[..piece.len().min(70)]);
        }
        assert_eq!(written, sent.text().into_bytes());
        assert!(written.ends_with(&[b"\r\n\r\n".as_slice(), &b"x".repeat(length)].concat()));
    }
}

#[test]
fn http2_names_the_host_in_the_uri_only() {
    let url = "https://[::1]/x";
    let sent = request(url, Settings::default()).http2();
    assert_eq!(sent.uri().to_string(), url);
    assert!(!sent.headers().contains_key("host"));
    let named = Settings {
        headers: headers(&[("Host", "virtual.example")]),
        ..Settings::default()
    };
    assert_eq!(
        request(url, named).http2().uri().to_string(),
        "https://virtual.example/x"
    );
}

#[test]
fn the_users_headers_win() {
    let settings = Settings {
        headers: headers(&[("User-Agent", "me"), ("host", "other"), ("Authorization", "Bearer t")]),
        ..Settings::default()
    };
    let asked = request("http://user@h/", settings);
    let sent = asked.http1();
    assert_eq!(value(&sent, "user-agent").as_deref(), Some("me"));
    assert_eq!(value(&sent, "host").as_deref(), Some("other"));
    assert_eq!(value(&sent, "authorization").as_deref(), Some("Bearer t"));
    assert!(!format!("{:?}", asked.headers).contains("Bearer"), "secrets are masked");
}

#[test]
fn what_cannot_be_sent_is_refused_with_a_remedy() {
    let check = |settings: Settings, expected: &str| {
        let error = Request::try_new(&Url::parse("http://h/").unwrap(), &settings)
            .err()
            .unwrap();
        assert_eq!(error, expected);
    };
    let method = |method: &str| Settings {
        method: method.to_owned(),
        ..Settings::default()
    };
    let with = |name, value| Settings {
        headers: headers(&[(name, value)]),
        ..Settings::default()
    };
    check(
        method("GE T"),
        "the request method is none; write for example GET, HEAD or POST",
    );
    check(
        method("connect"),
        "CONNECT asks a proxy for a tunnel and gives no answer to measure; use another method",
    );
    check(with("a b", ""), "\"a b\" is not a header name");
    check(
        with("x-key", "secret\r\n"),
        "the value of header x-key has a control character, such as a line break; remove it",
    );
    check(
        with("Content-Length", "1"),
        "header content-length follows from the body; remove it",
    );
    check(with("host", "a b"), "the value of header host is not HOST or HOST:PORT");
}

#[test]
fn an_empty_body_is_announced_where_one_is_expected() {
    let post = Settings {
        method: "post".to_owned(),
        ..Settings::default()
    };
    let sent = request("http://h/", post).http1();
    assert_eq!(first_line(&sent), "POST / HTTP/1.1");
    assert_eq!(value(&sent, "content-length").as_deref(), Some("0"));
}

#[test]
fn another_origin_is_not_told_who_asks() {
    let settings = Settings {
        headers: headers(&[
            ("cookie", "c"),
            ("x-key", "k"),
            ("accept-language", "de"),
            ("host", "virtual"),
        ]),
        ..Settings::default()
    };
    let first = request("http://user:pw@a.example/", settings);
    let follow = |request: &Request, url: &str| {
        request
            .redirected(&first, Url::parse(url).unwrap(), Keep::MethodAndBody)
            .unwrap()
    };
    for elsewhere in ["http://b.example/", "https://a.example/", "http://a.example:81/"] {
        let second = follow(&first, elsewhere);
        let sent = second.http1();
        for secret in ["authorization", "cookie", "x-key"] {
            assert_eq!(value(&sent, secret), None, "{secret} to {elsewhere}");
        }
        assert_eq!(value(&sent, "accept-language").as_deref(), Some("de"));
        assert_ne!(value(&sent, "host").as_deref(), Some("virtual"));
        let back = follow(&second, "http://a.example/again").http1();
        assert_eq!(
            value(&back, "cookie").as_deref(),
            Some("c"),
            "its own origin knows it already"
        );
        assert_eq!(value(&back, "host").as_deref(), Some("virtual"));
    }
}

#[test]
fn a_redirect_that_becomes_a_get_drops_the_body() {
    let settings = Settings {
        method: "POST".to_owned(),
        headers: headers(&[("content-type", "application/json")]),
        body: Some("{}".to_owned()),
        ..Settings::default()
    };
    let first = request("http://h/", settings);
    let to = |keep| {
        first
            .redirected(&first, Url::parse("http://h/2").unwrap(), keep)
            .unwrap()
    };
    let get = to(Keep::Neither);
    assert_eq!((get.method.clone(), get.body.len()), (Method::GET, 0));
    assert_eq!(value(&get.http1(), "content-type"), None);
    let post = to(Keep::MethodAndBody);
    assert_eq!((post.method.clone(), post.body.len()), (Method::POST, 2));
    assert_eq!(
        value(&post.http1(), "content-type").as_deref(),
        Some("application/json")
    );
}
