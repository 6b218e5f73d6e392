//! How a promise stands: what was kept, what is left of the budget, and how long it lasts.

use std::time::Duration;

use probetop_core::sample::{Level, Severity, Text, Unit};
use probetop_core::snapshot::{BurnRate, BurnState};

use super::evidence::{self, Pace};
use super::{Counts, Goal, Ledger};
use crate::judge::burn;

/// A promise at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    pub level: Level,
    /// Why the level is not ok.
    pub reason: Option<Text>,
    /// How much of the period was watched.
    pub covered: Duration,
    pub counts: Counts,
    /// 1 when nothing is used up, 0 when all is, below 0 when the promise is broken; `None` without events.
    pub budget_left_ratio: Option<f64>,
    pub burn: Vec<BurnRate>,
    /// Until the budget is used up at the rate of now; `None`: not at this rate.
    pub exhausted_in: Option<Duration>,
}

impl Default for Standing {
    fn default() -> Self {
        Self {
            level: Level::Unknown,
            reason: None,
            covered: Duration::ZERO,
            counts: Counts::default(),
            budget_left_ratio: None,
            burn: Vec::new(),
            exhausted_in: None,
        }
    }
}

impl Standing {
    /// How it stands now, after it stood so.
    pub fn next(&self, goal: Goal, period: Duration, ledger: &Ledger) -> Self {
        let covered = ledger.watched().min(period);
        let counts = ledger.sum(period);
        let burn = burn::rates(goal.bad_ratio(), period, covered, &|window| ledger.sum(window));
        let budget_left_ratio = counts.bad_ratio().map(|bad| 1.0 - bad / goal.bad_ratio());
        let (level, reason) = judge(goal, counts, covered >= period, &burn);
        let is_gone =
            budget_left_ratio.is_some_and(|left| left <= 0.0) && (covered >= period || level == Level::Critical);
        let exhausted_in = match (budget_left_ratio, running_out(goal, ledger, &burn)) {
            (None, _) => None,
            (Some(_), _) if is_gone => Some(Duration::ZERO),
            (Some(_), _) if lasts(&burn) => None,
            (Some(_), RunsOut::No) => None,
            (Some(left), RunsOut::AtRate(rate)) => Some(left_at(rate, left, covered, period)),
            // A rate that hovers is not told and taken back by turns. What is not used up is not at its end.
            (Some(left), RunsOut::Unclear) => self.exhausted_in.filter(|time| !time.is_zero() || left <= 0.0),
        };
        Self {
            level,
            reason,
            covered,
            counts,
            budget_left_ratio,
            exhausted_in,
            burn,
        }
    }

    /// The share of good probes; `None` without any.
    pub fn attained_ratio(&self) -> Option<f64> {
        self.counts.bad_ratio().map(|bad| 1.0 - bad)
    }
}

/// A period that was watched whole has what was counted, and no doubt is left. Before that the promise could still be
/// kept: it is called broken where the share so far is worse than promised beyond the doubt that `evidence` states.
fn judge(goal: Goal, counts: Counts, is_whole: bool, burn: &[BurnRate]) -> (Level, Option<Text>) {
    let Some(bad_ratio) = counts.bad_ratio() else {
        return (Level::Unknown, Some("no probes yet".into()));
    };
    let is_used_up = counts.bad > 0 && counts.bad as f64 >= counts.events as f64 * goal.bad_ratio();
    if is_used_up && (is_whole || evidence::is_worse(counts, goal.bad_ratio())) {
        let kept = Unit::Ratio.show(bad_ratio);
        let reason = format!("budget used up: {kept} bad, {} is promised", goal.share());
        return (Level::Critical, Some(reason.into()));
    }
    // Pages stand before tickets.
    if let Some(row) = burn.iter().find(|row| row.state == BurnState::Burning) {
        let level = match row.severity {
            Severity::Critical => Level::Critical,
            Severity::Warning | Severity::Info => Level::Warning,
        };
        return (level, Some(burning(row)));
    }
    if is_used_up {
        let bad = Unit::Ratio.show(bad_ratio);
        let reason = format!(
            "budget used up so far, but that may be chance: {bad} bad, {} is promised",
            goal.share()
        );
        return (Level::Unknown, Some(reason.into()));
    }
    (Level::Ok, None)
}

/// `budget burns 21.3x > 14.4x over 1m, 19.0x over 5s`
fn burning(row: &BurnRate) -> Text {
    let rate = |rate: Option<f64>| rate.unwrap_or_default();
    let length = |window: Duration| humantime::format_duration(window).to_string();
    format!(
        "budget burns {:.1}x > {}x over {}, {:.1}x over {}",
        rate(row.long_rate),
        row.factor,
        length(row.long),
        rate(row.short_rate),
        length(row.short),
    )
    .into()
}

