//! How a process was called, as it may be shown: pictures of a screen and documents go to people who could not have asked
//! the machine itself.

use std::ffi::OsString;

use probetop_core::sample::Text;

/// Stands in for what was left out, as everywhere.
const MASK: &str = "***";

/// What an option is called that takes a secret.
const SECRETS: [&str; 7] = ["password", "passwd", "secret", "token", "apikey", "api-key", "api_key"];

/// More of the arguments is not looked at: what is shown is cut long before.
const ARGUMENTS_LIMIT: usize = 64;

/// The arguments with a space between, without those that options of a telling name, headers and URLs hold. `None`: the
/// system tells no arguments, as of threads of the kernel.
pub(super) fn shown(arguments: &[OsString]) -> Option<Text> {
    let mut words = Vec::new();
    let mut is_secret = false;
    for argument in arguments.iter().take(ARGUMENTS_LIMIT) {
        let argument = argument.to_string_lossy();
        words.push(if is_secret { MASK.to_owned() } else { masked(&argument) });
        is_secret = argument.starts_with('-') && !argument.contains('=') && is_telling(&argument);
    }
    let command = Text::clean(&words.join(" "));
    (!command.as_str().is_empty()).then_some(command)
}

fn is_telling(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRETS.iter().any(|secret| name.contains(secret))
}

fn masked(argument: &str) -> String {
    if let Some((name, _)) = argument.split_once('=').filter(|(name, _)| is_telling(name)) {
        return format!("{name}={MASK}");
    }
    if argument.to_ascii_lowercase().starts_with("authorization:") {
        return format!("{}{MASK}", &argument[.."authorization:".len()]);
    }
    without_password(argument).unwrap_or_else(|| argument.to_owned())
}

/// `scheme://user:password@host` with its password left out; `None`: there is none.
fn without_password(argument: &str) -> Option<String> {
    let start = argument.find("://")? + 3;
    let rest = &argument[start..];
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    let user_info = &authority[..authority.rfind('@')?];
    let colon = user_info.find(':')?;
    let (before, after) = (&argument[..=start + colon], &argument[start + user_info.len()..]);
    Some(format!("{before}{MASK}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn show(arguments: &[&str]) -> Option<String> {
        let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
        shown(&arguments).map(|text| text.to_string())
    }

    #[test]
    fn arguments_stand_as_they_were_given() {
        let check = |arguments: &[&str], expected: Option<&str>| assert_eq!(show(arguments).as_deref(), expected);
        check(&["k6", "run", "--vus", "10", "a b.js"], Some("k6 run --vus 10 a b.js"));
        check(&["nginx: worker process"], Some("nginx: worker process"));
        check(&["sh", "-c", "echo \u{1b}[2J"], Some("sh -c echo [2J"));
        check(&[""], None);
        check(&[], None);
    }

    #[test]
    fn secrets_are_left_out() {
        let check = |arguments: &[&str], expected: &str| assert_eq!(show(arguments).as_deref(), Some(expected));
        check(&["db", "--password=hunter2"], "db --password=***");
        check(&["db", "--password", "hunter2", "-v"], "db --password *** -v");
        check(&["env", "API_TOKEN=abc", "run"], "env API_TOKEN=*** run");
        check(
            &["app", "postgres://ann:hunter2@db/x?y=1"],
            "app postgres://ann:***@db/x?y=1",
        );
        check(&["app", "--dsn=redis://:hunter2@cache"], "app --dsn=redis://:***@cache");
        check(&["curl", "-H", "Authorization: Bearer x"], "curl -H Authorization:***");
        check(&["app", "http://host/a:b@c"], "app http://host/a:b@c");
        check(&["app", "http://ann@host"], "app http://ann@host");
    }

    proptest! {
        #[test]
        fn no_argument_makes_it_panic(arguments in proptest::collection::vec(".{0,30}|[a-z]{1,5}://.{0,20}|(?i)authorization:.{0,5}", 0..6)) {
            let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
            shown(&arguments);
        }
    }
}
