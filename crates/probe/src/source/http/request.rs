//! A request, made ready once per target and copied cheaply for every probe.

mod written;

use std::time::SystemTime;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::http::uri::{Authority, PathAndQuery, Uri};
use hyper::{Method, Version};
use url::{Position, Url};

use super::content::Content;
use super::cookies::Jar;
use super::credentials;
use super::origin::{Origin, Scheme};
use super::route::Proxy;
use super::settings::{Auth, Settings};

pub(super) use written::Written;

const USER_AGENT: HeaderValue = HeaderValue::from_static(concat!("probetop/", env!("CARGO_PKG_VERSION")));

/// Headers that say nothing about who asks: only these go along when a redirect leads to another origin.
const HARMLESS: [HeaderName; 7] = [
    header::ACCEPT,
    header::ACCEPT_ENCODING,
    header::ACCEPT_LANGUAGE,
    header::CACHE_CONTROL,
    header::CONTENT_TYPE,
    header::PRAGMA,
    header::USER_AGENT,
];

/// One request to one origin.
#[derive(Clone)]
pub(super) struct Request {
    pub origin: Origin,
    pub url: Url,
    pub method: Method,
    authority: Authority,
    path: PathAndQuery,
    /// With `Host`, as HTTP/1.1 wants it.
    headers: HeaderMap,
    body: Bytes,
}

impl Request {
    /// # Errors
    /// Says what in `url` or `settings` cannot be sent, and what to do about it. Values of headers are never quoted.
    pub(super) fn try_new(url: &Url, settings: &Settings) -> Result<Self, String> {
        let origin = Origin::of(url).ok_or("the URL has no host; write http://HOST/ or https://HOST/")?;
        let method = method(&settings.method)?;
        let mut url = url.clone();
        if !settings.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&settings.query);
        }
        let (authority, path) = parts(&url)?;
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host(&authority));
        headers.insert(header::USER_AGENT, USER_AGENT);
        headers.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        if let Some(authorization) = authorization(&url, settings.auth.as_ref()) {
            headers.insert(header::AUTHORIZATION, secret(authorization)?);
        }
        let content = Content::of(settings)?;
        if let Some(media_type) = content.media_type {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        }
        for (name, value) in &settings.headers {
            let (name, value) = user_header(name, value)?;
            headers.insert(name, value);
        }
        let body = content.bytes;
        announce_empty_body(&mut headers, &method, &body);
        Ok(Self {
            origin,
            url,
            method,
            authority,
            path,
            headers,
            body,
        })
    }

    /// The request that a redirect to `url` asks for. `first` is the one the target was configured with: only its own
    /// origin is sent what it has to say about who asks.
    ///
    /// # Errors
    /// Says why `url` cannot be asked.
    pub(super) fn redirected(&self, first: &Self, url: Url, keep: Keep) -> Result<Self, String> {
        let origin = Origin::of(&url).ok_or_else(|| format!("{} is not a scheme to follow", url.scheme()))?;
        let (authority, path) = parts(&url)?;
        let (method, body) = match keep {
            Keep::MethodAndBody => (self.method.clone(), self.body.clone()),
            Keep::Neither => (Method::GET, Bytes::new()),
        };
        let mut headers = first.headers.clone();
        if origin != first.origin {
            headers = harmless(&headers);
            headers.insert(header::HOST, host(&authority));
        }
        headers.remove(header::CONTENT_LENGTH);
        if keep == Keep::Neither {
            headers.remove(header::CONTENT_TYPE);
        }
        announce_empty_body(&mut headers, &method, &body);
        Ok(Self {
            origin,
            url,
            method,
            authority,
            path,
            headers,
            body,
        })
    }

    /// The same with the cookies of `jar`; `None`: it has none for this request.
    pub(super) fn with_cookies(&self, jar: &Jar, now: SystemTime) -> Option<Self> {
        let cookies = jar.header(&self.url, self.headers.get(header::COOKIE), now)?;
        let mut with = self.clone();
        with.headers.insert(header::COOKIE, cookies);
        Some(with)
    }

    /// Whether a redirect that keeps the method sends something along.
    pub(super) fn has_body(&self) -> bool {
        !self.body.is_empty()
    }

    /// Asks for the events behind this one.
    pub(super) fn with_last_event(mut self, id: Option<u64>) -> Self {
        if let Some(id) = id {
            self.headers.insert("last-event-id", HeaderValue::from(id));
        }
        self
    }

    /// Whether sending it twice does no harm (RFC 9110, section 9.2.2).
    pub(super) fn is_idempotent(&self) -> bool {
        self.method.is_idempotent()
    }

    /// As HTTP/1.1 has it.
    pub(super) fn http1(&self) -> Written {
        Written::new(self, self.path.as_str(), &self.headers)
    }

    /// As a proxy is asked that passes it on (RFC 9112, section 3.2.2).
    pub(super) fn forwarded(&self, proxy: &Proxy) -> Written {
        let mut headers = self.headers.clone();
        let credentials = proxy
            .credentials
            .clone()
            .and_then(|credentials| secret(credentials).ok());
        if let Some(credentials) = credentials {
            headers.insert(header::PROXY_AUTHORIZATION, credentials);
        }
        let target = self.whole_uri(self.authority.clone()).to_string();
        Written::new(self, &target, &headers)
    }

    pub(super) fn http2(&self) -> hyper::Request<Full<Bytes>> {
        let mut headers = self.headers.clone();
        // HTTP/2 says the host in `:authority`; what the user wrote as `Host` still wins.
        let named = headers.remove(header::HOST);
        let authority = named.and_then(|host| Authority::try_from(host.as_bytes()).ok());
        let mut request = self.bare(self.whole_uri(authority.unwrap_or_else(|| self.authority.clone())));
        *request.version_mut() = Version::HTTP_2;
        *request.headers_mut() = headers;
        request
    }

    fn whole_uri(&self, authority: Authority) -> Uri {
        let mut parts = hyper::http::uri::Parts::default();
        parts.scheme = Some(match self.origin.scheme {
            Scheme::Http => hyper::http::uri::Scheme::HTTP,
            Scheme::Https => hyper::http::uri::Scheme::HTTPS,
        });
        parts.authority = Some(authority);
        parts.path_and_query = Some(self.path.clone());
        Uri::from_parts(parts).expect("scheme, authority and path make a URI")
    }

    fn bare(&self, uri: Uri) -> hyper::Request<Full<Bytes>> {
        let mut request = hyper::Request::new(Full::new(self.body.clone()));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = uri;
        request
    }
}