/// Whether the budget ends before the period does.
#[derive(Clone, Copy, Debug)]
enum RunsOut {
    AtRate(f64),
    No,
    Unclear,
}

/// The rate is that of the shortest long window that is sure to burn faster than the budget lasts. The shortest of all
/// says when it is over: the longer ones were calm before as well.
fn running_out(goal: Goal, ledger: &Ledger, burn: &[BurnRate]) -> RunsOut {
    let known = burn.iter().filter(|row| row.state != BurnState::Unknown);
    let mut paces = known.map(|row| (evidence::pace(ledger.sum(row.long), goal.bad_ratio()), row.long_rate));
    let is_over = paces.clone().next().is_some_and(|(pace, _)| pace == Pace::Slower);
    match paces.find(|(pace, _)| *pace == Pace::Faster) {
        Some((_, Some(rate))) if !is_over => RunsOut::AtRate(rate),
        Some(_) | None if is_over => RunsOut::No,
        Some(_) | None => RunsOut::Unclear,
    }
}

/// Whether what is shown as the rate of now, that of the shortest long window that has any, is no faster than the budget lasts:
/// whatever an older window says, nobody is told a time beside it.
fn lasts(burn: &[BurnRate]) -> bool {
    burn.iter()
        .find_map(|row| row.long_rate)
        .is_some_and(|rate| rate <= 1.0)
}

/// How long what is left of the whole period's budget lasts. In a young run that budget is the one that the rate of probes so
/// far will come to, so that it does not end with every failure of the first minute.
fn left_at(rate: f64, left: f64, covered: Duration, period: Duration) -> Duration {
    let used_s = covered.as_secs_f64() * (1.0 - left);
    Duration::from_secs_f64((period.as_secs_f64() - used_s).max(0.0) / rate)
}

#[cfg(test)]
mod tests {
    use probetop_core::clock::Timestamp;

    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    /// So many seconds of one probe in which every `bad_every`th, or none for 0, was bad.
    fn ledger(phases: &[(u64, u64, u64)]) -> Ledger {
        let mut ledger = Ledger::new(HOUR, Timestamp::ZERO);
        let (mut second, mut probe) = (0, 0);
        for (seconds, per_s, bad_every) in phases {
            for _ in 0..*seconds {
                for _ in 0..*per_s {
                    probe += 1;
                    ledger.count(*bad_every == 0 || probe % bad_every != 0);
                }
                second += 1;
                ledger.rotate(Timestamp::from_secs(second));
            }
        }
        ledger
    }

    fn check(goal: &str, phases: &[(u64, u64, u64)], level: Level, reason: &str, left: Option<f64>) -> Standing {
        let standing = Standing::default().next(Goal::parse(goal).unwrap(), HOUR, &ledger(phases));
        let told = standing.reason.as_ref().map_or("", Text::as_str);
        let rounded = |ratio: f64| (ratio * 1000.0).round() / 1000.0;
        assert_eq!(
            (standing.level, told, standing.budget_left_ratio.map(rounded)),
            (level, reason, left)
        );
        standing
    }

    #[test]
    fn without_probes_nothing_is_known() {
        let standing = check("95% under 2s", &[(600, 0, 0)], Level::Unknown, "no probes yet", None);
        assert_eq!((standing.attained_ratio(), standing.exhausted_in), (None, None));
        assert_eq!(standing.covered, Duration::from_secs(600));
    }

    #[test]
    fn a_promise_that_is_kept_has_all_of_its_budget() {
        let standing = check("95% under 2s", &[(600, 1, 0)], Level::Ok, "", Some(1.0));
        assert_eq!((standing.attained_ratio(), standing.exhausted_in), (Some(1.0), None));
    }

    #[test]
    fn one_bad_probe_in_forty_leaves_half_of_a_budget_of_one_in_twenty() {
        let standing = check("95% under 2s", &[(3600, 1, 40)], Level::Ok, "", Some(0.5));
        assert_eq!(standing.attained_ratio(), Some(0.975));
    }

    #[test]
    fn the_budget_is_used_up_when_as_many_are_bad_as_may_be() {
        let reason = "budget used up: 5.0% bad, 95% is promised";
        let standing = check("95% available", &[(3600, 1, 20)], Level::Critical, reason, Some(0.0));
        assert_eq!(standing.exhausted_in, Some(Duration::ZERO));
    }

