//! The guard: a process that outlives probetop when that is killed, and kills the programs that it had running. It is
//! our own binary, started with the first program, and ends with probetop: then its standard input does.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::{self, BufRead as _, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::OnceLock;

use rustix::fs::{OFlags, fcntl_setfl};

use super::descendants;
use super::orphans::Own;

/// The first argument of a guard; behind it comes whose runs it kills.
const ARGUMENT: &str = "--guard-of";

/// Set where this binary understands [`ARGUMENT`].
static WANTED: OnceLock<()> = OnceLock::new();

/// The runs that are under way are told by [`has_begun`] and [`is_over`] as lines `+1` and `-1`.
static GUARD: OnceLock<Option<ChildStdin>> = OnceLock::new();

/// Whose runs this process is to guard, if it was started for that.
pub fn asked() -> Option<String> {
    let mut arguments = std::env::args_os().skip(1);
    let first = arguments.next()?;
    let owner = arguments.next()?.into_string().ok()?;
    (first == OsStr::new(ARGUMENT)).then_some(owner)
}

/// Has a guard started with the first program. Only for who begins with [`asked`].
pub fn want() {
    WANTED.get_or_init(|| ());
}

/// Waits for the end of who started this process, and kills what it left running.
pub fn stand(owner: &str) {
    // Keys and the end of the terminal are for those of its session. Fails when this is the first of a session already.
    let _ = rustix::process::setsid();
    let mut running = BTreeSet::new();
    for line in io::stdin().lock().lines().map_while(Result::ok) {
        follow(&mut running, &line);
    }
    if !running.is_empty() {
        descendants::kill_all(owner, &running);
    }
}

fn follow(running: &mut BTreeSet<u64>, line: &str) {
    let (sign, run) = line.split_at_checked(1).unwrap_or_default();
    match (sign, run.parse()) {
        ("+", Ok(run)) => {
            running.insert(run);
        }
        ("-", Ok(run)) => {
            running.remove(&run);
        }
        _ => {}
    }
}

/// To be said before a program is started.
pub(super) fn has_begun(run: u64) {
    if WANTED.get().is_some() {
        GUARD.get_or_init(|| start().ok());
    }
    tell(&format!("+{run}\n"));
}

/// Nothing of it is left, or what is left may stay.
pub(super) fn is_over(run: u64) {
    tell(&format!("-{run}\n"));
}

fn tell(line: &str) {
    if let Some(mut guard) = GUARD.get().and_then(Option::as_ref) {
        // A line is written whole or not at all, without waiting. Fails when the guard was killed, or stopped for
        // thousands of runs: probetop goes on without it.
        let _ = guard.write(line.as_bytes());
    }
}

/// It holds nothing of ours: no terminal, no folder, no variable that another probetop may have marked us with.
fn start() -> io::Result<ChildStdin> {
    // Runs the binary that we are, though a newer one has taken its place.
    let mut command = Command::new("/proc/self/exe");
    command
        .arg0("probetop")
        .args([ARGUMENT, descendants::owner()])
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    // It ends after us.
    let (mut child, _own) = Own::start(|| command.spawn(), |child| Some(child.id()))?;
    let line = child.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?;
    fcntl_setfl(&line, OFlags::NONBLOCK)?;
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guard_knows_which_runs_are_under_way() {
        let mut running = BTreeSet::new();
        for line in ["+1", "+2", "-1", "", "é", "+x", "-7"] {
            follow(&mut running, line);
        }
        assert_eq!(running, [2].into());
    }
}
