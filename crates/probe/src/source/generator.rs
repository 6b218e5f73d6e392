//! Load generators that tell of their run over HTTP: how many users, what rate, which failures, in which state.
//!
//! One that has not begun, or has ended, is not a service that fails (`presence`).
//!
//! What they say is read leniently: versions differ in what they leave out, and a figure that is missing is not a failure.

pub mod k6;
pub mod locust;
mod presence;

use std::collections::BTreeMap;

use probetop_core::sample::{Answer, Fact, Gauge};
use serde_json::Value;

use super::AddressFamily;
use super::idle::Connection;
use super::kind::Levels;
use super::page::PageSettings;

/// Bytes of an answer that are read. A run with a thousand endpoints says about 500 KiB.
pub const ANSWER_LIMIT_BYTES: u64 = 4 * 1024 * 1024;

/// Requests below which a share of failed ones is chance: of twenty, one is the critical 5 %.
const REQUESTS_NEEDED: f64 = 20.0;

/// Levels of a share of failed requests, as those of failed probes.
const FAILURE_LEVELS: Levels = Levels::new(0.01, 0.05);

/// How a generator is asked: it leads nowhere else.
fn page_settings(headers: &BTreeMap<String, String>, connection: Connection, ip: AddressFamily) -> PageSettings<'_> {
    PageSettings {
        headers,
        accept: "application/json",
        connection,
        ip,
        body_limit_bytes: ANSWER_LIMIT_BYTES,
        redirects: 0,
    }
}

/// What a generator told.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Told {
    pub gauges: Vec<Gauge>,
    pub facts: Vec<Fact>,
}

impl Told {
    /// Into an answer, in place of what else there is to measure of a page.
    fn add_to(self, answer: Option<&mut Answer>) {
        if let Some(answer) = answer {
            answer.gauges = self.gauges;
            answer.facts.extend(self.facts);
        }
    }

    /// With what was told elsewhere.
    fn and(mut self, other: Self) -> Self {
        self.gauges.extend(other.gauges);
        self.facts.extend(other.facts);
        self
    }

    /// Notes a figure, where there is one.
    fn gauge(&mut self, name: &str, value: Option<f64>) {
        if let Some(value) = value.filter(|value| value.is_finite()) {
            self.gauges.push(Gauge::new(name, value));
        }
    }

    fn fact(&mut self, name: &'static str, value: &str) {
        self.facts.push(Fact {
            name: name.into(),
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
