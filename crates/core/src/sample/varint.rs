//! Whole numbers in as few bytes as they need: LEB128, seven bits a byte, lowest first.

/// Appends `value`: one byte below 128, at most ten.
pub fn write(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Takes one number off the front. `None` when the bytes end within it or it is longer than ten bytes.
///
/// Inlined wherever it is called.
#[expect(
    clippy::inline_always,
    reason = "left to itself the compiler calls it, and a tick of ten thousand targets spends an eighth of its time on that"
)]
#[inline(always)]
pub fn read(bytes: &mut &[u8]) -> Option<u64> {
    // Nearly all numbers take one byte or two: a window of ten thousand targets has a million of them.
    if let [byte @ ..0x80, rest @ ..] = *bytes {
        *bytes = rest;
        return Some(u64::from(*byte));
    }
    if let [low, high @ ..0x80, rest @ ..] = *bytes {
        *bytes = rest;
        return Some(u64::from(low & 0x7f) | u64::from(*high) << 7);
    }
    read_long(bytes)
}

fn read_long(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    let mut shift = 0;
    while let Some((&byte, rest)) = bytes.split_first() {
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
        shift += 7;
        if shift >= u64::BITS {
            return None;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: u64, bytes: usize) {
        let mut out = Vec::new();
        write(value, &mut out);
        assert_eq!(out.len(), bytes, "{value}");
        out.push(7);
        let mut rest = out.as_slice();
        assert_eq!(read(&mut rest), Some(value));
        assert_eq!(rest, [7]);
    }

    #[test]
    fn numbers_come_back_and_take_the_bytes_they_need() {
        check(0, 1);
        check(127, 1);
        check(128, 2);
        check(16_383, 2);
        check(16_384, 3);
        check(u64::MAX, 10);
    }

    #[test]
    fn a_number_that_does_not_end_is_none() {
        assert_eq!(read(&mut [].as_slice()), None);
        assert_eq!(read(&mut [0x80].as_slice()), None);
        assert_eq!(read(&mut [0xff; 11].as_slice()), None);
    }
}
