//! A signal to a process that was seen some time ago, if its number still means the same process.

use probetop_core::snapshot::ProcessSignal;

/// # Errors
/// Says why nothing was sent: the process is gone or another one, or the system refuses.
#[cfg(target_os = "linux")]
pub fn send(wanted: &ProcessSignal) -> Result<(), String> {
    use rustix::process::{Pid, PidfdFlags, pidfd_open, pidfd_send_signal};

    use super::details;

    let gone = || "it has ended".to_owned();
    if wanted.pid == std::process::id() {
        return Err("that is probetop itself; quit it by its key".to_owned());
    }
    let pid = i32::try_from(wanted.pid)
        .ok()
        .and_then(Pid::from_raw)
        .ok_or_else(gone)?;
    // Held before it is looked at: what gets its number afterwards gets no signal.
    let process = pidfd_open(pid, PidfdFlags::empty()).map_err(|_| gone())?;
    let started = details::started_at(wanted.pid).ok_or_else(gone)?;
    let apart = started
        .duration_since(wanted.started)
        .unwrap_or_else(|error| error.duration());
    if apart > CLOCK_STEP {
        return Err("another process has its number now".to_owned());
    }
    pidfd_send_signal(process, number(wanted.signal)).map_err(|error| error.to_string())
}

/// # Errors
/// Always, here.
#[cfg(not(target_os = "linux"))]
pub fn send(_: &ProcessSignal) -> Result<(), String> {
    Err("it cannot be told from a later one on this system".to_owned())
}

/// Start times are known to the second, and counted from a boot time that is read anew.
#[cfg(target_os = "linux")]
const CLOCK_STEP: std::time::Duration = std::time::Duration::from_secs(1);

#[cfg(target_os = "linux")]
fn number(signal: probetop_core::snapshot::SignalKind) -> rustix::process::Signal {
    use probetop_core::snapshot::SignalKind;
    use rustix::process::Signal;

    match signal {
        SignalKind::Terminate => Signal::TERM,
        SignalKind::Interrupt => Signal::INT,
        SignalKind::Hangup => Signal::HUP,
        SignalKind::Quit => Signal::QUIT,
        SignalKind::User1 => Signal::USR1,
        SignalKind::User2 => Signal::USR2,
        SignalKind::Stop => Signal::STOP,
        SignalKind::Continue => Signal::CONT,
        SignalKind::Kill => Signal::KILL,
    }
}

#[cfg(target_os = "linux")]
#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::{Child, Command};
    use std::time::Duration;

    use probetop_core::snapshot::SignalKind;

    use super::super::details;
    use super::*;

    fn child() -> (Child, ProcessSignal) {
        let child = Command::new("sleep").arg("600").spawn().unwrap();
        let signal = ProcessSignal {
            pid: child.id(),
            name: "sleep".into(),
            started: details::started_at(child.id()).expect("it runs"),
            signal: SignalKind::Terminate,
        };
        (child, signal)
    }

    #[test]
    fn the_process_that_was_meant_gets_the_signal() {
        let (mut child, signal) = child();
        assert_eq!(send(&signal), Ok(()));
        assert_eq!(child.wait().unwrap().signal(), Some(15));
        assert_eq!(send(&signal), Err("it has ended".to_owned()));
    }

    #[test]
    fn another_process_of_the_same_number_gets_none() {
        let (mut child, signal) = child();
        let earlier = ProcessSignal {
            started: signal.started - Duration::from_secs(60),
            signal: SignalKind::Kill,
            ..signal.clone()
        };
        assert_eq!(send(&earlier), Err("another process has its number now".to_owned()));
        assert_eq!(child.try_wait().unwrap(), None, "it runs on");
        assert_eq!(send(&signal), Ok(()));
        child.wait().unwrap();
    }

    #[test]
    fn probetop_sends_none_to_itself() {
        let own = ProcessSignal {
            pid: std::process::id(),
            name: "probetop".into(),
            started: details::started_at(std::process::id()).unwrap(),
            signal: SignalKind::Kill,
        };
        assert!(send(&own).is_err());
    }
}
