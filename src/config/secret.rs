//! `${NAME}` in a configuration, and what must never be shown.
//!
//! A text that took a value from the environment is known in two forms: the real one, and the one people see, in which
//! `***` stands for that value. The value itself, and every other secret of the configuration, is told to a
//! [`Redactor`], which finds it in whatever is said.

use std::collections::BTreeMap;
use std::fmt;

use probetop_core::redact::Redactor;

use super::credential::{self, mask_url};
use super::place::{Place, places};

pub use probetop_core::redact::MASK;

/// Looks a name up in the environment; tests pass their own.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Real texts that hold a secret, and how they are shown.
#[derive(Clone, Default)]
pub struct Secrets {
    texts: BTreeMap<String, String>,
    redactor: Redactor,
}

/// What a text with `${NAME}` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Values are put in as they are.
    Plain,
    /// A URL: values are percent-encoded as their place in it asks for, so that they arrive as they are.
    Url,
}

/// A piece of a text.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece<'t> {
    Literal(&'t str),
    Variable(&'t str),
}

impl Secrets {
    /// Fills in every `${NAME}` of `text`; `$$` is a plain `$`.
    ///
    /// # Errors
    /// Says which name is not set, or where a brace is not closed.
    pub fn expand(&mut self, text: &str, form: Form, environment: Environment<'_>) -> Result<String, String> {
        let pieces = pieces(text)?;
        let places = match form {
            Form::Plain => vec![Place::Plain; pieces.len()],
            Form::Url => places(&pieces),
        };
        let (mut real, mut shown) = (String::with_capacity(text.len()), String::with_capacity(text.len()));
        for (piece, place) in pieces.iter().zip(places) {
            match piece {
                Piece::Literal(literal) => {
                    real.push_str(literal);
                    shown.push_str(literal);
                }
                Piece::Variable(name) => {
                    let value = environment(name).ok_or_else(|| {
                        format!("environment variable {name} is not set; export {name}=… before the start")
                    })?;
                    self.redactor.learn(&value);
                    real.push_str(&place.encoded(&value));
                    shown.push_str(MASK);
                }
            }
        }
        if shown != real {
            self.texts.insert(real.clone(), shown);
        }
        Ok(real)
    }

    /// From now on `secret`, which was written in the configuration itself, is shown nowhere.
    pub fn learn(&mut self, secret: &str) {
        self.redactor.learn(secret);
    }

    /// The same for the password of a URL, or of what was meant as one.
    pub fn learn_url(&mut self, url: &str) {
        for secret in credential::of_url(url) {
            self.redactor.learn(&secret);
        }
    }

    /// Whatever is said passes through this on its way in.
    pub const fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// `text` as people may see it.
    pub fn shown<'a>(&'a self, text: &'a str) -> &'a str {
        self.texts.get(text).map_or(text, String::as_str)
    }

    /// A message about such texts, with each of them as people may see it, and no secret in any other form.
    pub fn mask_message(&self, message: &str) -> String {
        // The longest first: one text may be part of another.
        let mut texts: Vec<_> = self.texts.iter().filter(|(real, _)| !real.is_empty()).collect();
        texts.sort_by_key(|(real, _)| std::cmp::Reverse(real.len()));
        let message = texts.into_iter().fold(message.to_owned(), |message, (real, shown)| {
            // Messages quote texts in Rust's way, in which some characters are escaped.
            let message = message.replace(real.as_str(), shown);
            message.replace(&real.escape_debug().to_string(), shown)
        });
        self.redactor.redacted(&message).unwrap_or(message)
    }

    /// `url` as people may see it: without password, and without what came from the environment.
    pub fn shown_url(&self, real: &str) -> String {
        mask_url(self.shown(real))
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({} masked)", self.texts.len())
    }
}

/// Takes a text apart at every `${NAME}`.
fn pieces(text: &str) -> Result<Vec<Piece<'_>>, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        pieces.push(Piece::Literal(before));
        if let Some(after) = after.strip_prefix('{') {
            let (name, after) = after
                .split_once('}')
                .ok_or("${ is not closed; write ${NAME}, or $$ for a plain $")?;
            if !is_name(name) {
                return Err(format!(
                    "${{{name}}} is not a variable name; write ${{NAME}}, or $$ for a plain $"
                ));
            }
            pieces.push(Piece::Variable(name));
            rest = after;
        } else {
            pieces.push(Piece::Literal("$"));
            rest = after.strip_prefix('$').unwrap_or(after);
        }
    }
    pieces.push(Piece::Literal(rest));
    Ok(pieces)
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_peer_says_back_is_redacted() {
        let environment = |name: &str| Some(if name == "A" { "s3cretToken" } else { "s3cr" }.to_owned());
        let mut secrets = Secrets::default();
        secrets.expand("Bearer ${A}, ${B}", Form::Plain, &environment).unwrap();
        secrets
            .expand("${SHORT}", Form::Plain, &|_| Some("at".to_owned()))
            .unwrap();
        let check =
            |said, expected: Option<&str>| assert_eq!(secrets.redactor().redacted(said).as_deref(), expected, "{said}");
        check(
            "500 authorization: Bearer s3cretToken at s3cr",
            Some("500 authorization: Bearer *** at ***"),
        );
        check("cannot resolve s3crettoken.invalid", Some("cannot resolve ***.invalid"));
        check("nothing at all", None);
    }

    fn environment(name: &str) -> Option<String> {
        match name {
            "TOKEN" => Some("s3cret".to_owned()),
            "EMPTY" => Some(String::new()),
            "QUOTED" => Some("a\"b".to_owned()),
            _ => None,
        }
    }

    fn check(text: &str, real: Result<&str, &str>, shown: &str) {
        let mut secrets = Secrets::default();
        let expanded = secrets.expand(text, Form::Plain, &environment);
        assert_eq!(expanded, real.map(str::to_owned).map_err(str::to_owned), "{text}");
        if let Ok(real) = expanded {
            assert_eq!(secrets.shown(&real), shown, "{text}");
        }
    }

    #[test]
    fn a_value_from_the_environment_is_filled_in_and_masked() {
        check("plain", Ok("plain"), "plain");
        check("Bearer ${TOKEN}", Ok("Bearer s3cret"), "Bearer ***");
        check("${TOKEN}${TOKEN}", Ok("s3crets3cret"), "******");
        check("a${EMPTY}b", Ok("ab"), "a***b");
        check(
            "$$5 and $5 and $${TOKEN}",
            Ok("$5 and $5 and ${TOKEN}"),
            "$5 and $5 and ${TOKEN}",
        );
        check("é${TOKEN}é$", Ok("és3creté$"), "é***é$");
    }

    #[test]
    fn what_cannot_be_filled_in_is_refused() {
        check(
            "${NOPE}",
            Err("environment variable NOPE is not set; export NOPE=… before the start"),
            "",
        );
        check(
            "${TOKEN",
            Err("${ is not closed; write ${NAME}, or $$ for a plain $"),
            "",
        );
        check(
            "${a b}",
            Err("${a b} is not a variable name; write ${NAME}, or $$ for a plain $"),
            "",
        );
        check(
            "${}",
            Err("${} is not a variable name; write ${NAME}, or $$ for a plain $"),
            "",
        );
    }

    #[test]
    fn messages_lose_the_longest_text_first() {
        let mut secrets = Secrets::default();
        secrets.expand("${TOKEN}", Form::Plain, &environment).unwrap();
        secrets.expand("Bearer ${TOKEN}", Form::Plain, &environment).unwrap();
        assert_eq!(
            secrets.mask_message("invalid \"Bearer s3cret\", s3cret"),
            "invalid \"Bearer ***\", ***"
        );
        secrets.expand("${QUOTED}", Form::Plain, &environment).unwrap();
        assert_eq!(
            secrets.mask_message(&format!("invalid {:?}", "a\"b")),
            "invalid \"***\""
        );
        secrets.expand("${EMPTY}", Form::Plain, &environment).unwrap();
        assert_eq!(secrets.mask_message("plain"), "plain");
        assert_eq!(format!("{secrets:?}"), "Secrets(4 masked)");
    }

    #[test]
    fn a_value_arrives_in_a_url_as_it_is() {
        const HOSTILE: &str = "p/w#1?a=b&c@d:e%41+ f\"é";
        let check = |template: &str, value: &str, expected: &str| {
            let mut secrets = Secrets::default();
            let url = secrets
                .expand(template, Form::Url, &|_| Some(value.to_owned()))
                .unwrap();
            assert_eq!(url, expected, "{template}");
            assert_eq!(secrets.shown(&url), template.replace("${V}", "***"), "{template}");
        };
        let encoded = "p%2Fw%231%3Fa%3Db%26c%40d%3Ae%2541%2B%20f%22%C3%A9";
        check("redis://:${V}@h:1/0", HOSTILE, &format!("redis://:{encoded}@h:1/0"));
        check("http://u:a${V}b@h/", HOSTILE, &format!("http://u:a{encoded}b@h/"));
        check("http://${V}:x@h/", HOSTILE, &format!("http://{encoded}:x@h/"));
        check("http://h/x?key=${V}", HOSTILE, &format!("http://h/x?key={encoded}"));
        check("http://h/x#${V}", HOSTILE, &format!("http://h/x#{encoded}"));
        check("http://h/${V}/y", "a/b ?c", "http://h/a/b%20%3Fc/y");
        check("http://${V}:80/y", "db.example", "http://db.example:80/y");
        check("http://u@${V}/y", "[::1]:80", "http://u@[::1]:80/y");
        // What stands for all of an address, a query or a URL is one.
        check("http://${V}/y", "u:p@h:80/x", "http://u:p@h:80/x/y");
        check("http://h/x?${V}", "a=1&b=2", "http://h/x?a=1&b=2");
        check("${V}", "http://u:p@h/", "http://u:p@h/");
        check("${V}/health", "http://h", "http://h/health");
    }
}
