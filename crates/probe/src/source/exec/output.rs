//! What a program printed: its first line, and the performance data of a plugin.

use probetop_core::sample::Text;

use super::performance::{Figure, figures};
use crate::program::first_line;

/// Figures of one answer; with `plugin_status` as many as are remembered of a target.
pub const FIGURE_LIMIT: usize = 63;

/// What a plugin printed.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    /// The first line, without what follows its `|`.
    pub text: Text,
    /// The first [`FIGURE_LIMIT`].
    pub figures: Vec<Figure>,
    /// How many there were beyond them.
    pub left_out: usize,
}

impl Output {
    /// Reads `TEXT | PERFDATA`, then lines of long text up to the next `|`, then more performance data, as Nagios does
    /// since version 3.
    pub fn of_plugin(stdout: &[u8]) -> Self {
        let printed = String::from_utf8_lossy(stdout);
        let (first, more) = printed.split_once('\n').unwrap_or((&printed, ""));
        let (text, performance) = first.split_once('|').unwrap_or((first, ""));
        let (_long, more) = more.split_once('|').unwrap_or((more, ""));
        let mut all = figures(performance).chain(figures(more));
        Self {
            text: text.into(),
            figures: all.by_ref().take(FIGURE_LIMIT).collect(),
            left_out: all.count(),
        }
    }

    /// Any other program means nothing by a `|`.
    pub fn of_program(stdout: &[u8]) -> Self {
        Self {
            text: first_line(stdout),
            figures: Vec::new(),
            left_out: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(stdout: &str, text: &str, names: &[&str]) {
        let output = Output::of_plugin(stdout.as_bytes());
        let read: Vec<_> = output.figures.iter().map(|figure| figure.label.as_str()).collect();
        assert_eq!((output.text.as_str(), read.as_slice()), (text, names), "of {stdout:?}");
    }

    #[test]
    fn text_and_performance_data_are_told_apart() {
        check("OK - fine", "OK - fine", &[]);
        check("OK - fine | a=1 b=2\n", "OK - fine", &["a", "b"]);
        check("OK|a=1\nlong text c=3\nmore | d=4\ne=5\n", "OK", &["a", "d", "e"]);
        check("OK|a=1\nlong text c=3\n", "OK", &["a"]);
        check("", "", &[]);
        check("\x1b[31mOK\x1b[0m|a=1", "[31mOK[0m", &["a"]);
    }

    #[test]
    fn a_flood_of_figures_is_cut() {
        let flood = (0..1000).fold("OK |".to_owned(), |text, n| format!("{text} a{n}={n}"));
        let output = Output::of_plugin(flood.as_bytes());
        assert_eq!(
            (output.figures.len(), output.left_out),
            (FIGURE_LIMIT, 1000 - FIGURE_LIMIT)
        );
    }

    #[test]
    fn a_program_that_is_no_plugin_means_nothing_by_a_bar() {
        assert_eq!(Output::of_program(b"a | b=1").text.as_str(), "a | b=1");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(stdout in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(Output::of_plugin(&stdout).figures.len() <= FIGURE_LIMIT);
        }
    }
}
