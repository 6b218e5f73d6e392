//! What a DNS target may say about itself, in its URL and its keys.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use probetop_core::expression::{Evaluation, Expression, Value};
use probetop_core::setting::Finding;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::{Url, form_urlencoded};

use super::message::Question;
use super::name::Name;
use super::record::RecordType;
use super::resolver::{PORT, Resolver};
use crate::source::{AddressFamily, endpoint, resolve};

/// Names that `expect` may use: rcode (text, such as NOERROR), answers (list of texts), ttl (number, the least, in
/// seconds), truncated, authoritative and authenticated (true or false), latency (duration).
pub const EXPECT_VARIABLES: [&str; 7] = [
    "rcode",
    "answers",
    "ttl",
    "truncated",
    "authoritative",
    "authenticated",
    "latency",
];

/// The keys of a `dns://` target beside those that every target has.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Record type to ask for, `A` when left out; `?type=MX` in the URL says the same.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub record: Option<RecordType>,
    /// How the resolver is asked: `udp`, and `tcp` only when the answer does not fit; or `tcp` at once.
    pub transport: Transport,
    /// IP version by which the resolver is asked: `any`, `4` or `6`.
    pub ip: AddressFamily,
    /// Conditions (CEL) that the answer must meet.
    pub expect: Vec<String>,
}

/// How the resolver is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    #[default]
    Udp,
    Tcp,
}

impl fmt::Debug for Settings {
    /// Conditions may hold what came from the environment.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("type", &self.record)
            .field("transport", &self.transport)
            .field("ip", &self.ip)
            .field("expectations", &self.expect.len())
            .finish()
    }
}

/// The name above all names.
const ROOT: &str = ".";

/// What is asked of whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lookup {
    pub resolver: Resolver,
    pub question: Question,
}

impl Settings {
    /// Reads the URL.
    ///
    /// # Errors
    /// Says what is wrong with it, or where it and the keys contradict each other.
    pub fn lookup(&self, url: &Url) -> Result<Lookup, Finding> {
        let wrong = |message: String| Finding::new("url", message);
        let record = self.record(url)?;
        let path = url.path().strip_prefix('/').unwrap_or_default();
        // A URL has no path that is a dot alone: that and none are the same. Who says the type means the root.
        let says_type = self.record.is_some() || url.query().is_some();
        let path = if path.is_empty() && says_type { ROOT } else { path };
        if path.is_empty() || path.contains('/') {
            let host = url.host_str().unwrap_or_default();
            return Err(wrong(format!(
                "a lookup has one name; write for example dns://{host}/www.example.com"
            )));
        }
        let question = Question {
            name: Name::parse(&decoded(path), record).map_err(wrong)?,
            record,
        };
        let resolver = self.resolver(url).map_err(wrong)?;
        Ok(Lookup { resolver, question })
    }

    fn resolver(&self, url: &Url) -> Result<Resolver, String> {
        if url.host_str().is_none_or(str::is_empty) {
            return Ok(Resolver::System);
        }
        let host = endpoint::host_of(url)?;
        resolve::check(&host, self.ip)?;
        match url.port().unwrap_or(PORT) {
            0 => Err("port 0 cannot be asked; use 1 to 65535, or none for 53".to_owned()),
            port => Ok(Resolver::At { host, port }),
        }
    }

    fn record(&self, url: &Url) -> Result<RecordType, Finding> {
        let mut record = self.record;
        for (key, value) in url.query_pairs() {
            if key != "type" {
                let message = format!("there is no {key:?} in the URL of a lookup; write for example ?type=MX");
                return Err(Finding::new("url", message));
            }
            if record.is_some() {
                let message = "the record type is given twice; keep one of the key `type` and ?type= in the URL";
                return Err(Finding::new("url", message));
            }
            record = Some(RecordType::parse(&value).map_err(|message| Finding::new("url", message))?);
        }
        Ok(record.unwrap_or_default())
    }

    /// What is wrong with the conditions.
    pub fn condition_findings(&self) -> impl Iterator<Item = Finding> {
        let conditions = self.expect.iter().enumerate();
        conditions.filter_map(|(index, condition)| Some(check_condition(condition).err()?.item(index)))
    }
}

