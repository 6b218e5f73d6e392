//! What a judged figure counts in.

use std::time::Duration;

use super::Micros;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Unit {
    Microseconds,
    /// A share, 0 to 1.
    Ratio,
    Bytes,
    /// A number that says itself what it counts: a load, a rate, a number of probes.
    #[default]
    Number,
}

impl Unit {
    /// By the end of a figure's name: `hit_ratio`, `wait_us`.
    pub fn of_name(name: &str) -> Self {
        match name.rsplit('_').next() {
            Some("ratio") => Self::Ratio,
            Some("bytes") => Self::Bytes,
            Some("us") => Self::Microseconds,
            Some(_) | None => Self::Number,
        }
    }

    /// The unit that documents name so; [`Unit::name`] the other way round.
    pub fn from_name(name: &str) -> Option<Self> {
        let all = [Self::Microseconds, Self::Ratio, Self::Bytes, Self::Number];
        all.into_iter().find(|unit| unit.name() == name)
    }

    /// As documents name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Microseconds => "us",
            Self::Ratio => "ratio",
            Self::Bytes => "bytes",
            Self::Number => "number",
        }
    }

    /// `value` as people read it: `476ms`, `24%`, `1.5 GiB`, `2.15`.
    pub fn show(self, value: f64) -> String {
        match self {
            Self::Microseconds => Micros(value.clamp(0.0, f64::from(u32::MAX)) as u32).to_string(),
            Self::Ratio => show_ratio(value),
            Self::Bytes => show_bytes(value),
            Self::Number if value.abs() < 1000.0 => format!("{value:.2}"),
            Self::Number => format!("{value:.0}"),
        }
    }
}

/// One decimal below ten per cent, none above; of less than a tenth of a per cent the first figure that says something:
/// who promises 99.99% is not told of 0.0% that were bad.
fn show_ratio(ratio: f64) -> String {
    let percent = ratio * 100.0;
    let decimals = if percent >= 9.95 {
        0
    } else if percent > 0.0 && percent < 0.095 {
        (-percent.log10()).ceil().clamp(2.0, 4.0) as usize
    } else {
        1
    };
    format!("{percent:.decimals$}%")
}

/// In binary multiples, three figures at most.
fn show_bytes(value: f64) -> String {
    let (mut value, mut unit) = (value, "B");
    for larger in ["KiB", "MiB", "GiB", "TiB"] {
        if value.abs() < 1000.0 {
            break;
        }
        (value, unit) = (value / 1024.0, larger);
    }
    if value.abs() < 10.0 && unit != "B" {
        format!("{value:.1} {unit}")
    } else {
        format!("{value:.0} {unit}")
    }
}

/// A stretch of time that need not be told to the second, so that it seldom changes on the screen; at most five columns:
/// `37s`, `4m`, `1h`, `1h02m`, `2d03h`.
pub fn coarse(duration: Duration) -> String {
    let s = duration.as_secs();
    match s {
        0..60 => format!("{s}s"),
        60..3_600 => format!("{}m", s / 60),
        3_600..86_400 if s % 3_600 < 60 => format!("{}h", s / 3_600),
        3_600..86_400 => format!("{}h{:02}m", s / 3_600, s / 60 % 60),
        86_400..8_640_000 => format!("{}d{:02}h", s / 86_400, s / 3_600 % 24),
        8_640_000.. => format!("{}d", s / 86_400),
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
        check(Unit::Ratio, 0.0, "0.0%");
        check(Unit::Ratio, 0.000_94, "0.09%");
        check(Unit::Ratio, 0.000_05, "0.005%");
        check(Unit::Ratio, 1e-9, "0.0000%");
        check(Unit::Ratio, f64::NAN, "NaN%");
        check(Unit::Bytes, 512.0, "512 B");
        check(Unit::Bytes, 1000.0, "1.0 KiB");
        check(Unit::Bytes, 3.4e9, "3.2 GiB");
        check(Unit::Bytes, -52_428_800.0, "-50 MiB");
        check(Unit::Number, 2.154, "2.15");
        check(Unit::Number, 12_345.6, "12346");
    }
}
