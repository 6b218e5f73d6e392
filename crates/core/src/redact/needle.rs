//! The forms of a secret that are looked for.

use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::SECRET_LENGTH_MIN;
use super::reading::Reading;

/// A line of a secret with several, such as a key in PEM, tells something when it has this many characters.
const LINE_LENGTH_MIN: usize = 8;

/// The secret as text in small letters, whole and line by line, as the name of a figure, and as hexadecimal digits.
pub(super) fn words(secret: &str) -> impl Iterator<Item = String> {
    let whole = Reading::plain(secret).text;
    let lines = secret.lines().filter(|line| line.chars().count() >= LINE_LENGTH_MIN);
    let lines: Vec<String> = lines.map(|line| Reading::plain(line).text).collect();
    let name = secret.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' });
    let name: String = name.collect();
    // Of a name that is nothing but underscores there is nothing to find.
    let name = Some(name).filter(|name| name.bytes().any(|byte| byte != b'_'));
    let is_long = secret.chars().count() >= SECRET_LENGTH_MIN;
    let digits = is_long.then(|| secret.bytes().map(|byte| format!("{byte:02x}")).collect());
    let words = [whole].into_iter().chain(lines).chain(name).chain(digits);
    words.map(|word| word.trim().to_ascii_lowercase())
}

/// What base64 makes of `secret` when nothing, one byte or two stand before its next group of three: the characters that
/// depend on the secret alone.
pub(super) fn encoded(secret: &str) -> impl Iterator<Item = String> {
    (0..3).map(move |before| {
        let bytes = [&[0; 2][..before], secret.as_bytes()].concat();
        let text = STANDARD.encode(&bytes);
        let (first, end) = ((before * 8).div_ceil(6), bytes.len() * 8 / 6);
        text[first..end].to_owned()
    })
}

/// Text in the standard alphabet of base64, whichever of the two it is written in.
pub(super) fn one_alphabet(text: &str) -> String {
    let standard = |c| match c {
        '-' => '+',
        '_' => '/',
        other => other,
    };
    text.chars().map(standard).collect()
}

/// All of the base64 around a part that was found: what stands beside a secret shares bits with it.
pub(super) fn whole_run(text: &str, part: Range<usize>) -> Range<usize> {
    let belongs = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    let bytes = text.as_bytes();
    let before = bytes[..part.start]
        .iter()
        .rev()
        .take_while(|byte| belongs(byte))
        .count();
    let behind = bytes[part.end..].iter().take_while(|byte| belongs(byte)).count();
    part.start - before..part.end + behind
}
