//! The conditions an answer must meet, in CEL.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use hyper::ext::ReasonPhrase;
use hyper::header::HeaderMap;
use hyper::http::response;
use probetop_core::expression::{CompileError, Evaluation, Expression, Value};
use probetop_core::sample::{FailureKind, Text, Word};

use super::document::Document;
use super::journey::{Journey, Reply};
use super::settings::{BODY, EXPECT_VARIABLES, TEXT};
use crate::source::aside::Effort;
use crate::source::attempt::Fault;

/// A target's conditions, in order. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct Expectations(Arc<[Expression]>);

impl Expectations {
    /// # Errors
    /// Names the condition that cannot be understood, and why.
    pub(super) fn try_new(sources: &[String]) -> Result<Self, String> {
        let compile = |source: &String| compile(source).map_err(|error| format!("expect {source:?}: {error}"));
        sources.iter().map(compile).collect::<Result<_, _>>().map(Self)
    }

    /// Whether any condition names `variable`.
    pub(super) fn mention(&self, variable: &str) -> bool {
        self.0
            .iter()
            .any(|condition| condition.references().any(|name| name == variable))
    }

    /// Whether any condition needs the body.
    pub(super) fn look_at_body(&self) -> bool {
        self.mention(BODY) || self.mention(TEXT)
    }

    /// How long it takes to judge `reply`.
    pub(super) fn effort(&self, reply: &Reply) -> Effort {
        effort(self.0.iter(), reply)
    }

    /// # Errors
    /// A status that no condition is about and that is not fine, or the first condition that does not hold.
    pub(super) fn judge(&self, facts: &Facts<'_>) -> Result<(), Fault> {
        let head = &facts.reply.head;
        let fine = head.status.is_success() || head.status.is_redirection();
        if !fine && !self.mention("status") {
            return Err(Fault::new(FailureKind::Status, status_line(head)));
        }
        self.judge_conditions(facts)
    }

    /// The first condition that does not hold, with the values it met.
    fn judge_conditions(&self, facts: &Facts<'_>) -> Result<(), Fault> {
        for condition in &*self.0 {
            let verdict = condition.evaluate(&|name| facts.get(name));
            if !verdict.holds() {
                let message = explain(condition, &verdict, &facts.document);
                return Err(Fault::new(FailureKind::Expect, message));
            }
        }
        Ok(())
    }
}

/// How long it takes to find out what `expressions` make of `reply`.
pub(super) fn effort<'a>(mut expressions: impl Iterator<Item = &'a Expression> + Clone, reply: &Reply) -> Effort {
    if expressions.clone().any(Expression::takes_its_time) {
        return Effort::Unknown;
    }
    let looks_at_body = expressions.any(|one| one.references().any(|name| name == BODY || name == TEXT));
    Effort::Bytes(if looks_at_body { reply.body.bytes.len() } else { 0 })
}

/// `503 Service Unavailable`, in the peer's words where it has its own.
fn status_line(head: &response::Parts) -> Text {
    let own = head.extensions.get::<ReasonPhrase>();
    let reason = match own {
        Some(own) => String::from_utf8_lossy(own.as_bytes()),
        None => head.status.canonical_reason().unwrap_or_default().into(),
    };
    Text::from(format!("{} {reason}", head.status.as_u16()))
}

/// Searching the body means its text, whatever the body is: `body.contains('UP')` holds of JSON as well.
///
/// # Errors
/// Says what is wrong with the condition, and where.
pub(super) fn compile(source: &str) -> Result<Expression, CompileError> {
    Expression::compile_searching(source, &EXPECT_VARIABLES, (BODY, TEXT))
}

/// Why the condition does not hold: its values, and what came where they are not those of a whole JSON body.
fn explain(condition: &Expression, verdict: &Evaluation, document: &Document<'_>) -> String {
    let mentions = |variable: &str| condition.references().any(|name| name == variable);
    match verdict {
        Evaluation::Error { .. } if mentions(BODY) => match document.why_no_json() {
            Some(why) => format!("{condition}: {why}"),
            None => verdict.explain(),
        },
        Evaluation::Fails { .. } | Evaluation::Error { .. } if mentions(BODY) || mentions(TEXT) => {
            match document.cut().or_else(|| document.unknown_character_set()) {
                Some(why) => format!("{}; {why}", verdict.explain()),
                None => verdict.explain(),
            }
        }
        Evaluation::Holds { .. }
        | Evaluation::Fails { .. }
        | Evaluation::Unknown { .. }
        | Evaluation::Error { .. }
        | Evaluation::TooLong { .. } => verdict.explain(),
    }
}

/// How an answer came.
#[derive(Clone, Debug, Default)]
pub(super) struct ResponseContext {
    protocol: Option<Word>,
    tls: Option<Word>,
    redirects: u8,
    latency: Duration,
}

