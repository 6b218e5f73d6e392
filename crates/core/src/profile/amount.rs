//! How much: users, or requests a second, to the thousandth, so that sums over stages are exact.

use std::fmt;

/// Thousandths of a user, or of a request a second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Amount(u64);

impl Amount {
    pub const ZERO: Self = Self(0);

    pub const fn whole(number: u64) -> Self {
        Self(number.saturating_mul(1000))
    }

    pub const fn from_thousandths(thousandths: u64) -> Self {
        Self(thousandths)
    }

    pub const fn thousandths(self) -> u64 {
        self.0
    }

    /// As many as there are wholly or in part: a user who has begun is one.
    pub const fn ceil(self) -> u64 {
        self.0.div_ceil(1000)
    }

    pub fn as_f64(self) -> f64 {
        self.0 as f64 / 1000.0
    }

    /// Reads `50`, `0.5`; at most three digits behind the point.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(part) || part.len() > 3 {
            return None;
        }
        let whole: u64 = whole.parse().ok()?;
        let part: u64 = format!("{part:0<3}").parse().ok()?;
        Some(Self(whole.checked_mul(1000)?.checked_add(part)?))
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.0 / 1000, self.0 % 1000);
        match part {
            0 => write!(f, "{whole}"),
            part => write!(f, "{}", format!("{whole}.{part:03}").trim_end_matches('0')),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_read_to_the_thousandth_and_written_the_same() {
        for text in ["0", "50", "0.5", "1.25", "0.001", "1000000"] {
            assert_eq!(
                Amount::parse(text).map(|amount| amount.to_string()).as_deref(),
                Some(text)
            );
        }
        for text in [
            "",
            ".",
            "1.",
            ".5",
            "-1",
            "1e3",
            "0.0001",
            "99999999999999999999",
            "5 0",
        ] {
            assert_eq!(Amount::parse(text), None, "{text}");
        }
        assert_eq!(Amount::from_thousandths(1).ceil(), 1);
        assert_eq!(Amount::whole(7).ceil(), 7);
    }
}
