//! What the figures of a plugin are called. Labels are any text and names are words, so that two labels may read the same:
//! each keeps a name of its own for as long as its target is watched, whatever else is printed beside it.

use std::collections::{BTreeMap, BTreeSet};

use probetop_core::sample::GaugeName;

use super::performance::Figure;

/// Labels that have a name; a plugin that prints ever new ones, such as process ids, has no figures to follow.
const LABELS_LIMIT: usize = 1024;

/// Which figure of an answer, and so of every answer: its label and unit, and which of those that have the same.
type Which = (String, String, usize);

/// The names given so far.
#[derive(Debug)]
pub(super) struct Names {
    given: BTreeMap<Which, GaugeName>,
    taken: BTreeSet<GaugeName>,
}

/// A figure and its name, or `None` where it gets none.
pub(super) struct Named {
    pub figure: Figure,
    pub name: Option<GaugeName>,
    /// Whether another label has the name that this one would have alone.
    pub is_numbered: bool,
}

impl Names {
    /// `reserved` is called so by nobody else.
    pub(super) fn reserving(reserved: &str) -> Self {
        Self {
            given: BTreeMap::new(),
            taken: BTreeSet::from([reserved.into()]),
        }
    }

    /// Names what one answer told.
    pub(super) fn name(&mut self, figures: Vec<Figure>) -> Vec<Named> {
        let mut seen: BTreeMap<(String, String), usize> = BTreeMap::new();
        let named = figures.into_iter().map(|figure| {
            let (label, unit) = (figure.label.clone(), figure.suffix.to_string());
            let times = seen.entry((label.clone(), unit.clone())).or_default();
            *times += 1;
            let name = self.name_of((label, unit, *times), &figure);
            Named {
                is_numbered: name.as_ref().is_some_and(|name| *name != figure.name(1)),
                name,
                figure,
            }
        });
        named.collect()
    }

    fn name_of(&mut self, which: Which, figure: &Figure) -> Option<GaugeName> {
        if let Some(name) = self.given.get(&which) {
            return Some(name.clone());
        }
        if self.given.len() == LABELS_LIMIT {
            return None;
        }
        // One of so many numbers is free, as there are no more names than that.
        let name = (1..=LABELS_LIMIT + 1)
            .map(|number| figure.name(number))
            .find(|name| !self.taken.contains(name))?;
        self.taken.insert(name.clone());
        self.given.insert(which, name.clone());
        Some(name)
    }
}

#[cfg(test)]
mod tests {
    use super::super::performance::figures;
    use super::*;

    fn check(answers: &[&str], expected: &[&str]) {
        let mut names = Names::reserving("plugin_status");
        let mut last = Vec::new();
        for answer in answers {
            last = names.name(figures(answer).collect());
        }
        let last: Vec<_> = last
            .iter()
            .filter_map(|named| Some(named.name.as_ref()?.as_str()))
            .collect();
        assert_eq!(last, expected, "{answers:?}");
    }

    #[test]
    fn labels_that_read_the_same_have_names_of_their_own() {
        check(&["'C:'=1 'C:\\'=2"], &["C", "C_2"]);
        check(
            &["'温度'=21 '湿度'=40% '気圧'=1013"],
            &["value", "value_ratio", "value_2"],
        );
        check(&["a=1B a=2B a_bytes=3"], &["a_bytes", "a_2_bytes", "a_bytes_2"]);
        check(&["a=1c a_per_s=2"], &["a_per_s", "a_per_s_2"]);
        check(&["plugin_status=7"], &["plugin_status_2"]);
        let long = "x".repeat(70);
        let (one, two) = ("x".repeat(58), "x".repeat(56));
        check(
            &[&format!("{long}a=1% {long}b=2%")],
            &[&format!("{one}_ratio")[..], &format!("{two}_2_ratio")],
        );
    }

    #[test]
    fn a_label_keeps_its_name_whatever_stands_beside_it() {
        check(&["'C:'=1 'C:\\'=2", "'C:\\'=2"], &["C_2"]);
        check(&["'C:\\'=2", "'C:'=1 'C:\\'=2"], &["C_2", "C"]);
    }

    #[test]
    fn labels_without_end_get_no_names() {
        let mut names = Names::reserving("plugin_status");
        for number in 0..3000 {
            let named = names.name(figures(&format!("'pid {number}'=1")).collect());
            assert_eq!(named[0].name.is_some(), number < LABELS_LIMIT, "{number}");
        }
    }
}
