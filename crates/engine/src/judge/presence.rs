//! Whether a load generator is there. Nobody listens where one has not begun, and where one has ended, and neither is a
//! failure: it waits, or it is over.

use probetop_core::sample::{Answer, Fact, FailureKind, GENERATOR_STATE, Outcome, Purpose};

/// What a refused connection says of a load generator, in place of a failure; `None`: it is one, or none at all.
pub fn absent(purpose: Purpose, outcome: &Outcome, was_heard: bool) -> Option<Answer> {
    let is_refused = outcome
        .failure()
        .is_some_and(|failure| failure.kind == FailureKind::Refused);
    (purpose == Purpose::Generator && is_refused).then(|| {
        let state = if was_heard { "ended" } else { "waiting" };
        Answer {
            facts: vec![Fact {
                name: GENERATOR_STATE.into(),
                value: state.into(),
            }],
            ..Answer::default()
        }
    })
}

#[cfg(test)]
mod tests {
    use probetop_core::sample::Failure;

    use super::*;

    #[test]
    fn only_a_load_generator_that_refuses_is_absent() {
        let check = |purpose, kind, was_heard, expected: Option<&str>| {
            let outcome = Outcome::Failed(Box::new(Failure {
                kind,
                phase: None,
                message: "because".into(),
            }));
            let state = absent(purpose, &outcome, was_heard).map(|answer| answer.facts[0].value.to_string());
            assert_eq!(state.as_deref(), expected, "{purpose:?} {kind:?}");
        };
        check(Purpose::Generator, FailureKind::Refused, false, Some("waiting"));
        check(Purpose::Generator, FailureKind::Refused, true, Some("ended"));
        check(Purpose::Generator, FailureKind::Timeout, true, None);
        check(Purpose::Service, FailureKind::Refused, true, None);
        check(Purpose::Figures, FailureKind::Refused, true, None);
        assert_eq!(absent(Purpose::Generator, &Outcome::Ok, true), None);
    }
}
