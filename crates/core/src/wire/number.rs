//! Numbers, times, and what is made of parts.

use std::time::{Duration, SystemTime};

use super::{Damage, Reader, Wire, Writer};
use crate::clock::Timestamp;
use crate::sample::{Micros, TargetId};

/// A struct as its fields, in that order.
#[doc(hidden)]
#[macro_export]
macro_rules! wire_fields {
    ($($name:ty { $($field:ident),+ $(,)? })+) => {$(
        impl $crate::wire::Wire for $name {
            fn write(&self, to: &mut $crate::wire::Writer) {
                $($crate::wire::Wire::write(&self.$field, to);)+
            }

            fn read(from: &mut $crate::wire::Reader<'_>) -> Result<Self, $crate::wire::Damage> {
                Ok(Self { $($field: $crate::wire::Wire::read(from)?),+ })
            }
        }
    )+};
}

/// A choice without anything beside it, as a byte.
#[doc(hidden)]
#[macro_export]
macro_rules! wire_codes {
    ($($name:ident { $($variant:ident = $code:literal),+ $(,)? })+) => {$(
        impl $crate::wire::Wire for $name {
            fn write(&self, to: &mut $crate::wire::Writer) {
                to.byte(match self { $(Self::$variant => $code),+ });
            }

            fn read(from: &mut $crate::wire::Reader<'_>) -> Result<Self, $crate::wire::Damage> {
                match from.byte()? {
                    $($code => Ok(Self::$variant),)+
                    _ => Err($crate::wire::Damage),
                }
            }
        }
    )+};
}

pub use {wire_codes as codes, wire_fields as fields};

/// What says that there is no number, where their length would stand.
const ABSENT: u8 = 9;

impl Wire for u64 {
    fn write(&self, to: &mut Writer) {
        to.number(*self);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Damage> {
        from.number()
    }
}

macro_rules! small_numbers {
    ($($name:ty)+) => {$(
        impl Wire for $name {
            fn write(&self, to: &mut Writer) {
                to.number((*self).into());
            }

            fn read(from: &mut Reader<'_>) -> Result<Self, Damage> {
                Self::try_from(from.number()?).map_err(|_| Damage)
            }
        }
    )+};
}

small_numbers!(u8 u16 u32);

impl Wire for bool {
    fn write(&self, to: &mut Writer) {
        to.byte((*self).into());
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Damage> {
        match from.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Damage),
        }
    }
}

impl Wire for f64 {
    fn write(&self, to: &mut Writer) {
        // Whole numbers and simple fractions have few bits that are not zero, the highest of all.
        let bits = self.to_bits().swap_bytes();
        let length = 8 - (bits.leading_zeros() / 8) as u8;
        to.byte(length);
        to.out.extend_from_slice(&bits.to_le_bytes()[..usize::from(length)]);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Damage> {
        let length = from.byte()?;
        float(length, from)
    }

    fn write_optional(it: Option<&Self>, to: &mut Writer) {
        match it {
            Some(number) => number.write(to),
            None => to.byte(ABSENT),
        }
    }

    fn read_optional(from: &mut Reader<'_>) -> Result<Option<Self>, Damage> {
        match from.byte()? {
            ABSENT => Ok(None),
            length => float(length, from).map(Some),
        }
    }
}

fn float(length: u8, from: &mut Reader<'_>) -> Result<f64, Damage> {
    let mut bits = [0; 8];
    let known = bits.get_mut(..usize::from(length)).ok_or(Damage)?;
    known.copy_from_slice(from.take(usize::from(length))?);
    Ok(f64::from_bits(u64::from_le_bytes(bits).swap_bytes()))
}

impl Wire for Timestamp {
    fn write(&self, to: &mut Writer) {
        let distance = self.as_nanos().wrapping_sub(to.base.as_nanos()).cast_signed();
        to.number((distance << 1 ^ distance >> 63).cast_unsigned());
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Damage> {
        let number = from.number()?;
        let distance = number >> 1 ^ (number & 1).wrapping_neg();
        Ok(Self::from_nanos(from.base.as_nanos().wrapping_add(distance)))
    }
}

impl Wire for Duration {
    fn write(&self, to: &mut Writer) {
        to.number(self.as_secs());
        to.number(self.subsec_nanos().into());
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Damage> {
        let (seconds, nanos) = (from.number()?, u32::read(from)?);
        (nanos < 1_000_000_000).then(|| Self::new(seconds, nanos)).ok_or(Damage)
    }
}

impl Wire for SystemTime {
    fn write(&self, to: &mut Writer) {
        let (is_before, distance) = match self.duration_since(Self::UNIX_EPOCH) {
            Ok(since) => (false, since),
            Err(before) => (true, before.duration()),
        };
        is_before.write(to);
        distance.write(to);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Damage> {
        let (is_before, distance) = (bool::read(from)?, Duration::read(from)?);
        let epoch = Self::UNIX_EPOCH;
        let at = if is_before {
            epoch.checked_sub(distance)
        } else {
            epoch.checked_add(distance)
        };
        at.ok_or(Damage)
    }
}

impl Wire for Micros {
    fn write(&self, to: &mut Writer) {
        self.0.write(to);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Damage> {
        u32::read(from).map(Self)
    }
}

impl Wire for TargetId {
    fn write(&self, to: &mut Writer) {
        self.0.write(to);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Damage> {
        u32::read(from).map(Self)
    }
}