/// Compiles a condition and tries it on an answer whose records are not known, so that `ttl > duration('5s')` is found
/// before the first probe.
fn check_condition(condition: &str) -> Result<(), Finding> {
    let expression = Expression::compile(condition, Some(&EXPECT_VARIABLES))
        .map_err(|error| Finding::new("expect", error.message).at(error.offset))?;
    let plausible = |name: &str| match name {
        "rcode" => Some(Value::Text("NOERROR".into())),
        "ttl" => Some(Value::Int(300)),
        "truncated" | "authoritative" | "authenticated" => Some(Value::Bool(false)),
        "latency" => Some(Value::Duration(Duration::from_millis(1))),
        _ => None,
    };
    match expression.evaluate(&plausible) {
        Evaluation::Error { message } => Err(Finding::new("expect", message.as_str())),
        Evaluation::Holds { .. }
        | Evaluation::Fails { .. }
        | Evaluation::Unknown { .. }
        | Evaluation::TooLong { .. } => Ok(()),
    }
}

/// A path without its percent escapes. Names have none of the other signs that mean something in a form.
fn decoded(path: &str) -> Cow<'_, str> {
    form_urlencoded::parse(path.as_bytes())
        .next()
        .map_or(Cow::Borrowed(path), |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Resolver, name and type in one line.
    fn check(url: &str, settings: &Settings, expected: Result<&str, &str>) {
        let lookup = settings.lookup(&Url::parse(url).unwrap());
        let lookup = lookup.map(|Lookup { resolver, question }| {
            let resolver = match resolver {
                Resolver::System => "system".to_owned(),
                Resolver::At { host, port } => format!("{host}:{port}"),
            };
            format!("{resolver} {} {}", question.name, question.record.name())
        });
        let lookup = lookup.map_err(|finding| finding.message);
        assert_eq!(lookup, expected.map(str::to_owned).map_err(str::to_owned), "of {url}");
    }

    #[test]
    fn a_url_says_whom_to_ask_for_what() {
        let plain = Settings::default();
        check("dns://192.0.2.1/example.com", &plain, Ok("192.0.2.1:53 example.com A"));
        check(
            "dns://[::1]:5353/example.com?type=mx",
            &plain,
            Ok("[::1]:5353 example.com MX"),
        );
        check(
            "dns:///b%C3%BCcher.example",
            &plain,
            Ok("system xn--bcher-kva.example A"),
        );
        check(
            "dns://resolver.example/192.0.2.7?type=PTR",
            &plain,
            Ok("resolver.example:53 7.2.0.192.in-addr.arpa PTR"),
        );
        check("dns://192.0.2.1/.?type=NS", &plain, Ok("192.0.2.1:53 . NS"));
        check("dns://192.0.2.1/?type=SOA", &plain, Ok("192.0.2.1:53 . SOA"));
        let txt = Settings {
            record: Some(RecordType::Txt),
            ..Settings::default()
        };
        check("dns:///example.com", &txt, Ok("system example.com TXT"));
        check(
            "dns:///example.com?type=A",
            &txt,
            Err("the record type is given twice; keep one of the key `type` and ?type= in the URL"),
        );
    }

    #[test]
    fn a_url_that_says_less_or_more_is_refused() {
        let plain = Settings::default();
        let no_name = "a lookup has one name; write for example dns://192.0.2.1/www.example.com";
        check("dns://192.0.2.1", &plain, Err(no_name));
        check("dns://192.0.2.1/", &plain, Err(no_name));
        check("dns://192.0.2.1/a.example/b", &plain, Err(no_name));
        check(
            "dns://192.0.2.1/a.example?class=CH",
            &plain,
            Err("there is no \"class\" in the URL of a lookup; write for example ?type=MX"),
        );
        check(
            "dns://192.0.2.1/a.example?type=ANY",
            &plain,
            Err("\"ANY\" is not a record type that can be asked for; known are A AAAA CNAME MX NS TXT SOA SRV PTR CAA"),
        );
        check(
            "dns://192.0.2.1:0/a.example",
            &plain,
            Err("port 0 cannot be asked; use 1 to 65535, or none for 53"),
        );
        check(
            "dns://192.0.2.1/192.0.2.2",
            &plain,
            Err("192.0.2.2 is an address, not a name; ask for its PTR record"),
        );
    }

    #[test]
    fn a_condition_is_tried_before_the_first_probe() {
        let check = |condition: &str, is_fine: bool| {
            let settings = Settings {
                expect: vec![condition.to_owned()],
                ..Settings::default()
            };
            assert_eq!(settings.condition_findings().next().is_none(), is_fine, "{condition}");
        };
        check("'192.0.2.1' in answers", true);
        check("answers[3] == 'x' && ttl > 5", true);
        check("ttl > duration('5s')", false);
        check("answer == 'x'", false);
        check("rcode ==", false);
    }
}
