//! What is a credential by its name or by its place in a URL.

use percent_encoding::percent_decode_str;
use probetop_probe::source::zone::Zone;
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use url::Url;

use super::secret::{MASK, Secrets};
use crate::notify::kind::Kind as ChannelKind;

/// Parts of a receiver's address that are shorter are words, such as `services`.
const ADDRESS_PART_LENGTH_MIN: usize = 8;

/// Keys whose texts are addresses, be it without a scheme.
const ADDRESSES: [&str; 4] = ["url", "server", "proxy", "dashboard"];

/// Tells `secrets` what is one in a configuration by the name of its key, and the passwords of its URLs.
pub(super) fn gather(table: &DeTable<'_>, secrets: &mut Secrets) {
    for (key, value) in table {
        gather_value(key.get_ref(), value, secrets);
    }
}

fn gather_value(key: &str, value: &Spanned<DeValue<'_>>, secrets: &mut Secrets) {
    match value.get_ref() {
        // Who writes auth = "…" means a token, though it is no place for one.
        DeValue::String(text) if is_secret_name(key) || key == "auth" => learn_credential(text, secrets),
        DeValue::String(text) => {
            secrets.learn_url(text);
            if ADDRESSES.contains(&key)
                && let Some((_, password)) = bare_login(text).and_then(|login| login.split_once(':'))
            {
                secrets.learn(password);
            }
        }
        DeValue::Array(items) => items.iter().for_each(|item| gather_value(key, item, secrets)),
        DeValue::Table(table) => {
            if key == "notify" {
                gather_receiver(table, secrets);
            }
            gather(table, secrets);
        }
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {}
    }
}

/// `Bearer abc` is a secret, and so is `abc`; of a list of cookies each value is one.
fn learn_credential(text: &str, secrets: &mut Secrets) {
    secrets.learn(text);
    let behind_scheme = text.split_once(' ').map(|(_, rest)| rest);
    let cookies = text.split(';').filter_map(|cookie| Some(cookie.split_once('=')?.1));
    behind_scheme
        .into_iter()
        .chain(cookies)
        .for_each(|part| secrets.learn(part));
}

/// Who may write to a receiver is whoever knows its key, or its address.
fn gather_receiver(table: &DeTable<'_>, secrets: &mut Secrets) {
    let text = |key: &str| table.get(key).and_then(|value| value.get_ref().as_str());
    let Some(kind) = text("kind").and_then(ChannelKind::of_name) else {
        return;
    };
    for secret in kind.secret.iter().filter_map(|key| text(key)) {
        match Url::parse(secret) {
            Ok(url) if url.has_host() => {
                let parts = url.path().split('/').chain(url.query());
                let parts = parts.filter(|part| part.len() >= ADDRESS_PART_LENGTH_MIN);
                parts.filter(|part| !is_word(part)).for_each(|part| secrets.learn(part));
            }
            Ok(_) | Err(_) => secrets.learn(secret),
        }
    }
}

fn is_word(part: &str) -> bool {
    part.chars().all(|c| c.is_ascii_lowercase() || c == '-' || c == '_')
}

/// The secrets in the user's part of a URL, as they are written and as they are meant.
pub(super) fn of_url(text: &str) -> Vec<String> {
    let Some((scheme, login)) = login(text) else {
        return Vec::new();
    };
    let secret = match login.split_once(':') {
        Some((_, password)) => password,
        // A lone user is a token to a web server, and a name to a database.
        None if is_web(scheme) => login,
        None => return Vec::new(),
    };
    let mut meant = vec![secret.to_owned()];
    meant.extend(percent_decode_str(secret).decode_utf8().map(Into::into).ok());
    meant
}

/// Scheme and `user:password` of a URL, or of a text that was meant as one: in a password, `/`, `?` and `#` end the
/// address that it stands before, and everything up to the last `@` may be its rest.
fn login(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once("://")?;
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    let reads = read(text).is_some();
    let means_what_it_says = reads && (is_web(scheme) || authority.is_empty());
    let within = if means_what_it_says { authority } else { rest };
    Some((scheme, &rest[..within.rfind('@')?]))
}

/// `user:password` of an address that lacks its scheme. Without a colon it may be one of mail.
fn bare_login(text: &str) -> Option<&str> {
    if text.contains("://") {
        return None;
    }
    let login = &text[..text.rfind('@')?];
    let (user, password) = login.split_once(':')?;
    let is_user = |user: &str| !user.is_empty() && user.chars().all(|c| c.is_alphanumeric() || "._-+%".contains(c));
    (is_user(user) && !password.is_empty()).then_some(login)
}

/// The URL that `text` is, without the zone of its address.
fn read(text: &str) -> Option<Url> {
    let (text, _zone) = Zone::cut(text).ok()?;
    Url::parse(&text).ok()
}

