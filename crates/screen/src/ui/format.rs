//! Figures as fixed-width text: at most three digits and a unit, so that columns stand still while values change.
//!
//! Every function returns the narrowest form; the column that shows it aligns right. An absent figure is `-`.

use std::time::{Duration, SystemTime};

use probetop_core::sample::{Micros, Window, WindowStats};

pub use probetop_core::sample::coarse;

pub const ABSENT: &str = "-";

/// At most six columns: `82µs`, `1.23ms`, `45.1ms`, `612ms`, `1.20s`, `99.9s`, `2m`.
pub fn latency(value: Option<Micros>) -> String {
    value.map_or_else(|| ABSENT.into(), |value| micros(value.0))
}

fn micros(us: u32) -> String {
    let ms = f64::from(us) / 1e3;
    let s = f64::from(us) / 1e6;
    match us {
        0..1_000 => format!("{us}µs"),
        1_000..9_995 => format!("{ms:.2}ms"),
        9_995..99_950 => format!("{ms:.1}ms"),
        99_950..999_500 => format!("{ms:.0}ms"),
        999_500..9_995_000 => format!("{s:.2}s"),
        9_995_000..99_950_000 => format!("{s:.1}s"),
        99_950_000..600_000_000 => format!("{s:.0}s"),
        600_000_000.. => format!("{:.0}m", s / 60.0),
    }
}

/// A step of a scale, without the zeros: `50ms`, `1s`, `200µs`.
pub fn latency_scale(us: f64) -> String {
    match us {
        us if us < 1e3 => format!("{us:.0}µs"),
        us if us < 1e6 => format!("{}ms", us / 1e3),
        us => format!("{}s", us / 1e6),
    }
}

/// `p95`, `p99.9`.
pub fn quantile(quantile: f64) -> String {
    format!("p{}", (quantile * 1000.0).round() / 10.0)
}

/// At most five columns: `0%`, `<0.1%`, `1.7%`, `12.3%`, `100%`.
pub fn share(ratio: Option<f64>) -> String {
    let Some(percent) = ratio.map(|ratio| ratio * 100.0).filter(|percent| percent.is_finite()) else {
        return ABSENT.into();
    };
    match percent {
        p if p <= 0.0 => "0%".into(),
        p if p < 0.1 => "<0.1%".into(),
        p if p < 99.95 => format!("{p:.1}%"),
        p => format!("{p:.0}%"),
    }
}

/// A share of which the nines matter, never rounded up to what was not reached, at most seven columns: `87.5%`, `99.95%`,
/// `99.993%`, `100%`.
pub fn attained(ratio: Option<f64>) -> String {
    let Some(percent) = ratio.map(|ratio| ratio * 100.0).filter(|percent| percent.is_finite()) else {
        return ABSENT.into();
    };
    // A millionth forgives what binary fractions cannot hold: 0.9995 is 99.95 % and no less.
    let floor = |digits: f64| ((percent * digits + 1e-6).floor() / digits).clamp(0.0, 100.0);
    match percent {
        p if p >= 100.0 => "100%".into(),
        p if p >= 99.9 => format!("{:.3}%", floor(1000.0)),
        p if p >= 99.0 => format!("{:.2}%", floor(100.0)),
        _ => format!("{:.1}%", floor(10.0)),
    }
}

/// How many times as fast as is sustainable, at most six columns: `0.80x`, `14.4x`, `1.2kx`.
pub fn times(factor: Option<f64>) -> String {
    match factor {
        Some(factor) if factor.is_finite() => format!("{}x", three_digits(factor)),
        _ => ABSENT.into(),
    }
}

/// Whole percent, for gauges: `34%`, at most four columns while the ratio is below 10.
pub fn percent(ratio: Option<f64>) -> String {
    match ratio {
        Some(ratio) if ratio.is_finite() => format!("{:.0}%", ratio * 100.0),
        _ => ABSENT.into(),
    }
}

/// At most seven columns: `0.02/s`, `1.00/s`, `12.3/s`, `999/s`, `1.2k/s`.
pub fn rate(per_s: Option<f64>) -> String {
    match per_s {
        Some(rate) if rate.is_finite() => format!("{}/s", three_digits(rate)),
        _ => ABSENT.into(),
    }
}

