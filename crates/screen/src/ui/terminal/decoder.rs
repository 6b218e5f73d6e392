//! From the bytes of a terminal to keys and clicks. Pure: takes one byte at a time, and is told when the line is quiet.
//!
//! Written here and not left to crossterm 0.29, whose event reader waits without end for the rest of a sequence that was cut
//! off, takes the first byte of one that arrives in two packets for Esc, and computes column 0 - 1 of a malformed click.

use std::time::Duration;

use crossterm::event::{KeyCode, KeyModifiers};

use super::ground;
use crate::ui::Input;
use crate::ui::keys::Chord;
use crate::ui::view::{Pointer, PointerKind};

/// Longer than the parameters of any key or click; what is longer means nothing to us.
const PARAMETERS_LIMIT: usize = 32;

/// Decodes byte after byte.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    state: State,
}

/// What has come of a sequence that is not complete. Names as in ECMA-48.
#[derive(Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Ground,
    /// A character of several bytes.
    Character(Vec<u8>),
    Escape,
    /// `ESC [`, and the parameters so far.
    Control(Vec<u8>),
    /// `ESC O`: keys of the keypad in application mode.
    Shift3,
    /// What the terminal says of itself, up to BEL or `ESC \`, with the byte that began it.
    String(Vec<u8>),
    /// `ESC` behind it.
    StringEscape(Vec<u8>),
    /// Pasted text, up to [`PASTE_END`] or the end of all bytes: none of it is a key but Ctrl-C.
    Paste(Vec<u8>),
    /// So many bytes that mean nothing: a click in the old encoding.
    Skip(u8),
}

impl Decoder {
    /// Takes a byte. Returns what it completes, if it completes something that means anything. Ctrl-C is a key wherever it
    /// comes: no sequence holds it, no terminal pastes it, and whoever is not heard presses it.
    pub(super) fn push(&mut self, byte: u8) -> Option<Input> {
        if byte == INTERRUPT {
            self.state = State::Ground;
        }
        match std::mem::take(&mut self.state) {
            State::Ground => self.ground(byte, KeyModifiers::NONE),
            State::Character(bytes) => self.character(bytes, byte),
            State::Escape => self.escape(byte),
            State::Control(parameters) => self.control(parameters, byte),
            State::Shift3 if byte == ESC => self.begin_escape(),
            State::Shift3 => key(letter(byte)?, KeyModifiers::NONE),
            State::String(bytes) => self.string(bytes, byte),
            State::StringEscape(bytes) if byte == b'\\' => answered(&bytes),
            // It was cut off, and another sequence begins.
            State::StringEscape(_) => self.escape(byte),
            State::Paste(bytes) => self.paste(bytes, byte),
            State::Skip(left) => {
                self.state = if left > 1 { State::Skip(left - 1) } else { State::Ground };
                None
            }
        }
    }

    /// After how much quiet [`Decoder::quiet`] is to be told; `None`: nothing is waited for.
    pub(super) fn patience(&self) -> Option<Duration> {
        match &self.state {
            State::Ground => None,
            State::Paste(_) => Some(PASTE_QUIET),
            State::String(bytes) | State::StringEscape(bytes) if is_answer(bytes) => Some(ANSWER_QUIET),
            State::Character(_)
            | State::Escape
            | State::Control(_)
            | State::Shift3
            | State::String(_)
            | State::StringEscape(_)
            | State::Skip(_) => Some(QUIET),
        }
    }

    /// Nothing has followed for a while: what was taken is all there is.
    pub(super) fn quiet(&mut self) -> Option<Input> {
        match std::mem::take(&mut self.state) {
            State::Escape => key(KeyCode::Esc, KeyModifiers::NONE),
            State::Control(parameters) if parameters.is_empty() => key(KeyCode::Char('['), KeyModifiers::ALT),
            State::Shift3 => key(KeyCode::Char('O'), KeyModifiers::ALT),
            // What has come of a paste without an end is all that was pasted.
            State::Paste(bytes) => Some(pasted(&bytes)),
            State::StringEscape(bytes) if !is_answer(&bytes) => key(KeyCode::Esc, KeyModifiers::NONE),
            State::Ground
            | State::Character(_)
            | State::Control(_)
            | State::String(_)
            | State::StringEscape(_)
            | State::Skip(_) => None,
        }
    }

