//! The session and the process group that the program runs in: whether a shell would continue it, and whose the terminal is.
//!
//! By `nix`, since rustix 1 has no number for a leader outside the PID namespace of the program, as in a container or under
//! `unshare --pid`; the system calls it 0.

use std::io;

use nix::sys::termios::tcgetsid;
use nix::unistd::{getpgrp, getsid, tcgetpgrp};

/// Whether a shell would bring a stopped program back: one with job control gives each job a process group of its own. In
/// the group of the session's leader, as in `ssh host probetop` or a window of tmux, a stop would be for good.
pub fn has_shell() -> bool {
    getsid(None).map_or(true, |session| session != getpgrp())
}

/// Whether the terminal is this process' to use, and not its shell's.
pub fn is_foreground() -> bool {
    // One that does not tell is gone, and then it makes no difference.
    tcgetpgrp(io::stdin()).map_or(true, |foreground| foreground == getpgrp())
}

/// Whether `/dev/tty` is the terminal of standard output.
pub fn is_of_terminal() -> bool {
    tcgetsid(io::stdout()).ok() == getsid(None).ok()
}
