//! What a judged figure counts in.

use super::Micros;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Unit {
    Microseconds,
    /// A share, 0 to 1.
    Ratio,
    /// A number that says itself what it counts: a load, a rate, a number of probes.
    #[default]
    Number,
}

impl Unit {
    /// As documents name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Microseconds => "us",
            Self::Ratio => "ratio",
            Self::Number => "number",
        }
    }

    /// `value` as people read it: `476ms`, `24%`, `2.15`.
    pub fn show(self, value: f64) -> String {
        match self {
            Self::Microseconds => Micros(value.clamp(0.0, f64::from(u32::MAX)) as u32).to_string(),
            Self::Ratio if value < 0.0995 => format!("{:.1}%", value * 100.0),
            Self::Ratio => format!("{:.0}%", value * 100.0),
            Self::Number if value.abs() < 1000.0 => format!("{value:.2}"),
            Self::Number => format!("{value:.0}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_shown_with_its_unit() {
        let check = |unit: Unit, value, expected: &str| assert_eq!(unit.show(value), expected);
        check(Unit::Microseconds, 476_123.0, "476ms");
        check(Unit::Microseconds, -1.0, "0us");
        check(Unit::Microseconds, f64::NAN, "0us");
        check(Unit::Ratio, 0.24, "24%");
        check(Unit::Ratio, 0.0167, "1.7%");
        check(Unit::Ratio, 1.0, "100%");
        check(Unit::Number, 2.154, "2.15");
        check(Unit::Number, 12_345.6, "12346");
    }
}