    fn ground(&mut self, byte: u8, modifiers: KeyModifiers) -> Option<Input> {
        let ctrl = |c: u8| key(KeyCode::Char(char::from(c)), modifiers | KeyModifiers::CONTROL);
        match byte {
            0 => ctrl(b' '),
            b'\t' => key(KeyCode::Tab, modifiers),
            b'\r' => key(KeyCode::Enter, modifiers),
            ESC => self.begin_escape(),
            0x01..=0x1a => ctrl(byte - 1 + b'a'),
            0x1c..=0x1f => ctrl(byte - 0x1c + b'4'),
            b' '..=b'~' => key(KeyCode::Char(char::from(byte)), modifiers),
            0x7f => key(KeyCode::Backspace, modifiers),
            0x80.. => {
                self.state = State::Character(vec![byte]);
                None
            }
        }
    }

    fn begin_escape(&mut self) -> Option<Input> {
        self.state = State::Escape;
        None
    }

    fn character(&mut self, mut bytes: Vec<u8>, byte: u8) -> Option<Input> {
        if byte < 0x80 {
            // The character was cut off; this is another one.
            return self.ground(byte, KeyModifiers::NONE);
        }
        bytes.push(byte);
        match std::str::from_utf8(&bytes) {
            Ok(text) => key(KeyCode::Char(text.chars().next()?), KeyModifiers::NONE),
            Err(error) if error.error_len().is_none() => {
                self.state = State::Character(bytes);
                None
            }
            Err(_) => None,
        }
    }

    fn escape(&mut self, byte: u8) -> Option<Input> {
        match byte {
            b'[' => self.state = State::Control(Vec::new()),
            b'O' => self.state = State::Shift3,
            b']' | b'P' | b'X' | b'^' | b'_' => self.state = State::String(vec![byte]),
            ESC => {
                self.state = State::Escape;
                return key(KeyCode::Esc, KeyModifiers::NONE);
            }
            _ => return self.ground(byte, KeyModifiers::ALT),
        }
        None
    }

    fn string(&mut self, mut bytes: Vec<u8>, byte: u8) -> Option<Input> {
        match byte {
            BEL => return answered(&bytes),
            ESC => self.state = State::StringEscape(bytes),
            _ => {
                if bytes.len() < STRING_LIMIT {
                    bytes.push(byte);
                }
                self.state = State::String(bytes);
            }
        }
        None
    }

    fn paste(&mut self, mut bytes: Vec<u8>, byte: u8) -> Option<Input> {
        bytes.push(byte);
        if let Some(text) = bytes.strip_suffix(PASTE_END) {
            return Some(pasted(text));
        }
        if bytes.len() == PASTE_LIMIT + PASTE_END.len() {
            // Room for the next byte, without losing the beginning of the end.
            bytes.remove(PASTE_LIMIT - 1);
        }
        self.state = State::Paste(bytes);
        None
    }

    fn control(&mut self, mut parameters: Vec<u8>, byte: u8) -> Option<Input> {
        match byte {
            ESC => self.begin_escape(),
            b' '..=b'?' => {
                if parameters.len() < PARAMETERS_LIMIT {
                    parameters.push(byte);
                }
                self.state = State::Control(parameters);
                None
            }
            b'M' if parameters.is_empty() => {
                self.state = State::Skip(3);
                None
            }
            // A function key of the Linux console.
            b'[' if parameters.is_empty() => {
                self.state = State::Skip(1);
                None
            }
            b'~' if parameters == PASTE_BEGIN => {
                self.state = State::Paste(Vec::new());
                None
            }
            b'@'..=b'~' => sequence(std::str::from_utf8(&parameters).ok()?, byte),
            0x00..=0x1a | 0x1c..=0x1f | 0x7f.. => None,
        }
    }
}

/// Parameters of the sequence that begins a bracketed paste, and the one that ends it.
const PASTE_BEGIN: &[u8] = b"200";
const PASTE_END: &[u8] = b"\x1b[201~";

/// Pasted text that is kept; a filter is shorter, and a paste by mistake may be a whole file.
const PASTE_LIMIT: usize = 4096;

