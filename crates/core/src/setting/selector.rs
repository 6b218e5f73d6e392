//! Which targets a selector means: names, groups and kinds, with `*` and `?`.

use std::fmt;

/// The selector that means the machine.
pub const HOST: &str = "host";

/// Which targets something is about. An empty list of selectors means every target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selector {
    /// The machine.
    Host,
    /// `group:NAME`, glob allowed.
    Group(String),
    /// `kind:NAME`, glob allowed.
    Kind(String),
    /// A target's name, glob allowed.
    Name(String),
}

impl Selector {
    /// `host`, `group:NAME`, `kind:NAME`, or a target's name.
    pub fn parse(text: &str) -> Self {
        match text.split_once(':') {
            _ if text == HOST => Self::Host,
            Some(("group", pattern)) => Self::Group(pattern.to_owned()),
            Some(("kind", pattern)) => Self::Kind(pattern.to_owned()),
            _ => Self::Name(text.to_owned()),
        }
    }

    /// Whether a target with this name, kind and group is meant.
    pub fn matches(&self, name: &str, kind: &str, group: Option<&str>) -> bool {
        match self {
            Self::Host => false,
            Self::Group(pattern) => group.is_some_and(|group| glob(pattern, group)),
            Self::Kind(pattern) => glob(pattern, kind),
            Self::Name(pattern) => glob(pattern, name),
        }
    }

    /// Whether it is a name, or a pattern of names, that `name` fits.
    pub fn is_name_of(&self, name: &str) -> bool {
        matches!(self, Self::Name(pattern) if glob(pattern, name))
    }

    /// Whether what is not a target, the machine or an objective, is meant by this name.
    pub fn matches_subject(&self, subject: &str) -> bool {
        match self {
            Self::Host => subject == HOST,
            Self::Name(pattern) => glob(pattern, subject),
            Self::Group(_) | Self::Kind(_) => false,
        }
    }
}

/// Whether one of `selectors` means the target; without selectors every target is meant.
pub fn any_matches(selectors: &[Selector], name: &str, kind: &str, group: Option<&str>) -> bool {
    selectors.is_empty() || selectors.iter().any(|selector| selector.matches(name, kind, group))
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host => f.write_str(HOST),
            Self::Group(pattern) => write!(f, "group:{pattern}"),
            Self::Kind(pattern) => write!(f, "kind:{pattern}"),
            Self::Name(pattern) => f.write_str(pattern),
        }
    }
}

/// `*` stands for any run of characters, `?` for one. Linear in both: on a mismatch only the last `*` is tried again.
fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    let mut last_star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                last_star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == '?' || *c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((star, start)) = last_star else { return false };
                p = star + 1;
                t = start + 1;
                last_star = Some((star, t));
            }
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_glob(pattern: &str, text: &str, expected: bool) {
        assert_eq!(glob(pattern, text), expected, "{pattern} on {text}");
    }

    #[test]
    fn a_star_stands_for_any_run_and_a_question_mark_for_one_character() {
        check_glob("checkout", "checkout", true);
        check_glob("checkout", "checkout2", false);
        check_glob("check*", "checkout", true);
        check_glob("*out", "checkout", true);
        check_glob("*k*t*", "checkout", true);
        check_glob("*k*z*", "checkout", false);
        check_glob("c?eckout", "checkout", true);
        check_glob("?", "é", true);
        check_glob("", "", true);
        check_glob("*", "", true);
        check_glob("?", "", false);
        check_glob(&"*a".repeat(60), &"a".repeat(59), false);
    }

    #[test]
    fn selectors_are_read_back_as_they_were_written() {
        for text in ["host", "group:api", "kind:http", "check*", "other:thing"] {
            assert_eq!(Selector::parse(text).to_string(), text);
        }
        assert_eq!(Selector::parse("group:a*"), Selector::Group("a*".to_owned()));
        assert!(Selector::parse("group:a*").matches("x", "http", Some("api")));
        assert!(!Selector::parse("group:a*").matches("api", "http", None));
        assert!(!Selector::Host.matches("host", "http", None));
    }
}
