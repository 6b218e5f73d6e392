//! Whether a load generator is there. One that has not begun and one that has ended have nobody who listens, and neither is
//! a failure: it waits, or it is over.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::sample::{Answer, Fact, FailureKind, Outcome};
use crate::source::Attempt;

/// The fact that tells what a generator does.
pub const STATE: &str = "state";

/// Remembers whether it was ever heard.
#[derive(Debug, Default)]
pub struct Presence(AtomicBool);

impl Presence {
    /// Makes an attempt, by `probe`, and reads an end or a wait out of it. What breaks off while a generator was there may
    /// be its end: then it is asked once more, and told as broken only if somebody still listens.
    pub async fn attempt<F: Future<Output = Attempt>>(&self, probe: impl Fn() -> F) -> Attempt {
        let first = probe().await;
        let was_heard = self.0.load(Ordering::Relaxed);
        match failure(&first) {
            None => {
                self.0.store(true, Ordering::Relaxed);
                first
            }
            Some(FailureKind::Refused) => absent(first, was_heard),
            Some(FailureKind::Closed | FailureKind::Reset) if was_heard => {
                let second = probe().await;
                match failure(&second) {
                    Some(FailureKind::Refused) => absent(second, was_heard),
                    Some(_) | None => first,
                }
            }
            Some(_) => first,
        }
    }
}

fn failure(attempt: &Attempt) -> Option<FailureKind> {
    attempt.outcome.failure().map(|failure| failure.kind)
}

/// Nobody listens: what is known is the state.
fn absent(attempt: Attempt, was_heard: bool) -> Attempt {
    let state = if was_heard { "ended" } else { "waiting" };
    let answer = Answer {
        facts: vec![Fact {
            name: STATE,
            value: state.into(),
        }],
        ..Answer::default()
    };
    Attempt {
        outcome: Outcome::Ok,
        answer: Some(Box::new(answer)),
        ..attempt
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    use crate::sample::{Failure, Micros, Phases};

    fn attempt(failure: Option<FailureKind>) -> Attempt {
        let outcome = failure.map_or(Outcome::Ok, |kind| {
            Outcome::Failed(Box::new(Failure {
                kind,
                phase: None,
                message: "".into(),
            }))
        });
        Attempt {
            latency: Micros(1),
            held: std::time::Duration::ZERO,
            outcome,
            phases: Phases::default(),
            answer: None,
            steps: Vec::new(),
        }
    }

    /// What comes of each probe, and what is told of the answers.
    async fn check(probes: &[Option<FailureKind>], expected: &[Result<&str, FailureKind>]) {
        let presence = Presence::default();
        let left = RefCell::new(probes.iter());
        let mut told = Vec::new();
        while left.borrow().len() > 0 {
            let attempt = presence
                .attempt(|| std::future::ready(attempt(*left.borrow_mut().next().expect("another probe"))))
                .await;
            let facts = attempt.answer.map(|answer| answer.facts);
            let state = facts.map_or("there".to_owned(), |facts| facts[0].value.to_string());
            told.push(attempt.outcome.failure().map_or(Ok(state), |failure| Err(failure.kind)));
        }
        let told: Vec<_> = told
            .iter()
            .map(|told| told.as_ref().map(String::as_str).map_err(|kind| *kind))
            .collect();
        assert_eq!(told, expected, "{probes:?}");
    }

    #[tokio::test]
    async fn a_generator_that_nobody_heard_waits_and_one_that_was_heard_has_ended() {
        use FailureKind::{Closed, Refused, Reset, Timeout};
        check(
            &[Some(Refused), None, Some(Refused), None],
            &[Ok("waiting"), Ok("there"), Ok("ended"), Ok("there")],
        )
        .await;
        check(&[None, Some(Closed), Some(Refused)], &[Ok("there"), Ok("ended")]).await;
        check(&[None, Some(Reset), None], &[Ok("there"), Err(Reset)]).await;
        check(&[Some(Closed), Some(Refused)], &[Err(Closed), Ok("waiting")]).await;
        check(&[None, Some(Timeout)], &[Ok("there"), Err(Timeout)]).await;
    }
}
