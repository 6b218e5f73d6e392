//! Who asks: the user and password of a URL.

use std::fmt;

use percent_encoding::percent_decode_str;
use url::Url;

/// Who asks, from `user:password@` of a URL. `Debug` does not show the password.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Login {
    pub user: Option<String>,
    pub password: Option<String>,
}

impl Login {
    pub fn of(url: &Url) -> Self {
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        Self {
            user: Some(decoded(url.username())).filter(|user| !user.is_empty()),
            password: url.password().map(decoded),
        }
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let password = self.password.as_ref().map(|_| "***");
        write!(f, "Login({:?}, {password:?})", self.user)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_decoded_and_hides_its_password() {
        let check = |url: &str, user: Option<&str>, password: Option<&str>| {
            let login = Login::of(&Url::parse(url).unwrap());
            assert_eq!(
                (login.user.as_deref(), login.password.as_deref()),
                (user, password),
                "{url}"
            );
            assert!(!format!("{login:?}").contains("p@"));
        };
        check("redis://host", None, None);
        check("redis://:p%40w@host", None, Some("p@w"));
        check("redis://a%20b:p%40+@host", Some("a b"), Some("p@+"));
    }
}
