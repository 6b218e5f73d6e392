//! The real binary: what it prints, where, and how it ends.

use crate::support::waiting;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::waiting::finished;

struct Ran {
    code: i32,
    stdout: String,
    stderr: String,
}

/// Runs probetop in `folder` with no environment but `variables`.
fn probetop_with(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_probetop"));
    command.args(arguments).current_dir(folder).env_clear();
    let output = waiting::output(command.env("HOME", folder).envs(variables.iter().copied()));
    Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn probetop(arguments: &[&str]) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    probetop_with(folder.path(), arguments, &[])
}

/// Each command's exit code, and what its output contains: standard error where it fails, standard output else.
#[track_caller]
fn check(arguments: &[&str], code: i32, contains: &str) {
    let ran = probetop(arguments);
    assert_eq!(ran.code, code, "{arguments:?}: {}{}", ran.stdout, ran.stderr);
    let (told, silent) = if code == 0 {
        (ran.stdout, ran.stderr)
    } else {
        (ran.stderr, ran.stdout)
    };
    assert!(told.contains(contains), "{arguments:?}: {told}");
    assert_eq!(silent, "", "{arguments:?}");
}

#[test]
fn the_version_is_the_packages() {
    check(&["--version"], 0, concat!("probetop ", env!("CARGO_PKG_VERSION")));
}

#[test]
fn help_has_examples_and_every_subcommand_has_help() {
    check(&["--help"], 0, "Examples:\n  probetop https://");
    for subcommand in ["run", "check", "demo", "init", "config", "notify", "completions", "man"] {
        check(&[subcommand, "--help"], 0, "Usage: probetop");
        check(&[subcommand, "-h"], 0, "Usage: probetop");
        check(&["--help"], 0, subcommand);
    }
}

#[test]
fn help_fits_a_screen_of_fifty_lines() {
    let ran = probetop(&["--help"]);
    assert!(ran.stdout.lines().count() <= 50, "{}", ran.stdout);
    assert!(
        ran.stdout.lines().all(|line| line.chars().count() <= 100),
        "{}",
        ran.stdout
    );
}

#[test]
fn wrong_arguments_exit_with_two_and_say_what_to_write() {
    check(&["--intervall", "1s"], 2, "--interval");
    check(&["--interval", "5"], 2, "write \"5s\" or \"5ms\"");
    check(&["--window", "3m"], 2, "use 10s, 1m, 2m, 5m, 15m, run");
    check(&["--color", "sometimes"], 2, "auto, always, never");
    check(&["--budget", "2KB"], 2, "write for example \"2KB/s\"");
    check(&["config"], 2, "Usage: probetop config");
    check(&["completions", "tcsh"], 2, "tcsh");
    check(&["run", "--output", "xml", "http://a.example/"], 2, "table");
    check(&["run", "--fail-on", "info", "http://a.example/"], 2, "critical");
    check(
        &["chekc", "http://a.example/"],
        2,
        "neither a URL nor a command; did you mean \"check\"?",
    );
    check(&["load.toml"], 2, "that is a file and not a target; write -c load.toml");
    check(&["check", "before.json"], 2, "write --baseline before.json");
    check(
        &["machine"],
        2,
        "that is a page of the screen; start probetop without it and press 3",
    );
    check(
        &["http://a.example", "demo"],
        2,
        "a command comes before its options; write probetop demo",
    );
    check(
        &["--ascii", "config", "check", "-c", "missing.toml"],
        2,
        "missing.toml: cannot be read",
    );
    check(&["db"], 2, "write http://db");
    check(
        &["demo://nowhere"],
        2,
        "the built-in service has no endpoint \"nowhere\"",
    );
    check(&["run", "demo"], 2, "as a target it is demo://");
    check(
        &["config", "check", "-i", "1ms"],
        2,
        "--interval is 1ms; use at least 10ms",
    );
    check(
        &["config", "check", "-c", "missing.toml"],
        2,
        "missing.toml: cannot be read",
    );
}

