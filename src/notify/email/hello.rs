//! What a machine calls itself when it greets a mail server (RFC 5321, 4.1.2 and 4.1.3).

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What stands behind EHLO.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Name {
    Domain(String),
    Address(IpAddr),
}

impl Default for Name {
    fn default() -> Self {
        Self::Address(Ipv4Addr::LOCALHOST.into())
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Domain(name) => f.write_str(name),
            Self::Address(IpAddr::V4(address)) => write!(f, "[{address}]"),
            Self::Address(IpAddr::V6(address)) => write!(f, "[IPv6:{address}]"),
        }
    }
}

/// A name such as `monitor.example.com`, or an address in brackets: `[192.0.2.1]`, `[IPv6:2001:db8::1]`.
///
/// # Errors
/// Says what it should look like.
pub(super) fn parse(text: &str) -> Result<Name, String> {
    let wrong =
        || format!("{text:?} is not a name for EHLO; write for example \"monitor.example.com\" or \"[192.0.2.1]\"");
    if let Some(literal) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
        let v6 = literal.strip_prefix("IPv6:").map(str::parse::<Ipv6Addr>);
        return match (v6, literal.parse::<Ipv4Addr>()) {
            (Some(Ok(address)), _) => Ok(Name::Address(address.into())),
            (None, Ok(address)) => Ok(Name::Address(address.into())),
            (Some(Err(_)), _) | (None, Err(_)) => Err(wrong()),
        };
    }
    let is_label = |label: &str| {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-';
        !label.is_empty() && label.chars().all(is_name) && !label.starts_with('-') && !label.ends_with('-')
    };
    match text.split('.').all(is_label) {
        true => Ok(Name::Domain(text.to_owned())),
        false => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_or_an_address_in_brackets_may_stand_in_a_greeting() {
        for text in ["monitor.example.com", "db-1", "[192.0.2.1]", "[IPv6:2001:db8::1]"] {
            assert_eq!(parse(text).unwrap().to_string(), text);
        }
        for text in [
            "",
            ".",
            "a..b",
            "-a.example",
            "a b",
            "a\r\nQUIT",
            "192.0.2.1]",
            "[]",
            "[IPv6:]",
            "[2001:db8::1]",
        ] {
            assert!(parse(text).unwrap_err().contains("is not a name for EHLO"), "{text:?}");
        }
    }
}
