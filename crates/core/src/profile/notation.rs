//! How profiles are written on a command line: `50`, `100..5000`, `30s:20,1m:100,30s:0`, `10,5m;50,10m`.

use std::fmt;
use std::time::Duration;

use super::{Amount, Profile, RATE_LIMIT, STAGE_LIMIT, STAGES_LIMIT, Stage, StagePurpose, USERS_LIMIT};
use crate::setting::Period;

/// What a level counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Users,
    /// Requests a second, due whether or not earlier ones were answered.
    Rate,
}

impl Unit {
    /// The most there may be.
    const fn limit(self) -> u64 {
        match self {
            Self::Users => USERS_LIMIT,
            Self::Rate => RATE_LIMIT,
        }
    }

    /// As it is read behind a number.
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::Users => " users",
            Self::Rate => "/s",
        }
    }
}

/// A level, or a straight line from one to another, of which it is not said how long it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    pub from: Amount,
    pub to: Amount,
}

/// Why something is no profile, and what to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileError(String);

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ProfileError {}

impl Shape {
    /// Reads `50` or `100..5000`; a rate may say `/s`.
    ///
    /// # Errors
    /// Says what a level looks like, or that it is too high.
    pub fn parse(text: &str, unit: Unit) -> Result<Self, ProfileError> {
        let (from, to) = text.split_once("..").unwrap_or((text, text));
        let shape = Self {
            from: level(from, unit)?,
            to: level(to, unit)?,
        };
        if shape.from.max(shape.to) == Amount::ZERO {
            return Err(ProfileError(format!("{text:?} is no load at all; use more than 0")));
        }
        Ok(shape)
    }
}

impl Profile {
    /// Reads `30s:20,1m:100,30s:0`: within 30 s from none to 20, within a minute on to 100, and down again. Levels are users,
    /// or with `/s` behind each of them rates.
    ///
    /// # Errors
    /// Says which stage is none, and what one looks like.
    pub fn parse_stages(text: &str) -> Result<(Unit, Vec<Stage>), ProfileError> {
        let unit = if text.contains("/s") { Unit::Rate } else { Unit::Users };
        let stages = text.split(',').map(|stage| {
            let (length, to) = stage.split_once(':').ok_or_else(|| {
                ProfileError(format!(
                    "{stage:?} is not a stage; write DURATION:LEVEL, for example 30s:20"
                ))
            })?;
            if unit == Unit::Rate && !to.trim().ends_with("/s") {
                return Err(ProfileError(format!(
                    "{stage:?} says no rate where others do; write for example {stage}/s"
                )));
            }
            Ok((stage_length(length)?, level(to, unit)?))
        });
        Ok((unit, joined(stages)?))
    }

    /// Reads `10,5m;50,10m`: to 10 users within 5 minutes, and on to 50 within 10.
    ///
    /// # Errors
    /// Says which step is none, and what one looks like.
    pub fn parse_plan(text: &str) -> Result<Vec<Stage>, ProfileError> {
        joined(text.split(';').map(|step| {
            let (to, length) = step.split_once(',').ok_or_else(|| {
                ProfileError(format!(
                    "{step:?} is not a step; write USERS,DURATION, for example 10,5m"
                ))
            })?;
            Ok((stage_length(length)?, level(to, Unit::Users)?))
        }))
    }
}

/// Stages of which each begins at the level at which the one before ends.
fn joined(stages: impl Iterator<Item = Result<(Duration, Amount), ProfileError>>) -> Result<Vec<Stage>, ProfileError> {
    let mut from = Amount::ZERO;
    let mut joined = Vec::new();
    for stage in stages {
        let (length, to) = stage?;
        joined.push(Stage {
            length,
            from: std::mem::replace(&mut from, to),
            to,
            purpose: StagePurpose::Measure,
        });
    }
    if joined.len() > STAGES_LIMIT {
        let message = format!("there are {} stages; use at most {STAGES_LIMIT}", joined.len());
        return Err(ProfileError(message));
    }
    if joined.iter().all(|stage| stage.peak() == Amount::ZERO) {
        return Err(ProfileError("no stage has any load; use more than 0".to_owned()));
    }
    Ok(joined)
}

