//! A program, from its start to its end, in a process group of its own: nothing of it outlives the probe.

use std::io;
use std::process::ExitStatus;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// Of what a program prints; Nagios itself reads 8 KiB. The rest is read and dropped, so that the program does not
/// wait for us.
pub const STDOUT_LIMIT_BYTES: usize = 64 * 1024;

/// Enough for the message that says what is wrong.
pub const STDERR_LIMIT_BYTES: usize = 4 * 1024;

/// How long what an ended program left running may still print: what the program itself printed is there at once.
const LEFTOVER: Duration = Duration::from_millis(50);

/// A program that has ended.
#[derive(Debug)]
pub struct Ended {
    pub status: ExitStatus,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
}

/// Runs `command`, whose standard output and error are pipes and whose process group is its own. Dropping the future
/// kills the whole group.
///
/// # Errors
/// It could not be started.
pub async fn run(command: &mut Command) -> io::Result<Ended> {
    let mut child = command.spawn()?;
    // Declared after the child and so dropped before it: the group is killed while its leader's number is still taken.
    let mut group = Group::of(&child);
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let status = {
        let reading = async {
            tokio::join!(
                capture(out, &mut stdout, STDOUT_LIMIT_BYTES),
                capture(err, &mut stderr, STDERR_LIMIT_BYTES)
            )
        };
        let mut reading = std::pin::pin!(reading);
        tokio::select! {
            _ = &mut reading => {
                let status = child.wait().await?;
                group.release();
                status
            }
            status = child.wait() => {
                if timeout(LEFTOVER, reading).await.is_ok() {
                    group.release();
                }
                status?
            }
        }
    };
    Ok(Ended { status, stdout, stderr })
}

/// Reads to the end and keeps the first `limit` bytes. A pipe that breaks has ended.
async fn capture(pipe: Option<impl AsyncRead + Unpin>, kept: &mut Vec<u8>, limit: usize) {
    let Some(mut pipe) = pipe else { return };
    let mut chunk = [0; 4096];
    while let Ok(length @ 1..) = pipe.read(&mut chunk).await {
        let wanted = length.min(limit.saturating_sub(kept.len()));
        kept.extend(chunk.iter().take(wanted));
    }
}

/// Kills a process group when dropped, unless it has been released.
struct Group(Option<Pid>);

impl Group {
    fn of(leader: &Child) -> Self {
        let id = leader.id().and_then(|id| i32::try_from(id).ok());
        Self(id.and_then(Pid::from_raw))
    }

    /// All of it has ended, or has closed what it shared with us: a daemon that was meant to stay.
    fn release(&mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // Fails when the group has ended by itself.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}
