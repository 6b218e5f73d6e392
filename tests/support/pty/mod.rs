//! Runs a full-screen program in a pseudo-terminal: keys in, a screen out, and everything a terminal can do to it.
//!
//! ```text
//!  test ── keys, size, signals ──▶ pty ──▶ program        reader thread: bytes ─▶ vt100 ─▶ State ─▶ condvar
//!    ◀──── wait_for(condition on the screen) ◀── State    waiter thread: exit status ─────▶ State ─▶ condvar
//! ```
//! Nothing here sleeps: a test waits for a condition, and fails with the screen's contents when it does not come true.

pub mod key;
mod output;
mod device;

use std::io::Write;
use std::num::NonZeroU16;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use portable_pty::{CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tempfile::TempDir;
use vt100::{MouseProtocolMode, Screen};

use device::{Modes, fill, open, prepare_hangup};
use output::{Reading, Shared, State, read_all, wait_in_background};

/// What [`Tui::start_under_shell`] waits for before it types.
const PROMPT: &str = "shell>";

/// A terminal to start programs in: its size and what is in the environment.
pub struct Terminal {
    size: PtySize,
    env: Vec<(String, String)>,
    home: TempDir,
}

impl Terminal {
    /// An xterm with 256 colours; home and configuration directories are empty and thrown away at the end.
    pub fn new(cols: u16, rows: u16) -> Self {
        let home = tempfile::tempdir().expect("a temporary directory");
        let path = home.path().display().to_string();
        let search = std::env::var("PATH").unwrap_or_else(|_| "/usr/bin:/bin".to_owned());
        let env = [
            ("TERM", "xterm-256color"),
            ("LANG", "C.UTF-8"),
            ("PATH", &search),
            ("HOME", &path),
        ];
        Self {
            size: size(cols, rows),
            env: env.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            home,
        }
    }

    /// Sets a variable of the program's environment, which otherwise holds TERM, LANG, PATH and HOME alone.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Where the program starts, and its HOME: a place for configuration files.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    pub fn run(self, program: &str, args: &[&str]) -> Tui {
        let pty = native_pty_system().openpty(self.size).expect("a pseudo-terminal");
        let mut command = CommandBuilder::new(program);
        command.args(args);
        command.cwd(self.home.path());
        command.env_clear();
        self.env.iter().for_each(|(name, value)| command.env(name, value));
        let device = pty.master.tty_name().expect("the pseudo-terminal has a name");
        let shared = Arc::new(picture(self.size));
        let modes_before = Modes::of(&device);
        let child = pty.slave.spawn_command(command).expect("the program starts");
        // The end of output is only seen once nobody but the program holds this side.
        drop(pty.slave);
        let reader = pty.master.try_clone_reader().expect("the terminal's output");
        let reading = Arc::clone(&shared);
        Tui {
            pid: child
                .process_id()
                .and_then(|pid| Pid::from_raw(pid as i32))
                .expect("the program has an id"),
            writer: Some(pty.master.take_writer().expect("the terminal's input")),
            reader: Some(thread::spawn(move || read_all(reader, &reading))),
            waiter: Some(wait_in_background(child, Arc::clone(&shared))),
            master: Some(pty.master),
            device,
            modes_before,
            shared,
            home: self.home,
        }
    }

    /// `probetop ARGS`.
    pub fn probetop(self, args: &[&str]) -> Tui {
        self.run(env!("CARGO_BIN_EXE_probetop"), args)
    }

    /// An interactive shell with job control in which `program` runs in the foreground, so that Ctrl-Z, `fg` and `bg` mean
    /// what they mean to people. The shell is at its prompt again when the program has stopped or ended.
    pub fn run_under_shell(self, program: &str, args: &[&str]) -> Tui {
        let mut tui = self.env("PS1", &format!("{PROMPT} ")).run("sh", &["-i"]);
        tui.wait_for_text(PROMPT);
        // Where sh edits lines itself, its prompt would change the terminal's modes.
        tui.send("set +o emacs\r");
        tui.wait_for("the second prompt", |screen| {
            screen.contents().matches(PROMPT).count() == 2
        });
        let words = std::iter::once(&program).chain(args).map(|word| quoted(word));
        tui.send(&format!("{}\r", words.collect::<Vec<_>>().join(" ")));
        tui
    }
}

