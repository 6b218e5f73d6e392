//! The conditions an answer must meet, in CEL.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use hyper::header::HeaderMap;

use super::journey::Reply;
use super::settings::EXPECT_VARIABLES;
use crate::expression::{Expression, Value};
use crate::sample::{Answer, FailureKind};
use crate::source::attempt::Fault;

/// A target's conditions, in order.
#[derive(Debug, Default)]
pub struct Expectations(Vec<Expression>);

impl Expectations {
    /// # Errors
    /// Names the condition that cannot be understood, and why.
    pub fn try_new(sources: &[String]) -> Result<Self, String> {
        let compile = |source: &String| {
            Expression::compile(source, Some(&EXPECT_VARIABLES)).map_err(|error| format!("expect {source:?}: {error}"))
        };
        sources.iter().map(compile).collect::<Result<_, _>>().map(Self)
    }

    /// Whether any condition names `variable`.
    pub fn mention(&self, variable: &str) -> bool {
        self.0
            .iter()
            .any(|condition| condition.references().any(|name| name == variable))
    }

    /// # Errors
    /// The first condition that does not hold, with the values it met.
    pub fn judge(&self, reply: &Reply, answer: &Answer, latency: Duration) -> Result<(), Fault> {
        let facts = Facts::new(reply, answer, latency);
        for condition in &self.0 {
            let verdict = condition.evaluate(&|name| facts.get(name));
            if !verdict.holds() {
                return Err(Fault::new(FailureKind::Expect, verdict.explain()));
            }
        }
        Ok(())
    }
}

/// What conditions ask for; the costly ones are made once, and only if asked.
pub struct Facts<'a> {
    reply: &'a Reply,
    answer: &'a Answer,
    latency: Duration,
    headers: OnceCell<Value>,
    body: OnceCell<Value>,
}

impl<'a> Facts<'a> {
    pub const fn new(reply: &'a Reply, answer: &'a Answer, latency: Duration) -> Self {
        Self {
            reply,
            answer,
            latency,
            headers: OnceCell::new(),
            body: OnceCell::new(),
        }
    }

    /// The names are those of [`EXPECT_VARIABLES`].
    pub fn get(&self, name: &str) -> Option<Value> {
        let Self { reply, answer, .. } = self;
        match name {
            "status" => Some(Value::Int(reply.head.status.as_u16().into())),
            "headers" => Some(self.headers.get_or_init(|| by_name(&reply.head.headers)).clone()),
            "body" => Some(self.body.get_or_init(|| body(&reply.body.bytes)).clone()),
            "latency" => Some(Value::Duration(self.latency)),
            "protocol" => Some(Value::Text(answer.protocol?.into())),
            "tls" => Some(Value::Text(answer.tls.unwrap_or_default().into())),
            "redirects" => Some(Value::Int(answer.redirects.into())),
            _ => None,
        }
    }
}

fn body(bytes: &[u8]) -> Value {
    match serde_json::from_slice(bytes) {
        Ok(json) => Value::Json(Arc::new(json)),
        Err(_) => Value::Text(String::from_utf8_lossy(bytes).into()),
    }
}

/// Values of a header that came several times are joined as RFC 9110, section 5.2 has it.
fn by_name(headers: &HeaderMap) -> Value {
    let mut map = BTreeMap::<String, String>::new();
    for (name, value) in headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        map.entry(name.as_str().to_owned())
            .and_modify(|joined| {
                joined.push_str(", ");
                joined.push_str(&value);
            })
            .or_insert_with(|| value.into_owned());
    }
    Value::Map(Arc::new(map))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::http::body::Body;

    fn reply(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        let mut builder = hyper::Response::builder().status(status);
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        Reply {
            head: builder.body(()).unwrap().into_parts().0,
            body: Body {
                bytes: body.to_vec(),
                ..Body::default()
            },
        }
    }

    fn judge(condition: &str, reply: &Reply) -> Result<(), String> {
        let answer = Answer {
            protocol: Some("HTTP/2"),
            ..Answer::default()
        };
        let expectations = Expectations::try_new(&[condition.to_owned()]).unwrap();
        expectations
            .judge(reply, &answer, Duration::from_millis(42))
            .map_err(|fault| {
                assert_eq!(fault.kind, FailureKind::Expect);
                fault.to_string()
            })
    }

    #[test]
    fn every_name_that_is_allowed_is_known() {
        let (reply, answer) = (
            reply(200, &[], b""),
            Answer {
                protocol: Some("HTTP/1.1"),
                ..Answer::default()
            },
        );
        let facts = Facts {
            reply: &reply,
            answer: &answer,
            latency: Duration::ZERO,
            headers: OnceCell::new(),
            body: OnceCell::new(),
        };
        for name in EXPECT_VARIABLES {
            assert!(facts.get(name).is_some(), "{name}");
        }
    }

    #[test]
    fn every_variable_can_be_asked() {
        let reply = reply(
            201,
            &[("X-Id", "a"), ("x-id", "b")],
            br#"{"status": "ok", "items": [1, 2]}"#,
        );
        for condition in [
            "status == 201",
            "headers['x-id'] == 'a, b'",
            "body.status == 'ok' && size(body.items) == 2",
            "latency < duration('50ms')",
            "protocol == 'HTTP/2'",
            "tls == ''",
            "redirects == 0",
        ] {
            assert_eq!(judge(condition, &reply), Ok(()), "{condition}");
        }
    }

    #[test]
    fn a_broken_condition_tells_what_was_there_instead() {
        let json = reply(500, &[], br#"{"status": "down"}"#);
        assert_eq!(judge("status == 200", &json), Err("status == 200 (was 500)".to_owned()));
        assert_eq!(
            judge("body.status == 'ok'", &json),
            Err("body.status == 'ok' (was 'down')".to_owned())
        );
        assert!(judge("body.absent == 1", &json).is_err());
    }

    #[test]
    fn a_body_that_is_no_json_is_text() {
        assert_eq!(judge("body.contains('pong')", &reply(200, &[], b"ping pong")), Ok(()));
        assert_eq!(judge("body == 'caf\u{fffd}'", &reply(200, &[], b"caf\xe9")), Ok(()));
        let hostile = judge("body == 'x'", &reply(200, &[], b"\x1b[31mred")).unwrap_err();
        assert!(!hostile.contains('\x1b'), "{hostile:?}");
    }

    #[test]
    fn a_condition_that_makes_no_sense_is_refused() {
        let error = Expectations::try_new(&["statuss == 200".to_owned()]).unwrap_err();
        assert!(error.starts_with("expect \"statuss == 200\": "), "{error}");
    }
}
