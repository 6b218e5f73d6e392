//! Children that others left to us, as an init gets them. Children are the process's.

use std::process::{Command, Stdio};
use std::time::Duration;

use probetop_probe::program::orphans::{Own, reap};
use rustix::process::{getpid, set_child_subreaper};
use tokio::time::{sleep, timeout};

/// Longer than anything here takes, even on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn what_others_left_is_waited_for_and_what_is_ours_keeps_its_status() {
    let _turn = crate::turn();
    // What is orphaned comes to this process from now on, as to an init.
    set_child_subreaper(Some(getpid())).unwrap();
    let sh = |script: &str| {
        let mut command = Command::new("sh");
        command.args(["-c", script]).stdout(Stdio::null());
        command
    };
    let ours = Own::start(|| sh("exit 7").spawn(), |child| Some(child.id()));
    let (mut ours, _own) = ours.unwrap();
    // Its child outlives it, and ends.
    let leaving = Own::start(|| sh("(sleep 0.1) & exit 0").spawn(), |child| Some(child.id()));
    let (mut leaving, _own_too) = leaving.unwrap();
    leaving.wait().unwrap();
    let reaped = async {
        while reap() == 0 {
            sleep(Duration::from_millis(2)).await;
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let reaped = runtime.unwrap().block_on(async { timeout(PATIENCE, reaped).await });
    assert!(reaped.is_ok(), "it is waited for");
    assert_eq!(reap(), 0, "and nothing is left");
    assert_eq!(ours.wait().unwrap().code(), Some(7));
    set_child_subreaper(None).unwrap();
}
