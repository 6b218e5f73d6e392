//! Two limits of one figure: which of them it is beyond, and in words how.

use probetop_core::sample::{Level, Worse};

/// From where on a figure is bad, and how far it must be back to be good again.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub warning: Option<f64>,
    pub critical: Option<f64>,
    pub worse: Worse,
    /// A level that was reached is left when the figure is back by this share of its limit.
    pub hysteresis: f64,
}

/// A limit that is broken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Breach {
    /// Warning or critical.
    pub level: Level,
    limit: f64,
    /// The figure is back within the limit, but not beyond this.
    back_at: Option<f64>,
    worse: Worse,
    hysteresis: f64,
}

impl Limits {
    /// The worst limit that `value` breaks; `before` is the level it had reached last. `None`: it breaks none.
    pub fn breach(&self, value: f64, before: Level) -> Option<Breach> {
        let breach = |level: Level, limit: Option<f64>| {
            let limit = limit?;
            let back_at = self.back_at(limit);
            let back_at = match (self.worse.is_beyond(value, limit), self.worse.is_beyond(value, back_at)) {
                (true, _) => None,
                (false, true) if before >= level => Some(back_at),
                (false, _) => return None,
            };
            Some(Breach {
                level,
                limit,
                back_at,
                worse: self.worse,
                hysteresis: self.hysteresis,
            })
        };
        breach(Level::Critical, self.critical).or_else(|| breach(Level::Warning, self.warning))
    }

    fn back_at(&self, limit: f64) -> f64 {
        let share = limit.abs() * self.hysteresis;
        match self.worse {
            Worse::Higher => limit - share,
            Worse::Lower => limit + share,
        }
    }
}

impl Breach {
    /// `p95 612ms > 500ms`; on the way back `p95 480ms > 450ms (500ms - 10%)`.
    pub fn reason(&self, figure: &str, show: impl Fn(f64) -> String) -> String {
        let (sign, limit) = (self.worse.sign(), show(self.limit));
        let Some(back_at) = self.back_at else {
            return format!("{figure} {sign} {limit}");
        };
        let towards = match self.worse {
            Worse::Higher => '-',
            Worse::Lower => '+',
        };
        let share = (self.hysteresis * 1000.0).round() / 10.0;
        format!("{figure} {sign} {} ({limit} {towards} {share}%)", show(back_at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(worse: Worse, value: f64, before: Level, expected: Option<(Level, &str)>) {
        let (warning, critical) = match worse {
            Worse::Higher => (10.0, 20.0),
            Worse::Lower => (20.0, 10.0),
        };
        let limits = Limits {
            warning: Some(warning),
            critical: Some(critical),
            worse,
            hysteresis: 0.1,
        };
        let found = limits.breach(value, before).map(|breach| {
            (
                breach.level,
                breach.reason(&value.to_string(), |figure| figure.to_string()),
            )
        });
        let expected = expected.map(|(level, reason)| (level, reason.to_owned()));
        assert_eq!(found, expected, "{value} after {before:?}");
    }

    #[test]
    fn a_level_is_reached_at_its_limit_and_left_a_share_of_it_further_back() {
        let check = |value, before, expected| check(Worse::Higher, value, before, expected);
        check(10.0, Level::Ok, None);
        check(10.5, Level::Ok, Some((Level::Warning, "10.5 > 10")));
        check(9.5, Level::Ok, None);
        check(9.5, Level::Unknown, None);
        check(9.5, Level::Warning, Some((Level::Warning, "9.5 > 9 (10 - 10%)")));
        check(9.0, Level::Warning, None);
        check(19.0, Level::Warning, Some((Level::Warning, "19 > 10")));
        check(19.0, Level::Critical, Some((Level::Critical, "19 > 18 (20 - 10%)")));
        check(18.0, Level::Critical, Some((Level::Warning, "18 > 10")));
        check(9.5, Level::Critical, Some((Level::Warning, "9.5 > 9 (10 - 10%)")));
        check(20.5, Level::Ok, Some((Level::Critical, "20.5 > 20")));
        check(f64::NAN, Level::Critical, None);
    }

    #[test]
    fn a_floor_is_left_upwards() {
        let check = |value, before, expected| check(Worse::Lower, value, before, expected);
        check(20.0, Level::Ok, None);
        check(19.0, Level::Ok, Some((Level::Warning, "19 < 20")));
        check(21.0, Level::Ok, None);
        check(21.0, Level::Warning, Some((Level::Warning, "21 < 22 (20 + 10%)")));
        check(22.0, Level::Warning, None);
        check(10.5, Level::Critical, Some((Level::Critical, "10.5 < 11 (10 + 10%)")));
    }
}
