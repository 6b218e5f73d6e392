//! What an objective promises: `95% under 2s`, `99.9% available`. Read from one text, written back as it is read.

use std::fmt;

use probetop_core::sample::slot::Scratch;
use probetop_core::sample::{Micros, Sample};
use probetop_core::setting::Period;

const PPM: u32 = 1_000_000;

/// No probe takes longer than its timeout, and no timeout is longer.
const UNDER_LIMIT_MICROS: u32 = 120 * 1_000_000;

/// What a goal may look like, for those whose text is none.
const FORM: &str = "write for example \"95% under 2s\" or \"99.9% available\"";

/// The share of probes that shall be good, and what a good one is: it succeeds, and in time where there is a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Goal {
    /// In parts per million, so that `99.9%` is exact; above 0 and below a million.
    good_ppm: u32,
    limit: Option<Micros>,
}

/// Why a text is no goal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoalError {
    /// Byte offset of what is wrong.
    pub offset: usize,
    pub message: String,
}

impl Goal {
    /// Reads `95% under 2s` and `99.9% available`.
    ///
    /// # Errors
    /// Tells what is wrong, where, and what a goal looks like.
    pub fn parse(text: &str) -> Result<Self, GoalError> {
        let fail = |part: &str, message: String| GoalError {
            // Every part is a slice of the text.
            offset: part.as_ptr() as usize - text.as_ptr() as usize,
            message,
        };
        let Some((share, rest)) = text.split_once('%') else {
            return Err(fail(text, format!("{text:?} names no share; {FORM}")));
        };
        let share = share.trim();
        let good_ppm = parts_per_million(share).map_err(|message| fail(share, message))?;
        let words = rest.trim();
        if words == "available" {
            return Ok(Self { good_ppm, limit: None });
        }
        let Some(limit) = words
            .strip_prefix("under")
            .filter(|limit| limit.starts_with(char::is_whitespace))
        else {
            return Err(fail(
                words,
                format!("{words:?} is neither available nor under a time; {FORM}"),
            ));
        };
        let limit = limit.trim();
        let period = Period::parse(limit).map_err(|message| fail(limit, message))?;
        let micros = Micros::from(period.duration());
        if !(1..=UNDER_LIMIT_MICROS).contains(&micros.0) {
            return Err(fail(
                limit,
                format!("{limit} is not a limit for a probe; use 1us to 2m"),
            ));
        }
        Ok(Self {
            good_ppm,
            limit: Some(micros),
        })
    }

    /// The share that shall be good, 0 to 1.
    pub fn good_ratio(self) -> f64 {
        f64::from(self.good_ppm) / f64::from(PPM)
    }

    /// The share that may be bad, above 0.
    pub fn bad_ratio(self) -> f64 {
        f64::from(PPM - self.good_ppm) / f64::from(PPM)
    }

    /// What a good probe takes at most; `None`: any that succeeds is good.
    pub const fn limit(self) -> Option<Micros> {
        self.limit
    }

    /// Whether the probe keeps the promise.
    pub fn is_kept_by(self, sample: &Sample) -> bool {
        sample.outcome.is_ok() && self.limit.is_none_or(|limit| sample.latency <= limit)
    }

    /// How many of a second's probes keep it, to the 0.8 % that latencies are told apart by.
    pub fn kept_of(self, second: &Scratch) -> u64 {
        match self.limit {
            Some(limit) => second.at_most(limit),
            None => second.attempts().saturating_sub(second.failed()),
        }
    }

    /// The share as it is written: `99.9%`.
    pub fn share(self) -> String {
        format!("{}%", f64::from(self.good_ppm) / f64::from(PPM / 100))
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.limit {
            Some(limit) => write!(f, "{} under {}", self.share(), Period::from(limit.as_duration())),
            None => write!(f, "{} available", self.share()),
        }
    }
}

/// A percentage with at most four decimals.
fn parts_per_million(text: &str) -> Result<u32, String> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let is_number = |digits: &str| digits.chars().all(|c| c.is_ascii_digit());
    if whole.is_empty() || !is_number(whole) || !is_number(decimals) {
        return Err(format!("{text:?} is not a percentage; {FORM}"));
    }
    if decimals.len() > 4 {
        return Err(format!(
            "{text}% is finer than can be measured; use at most four decimals"
        ));
    }
    let digits = format!("{whole}{decimals:0<4}");
    match digits.parse::<u32>() {
        Ok(0) => Err("0% promises nothing; use more".to_owned()),
        Ok(ppm) if ppm < PPM => Ok(ppm),
        Ok(PPM) => Err("100% leaves no room for a single failure; use less, such as 99.9%".to_owned()),
        Ok(_) | Err(_) => Err(format!("{text}% is more than all; use less than 100%")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, good_ratio: f64, limit_us: Option<u32>, shown: &str) {
        let goal = Goal::parse(text).unwrap();
        assert_eq!(
            (goal.good_ratio(), goal.limit().map(|limit| limit.0)),
            (good_ratio, limit_us),
            "{text}"
        );
        assert_eq!(goal.to_string(), shown);
        assert_eq!(Goal::parse(shown), Ok(goal), "it is read back");
    }

    #[test]
    fn a_goal_is_a_share_and_a_limit_or_availability() {
        check("95% under 2s", 0.95, Some(2_000_000), "95% under 2s");
        check("99.5% under 300ms", 0.995, Some(300_000), "99.5% under 300ms");
        check("99.9% available", 0.999, None, "99.9% available");
        check(" 99.9999 %  available ", 0.999_999, None, "99.9999% available");
        check("99.90% under 1m 30s", 0.999, Some(90_000_000), "99.9% under 1m 30s");
        check("0.0001%available", 0.000_001, None, "0.0001% available");
    }

    fn check_refused(text: &str, offset: usize, message: &str) {
        let error = Goal::parse(text).unwrap_err();
        assert_eq!((error.offset, error.message.as_str()), (offset, message), "{text:?}");
    }

    #[test]
    fn what_is_no_goal_says_where_and_what_to_write() {
        check_refused("", 0, &format!("\"\" names no share; {FORM}"));
        check_refused("fast", 0, &format!("\"fast\" names no share; {FORM}"));
        check_refused("ü% available", 0, &format!("\"ü\" is not a percentage; {FORM}"));
        check_refused("-5% available", 0, &format!("\"-5\" is not a percentage; {FORM}"));
        check_refused("% available", 0, &format!("\"\" is not a percentage; {FORM}"));
        check_refused(
            "95% within 2s",
            4,
            &format!("\"within 2s\" is neither available nor under a time; {FORM}"),
        );
        check_refused("95%", 3, &format!("\"\" is neither available nor under a time; {FORM}"));
        check_refused(
            "95% under2s",
            4,
            &format!("\"under2s\" is neither available nor under a time; {FORM}"),
        );
        check_refused("95% under 2", 10, "\"2\" has no unit; write \"2s\" or \"2ms\"");
        check_refused("95% under 0s", 10, "0s is not a limit for a probe; use 1us to 2m");
        check_refused("95% under 1h", 10, "1h is not a limit for a probe; use 1us to 2m");
        check_refused(
            "100% available",
            0,
            "100% leaves no room for a single failure; use less, such as 99.9%",
        );
        check_refused("0.0% available", 0, "0% promises nothing; use more");
        check_refused("101% available", 0, "101% is more than all; use less than 100%");
        check_refused(
            "99999999999% available",
            0,
            "99999999999% is more than all; use less than 100%",
        );
        check_refused(
            "99.99999% available",
            0,
            "99.99999% is finer than can be measured; use at most four decimals",
        );
    }
}
