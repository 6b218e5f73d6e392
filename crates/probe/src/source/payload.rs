//! Bytes as people write them in a target: text, with escapes for what is not a text.

use memchr::memmem;
use probetop_core::sample::{Fact, Text};
use probetop_core::setting::Finding;

/// Bytes of an answer that a message quotes: what [`Text`] keeps, had each of its characters four bytes.
const QUOTED_LIMIT_BYTES: usize = 1024;

/// Why a text stands for no bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadEscape {
    /// Byte offset of the backslash.
    pub offset: usize,
    pub message: String,
}

/// What `text` stands for: `\r`, `\n`, `\t`, `\0` and `\\` are one byte each, and `\xHH` is any byte.
///
/// # Errors
/// Names the first escape that is none.
pub fn parse(text: &str) -> Result<Vec<u8>, BadEscape> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((plain, escaped)) = rest.split_once('\\') {
        bytes.extend_from_slice(plain.as_bytes());
        let offset = text.len() - escaped.len() - 1;
        let (byte, after) = escape(escaped).ok_or_else(|| bad_escape(offset, escaped))?;
        bytes.push(byte);
        rest = after;
    }
    bytes.extend_from_slice(rest.as_bytes());
    Ok(bytes)
}

/// The byte an escape stands for, and what follows it.
fn escape(text: &str) -> Option<(u8, &str)> {
    let mut characters = text.chars();
    let byte = match characters.next()? {
        'r' => b'\r',
        'n' => b'\n',
        't' => b'\t',
        '0' => 0,
        '\\' => b'\\',
        'x' => {
            let high = characters.next()?.to_digit(16)?;
            let low = characters.next()?.to_digit(16)?;
            u8::try_from(high * 16 + low).ok()?
        }
        _ => return None,
    };
    Some((byte, characters.as_str()))
}

fn bad_escape(offset: usize, escaped: &str) -> BadEscape {
    let shown: String = escaped
        .chars()
        .take(if escaped.starts_with('x') { 3 } else { 1 })
        .collect();
    BadEscape {
        offset,
        message: format!("\\{shown} is not an escape; known are \\r \\n \\t \\0 \\xHH, and \\\\ for a backslash"),
    }
}

/// What is wrong with the text of `key`, if anything.
pub fn check(key: &str, text: &str) -> Option<Finding> {
    let BadEscape { offset, message } = parse(text).err()?;
    Some(Finding::new(key, format!("{key}: {message}")).at(offset))
}

/// Whether `part` stands anywhere in `whole`. Nothing stands everywhere.
pub fn contains(whole: &[u8], part: &[u8]) -> bool {
    memmem::find(whole, part).is_some()
}

/// An answer as a message quotes it.
pub fn shown(answer: &[u8]) -> Text {
    let (head, _) = answer.split_at(answer.len().min(QUOTED_LIMIT_BYTES));
    Text::clean_bytes(head)
}

/// An answer as the screen tells it; nothing of one without readable text.
pub fn fact(answer: &[u8]) -> Option<Fact> {
    let value = shown(answer);
    (!value.as_str().is_empty()).then_some(Fact::new("answer", value))
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;

    #[test]
    fn a_text_is_itself_and_escapes_are_bytes() {
        let check = |text: &str, expected: &[u8]| assert_eq!(parse(text).unwrap(), expected, "{text:?}");
        check("", b"");
        check("PING", b"PING");
        check("é", "é".as_bytes());
        check(r"PING\r\n", b"PING\r\n");
        check(r"\x00\xfF\0\t\\x", b"\x00\xff\0\t\\x");
    }

    #[test]
    fn what_is_no_escape_is_named_with_its_place() {
        let check = |text: &str, offset: usize, shown: &str| {
            let error = parse(text).unwrap_err();
            assert_eq!(error.offset, offset, "{text:?}");
            assert!(
                error.message.starts_with(&format!("{shown} is not an escape; ")),
                "{}",
                error.message
            );
        };
        check(r"a\q", 1, r"\q");
        check(r"\r\xg1", 2, r"\xg1");
        check(r"\x1", 0, r"\x1");
        check(r"\xé", 0, r"\xé");
        check("\\", 0, "\\");
    }

    #[test]
    fn an_answer_is_searched_wherever_it_stands() {
        let check = |whole: &str, part: &str, expected: bool| {
            assert_eq!(
                contains(whole.as_bytes(), part.as_bytes()),
                expected,
                "{part:?} in {whole:?}"
            );
        };
        check("+PONG\r\n", "PONG", true);
        check("PON", "PONG", false);
        check("", "", true);
        check("", "x", false);
    }

    proptest! {
        #[test]
        fn every_byte_can_be_written(bytes in proptest::collection::vec(any::<u8>(), 0..50)) {
            let text: String = bytes.iter().map(|byte| format!("\\x{byte:02x}")).collect();
            prop_assert_eq!(parse(&text).unwrap(), bytes);
        }

        #[test]
        fn no_text_makes_it_panic(text in r"(\\|x|[0-9a-fé]){0,8}") {
            let _ = parse(&text);
        }
    }
}