fn level(text: &str, unit: Unit) -> Result<Amount, ProfileError> {
    let text = text.trim();
    let number = match unit {
        Unit::Users => text,
        Unit::Rate => text.strip_suffix("/s").unwrap_or(text),
    };
    let amount = Amount::parse(number.trim()).ok_or_else(|| {
        ProfileError(match unit {
            Unit::Users => format!("{text:?} is not a number of users; write for example 50"),
            Unit::Rate => format!("{text:?} is not a rate; write requests a second, for example 500"),
        })
    })?;
    if unit == Unit::Users && amount != Amount::whole(amount.ceil()) {
        return Err(ProfileError(format!("{text} is not a whole number of users")));
    }
    if amount > Amount::whole(unit.limit()) {
        let (limit, suffix) = (unit.limit(), unit.suffix());
        return Err(ProfileError(format!("{text} is too much; use at most {limit}{suffix}")));
    }
    Ok(amount)
}

/// How long a stage may take.
///
/// # Errors
/// Says what a time looks like, or that it is none or too long.
pub fn stage_length(text: &str) -> Result<Duration, ProfileError> {
    let length = Period::parse(text.trim()).map_err(ProfileError)?.duration();
    if length.is_zero() {
        return Err(ProfileError(format!(
            "{text:?} is no time at all; use more, such as 30s"
        )));
    }
    if length > STAGE_LIMIT {
        let limit = Period::from(STAGE_LIMIT);
        return Err(ProfileError(format!(
            "{text} is too long for one stage; use at most {limit}"
        )));
    }
    Ok(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_is_a_level_or_two() {
        let check = |text: &str, unit, expected: Result<(&str, &str), &str>| {
            let shape = Shape::parse(text, unit).map(|shape| (shape.from.to_string(), shape.to.to_string()));
            let shape = shape.map_err(|error| error.to_string());
            let expected = expected.map(|(from, to)| (from.to_owned(), to.to_owned()));
            assert_eq!(shape, expected.map_err(str::to_owned), "{text}");
        };
        check("50", Unit::Users, Ok(("50", "50")));
        check("1..50", Unit::Users, Ok(("1", "50")));
        check("500", Unit::Rate, Ok(("500", "500")));
        check("0.5/s", Unit::Rate, Ok(("0.5", "0.5")));
        check("100..5000/s", Unit::Rate, Ok(("100", "5000")));
        check("0", Unit::Rate, Err("\"0\" is no load at all; use more than 0"));
        check("1.5", Unit::Users, Err("1.5 is not a whole number of users"));
        check(
            "lots",
            Unit::Users,
            Err("\"lots\" is not a number of users; write for example 50"),
        );
        check(
            "fast",
            Unit::Rate,
            Err("\"fast\" is not a rate; write requests a second, for example 500"),
        );
        check("60000", Unit::Users, Err("60000 is too much; use at most 50000 users"));
        check("2000000", Unit::Rate, Err("2000000 is too much; use at most 1000000/s"));
    }

    #[test]
    fn stages_and_plans_say_the_same_the_other_way_round() {
        let (unit, stages) = Profile::parse_stages("30s:20, 1m:100,30s:0").unwrap();
        assert_eq!(unit, Unit::Users);
        assert_eq!(Profile::parse_plan("20,30s;100,1m;0,30s").unwrap(), stages);
        let levels = |stage: &Stage| (stage.from.to_string(), stage.to.to_string(), stage.length.as_secs());
        let levels: Vec<_> = stages.iter().map(levels).collect();
        let expected = [("0", "20", 30), ("20", "100", 60), ("100", "0", 30)];
        assert_eq!(
            levels,
            expected.map(|(from, to, seconds)| (from.to_owned(), to.to_owned(), seconds))
        );
    }

    #[test]
    fn stages_of_rates_say_so_each() {
        assert_eq!(Profile::parse_stages("30s:20/s,1m:100/s").unwrap().0, Unit::Rate);
        let check = |text: &str, expected: &str| {
            assert_eq!(Profile::parse_stages(text).unwrap_err().to_string(), expected);
        };
        check(
            "30s:20/s,1m:100",
            "\"1m:100\" says no rate where others do; write for example 1m:100/s",
        );
        check(
            "30s",
            "\"30s\" is not a stage; write DURATION:LEVEL, for example 30s:20",
        );
        check("0s:20", "\"0s\" is no time at all; use more, such as 30s");
        check("30:20", "\"30\" has no unit; write \"30s\" or \"30ms\"");
        check("2days:20", "2days is too long for one stage; use at most 1day");
        check("30s:0", "no stage has any load; use more than 0");
        let many = ["1s:1"; STAGES_LIMIT + 1].join(",");
        check(&many, "there are 65 stages; use at most 64");
        assert_eq!(
            Profile::parse_plan("10").unwrap_err().to_string(),
            "\"10\" is not a step; write USERS,DURATION, for example 10,5m"
        );
    }
}
