//! The body of a request: one of four ways to write it, with the content type that follows from it.

use std::path::Path;

use hyper::body::Bytes;
use probetop_core::setting::Finding;
use url::form_urlencoded;

use super::settings::Settings;
use crate::file;
use crate::source::attempt;

/// A request's body is held in memory for as long as its target is watched.
const FILE_LIMIT_BYTES: u64 = 16 * 1024 * 1024;

/// How a date in TOML shows itself to a reader that knows none.
const TOML_DATE: &str = "$__toml_private_datetime";

/// What is sent.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Content {
    pub bytes: Bytes,
    /// `None`: nothing is known of it.
    pub media_type: Option<&'static str>,
}

impl Content {
    /// # Errors
    /// Says why the file cannot be read, or what JSON does not have.
    pub(super) fn of(settings: &Settings) -> Result<Self, String> {
        if let Some(file) = &settings.body_file {
            let media_type = None;
            return read(file).map(|bytes| Self { bytes, media_type });
        }
        if let Some(json) = &settings.json {
            return Ok(Self {
                bytes: json.to_string().into(),
                media_type: Some("application/json"),
            });
        }
        if !settings.form.is_empty() {
            let fields = form_urlencoded::Serializer::new(String::new())
                .extend_pairs(&settings.form)
                .finish();
            return Ok(Self {
                bytes: fields.into(),
                media_type: Some("application/x-www-form-urlencoded"),
            });
        }
        Ok(Self {
            bytes: settings.body.clone().unwrap_or_default().into(),
            media_type: None,
        })
    }
}

/// What is wrong with the keys that make the body.
pub(super) fn findings(settings: &Settings) -> Vec<Finding> {
    let mut findings = Vec::new();
    let ways = [
        ("body", settings.body.is_some()),
        ("body_file", settings.body_file.is_some()),
        ("json", settings.json.is_some()),
        ("form", !settings.form.is_empty()),
    ];
    let mut chosen = ways.iter().filter(|(_, chosen)| *chosen).map(|(key, _)| key);
    if let (Some(first), Some(second)) = (chosen.next(), chosen.next()) {
        let message = format!("{first} and {second} both give the body; remove one of the two");
        findings.push(Finding::new(second, message));
    }
    if let Some(Err(message)) = settings.body_file.as_deref().map(read) {
        findings.push(Finding::new("body_file", message));
    }
    if settings.json.as_ref().is_some_and(has_date) {
        let message = "json holds a date, which JSON does not have; write it in quotes";
        findings.push(Finding::new("json", message));
    }
    findings
}

fn read(path: &Path) -> Result<Bytes, String> {
    let read = file::read(path, FILE_LIMIT_BYTES);
    read.map(Bytes::from).map_err(|error| {
        format!(
            "body_file {} cannot be read: {}",
            path.display(),
            attempt::reason(&error)
        )
    })
}

fn has_date(json: &serde_json::Value) -> bool {
    match json {
        serde_json::Value::Object(entries) => entries.iter().any(|(key, value)| key == TOML_DATE || has_date(value)),
        serde_json::Value::Array(items) => items.iter().any(has_date),
        _text_or_number => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(toml: &str) -> Settings {
        toml::from_str(toml).unwrap()
    }

    fn check(toml: &str, body: &str, media_type: Option<&'static str>) {
        let content = Content::of(&settings(toml)).unwrap();
        assert_eq!(content.bytes, body, "{toml}");
        assert_eq!(content.media_type, media_type, "{toml}");
    }

    #[test]
    fn a_body_is_written_in_one_of_four_ways() {
        check("", "", None);
        check("body = 'ping'", "ping", None);
        let json = Some("application/json");
        check(
            "json = { sku = 7, tags = ['a', true], price = 1.5 }",
            r#"{"sku":7,"tags":["a",true],"price":1.5}"#,
            json,
        );
        check("json = 'ping'", "\"ping\"", json);
        let form = Some("application/x-www-form-urlencoded");
        check("form = { user = 'a b', 'ü' = '&=' }", "user=a+b&%C3%BC=%26%3D", form);
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), [0, 159]).unwrap();
        let read = settings(&format!("body_file = '{}'", file.path().display()));
        assert_eq!(Content::of(&read).unwrap().bytes.as_ref(), [0, 159]);
    }

    #[test]
    fn what_cannot_be_sent_is_found() {
        let check = |toml: &str, expected: &str| {
            let found: Vec<_> = findings(&settings(toml))
                .into_iter()
                .map(|found| found.message)
                .collect();
            assert_eq!(found, [expected], "{toml}");
        };
        check(
            "body = ''\nform = { a = 'b' }",
            "body and form both give the body; remove one of the two",
        );
        check(
            "json = { day = [2026-01-02] }",
            "json holds a date, which JSON does not have; write it in quotes",
        );
        check(
            "body_file = '/absent'",
            "body_file /absent cannot be read: no such file or directory",
        );
        check(
            "body_file = '/'",
            "body_file / cannot be read: it is not a regular file",
        );
    }
}
