//! `${NAME}` in a configuration, and what must never be shown.
//!
//! A text that took a value from the environment is known in two forms: the real one, and the one people see, in which
//! `***` stands for that value.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use url::Url;

/// What stands for a secret wherever one would be shown.
pub const MASK: &str = "***";

/// Looks a name up in the environment; tests pass their own.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Shorter values are no secrets, and to look for them would spoil every message.
const VALUE_LENGTH_MIN: usize = 4;

/// Real texts that hold a secret, and how they are shown.
#[derive(Clone, Default)]
pub struct Secrets {
    texts: BTreeMap<String, String>,
    /// What came from the environment, by itself.
    values: BTreeSet<String>,
}

impl Secrets {
    /// Fills in every `${NAME}` of `text`; `$$` is a plain `$`.
    ///
    /// # Errors
    /// Says which name is not set, or where a brace is not closed.
    pub fn expand(&mut self, text: &str, environment: Environment<'_>) -> Result<String, String> {
        let (mut real, mut shown) = (String::with_capacity(text.len()), String::with_capacity(text.len()));
        let mut rest = text;
        while let Some(start) = rest.find('$') {
            let (before, dollar) = rest.split_at(start);
            real.push_str(before);
            shown.push_str(before);
            let after = dollar.strip_prefix('$').unwrap_or_default();
            if let Some(after) = after.strip_prefix('{') {
                let (name, after) = after
                    .split_once('}')
                    .ok_or("${ is not closed; write ${NAME}, or $$ for a plain $")?;
                if !is_name(name) {
                    return Err(format!(
                        "${{{name}}} is no variable name; write ${{NAME}}, or $$ for a plain $"
                    ));
                }
                let value = environment(name).ok_or_else(|| {
                    format!("environment variable {name} is not set; export {name}=… before the start")
                })?;
                self.keep(&value);
                real.push_str(&value);
                shown.push_str(MASK);
                rest = after;
            } else {
                real.push('$');
                shown.push('$');
                rest = after.strip_prefix('$').unwrap_or(after);
            }
        }
        real.push_str(rest);
        shown.push_str(rest);
        if shown != real {
            self.texts.insert(real.clone(), shown);
        }
        Ok(real)
    }

    fn keep(&mut self, value: &str) {
        if value.len() >= VALUE_LENGTH_MIN {
            self.values.insert(value.to_owned());
            // As the host of a URL, and so as resolvers and certificates name it.
            self.values.insert(value.to_ascii_lowercase());
        }
    }

    /// What a peer or the system said, without what came from the environment; `None`: there is nothing to hide.
    pub fn redacted(&self, said: &str) -> Option<String> {
        let mut redacted = None;
        // Backwards, a longer value comes before one that it begins with.
        for value in self.values.iter().rev() {
            let text = redacted.as_deref().unwrap_or(said);
            if text.contains(value.as_str()) {
                redacted = Some(text.replace(value.as_str(), MASK));
            }
        }
        redacted
    }

    /// `text` as people may see it.
    pub fn shown<'a>(&'a self, text: &'a str) -> &'a str {
        self.texts.get(text).map_or(text, String::as_str)
    }

    /// A message about such texts, with each of them as people may see it.
    pub fn mask_message(&self, message: &str) -> String {
        // The longest first: one text may be part of another.
        let mut texts: Vec<_> = self.texts.iter().filter(|(real, _)| !real.is_empty()).collect();
        texts.sort_by_key(|(real, _)| std::cmp::Reverse(real.len()));
        texts.into_iter().fold(message.to_owned(), |message, (real, shown)| {
            // Messages quote texts in Rust's way, in which some characters are escaped.
            let message = message.replace(real.as_str(), shown);
            message.replace(&real.escape_debug().to_string(), shown)
        })
    }

