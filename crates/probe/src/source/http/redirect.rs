//! Where an answer sends us on to (RFC 9110, section 15.4).

use hyper::header;
use hyper::http::response;
use hyper::{Method, StatusCode};
use probetop_core::sample::{FailureKind, Text};
use url::Url;

use super::request::{Keep, Request};
use super::settings::Permission;
use crate::source::attempt::Fault;

/// What an answer asks us to do.
pub(super) enum Next {
    /// To stay: it is the answer.
    Stay,
    Follow(Box<Request>),
    /// To go where nobody can or may. It is the answer of those who expect such a status, and a failure to all others.
    Stuck(Fault),
}

/// What to do after `head` came to `request`. `followed` of `limit` redirects are taken already, and a limit of 0 takes
/// a redirect as the answer; `may` is what redirects are allowed beyond that.
///
/// # Errors
/// There were more redirects than the limit.
pub(super) fn next(
    request: &Request,
    first: &Request,
    head: &response::Parts,
    (followed, limit): (u8, u8),
    may: &[Permission],
) -> Result<Next, Fault> {
    let Some(keep) = keep(head.status, &request.method).filter(|_| limit > 0) else {
        return Ok(Next::Stay);
    };
    let stuck = |why: String| {
        let message = format!("{} {why}", head.status.as_u16());
        Ok(Next::Stuck(Fault::new(FailureKind::Redirect, message)))
    };
    let Some(location) = head.headers.get(header::LOCATION) else {
        return stuck("without a location".to_owned());
    };
    let url = match request.url.join(&ascii(location.as_bytes())) {
        Ok(url) => url,
        Err(error) => return stuck(format!("to no URL: {error}")),
    };
    let shown = masked(&url);
    if followed >= limit {
        let message = format!("more than {limit} redirects, the last to {shown}");
        return Err(Fault::new(FailureKind::Redirect, message));
    }
    let next = match request.redirected(first, url, keep) {
        Ok(next) => next,
        Err(why) => return stuck(format!("to {shown}: {why}")),
    };
    if next.has_body() && next.origin != first.origin && !may.contains(&Permission::ForwardBody) {
        let allow = Permission::ForwardBody.remedy();
        return stuck(format!(
            "to {shown} would hand the request's body to another origin; {allow}"
        ));
    }
    Ok(Next::Follow(Box::new(next)))
}

