//! What ground the terminal has: asked by OSC 11, which nearly every emulator and tmux answer. Pure.

/// Red, green and blue.
pub(super) type Rgb = [u8; 3];

/// Asks for the colour of the ground.
pub(super) const QUESTION: &str = "\x1b]11;?\x1b\\";

/// How an answer begins, behind `ESC ]`.
pub(super) const ANSWER: &[u8] = b"11;";

/// The colour that an answer tells: `11;rgb:ffff/ffff/dddd`, with one to four digits each, or `rgba:` and a fourth.
pub(super) fn read(answer: &[u8]) -> Option<Rgb> {
    let words = std::str::from_utf8(answer.strip_prefix(ANSWER)?).ok()?;
    let colour = words.strip_prefix("rgb:").or_else(|| words.strip_prefix("rgba:"))?;
    let mut channels = colour.split('/').map(channel);
    Some([channels.next()??, channels.next()??, channels.next()??])
}

/// Hexadecimal digits, as many as there are, scaled to a byte.
fn channel(digits: &str) -> Option<u8> {
    if !(1..=4).contains(&digits.len()) {
        return None;
    }
    // A sign is no digit.
    let value = u32::from_str_radix(digits, 16)
        .ok()
        .filter(|_| !digits.starts_with('+'))?;
    let most = (1 << (4 * digits.len())) - 1;
    u8::try_from(value * 255 / most).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_a_colour_however_many_digits_it_has() {
        let check = |answer: &str, expected| assert_eq!(read(answer.as_bytes()), expected, "{answer}");
        check("11;rgb:ffff/ffff/dddd", Some([255, 255, 221]));
        check("11;rgb:1c1c/1c1c/1c1c", Some([28, 28, 28]));
        check("11;rgb:f/0/8", Some([255, 0, 136]));
        check("11;rgba:00/80/ff/ffff", Some([0, 128, 255]));
        for wrong in [
            "11;?",
            "11;rgb:ff/ff",
            "11;rgb:fffff/0/0",
            "11;rgb:/0/0",
            "11;rgb:+1/0/0",
            "10;rgb:0/0/0",
            "",
        ] {
            check(wrong, None);
        }
    }
}
