//! What an exec target may say about itself.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use probetop_core::setting::Finding;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::program::recipe;

/// The keys of an `exec://` target beside those that every target has.
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Arguments, each as it is handed to the program: no shell reads them.
    pub args: Vec<String>,
    /// The program's environment, beside `PATH`, `LC_ALL=C` and `PROBETOP_RUN`; nothing else of ours is handed on.
    pub env: BTreeMap<String, String>,
    /// Working directory; ours when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub directory: Option<PathBuf>,
    /// Whether it speaks as Nagios plugins do: exit codes 0 to 3, text, and performance data behind `|`.
    pub plugin: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            args: Vec::new(),
            env: BTreeMap::new(),
            directory: None,
            plugin: true,
        }
    }
}

impl Settings {
    /// What is wrong with the values, and what to write instead.
    pub fn findings(&self) -> Vec<Finding> {
        recipe::findings("args", &self.args, &self.env, self.directory.as_deref())
    }
}

impl fmt::Debug for Settings {
    /// Arguments and variables carry credentials: they are counted and named, never shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("args", &self.args.len())
            .field("env", &self.env.keys().collect::<Vec<_>>())
            .field("directory", &self.directory)
            .field("plugin", &self.plugin)
            .finish()
    }
}

/// The program that `url` names.
///
/// # Errors
/// Says what is wrong with the URL and what to write instead.
pub(super) fn program(url: &Url) -> Result<PathBuf, String> {
    if url.host_str().is_some_and(|host| !host.is_empty()) {
        return Err("the program is written with three slashes: exec:///PATH/TO/PROGRAM".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("arguments belong in args = [\"…\"]; a ? or # in the path is written %3F or %23".to_owned());
    }
    let path = url.path();
    if !path.starts_with('/') || path.ends_with('/') {
        return Err("names no program; write exec:///PATH/TO/PROGRAM".to_owned());
    }
    // A file URL is read as the path that it stands for, with what is percent-encoded decoded.
    let file = Url::parse(&format!("file://{path}")).ok();
    file.and_then(|file| file.to_file_path().ok())
        .filter(|path| !path.as_os_str().as_encoded_bytes().contains(&0))
        .ok_or_else(|| "the path is none; write exec:///PATH/TO/PROGRAM".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, expected: Result<&str, &str>) {
        let read = program(&Url::parse(url).unwrap()).map(|path| path.display().to_string());
        assert_eq!(read, expected.map(str::to_owned).map_err(str::to_owned), "of {url}");
    }

    #[test]
    fn a_url_names_a_program() {
        check("exec:///usr/lib/check_x", Ok("/usr/lib/check_x"));
        check("exec:///opt/my%20check", Ok("/opt/my check"));
        check("exec:///opt/my check", Ok("/opt/my check"));
        check(
            "exec://check_x",
            Err("the program is written with three slashes: exec:///PATH/TO/PROGRAM"),
        );
        check(
            "exec://localhost/check",
            Err("the program is written with three slashes: exec:///PATH/TO/PROGRAM"),
        );
        check("exec:///", Err("names no program; write exec:///PATH/TO/PROGRAM"));
        check("exec:///usr/", Err("names no program; write exec:///PATH/TO/PROGRAM"));
        check(
            "exec:///x?-H=a",
            Err("arguments belong in args = [\"…\"]; a ? or # in the path is written %3F or %23"),
        );
        check("exec:///x%00", Err("the path is none; write exec:///PATH/TO/PROGRAM"));
    }

    #[test]
    fn no_secret_is_shown() {
        let settings = Settings {
            args: vec!["hunter2".to_owned()],
            env: BTreeMap::from([("PGPASSWORD".to_owned(), "hunter2".to_owned())]),
            ..Settings::default()
        };
        let shown = format!("{settings:?}");
        assert!(shown.contains("PGPASSWORD") && !shown.contains("hunter2"), "{shown}");
    }
}
