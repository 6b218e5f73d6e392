//! How fast an error budget goes: burn rates over pairs of windows, as in the Site Reliability Workbook (chapter 5,
//! "Multiwindow, Multi-Burn-Rate Alerts"), scaled from its 30 days to any period.
//!
//! A rate of 1 uses the budget up exactly at the end of the period. The long window says that it matters, the short one
//! that it still goes on. A row speaks when both burn faster than its factor. Where even a total failure burns slower, the
//! factor is lowered and the windows are longer, so that the same share of the budget is gone by then.
//!
//! A promise that is kept at its limit burns at 1, now a little faster, now slower: what a row says has to be more than chance
//! makes of that, by the binomial tail of its long window. Of a hundred hours at the limit about one has an alert.

use std::time::Duration;

use probetop_core::sample::Severity;
use probetop_core::snapshot::{BurnRate, BurnState};

use super::objective::Counts;
use super::tail::binomial_at_least;

/// A row of the table: its long window is the period over `part`, its short one a twelfth of that.
#[derive(Clone, Copy)]
struct Row {
    severity: Severity,
    part: f64,
    /// The share of the budget that is gone by the time the row speaks, times the period over the long window.
    factor: f64,
}

/// Of 30 days: 2 % of the budget in 1 h, 5 % in 6 h, 10 % in a day, 10 % in three days.
const TABLE: [Row; 4] = [
    Row {
        severity: Severity::Critical,
        part: 720.0,
        factor: 14.4,
    },
    Row {
        severity: Severity::Critical,
        part: 120.0,
        factor: 6.0,
    },
    Row {
        severity: Severity::Warning,
        part: 30.0,
        factor: 3.0,
    },
    Row {
        severity: Severity::Warning,
        part: 10.0,
        factor: 1.0,
    },
];

/// The short window is this part of the long one.
const SHORT_PART: u32 = 12;

/// No long window is shorter, and so no short one than 5 s: counts are kept by the second.
const LONG_MIN: Duration = Duration::from_secs(60);

/// Windows of short periods would all be [`LONG_MIN`]: each is at least this much longer than the one before.
const GROWTH: f64 = 1.5;

/// Burning at its factor a row has to expect this many bad probes in its short window. With fewer, one failure would
/// be a verdict.
const EXPECTED_BAD_MIN: f64 = 3.0;

/// Chance makes as many bad probes as this seldom, were the promise kept at its limit: a row speaks below it. The windows
/// of an hour overlap, and are worth some hundred that do not.
const DOUBT: f64 = 1e-4;

/// A row has to be able to speak: with this share of the probes bad it does.
const ALL_BUT_TOTAL: f64 = 0.9;

/// The table for a goal. With half of all probes allowed to be bad, total failure burns at 2 and never at 14.4; the factor
/// is 1.8 then, and the part of the period shrinks with it.
fn table(bad_ratio: f64) -> [Row; TABLE.len()] {
    // Slower than 1 nothing is wrong.
    let reached = (ALL_BUT_TOTAL / bad_ratio).max(1.0);
    TABLE.map(|row| {
        let factor = row.factor.min(reached);
        let part = row.part * factor / row.factor;
        Row { part, factor, ..row }
    })
}

/// The windows of a table's rows for a period: long, short.
fn windows(table: &[Row; TABLE.len()], period: Duration) -> [(Duration, Duration); TABLE.len()] {
    let mut least = LONG_MIN;
    table.map(|row| {
        let long = whole_seconds(period.div_f64(row.part)).max(least);
        least = whole_seconds(long.mul_f64(GROWTH));
        (long, short_of(long))
    })
}

/// Reads every row, fastest first. `bad_ratio` is the share that may be bad, above 0; `watched` how long anything was
/// counted; `sum` gives the counts of the newest stretch of a length.
///
/// A pair of windows with too few probes is doubled until it has enough, up to the period and to what was watched. A
/// slower row needs at least twice the probes of the one before, so that windows stay apart at an even rate.
pub fn rates(bad_ratio: f64, period: Duration, watched: Duration, sum: &dyn Fn(Duration) -> Counts) -> Vec<BurnRate> {
    let table = table(bad_ratio);
    let windows = windows(&table, period);
    let rate = |window| sum(window).bad_ratio().map(|bad| bad / bad_ratio);
    let read = |(row, base): (Row, (Duration, Duration))| {
        let is_enough = |long, short| {
            let all_bad = bad_ratio.powf(sum(long).events as f64);
            sum(short).events as f64 * bad_ratio * row.factor >= EXPECTED_BAD_MIN && all_bad < DOUBT
        };
        let wide = widened(base, period, watched, &is_enough);
        let (long, short) = wide.unwrap_or(base);
        let (long_rate, short_rate) = (rate(long), rate(short));
        let is_over = |rate: Option<f64>| rate.is_some_and(|rate| rate > row.factor);
        let counts = sum(long);
        let chance = binomial_at_least(counts.bad, counts.events, bad_ratio);
        let state = match wide {
            None => BurnState::Unknown,
            Some(_) if is_over(long_rate) && is_over(short_rate) && chance < DOUBT => BurnState::Burning,
            Some(_) => BurnState::Calm,
        };
        BurnRate {
            severity: row.severity,
            long,
            short,
            factor: row.factor,
            long_rate,
            short_rate,
            state,
        }
    };
    table.into_iter().zip(windows).map(read).collect()
}

/// The narrowest pair of windows with enough probes; `None` when the widest has too few.
fn widened(
    base: (Duration, Duration),
    period: Duration,
    watched: Duration,
    is_enough: &dyn Fn(Duration, Duration) -> bool,
) -> Option<(Duration, Duration)> {
    let (mut long, mut short) = base;
    while !is_enough(long, short) {
        if long >= period || short >= watched {
            return None;
        }
        long = (long * 2).min(period);
        short = short_of(long);
    }
    Some((long, short))
}

fn short_of(long: Duration) -> Duration {
    whole_seconds(long / SHORT_PART)
}

/// Rounded up.
fn whole_seconds(duration: Duration) -> Duration {
    Duration::from_secs(duration.as_secs() + u64::from(duration.subsec_nanos() > 0))
}

#[cfg(test)]
mod tests;
