//! The words that a row must contain.

use crate::sample::TargetInfo;

/// Words typed by the user, matched without regard to case; a row must contain all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    text: String,
    /// The text in lower case, by words.
    words: Vec<String>,
}

/// A filter is typed by hand; what is pasted by mistake is cut here.
const LENGTH_LIMIT: usize = 200;

impl Filter {
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether every row passes.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    pub fn set(&mut self, text: String) {
        self.words = text.to_lowercase().split_whitespace().map(String::from).collect();
        self.text = text;
    }

    pub fn push(&mut self, c: char) {
        if !c.is_control() && self.text.len() < LENGTH_LIMIT {
            self.set(format!("{}{c}", self.text));
        }
    }

    pub fn pop(&mut self) {
        let mut text = std::mem::take(&mut self.text);
        text.pop();
        self.set(text);
    }

    pub fn pop_word(&mut self) {
        let kept = self.text.trim_end().rfind(char::is_whitespace);
        self.set(kept.map_or_else(String::new, |space| format!("{} ", self.text[..space].trim_end())));
    }

    pub fn accepts(&self, fields: &[&str]) -> bool {
        let contains = |word: &String| fields.iter().any(|field| field.to_lowercase().contains(word));
        self.words.iter().all(contains)
    }

    pub fn accepts_target(&self, info: &TargetInfo) -> bool {
        let group = info.group.as_ref().map_or("", |group| group.as_str());
        self.is_empty() || self.accepts(&[info.name.as_str(), group, info.url.as_str(), info.kind])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_must_occur_somewhere() {
        let check = |text: &str, expected| {
            let mut filter = Filter::default();
            filter.set(text.into());
            assert_eq!(
                filter.accepts(&["Checkout EU", "api", "https://shop.example/"]),
                expected,
                "{text:?}"
            );
        };
        check("", true);
        check("  ", true);
        check("check", true);
        check("eu api", true);
        check("API shop", true);
        check("eu web", false);
    }

    #[test]
    fn a_line_is_edited_by_characters_and_words() {
        let mut filter = Filter::default();
        "ab cdé".chars().for_each(|c| filter.push(c));
        filter.push('\n');
        filter.pop();
        assert_eq!(filter.text(), "ab cd");
        filter.pop_word();
        assert_eq!(filter.text(), "ab ");
        filter.pop_word();
        assert_eq!(filter.text(), "");
        filter.pop();
        assert_eq!(filter.text(), "");
    }
}
