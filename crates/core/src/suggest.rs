//! "Did you mean": the known name that is closest to what was typed.

/// Ends of messages: `; did you mean "interval"?`, or nothing when no name is close.
pub fn closest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    match nearest(typed, known) {
        Some(name) => format!("; did you mean {name:?}?"),
        None => String::new(),
    }
}

/// The nearest of `known`. `None` when all of them differ too much to be what was meant.
fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed = typed.to_lowercase();
    // A third of the letters may be wrong: `intrval` finds `interval`, `foo` finds nothing.
    let tolerance = (typed.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&typed, name), name))
        .filter(|(distance, _)| *distance <= tolerance)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(typed: &str, expected: Option<&str>) {
        assert_eq!(
            nearest(typed, ["interval", "timeout", "url", "in_flight"]),
            expected,
            "{typed}"
        );
    }

    #[test]
    fn only_a_name_that_is_close_is_suggested() {
        check("intervall", Some("interval"));
        check("intreval", Some("interval"));
        check("Timeout", Some("timeout"));
        check("time_out", Some("timeout"));
        check("ulr", Some("url"));
        check("inflight", Some("in_flight"));
        check("colour", None);
        check("", None);
    }
}
