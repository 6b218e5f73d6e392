//! What a row must be like to be shown: words that it contains, or behind `=` a condition that holds for it.

use std::fmt;

use probetop_core::snapshot::TargetSnapshot;

use super::condition::Condition;
use super::{Line, list};
use crate::ui::keys::Edit;

/// What opens a condition.
const CONDITION: char = '=';

/// What may be typed into a filter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Grammar {
    #[default]
    Words,
    WordsOrCondition,
}

/// Words typed by the user, matched without regard to case; a row must contain all of them. Or a condition: while it is
/// being typed and not understood, the one understood last goes on to hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    grammar: Grammar,
    line: Line,
    /// The text in lower case, by words; none where it is a condition.
    words: Vec<String>,
    condition: Option<(Condition, String)>,
    problem: Option<Problem>,
}

/// Why a condition is not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub message: String,
    /// Characters of the text before the place that it is about.
    pub place: usize,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at {}: {}", self.place + 1, self.message)
    }
}

impl Filter {
    /// Shows every row.
    pub fn new(grammar: Grammar) -> Self {
        Self {
            grammar,
            ..Self::default()
        }
    }

    /// The text as it was typed.
    pub fn text(&self) -> &str {
        self.line.text()
    }

    /// What holds: the text, or the last one that was understood.
    pub fn applied(&self) -> &str {
        match (&self.condition, &self.problem) {
            (Some((_, text)), _) => text,
            (None, Some(_)) => "",
            (None, None) => self.text(),
        }
    }

    /// Whether every row passes.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty() && self.condition.is_none()
    }

    /// Whether it is a condition that rows are held against.
    pub fn has_condition(&self) -> bool {
        self.condition.is_some()
    }

    /// What is not understood in [`text`](Self::text).
    pub fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref()
    }

    pub fn clear(&mut self) {
        self.set(String::new());
    }

    pub fn set(&mut self, text: String) {
        let source = text.trim_start().strip_prefix(CONDITION);
        match source.filter(|_| self.grammar == Grammar::WordsOrCondition) {
            Some(source) => {
                self.set_condition(source.trim(), &text);
            }
            None => {
                self.words = words(&text);
                (self.condition, self.problem) = (None, None);
            }
        }
        self.line = Line::new(text);
    }

    fn set_condition(&mut self, source: &str, text: &str) {
        self.words.clear();
        if source.is_empty() {
            (self.condition, self.problem) = (None, None);
            return;
        }
        match Condition::compile(source) {
            Ok(condition) => (self.condition, self.problem) = (Some((condition, text.into())), None),
            Err(error) => {
                let opening = text.find(source).unwrap_or_default();
                let before = text.get(..opening + error.offset).unwrap_or(text);
                self.problem = Some(Problem {
                    message: error.message,
                    place: before.chars().count(),
                });
            }
        }
    }

    pub fn edit(&mut self, edit: Edit) {
        self.line.edit(edit);
        self.set(self.line.text().into());
    }

    /// Whether the words occur in any of the fields.
    pub fn accepts(&self, fields: &[&str]) -> bool {
        let contains = |word: &String| fields.iter().any(|field| field.to_lowercase().contains(word));
        self.words.iter().all(contains)
    }

    pub fn accepts_target(&self, target: &TargetSnapshot) -> bool {
        if let Some((condition, _)) = &self.condition {
            return condition.holds(target);
        }
        self.is_empty() || self.accepts(&list::words_of_target(target))
    }
}

/// The words of a text in lower case.
fn words(text: &str) -> Vec<String> {
    text.to_lowercase().split_whitespace().map(String::from).collect()
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
        check("= eu", false);
    }

    #[test]
    fn what_is_not_understood_leaves_the_last_condition_in_force() {
        let mut filter = Filter::new(Grammar::WordsOrCondition);
        let mut check = |text: &str, applied: &str, problem: Option<(usize, &str)>| {
            filter.set(text.into());
            assert_eq!(filter.applied(), applied, "after {text:?}");
            let found = filter
                .problem()
                .map(|problem| (problem.place, problem.message.as_str()));
            assert_eq!(found, problem, "after {text:?}");
        };
        check("=", "=", None);
        check(
            "= p59",
            "",
            Some((2, "there is no \"p59\" here; did you mean \"p50\"?")),
        );
        check("= failed > 0", "= failed > 0", None);
        check(
            "= failed > 0 &&",
            "= failed > 0",
            Some((15, "the condition ends too early")),
        );
        check(
            "= p95 > 200",
            "= failed > 0",
            Some((
                2,
                "duration and int do not go together; write a time as duration('500ms')",
            )),
        );
        check("failed", "failed", None);
    }
}