/// How likely chance alone is: `<0.001`, `0.004`.
pub fn p_value(p: f64) -> String {
    match p {
        p if !p.is_finite() => ABSENT.into(),
        p if p < 0.001 => "<0.001".into(),
        p => format!("{p:.3}"),
    }
}

/// A count in at most six columns: `999`, `12,345`, `1.2M`.
pub fn number_of(value: u64) -> String {
    if value < 100_000 {
        count(value)
    } else {
        three_digits(value as f64)
    }
}

/// How many probes there are of those that a figure takes, `60/100`; where that does not fit, or there is none, that nothing is
/// known.
pub fn so_far(count: u64, needed: u64, width: usize) -> String {
    let needed = match needed {
        0..1_000 => needed.to_string(),
        _ => format!("{}k", needed / 1_000),
    };
    let words = format!("{count}/{needed}");
    if count > 0 && words.len() <= width {
        words
    } else {
        ABSENT.into()
    }
}

/// How much of a window is there: its name, and while it is not full what it holds, `78s of 2m`.
pub fn window(window: Window, stats: &WindowStats) -> String {
    match filled(window, stats) {
        Some(held) => format!("{} of {}", age(held), window.name()),
        None => window.name().into(),
    }
}

/// What a window holds that is not full; `None` for one that is, and for the whole run.
pub fn filled(window: Window, stats: &WindowStats) -> Option<Duration> {
    /// Windows of minutes begin at whole tens of seconds.
    const SHORT_BY: Duration = Duration::from_secs(10);
    let held = stats.covered + stats.unwatched;
    window
        .length()
        .and_then(|length| (held + SHORT_BY.min(length / 10) < length).then_some(held))
}

/// A plain number in three digits: `0.02`, `1.25`, `12.3`, `999`, `1.2k`.
pub fn number(value: Option<f64>) -> String {
    match value {
        Some(value) if value.is_finite() => three_digits(value),
        _ => ABSENT.into(),
    }
}

fn three_digits(value: f64) -> String {
    match value.abs() {
        v if v < 9.995 => format!("{value:.2}"),
        v if v < 99.95 => format!("{value:.1}"),
        v if v < 999.5 => format!("{value:.0}"),
        v if v < 99_950.0 => format!("{:.1}k", value / 1e3),
        v if v < 999_500.0 => format!("{:.0}k", value / 1e3),
        v if v < 1e15 => format!("{:.1}M", value / 1e6),
        _ => format!("{value:.1e}"),
    }
}

/// Bytes in powers of 1024, at most four columns: `999B`, `1.2K`, `12K`, `1.5G`.
pub fn bytes(value: f64) -> String {
    const UNITS: [&str; 6] = ["B", "K", "M", "G", "T", "P"];
    let mut value = value.max(0.0);
    let mut unit = UNITS[0];
    for next in &UNITS[1..] {
        if value < 999.5 {
            break;
        }
        value /= 1024.0;
        unit = next;
    }
    if unit != "B" && value < 9.95 {
        format!("{value:.1}{unit}")
    } else {
        format!("{value:.0}{unit}")
    }
}

/// At most six columns: `1.2M/s`.
pub fn bytes_rate(per_s: Option<f64>) -> String {
    match per_s {
        Some(rate) if rate.is_finite() => format!("{}/s", bytes(rate)),
        _ => ABSENT.into(),
    }
}

/// A figure that a target tells of itself, in the unit that its name ends in; at most eight columns.
pub fn gauge(name: &str, value: Option<f64>) -> String {
    let Some(value) = value.filter(|value| value.is_finite()) else {
        return ABSENT.into();
    };
    let ends_in = |unit: &str| {
        name.strip_suffix(unit)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('_'))
    };
    if ends_in("bytes_per_s") {
        bytes_rate(Some(value))
    } else if ends_in("per_s") {
        rate(Some(value))
    } else if ends_in("ratio") {
        share(Some(value))
    } else if ends_in("bytes") {
        bytes(value)
    } else if ends_in("us") {
        latency(Some(Micros(value as u32)))
    } else if ends_in("s") {
        span(value)
    } else if ends_in("days") {
        format!("{}d", whole_or_number(value))
    } else {
        whole_or_number(value)
    }
}

