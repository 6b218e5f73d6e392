//! The conditions a response must meet, in CEL.

use std::sync::Arc;
use std::time::Duration;

use probetop_core::expression::{Expression, Value};
use probetop_core::sample::FailureKind;

use super::message::{Response, rcode_name};
use super::settings::EXPECT_VARIABLES;
use crate::source::attempt::Fault;

/// A target's conditions, in order.
#[derive(Debug, Default)]
pub(super) struct Expectations(Vec<Expression>);

/// What is judged.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts<'a> {
    pub response: &'a Response,
    /// Whether the answer did not fit into a datagram.
    pub truncated: bool,
    pub latency: Duration,
}

impl Expectations {
    /// # Errors
    /// Names the condition that cannot be understood, and why.
    pub(super) fn try_new(sources: &[String]) -> Result<Self, String> {
        let compile = |source: &String| {
            Expression::compile(source, Some(&EXPECT_VARIABLES)).map_err(|error| format!("expect {source:?}: {error}"))
        };
        sources.iter().map(compile).collect::<Result<_, _>>().map(Self)
    }

    /// Whether any condition names one of `variables`.
    pub(super) fn mention(&self, variables: &[&str]) -> bool {
        let mut named = self.0.iter().flat_map(Expression::references);
        named.any(|name| variables.contains(&name))
    }

    /// # Errors
    /// The first condition that does not hold, with the values it met.
    pub(super) fn judge(&self, facts: &Facts<'_>) -> Result<(), Fault> {
        for condition in &self.0 {
            let verdict = condition.evaluate(&|name| facts.get(name));
            if !verdict.holds() {
                return Err(Fault::new(FailureKind::Expect, verdict.explain()));
            }
        }
        Ok(())
    }
}

impl Facts<'_> {
    /// The names are those of [`EXPECT_VARIABLES`]. Without an answer there is no `ttl`.
    fn get(&self, name: &str) -> Option<Value> {
        let Self { response, .. } = self;
        match name {
            "rcode" => Some(Value::Text(rcode_name(response.rcode).into())),
            "answers" => Some(Value::Json(Arc::new(response.answers.as_slice().into()))),
            "ttl" => Some(Value::Int(response.ttl_min_s?.into())),
            "truncated" => Some(Value::Bool(self.truncated)),
            "authoritative" => Some(Value::Bool(response.authoritative)),
            "authenticated" => Some(Value::Bool(response.authenticated)),
            "latency" => Some(Value::Duration(self.latency)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(condition: &str, response: &Response) -> Result<(), String> {
        let facts = Facts {
            response,
            truncated: false,
            latency: Duration::from_millis(42),
        };
        let expectations = Expectations::try_new(&[condition.to_owned()]).unwrap();
        expectations.judge(&facts).map_err(|fault| fault.to_string())
    }

    fn two_addresses() -> Response {
        Response {
            authoritative: true,
            answers: vec!["192.0.2.1".to_owned(), "192.0.2.2".to_owned()],
            answer_count: 2,
            ttl_min_s: Some(60),
            ..Response::default()
        }
    }

    #[test]
    fn every_variable_can_be_asked() {
        for condition in [
            "rcode == 'NOERROR'",
            "'192.0.2.2' in answers && size(answers) == 2",
            "answers.all(a, a.startsWith('192.0.2.'))",
            "ttl >= 60",
            "!truncated && authoritative && !authenticated",
            "latency < duration('50ms')",
        ] {
            assert_eq!(judge(condition, &two_addresses()), Ok(()), "{condition}");
        }
        let facts = Facts {
            response: &two_addresses(),
            truncated: true,
            latency: Duration::ZERO,
        };
        for name in EXPECT_VARIABLES {
            assert!(facts.get(name).is_some(), "{name}");
        }
    }

    #[test]
    fn a_broken_condition_tells_what_was_there_instead() {
        let check = |condition: &str, message: &str| {
            assert_eq!(judge(condition, &two_addresses()), Err(message.to_owned()));
        };
        check("ttl > 300", "ttl > 300 (was 60)");
        check(
            "'192.0.2.9' in answers",
            r#"'192.0.2.9' in answers (was ["192.0.2.1","192.0.2.2"])"#,
        );
        let nothing = Response::default();
        assert_eq!(judge("ttl > 300", &nothing), Err("ttl is not known".to_owned()));
    }
}