#[test]
fn every_problem_of_the_configuration_is_on_standard_error() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("probetop.toml"),
        "intervall = \"1s\"\n[[target]]\nname = \"a\"\n",
    )
    .unwrap();
    let ran = probetop_with(folder.path(), &["config", "check"], &[]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert_eq!(
        ran.stderr,
        "probetop.toml:1:1: unknown key \"intervall\"; did you mean \"interval\"?\n\
         probetop.toml:2:1: target \"a\": has no url; add url = \"https://…\"\n"
    );
}

#[test]
fn init_writes_a_file_that_is_sound_and_keeps_one_that_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| probetop_with(folder.path(), arguments, &[]);
    let file = folder.path().join("probetop.toml");
    let first = run(&["init"]);
    assert_eq!(first.code, 0, "{}", first.stderr);
    assert!(
        first.stdout.starts_with("wrote probetop.toml\nnext: "),
        "{}",
        first.stdout
    );
    assert!(
        run(&["config", "check"])
            .stdout
            .starts_with("probetop.toml: ok: targets 2")
    );

    let channels = "host = false\n[[notify]]\nname = \"bell\"\nkind = \"terminal\"\n";
    std::fs::write(&file, channels).unwrap();
    assert_eq!(
        run(&["config", "check"]).stdout,
        "probetop.toml: ok: channels 1, this machine not watched\n"
    );

    std::fs::write(&file, "mine").unwrap();
    let second = run(&["init"]);
    assert_eq!((second.code, second.stdout.as_str()), (1, ""));
    assert!(
        second.stderr.contains("probetop.toml exists; use --force"),
        "{}",
        second.stderr
    );
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");

    assert_eq!(run(&["init", "--force"]).code, 0);
    assert_ne!(std::fs::read_to_string(&file).unwrap(), "mine");
    assert_eq!(run(&["init", "--full", "--force"]).code, 0);
    let full = run(&["config", "check"]).stdout;
    assert!(full.starts_with("probetop.toml: ok: targets 2, alerts 2"), "{full}");
    let other = run(&["init", "other.toml"]);
    assert!(
        other.stdout.contains("probetop config check -c other.toml"),
        "{}",
        other.stdout
    );
    assert_eq!(run(&["init", "no/such/folder.toml"]).code, 1);
    let left: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[test]
fn the_environment_wins_over_the_file_and_the_command_line_over_both() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("probetop.toml"), "interval = \"2s\"\n").unwrap();
    let interval = |arguments: &[&str], variables: &[(&str, &str)]| {
        let ran = probetop_with(folder.path(), &[&["config", "show"], arguments].concat(), variables);
        let line = ran
            .stdout
            .lines()
            .find(|line| line.starts_with("interval"))
            .map(str::to_owned);
        line.unwrap_or(ran.stderr)
    };
    assert_eq!(interval(&[], &[]), "interval = \"2s\"");
    assert_eq!(interval(&[], &[("PROBETOP_INTERVAL", "3s")]), "interval = \"3s\"");
    assert_eq!(
        interval(&["-i", "4s"], &[("PROBETOP_INTERVAL", "3s")]),
        "interval = \"4s\""
    );
}

#[test]
fn a_budget_is_taken_from_wherever_it_is_said() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("probetop.toml"), "budget = \"2KB/s\"\n").unwrap();
    let check = |arguments: &[&str], variables: &[(&str, &str)], expected: &str| {
        let ran = probetop_with(folder.path(), &[&["config", "show"], arguments].concat(), variables);
        let shown = ran
            .stdout
            .lines()
            .find(|line| line.starts_with("budget"))
            .map(str::to_owned);
        assert_eq!(shown.as_deref(), Some(expected));
    };
    check(&[], &[], "budget = \"2KB/s\"");
    check(&[], &[("PROBETOP_BUDGET", "1.5KB/s")], "budget = \"1536B/s\"");
    check(
        &["--budget", "900B/s"],
        &[("PROBETOP_BUDGET", "3KB/s")],
        "budget = \"900B/s\"",
    );
    std::fs::write(folder.path().join("probetop.toml"), "budget = \"2KB\"\n").unwrap();
    let ran = probetop_with(folder.path(), &["config", "check"], &[]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("budget: \"2KB\" is not a rate"), "{}", ran.stderr);
}

