//! Several requests in a row: what one answer gives that a later request needs.

use std::collections::BTreeMap;
use std::sync::Arc;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use probetop_core::clock::Timestamp;
use probetop_core::expression::{CompileError, Expression, Value};
use probetop_core::redact::Redactor;
use probetop_core::sample::{Failure, FailureKind};
use url::Url;

use super::Http;
use super::cookies::{Cookies, Jar};
use super::expectation::{self, Facts, ResponseContext};
use super::journey::{Journey, Reply};
use super::request::Request;
use super::settings::{BODY, EXPECT_VARIABLES, Settings, TEXT};
use crate::source::Attempt;
use crate::source::aside::{Effort, aside};
use crate::source::attempt::{Fault, Stopwatch};

/// A longer value is not a token, and would not fit into a request's head.
const CAPTURE_LIMIT_BYTES: usize = 16 * 1024;

/// What captures may name beside what conditions may: the cookies that were set so far, by name.
const COOKIES: &str = "cookies";

/// Forms in which a secret is looked for, at most.
const SECRET_FORMS: usize = 8;

/// Where values come from, by the name they are given. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Captures(Arc<[(String, Expression)]>);

impl Captures {
    /// # Errors
    /// The name whose expression cannot be understood, and why.
    pub fn try_new(sources: &BTreeMap<String, String>) -> Result<Self, (String, CompileError)> {
        let known: Vec<&str> = EXPECT_VARIABLES.into_iter().chain([COOKIES]).collect();
        let compile = |(name, source): (&String, &String)| match Expression::compile_value(source, Some(&known)) {
            Ok(expression) => Ok((name.clone(), expression)),
            Err(error) => Err((name.clone(), error)),
        };
        sources.iter().map(compile).collect::<Result<_, _>>().map(Self)
    }

    fn mention(&self, variable: &str) -> bool {
        let mut expressions = self.0.iter().map(|(_, expression)| expression);
        expressions.any(|expression| expression.references().any(|name| name == variable))
    }

    /// What an answer gives, as far as it is there, and what is missing first.
    fn take(
        &self,
        facts: &Facts<'_>,
        cookies: &Arc<BTreeMap<String, String>>,
    ) -> (BTreeMap<String, String>, Result<(), Fault>) {
        let resolve = |name: &str| match name {
            COOKIES => Some(Value::Map(Arc::clone(cookies))),
            name => facts.get(name),
        };
        let mut values = BTreeMap::new();
        let mut result = Ok(());
        for (name, expression) in &*self.0 {
            let value = expression.value(&resolve).map_err(|why| why.to_string());
            let value = value.and_then(|value| match value.len() {
                0 => Err("is empty".to_owned()),
                1..=CAPTURE_LIMIT_BYTES => Ok(value),
                _ => Err(format!("is longer than {} KiB", CAPTURE_LIMIT_BYTES / 1024)),
            });
            match value {
                Ok(value) => drop(values.insert(name.clone(), value)),
                Err(why) if result.is_ok() => {
                    let message = format!("nothing to capture as {name}: {expression}: {why}");
                    result = Err(Fault::new(FailureKind::Expect, message));
                }
                Err(_) => {}
            }
        }
        (values, result)
    }
}

/// What one run has gathered: secrets, all of it, so there is no `Debug`.
pub struct Session {
    pub values: BTreeMap<String, String>,
    jar: Jar,
}

impl Session {
    pub const fn new(cookies: Cookies) -> Self {
        Self {
            values: BTreeMap::new(),
            jar: Jar::new(cookies),
        }
    }

    /// The attempt without what it must not show: a peer may send back what it was sent.
    async fn redacted(&self, mut attempt: Attempt) -> Attempt {
        let cookies = self.jar.by_name();
        let secrets: Vec<_> = self.values.values().chain(cookies.values()).cloned().collect();
        let bytes: usize = secrets.iter().map(String::len).sum();
        aside(Effort::Bytes(bytes.saturating_mul(SECRET_FORMS)), move || {
            let mut redactor = Redactor::default();
            secrets.iter().for_each(|secret| redactor.learn(secret));
            redactor.cleanse_attempt(&mut attempt.outcome, attempt.answer.as_deref_mut());
            attempt
        })
        .await
    }
}

/// What RFC 3986, section 2.3, leaves as it is beside letters and digits.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Percent-encoded, fit for any part of a URL.
pub fn encoded(value: &str) -> String {
    utf8_percent_encode(value, ENCODED).to_string()
}

/// What a step asks instead of what its probe was made for.
pub type Filled = (Url, Settings);

impl Http {
    /// Uses the connections that `other` keeps, and leaves its own to it.
    pub fn sharing(mut self, other: &Self) -> Self {
        self.pool = self.pool.sharing(&other.pool);
        self
    }

    /// Keeps of answers what `captures` look at.
    pub fn capturing(self, captures: &Captures) -> Self {
        if captures.mention(BODY) || captures.mention(TEXT) {
            self.keeping_body()
        } else {
            self
        }
    }

    /// One request of `session`: its cookies go along, and what the answer gives stays there.
    pub async fn ask(
        &self,
        filled: Option<&Filled>,
        captures: &Captures,
        session: &mut Session,
        deadline: Timestamp,
    ) -> Attempt {
        let request = filled
            .map(|(url, settings)| Request::try_new(url, settings))
            .transpose();
        let attempt = match request {
            Ok(request) => {
                let first = request.as_ref().unwrap_or(&self.plan.request);
                let (journey, reply) = self.go(first, &mut session.jar, deadline).await;
                let result = match reply {
                    Ok(reply) => self.settle(reply, &journey, captures, session).await,
                    Err(failure) => Err(failure),
                };
                self.conclude(journey, result)
            }
            Err(message) => {
                let fault = Fault::new(FailureKind::Expect, format!("not sent: {message}"));
                Stopwatch::start(&self.clock, deadline).finish(Err(fault.after_all_phases()), None)
            }
        };
        session.redacted(attempt).await
    }

    /// Takes what `captures` want out of the answer into `session`, and judges it.
    async fn settle(
        &self,
        reply: Reply,
        journey: &Journey,
        captures: &Captures,
        session: &mut Session,
    ) -> Result<(), Failure> {
        let response = ResponseContext::of(journey);
        let cookies = Arc::new(session.jar.by_name());
        let (captures, expectations) = (captures.clone(), self.plan.expectations.clone());
        let expressions = captures.0.iter().map(|(_, expression)| expression);
        let effort = expectation::effort(expressions, &reply).max(expectations.effort(&reply));
        let work = move || {
            let facts = Facts::new(&reply, response);
            let (values, captured) = captures.take(&facts, &cookies);
            (values, expectations.judge(&facts).and(captured))
        };
        let (values, result) = aside(effort, work).await;
        session.values.extend(values);
        result.map_err(Fault::after_all_phases)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_encoded_for_any_part_of_a_url() {
        assert_eq!(encoded("a-Z_0.~"), "a-Z_0.~");
        assert_eq!(encoded("a/b?c=d&e f%ä"), "a%2Fb%3Fc%3Dd%26e%20f%25%C3%A4");
    }
}
