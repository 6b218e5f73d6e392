//! A body as conditions see it: as text in its own character set, and as JSON where it is that.

use std::cell::OnceCell;
use std::sync::Arc;

use encoding_rs::{Encoding, UTF_8};
use hyper::header::{self, HeaderMap};
use probetop_core::expression::Value;
use probetop_core::sample::Text;

use super::journey::Reply;

/// Where a page names its own character set, it does so at its beginning (HTML, section 4.2.5.4).
const PROLOGUE_BYTES: usize = 1024;

/// So much of a body says what it is.
const SHOWN_CHARACTERS: usize = 60;

/// A body, read in each way once and only if asked.
pub(super) struct Document<'a> {
    reply: &'a Reply,
    text: OnceCell<Arc<str>>,
    json: OnceCell<Result<Arc<serde_json::Value>, String>>,
}

impl<'a> Document<'a> {
    pub(super) const fn new(reply: &'a Reply) -> Self {
        Self {
            reply,
            text: OnceCell::new(),
            json: OnceCell::new(),
        }
    }

    /// As text, without the mark of its byte order; what is not of its character set becomes U+FFFD.
    pub(super) fn text(&self) -> &Arc<str> {
        self.text.get_or_init(|| {
            let bytes = &self.reply.body.bytes;
            let (text, _, _) = character_set(&self.reply.head.headers, bytes).decode(bytes);
            text.into()
        })
    }

    fn json(&self) -> &Result<Arc<serde_json::Value>, String> {
        self.json.get_or_init(|| {
            serde_json::from_str(self.text())
                .map(Arc::new)
                .map_err(|error| error.to_string())
        })
    }

    /// As JSON, else as text.
    pub(super) fn value(&self) -> Value {
        match self.json() {
            Ok(json) => Value::Json(Arc::clone(json)),
            Err(_) => Value::Text(Arc::clone(self.text())),
        }
    }

    /// Why a condition that looks into JSON finds none; `None`: it is JSON.
    pub(super) fn why_no_json(&self) -> Option<String> {
        let why = self.json().as_ref().err()?;
        if let Some(cut) = self.cut() {
            return Some(cut);
        }
        let headers = &self.reply.head.headers;
        let kind = headers
            .get(header::CONTENT_TYPE)
            .map(|kind| Text::clean_bytes(kind.as_bytes()));
        if let Some(unknown) = self.unknown_character_set() {
            return Some(format!("the body is not JSON: {unknown}"));
        }
        let text = self.text();
        if text.trim().is_empty() {
            return Some("the body is empty".to_owned());
        }
        Some(match kind {
            // It was meant to be: the place of the error helps.
            Some(kind) if kind.as_str().contains("json") => format!("the body is not JSON: {why}: {}", shown(text)),
            Some(kind) => format!("the body is not JSON but {kind}: {}", shown(text)),
            None => format!("the body is not JSON: {}", shown(text)),
        })
    }

    /// That it is of a character set that is not known, if so, and so read as UTF-8.
    pub(super) fn unknown_character_set(&self) -> Option<String> {
        let kind = self.reply.head.headers.get(header::CONTENT_TYPE)?;
        let label =
            label(kind.as_bytes(), "charset=").filter(|label| Encoding::for_label(label.as_bytes()).is_none())?;
        let label = Text::clean(&label);
        Some(format!(
            "its character set, {label}, is not known, and it was read as UTF-8"
        ))
    }

    /// That there was more of it, if so.
    pub(super) fn cut(&self) -> Option<String> {
        let body = &self.reply.body;
        let read = body.length.max(body.bytes.len() as u64);
        body.truncated
            .then(|| format!("the body was cut off after {read} bytes; raise body_limit_bytes"))
    }
}

fn shown(text: &str) -> String {
    let mut shown: String = text.trim_start().chars().take(SHOWN_CHARACTERS).collect();
    if shown.len() < text.trim_start().len() {
        shown.push('…');
    }
    format!("'{shown}'")
}

