//! Calls for attention as bytes: the bell, the window's title, notifications of the desktop. Pure.
//!
//! ECMA-48's string terminator ends what xterm's and iTerm2's manuals end with a bell: it rings nowhere.

use probetop_core::sample::{Bell, Popup, PopupSequence, Text};

use super::dialect::Dialect;

/// XTWINOPS 22: the terminal remembers the window's title.
const KEEP_TITLE: &[u8] = b"\x1b[22;2t";

/// An empty title, for terminals that remember none, and XTWINOPS 23: the one remembered.
pub const GIVE_TITLE_BACK: &[u8] = b"\x1b]2;\x1b\\\x1b[23;2t";

/// Longer than any title bar or bubble; what is too long for a terminal may end up on its screen.
const LENGTH_LIMIT: usize = 120;

/// Rings, and asks for the notification where there may be a desktop.
pub fn call(dialect: Dialect, bell: Bell, popup: Option<&Popup>) -> Vec<u8> {
    let mut bytes = match bell {
        Bell::Rung => vec![0x07],
        Bell::Silent => Vec::new(),
    };
    if let Some(Popup { sequence, title, body }) = popup.filter(|_| dialect.has_window()) {
        let (title, body) = (inert(title), inert(body));
        let text = match sequence {
            // The headline begins with a word: ConEmu reads what begins with a number as a command.
            PopupSequence::Osc9 if body.is_empty() => format!("\x1b]9;{title}\x1b\\"),
            PopupSequence::Osc9 => format!("\x1b]9;{title} - {body}\x1b\\"),
            PopupSequence::Osc777 => format!("\x1b]777;notify;{title};{body}\x1b\\"),
        };
        bytes.extend(dialect.outward(text).into_bytes());
    }
    bytes
}

/// From the title that is shown to the one that is wanted; `None` is the terminal's own.
pub fn title(shown: Option<&Text>, wanted: Option<&Text>) -> Vec<u8> {
    let Some(text) = wanted else {
        return if shown.is_some() {
            GIVE_TITLE_BACK.to_vec()
        } else {
            Vec::new()
        };
    };
    if shown == wanted {
        return Vec::new();
    }
    let mut bytes = if shown.is_none() {
        KEEP_TITLE.to_vec()
    } else {
        Vec::new()
    };
    bytes.extend(format!("\x1b]2;{}\x1b\\", inert(text)).into_bytes());
    bytes
}

/// Nothing in it ends a sequence or begins another field: [`Text`] has no controls, and semicolons become commas.
fn inert(text: &Text) -> String {
    text.as_str()
        .chars()
        .take(LENGTH_LIMIT)
        .map(|c| if c == ';' { ',' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn popup(sequence: PopupSequence, title: &str, body: &str) -> Popup {
        Popup {
            sequence,
            title: title.into(),
            body: body.into(),
        }
    }

    #[test]
    fn each_way_to_call_has_its_bytes() {
        let check = |bell, popup: Option<Popup>, expected: &str| {
            assert_eq!(
                String::from_utf8(call(Dialect::default(), bell, popup.as_ref())).unwrap(),
                expected
            );
        };
        check(Bell::Silent, None, "");
        check(Bell::Rung, None, "\x07");
        let nine = popup(PopupSequence::Osc9, "FIRING: slow", "p95; high");
        check(Bell::Rung, Some(nine), "\x07\x1b]9;FIRING: slow - p95, high\x1b\\");
        check(
            Bell::Silent,
            Some(popup(PopupSequence::Osc9, "a", "")),
            "\x1b]9;a\x1b\\",
        );
        let vte = popup(PopupSequence::Osc777, "FIRING: a;b", "c");
        check(Bell::Silent, Some(vte), "\x1b]777;notify;FIRING: a,b;c\x1b\\");
    }

    #[test]
    fn the_terminals_own_title_is_kept_once_and_given_back() {
        let check = |shown: Option<&str>, wanted: Option<&str>, expected: &str| {
            let (shown, wanted) = (shown.map(Text::from), wanted.map(Text::from));
            let bytes = title(shown.as_ref(), wanted.as_ref());
            assert_eq!(String::from_utf8(bytes).unwrap(), expected);
        };
        check(None, None, "");
        check(None, Some("a"), "\x1b[22;2t\x1b]2;a\x1b\\");
        check(Some("a"), Some("a"), "");
        check(Some("a"), Some("b"), "\x1b]2;b\x1b\\");
        check(Some("b"), None, "\x1b]2;\x1b\\\x1b[23;2t");
    }

    proptest! {
        /// Whatever is told, the terminal sees one bell, one sequence and nothing after it.
        #[test]
        fn no_text_breaks_out_of_its_sequence(said in ".*|[\u{0}-\u{9f};]*", body in ".*|[\u{0}-\u{9f};]*") {
            for sequence in [PopupSequence::Osc9, PopupSequence::Osc777] {
                let bytes = call(Dialect::default(), Bell::Rung, Some(&popup(sequence, &said, &body)));
                let text = String::from_utf8(bytes).unwrap();
                let inside = text.strip_prefix("\x07\x1b]").and_then(|text| text.strip_suffix("\x1b\\")).unwrap();
                prop_assert!(!inside.contains(char::is_control), "{inside:?}");
                prop_assert!(inside.chars().count() < 3 * LENGTH_LIMIT);
                let fields = if sequence == PopupSequence::Osc9 { 2 } else { 4 };
                prop_assert_eq!(inside.split(';').count(), fields);
            }
            let text = String::from_utf8(title(None, Some(&Text::from(said.as_str())))).unwrap();
            let inside = text.strip_prefix("\x1b[22;2t\x1b]2;").and_then(|text| text.strip_suffix("\x1b\\")).unwrap();
            prop_assert!(!inside.contains(char::is_control), "{inside:?}");
        }
    }
}
