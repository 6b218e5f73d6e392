//! What a configuration means, every problem it can have, and that no secret ever leaves it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use probetop::config::{ColorChoice, Config, HostChoice, Overrides, Problems, reference, schema, show, starter};
use probetop::sample::{TargetId, Window};
use probetop::source::kind::{KINDS, KindSettings};
use proptest::prelude::*;

const FIXTURES: &str = "tests/fixtures/config";
const SECRET: &str = "hunter2-s3cret";

fn environment(name: &str) -> Option<String> {
    match name {
        "SECRET" | "CHECKOUT_TOKEN" => Some(SECRET.to_owned()),
        "HOST_AND_PORT" => Some("localhost:8080".to_owned()),
        _ => None,
    }
}

/// A file that is gone when the test is.
struct Written {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

fn written(text: &str) -> Written {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("probetop.toml");
    std::fs::write(&path, text).unwrap();
    Written { _folder: folder, path }
}

fn load_with(text: &str, overrides: Overrides) -> Result<Config, Problems> {
    let file = written(text);
    let file = Some(file.path.clone());
    // The folder outlives the load.
    Config::load(&Overrides { file, ..overrides }, &environment)
}

#[track_caller]
fn load(text: &str) -> Config {
    written_load(text, Overrides::default())
}

#[track_caller]
fn written_load(text: &str, overrides: Overrides) -> Config {
    let file = written(text);
    let overrides = Overrides {
        file: Some(file.path.clone()),
        ..overrides
    };
    Config::load(&overrides, &environment).unwrap_or_else(|problems| panic!("{problems}"))
}

fn targets(list: &[&str]) -> Overrides {
    Overrides {
        file: Some("/dev/null".into()),
        targets: list.iter().map(|target| (*target).to_owned()).collect(),
        ..Overrides::default()
    }
}

/// Each bad file has its problems beside it. `PROBETOP_UPDATE_FIXTURES=1` writes them anew, to be read in the diff.
#[test]
fn every_problem_of_a_file_is_reported_in_one_run() {
    let mut checked = 0;
    for entry in std::fs::read_dir(FIXTURES).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let relative = Path::new(FIXTURES).join(path.file_name().unwrap());
        let overrides = Overrides {
            file: Some(relative),
            ..Overrides::default()
        };
        let problems = Config::load(&overrides, &environment).expect_err("a bad file");
        let problems = problems.to_string().replace(&format!("{FIXTURES}/"), "") + "\n";
        assert!(!problems.contains(SECRET), "{problems}");
        let expected = path.with_extension("problems");
        if std::env::var_os("PROBETOP_UPDATE_FIXTURES").is_some() {
            std::fs::write(&expected, &problems).unwrap();
        }
        assert_eq!(problems, std::fs::read_to_string(&expected).unwrap_or_default(), "{}", path.display());
        checked += 1;
    }
    assert!(checked >= 10, "only {checked} files in {FIXTURES}");
}