/// What the head says, or the page about itself. A mark of byte order, which tells most, is the decoder's own to find.
fn character_set(headers: &HeaderMap, bytes: &[u8]) -> &'static Encoding {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .map(|kind| kind.as_bytes())
        .unwrap_or_default();
    if let Some(named) = named(kind, &["charset="]) {
        return named;
    }
    let kind = kind.to_ascii_lowercase();
    let of = |part: &[u8]| kind.windows(part.len()).any(|window| window == part);
    if of(b"html") || of(b"xml") {
        let prologue = bytes.get(..PROLOGUE_BYTES).unwrap_or(bytes);
        if let Some(named) = named(prologue, &["charset=", "encoding="]) {
            return named;
        }
    }
    UTF_8
}

/// The character set behind one of `keys`, in quotation marks or without.
fn named(within: &[u8], keys: &[&str]) -> Option<&'static Encoding> {
    keys.iter()
        .find_map(|key| Encoding::for_label(label(within, key)?.as_bytes()))
}

fn label(within: &[u8], key: &str) -> Option<String> {
    let within = String::from_utf8_lossy(within).to_ascii_lowercase();
    let (_, label) = within.split_once(key)?;
    let label = label.trim_start_matches(['"', '\'', ' ']);
    let end = label.find(['"', '\'', ';', ' ', '>', '/', '?']).unwrap_or(label.len());
    Some(label.get(..end)?.to_owned()).filter(|label| !label.is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::body::Body;
    use super::*;

    fn reply(kind: &str, body: &[u8], truncated: bool) -> Reply {
        let builder = hyper::Response::builder();
        let builder = if kind.is_empty() {
            builder
        } else {
            builder.header("content-type", kind)
        };
        Reply {
            head: builder.body(()).unwrap().into_parts().0,
            body: Body {
                bytes: body.to_vec(),
                length: body.len() as u64,
                truncated,
            },
        }
    }

    #[test]
    fn a_body_is_read_in_its_own_character_set() {
        let check = |kind: &str, body: &[u8], expected: &str| {
            let reply = reply(kind, body, false);
            assert_eq!(&**Document::new(&reply).text(), expected, "{kind} {body:?}");
        };
        check("text/html; charset=iso-8859-1", b"caf\xe9", "café");
        check("text/plain; Charset=\"windows-1252\"", b"caf\xe9", "café");
        check("text/plain;charset=Shift_JIS", b"\x83e\x83X\x83g", "テスト");
        check("", b"\xef\xbb\xbfpong", "pong");
        check("application/json", b"\xff\xfe{\0}\0", "{}");
        check("application/json; charset=utf-16be", b"\0{\0}", "{}");
        check("text/html", b"<meta charset=latin1>\xe9", "<meta charset=latin1>é");
        let xml = b"<?xml version='1.0' encoding='iso-8859-15'?>\xa4";
        check("application/xml", xml, "<?xml version='1.0' encoding='iso-8859-15'?>€");
        check("text/plain; charset=klingon", "é".as_bytes(), "é");
        check("text/plain", b"caf\xe9", "caf\u{fffd}");
    }

    #[test]
    fn what_is_no_json_says_what_it_is_instead() {
        let check = |kind: &str, body: &[u8], truncated, expected: Option<&str>| {
            let reply = reply(kind, body, truncated);
            assert_eq!(Document::new(&reply).why_no_json().as_deref(), expected);
        };
        check("text/plain", b"\xef\xbb\xbf {\"a\": 1}", false, None);
        check(
            "text/html",
            b"<h1>down for maintenance</h1>",
            false,
            Some("the body is not JSON but text/html: '<h1>down for maintenance</h1>'"),
        );
        check(
            "application/json",
            b"{\"load\":NaN}",
            false,
            Some("the body is not JSON: expected value at line 1 column 9: '{\"load\":NaN}'"),
        );
        check(
            "application/json",
            b"{\"a\":",
            true,
            Some("the body was cut off after 5 bytes; raise body_limit_bytes"),
        );
        check("", b" ", false, Some("the body is empty"));
        let unknown = "the body is not JSON: its character set, utf-32, is not known, and it was read as UTF-8";
        check(
            "application/json; charset=UTF-32",
            b"{\0\0\0}\0\0\0",
            false,
            Some(unknown),
        );
        check("application/json; charset=klingon", b"{}", false, None);
    }
}
