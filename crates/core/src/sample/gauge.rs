//! Figures a target tells of itself: a hit ratio, connections in use, days until a certificate ends.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

/// Longer names are cut: they are a column on the screen and a word in a condition.
const NAME_LIMIT: usize = 64;

/// The exit code of a plugin as a figure.
pub const PLUGIN_STATUS: &str = "plugin_status";

/// One figure at one moment. Its unit is the end of its name, as everywhere: `_bytes`, `_ratio`, `_us`, `_per_s`.
#[derive(Clone, Debug, PartialEq)]
pub struct Gauge {
    pub name: GaugeName,
    pub value: f64,
}

impl Gauge {
    pub fn new(name: impl Into<GaugeName>, value: f64) -> Self {
        Self {
            name: name.into(),
            value,
        }
    }
}

/// A word that conditions can name: letters, digits and `_`, not beginning with a digit, at most 64 of them.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GaugeName(Arc<str>);

impl GaugeName {
    /// Makes a word of anything: what a condition could not name becomes `_`.
    pub fn clean(raw: &str) -> Self {
        let mut clean = String::with_capacity(raw.len().min(NAME_LIMIT));
        if raw.starts_with(|c: char| c.is_ascii_digit()) || raw.is_empty() {
            clean.push('_');
        }
        for c in raw.chars().take(NAME_LIMIT - clean.len()) {
            clean.push(if c.is_ascii_alphanumeric() { c } else { '_' });
        }
        Self(clean.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for GaugeName {
    fn from(raw: &str) -> Self {
        Self::clean(raw)
    }
}

impl Borrow<str> for GaugeName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for GaugeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for GaugeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_becomes_a_word_that_a_condition_can_name() {
        let check = |raw: &str, expected: &str| assert_eq!(GaugeName::clean(raw).as_str(), expected);
        check("hit_ratio", "hit_ratio");
        check("/var/log free", "_var_log_free");
        check("5xx", "_5xx");
        check("", "_");
        check("größe", "gr__e");
        assert_eq!(GaugeName::clean(&"x".repeat(1000)).as_str().len(), NAME_LIMIT);
    }
}
