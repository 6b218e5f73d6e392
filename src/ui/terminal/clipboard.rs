//! The clipboard of the user's terminal, by OSC 52: works over SSH, where the terminal allows it. Pure.

use crate::sample::Text;

/// What is copied is a name, a URL or a row; terminals take at least this much.
const COPY_LIMIT_BYTES: usize = 4096;

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The sequence that puts `text` on the clipboard, cut at a character where it is too long.
pub fn copy(text: &Text) -> Vec<u8> {
    let text = text.as_str();
    let end = text.floor_char_boundary(COPY_LIMIT_BYTES);
    let mut bytes = b"\x1b]52;c;".to_vec();
    bytes.extend(base64(&text.as_bytes()[..end]));
    bytes.extend(b"\x1b\\");
    bytes
}

/// RFC 4648, section 4.
fn base64(bytes: &[u8]) -> Vec<u8> {
    let quartet = |triple: &[u8]| {
        let byte = |index: usize| u32::from(triple.get(index).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        [18, 12, 6, 0].map(|shift| DIGITS[(bits >> shift & 63) as usize])
    };
    let mut out: Vec<u8> = bytes.chunks(3).flat_map(quartet).collect();
    let padding = (3 - bytes.len() % 3) % 3;
    let digits = out.len() - padding;
    out[digits..].fill(b'=');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_standards_examples() {
        let check = |text: &str, expected: &str| assert_eq!(base64(text.as_bytes()), expected.as_bytes(), "{text}");
        check("", "");
        check("f", "Zg==");
        check("fo", "Zm8=");
        check("foo", "Zm9v");
        check("foob", "Zm9vYg==");
        check("fooba", "Zm9vYmE=");
        check("foobar", "Zm9vYmFy");
        check("ü>?", "w7w+Pw==");
    }

    #[test]
    fn what_is_too_long_is_cut_at_a_character() {
        let text = Text::clean(&format!("a{}", "ü".repeat(COPY_LIMIT_BYTES)));
        let bytes = copy(&text);
        let kept = COPY_LIMIT_BYTES - 1;
        assert_eq!(bytes.len(), b"\x1b]52;c;\x1b\\".len() + kept.div_ceil(3) * 4);
        assert_eq!(copy(&"hi".into()), b"\x1b]52;c;aGk=\x1b\\");
    }
}