/// An Esc that nothing follows for so long is the key. A sequence that the network cuts in two arrives in less; vim waits
/// as long by default in its distributions.
const QUIET: Duration = Duration::from_millis(50);

/// A paste whose end is lost would take every key from then on for text. A line that stalls within a paste resumes sooner,
/// unless it is a very bad one.
const PASTE_QUIET: Duration = Duration::from_secs(1);

/// Longer than the answer to a question of ours; what is longer means nothing to us.
const STRING_LIMIT: usize = 64;

/// A slow line may cut the answer to our question in two: what comes of it late is still no key.
const ANSWER_QUIET: Duration = Duration::from_secs(1);

/// Ctrl-C.
const INTERRUPT: u8 = 0x03;
const ESC: u8 = 0x1b;
const BEL: u8 = 0x07;

/// Whether this is, or may become, the answer to what we ask the terminal at the start.
fn is_answer(string: &[u8]) -> bool {
    string
        .strip_prefix(b"]")
        .is_some_and(|rest| rest.starts_with(ground::ANSWER))
}

/// What a complete string tells, if it was asked for.
fn answered(string: &[u8]) -> Option<Input> {
    ground::read(string.strip_prefix(b"]")?).map(Input::Ground)
}

fn pasted(text: &[u8]) -> Input {
    Input::Paste(String::from_utf8_lossy(text).into_owned())
}

fn key(code: KeyCode, modifiers: KeyModifiers) -> Option<Input> {
    Some(Input::Key(Chord::new(code, modifiers)))
}

/// A complete `ESC [ parameters final`.
fn sequence(parameters: &str, last: u8) -> Option<Input> {
    if let Some(parameters) = parameters.strip_prefix('<') {
        return click(parameters, last);
    }
    let mut numbers = parameters
        .split(';')
        .map(|number| number.split(':').next().unwrap_or_default());
    let first = numbers.next().unwrap_or_default();
    let modifiers = modifiers(numbers.next())?;
    match last {
        b'~' => key(numbered(first)?, modifiers),
        b'Z' => key(KeyCode::BackTab, modifiers),
        // Other numbers before a letter are replies: `24;80R` is where the cursor is.
        _ if matches!(first, "" | "1") => key(letter(last)?, modifiers),
        _ => None,
    }
}

/// Xterm counts them in bits, from 1.
fn modifiers(parameter: Option<&str>) -> Option<KeyModifiers> {
    let Some(parameter) = parameter else {
        return Some(KeyModifiers::NONE);
    };
    let bits = parameter.parse::<u8>().ok()?.checked_sub(1)?;
    let names = [
        (1, KeyModifiers::SHIFT),
        (2, KeyModifiers::ALT),
        (4, KeyModifiers::CONTROL),
    ];
    Some(
        names
            .into_iter()
            .filter(|(bit, _)| bits & bit != 0)
            .map(|(_, modifier)| modifier)
            .collect(),
    )
}

fn letter(last: u8) -> Option<KeyCode> {
    Some(match last {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'F' => KeyCode::End,
        b'H' => KeyCode::Home,
        b'M' => KeyCode::Enter,
        b'P'..=b'S' => KeyCode::F(last - b'P' + 1),
        _ => return None,
    })
}

/// The keys of a VT220, and how rxvt and the Linux console number Home and End.
fn numbered(number: &str) -> Option<KeyCode> {
    Some(match number.parse::<u8>().ok()? {
        1 | 7 => KeyCode::Home,
        2 => KeyCode::Insert,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        number @ 11..=15 => KeyCode::F(number - 10),
        number @ 17..=21 => KeyCode::F(number - 11),
        number @ 23..=24 => KeyCode::F(number - 12),
        _ => return None,
    })
}

