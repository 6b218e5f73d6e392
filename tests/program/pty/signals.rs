//! Signals, and the shell's job control.

use rustix::process::Signal;

use super::{NAMES, PROBETOP, config, quit, start, terminal};
use crate::support::pty::{Tui, key};

#[test]
fn signals_end_the_program_in_order_with_the_usual_code() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
        let mut tui = start(&config(&NAMES), 80, 24);
        tui.signal(signal);
        let exit = tui.wait_exit();
        assert_eq!((exit.exit_code(), exit.signal()), (code, None), "{signal:?}");
        assert!(tui.is_restored(), "{signal:?}");
    }
}

#[test]
fn signals_that_end_a_program_at_once_give_the_terminal_back_first() {
    use Signal as S;
    for signal in [
        S::QUIT,
        S::ABORT,
        S::USR2,
        S::ALARM,
        S::VTALARM,
        S::PROF,
        S::XCPU,
        S::SYS,
    ] {
        let mut tui = start(&config(&NAMES), 80, 24);
        tui.signal(signal);
        let exit = tui.wait_exit();
        assert!(exit.signal().is_some(), "{signal:?}: {exit:?}");
        assert!(tui.is_restored(), "{signal:?}");
    }
}

#[test]
fn a_paste_without_an_end_does_not_keep_ctrl_c_from_being_heard() {
    let mut tui = start(&config(&NAMES), 80, 24);
    tui.send("\x1b[200~cut off");
    tui.send(key::CTRL_C);
    assert!(tui.wait_exit().success());
    assert!(tui.is_restored());
}

fn under_shell() -> Tui {
    let tui = terminal(&config(&NAMES), 80, 24).run_under_shell(PROBETOP, &[]);
    tui.wait_for_text("? help");
    tui
}

/// The job is stopped: the shell has its terminal back. Brought forward again, the whole screen is there and keys work.
#[track_caller]
fn stops_and_comes_back(mut tui: Tui) {
    tui.wait_until_restored();
    tui.wait_for_prompt();
    tui.send("echo usable | tr a-z A-Z\r");
    tui.wait_for_text("USABLE");
    comes_back(tui);
}

#[track_caller]
fn comes_back(mut tui: Tui) {
    tui.wait_for_prompt();
    tui.send("fg\r");
    tui.wait_for("the whole screen", |screen| {
        let text = screen.contents();
        screen.alternate_screen() && text.contains("? help") && NAMES.iter().all(|name| text.contains(name))
    });
    // Not by the line: in raw mode no Enter is needed.
    tui.send("4");
    tui.wait_for_text("No alerts");
    tui.send("q");
    tui.wait_until_restored();
    tui.wait_for_prompt();
    tui.send("exit\r");
    assert!(tui.wait_exit().success());
}

#[test]
fn ctrl_z_gives_the_terminal_to_the_shell_and_fg_takes_it_back() {
    let mut tui = under_shell();
    tui.send(key::CTRL_Z);
    stops_and_comes_back(tui);
}

#[test]
fn a_stop_signal_from_outside_does_the_same() {
    let tui = under_shell();
    tui.signal(Signal::TSTP);
    stops_and_comes_back(tui);
}

/// What makes the shell wait until its job is in a state.
fn until(state: &str) -> String {
    format!("until jobs >jobs; grep '{state}' jobs; do sleep 0.1; done\n")
}

#[test]
fn a_stopped_job_can_be_terminated() {
    for stop in [Signal::TSTP, Signal::STOP] {
        let mut tui = under_shell();
        tui.signal(stop);
        tui.wait_for_text("Stopped");
        // As `kill` of other shells does, which continue a stopped job so that it may notice.
        tui.send("\nstty sane\nkill %1; kill -s CONT %1\n");
        tui.send(&until("Done"));
        tui.wait_for_text("Done(143)");
        tui.wait_for_prompt();
        tui.send("exit\n");
        assert!(tui.wait_exit().success());
    }
}

#[test]
fn a_job_started_in_the_background_waits_for_the_terminal() {
    let mut tui = terminal(&config(&NAMES), 80, 24).run_under_shell("true", &[]);
    tui.send(&format!("{PROBETOP} &\n{}", until("Stopped (tty")));
    tui.wait_for_text("+ Stopped (tty");
    comes_back(tui);
}

#[test]
fn a_job_sent_to_the_background_measures_on_and_comes_back() {
    let mut tui = under_shell();
    tui.send(key::CTRL_Z);
    tui.wait_until_restored();
    tui.wait_for_prompt();
    // Long enough for a snapshot, which must not be drawn on the shell's screen. What is typed meanwhile is the shell's.
    tui.send("bg; sleep 1.5\recho not your key\r");
    tui.wait_for_text("> not your key");
    tui.send("jobs >jobs; grep Running jobs\r");
    tui.wait_for_text("+ Running");
    tui.wait_for_prompt();
    assert!(tui.is_restored());
    comes_back(tui);
}

#[test]
fn a_stop_that_cannot_be_caught_is_made_good_on_return() {
    let mut tui = under_shell();
    tui.signal(Signal::STOP);
    // The shell is there, on the wrong screen: what a person does then is to bring the job back.
    tui.wait_for_text("Stopped");
    // In raw mode Enter is no line end.
    tui.send("\nfg\n");
    // What was there before the stop may be there still.
    tui.wait_for_frames(1);
    tui.wait_for("the whole screen", |screen| {
        screen
            .contents()
            .lines()
            .last()
            .is_some_and(|line| line.contains("? help"))
    });
    tui.send("4");
    tui.wait_for_text("No alerts");
    tui.send("q");
    tui.wait_until_restored();
    tui.wait_for_prompt();
    tui.send("exit\r");
    assert!(tui.wait_exit().success());
}

#[test]
fn a_continue_signal_alone_repaints() {
    let mut tui = start(&config(&NAMES), 80, 24);
    let before = tui.bytes();
    tui.signal(Signal::CONT);
    tui.wait_for_frames(2);
    assert!(tui.output(before).windows(6).any(|bytes| bytes == b"\x1b[H\x1b[J"));
    tui.send("4");
    tui.wait_for_text("No alerts");
    quit(tui);
}

#[test]
fn without_a_shell_to_return_to_ctrl_z_does_not_stop() {
    let mut tui = start(&config(&NAMES), 80, 24);
    tui.send(key::CTRL_Z);
    tui.wait_for_text("no shell");
    tui.signal(Signal::TSTP);
    tui.wait_for_frames(2);
    quit(tui);
}
