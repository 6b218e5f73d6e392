//! A request with `{{name}}` in it, to be filled in with what earlier steps captured.
//!
//! Placeholders may stand in any text of a request but its conditions, which are shown, and its host: a captured value
//! never decides whom it is sent to.

use std::collections::BTreeMap;

use probetop_core::setting::Finding;
use toml::{Table, Value};
use url::Url;

use crate::source::http::{self, Filled, encoded};
use crate::source::kind;

/// What is not filled in.
const CONDITIONS: &str = "expect";

/// A request that needs filling in.
#[derive(Clone)]
pub(super) struct Template {
    url: String,
    keys: Table,
}

impl Template {
    /// `None`: there is nothing to fill in.
    pub(super) fn of(url: &str, settings: &http::Settings) -> Option<Self> {
        let template = Self {
            url: url.to_owned(),
            keys: kind::table_of(settings),
        };
        let mut any = false;
        template.each_text(&mut |_, text| any |= placeholders(text).next().is_some());
        any.then_some(template)
    }

    /// Placeholders that `known` has no value for.
    pub(super) fn findings(&self, known: &[&str]) -> Vec<Finding> {
        let mut findings = Vec::new();
        self.each_text(&mut |path, text| {
            let unknown = placeholders(text).filter(|place| !known.contains(&place.name));
            findings.extend(unknown.map(|place| Finding {
                path: path.to_vec(),
                offset: place.start,
                message: format!("no earlier step captures {}{}", place.name, hint(known)),
            }));
        });
        findings
    }

    /// # Errors
    /// Says what of the result is not a request. Values are never quoted.
    pub(super) fn fill(&self, values: &BTreeMap<String, String>) -> Result<Filled, String> {
        let url = filled(&self.url, values, &|value| encoded(value));
        let url = Url::parse(&url).map_err(|error| format!("the URL with what was captured is none: {error}"))?;
        let mut keys = self.keys.clone();
        for (_, value) in keys.iter_mut().filter(|(key, _)| *key != CONDITIONS) {
            fill(value, values);
        }
        let settings = keys
            .try_into()
            .map_err(|_| "what was captured does not fit into the request")?;
        Ok((url, settings))
    }

    fn each_text(&self, look: &mut dyn FnMut(&[String], &str)) {
        look(&["url".to_owned()], &self.url);
        for (key, value) in self.keys.iter().filter(|(key, _)| *key != CONDITIONS) {
            visit(&mut vec![key.clone()], value, look);
        }
    }
}

fn hint(known: &[&str]) -> String {
    if known.is_empty() {
        return "; nothing is captured before it".to_owned();
    }
    format!("; captured are {}", known.join(", "))
}

fn visit(path: &mut Vec<String>, value: &Value, look: &mut dyn FnMut(&[String], &str)) {
    let mut below = |key: String, value: &Value| {
        path.push(key);
        visit(path, value, look);
        path.pop();
    };
    match value {
        Value::String(text) => look(path, text),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                below(index.to_string(), item);
            }
        }
        Value::Table(table) => {
            for (key, item) in table {
                below(key.clone(), item);
            }
        }
        Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) => {}
    }
}

fn fill(value: &mut Value, values: &BTreeMap<String, String>) {
    match value {
        Value::String(text) => *text = filled(text, values, &str::to_owned),
        Value::Array(items) => items.iter_mut().for_each(|item| fill(item, values)),
        Value::Table(table) => table.iter_mut().for_each(|(_, item)| fill(item, values)),
        Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) => {}
    }
}

/// `text` with every placeholder that has a value replaced by it.
fn filled(text: &str, values: &BTreeMap<String, String>, write: &dyn Fn(&str) -> String) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut done = 0;
    for place in placeholders(text) {
        if let Some(value) = values.get(place.name) {
            filled.push_str(&text[done..place.start]);
            filled.push_str(&write(value));
            done = place.end;
        }
    }
    filled + &text[done..]
}

/// Where a placeholder stands in the part of a URL that says whom to ask.
pub(super) fn in_authority(url: &str) -> Option<usize> {
    let begin = url.find("://").map_or(0, |at| at + "://".len());
    let end = url[begin..]
        .find(['/', '?', '#'])
        .map_or(url.len(), |length| begin + length);
    placeholders(url).map(|place| place.start).find(|start| *start < end)
}

/// One `{{name}}`, by byte offsets.
struct Placeholder<'a> {
    start: usize,
    end: usize,
    name: &'a str,
}

/// Two braces, a name and two braces; whatever else has braces, such as JSON, is text.
fn placeholders(text: &str) -> impl Iterator<Item = Placeholder<'_>> {
    text.match_indices('{').filter_map(move |(start, _)| {
        let inside = text[start..].strip_prefix("{{")?;
        let length = inside.find("}}")?;
        let name = inside[..length].trim();
        is_name(name).then_some(Placeholder {
            start,
            end: start + "{{".len() + length + "}}".len(),
            name,
        })
    })
}

/// What a captured value may be called.
pub(super) fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_text_is_filled_without_harm(text in "[{}a ä/:?]{0,30}") {
            let values = [("a".to_owned(), "{{a}}".to_owned())].into();
            let filled = filled(&text, &values, &str::to_owned);
            prop_assert!(filled.len() >= text.len() || text.contains("{{"));
            prop_assert!(in_authority(&text).is_none_or(|at| text.is_char_boundary(at)));
        }
    }

    fn check(text: &str, expected: &str) {
        let values = [("a", "1"), ("token", "x y")];
        let values = values.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        assert_eq!(filled(text, &values, &str::to_owned), expected, "{text}");
    }

    #[test]
    fn placeholders_are_names_in_two_braces() {
        check("Bearer {{token}}", "Bearer x y");
        check("{{a}}{{ a }}{{a}}", "111");
        check(r#"{"o":{"n":"{{a}}"}}"#, r#"{"o":{"n":"1"}}"#);
        check("{{{a}}}", "{1}");
        check("{{b}} {{a", "{{b}} {{a");
        check("{{}} {{a b}} {{1}} {a} ${a}", "{{}} {{a b}} {{1}} {a} ${a}");
        check("ä{{a}}ö", "ä1ö");
    }

    #[test]
    fn a_url_takes_values_encoded_and_conditions_take_none() {
        let settings = http::Settings {
            headers: [("authorization".to_owned(), "Bearer {{token}}".to_owned())].into(),
            body: Some("{{token}}".to_owned()),
            expect: vec!["body == '{{token}}'".to_owned()],
            ..http::Settings::default()
        };
        let template = Template::of("http://h/a/{{token}}?b={{token}}", &settings).unwrap();
        let values = [("token".to_owned(), "x/y z".to_owned())].into();
        let (url, settings) = template.fill(&values).unwrap();
        assert_eq!(url.as_str(), "http://h/a/x%2Fy%20z?b=x%2Fy%20z");
        assert_eq!(settings.headers["authorization"], "Bearer x/y z");
        assert_eq!(settings.body.as_deref(), Some("x/y z"));
        assert_eq!(settings.expect, ["body == '{{token}}'"]);
        let mut found: Vec<_> = template
            .findings(&["other"])
            .into_iter()
            .map(|f| f.path.join("."))
            .collect();
        found.sort();
        assert_eq!(found, ["body", "headers.authorization", "url", "url"]);
    }

    #[test]
    fn a_request_without_placeholders_is_no_template() {
        assert!(Template::of("http://h/{a}", &http::Settings::default()).is_none());
    }
}
