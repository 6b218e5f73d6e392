//! Text from outside, made safe to show.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

/// Longer text is cut and ends in `…`: a message is read, not scrolled, and 10,000 targets keep theirs.
const LENGTH_LIMIT: usize = 256;

/// Text without control, bidirectional-override or other invisible characters, at most 256 characters long.
/// Cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(Arc<str>);

impl Default for Text {
    fn default() -> Self {
        Self(Arc::from(""))
    }
}

impl Text {
    /// Cleans `raw`: runs of white space become one space, unsafe characters vanish, the rest is kept.
    pub fn clean(raw: &str) -> Self {
        if is_plain(raw.as_bytes()) {
            return Self(raw.into());
        }
        let mut clean = String::with_capacity(raw.len().min(LENGTH_LIMIT));
        let mut length = 0;
        for c in raw.chars() {
            let Some(c) = shown_character(c) else { continue };
            if c == ' ' && (clean.is_empty() || clean.ends_with(' ')) {
                continue;
            }
            if length == LENGTH_LIMIT - 1 {
                clean.push('…');
                break;
            }
            clean.push(c);
            length += 1;
        }
        clean.truncate(clean.trim_end().len());
        Self(clean.into())
    }

    /// Cleans bytes that claim to be UTF-8.
    pub fn clean_bytes(raw: &[u8]) -> Self {
        Self::clean(&String::from_utf8_lossy(raw))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether nothing is to be cleaned, as in nearly all text: printable ASCII that is short enough, with single spaces
/// between words. Alerts say several such texts each second.
fn is_plain(raw: &[u8]) -> bool {
    let has_odd_space = raw.starts_with(b" ") || raw.ends_with(b" ") || raw.windows(2).any(|pair| pair == b"  ");
    raw.len() < LENGTH_LIMIT && raw.iter().all(|byte| matches!(byte, b' '..=b'~')) && !has_odd_space
}

/// Several lines of text, whole and as they are, but for what is unsafe: a path, a name or a message that holds one may
/// go to a terminal.
pub fn printable(raw: &str) -> String {
    let shown = |c: char| if c == '\n' { Some(c) } else { shown_character(c) };
    raw.chars().filter_map(shown).collect()
}

/// What is shown of one character: white space is a space, and of what is unsafe nothing is.
pub fn shown_character(c: char) -> Option<char> {
    match c {
        c if c.is_whitespace() => Some(' '),
        c if is_unsafe(c) => None,
        c => Some(c),
    }
}

/// Characters that move the cursor, reorder the line or take no room: controls (C0, DEL, C1), zero-width
/// characters, bidirectional marks and overrides (UAX #9), line separators, tags, the byte-order mark, and unassigned
/// specials that terminals treat in their own ways.
fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{fdd0}'..='\u{fdef}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' | '\u{e0000}'..='\u{e0fff}')
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Text {
    fn from(raw: &str) -> Self {
        Self::clean(raw)
    }
}

impl From<String> for Text {
    fn from(raw: String) -> Self {
        Self::clean(&raw)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(raw: &str, clean: &str) {
        assert_eq!(Text::clean(raw).as_str(), clean, "from {raw:?}");
    }

    #[test]
    fn nothing_that_steers_a_terminal_survives() {
        check("plain", "plain");
        check("\x1b[31mred\x1b[0m", "[31mred[0m");
        check("\x1b]0;title\x07", "]0;title");
        check("\u{9b}2J", "2J");
        check("a\r\nb\tc", "a b c");
        check("user\u{202e}gpj.exe", "usergpj.exe");
        check("zero\u{200b}width\u{feff}", "zerowidth");
        check("  padded  ", "padded");
        check("日本語 ü", "日本語 ü");
        check("", "");
        check("two words", "two words");
        check("two  words", "two words");
        check(" ", "");
        check("deleted\x7f", "deleted");
    }

    #[test]
    fn lines_stay_lines_and_lose_what_is_unsafe() {
        assert_eq!(printable("a\x1b[31m/b\r\n  c\u{202e}\t."), "a[31m/b \n  c .");
    }

    #[test]
    fn long_text_is_cut_with_an_ellipsis() {
        let text = Text::clean(&"x".repeat(10_000));
        assert_eq!(text.as_str().chars().count(), LENGTH_LIMIT);
        assert!(text.as_str().ends_with('…'));
        let whole = "x".repeat(LENGTH_LIMIT - 1);
        check(&whole, &whole);
    }

    #[test]
    fn bytes_that_are_not_utf8_are_replaced() {
        assert_eq!(Text::clean_bytes(b"caf\xe9").as_str(), "caf\u{fffd}");
    }
}
