//! `probetop notify test`, as it is typed.

use std::path::Path;
use std::process::Command;

use crate::support::pty::Terminal;
use crate::support::smtp::Smtp;
use crate::support::waiting::output;

const CONFIG: &str = r#"
[[notify]]
name = "pager"
kind = "command"
command = ["sh", "-c", "echo \"$PROBETOP_TITLE, $PROBETOP_STATUS\" > told"]

[[notify]]
name = "büro"
kind = "command"
command = ["sh", "-c", "echo ${TOKEN} is wrong >&2; exit 3"]

[[notify]]
name = "gone"
kind = "command"
command = ["/nonexistent/page"]

[[notify]]
name = "slow"
kind = "command"
command = ["sleep", "1000"]
timeout = "100ms"

[[notify]]
name = "here"
kind = "terminal"
"#;

struct Ran {
    code: i32,
    stdout: String,
    stderr: String,
}

/// Runs `probetop notify test ARGUMENTS` in `folder`, whose probetop.toml is `config`.
fn run(folder: &Path, config: &str, arguments: &[&str]) -> Ran {
    std::fs::write(folder.join("probetop.toml"), config).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_probetop"));
    command.args(["notify", "test"]).args(arguments).current_dir(folder);
    let output = output(command.env_clear().env("HOME", folder).env("TOKEN", "hunter2"));
    Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// `told` with the time it took as `TIME`.
fn timeless(told: &str) -> String {
    let lines = told.lines().map(|line| match line.split_once("delivered in ") {
        Some((before, _)) => format!("{before}delivered in TIME\n"),
        None => format!("{line}\n"),
    });
    lines.collect()
}

#[track_caller]
fn check(arguments: &[&str], code: i32, stdout: &str, stderr: &str) {
    let folder = tempfile::tempdir().unwrap();
    let ran = run(folder.path(), CONFIG, arguments);
    assert_eq!(
        (timeless(&ran.stdout).as_str(), ran.stderr.as_str()),
        (stdout, stderr),
        "{arguments:?}"
    );
    assert_eq!(ran.code, code, "{arguments:?}");
}

#[test]
fn a_channel_is_tried_once_and_says_what_came_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let ran = run(folder.path(), CONFIG, &["pager"]);
    assert_eq!(
        (timeless(&ran.stdout).as_str(), ran.code),
        ("pager (command): delivered in TIME\n", 0)
    );
    let told = std::fs::read_to_string(folder.path().join("told")).unwrap();
    assert_eq!(told, "warning: test on checkout, firing\n");
    let failed = "büro (command): not delivered: exit code 3: *** is wrong; a run would try again\n";
    check(&["büro"], 1, failed, "");
    let gone = "gone (command): not delivered: cannot start /nonexistent/page: no such file or directory; \
                a run would not try again, so put its [[notify]] right\n";
    check(&["gone"], 1, gone, "");
    let slow = "slow (command): not delivered within 100ms; see whether the receiver is there, or raise its timeout\n";
    check(&["slow"], 1, slow, "");
    let here = "here (terminal): not delivered: standard output is not a terminal; try it at one\n";
    check(&["here"], 1, here, "");
}

#[test]
fn without_a_name_the_channels_are_listed() {
    let list =
        "CHANNEL  KIND\npager    command\nbüro     command\ngone     command\nslow     command\nhere     terminal\n";
    check(&[], 0, list, "");
}

#[test]
fn all_of_them_are_tried_and_one_that_fails_is_enough_to_fail() {
    let folder = tempfile::tempdir().unwrap();
    let ran = run(folder.path(), CONFIG, &["--all"]);
    let lines: Vec<_> = ran.stdout.lines().map(|line| line.split(':').next().unwrap()).collect();
    let expected = [
        "pager (command)",
        "büro (command)",
        "gone (command)",
        "slow (command)",
        "here (terminal)",
    ];
    let names: Vec<_> = lines
        .iter()
        .map(|line| line.split(" not").next().unwrap())
        .map(|line| line.trim())
        .collect();
    assert_eq!(names, expected, "{}", ran.stdout);
    assert_eq!((ran.code, ran.stderr.as_str()), (1, ""));
}

#[test]
fn a_name_that_nobody_has_is_bad_arguments() {
    let known = "; known are pager, büro, gone, slow, here";
    check(
        &["pagr"],
        2,
        "",
        "command line: there is no channel \"pagr\"; did you mean \"pager\"?\n",
    );
    check(
        &["xyzzy"],
        2,
        "",
        &format!("command line: there is no channel \"xyzzy\"{known}\n"),
    );
    let folder = tempfile::tempdir().unwrap();
    let ran = run(folder.path(), CONFIG, &["pager", "--all"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
}

#[test]
fn without_channels_it_says_where_to_put_one() {
    let folder = tempfile::tempdir().unwrap();
    let ran = run(folder.path(), "", &["--all"]);
    let expected = "probetop: no channel is configured; add [[notify]] with a name and a kind to probetop.toml\n";
    assert_eq!((ran.code, ran.stderr.as_str()), (1, expected));
}

#[test]
fn a_terminal_rings_and_is_asked_for_a_notification() {
    let terminal = Terminal::new(80, 24);
    let config = "[[notify]]\nname = \"here\"\nkind = \"terminal\"\ndesktop = \"osc777\"\n";
    std::fs::write(terminal.home().join("probetop.toml"), config).unwrap();
    let mut tui = terminal.probetop(&["notify", "test", "here"]);
    assert_eq!(tui.wait_exit().exit_code(), 0, "{}", tui.text());
    let written = String::from_utf8(tui.output(0)).unwrap();
    let call = "\x07\x1b]777;notify;warning: test on checkout;this is a";
    assert!(written.starts_with(call), "{written:?}");
    assert!(
        tui.text().starts_with("here (terminal): delivered in "),
        "{}",
        tui.text()
    );
}

#[test]
#[ignore = "needs aiosmtpd"]
fn a_mail_is_sent_and_a_server_that_is_gone_is_told() {
    let server = Smtp::plain();
    let config = format!(
        "[[notify]]\nname = \"ops\"\nkind = \"email\"\nserver = \"localhost:{}\"\ntls = \"none\"\n\
         from = \"probetop@example.com\"\nto = [\"ops@example.com\"]\nsubject = \"probetop: {{{{ group }}}}\\nBcc: x@y.z\"\n",
        server.port
    );
    let folder = tempfile::tempdir().unwrap();
    let ran = run(folder.path(), &config, &["ops"]);
    assert_eq!(
        timeless(&ran.stdout),
        "ops (email): delivered in TIME\n",
        "{}",
        ran.stderr
    );
    let [mail] = server.mails().try_into().ok().unwrap();
    assert_eq!(mail.header("Subject"), "probetop: test Bcc: x@y.z");
    drop(server);
    let ran = run(folder.path(), &config, &["ops"]);
    assert!(
        ran.stdout.contains("Connection refused") && ran.code == 1,
        "{}",
        ran.stdout
    );
}
