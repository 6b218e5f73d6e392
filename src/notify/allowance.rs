//! How many messages may go now: a bucket of tokens that fills evenly.

use std::time::Duration;

use probetop_core::clock::Timestamp;

use super::settings::AtMost;

/// What is left of a limit on messages.
#[derive(Clone, Debug)]
pub struct Allowance {
    /// `None`: as many as there are.
    at_most: Option<AtMost>,
    tokens: f64,
    counted: Timestamp,
}

impl Allowance {
    /// All of it is left.
    pub fn new(at_most: Option<AtMost>) -> Self {
        Self {
            tokens: at_most.map_or(0.0, |at_most| f64::from(at_most.messages)),
            at_most,
            counted: Timestamp::ZERO,
        }
    }

    /// By another limit from now on; what was spent stays spent.
    pub fn change(&mut self, at_most: Option<AtMost>) {
        let spent = self
            .at_most
            .map_or(0.0, |before| f64::from(before.messages) - self.tokens);
        self.tokens = at_most.map_or(0.0, |after| (f64::from(after.messages) - spent).max(0.0));
        self.at_most = at_most;
    }

    /// Messages that may go at once; `None`: any number.
    pub fn left(&mut self, now: Timestamp) -> Option<u32> {
        let AtMost { messages, per } = self.at_most?;
        let gained = now.since(self.counted).as_secs_f64() * f64::from(messages) / per.as_secs_f64();
        self.tokens = (self.tokens + gained).min(f64::from(messages));
        self.counted = now;
        Some(self.tokens as u32)
    }

    pub fn spend(&mut self) {
        self.tokens = (self.tokens - 1.0).max(0.0);
    }

    /// When there will be one again, asked when there is none.
    pub fn next(&self) -> Timestamp {
        let Some(AtMost { messages, per }) = self.at_most else {
            return self.counted;
        };
        let missing = (1.0 - self.tokens).max(0.0);
        let wait = per.mul_f64(missing / f64::from(messages));
        // A token that is there but for a rounding is waited for once more, not forever.
        self.counted + wait + Duration::from_micros(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three_in_a_minute() -> Allowance {
        Allowance::new(Some(AtMost {
            messages: 3,
            per: Duration::from_secs(60),
        }))
    }

    #[test]
    fn what_is_spent_comes_back_evenly() {
        let mut allowance = three_in_a_minute();
        let now = Timestamp::from_secs(100);
        for left in [3, 2, 1] {
            assert_eq!(allowance.left(now), Some(left));
            allowance.spend();
        }
        assert_eq!(allowance.left(now), Some(0));
        let next = allowance.next();
        assert_eq!(next.second(), 120);
        assert_eq!(allowance.left(next), Some(1));
        assert_eq!(allowance.left(Timestamp::from_secs(1000)), Some(3));
    }

    #[test]
    fn without_a_limit_there_is_no_end() {
        let mut allowance = Allowance::new(None);
        allowance.spend();
        assert_eq!(allowance.left(Timestamp::ZERO), None);
    }

    #[test]
    fn another_limit_does_not_give_back_what_was_spent() {
        let mut allowance = three_in_a_minute();
        assert_eq!(allowance.left(Timestamp::ZERO), Some(3));
        allowance.spend();
        allowance.spend();
        allowance.change(Some(AtMost {
            messages: 5,
            per: Duration::from_secs(60),
        }));
        assert_eq!(allowance.left(Timestamp::ZERO), Some(3));
    }
}
