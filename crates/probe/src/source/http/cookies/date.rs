//! The date of a cookie, read as browsers read it (RFC 6265, section 5.1.1): from any of the forms that servers use.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

const DAY_S: i64 = 86_400;

/// `None`: it is not a date, so that the attribute counts as not there.
pub(super) fn read(text: &str) -> Option<SystemTime> {
    let (mut time, mut day, mut month, mut year) = (None, None, None, None);
    let is_delimiter =
        |c: char| c.is_ascii() && !c.is_ascii_alphanumeric() && c != ':' && !c.is_ascii_control() || c == '\t';
    for token in text.split(is_delimiter).filter(|token| !token.is_empty()) {
        if let (None, Some(found)) = (time, time_of_day(token)) {
            time = Some(found);
        } else if let (None, Some(found)) = (day, number(token, 1..=2)) {
            day = Some(found);
        } else if let (None, Some(found)) = (month, month_of(token)) {
            month = Some(found);
        } else if let (None, Some(found)) = (year, number(token, 2..=4)) {
            year = Some(found);
        }
    }
    let (seconds, day, month) = (time?, day?, month?);
    let year = match year? {
        year @ 70..=99 => year + 1900,
        year @ 0..=69 => year + 2000,
        year => year,
    };
    if year < 1601 || !(1..=days_in(month, year)).contains(&day) {
        return None;
    }
    let since = days_since_epoch(year, month, day) * DAY_S + seconds;
    let distance = Duration::from_secs(since.unsigned_abs());
    if since < 0 {
        UNIX_EPOCH.checked_sub(distance)
    } else {
        UNIX_EPOCH.checked_add(distance)
    }
}

/// The digits at the beginning, as many as may be there; what follows them may be anything else.
fn number(token: &str, digits: std::ops::RangeInclusive<usize>) -> Option<i64> {
    let count = token.bytes().take_while(u8::is_ascii_digit).count();
    digits
        .contains(&count)
        .then(|| token.get(..count)?.parse().ok())
        .flatten()
}

fn time_of_day(token: &str) -> Option<i64> {
    let mut parts = token.splitn(3, ':');
    let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next()?);
    let whole = |part: &str| {
        part.bytes()
            .all(|byte| byte.is_ascii_digit())
            .then(|| number(part, 1..=2))
            .flatten()
    };
    let (hour, minute, second) = (whole(hour)?, whole(minute)?, number(second, 1..=2)?);
    (hour <= 23 && minute <= 59 && second <= 59).then_some(hour * 3600 + minute * 60 + second)
}

fn month_of(token: &str) -> Option<i64> {
    let name = token.get(..3)?.to_ascii_lowercase();
    let index = MONTHS.iter().position(|month| *month == name)?;
    i64::try_from(index + 1).ok()
}

const fn days_in(month: i64, year: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// In the proleptic Gregorian calendar. Years begin in March here, so that a leap day is a year's last.
const fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    // 719,468 days lie between 1 March of the year 0 and the Unix epoch.
    365 * year + year / 4 - year / 100 + year / 400 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_every_form_that_servers_use() {
        let check = |text: &str, expected: Option<&str>| {
            let read = read(text).map(|date| humantime::format_rfc3339_seconds(date).to_string());
            assert_eq!(read.as_deref(), expected, "{text}");
        };
        let moment = Some("2026-11-20T21:02:03Z");
        check("Fri, 20 Nov 2026 21:02:03 GMT", moment);
        check("Friday, 20-Nov-26 21:02:03 GMT", moment);
        check("Fri, 20-Nov-2026 21:02:03 GMT", moment);
        check("Fri Nov 20 21:02:03 2026", moment);
        check("20 november 2026 21:02:03", moment);
        check("21:02:03 2026 20th Nov", moment);
        check("Thu, 01 Jan 1970 00:00:00 GMT", Some("1970-01-01T00:00:00Z"));
        check("Thu, 01-Jan-1970 00:00:01 GMT", Some("1970-01-01T00:00:01Z"));
        check("Sat, 29 Feb 2020 1:2:3 GMT", Some("2020-02-29T01:02:03Z"));
        check("Wed, 31 Dec 99 23:59:59 GMT", Some("1999-12-31T23:59:59Z"));
        check("Fri, 31 Dec 2038 23:59:59 GMT", Some("2038-12-31T23:59:59Z"));
        for none in [
            "",
            "never",
            "0",
            "Fri, 20 Nov 1600 00:00:00 GMT",
            "Fri, 30 Feb 2026 00:00:00 GMT",
            "Fri, 20 Nov 2026 24:00:00 GMT",
            "Fri, 20 Nov 2026",
        ] {
            check(none, None);
        }
    }
}
