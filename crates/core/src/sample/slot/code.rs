//! The bucket code of a duration: log-linear, as HdrHistogram numbers its buckets, in one small integer.
//!
//! Exact below 256 µs; from there on each octave has 128 buckets, so that a bucket's midpoint is at most 0.4 % away
//! from what was put in. Durations of 2^27 µs (134 s) and more count in the last bucket; the longest timeout is shorter.

use crate::sample::Micros;

/// Buckets an octave, as a power of two.
const OCTAVE_BITS: u32 = 7;

/// Durations from 2^27 µs on share the last bucket.
const SATURATION_BITS: u32 = 27;

/// How many codes there are.
pub const CODES: usize = ((SATURATION_BITS - OCTAVE_BITS + 1) as usize) << OCTAVE_BITS;

/// Codes are ordered as the durations they stand for.
pub fn code_of(duration: Micros) -> u16 {
    let micros = duration.0.min((1 << SATURATION_BITS) - 1);
    let shift = (u32::BITS - micros.leading_zeros()).saturating_sub(OCTAVE_BITS + 1);
    ((shift << OCTAVE_BITS) + (micros >> shift)) as u16
}

/// The middle of the bucket, in microseconds.
pub fn midpoint_us(code: u16) -> u32 {
    let shift = shift_of(code);
    low_us(code) + ((1 << shift) >> 1)
}

/// The shortest duration in the bucket, in microseconds.
pub fn low_us(code: u16) -> u32 {
    let shift = shift_of(code);
    (u32::from(code) - (shift << OCTAVE_BITS)) << shift
}

/// A bucket is `1 << shift` microseconds wide.
fn shift_of(code: u16) -> u32 {
    (u32::from(code) >> OCTAVE_BITS).saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_below_256_us_are_exact() {
        for micros in 0..256 {
            let code = code_of(Micros(micros));
            assert_eq!((low_us(code), midpoint_us(code)), (micros, micros));
        }
    }

    #[test]
    fn every_bucket_begins_where_the_one_before_ends() {
        for code in 0..CODES as u16 {
            assert_eq!(code_of(Micros(low_us(code))), code);
            if code > 0 {
                assert_eq!(code_of(Micros(low_us(code) - 1)), code - 1);
            }
        }
    }

    #[test]
    fn a_midpoint_is_within_four_tenths_of_a_percent_of_both_ends() {
        for code in 256..CODES as u16 - 1 {
            let (low, middle, high) = (low_us(code), midpoint_us(code), low_us(code + 1) - 1);
            assert!(
                (middle - low) * 1000 <= low * 4 && (high - middle) * 1000 <= high * 4,
                "code {code}"
            );
        }
    }

    #[test]
    fn what_is_too_long_counts_in_the_last_bucket() {
        let last = CODES as u16 - 1;
        assert_eq!(code_of(Micros((1 << 27) - 1)), last);
        assert_eq!(code_of(Micros(1 << 27)), last);
        assert_eq!(code_of(Micros(u32::MAX)), last);
    }
}
