//! Headers that a target wants to send, whatever the protocol they travel in.

use std::collections::BTreeMap;

use probetop_core::setting::Finding;

/// What is wrong with `headers`; names in `ours` are written by the probe itself.
pub fn check(headers: &BTreeMap<String, String>, ours: &[&str]) -> Vec<Finding> {
    let faults = headers.iter().filter_map(|(name, value)| {
        let message = fault(name, value, ours)?;
        Some(Finding::new(name, message).under("headers"))
    });
    faults.collect()
}

/// Does not quote the value: it may be a secret.
fn fault(name: &str, value: &str, ours: &[&str]) -> Option<String> {
    if !is_token(name) {
        Some(format!("{name:?} is not a header name"))
    } else if ours.iter().any(|ours| ours.eq_ignore_ascii_case(name)) {
        Some(format!("header {name} is written by the probe itself; remove it"))
    } else if value.contains(|c: char| c.is_control() && c != '\t') {
        Some(format!(
            "the value of {name} holds a control character; headers are one line"
        ))
    } else {
        None
    }
}

/// RFC 9110, 5.6.2: what header names are made of.
fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_one_line_of_ours_or_of_the_target() {
        let check = |name: &str, value: &str, expected: Option<&str>| {
            let headers = BTreeMap::from([(name.to_owned(), value.to_owned())]);
            let found: Vec<_> = check(&headers, &["upgrade"]).into_iter().map(|f| f.message).collect();
            assert_eq!(found, expected.into_iter().collect::<Vec<_>>());
        };
        check("Authorization", "Bearer \u{fc}\t1", None);
        check("a b", "1", Some("\"a b\" is not a header name"));
        check("", "1", Some("\"\" is not a header name"));
        check(
            "Upgrade",
            "h2c",
            Some("header Upgrade is written by the probe itself; remove it"),
        );
        check(
            "x",
            "secret\r\ny: 1",
            Some("the value of x holds a control character; headers are one line"),
        );
    }
}
