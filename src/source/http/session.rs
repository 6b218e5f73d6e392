//! Several requests in a row: what one answer gives that a later request needs.

use std::collections::BTreeMap;
use std::sync::Arc;

use url::Url;

use super::Http;
use super::cookies::{Cookies, Jar};
use super::expectation::Facts;
use super::journey::{Journey, Reply};
use super::request::Request;
use super::settings::{BODY, EXPECT_VARIABLES, Settings, TEXT};
use crate::clock::Timestamp;
use crate::expression::{CompileError, Expression, Value};
use crate::redact::Redactor;
use crate::sample::FailureKind;
use crate::source::Attempt;
use crate::source::attempt::{Fault, Stopwatch};

/// A longer value is no token, and would not fit into a request's head.
const CAPTURE_LIMIT_BYTES: usize = 16 * 1024;

/// What captures may name beside what conditions may: the cookies that were set so far, by name.
const COOKIES: &str = "cookies";

/// Where values come from, by the name they are given.
#[derive(Debug, Default)]
pub struct Captures(Vec<(String, Expression)>);

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

    /// Takes what `captures` want out of an answer, as far as it is there.
    fn capture(&mut self, captures: &Captures, reply: &Reply, journey: &Journey) -> Result<(), Fault> {
        let facts = Facts::new(reply, &journey.answer, journey.watch.latency());
        let jar = &self.jar;
        let resolve = |name: &str| match name {
            COOKIES => Some(Value::Map(Arc::new(jar.by_name()))),
            name => facts.get(name),
        };
        let mut result = Ok(());
        for (name, expression) in &captures.0 {
            let value = expression.value(&resolve).map_err(|why| why.to_string());
            let value = value.and_then(|value| match value.len() {
                0 => Err("is empty".to_owned()),
                1..=CAPTURE_LIMIT_BYTES => Ok(value),
                _ => Err(format!("is longer than {} KiB", CAPTURE_LIMIT_BYTES / 1024)),
            });
            match value {
                Ok(value) => drop(self.values.insert(name.clone(), value)),
                Err(why) if result.is_ok() => {
                    let message = format!("nothing to capture as {name}: {expression}: {why}");
                    result = Err(Fault::new(FailureKind::Expect, message));
                }
                Err(_) => {}
            }
        }
        result
    }

    /// Takes out of an attempt what it must not show: a peer may send back what it was sent.
    fn redact(&self, attempt: &mut Attempt) {
        let mut redactor = Redactor::default();
        let cookies = self.jar.by_name();
        for value in self.values.values().chain(cookies.values()) {
            redactor.learn(value);
        }
        redactor.cleanse_attempt(&mut attempt.outcome, attempt.answer.as_deref_mut());
    }
}

/// Percent-encoded, but for what RFC 3986, section 2.3, leaves as it is: fit for any part of a URL.
pub fn encoded(value: &str) -> String {
    let encode = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    value.bytes().map(encode).collect()
}

/// What a step asks instead of what its probe was made for.
pub type Filled = (Url, Settings);

impl Http {
    /// Uses the connections that `other` keeps, and leaves its own to it.
    pub fn sharing(mut self, other: &Self) -> Self {
        self.idle = Arc::clone(&other.idle);
        self
    }

    /// Keeps of answers what `captures` look at.
    pub fn capturing(mut self, captures: &Captures) -> Self {
        if captures.mention(BODY) || captures.mention(TEXT) {
            self.appetite.keep = super::body::Keep::Bytes;
        }
        self
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
        let mut attempt = match request {
            Ok(request) => {
                let first = request.as_ref().unwrap_or(&self.request);
                let (journey, reply) = self.go(first, &mut session.jar, deadline).await;
                let result = reply.and_then(|reply| {
                    // Captured first: what the answer is judged by may not show what is a secret from now on.
                    let captured = session.capture(captures, &reply, &journey);
                    let judged = self.judge(&reply, &journey);
                    judged.and(captured).map_err(Fault::after_all_phases)
                });
                self.conclude(journey, result)
            }
            Err(message) => {
                let fault = Fault::new(FailureKind::Expect, format!("not sent: {message}"));
                Stopwatch::start(&self.clock, deadline).finish(Err(fault.after_all_phases()), None)
            }
        };
        session.redact(&mut attempt);
        attempt
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
