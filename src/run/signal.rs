//! Signals, as events.

use std::io;

use tokio::signal::unix::{Signal as Stream, SignalKind, signal};

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGINT.
    Interrupt,
    /// SIGTERM.
    Terminate,
    /// SIGHUP: the terminal is gone.
    Hangup,
    /// SIGTSTP: step back from the terminal.
    Suspend,
    /// SIGCONT: take it again.
    Resume,
    /// SIGWINCH: the terminal has another size.
    Resize,
    /// SIGUSR1.
    Reload,
    /// Any other that ends a program, by its number. The terminal is given back before it does what it always does.
    Deadly(i32),
}

impl Signal {
    /// Whether a run ends by it.
    pub const fn ends(self) -> bool {
        match self {
            Self::Interrupt | Self::Terminate | Self::Hangup | Self::Deadly(_) => true,
            Self::Suspend | Self::Resume | Self::Resize | Self::Reload => false,
        }
    }

    /// The exit code of a program that ends because of it.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Hangup => 129,
            Self::Interrupt => 130,
            Self::Terminate => 143,
            Self::Deadly(number) => (number as u8).wrapping_add(128),
            Self::Suspend | Self::Resume | Self::Resize | Self::Reload => 0,
        }
    }
}

/// Ends the process as the signal would have, had it not been caught: who waits for it learns of the signal, and one that
/// leaves a core leaves it. Comes back where that is not known how to do.
pub fn end_by(number: i32) {
    // Real-time signals and those of one system alone are not known there.
    let _ = signal_hook::low_level::emulate_default_handler(number);
}

/// Which signals are caught; the others do what they always do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signals {
    /// A program without a screen stops and continues like any other.
    Headless,
    /// A screen gives the terminal back before it stops.
    Screen,
}

/// The signals that are waited for.
pub struct Listener {
    streams: Vec<(Signal, Stream)>,
}

impl Listener {
    /// Needs a runtime with its I/O driver on.
    pub fn try_new(signals: Signals) -> io::Result<Self> {
        let mut wanted = vec![
            (Signal::Interrupt, SignalKind::interrupt()),
            (Signal::Terminate, SignalKind::terminate()),
            (Signal::Hangup, SignalKind::hangup()),
            (Signal::Reload, SignalKind::user_defined1()),
        ];
        let kind = |signal: rustix::process::Signal| SignalKind::from_raw(signal.as_raw());
        if signals == Signals::Screen {
            wanted.push((Signal::Suspend, kind(rustix::process::Signal::TSTP)));
        }
        let ignored = ignored();
        wanted.retain(|(_, kind)| !contains(ignored, kind.as_raw_value()));
        // Caught and never looked at: what goes beyond the largest file that is allowed then fails as a write, and all
        // else goes on.
        let _ = signal(kind(rustix::process::Signal::XFSZ))?;
        let mut streams = Vec::new();
        for (name, kind) in wanted {
            streams.push((name, signal(kind)?));
        }
        if signals == Signals::Screen {
            // Some numbers are the C library's own.
            let deadly = deadly().filter(|number| !contains(ignored, *number));
            streams.extend(deadly.filter_map(|number| {
                let stream = signal(SignalKind::from_raw(number)).ok()?;
                Some((Signal::Deadly(number), stream))
            }));
            // These two only tell. They come last: who is continued to be terminated is first told the latter.
            streams.push((Signal::Resume, signal(kind(rustix::process::Signal::CONT))?));
            streams.push((Signal::Resize, signal(SignalKind::window_change())?));
        }
        Ok(Self { streams })
    }

    /// The next signal that ends the program.
    pub async fn next_end(&mut self) -> Signal {
        loop {
            match self.next().await {
                Signal::Suspend | Signal::Resume | Signal::Resize | Signal::Reload => {}
                signal @ (Signal::Interrupt | Signal::Terminate | Signal::Hangup | Signal::Deadly(_)) => return signal,
            }
        }
    }

    /// The next signal.
    pub async fn next(&mut self) -> Signal {
        std::future::poll_fn(|context| {
            for (name, stream) in &mut self.streams {
                if stream.poll_recv(context).is_ready() {
                    return std::task::Poll::Ready(*name);
                }
            }
            std::task::Poll::Pending
        })
        .await
    }
}

/// The numbers of the signals that end a program and mean nothing else to us. Not those by which a program is told of its
/// own defect, such as SIGSEGV: whoever catches one goes on with the defect.
fn deadly() -> impl Iterator<Item = i32> {
    use rustix::process::Signal;
    const EVERYWHERE: [Signal; 9] = [
        Signal::QUIT,
        Signal::ABORT,
        Signal::TRAP,
        Signal::SYS,
        Signal::USR2,
        Signal::ALARM,
        Signal::VTALARM,
        Signal::PROF,
        Signal::XCPU,
    ];
    #[cfg(target_os = "linux")]
    let others = [Signal::IO, Signal::POWER, Signal::STKFLT]
        .map(Signal::as_raw)
        .into_iter()
        .chain(REAL_TIME);
    #[cfg(not(target_os = "linux"))]
    let others = std::iter::empty();
    EVERYWHERE.map(Signal::as_raw).into_iter().chain(others)
}

/// The C library keeps the first ones of 32 to 64 for itself.
#[cfg(target_os = "linux")]
const REAL_TIME: std::ops::RangeInclusive<i32> = 34..=64;

/// The signals that were ignored when the program started, a bit each from 1 on: `nohup` and a shell's background jobs
/// rely on that they stay so. None where the system does not tell.
fn ignored() -> u64 {
    std::fs::read_to_string("/proc/self/status").map_or(0, |status| ignored_in(&status))
}

fn ignored_in(status: &str) -> u64 {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0)
}

fn contains(mask: u64, signal: i32) -> bool {
    let bit = u32::try_from(signal - 1)
        .ok()
        .and_then(|shift| 1_u64.checked_shl(shift));
    bit.is_some_and(|bit| mask & bit != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_ignored_at_the_start_are_known() {
        let check = |status, signal, expected| assert_eq!(contains(ignored_in(status), signal), expected);
        let nohup = "Name:\tprobetop\nSigBlk:\t0000000000000002\nSigIgn:\t0000000000001001\n";
        check(nohup, 1, true);
        check(nohup, 2, false);
        check(nohup, 13, true);
        check(nohup, 0, false);
        check(nohup, 99, false);
        check("SigIgn:\tnonsense", 1, false);
        check("", 1, false);
    }
}