/// Whether an `@` behind the host is a character like any other.
pub(super) fn is_web(scheme: &str) -> bool {
    let scheme = scheme.to_ascii_lowercase();
    ["http", "https", "ws", "wss"].contains(&scheme.rsplit('+').next().unwrap_or_default())
        || ["prometheus", "prometheuss", "exec", "dns"].contains(&scheme.as_str())
}

/// `user:secret@` becomes `user:***@`, and a lone `token@` becomes `***@`, in whatever claims to be a URL. So do the
/// parameters that are credentials by their names.
pub(super) fn mask_url(url: &str) -> String {
    let Some((scheme, login)) = login(url) else {
        let Some((user, _)) = bare_login(url).and_then(|login| login.split_once(':')) else {
            return mask_parameters(url);
        };
        let host = url.rsplit_once('@').map_or("", |(_, host)| host);
        return mask_parameters(&format!("{user}:{MASK}@{host}"));
    };
    let rest = &url[scheme.len() + "://".len() + login.len()..];
    let user = login.split_once(':').map(|(user, _)| user);
    let shown = match user {
        Some(user) if read(url).is_some_and(|url| url.password().is_some()) => format!("{user}:{MASK}"),
        Some(_) | None => MASK.to_owned(),
    };
    mask_parameters(&format!("{scheme}://{shown}{rest}"))
}

fn mask_parameters(url: &str) -> String {
    let Some((before, query)) = url.split_once('?') else {
        return url.to_owned();
    };
    let parameters = query.split('&').map(|parameter| match parameter.split_once('=') {
        Some((name, value)) if is_secret_name(name) && !value.is_empty() => format!("{name}={MASK}"),
        Some(_) | None => parameter.to_owned(),
    });
    format!("{before}?{}", parameters.collect::<Vec<_>>().join("&"))
}

/// Whether the value of a header, a field or a key is a credential by its name.
pub(super) fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    matches!(
        name.as_str(),
        "authorization" | "proxy-authorization" | "cookie" | "bearer" | "passwd" | "pwd" | "credentials" | "sig"
    ) || [
        "token",
        "signature",
        "secret",
        "password",
        "passphrase",
        "-key",
        "api_key",
        "apikey",
        "access_key",
        "secret_key",
    ]
    .iter()
    .any(|end| name.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_url(url: &str, shown: &str) {
        assert_eq!(mask_url(url), shown);
    }

    #[test]
    fn a_password_in_a_url_is_never_shown() {
        check_url("http://example.com/a?b=c", "http://example.com/a?b=c");
        check_url("http://user:pw@example.com/a", "http://user:***@example.com/a");
        check_url("http://token@example.com/a", "http://***@example.com/a");
        check_url("http://user:p%40w@[::1]:80/a", "http://user:***@[::1]:80/a");
        check_url("http://user:pw@/a", "http://***@/a");
        check_url("http://us er:pw@exa mple/a@b", "http://***@b");
        check_url("tcp://user:pw@db:5432", "tcp://user:***@db:5432");
        check_url("no url@all", "no url@all");
        check_url("u:s3cret@h:25", "u:***@h:25");
        check_url("u:s3@c:r/et@h", "u:***@h");
        check_url("ops@example.com", "ops@example.com");
        check_url("http://localhost:3000/@vite", "http://localhost:3000/@vite");
        check_url("exec:///opt/check@1", "exec:///opt/check@1");
        for hostile in ["pa/ss", "pa?ss", "pa#ss", "12/ss", "/", "#"] {
            check_url(&format!("postgres://app:{hostile}@db/shop"), "postgres://***@db/shop");
        }
        check_url("postgres://app:a@b/c@db/shop", "postgres://app:***@db/shop");
        check_url("http://app:pa/ss@db/shop", "http://***@db/shop");
        check_url(
            "http://h/x?sig=abc&X-Amz-Signature=def",
            "http://h/x?sig=***&X-Amz-Signature=***",
        );
        check_url("http://h/x?api_key=abc&a=1&token=", "http://h/x?api_key=***&a=1&token=");
    }

    #[test]
    fn the_password_of_a_url_is_learnt_as_it_is_written_and_as_it_is_meant() {
        let check = |url: &str, expected: &[&str]| assert_eq!(of_url(url), expected, "{url}");
        check("http://user:p%40w@h/a", &["p%40w", "p@w"]);
        check("http://token@h/a", &["token", "token"]);
        check("redis://user@h/0", &[]);
        check("postgres://app:pa/ss@db/shop", &["pa/ss", "pa/ss"]);
        check("http://h/a@b", &[]);
    }

    #[test]
    fn credentials_are_known_by_their_headers() {
        for name in [
            "Authorization",
            "Cookie",
            "X-Api-Key",
            "x-auth-token",
            "X-Client-Secret",
            "AWS_SECRET_ACCESS_KEY",
            "PGPASSWORD",
            "sig",
            "signature",
            "X-Amz-Signature",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in ["client_key", "user", "accept", "content-type", "x-request-id"] {
            assert!(!is_secret_name(name), "{name}");
        }
    }
}
