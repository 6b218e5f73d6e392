//! Which values a header of the answers had, counted over the run: which backend replied how often.

use std::cmp::Reverse;
use std::sync::{Mutex, PoisonError};

use hyper::header::{HeaderMap, HeaderName};
use probetop_core::sample::{Fact, Text};

/// More values than this are counted together: backends are few, and a request id is none.
const VALUE_LIMIT: usize = 32;

/// A longer value is cut, and its likes are counted together.
const VALUE_LENGTH_LIMIT: usize = 40;

pub(super) struct Tally {
    header: HeaderName,
    counts: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    values: Vec<(Text, u64)>,
    others: u64,
}

impl Tally {
    pub(super) fn new(header: HeaderName) -> Self {
        Self {
            header,
            counts: Mutex::default(),
        }
    }

    /// Counts an answer and tells how all were so far.
    pub(super) fn count(&self, headers: &HeaderMap) -> Fact {
        // A panic elsewhere leaves the counts as good as they were.
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let value = headers.get(&self.header).map_or_else(
            || Text::from("(none)"),
            |value| cut(&Text::clean_bytes(value.as_bytes())),
        );
        counts.add(value);
        Fact {
            name: "tally".into(),
            value: Text::from(counts.words()),
        }
    }
}

/// The header to count.
///
/// # Errors
/// Says that `name` is none.
pub(super) fn header(name: &str) -> Result<HeaderName, String> {
    HeaderName::try_from(name).map_err(|_| format!("tally {name:?} is not a header name"))
}

/// With a sign where something was cut off: what is left may be the beginning of a secret.
fn cut(value: &Text) -> Text {
    let mut characters = value.as_str().chars();
    let mut cut: String = characters.by_ref().take(VALUE_LENGTH_LIMIT - 1).collect();
    match (characters.next(), characters.next()) {
        (None, _) => {}
        (Some(last), None) => cut.push(last),
        (Some(_), Some(_)) => cut.push('…'),
    }
    Text::from(cut)
}

impl Counts {
    fn add(&mut self, value: Text) {
        let room = self.values.len() < VALUE_LIMIT;
        match self.values.iter_mut().find(|(known, _)| *known == value) {
            Some((_, count)) => *count += 1,
            None if room => self.values.push((value, 1)),
            None => self.others += 1,
        }
    }

    /// The commonest first; of equal ones the one that sorts first, so that they stand still.
    fn words(&self) -> String {
        let mut values: Vec<_> = self.values.iter().collect();
        values.sort_unstable_by_key(|(value, count)| (Reverse(*count), value.clone()));
        let mut words: Vec<_> = values
            .iter()
            .map(|(value, count)| format!("{value}: {count}"))
            .collect();
        if self.others > 0 {
            words.push(format!("others: {}", self.others));
        }
        words.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(values: &[&str], expected: &str) {
        let tally = Tally::new(header("X-Backend").unwrap());
        let fact = values.iter().map(|value| {
            let value = (!value.is_empty()).then(|| ("x-backend".parse().unwrap(), value.parse().unwrap()));
            tally.count(&value.into_iter().collect())
        });
        assert_eq!(fact.last().unwrap().value.as_str(), expected);
    }

    #[test]
    fn values_are_counted_commonest_first() {
        check(&["a", "b", "b"], "b: 2, a: 1");
        check(&["b", "", "a"], "(none): 1, a: 1, b: 1");
        assert!(header("a b").is_err());
    }

    #[test]
    fn a_header_that_never_repeats_is_bounded() {
        let tally = Tally::new(header("x-request-id").unwrap());
        for number in 0..1000 {
            let id = format!("{number}{}", "x".repeat(100));
            tally.count(
                &[("x-request-id".parse().unwrap(), id.parse().unwrap())]
                    .into_iter()
                    .collect(),
            );
        }
        let counts = tally.counts.lock().unwrap();
        assert_eq!(
            (counts.values.len(), counts.others),
            (VALUE_LIMIT, 1000 - VALUE_LIMIT as u64)
        );
        assert!(
            counts
                .values
                .iter()
                .all(|(value, _)| value.as_str().chars().count() <= VALUE_LENGTH_LIMIT)
        );
    }
}
