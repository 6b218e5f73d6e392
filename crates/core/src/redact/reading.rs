//! A text as somebody may have meant it: as it stands, or with its escapes undone.

use std::ops::Range;

use crate::sample::shown_character;

/// The longest escape that is undone: `\u{10ffff}`.
pub(super) const ESCAPE_LENGTH: usize = 10;

/// The longest that one character takes: two halves of a pair, `\ud83d\ude00`, or four bytes, `%F0%9F%98%80`.
pub(super) const CHARACTER_LENGTH: usize = 12;

/// A text that was read, and where each of its bytes came from.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub text: String,
    origins: Vec<Range<usize>>,
}

/// Which characters of a text are taken for the beginning of an escape, and undone.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Escapes(&'static [char]);

impl Escapes {
    const NONE: Self = Self(&[]);

    /// Each by itself, since what begins an escape in one is a character like any other in the next: URLs, forms (in
    /// which `+` is a space), JSON and programs, HTML. And all of them, where one was put into another.
    const ALL: [Self; 6] = [
        Self::NONE,
        Self(&['%']),
        Self(&['%', '+']),
        Self(&['\\']),
        Self(&['&']),
        Self(&['%', '+', '\\', '&']),
    ];

    /// Whether undoing them can make a difference.
    fn are_in(self, text: &str) -> bool {
        self == Self::NONE || text.contains(self.0)
    }
}

impl Reading {
    /// The text in every way that may make a difference.
    pub(super) fn all(text: &str) -> impl Iterator<Item = Self> + '_ {
        let escapes = Escapes::ALL.into_iter().filter(|escapes| escapes.are_in(text));
        escapes.map(|escapes| Self::of(text, escapes))
    }

    /// The text as it stands, cleaned as all text that is shown.
    pub(super) fn plain(text: &str) -> Self {
        Self::of(text, Escapes::NONE)
    }

    /// Where a part of the reading was written.
    pub(super) fn origin(&self, part: Range<usize>) -> Range<usize> {
        let origins = self.origins.get(part).unwrap_or_default();
        let start = origins.iter().map(|origin| origin.start).min().unwrap_or_default();
        let end = origins.iter().map(|origin| origin.end).max().unwrap_or_default();
        start..end
    }

    fn of(text: &str, escapes: Escapes) -> Self {
        let mut reading = Self::default();
        let mut at = 0;
        while let Some(first) = text[at..].chars().next() {
            let undone = escapes.0.contains(&first).then(|| undone(&text[at..])).flatten();
            let (meant, length) = undone.unwrap_or((first, first.len_utf8()));
            reading.push(meant, at..at + length);
            at += length;
        }
        reading
    }

    /// Adds a character as it would be shown: some are not, and of several spaces one is.
    fn push(&mut self, meant: char, origin: Range<usize>) {
        match shown_character(meant) {
            None => {}
            Some(' ') if self.text.ends_with(' ') => {}
            Some(shown) => {
                self.text.push(shown);
                self.origins.resize(self.text.len(), origin);
            }
        }
    }
}

/// What the escape at the beginning of `rest` stands for, and how long it is; `None`: it is none.
fn undone(rest: &str) -> Option<(char, usize)> {
    match rest.as_bytes() {
        [b'%', ..] => percent(rest),
        [b'+', ..] => Some((' ', 1)),
        [b'\\', ..] => backslash(rest),
        [b'&', ..] => entity(rest),
        _ => None,
    }
}

/// `%C3%A9` is one character; a byte that begins none is taken for Latin-1.
fn percent(rest: &str) -> Option<(char, usize)> {
    let byte = |index: usize| {
        let escape = rest.get(3 * index..3 * index + 3)?;
        u8::from_str_radix(escape.strip_prefix('%')?, 16).ok()
    };
    let first = byte(0)?;
    let bytes: Vec<u8> = (0..4).map_while(byte).collect();
    let whole = (1..=bytes.len()).find_map(|count| {
        let character = std::str::from_utf8(&bytes[..count]).ok()?.chars().next()?;
        Some((character, 3 * count))
    });
    Some(whole.unwrap_or((char::from(first), 3)))
}

/// As JSON, Rust and C write it.
fn backslash(rest: &str) -> Option<(char, usize)> {
    let hex = |digits: Range<usize>| u32::from_str_radix(rest.get(digits)?, 16).ok();
    match rest[1..].chars().next()? {
        'n' | 'r' | 't' | 'v' | 'f' => Some((' ', 2)),
        'b' | '0' | 'a' => Some(('\0', 2)),
        'x' => Some((char::from_u32(hex(2..4)?)?, 4)),
        'u' if rest[2..].starts_with('{') => {
            let end = rest.find('}').filter(|end| *end < ESCAPE_LENGTH)?;
            Some((char::from_u32(hex(3..end)?)?, end + 1))
        }
        'u' => {
            let unit = hex(2..6)?;
            let pair = rest.get(6..8) == Some("\\u");
            match (char::from_u32(unit), pair.then(|| hex(8..12)).flatten()) {
                (Some(character), _) => Some((character, 6)),
                (None, Some(low)) => {
                    let units = [u16::try_from(unit).ok()?, u16::try_from(low).ok()?];
                    let character = char::decode_utf16(units).next()?.ok()?;
                    Some((character, 12))
                }
                (None, None) => None,
            }
        }
        other => Some((other, 1 + other.len_utf8())),
    }
}

/// As HTML and XML write it.
fn entity(rest: &str) -> Option<(char, usize)> {
    const NAMED: [(&str, char); 6] = [
        ("amp", '&'),
        ("lt", '<'),
        ("gt", '>'),
        ("quot", '"'),
        ("apos", '\''),
        ("nbsp", ' '),
    ];
    let end = rest.find(';').filter(|end| *end < ESCAPE_LENGTH)?;
    let name = &rest[1..end];
    let meant = match name.strip_prefix('#') {
        Some(number) => {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16).ok(),
                None => number.parse().ok(),
            };
            char::from_u32(code?)?
        }
        None => NAMED.iter().find(|(known, _)| *known == name)?.1,
    };
    Some((meant, end + 1))
}
