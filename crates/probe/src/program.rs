//! A program, from its start to its end: nothing of it outlives whoever waits for it. Its process group dies at once, what
//! has left the group soon after, and a guard sees to it when we are killed.

mod descendants;
pub mod guard;
pub mod orphans;
pub mod recipe;

use std::convert::Infallible;
use std::ffi::OsStr;
use std::future;
use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use orphans::Own;
use probetop_core::sample::Text;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin, Command};
use tokio::time::timeout;

/// Of what a program prints; Nagios itself reads 8 KiB. The rest is read and dropped, so that the program does not
/// wait for us.
pub const STDOUT_LIMIT_BYTES: usize = 64 * 1024;

/// Enough for the message that says what is wrong.
pub const STDERR_LIMIT_BYTES: usize = 4 * 1024;

/// How long what an ended program left running may still print: what the program itself printed is there at once.
const LEFTOVER: Duration = Duration::from_millis(50);

/// Where a program finds others, unless its environment says otherwise.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// A command for [`run`]: without a shell, with nothing of our environment but `PATH` and `LC_ALL=C`, and no descriptor of
/// ours; [`run`] adds a mark. It reads nothing; who has something to tell it makes its standard input a pipe.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("PATH", PATH)
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        // Reaps the leader as well, when it is abandoned.
        .kill_on_drop(true);
    command
}

/// A program that has ended.
#[derive(Debug)]
pub struct Ended {
    pub status: ExitStatus,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
}

/// The first line that says something.
pub fn first_line(printed: &[u8]) -> Text {
    let lines = printed.split(|byte| *byte == b'\n');
    let mut lines = lines.map(Text::clean_bytes).filter(|line| !line.as_str().is_empty());
    lines.next().unwrap_or_default()
}

/// Runs what [`command`] made, and hands it as much of `input` as it reads. Dropping the future kills
/// all that it started.
///
/// # Errors
/// It could not be started.
pub async fn run(command: &mut Command, input: &[u8]) -> io::Result<Ended> {
    let number = descendants::next_run();
    command.env(descendants::VARIABLE, descendants::mark(number));
    guard::has_begun(number);
    let started = Own::start(|| command.spawn(), Child::id);
    // Dropped after the child, which then has been waited for, or is left to the runtime.
    let (mut child, _own) = started.inspect_err(|_| guard::is_over(number))?;
    // Declared after the child and so dropped before it: the group is killed while its leader's number is still taken.
    let mut started = Started::by(&child, number);
    let feeding = feed(child.stdin.take(), input);
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let ending = async {
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
                started.release();
                Ok(status)
            }
            status = child.wait() => {
                if timeout(LEFTOVER, reading).await.is_ok() {
                    started.release();
                }
                status
            }
        }
    };
    let status: io::Result<ExitStatus> = tokio::select! {
        status = ending => status,
        never = feeding => match never {},
    };
    let status = status?;
    Ok(Ended { status, stdout, stderr })
}

/// Writes as much as is read and closes the pipe. That it is done says nothing about the program, so it never returns.
async fn feed(pipe: Option<ChildStdin>, input: &[u8]) -> Infallible {
    if let Some(mut pipe) = pipe {
        // Fails when the program has closed its end: it has read what it wanted.
        let _ = pipe.write_all(input).await;
    }
    future::pending().await
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

/// Kills all that a run has started when dropped, unless it has been released.
struct Started {
    group: Option<Pid>,
    run: u64,
    released: bool,
}

impl Started {
    fn by(leader: &Child, run: u64) -> Self {
        let id = leader.id().and_then(|id| i32::try_from(id).ok());
        Self {
            group: id.and_then(Pid::from_raw),
            run,
            released: false,
        }
    }

    /// All of it has ended, or has closed what it shared with us: a daemon that was meant to stay.
    fn release(&mut self) {
        self.released = true;
        guard::is_over(self.run);
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        if self.released {
            return;
        }
        if let Some(group) = self.group {
            // Fails when the group has ended by itself.
            let _ = kill_process_group(group, Signal::KILL);
        }
        descendants::kill_soon(self.run);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_line_says_something() {
        assert_eq!(first_line(b"\n  \nhello\nworld").as_str(), "hello");
        assert_eq!(first_line(b"").as_str(), "");
    }
}