/// With what is beyond ASCII percent-encoded, whatever its character set: the server gets back the bytes it sent.
fn ascii(location: &[u8]) -> String {
    let mut encoded = String::with_capacity(location.len());
    for &byte in location {
        if byte.is_ascii() {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

fn keep(status: StatusCode, method: &Method) -> Option<Keep> {
    match status {
        // The user agents' custom, sanctioned by the RFC: a POST becomes a GET.
        StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND if *method == Method::POST => Some(Keep::Neither),
        StatusCode::SEE_OTHER if *method != Method::HEAD => Some(Keep::Neither),
        StatusCode::MOVED_PERMANENTLY
        | StatusCode::FOUND
        | StatusCode::SEE_OTHER
        | StatusCode::TEMPORARY_REDIRECT
        | StatusCode::PERMANENT_REDIRECT => Some(Keep::MethodAndBody),
        _ => None,
    }
}

/// A URL without what may be a secret: user, password, and the query, where one-time tokens travel.
fn masked(url: &Url) -> Text {
    let mut url = url.clone();
    // Setting them fails for a URL that cannot have them: then there is nothing to mask.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_fragment(None);
    if url.query().is_some() {
        url.set_query(Some("…"));
    }
    Text::from(url.as_str().replace("%E2%80%A6", "…"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::http::Settings;

    fn head(status: u16, location: &str) -> response::Parts {
        let mut builder = hyper::Response::builder().status(status);
        if !location.is_empty() {
            builder = builder.header(header::LOCATION, location);
        }
        builder.body(()).unwrap().into_parts().0
    }

    /// The next method and URL, or the failure's message.
    fn check(
        (method, url): (&str, &str),
        (status, location): (u16, &str),
        expected: Result<Option<(&str, &str)>, &str>,
    ) {
        let settings = Settings {
            method: method.to_owned(),
            ..Settings::default()
        };
        let request = Request::try_new(&Url::parse(url).unwrap(), &settings).unwrap();
        let next = match next(&request, &request, &head(status, location), (1, 2), &[]) {
            Ok(Next::Stay) => Ok(None),
            Ok(Next::Follow(next)) => Ok(Some((next.method.to_string(), next.url.to_string()))),
            Ok(Next::Stuck(fault)) | Err(fault) => Err(fault),
        };
        let expected = expected.map(|next| next.map(|(method, url)| (method.to_owned(), url.to_owned())));
        assert_eq!(next.map_err(|fault| fault.to_string()), expected.map_err(str::to_owned));
    }

    const AT: (&str, &str) = ("GET", "http://a.example/dir/page?q");
    const POST: (&str, &str) = ("POST", "http://a.example/");

    #[test]
    fn locations_are_resolved_against_the_request() {
        check(AT, (302, "other"), Ok(Some(("GET", "http://a.example/dir/other"))));
        check(AT, (301, "/x?y=1"), Ok(Some(("GET", "http://a.example/x?y=1"))));
        check(AT, (307, "//b.example/"), Ok(Some(("GET", "http://b.example/"))));
        check(
            AT,
            (308, "https://c.example:8/"),
            Ok(Some(("GET", "https://c.example:8/"))),
        );
    }

    #[test]
    fn the_status_decides_what_becomes_of_the_method() {
        check(POST, (301, "/x"), Ok(Some(("GET", "http://a.example/x"))));
        check(POST, (302, "/x"), Ok(Some(("GET", "http://a.example/x"))));
        check(POST, (303, "/x"), Ok(Some(("GET", "http://a.example/x"))));
        check(POST, (307, "/x"), Ok(Some(("POST", "http://a.example/x"))));
        check(POST, (308, "/x"), Ok(Some(("POST", "http://a.example/x"))));
        check(("HEAD", "http://h/"), (303, "/x"), Ok(Some(("HEAD", "http://h/x"))));
        check(("PUT", "http://h/"), (301, "/x"), Ok(Some(("PUT", "http://h/x"))));
    }

    #[test]
    fn bytes_beyond_ascii_go_back_as_they_came() {
        let check = |location: &[u8], expected: &str| {
            let request = Request::try_new(&Url::parse("http://a.example/x").unwrap(), &Settings::default()).unwrap();
            let builder = hyper::Response::builder()
                .status(302)
                .header(header::LOCATION, location);
            let head = builder.body(()).unwrap().into_parts().0;
            let Ok(Next::Follow(next)) = next(&request, &request, &head, (0, 5), &[]) else {
                panic!("{location:?} is followed");
            };
            assert_eq!(next.url.as_str(), expected);
        };
        check(b"/caf\xe9?q=\xfc", "http://a.example/caf%E9?q=%FC");
        check("/größe/ü".as_bytes(), "http://a.example/gr%C3%B6%C3%9Fe/%C3%BC");
        check("http://bücher.example/".as_bytes(), "http://xn--bcher-kva.example/");
        check(b"/a b|c\"", "http://a.example/a%20b|c%22");
    }

    #[test]
    fn a_body_goes_to_another_origin_only_when_that_is_asked_for() {
        let settings = Settings {
            method: "POST".to_owned(),
            body: Some("secret".to_owned()),
            ..Settings::default()
        };
        let request = Request::try_new(&Url::parse("http://a.example/").unwrap(), &settings).unwrap();
        let check = |status, to: &str, may: &[Permission], expected: Result<&str, &str>| {
            let next = match next(&request, &request, &head(status, to), (0, 5), may) {
                Ok(Next::Follow(next)) => Ok(format!("{} {}", next.method, next.has_body())),
                Ok(Next::Stuck(fault)) | Err(fault) => Err(fault.to_string()),
                Ok(Next::Stay) => panic!("{status} is a redirect"),
            };
            assert_eq!(
                next,
                expected.map(str::to_owned).map_err(str::to_owned),
                "{status} {to}"
            );
        };
        check(307, "/x", &[], Ok("POST true"));
        check(302, "http://b.example/", &[], Ok("GET false"));
        check(308, "https://a.example/", &[Permission::ForwardBody], Ok("POST true"));
        check(
            307,
            "http://b.example/",
            &[Permission::ReachLocal],
            Err(
                "307 to http://b.example/ would hand the request's body to another origin; allow it with redirects_may = \
                 [\"forward-body\"]",
            ),
        );
    }

    #[test]
    fn other_answers_are_not_followed() {
        for status in [200, 300, 304, 404] {
            check(AT, (status, "/x"), Ok(None));
        }
    }

    #[test]
    fn redirects_that_lead_nowhere_fail_without_telling_secrets() {
        check(AT, (302, ""), Err("302 without a location"));
        check(
            AT,
            (302, "ftp://u:p@h/f?t=1"),
            Err("302 to ftp://h/f?…: ftp is not a scheme to follow"),
        );
        check(AT, (302, "http://[bad"), Err("302 to no URL: invalid IPv6 address"));
    }

    #[test]
    fn one_more_than_the_limit_fails_with_where_it_led() {
        let request = Request::try_new(&Url::parse("http://h/").unwrap(), &Settings::default()).unwrap();
        let head = head(302, "/again?token=1");
        let at = |steps| next(&request, &request, &head, steps, &[]);
        assert!(
            matches!(at((0, 0)), Ok(Next::Stay)),
            "a limit of 0 takes the redirect as the answer"
        );
        let fault = at((2, 2)).err().unwrap();
        assert_eq!(fault.kind, FailureKind::Redirect);
        assert_eq!(fault.to_string(), "more than 2 redirects, the last to http://h/again?…");
    }
}
