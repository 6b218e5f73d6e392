//! The words that a row must contain.

use super::Line;
use crate::sample::TargetInfo;
use crate::ui::keys::Edit;

/// Words typed by the user, matched without regard to case; a row must contain all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    line: Line,
    /// The text in lower case, by words.
    words: Vec<String>,
}

impl Filter {
    pub fn text(&self) -> &str {
        self.line.text()
    }

    /// Whether every row passes.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    pub fn set(&mut self, text: String) {
        self.words = text.to_lowercase().split_whitespace().map(String::from).collect();
        self.line = Line::new(text);
    }

    pub fn edit(&mut self, edit: Edit) {
        self.line.edit(edit);
        self.set(self.line.text().into());
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
}
