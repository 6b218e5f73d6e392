//! Whether something that breaks off is the end of a load generator: then nobody listens any more, and the attempt says so
//! rather than that the service broke.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};

use probetop_core::sample::FailureKind;

use crate::source::Attempt;

/// Remembers whether it was ever heard.
#[derive(Debug, Default)]
pub(super) struct Presence(AtomicBool);

impl Presence {
    /// Makes an attempt, by `probe`. What breaks off while a generator was there may be its end: then it is asked once
    /// more, and told as broken only if somebody still listens.
    pub(super) async fn attempt<F: Future<Output = Attempt>>(&self, probe: impl Fn() -> F) -> Attempt {
        let first = probe().await;
        match failure(&first) {
            None => {
                self.0.store(true, Ordering::Relaxed);
                first
            }
            Some(FailureKind::Closed | FailureKind::Reset) if self.0.load(Ordering::Relaxed) => {
                let second = probe().await;
                match failure(&second) {
                    Some(FailureKind::Refused) => second,
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

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use probetop_core::sample::{Failure, Micros, Outcome, Phases};

    use super::*;

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

    /// What comes of each probe, and what is told of them.
    async fn check(probes: &[Option<FailureKind>], expected: &[Option<FailureKind>]) {
        let presence = Presence::default();
        let left = RefCell::new(probes.iter());
        let mut told = Vec::new();
        while left.borrow().len() > 0 {
            let next = || attempt(*left.borrow_mut().next().expect("another probe"));
            let attempt = presence.attempt(|| std::future::ready(next())).await;
            told.push(failure(&attempt));
        }
        assert_eq!(told, expected, "{probes:?}");
    }

    #[tokio::test]
    async fn what_breaks_off_is_asked_again_whether_it_has_ended() {
        use FailureKind::{Closed, Refused, Reset, Timeout};
        check(&[None, Some(Closed), Some(Refused)], &[None, Some(Refused)]).await;
        check(&[None, Some(Reset), None], &[None, Some(Reset)]).await;
        check(&[Some(Closed), Some(Refused)], &[Some(Closed), Some(Refused)]).await;
        check(&[None, Some(Timeout)], &[None, Some(Timeout)]).await;
    }
}
