//! User and password as the value of an `Authorization` header (RFC 7617).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use url::Url;

/// The value of the header for `user:password@` of a URL; `None`: it names nobody.
pub fn basic_of_url(url: &Url) -> Option<String> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let user = percent_decoded(url.username());
    Some(basic(&user, &percent_decoded(url.password().unwrap_or_default())))
}

/// The value of the header for `user`, in whose name there is no colon.
pub fn basic(user: &[u8], password: &[u8]) -> String {
    format!("Basic {}", STANDARD.encode([user, b":", password].concat()))
}

/// The bytes that `%XX` stand for; what is no such escape stays as it is.
pub fn percent_decoded(text: &str) -> Vec<u8> {
    percent_decode_str(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, expected: Option<&str>) {
        assert_eq!(basic_of_url(&Url::parse(url).unwrap()).as_deref(), expected, "of {url}");
    }

    #[test]
    fn userinfo_becomes_basic_authorization() {
        check("http://host/", None);
        // The example of RFC 7617, section 2.
        check(
            "http://Aladdin:open%20sesame@host/",
            Some("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
        );
        check("http://user@host/", Some("Basic dXNlcjo="));
        check("http://:p@host/", Some("Basic OnA="));
        check("http://a:%zz%4@host/", Some("Basic YTolenolNA=="));
    }
}