#[test]
fn switches_can_be_set_in_the_environment() {
    let folder = tempfile::tempdir().unwrap();
    let shows = |value: &str| {
        let variables = [("PROBETOP_NO_HOST", value), ("PROBETOP_ASCII", value)];
        let ran = probetop_with(folder.path(), &["config", "show"], &variables);
        (ran.stdout.contains("host = false"), ran.stdout.contains("ascii = true"))
    };
    assert_eq!(shows("1"), (true, true));
    assert_eq!(shows("true"), (true, true));
    assert_eq!(shows("0"), (false, false));
    assert_eq!(shows(""), (false, false));
}

#[test]
fn the_file_is_looked_for_in_the_usual_places() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join(".config/probetop");
    std::fs::create_dir_all(&place).unwrap();
    std::fs::write(place.join("config.toml"), "interval = \"7s\"\n").unwrap();
    let show = |variables: &[(&str, &str)]| probetop_with(folder.path(), &["config", "show"], variables).stdout;
    assert!(show(&[]).contains("interval = \"7s\""));
    let elsewhere = folder.path().join("elsewhere");
    let variables = [("XDG_CONFIG_HOME", elsewhere.to_str().unwrap())];
    assert!(show(&variables).contains("interval = \"1s\""));
    std::fs::write(folder.path().join("probetop.toml"), "interval = \"8s\"\n").unwrap();
    assert!(show(&[]).contains("interval = \"8s\""));
}

#[test]
fn secrets_are_masked_in_what_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let text = "[[target]]\nurl = \"https://me:pw-of-mine@a.example/?k=${KEY}\"\nheaders = { cookie = \"c00kie\" }\n";
    std::fs::write(folder.path().join("probetop.toml"), text).unwrap();
    let shown = probetop_with(folder.path(), &["config", "show"], &[("KEY", "k3y")]);
    assert_eq!(shown.code, 0, "{}", shown.stderr);
    assert!(
        shown.stdout.contains("https://me:***@a.example/?k=***"),
        "{}",
        shown.stdout
    );
    for secret in ["pw-of-mine", "c00kie", "k3y"] {
        assert!(!shown.stdout.contains(secret), "{}", shown.stdout);
    }
    let unset = probetop_with(folder.path(), &["config", "show"], &[]);
    assert_eq!(unset.code, 2);
    assert!(
        unset.stderr.contains("environment variable KEY is not set"),
        "{}",
        unset.stderr
    );
    assert!(!unset.stderr.contains("pw-of-mine"), "{}", unset.stderr);
}

#[test]
fn the_schema_is_json_and_the_manual_and_completions_are_complete() {
    let schema = probetop(&["config", "schema"]);
    let schema: serde_json::Value = serde_json::from_str(&schema.stdout).unwrap();
    assert!(schema["properties"]["target"].is_object());
    let manual = probetop(&["man"]).stdout;
    for word in [
        ".TH probetop 1",
        "PROBETOP RUN",
        "fail\\-on",
        "Exit status",
        "PROBETOP_INTERVAL",
    ] {
        assert!(manual.contains(word), "{word}");
    }
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        check(&["completions", shell], 0, "fail-on");
    }
}

#[test]
fn a_reader_that_is_gone_ends_it_quietly() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_probetop"))
        .args(["config", "schema"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = finished("it ends", move || child.wait_with_output().unwrap());
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