    /// `url` as people may see it: without password, and without what came from the environment.
    pub fn shown_url(&self, real: &str) -> String {
        mask_password(self.shown(real))
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({} masked)", self.texts.len())
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// `user:secret@` becomes `user:***@`, and a lone `token@` becomes `***@`, in whatever claims to be a URL.
pub fn mask_password(url: &str) -> String {
    if let Ok(mut parsed) = Url::parse(url)
        && parsed.host_str().is_some_and(|host| !host.is_empty())
    {
        if parsed.password().is_some() {
            // Fails only for URLs that cannot have a password.
            let _ = parsed.set_password(Some(MASK));
            return parsed.to_string().replacen("%2A%2A%2A", MASK, 1);
        }
        if parsed.username().is_empty() {
            return url.to_owned();
        }
    }
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let authority_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest[..authority_end].rfind('@') {
        Some(at) => format!("{scheme}://{MASK}{}", &rest[at..]),
        None => url.to_owned(),
    }
}

/// Whether the value of a header, a field or a key is a credential by its name.
pub fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    matches!(
        name.as_str(),
        "authorization" | "proxy-authorization" | "cookie" | "bearer" | "api_key" | "apikey" | "api-key"
    ) || ["token", "secret", "password", "passphrase", "-key"]
        .iter()
        .any(|end| name.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_peer_says_back_is_redacted() {
        let environment = |name: &str| Some(if name == "A" { "s3cretToken" } else { "s3cr" }.to_owned());
        let mut secrets = Secrets::default();
        secrets.expand("Bearer ${A}, ${B}", &environment).unwrap();
        secrets.expand("${SHORT}", &|_| Some("at".to_owned())).unwrap();
        let check = |said, expected: Option<&str>| assert_eq!(secrets.redacted(said).as_deref(), expected, "{said}");
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
        let expanded = secrets.expand(text, &environment);
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
            Err("${a b} is no variable name; write ${NAME}, or $$ for a plain $"),
            "",
        );
        check(
            "${}",
            Err("${} is no variable name; write ${NAME}, or $$ for a plain $"),
            "",
        );
    }

    #[test]
    fn messages_lose_the_longest_text_first() {
        let mut secrets = Secrets::default();
        secrets.expand("${TOKEN}", &environment).unwrap();
        secrets.expand("Bearer ${TOKEN}", &environment).unwrap();
        assert_eq!(
            secrets.mask_message("invalid \"Bearer s3cret\", s3cret"),
            "invalid \"Bearer ***\", ***"
        );
        secrets.expand("${QUOTED}", &environment).unwrap();
        assert_eq!(
            secrets.mask_message(&format!("invalid {:?}", "a\"b")),
            "invalid \"***\""
        );
        secrets.expand("${EMPTY}", &environment).unwrap();
        assert_eq!(secrets.mask_message("plain"), "plain");
        assert_eq!(format!("{secrets:?}"), "Secrets(4 masked)");
    }

    fn check_url(url: &str, shown: &str) {
        assert_eq!(mask_password(url), shown);
    }

    #[test]
    fn a_password_in_a_url_is_never_shown() {
        check_url("http://example.com/a?b=c", "http://example.com/a?b=c");
        check_url("http://user:pw@example.com/a", "http://user:***@example.com/a");
        check_url("http://token@example.com/a", "http://***@example.com/a");
        check_url("http://user:p%40w@[::1]:80/a", "http://user:***@[::1]/a");
        check_url("http://user:pw@/a", "http://***@/a");
        check_url("http://us er:pw@exa mple/a@b", "http://***@exa mple/a@b");
        check_url("tcp://user:pw@db:5432", "tcp://user:***@db:5432");
        check_url("no url@all", "no url@all");
    }

    #[test]
    fn credentials_are_known_by_their_headers() {
        for name in [
            "Authorization",
            "Cookie",
            "X-Api-Key",
            "x-auth-token",
            "X-Client-Secret",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in ["client_key", "user", "accept", "content-type", "x-request-id"] {
            assert!(!is_secret_name(name), "{name}");
        }
    }
}
