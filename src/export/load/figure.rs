//! Figures of a load run as people read them: durations, quantiles, counts, shares, bytes.

use std::time::Duration;

use probetop_core::sample::Micros;
use probetop_core::setting::Period;
use probetop_core::snapshot::load::{Reading, Spread};

/// Width of a duration.
pub(super) const FIGURE_WIDTH: usize = 8;

pub(super) fn spread(spread: &Spread) -> String {
    let exact = |value: Option<Micros>| value.map_or_else(|| "-".to_owned(), |value| value.to_string());
    let figures = [
        exact(spread.min),
        exact(spread.mean),
        reading(spread.p50),
        reading(spread.p90),
        reading(spread.p95),
        reading(spread.p99),
        reading(spread.p99_9),
        exact(spread.max),
    ];
    figures
        .iter()
        .map(|figure| format!(" {figure:>FIGURE_WIDTH$}"))
        .collect()
}

/// A dash where there are too few, `≥ 5s` where the share of failures reaches into it.
pub(super) fn reading(reading: Reading) -> String {
    match reading {
        Reading::TooFew => "-".to_owned(),
        Reading::At(value) => value.to_string(),
        Reading::AtLeast(timeout) => format!("≥ {}", Micros::from(timeout)),
    }
}

pub(super) fn counted(count: u64, per_s: Option<f64>) -> String {
    let rate = per_s.map(|rate| format!("  {rate:.1}/s"));
    format!("{:>12}{}", thousands(count), rate.unwrap_or_default())
}

pub(super) fn percent(share: f64) -> String {
    format!("{:.2}%", share * 100.0)
}

/// `15,000`.
pub fn thousands(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

pub(super) fn bytes(count: f64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut count = count;
    let mut unit = 0;
    while count >= 1024.0 && unit + 1 < UNITS.len() {
        count /= 1024.0;
        unit += 1;
    }
    match unit {
        0 => format!("{count:.0} B"),
        unit => format!("{count:.1} {}", UNITS[unit]),
    }
}

/// To the tenth of a second: nobody reads nanoseconds.
pub(super) fn rounded(length: Duration) -> String {
    let tenths = (length.as_secs_f64() * 10.0).round();
    Period::from(Duration::from_millis(tenths as u64 * 100)).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_people_read_them() {
        for (count, expected) in [(0, "0"), (999, "999"), (1000, "1,000"), (86_400_000, "86,400,000")] {
            assert_eq!(thousands(count), expected);
        }
        for (count, expected) in [(0.0, "0 B"), (1023.0, "1023 B"), (1536.0, "1.5 KiB"), (5e9, "4.7 GiB")] {
            assert_eq!(bytes(count), expected);
        }
        assert_eq!(rounded(Duration::from_micros(12_340_001)), "12s 300ms");
        assert_eq!(reading(Reading::AtLeast(Duration::from_secs(5))), "≥ 5s");
    }
}