    #[test]
    fn what_is_older_than_the_period_is_forgiven() {
        check("95% available", &[(600, 1, 2), (3600, 1, 0)], Level::Ok, "", Some(1.0));
    }

    #[test]
    fn few_probes_use_no_budget_up_unless_they_are_bad_beyond_doubt() {
        let doubt =
            |bad, promised| format!("budget used up so far, but that may be chance: {bad} bad, {promised} is promised");
        check(
            "99.9% available",
            &[(10, 1, 10)],
            Level::Unknown,
            &doubt("10%", "99.9%"),
            Some(-99.0),
        );
        let broken = "budget used up: 100% bad, 99.9% is promised";
        check("99.9% available", &[(4, 1, 1)], Level::Critical, broken, Some(-999.0));
        // Four bad ones in the first minute of an hour's promise.
        let standing = check(
            "95% available",
            &[(63, 1, 15)],
            Level::Unknown,
            &doubt("6.3%", "95%"),
            Some(-0.27),
        );
        assert_eq!(standing.exhausted_in, None);
        check("95% available", &[(63, 1, 15), (60, 1, 0)], Level::Ok, "", Some(0.35));
    }

    #[test]
    fn a_page_is_critical_a_ticket_a_warning() {
        // One in two of 4/s fails against 99 %: 50 times what the budget allows. A full hour has room for that.
        let page = "budget burns 6.7x > 6x over 3m, 50.0x over 15s";
        check(
            "99% available",
            &[(3576, 4, 0), (24, 4, 2)],
            Level::Critical,
            page,
            Some(0.667),
        );
        let gone = "budget used up: 2.0% bad, 99% is promised";
        let young = check(
            "99% available",
            &[(576, 4, 0), (24, 4, 2)],
            Level::Critical,
            gone,
            Some(-1.0),
        );
        assert_eq!(young.burn[1].state, BurnState::Burning);
        // One in fifty: twice what it allows, which only the slowest row minds, doubled for its three bad probes.
        let ticket = "budget burns 2.0x > 1x over 12m, 2.0x over 1m";
        check(
            "99% available",
            &[(2800, 5, 0), (800, 5, 50)],
            Level::Warning,
            ticket,
            Some(0.556),
        );
    }

    #[test]
    fn the_budget_lasts_for_the_period_over_the_rate_of_what_is_left() {
        // A full hour at 1/s; 10 s of nothing but failures are a sixth of the minute's probes, 3.3 times the budget of 95 %.
        let of = |phases: &[(u64, u64, u64)]| {
            let standing = Standing::default().next(Goal::parse("95% available").unwrap(), HOUR, &ledger(phases));
            standing.exhausted_in.map(|time| time.as_secs())
        };
        let left = 1.0 - 10.0 / 180.0;
        assert_eq!(
            of(&[(3590, 1, 0), (10, 1, 1)]),
            Some((3600.0 * left / (10.0 / 3.0)) as u64)
        );
        // In the first minutes as well: ten of the 180 that an hour may have.
        assert_eq!(
            of(&[(290, 1, 0), (10, 1, 1)]),
            Some((170.0 / 180.0 * 3600.0 / (10.0 / 3.0)) as u64)
        );
        assert_eq!(of(&[(50, 1, 0), (10, 1, 1)]), Some(1020), "it could still be chance");
        assert_eq!(
            of(&[(40, 1, 0), (20, 1, 1)]),
            Some(0),
            "a third of all is worse than promised"
        );
        assert_eq!(
            of(&[(290, 1, 0), (10, 1, 4)]),
            None,
            "two bad ones say nothing of a rate"
        );
    }

    #[test]
    fn a_time_that_was_told_is_not_kept_beside_a_rate_at_which_the_budget_lasts() {
        let goal = Goal::parse("95% available").unwrap();
        // Ten bad ones in a minute, and then as many good ones as bring the last minute below what may be bad.
        let burning = [(3590, 1, 0), (10, 1, 1)];
        let told = Standing::default().next(goal, HOUR, &ledger(&burning));
        assert!(told.exhausted_in.is_some());
        for calm_s in 0..120 {
            let after = told.next(goal, HOUR, &ledger(&[burning[0], burning[1], (calm_s, 1, 0)]));
            let rate = after.burn.iter().find_map(|row| row.long_rate).unwrap();
            assert!(
                rate > 1.0 || after.exhausted_in.is_none(),
                "{calm_s} s: {rate} and {after:?}"
            );
        }
    }
}
