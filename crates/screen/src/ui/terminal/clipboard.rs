//! The clipboard of the user's terminal, by OSC 52: works over SSH, where the terminal allows it. Pure.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use probetop_core::sample::Text;

/// The sequence that puts `text` on the clipboard. A [`Text`] is short enough for every terminal.
pub(super) fn copy(text: &Text) -> String {
    format!("\x1b]52;c;{}\x1b\\", STANDARD.encode(text.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_copied_is_in_base64() {
        let check = |text: &str, expected: &str| assert_eq!(copy(&Text::clean(text)), expected, "{text:?}");
        check("hi", "\x1b]52;c;aGk=\x1b\\");
        check("caf\u{e9}\u{1b}", "\x1b]52;c;Y2Fmw6k=\x1b\\");
        check("", "\x1b]52;c;\x1b\\");
    }
}
