//! How fast a budget burns, and what is said of it.

use super::*;

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

fn check_windows(period_s: u64, expected: [(u64, u64); 4]) {
    let found = windows(&TABLE, Duration::from_secs(period_s)).map(|(long, short)| (long.as_secs(), short.as_secs()));
    assert_eq!(found, expected, "{period_s} s");
}

#[test]
fn thirty_days_give_the_table_of_the_workbook() {
    check_windows(
        30 * DAY,
        [(HOUR, 300), (6 * HOUR, 1800), (DAY, 2 * HOUR), (3 * DAY, 6 * HOUR)],
    );
    // By the time a row speaks this share of the budget is gone: factor * long / period.
    let gone = TABLE.each_ref().map(|row| (row.factor / row.part * 100.0).round());
    assert_eq!(gone, [2.0, 5.0, 10.0, 10.0]);
}

#[test]
fn short_periods_keep_their_windows_apart() {
    check_windows(12 * HOUR, [(60, 5), (360, 30), (1440, 120), (4320, 360)]);
    check_windows(HOUR, [(60, 5), (90, 8), (135, 12), (360, 30)]);
    check_windows(300, [(60, 5), (90, 8), (135, 12), (203, 17)]);
    for period in 300..5000 {
        let windows = windows(&TABLE, Duration::from_secs(period));
        let apart = windows
            .windows(2)
            .all(|pair| pair[0].0 < pair[1].0 && pair[0].1 < pair[1].1);
        let shorter = windows
            .iter()
            .all(|(long, short)| *short >= Duration::from_secs(5) && short < long);
        assert!(apart && shorter && windows[3].0.as_secs() <= period, "{period} s");
    }
}

/// Steady traffic, of which `bad` per 1000 were bad in the last `bad_for_s`.
struct Traffic {
    per_s: u64,
    bad_permille: u64,
    bad_for_s: u64,
}

impl Traffic {
    fn rates(&self, bad_ratio: f64, period_s: u64, watched_s: u64) -> Vec<BurnRate> {
        let sum = |window: Duration| {
            let seconds = window.as_secs().min(watched_s);
            Counts {
                events: seconds * self.per_s,
                bad: seconds.min(self.bad_for_s) * self.per_s * self.bad_permille / 1000,
            }
        };
        rates(
            bad_ratio,
            Duration::from_secs(period_s),
            Duration::from_secs(watched_s),
            &sum,
        )
    }
}