/// A program in its terminal. Dropping it takes the terminal away and kills what is left.
pub struct Tui {
    pid: Pid,
    writer: Option<Box<dyn Write + Send>>,
    master: Option<Box<dyn MasterPty + Send>>,
    reader: Option<JoinHandle<()>>,
    waiter: Option<JoinHandle<()>>,
    device: PathBuf,
    modes_before: Modes,
    shared: Arc<Shared>,
    home: TempDir,
}

impl Tui {
    /// `probetop ARGS` in an xterm with 256 colours.
    pub fn start(args: &[&str], cols: u16, rows: u16) -> Self {
        Terminal::new(cols, rows).probetop(args)
    }

    /// The same as a job of an interactive shell; see [`Terminal::run_under_shell`].
    pub fn start_under_shell(args: &[&str], cols: u16, rows: u16) -> Self {
        Terminal::new(cols, rows).run_under_shell(env!("CARGO_BIN_EXE_probetop"), args)
    }

    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// The program's process, or the shell's.
    pub fn pid(&self) -> Pid {
        self.pid
    }

    /// Types `keys`; see [`key`] for those without a character.
    pub fn send(&mut self, keys: &str) {
        self.send_bytes(keys.as_bytes());
    }

    /// Sends bytes that no keyboard sends.
    pub fn send_bytes(&mut self, bytes: &[u8]) {
        let writer = self.writer.as_mut().expect("the terminal was hung up");
        writer.write_all(bytes).expect("the terminal takes input");
    }

    /// Waits until `condition` is true of the screen.
    ///
    /// # Panics
    /// With `what` and the screen's contents when it does not come true in time, or cannot any more.
    #[track_caller]
    pub fn wait_for(&self, what: &str, condition: impl Fn(&Screen) -> bool) {
        self.shared.wait(what, |state| condition(state.parser.screen()));
    }

    #[track_caller]
    pub fn wait_for_text(&self, text: &str) {
        self.wait_for(&format!("{text:?} on the screen"), |screen| {
            screen.contents().contains(text)
        });
    }

    /// Waits until the program has written `sequence` this often, shown on the screen or not.
    #[track_caller]
    pub fn wait_for_outputs(&self, sequence: &str, times: usize) {
        self.shared
            .wait(&format!("{sequence:?} written {times} times"), |state| {
                let windows = state.output.windows(sequence.len());
                windows.filter(|window| *window == sequence.as_bytes()).count() >= times
            });
    }

    /// Waits until the shell takes commands: the program it ran has stopped or ended.
    #[track_caller]
    pub fn wait_for_prompt(&self) {
        self.wait_for("the shell's prompt", |screen| {
            screen.contents().trim_end().ends_with(PROMPT)
        });
    }

    /// Waits until `more` further frames have been drawn completely (synchronized updates, DEC mode 2026).
    #[track_caller]
    pub fn wait_for_frames(&self, more: u64) {
        let enough = self.frames() + more;
        self.shared
            .wait(&format!("frame {enough}"), |state| state.frames() >= enough);
    }

    /// Waits until the terminal is as it was before the program: see [`Tui::is_restored`]. Looks anew at each output and at
    /// the program's end, so a shell that prints its prompt is enough after Ctrl-Z.
    #[track_caller]
    pub fn wait_until_restored(&self) {
        self.shared
            .wait("the terminal restored", |state| self.is_restored_in(state));
    }

    /// Waits for the program's end (the shell's, when there is one), and until all it has written is on the screen.
    #[track_caller]
    pub fn wait_exit(&mut self) -> ExitStatus {
        let done = |state: &State| state.exit.is_some() && (state.output_ended || state.reading == Reading::Stalled);
        self.shared.wait("the program's end", done);
        self.shared.lock().exit.clone().expect("it was just waited for")
    }

    /// What is on the screen, lines without their trailing blanks.
    pub fn text(&self) -> String {
        self.shared.lock().parser.screen().contents()
    }

    /// Looks at the screen: colours, cursor, modes.
    pub fn screen<T>(&self, look: impl FnOnce(&Screen) -> T) -> T {
        look(self.shared.lock().parser.screen())
    }

    /// Bytes the program has written so far.
    pub fn bytes(&self) -> u64 {
        self.shared.lock().output.len() as u64
    }

