//! Load generators that tell of their run over HTTP: how many users, what rate, which failures, in which state.
//!
//! One that has not begun, or has ended, is no service that fails (`presence`).
//!
//! What they say is read leniently: versions differ in what they leave out, and a figure that is missing is no failure.

pub mod k6;
pub mod locust;
mod presence;

use serde_json::Value;

use crate::sample::{Fact, Gauge};

/// Bytes of an answer that are read. A run with a thousand endpoints says about 500 KiB.
pub const ANSWER_LIMIT_BYTES: u64 = 4 * 1024 * 1024;

/// Requests below which a share of failed ones is chance: of twenty, one is the critical 5 %.
const REQUESTS_NEEDED: f64 = 20.0;

/// What a generator told.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Told {
    pub gauges: Vec<Gauge>,
    pub facts: Vec<Fact>,
}

impl Told {
    /// Notes a figure, where there is one.
    fn gauge(&mut self, name: &str, value: Option<f64>) {
        if let Some(value) = value.filter(|value| value.is_finite()) {
            self.gauges.push(Gauge::new(name, value));
        }
    }

    fn fact(&mut self, name: &'static str, value: &str) {
        self.facts.push(Fact {
            name,
            value: value.into(),
        });
    }
}

/// A number, where it is one.
fn number(value: Option<&Value>) -> Option<f64> {
    value.and_then(Value::as_f64)
}

/// A time that is told in milliseconds, in microseconds.
fn micros(millis: Option<f64>) -> Option<f64> {
    millis.map(|millis| millis * 1e3)
}
