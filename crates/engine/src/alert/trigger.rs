//! "k of n": how many of the last evaluations must be true before a condition counts as true.

use probetop_core::setting::Finding;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::state::Condition;

/// Evaluations that are looked back upon at most: a bit each, in one word.
const EVALUATIONS_LIMIT: u32 = 64;

/// True in at least `count` of the last `of` evaluations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trigger {
    /// 1 to `of`.
    pub count: u32,
    /// 1 to 64.
    pub of: u32,
}

/// What the last evaluations of one alert found; the newest is the lowest bit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evaluations {
    holding: u64,
    failing: u64,
}

impl Evaluations {
    pub const fn record(&mut self, found: Condition) {
        self.holding <<= 1;
        self.failing <<= 1;
        match found {
            Condition::True => self.holding |= 1,
            Condition::False => self.failing |= 1,
            Condition::Unknown => {}
        }
    }

    /// What the last evaluations come to. What is not known of them, or was not evaluated, might have been either: it is
    /// true when enough were true, false when enough cannot have been, and unknown otherwise.
    pub fn settle(self, trigger: Trigger) -> Condition {
        let looked_at = u64::MAX >> (EVALUATIONS_LIMIT - trigger.of.clamp(1, EVALUATIONS_LIMIT));
        let holding = (self.holding & looked_at).count_ones();
        let failing = (self.failing & looked_at).count_ones();
        if holding >= trigger.count {
            Condition::True
        } else if failing > trigger.of.saturating_sub(trigger.count) {
            Condition::False
        } else {
            Condition::Unknown
        }
    }

    /// Whether none of those that can still count was true.
    pub const fn is_quiet(self) -> bool {
        self.holding == 0
    }
}

/// `trigger` of a rule as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TriggerSettings {
    /// How many of them must be true, 1 to `of`.
    #[schemars(range(min = 1, max = 64))]
    pub count: u32,
    /// How many evaluations are looked back upon, one a second, 1 to 64. An unknown one counts for neither side.
    #[schemars(range(min = 1, max = 64))]
    pub of: u32,
}

impl TriggerSettings {
    /// # Errors
    /// Names each key that cannot be meant, and what to write instead.
    pub fn resolve(self) -> Result<Trigger, Finding> {
        let Self { count, of } = self;
        if !(1..=EVALUATIONS_LIMIT).contains(&of) {
            return Err(Finding::new("of", format!("of is {of}; use 1 to {EVALUATIONS_LIMIT}")));
        }
        if !(1..=of).contains(&count) {
            return Err(Finding::new(
                "count",
                format!("count is {count}; use 1 to {of}, which is of"),
            ));
        }
        Ok(Trigger { count, of })
    }
}

impl From<Trigger> for TriggerSettings {
    fn from(Trigger { count, of }: Trigger) -> Self {
        Self { count, of }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(found: &str, (count, of): (u32, u32), expected: Condition) {
        let mut evaluations = Evaluations::default();
        for found in found.chars() {
            evaluations.record(match found {
                '+' => Condition::True,
                '-' => Condition::False,
                _ => Condition::Unknown,
            });
        }
        assert_eq!(
            evaluations.settle(Trigger { count, of }),
            expected,
            "{found} {count}/{of}"
        );
    }

    #[test]
    fn enough_decide_whatever_the_others_were() {
        check("", (3, 5), Condition::Unknown);
        check("++", (3, 5), Condition::Unknown);
        check("+-+?+", (3, 5), Condition::True);
        check("++--", (3, 5), Condition::Unknown);
        check("+-+-+-", (3, 5), Condition::False);
        check("---", (3, 5), Condition::False);
        check("--", (3, 5), Condition::Unknown);
        check("+++?????", (3, 5), Condition::Unknown);
        check(&"+".repeat(64), (64, 64), Condition::True);
        check(&format!("{}-", "+".repeat(64)), (64, 64), Condition::False);
        check("+", (1, 1), Condition::True);
        check("+-", (1, 1), Condition::False);
    }

    #[test]
    fn a_count_beyond_its_evaluations_is_refused() {
        let check = |count, of, key: &str| {
            let finding = TriggerSettings { count, of }.resolve().unwrap_err();
            assert_eq!(finding.path, [key]);
        };
        check(0, 5, "count");
        check(6, 5, "count");
        check(1, 0, "of");
        check(1, 65, "of");
    }
}