fn check(rates: &[BurnRate], expected: [(u64, Option<f64>, BurnState); 4]) {
    let found: Vec<_> = rates
        .iter()
        .map(|row| {
            (
                row.long.as_secs(),
                row.long_rate.map(|rate| (rate * 100.0).round() / 100.0),
                row.state,
            )
        })
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn a_row_burns_when_both_windows_are_above_its_factor() {
    use BurnState::{Burning, Calm};
    // 1.5 % of 99.9 %'s traffic is bad: 15 times what the budget allows. After an hour of it 2 % are gone.
    let steady = Traffic {
        per_s: 100,
        bad_permille: 15,
        bad_for_s: u64::MAX,
    };
    let all = [
        (HOUR, Some(15.0), Burning),
        (6 * HOUR, Some(15.0), Burning),
        (DAY, Some(15.0), Burning),
    ];
    check(
        &steady.rates(0.001, 30 * DAY, 30 * DAY),
        [all[0], all[1], all[2], (3 * DAY, Some(15.0), Burning)],
    );
    // Half an hour of it: the page's long window holds 7.5, the slowest row's three days 0.1.
    let young = Traffic {
        bad_for_s: 1800,
        ..steady
    };
    check(
        &young.rates(0.001, 30 * DAY, 30 * DAY),
        [
            (HOUR, Some(7.5), Calm),
            (6 * HOUR, Some(1.25), Calm),
            (DAY, Some(0.31), Calm),
            (3 * DAY, Some(0.1), Calm),
        ],
    );
}

#[test]
fn every_goal_has_rows_that_total_failure_reaches() {
    let check = |bad_ratio: f64, expected: [(f64, u64); 4]| {
        let table = table(bad_ratio);
        let windows = windows(&table, Duration::from_secs(30 * DAY)).map(|(long, _)| long.as_secs());
        let factors = table.map(|row| (row.factor * 100.0).round() / 100.0);
        let found: [_; 4] = std::array::from_fn(|at| (factors[at], windows[at]));
        assert_eq!(found, expected, "{bad_ratio}");
    };
    let workbook = [(14.4, HOUR), (6.0, 6 * HOUR), (3.0, DAY), (1.0, 3 * DAY)];
    check(0.001, workbook);
    check(0.0625, workbook);
    check(0.1, [(9.0, 5760), workbook[1], workbook[2], workbook[3]]);
    check(0.5, [(1.8, 28_800), (1.8, 20 * HOUR), (1.8, 40 * HOUR), workbook[3]]);
    check(
        0.95,
        [(1.0, 51_840), (1.0, 36 * HOUR), (1.0, 3 * DAY), (1.0, 3 * DAY * 3 / 2)],
    );
    let failing = Traffic {
        per_s: 10,
        bad_permille: 1000,
        bad_for_s: u64::MAX,
    };
    for percent in 1..100 {
        let rates = failing.rates(f64::from(percent) / 100.0, HOUR, HOUR);
        let all_burn = rates.iter().all(|row| row.state == BurnState::Burning);
        assert!(all_burn, "{percent} % may be bad: {rates:?}");
    }
}

#[test]
fn what_is_over_burns_no_more_though_the_long_window_remembers() {
    let bad_before = |window: Duration| {
        let seconds = window.as_secs();
        // Nothing bad in the newest ten minutes, everything before.
        Counts {
            events: seconds,
            bad: seconds.saturating_sub(600),
        }
    };
    let rates = rates(
        0.05,
        Duration::from_secs(30 * DAY),
        Duration::from_secs(30 * DAY),
        &bad_before,
    );
    assert!(rates[0].long_rate.unwrap() > 14.4);
    assert_eq!((rates[0].short_rate, rates[0].state), (Some(0.0), BurnState::Calm));
}

#[test]
fn windows_with_too_few_probes_are_doubled_until_they_have_enough() {
    use BurnState::{Calm, Unknown};
    // 99.9 % at 1/s: the page needs 3 / (0.001 * 14.4) = 209 probes in its short window.
    let traffic = Traffic {
        per_s: 1,
        bad_permille: 0,
        bad_for_s: 0,
    };
    check(
        &traffic.rates(0.001, DAY, DAY),
        [
            // 120 s becomes 3840 s, whose twelfth is 320 s.
            (3840, Some(0.0), Calm),
            // 500 probes: 720 s becomes 11,520 s, a twelfth of which is 960 s.
            (11_520, Some(0.0), Calm),
            // 1000 probes: 2880 s becomes 23,040 s.
            (23_040, Some(0.0), Calm),
            // 3000 probes: 8640 s becomes 69,120 s.
            (69_120, Some(0.0), Calm),
        ],
    );
    // The widest an hour has room for is 3600 s and 300 s.
    check(
        &traffic.rates(0.001, HOUR, HOUR),
        [
            (3600, Some(0.0), Calm),
            (90, Some(0.0), Unknown),
            (135, Some(0.0), Unknown),
            (360, Some(0.0), Unknown),
        ],
    );
}

#[test]
fn a_young_run_knows_what_it_has_seen() {
    use BurnState::{Burning, Unknown};
    // 95 %: the page needs 3 / (0.05 * 14.4) = 5 probes.
    let traffic = Traffic {
        per_s: 1,
        bad_permille: 1000,
        bad_for_s: u64::MAX,
    };
    let states = |watched| {
        traffic
            .rates(0.05, HOUR, watched)
            .iter()
            .map(|row| row.state)
            .collect::<Vec<_>>()
    };
    assert_eq!(states(0), [Unknown; 4]);
    assert_eq!(states(4), [Unknown; 4]);
    assert_eq!(states(5), [Burning, Unknown, Unknown, Unknown]);
    assert_eq!(states(10), [Burning, Burning, Unknown, Unknown]);
    assert_eq!(states(60), [Burning; 4]);
    let none = Traffic { per_s: 0, ..traffic };
    assert_eq!(none.rates(0.05, HOUR, HOUR)[0].long_rate, None);
}