/// `button;column;row` from 1, pressed with `M` and released with `m` (mode 1006); 32 more while it moves (mode 1002).
fn click(parameters: &str, last: u8) -> Option<Input> {
    /// Shift, Alt and Control while clicking change nothing.
    const HELD: u16 = 4 | 8 | 16;
    let mut numbers = parameters.split(';').map(|number| number.parse::<u16>().ok());
    let (button, x, y) = (numbers.next()??, numbers.next()??, numbers.next()??);
    let is_pressed = last == b'M';
    let kind = match button & !HELD {
        0 if is_pressed => PointerKind::Click,
        0 => PointerKind::Release,
        2 if is_pressed => PointerKind::RightClick,
        32 if is_pressed => PointerKind::Drag,
        64 if is_pressed => PointerKind::WheelUp,
        65 if is_pressed => PointerKind::WheelDown,
        _ => return None,
    };
    let pointer = Pointer {
        x: x.checked_sub(1)?,
        y: y.checked_sub(1)?,
        kind,
    };
    Some(Input::Pointer(pointer))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What comes of `bytes`, in words; the line is quiet afterwards.
    fn decoded(bytes: &[u8]) -> String {
        let mut decoder = Decoder::default();
        let mut inputs: Vec<_> = bytes.iter().filter_map(|byte| decoder.push(*byte)).collect();
        inputs.extend(decoder.quiet());
        assert_eq!(decoder.patience(), None);
        let words = inputs.into_iter().map(|input| match input {
            Input::Key(chord) => chord.to_string(),
            Input::Pointer(Pointer { x, y, kind }) => format!("{kind:?}@{x},{y}"),
            Input::Paste(text) => format!("paste{text:?}"),
            Input::Ground([red, green, blue]) => format!("ground:{red}/{green}/{blue}"),
        });
        words.collect::<Vec<_>>().join(" ")
    }

    #[track_caller]
    fn check(bytes: impl AsRef<[u8]>, expected: &str) {
        assert_eq!(
            decoded(bytes.as_ref()),
            expected,
            "{:?}",
            String::from_utf8_lossy(bytes.as_ref())
        );
    }

    #[test]
    fn characters_are_keys_of_their_own() {
        check("aG/? ", "a G / ? space");
        check("é日🦀", "é 日 🦀");
        check("\t\r\x7f", "tab enter backspace");
        check(
            "\x03\x1a\x0c\x08\x00\x1c",
            "ctrl-c ctrl-z ctrl-l ctrl-h ctrl-space ctrl-4",
        );
    }

    #[test]
    fn sequences_are_keys_without_a_character() {
        check("\x1b[A\x1b[B\x1b[C\x1b[D\x1b[H\x1b[F", "up down right left home end");
        check("\x1bOA\x1bOP\x1bOS\x1bOM", "up f1 f4 enter");
        check(
            "\x1b[5~\x1b[6~\x1b[1~\x1b[8~\x1b[2~\x1b[3~",
            "pageup pagedown home end insert delete",
        );
        check(
            "\x1b[11~\x1b[15~\x1b[17~\x1b[21~\x1b[23~\x1b[24~",
            "f1 f5 f6 f10 f11 f12",
        );
        check(
            "\x1b[Z\x1b[1;5C\x1b[5;3~\x1b[1;2P",
            "shift-tab ctrl-right alt-pageup shift-f1",
        );
        check("\x1bx\x1b\r", "alt-x alt-enter");
    }

    #[test]
    fn pasted_text_is_no_keys_and_is_bounded() {
        check("\x1b[200~quit\rnow\x1b[201~q", "paste\"quit\\rnow\" q");
        check("\x1b[200~a\x1b[A\x1b[201~", "paste\"a\\u{1b}[A\"");
        let mut long = b"\x1b[200~".to_vec();
        long.extend([b'x'; 3 * PASTE_LIMIT]);
        long.extend(b"\x1b[201~q");
        assert!(decoded(&long).ends_with("x\" q"));
        assert!(decoded(&long).len() < PASTE_LIMIT + 20);
    }

    #[test]
    fn a_paste_whose_end_is_lost_does_not_deafen_the_keyboard() {
        check("\x1b[200~over the", "paste\"over the\"");
        check("\x1b[200~over the\x03q", "ctrl-c q");
        let mut decoder = Decoder::default();
        for byte in b"\x1b[200~over the" {
            decoder.push(*byte);
        }
        assert_eq!(decoder.patience(), Some(PASTE_QUIET));
        decoder.quiet();
        assert_eq!(decoder.push(b'q'), key(KeyCode::Char('q'), KeyModifiers::NONE));
        // The end that comes after all is none.
        check("\x1b[201~q", "q");
    }

    #[test]
    fn an_interrupt_is_heard_in_the_middle_of_everything() {
        for cut in [
            "\x1b",
            "\x1b[",
            "\x1b[1;",
            "\x1bO",
            "\x1b]0;title",
            "\x1bP",
            "\x1b[M",
            "\x1b[200~x",
        ] {
            check(format!("{cut}\x03q"), "ctrl-c q");
        }
    }

    #[test]
    fn escape_is_a_key_when_nothing_follows_it() {
        check("\x1b", "esc");
        check("\x1b\x1b", "esc esc");
        check("\x1b\x1b[A", "esc up");
        check("\x1b[", "alt-[");
        check("\x1bO", "alt-O");
    }

    #[test]
    fn clicks_drags_and_the_wheel_count_from_zero() {
        check(
            "\x1b[<0;1;1M\x1b[<32;3;1M\x1b[<0;3;1m",
            "Click@0,0 Drag@2,0 Release@2,0",
        );
        check("\x1b[<64;10;5M\x1b[<65;10;5M", "WheelUp@9,4 WheelDown@9,4");
        check("\x1b[<16;3;4M", "Click@2,3");
        check("\x1b[<2;3;4M\x1b[<2;3;4m", "RightClick@2,3");
        check("\x1b[<1;3;4M\x1b[<34;3;4M\x1b[<35;3;4M\x1b[<64;3;4m", "");
    }

    #[test]
    fn what_means_nothing_is_swallowed_whole() {
        check("\x1b[<0;0;0Ma", "a");
        check("\x1b[<99999999999;1;1Ma", "a");
        check("\x1b[<0;1Ma\x1b[<M", "a");
        check("\x1b[M\x20\x21\x21a", "a");
        check("\x1b[24;80Ra", "a");
        check("\x1b[?62;c\x1b[?2026;2$ya", "a");
        check("\x1b]0;title\x07a\x1bP1$r\x1b\\b", "a b");
        check("\x1b]0;title\x1b[A", "up");
        check("\x1b]0;title\x1b", "esc");
        check("\x1b[999999~\x1b[1;999A\x1b[1;0A", "");
        check(format!("\x1b[{}Aa", "1".repeat(1000)), "a");
        check(b"\xff\xfea\xc3\x28\xe2\x82", "a (");
    }

    #[test]
    fn the_ground_is_told_however_the_answer_ends_and_late_parts_of_it_are_no_keys() {
        check("\x1b]11;rgb:ffff/ffff/ffff\x1b\\q", "ground:255/255/255 q");
        check("j\x1b]11;rgb:00/00/33\x07q", "j ground:0/0/51 q");
        check("\x1b]11;no colour\x07q", "q");
        check("\x1b]10;rgb:ffff/ffff/ffff\x07q", "q");
        check(format!("\x1b]11;rgb:{}\x07q", "f".repeat(1000)), "q");
        let mut decoder = Decoder::default();
        for byte in b"\x1b]11;rgb:ff" {
            decoder.push(*byte);
        }
        assert_eq!(decoder.patience(), Some(ANSWER_QUIET));
        let rest = b"ff/0000/0000\x1b";
        assert!(rest.iter().all(|byte| decoder.push(*byte).is_none()));
        assert_eq!(decoder.patience(), Some(ANSWER_QUIET));
        assert_eq!(decoder.push(b'\\'), Some(Input::Ground([255, 0, 0])));
        assert_eq!(decoder.patience(), None);
    }

    #[test]
    fn what_was_cut_off_does_not_hold_what_follows() {
        let mut decoder = Decoder::default();
        for cut in ["\x1b[?", "\x1b[200", "\x1b]0;x", "\x1b[M", "\u{e9}"] {
            cut.bytes().take(cut.len().min(5)).for_each(|byte| {
                decoder.push(byte);
            });
            decoder.quiet();
            assert!(decoder.push(b'q').is_some(), "{cut:?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_are_too_much(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            decoded(&bytes);
        }

        #[test]
        fn a_key_after_any_junk_is_that_key(bytes in prop::collection::vec(any::<u8>(), 0..50)) {
            let mut decoder = Decoder::default();
            bytes.iter().for_each(|byte| { decoder.push(*byte); });
            decoder.quiet();
            prop_assert_eq!(decoder.push(b'q'), key(KeyCode::Char('q'), KeyModifiers::NONE));
        }
    }
}