/// Seconds, which may be less than one or, of something that is over, less than none.
fn span(s: f64) -> String {
    let sign = if s < 0.0 { "-" } else { "" };
    match s.abs() {
        s if s < 60.0 => format!("{sign}{}", latency(Some(Micros((s * 1e6) as u32)))),
        s if s < 1e12 => format!("{sign}{}", age(Duration::from_secs(s as u64))),
        _ => three_digits(s),
    }
}

/// Counts have no point.
pub fn whole_or_number(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e5 {
        format!("{value:.0}")
    } else {
        three_digits(value)
    }
}

/// A stretch of time in two units: `37s`, `4m10s`, `1h02m`, `2d03h`.
pub fn age(duration: Duration) -> String {
    let s = duration.as_secs();
    match s {
        0..60 => format!("{s}s"),
        60..3_600 => format!("{}m{:02}s", s / 60, s % 60),
        3_600..86_400 => format!("{}h{:02}m", s / 3_600, s / 60 % 60),
        86_400.. => format!("{}d{:02}h", s / 86_400, s / 3_600 % 24),
    }
}

/// What is left of a stretch of time, the minute that has begun counted whole: five minutes begin with `5m`.
pub fn countdown(left: Duration) -> String {
    let s = left.as_secs();
    let whole = if s < 60 { s } else { s.div_ceil(60).saturating_mul(60) };
    coarse(Duration::from_secs(whole))
}

/// A short interval as it is configured: `500ms`, `1s`, `2m`.
pub fn interval(duration: Duration) -> String {
    match duration.as_millis() {
        ms if ms % 1000 != 0 => format!("{ms}ms"),
        ms if ms % 60_000 == 0 && ms > 0 => format!("{}m", ms / 60_000),
        ms => format!("{}s", ms / 1000),
    }
}