/// What of a request outlives a redirect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    MethodAndBody,
    /// It becomes a plain GET.
    Neither,
}

/// # Errors
/// Says why it cannot be sent; does not quote it, because it may come from the environment.
pub(super) fn method(name: &str) -> Result<Method, String> {
    let method = Method::from_bytes(name.to_ascii_uppercase().as_bytes())
        .map_err(|_| "the request method is none; write for example GET, HEAD or POST")?;
    if method == Method::CONNECT {
        return Err("CONNECT asks a proxy for a tunnel and gives no answer to measure; use another method".to_owned());
    }
    Ok(method)
}

/// What says who asks; the URL's user where the settings name nobody.
fn authorization(url: &Url, auth: Option<&Auth>) -> Option<String> {
    let Some(Auth { basic, bearer }) = auth else {
        return credentials::basic_of_url(url);
    };
    let basic = basic.as_ref();
    let basic = basic.map(|basic| credentials::basic(basic.user.as_bytes(), basic.password.as_bytes()));
    basic.or_else(|| bearer.as_ref().map(|token| format!("Bearer {token}")))
}

/// Masked wherever a request is printed.
fn secret(value: String) -> Result<HeaderValue, String> {
    let mut value =
        HeaderValue::try_from(value).map_err(|_| "what says who asks has a character that cannot be sent")?;
    value.set_sensitive(true);
    Ok(value)
}

fn parts(url: &Url) -> Result<(Authority, PathAndQuery), String> {
    let host = url.host_str().unwrap_or_default();
    let authority = match url.port() {
        Some(port) => Authority::try_from(format!("{host}:{port}")),
        None => Authority::try_from(host),
    };
    let authority = authority.map_err(|_| format!("{host:?} is not a host that a request can name"))?;
    let path = PathAndQuery::try_from(&url[Position::BeforePath..Position::AfterQuery])
        .map_err(|_| "the URL's path has a character that must be percent-encoded")?;
    Ok((authority, path))
}

fn host(authority: &Authority) -> HeaderValue {
    HeaderValue::from_str(authority.as_str()).expect("an authority is visible ASCII")
}

/// # Errors
/// Says why it cannot be sent; does not quote the value.
pub(super) fn user_header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), String> {
    let parsed = HeaderName::try_from(name).map_err(|_| format!("{name:?} is not a header name"))?;
    if parsed == header::CONTENT_LENGTH || parsed == header::TRANSFER_ENCODING {
        return Err(format!("header {parsed} follows from the body; remove it"));
    }
    let mut value = HeaderValue::from_str(value).map_err(|_| {
        format!("the value of header {parsed} has a control character, such as a line break; remove it")
    })?;
    if parsed == header::HOST && Authority::try_from(value.as_bytes()).is_err() {
        return Err("the value of header host is not HOST or HOST:PORT".to_owned());
    }
    // Masked wherever a request is printed, and kept out of HTTP/2's table of headers.
    value.set_sensitive(!HARMLESS.contains(&parsed));
    Ok((parsed, value))
}

/// RFC 9110, section 8.6: a method that is meant to have a body says that there is none.
fn announce_empty_body(headers: &mut HeaderMap, method: &Method, body: &Bytes) {
    if body.is_empty() && [Method::POST, Method::PUT, Method::PATCH].contains(method) {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
}

fn harmless(headers: &HeaderMap) -> HeaderMap {
    let kept = headers.iter().filter(|(name, _)| HARMLESS.contains(name));
    kept.map(|(name, value)| (name.clone(), value.clone())).collect()
}

#[cfg(test)]
mod tests;
