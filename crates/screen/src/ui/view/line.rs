//! A line that is typed: its text, and what each key does to it.

use crate::ui::keys::Edit;

/// A line of text, edited at its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    text: String,
}

/// A line is typed by hand; what is pasted by mistake is cut here.
const LENGTH_LIMIT: usize = 200;

impl Line {
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// Changes the text; accepting and cancelling are up to whoever has the line.
    pub fn edit(&mut self, edit: Edit) {
        match edit {
            Edit::Insert(c) if c.is_control() || self.text.len() >= LENGTH_LIMIT => {}
            Edit::Insert(c) => self.text.push(c),
            Edit::Delete => drop(self.text.pop()),
            Edit::DeleteWord => {
                let kept = self.text.trim_end().rfind(char::is_whitespace);
                self.text = kept.map_or_else(String::new, |space| format!("{} ", self.text[..space].trim_end()));
            }
            Edit::Clear => self.text.clear(),
            Edit::Accept | Edit::Cancel | Edit::Previous | Edit::Next | Edit::None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_edited_by_characters_and_words() {
        let mut line = Line::default();
        let mut check = |edit: Edit, expected: &str| {
            line.edit(edit);
            assert_eq!(line.text(), expected, "after {edit:?}");
        };
        for (c, expected) in [('a', "a"), ('b', "ab"), (' ', "ab "), ('é', "ab é"), ('\n', "ab é")] {
            check(Edit::Insert(c), expected);
        }
        check(Edit::Delete, "ab ");
        check(Edit::Insert('c'), "ab c");
        check(Edit::DeleteWord, "ab ");
        check(Edit::DeleteWord, "");
        check(Edit::Delete, "");
        check(Edit::Insert('x'), "x");
        check(Edit::Accept, "x");
        check(Edit::Clear, "");
    }
}