    /// What the program has written so far, from byte `from` on.
    pub fn output(&self, from: u64) -> Vec<u8> {
        let state = self.shared.lock();
        let from = usize::try_from(from).unwrap_or(usize::MAX).min(state.output.len());
        state.output[from..].to_vec()
    }

    /// Frames drawn completely so far.
    pub fn frames(&self) -> u64 {
        self.shared.lock().frames()
    }

    /// Gives the terminal another size; the program is told by SIGWINCH.
    pub fn resize(&mut self, cols: u16, rows: u16) {
        // First the picture, then the program, or the answer would be drawn into the old size.
        let (height, width) = picture_size(size(cols, rows));
        self.shared.lock().parser.screen_mut().set_size(height, width);
        let master = self.master.as_ref().expect("the terminal was hung up");
        master.resize(size(cols, rows)).expect("the terminal takes a new size");
    }

    /// Sends a signal to the foreground job: the program itself, also under a shell.
    pub fn signal(&self, signal: Signal) {
        let foreground = self
            .master
            .as_ref()
            .and_then(|master| master.process_group_leader())
            .and_then(Pid::from_raw);
        let sent = match foreground {
            Some(group) => kill_process_group(group, signal),
            None => kill_process(self.pid, signal),
        };
        sent.expect("the program is there to be signalled");
    }

    /// Takes the terminal away, as a lost SSH connection does.
    pub fn hangup(&mut self) {
        // Once it is gone, its device may be another test's.
        let Some(master) = self.master.take() else {
            return;
        };
        self.shared.set_reading(Reading::Stopped);
        prepare_hangup(&self.device);
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
        drop((self.writer.take(), master));
    }

    /// Stops reading what the program writes, as a stalled SSH connection does: soon its writes block.
    pub fn stall(&self) {
        self.shared.set_reading(Reading::Stalled);
    }

    /// Stops reading and fills what the line holds with zeros, which a screen ignores: the program's next writes block.
    /// Returns how many zeros will be read when the line is resumed.
    pub fn stall_full(&self) -> u64 {
        self.stall();
        let mut line = open(&self.device).expect("the terminal is there");
        // The reader may be in a read already; what ends that is taken from the line.
        let mut filled = fill(&mut line);
        self.shared.wait("the reader parked", |state| state.is_parked);
        filled += fill(&mut line);
        filled
    }

    /// Reads on after [`Tui::stall`].
    pub fn resume(&self) {
        self.shared.set_reading(Reading::Live);
    }

    /// Whether the terminal is still there and as it was before the program: main screen, cursor shown, mouse and bracketed paste off, no
    /// other mode left on, and the line discipline's modes (echo, line by line, signals) those of the start.
    pub fn is_restored(&self) -> bool {
        self.is_restored_in(&self.shared.lock())
    }

    fn is_restored_in(&self, state: &State) -> bool {
        let screen = state.parser.screen();
        let picture = !screen.alternate_screen() && !screen.hide_cursor();
        let input = screen.mouse_protocol_mode() == MouseProtocolMode::None && !screen.bracketed_paste();
        let line = self.master.is_some() && Modes::of(&self.device) == self.modes_before;
        picture && input && line && state.parser.callbacks().modes.is_empty()
    }
}

impl Drop for Tui {
    fn drop(&mut self) {
        if self.shared.lock().exit.is_none() {
            let _ = kill_process(self.pid, Signal::KILL);
        }
        self.hangup();
        if let Some(waiter) = self.waiter.take() {
            let _ = waiter.join();
        }
    }
}

fn size(cols: u16, rows: u16) -> PtySize {
    PtySize {
        rows,
        cols,
        pixel_width: 0,
        pixel_height: 0,
    }
}

fn picture(size: PtySize) -> Shared {
    let (rows, cols) = picture_size(size);
    Shared::new(cols, rows)
}

/// Rows and columns of the picture; 24 and 80 for a terminal that does not tell.
fn picture_size(size: PtySize) -> (NonZeroU16, NonZeroU16) {
    let or = |length, otherwise| {
        NonZeroU16::new(length)
            .or(NonZeroU16::new(otherwise))
            .expect("not zero")
    };
    (or(size.rows, 24), or(size.cols, 80))
}

/// A word as a shell takes it literally.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}
