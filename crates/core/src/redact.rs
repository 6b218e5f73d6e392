//! Takes secrets out of what others say: the one rule for every way out.
//!
//! A [`Redactor`] is told every secret once. Whatever comes from outside, or is said about what was configured, goes
//! through [`Redactor::redacted`] where it enters; behind that, screen, documents, log and messages know no secret.
//!
//! A peer seldom repeats a secret as it is. It percent-encodes it, quotes it for JSON, sends it back in base64 with a
//! user's name before it, and a limit of length may leave only its beginning. So a text is read in several ways
//! (`redact/reading.rs`), each of them is searched, and what was found is masked in the text as it was written.

mod reading;
mod needle;

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, MatchKind};

use reading::Reading;

use crate::sample::{Answer, Gauge, Outcome, Text};

/// What stands for a secret wherever one would be shown.
pub const MASK: &str = "***";

/// Shorter values are looked for nowhere: to take every "on" or "80" out of what is said would leave nothing of it.
/// Where a secret is configured it is masked by its place, however short.
pub const SECRET_LENGTH_MIN: usize = 4;

/// What stands for the rest of a text that was cut.
const CUT: char = '…';

/// Knows secrets, and finds them again. Cheap to ask as long as it knows none.
#[derive(Clone, Default)]
pub struct Redactor {
    /// In small letters: a host or a header's name comes back in any.
    words: BTreeSet<String>,
    /// What base64 makes of them, whatever stands before and behind.
    encoded: BTreeSet<String>,
    finder: OnceLock<Option<Finder>>,
}

#[derive(Clone)]
struct Finder {
    words: AhoCorasick,
    encoded: AhoCorasick,
}

impl Redactor {
    /// From now on, `secret` is taken out of whatever is said.
    pub fn learn(&mut self, secret: &str) {
        if secret.trim_matches('*').is_empty() {
            return;
        }
        let long_enough = |word: &String| word.chars().count() >= SECRET_LENGTH_MIN;
        self.words.extend(needle::words(secret).filter(long_enough));
        if secret.chars().count() >= SECRET_LENGTH_MIN {
            self.encoded.extend(needle::encoded(secret));
        }
        self.finder = OnceLock::new();
    }

    /// `said` without any secret; `None`: there is none in it.
    pub fn redacted(&self, said: &str) -> Option<String> {
        let finder = self.finder.get_or_init(|| self.finder()).as_ref()?;
        let mut found = Vec::new();
        for reading in Reading::all(said) {
            self.find(finder, &reading, &mut found);
        }
        (!found.is_empty()).then(|| masked(said, found))
    }

    /// The same for text that is to be kept.
    pub fn cleanse(&self, text: &mut Text) {
        if let Some(redacted) = self.redacted(text.as_str()) {
            *text = Text::from(redacted);
        }
    }

    /// The same for all that one probe brought back.
    pub fn cleanse_attempt(&self, outcome: &mut Outcome, answer: Option<&mut Answer>) {
        if self.words.is_empty() {
            return;
        }
        if let Outcome::Failed(failure) = outcome {
            self.cleanse(&mut failure.message);
        }
        let Some(answer) = answer else { return };
        // Every field is named, so that a new one cannot pass by.
        let Answer {
            facts,
            gauges,
            address: _,
            reused: _,
            protocol: _,
            tls: _,
            status: _,
            redirects: _,
            body_bytes: _,
            truncated: _,
        } = answer;
        for fact in facts {
            self.cleanse(&mut fact.value);
        }
        for gauge in gauges {
            self.cleanse_name(gauge);
        }
    }

    /// The name of a figure is made of what a page or a program printed, and is cut without a sign.
    fn cleanse_name(&self, gauge: &mut Gauge) {
        let said = format!("{}{CUT}", gauge.name);
        if let Some(redacted) = self.redacted(&said) {
            gauge.name = redacted.trim_end_matches(CUT).into();
        }
    }

    /// `None`: there is nothing to look for.
    fn finder(&self) -> Option<Finder> {
        let build = |needles: &BTreeSet<String>| {
            AhoCorasick::builder()
                .match_kind(MatchKind::Standard)
                .build(needles)
                .ok()
        };
        if self.words.is_empty() {
            return None;
        }
        Some(Finder {
            words: build(&self.words)?,
            encoded: build(&self.encoded)?,
        })
    }

    /// Adds the places of `reading`, as bytes of what it was read from, that hold a secret.
    fn find(&self, finder: &Finder, reading: &Reading, found: &mut Vec<Range<usize>>) {
        let small = reading.text.to_ascii_lowercase();
        let words = finder.words.find_overlapping_iter(&small);
        found.extend(words.map(|word| reading.origin(word.range())));
        let cut_short = cut(&small, &self.words);
        found.extend(cut_short.map(|range| reading.origin(range)));
        let plain = needle::one_alphabet(&reading.text);
        let encoded = finder.encoded.find_overlapping_iter(&plain);
        let encoded = encoded.map(|part| part.range()).chain(cut(&plain, &self.encoded));
        found.extend(encoded.map(|range| reading.origin(needle::whole_run(&plain, range))));
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Redactor({} masked)", self.words.len())
    }
}

/// The places where a text was cut within one of `needles`: its beginning, and then nothing more.
fn cut<'a>(text: &'a str, needles: &'a BTreeSet<String>) -> impl Iterator<Item = Range<usize>> + 'a {
    text.match_indices(CUT).filter_map(|(end, _)| {
        let before = &text[..end];
        stops(before).find_map(|stop| {
            let starts = before[..stop].char_indices().map(|(start, _)| start);
            let start = starts
                .clone()
                .find(|start| begins_one(&before[*start..stop], needles))?;
            Some(start..end)
        })
    })
}

/// Where a secret may end in a text that was cut: at its end; and since a cut may fall into the midst of the escapes that
/// make one character, before each of these, and before what was left of their bytes was read as.
fn stops(before: &str) -> impl Iterator<Item = usize> {
    let end = before.len();
    let escapes = before
        .rmatch_indices(['%', '\\', '&'])
        .map(|(at, _)| at)
        .take_while(move |at| end - at <= reading::CHARACTER_LENGTH);
    let whole = escapes.clone().last().unwrap_or(end);
    let misread = before[..whole]
        .char_indices()
        .rev()
        .take(3)
        .take_while(|(_, character)| !character.is_ascii())
        .map(|(at, _)| at);
    std::iter::once(end).chain(escapes).chain(misread)
}

fn begins_one(part: &str, needles: &BTreeSet<String>) -> bool {
    if part.chars().nth(SECRET_LENGTH_MIN - 1).is_none() {
        return false;
    }
    let from = needles.range::<str, _>((std::ops::Bound::Included(part), std::ops::Bound::Unbounded));
    from.into_iter().next().is_some_and(|needle| needle.starts_with(part))
}

/// `said` with a mask in each of these places, of which some may overlap.
fn masked(said: &str, mut found: Vec<Range<usize>>) -> String {
    found.sort_unstable_by_key(|range| (range.start, range.end));
    let mut shown = String::with_capacity(said.len());
    let mut done = 0;
    for range in found {
        if range.start >= done {
            shown.push_str(&said[done..range.start]);
            shown.push_str(MASK);
        }
        done = done.max(range.end);
    }
    shown + &said[done..]
}

#[cfg(test)]
mod tests;
