//! Programs that are run for messages: what they are told, what comes of their end, and that nothing of them is left.

use std::path::Path;
use std::time::Duration;

use probetop::notify::channel::{Channel as _, Fault};
use probetop::notify::command::{Command, Settings};
use probetop::notify::message::Message;
use probetop_core::snapshot::AnnouncementReason;
use tokio::time::timeout;

use crate::support::messages::{announcement, firing, message};

/// Longer than anything here takes, even on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(20);

/// Runs `script` in a shell, for which `$0` is `word`.
fn shell(script: &str, word: &Path) -> Settings {
    let word = word.to_str().unwrap();
    Settings {
        command: ["sh", "-c", script, word].map(str::to_owned).to_vec(),
        ..Settings::default()
    }
}

async fn deliver(settings: Settings, message: &Message) -> Result<(), Fault> {
    let channel = Command::new(settings);
    timeout(PATIENCE, channel.deliver(message))
        .await
        .expect("the program ends")
}

fn passing(message: &str) -> Result<(), Fault> {
    let message = message.into();
    Err(Fault::Passing { message, wait: None })
}

#[tokio::test]
async fn the_environment_says_what_a_script_wants_to_say() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = shell("env > \"$0\"", &folder.path().join("env"));
    settings.env.insert("TOKEN".to_owned(), "a b".to_owned());
    let mut resolved = announcement(AnnouncementReason::Resolved, 760);
    resolved.alert.subject = "checkout $(touch evil) `x` '\n\";".into();
    let mut told = message(vec![resolved, announcement(AnnouncementReason::Resolved, 760)]);
    told.left_out = 3;
    deliver(settings, &told).await.unwrap();
    let written = std::fs::read_to_string(folder.path().join("env")).unwrap();
    let mut variables: Vec<_> = written.lines().collect();
    variables.sort_unstable();
    // The shell itself adds its working directory, and each run has a mark of its own.
    variables.retain(|line| !line.starts_with("PWD=") && !line.starts_with("PROBETOP_RUN="));
    let expected = [
        "LC_ALL=C",
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "PROBETOP_ALERTS=5",
        "PROBETOP_ALERT_ACTION=add a replica",
        "PROBETOP_ALERT_NAME=slow",
        "PROBETOP_ALERT_REASON=p95 812ms > 500ms",
        "PROBETOP_ALERT_RESOLVED=2026-11-21T03:12:40.000Z",
        "PROBETOP_ALERT_SEVERITY=critical",
        "PROBETOP_ALERT_SINCE=2026-11-21T03:01:40.000Z",
        "PROBETOP_ALERT_SUBJECT=checkout $(touch evil) `x` ' \";",
        "PROBETOP_ALERT_UNIT=us",
        "PROBETOP_ALERT_VALUE=812000",
        "PROBETOP_ALERT_WORST=1400000",
        "PROBETOP_GROUP=slow",
        "PROBETOP_MACHINE=db-1",
        "PROBETOP_OCCASION=resolved",
        "PROBETOP_STATUS=resolved",
        "PROBETOP_TITLE=resolved: slow on checkout $(touch evil) `x` ' \";, and 4 more",
        "TOKEN=a b",
    ];
    assert_eq!(variables, expected);
}

#[tokio::test]
async fn the_whole_message_is_there_to_read() {
    let folder = tempfile::tempdir().unwrap();
    let read = folder.path().join("read");
    // More than a pipe holds.
    let many = message(vec![announcement(AnnouncementReason::Firing, 130); 1000]);
    deliver(shell("cat > \"$0\"", &read), &many).await.unwrap();
    let document: serde_json::Value = serde_json::from_slice(&std::fs::read(read).unwrap()).unwrap();
    assert_eq!(document["schema"], "probetop.notification/v1");
    assert_eq!(document["alerts"].as_array().unwrap().len(), 1000);
    assert_eq!(document["alerts"][999]["subject"], "checkout");
}

#[tokio::test]
async fn an_end_that_is_not_zero_is_tried_again_and_says_why() {
    let check = async |script: &str, expected: Result<(), Fault>| {
        assert_eq!(
            deliver(shell(script, Path::new("x")), &firing()).await,
            expected,
            "{script}"
        );
    };
    check("exit 0", Ok(())).await;
    check("echo fine >&2; exit 0", Ok(())).await;
    check("exit 3", passing("exit code 3")).await;
    check(
        "printf '\\n no \\033[31mroute\\nmore\\n' >&2; exit 1",
        passing("exit code 1: no [31mroute"),
    )
    .await;
    check("kill -9 $$", passing("ended by signal 9")).await;
    check("yes | head -c 1000000 >&2; exit 1", passing("exit code 1: y")).await;
}

#[tokio::test]
async fn a_program_that_is_not_there_is_not_tried_again() {
    let check = async |program: &str, directory: Option<&str>, expected: &str| {
        let settings = Settings {
            command: vec![program.to_owned()],
            directory: directory.map(Into::into),
            ..Settings::default()
        };
        let message = expected.into();
        assert_eq!(deliver(settings, &firing()).await, Err(Fault::Lasting { message }));
    };
    check(
        "/nonexistent/page",
        None,
        "cannot start /nonexistent/page: no such file or directory",
    )
    .await;
    check(
        "no-such-program",
        None,
        "cannot start no-such-program: no such program in \
         /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    )
    .await;
    check(
        "/etc/passwd",
        None,
        "cannot start /etc/passwd: it is not executable (chmod +x)",
    )
    .await;
    check(
        "true",
        Some("/nonexistent"),
        "cannot start in /nonexistent: no such directory",
    )
    .await;
}

#[tokio::test]
async fn a_program_that_reads_nothing_or_half_is_not_waited_for() {
    let many = message(vec![announcement(AnnouncementReason::Firing, 130); 1000]);
    for script in [
        "exit 0",
        "exec <&-; exit 0",
        "head -c 1 >/dev/null",
        "sleep 3 <&0 >&- 2>&- & exit 0",
    ] {
        deliver(shell(script, Path::new("x")), &many).await.unwrap();
    }
}

/// Whether a process of this number runs; one that has ended and was not waited for does not.
fn runs(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
    stat.rsplit(") ")
        .next()
        .is_some_and(|after| !after.is_empty() && !after.starts_with('Z'))
}

#[tokio::test]
async fn a_try_that_is_given_up_takes_children_and_their_children_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let pids = folder.path().join("pids");
    // The grandchild ignores what is polite.
    let script =
        "(trap '' TERM HUP INT; sleep 1000 & echo $! >> \"$0\"; wait) & sleep 1000 & echo $$ $! >> \"$0\"; wait";
    let channel = Command::new(shell(script, &pids));
    let told = firing();
    let written = || std::fs::read_to_string(&pids).unwrap_or_default();
    let all_run = async {
        while written().split_whitespace().count() < 3 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        outcome = channel.deliver(&told) => panic!("it ended with {outcome:?}"),
        started = timeout(PATIENCE, all_run) => started.expect("all of them start"),
    }
    let all_gone = async {
        while written().split_whitespace().any(runs) {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, all_gone).await.expect("none of them is left");
}
