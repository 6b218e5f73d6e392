//! A word out of a small vocabulary: a kind of probe, a protocol, the name of a fact.

use std::fmt;

use super::Text;

/// One that this program was built with costs nothing to make or to copy; one that another wrote is kept whole. Two are
/// the same when they read the same.
#[derive(Clone)]
pub struct Word(Origin);

#[derive(Clone)]
enum Origin {
    BuiltIn(&'static str),
    Read(Text),
}

impl Word {
    /// A word of this program.
    pub const fn of(word: &'static str) -> Self {
        Self(Origin::BuiltIn(word))
    }

    /// A word that another wrote, made safe to show.
    pub fn clean(raw: &str) -> Self {
        Self(Origin::Read(Text::clean(raw)))
    }

    pub fn as_str(&self) -> &str {
        match &self.0 {
            Origin::BuiltIn(word) => word,
            Origin::Read(word) => word.as_str(),
        }
    }
}

impl From<Text> for Word {
    fn from(word: Text) -> Self {
        Self(Origin::Read(word))
    }
}

impl From<&'static str> for Word {
    fn from(word: &'static str) -> Self {
        Self::of(word)
    }
}

impl PartialEq for Word {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Word {}

impl PartialEq<&str> for Word {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_the_same_whoever_wrote_it() {
        assert_eq!(Word::of("http"), Word::clean("http"));
        assert_ne!(Word::of("http"), Word::of("tcp"));
        assert_eq!(Word::clean("\u{1b}[31mhttp"), "[31mhttp");
    }
}