/// How long the run has lasted: `1:02:03`.
pub fn uptime(duration: Duration) -> String {
    let s = duration.as_secs();
    format!("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60)
}

/// The time of day in UTC: `23:59:59`. Days are 86,400 s long in Unix time, so no calendar is needed.
pub fn time_of_day(at: SystemTime) -> String {
    let since_epoch = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let s = since_epoch.as_secs() % 86_400;
    format!("{:02}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60)
}

/// A count with thin structure for reading: `12,345`.
pub fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_yet_says_how_far_it_is() {
        let check = |count, needed, width, expected: &str| assert_eq!(so_far(count, needed, width), expected);
        check(60, 100, 6, "60/100");
        check(999, 1_000, 6, "999/1k");
        check(60, 100, 5, "-");
        check(0, 100, 6, "-");
    }

    #[test]
    fn a_window_that_is_not_full_says_what_it_holds() {
        let check = |name, covered, unwatched, expected: &str| {
            let stats = WindowStats {
                covered: Duration::from_secs(covered),
                unwatched: Duration::from_secs(unwatched),
                ..WindowStats::default()
            };
            assert_eq!(window(Window::from_name(name).unwrap(), &stats), expected);
        };
        check("2m", 78, 0, "1m18s of 2m");
        check("2m", 111, 0, "2m");
        check("2m", 60, 55, "2m");
        check("10s", 9, 0, "10s");
        check("10s", 4, 0, "4s of 10s");
        check("run", 4, 0, "run");
    }

    #[test]
    fn latencies_keep_three_digits_and_six_columns() {
        let check = |us: u32, expected: &str| assert_eq!(latency(Some(Micros(us))), expected, "{us}");
        check(0, "0µs");
        check(999, "999µs");
        check(1_000, "1.00ms");
        check(9_994, "9.99ms");
        check(9_995, "10.0ms");
        check(99_949, "99.9ms");
        check(99_950, "100ms");
        check(999_499, "999ms");
        check(999_500, "1.00s");
        check(9_994_999, "9.99s");
        check(12_345_678, "12.3s");
        check(120_000_000, "120s");
        check(u32::MAX, "72m");
        assert_eq!(latency(None), "-");
        for exponent in 0..32 {
            for offset in [0, 1, 3, 7] {
                let text = micros((1u32 << exponent).saturating_mul(offset));
                assert!(text.chars().count() <= 6, "{text}");
            }
        }
    }

    #[test]
    fn shares_tell_zero_from_little() {
        let check = |ratio: Option<f64>, expected: &str| assert_eq!(share(ratio), expected);
        check(None, "-");
        check(Some(0.0), "0%");
        check(Some(0.000_01), "<0.1%");
        check(Some(0.017), "1.7%");
        check(Some(0.5), "50.0%");
        check(Some(1.0), "100%");
        check(Some(f64::NAN), "-");
    }

    #[test]
    fn nines_are_never_rounded_up() {
        let check = |ratio: f64, expected: &str| assert_eq!(attained(Some(ratio)), expected, "{ratio}");
        check(1.0, "100%");
        check(0.999_999_9, "99.999%");
        check(0.9995, "99.950%");
        check(0.99949, "99.949%");
        check(0.9899, "98.9%");
        check(0.9984, "99.84%");
        check(0.0, "0.0%");
        check(-1.0, "0.0%");
        check(f64::NAN, "-");
        assert_eq!(attained(None), "-");
        assert_eq!(times(Some(14.4)), "14.4x");
        assert_eq!(times(None), "-");
    }

    #[test]
    fn a_countdown_moves_by_the_minute_until_the_last() {
        let check = |secs: u64, expected: &str| assert_eq!(countdown(Duration::from_secs(secs)), expected, "{secs}");
        check(300, "5m");
        check(299, "5m");
        check(240, "4m");
        check(60, "1m");
        check(59, "59s");
        check(0, "0s");
        check(3_600, "1h");
        check(3_601, "1h01m");
        check(u64::MAX, "213503982334601d");
        assert_eq!(coarse(Duration::from_secs(299)), "4m");
        assert_eq!(coarse(Duration::from_secs(183_600)), "2d03h");
    }

    #[test]
    fn bytes_change_unit_before_they_need_a_fifth_column() {
        let check = |value: f64, expected: &str| assert_eq!(bytes(value), expected);
        check(0.0, "0B");
        check(999.0, "999B");
        check(1000.0, "1.0K");
        check(10_240.0, "10K");
        check(1_020_000.0, "996K");
        check(1_040_000.0, "1.0M");
        check(f64::MAX, &format!("{:.0}P", f64::MAX / 1024f64.powi(5)));
    }

    #[test]
    fn rates_and_numbers_have_three_digits() {
        let check = |value: f64, expected: &str| assert_eq!(rate(Some(value)), expected);
        check(0.02, "0.02/s");
        check(12.34, "12.3/s");
        check(999.0, "999/s");
        check(1_234.0, "1.2k/s");
        check(f64::INFINITY, "-");
    }

    #[test]
    fn a_gauge_is_shown_in_the_unit_of_its_name() {
        let check = |name: &str, value: f64, expected: &str| assert_eq!(gauge(name, Some(value)), expected, "{name}");
        check("hit_ratio", 0.934, "93.4%");
        check("rss_bytes", 5e8, "477M");
        check("read_bytes_per_s", 1.3e6, "1.2M/s");
        check("evictions_per_s", 12.34, "12.3/s");
        check("mean_query_us", 1_230.0, "1.23ms");
        check("replication_lag_s", 0.02, "20.0ms");
        check("replication_lag_s", 3_720.0, "1h02m");
        check("replication_lag_s", -90.0, "-1m30s");
        check("expires_days", 29.0, "29d");
        check("expires_days", 2.5, "2.50d");
        check("connections", 42.0, "42");
        check("connections", 123_456.0, "123k");
        check("status", 200.0, "200");
        check("us", f64::NAN, "-");
        check("longest_s", 1e300, "1.0e300");
        assert_eq!(gauge("hit_ratio", None), "-");
    }

    #[test]
    fn times_read_as_people_say_them() {
        let check = |secs: u64, expected: &str| assert_eq!(age(Duration::from_secs(secs)), expected);
        check(0, "0s");
        check(59, "59s");
        check(250, "4m10s");
        check(3_720, "1h02m");
        check(183_600, "2d03h");
        assert_eq!(uptime(Duration::from_secs(3_723)), "1:02:03");
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(86_400 * 20_000 + 86_399);
        assert_eq!(time_of_day(at), "23:59:59");
        assert_eq!(interval(Duration::from_millis(500)), "500ms");
        assert_eq!(interval(Duration::from_secs(120)), "2m");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(count(999), "999");
    }

    #[test]
    fn a_scale_has_no_zeros_after_the_point() {
        assert_eq!(latency_scale(200.0), "200µs");
        assert_eq!(latency_scale(5e4), "50ms");
        assert_eq!(latency_scale(2e6), "2s");
    }
}