impl ResponseContext {
    pub(super) fn of(journey: &Journey) -> Self {
        Self {
            protocol: journey.answer.protocol.clone(),
            tls: journey.answer.tls.clone(),
            redirects: journey.answer.redirects,
            latency: journey.watch.latency(),
        }
    }
}

/// What conditions ask for; the costly ones are made once, and only if asked.
pub(super) struct Facts<'a> {
    reply: &'a Reply,
    response: ResponseContext,
    headers: OnceCell<Value>,
    document: Document<'a>,
}

impl<'a> Facts<'a> {
    pub(super) const fn new(reply: &'a Reply, response: ResponseContext) -> Self {
        Self {
            reply,
            response,
            headers: OnceCell::new(),
            document: Document::new(reply),
        }
    }

    /// The names are those of [`EXPECT_VARIABLES`].
    pub(super) fn get(&self, name: &str) -> Option<Value> {
        let Self { reply, response, .. } = self;
        match name {
            "status" => Some(Value::Int(reply.head.status.as_u16().into())),
            "headers" => Some(self.headers.get_or_init(|| by_name(&reply.head.headers)).clone()),
            BODY => Some(self.document.value()),
            TEXT => Some(Value::Text(Arc::clone(self.document.text()))),
            "latency" => Some(Value::Duration(response.latency)),
            "protocol" => Some(Value::Text(response.protocol.as_ref()?.as_str().into())),
            "tls" => Some(Value::Text(response.tls.as_ref().map_or("", Word::as_str).into())),
            "redirects" => Some(Value::Int(response.redirects.into())),
            _ => None,
        }
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
        let response = ResponseContext {
            protocol: Some("HTTP/2".into()),
            latency: Duration::from_millis(42),
            ..ResponseContext::default()
        };
        let expectations = Expectations::try_new(&[condition.to_owned()]).unwrap();
        expectations
            .judge_conditions(&Facts::new(reply, response))
            .map_err(|fault| {
                assert_eq!(fault.kind, FailureKind::Expect);
                fault.to_string()
            })
    }

    #[test]
    fn every_name_that_is_allowed_is_known() {
        let reply = reply(200, &[], b"");
        let response = ResponseContext {
            protocol: Some("HTTP/1.1".into()),
            ..ResponseContext::default()
        };
        let facts = Facts::new(&reply, response);
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
    fn a_keyword_is_found_in_whatever_body_came() {
        let json = reply(200, &[], br#"{"status":"UP","db":"UP"}"#);
        for condition in [
            "body.contains('UP')",
            "!body.contains('error') && body.status == 'UP'",
            "text.contains('\"db\"')",
            "body.matches('\"db\":\"U.\"')",
            "body.startsWith('{') && body.endsWith('}')",
            "['UP', 'db'].all(word, body.contains(word))",
        ] {
            assert_eq!(judge(condition, &json), Ok(()), "{condition}");
        }
        assert_eq!(judge("body.contains('true')", &reply(200, &[], b"true")), Ok(()));
        assert_eq!(
            judge("body.contains('\"pong\"')", &reply(200, &[], b"\"pong\"")),
            Ok(())
        );
        assert_eq!(
            judge("body.contains('DOWN')", &json),
            Err("body.contains('DOWN') (was '{\"status\":\"UP\",\"db\":\"UP\"}')".to_owned())
        );
        // A name of one's own is left alone.
        assert_eq!(judge("['ab'].exists(body, body.contains('a'))", &json), Ok(()));
        assert_eq!(judge("'é' != '' && body.contains('UP')", &json), Ok(()));
    }

    #[test]
    fn where_json_was_wanted_what_came_is_told() {
        let html = reply(200, &[("content-type", "text/html")], b"<h1>down</h1>");
        assert_eq!(
            judge("body.status == 'UP'", &html),
            Err("body.status == 'UP': the body is not JSON but text/html: '<h1>down</h1>'".to_owned())
        );
        let mut cut = reply(200, &[], br#"{"pad":"xx"#);
        cut.body.truncated = true;
        cut.body.length = 10;
        let told = "the body was cut off after 10 bytes; raise body_limit_bytes";
        assert_eq!(
            judge("body.status == 'UP'", &cut),
            Err(format!("body.status == 'UP': {told}"))
        );
        assert_eq!(
            judge("text.contains('UP')", &cut),
            Err(format!("text.contains('UP') (was '{{\"pad\":\"xx'); {told}"))
        );
        let bom = reply(200, &[], b"\xef\xbb\xbf{\"status\":\"UP\"}");
        assert_eq!(judge("body.status == 'UP'", &bom), Ok(()));
    }

    #[test]
    fn a_condition_that_makes_no_sense_is_refused() {
        let error = Expectations::try_new(&["statuss == 200".to_owned()]).unwrap_err();
        assert!(error.starts_with("expect \"statuss == 200\": "), "{error}");
    }
}
