//! How well a name answers to what was typed: beginnings before middles, names before what they mean.

/// Words typed, in lower case.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted(Vec<String>);

impl Wanted {
    pub(super) fn new(text: &str) -> Self {
        Self(text.to_lowercase().split_whitespace().map(String::from).collect())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The rank of a name and what it means, 0 for the best; `None` when a word is found in neither.
    pub(super) fn rank(&self, name: &str, about: &str) -> Option<usize> {
        let (name, about) = (name.to_lowercase(), about.to_lowercase());
        self.0.iter().map(|word| rank(word, &name, &about)).sum()
    }
}

fn rank(word: &str, name: &str, about: &str) -> Option<usize> {
    [
        name.starts_with(word),
        begins_a_word(word, name),
        name.contains(word),
        is_subsequence(word, name),
        begins_a_word(word, about),
        about.contains(word),
    ]
    .iter()
    .position(|found| *found)
}

fn begins_a_word(word: &str, text: &str) -> bool {
    text.match_indices(word)
        .any(|(at, _)| !text[..at].chars().next_back().is_some_and(char::is_alphanumeric))
}

/// Whether the letters stand in the text in this order, the first of them at the beginning of a word.
fn is_subsequence(word: &str, text: &str) -> bool {
    let mut letters = word.chars();
    let Some(first) = letters.next() else { return true };
    let mut before = None;
    let mut wanted = None;
    for c in text.chars() {
        let begins = !before.replace(c).is_some_and(char::is_alphanumeric);
        match wanted {
            None if begins && c == first => match letters.next() {
                Some(next) => wanted = Some(next),
                None => return true,
            },
            Some(letter) if letter == c => match letters.next() {
                Some(next) => wanted = Some(next),
                None => return true,
            },
            None | Some(_) => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginnings_go_before_middles_and_names_before_meanings() {
        let check = |typed: &str, name: &str, about: &str, expected: Option<usize>| {
            assert_eq!(Wanted::new(typed).rank(name, about), expected, "{typed:?} in {name:?}");
        };
        check("", "sort", "", Some(0));
        check("sor", "sort", "", Some(0));
        check("rev", "sort-reverse", "", Some(1));
        check("ver", "sort-reverse", "", Some(2));
        check("sr", "sort-reverse", "", Some(3));
        check("gtt", "go-to-time", "", Some(3));
        check("order", "sort", "reverse the order", Some(4));
        check("rde", "sort", "reverse the order", Some(5));
        check("xyz", "sort", "reverse the order", None);
        check("sort rev", "sort-reverse", "", Some(1));
        check("SORT", "Sort", "", Some(0));
        check("é", "café", "", Some(2));
    }
}
