//! Runs a full-screen program in a pseudo-terminal: keys in, a screen out, and everything a terminal can do to it.
//!
//! ```text
//!  test ── keys, size, signals ──▶ pty ──▶ program        reader thread: bytes ─▶ vt100 ─▶ State ─▶ condvar
//!    ◀──── wait_for(condition on the screen) ◀── State    waiter thread: exit status ─────▶ State ─▶ condvar
//! ```
//! Nothing here sleeps: a test waits for a condition, and fails with the screen's contents when it does not come true.

#![allow(dead_code, reason = "every test crate uses its own part of the harness")]

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use rustix::fs::OFlags;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use rustix::termios::{InputModes, LocalModes, OptionalActions, OutputModes, SpecialCodeIndex, tcgetattr, tcsetattr};
use tempfile::TempDir;
use vt100::{MouseProtocolMode, Parser, Screen};

/// How long a condition may take to come true: far beyond what it needs on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

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
        let shared = Arc::new(Shared::new(self.size));
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
        let writer = self.writer.as_mut().expect("the terminal was hung up");
        writer.write_all(keys.as_bytes()).expect("the terminal takes input");
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

    /// Waits until the terminal is as it was before the program: see [`Tui::is_restored`].
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
        self.shared.lock().bytes
    }

    /// Frames drawn completely so far.
    pub fn frames(&self) -> u64 {
        self.shared.lock().frames()
    }

    /// Gives the terminal another size; the program is told by SIGWINCH.
    pub fn resize(&mut self, cols: u16, rows: u16) {
        // First the picture, then the program, or the answer would be drawn into the old size.
        self.shared
            .lock()
            .parser
            .screen_mut()
            .set_size(nonzero(rows), nonzero(cols));
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
        self.shared.set_reading(Reading::Stopped);
        if let Some(mut tty) = open(&self.device) {
            // The writer types an end-of-file when it is dropped, unless there is none: nobody types on a dead line.
            if let Ok(mut termios) = tcgetattr(&tty) {
                termios.special_codes[SpecialCodeIndex::VEOF] = 0;
                let _ = tcsetattr(&tty, OptionalActions::Now, &termios);
            }
            // The reader sits in a read that nothing can interrupt; a byte from the other side wakes it.
            let _ = tty.write(&[0]);
        }
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
        drop(self.writer.take());
        drop(self.master.take());
    }

    /// Stops reading what the program writes, as a stalled SSH connection does: soon its writes block.
    pub fn stall(&self) {
        self.shared.set_reading(Reading::Stalled);
    }

    /// Reads on after [`Tui::stall`].
    pub fn resume(&self) {
        self.shared.set_reading(Reading::Live);
    }

    /// Whether the terminal is as it was before the program: main screen, cursor shown, mouse and bracketed paste off, no
    /// other mode left on, and the line discipline's modes (echo, line by line, signals) those of the start.
    pub fn is_restored(&self) -> bool {
        self.is_restored_in(&self.shared.lock())
    }

    fn is_restored_in(&self, state: &State) -> bool {
        let screen = state.parser.screen();
        let picture = !screen.alternate_screen() && !screen.hide_cursor();
        let input = screen.mouse_protocol_mode() == MouseProtocolMode::None && !screen.bracketed_paste();
        picture && input && state.parser.callbacks().modes.is_empty() && Modes::of(&self.device) == self.modes_before
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

/// Keys without a character of their own, as an xterm sends them.
pub mod key {
    pub const ENTER: &str = "\r";
    pub const ESC: &str = "\x1b";
    pub const TAB: &str = "\t";
    pub const BACK_TAB: &str = "\x1b[Z";
    pub const UP: &str = "\x1b[A";
    pub const DOWN: &str = "\x1b[B";
    pub const RIGHT: &str = "\x1b[C";
    pub const LEFT: &str = "\x1b[D";
    pub const CTRL_C: &str = "\x03";
    pub const CTRL_D: &str = "\x04";
    pub const CTRL_L: &str = "\x0c";
    pub const CTRL_Z: &str = "\x1a";
}

/// What the threads and the test share.
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    parser: Parser<Tally>,
    bytes: u64,
    reading: Reading,
    output_ended: bool,
    exit: Option<ExitStatus>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    Live,
    Stalled,
    Stopped,
}

impl State {
    fn frames(&self) -> u64 {
        self.parser.callbacks().frames
    }
}

impl Shared {
    fn new(size: PtySize) -> Self {
        let parser = Parser::new_with_callbacks(nonzero(size.rows), nonzero(size.cols), 0, Tally::default());
        let state = State {
            parser,
            bytes: 0,
            reading: Reading::Live,
            output_ended: false,
            exit: None,
        };
        Self {
            state: Mutex::new(state),
            changed: Condvar::new(),
        }
    }

    /// A test that fails while it looks at the screen must not hide its own message behind a poisoned lock.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_reading(&self, reading: Reading) {
        self.lock().reading = reading;
        self.changed.notify_all();
    }

    #[track_caller]
    fn wait(&self, what: &str, condition: impl Fn(&State) -> bool) {
        let over = |state: &State| state.exit.is_some() && state.output_ended;
        let pending = |state: &mut State| !condition(state) && !over(state);
        let waited = self.changed.wait_timeout_while(self.lock(), PATIENCE, pending);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if !condition(&state) {
            let why = if over(&state) {
                "the program ended without"
            } else {
                "waited in vain for"
            };
            let (exit, screen) = (&state.exit, state.parser.screen().contents());
            let message = format!("{why} {what}; exit {exit:?}; the screen:\n{screen}");
            drop(state);
            panic!("{message}");
        }
    }
}

/// Reads what the program writes until it ends or the line is hung up.
fn read_all(mut output: Box<dyn Read + Send>, shared: &Shared) {
    let mut buffer = [0; 16 * 1024];
    loop {
        let stalled = |state: &mut State| state.reading == Reading::Stalled;
        drop(shared.changed.wait_while(shared.lock(), stalled));
        let count = output.read(&mut buffer).unwrap_or(0);
        // What came in the moment the line stalled arrives when it is resumed.
        let waited = shared.changed.wait_while(shared.lock(), stalled);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        let ended = count == 0 || state.reading == Reading::Stopped;
        if !ended {
            state.bytes += count as u64;
            state.parser.process(&buffer[..count]);
        }
        state.output_ended = ended;
        shared.changed.notify_all();
        if ended {
            return;
        }
    }
}

fn wait_in_background(mut child: Box<dyn Child + Send + Sync>, shared: Arc<Shared>) -> JoinHandle<()> {
    thread::spawn(move || {
        let exit = child.wait().expect("the program can be waited for");
        shared.lock().exit = Some(exit);
        shared.changed.notify_all();
    })
}

/// Counts what the emulator itself does not know: frames, and modes that are on.
#[derive(Default)]
struct Tally {
    frames: u64,
    modes: BTreeSet<u16>,
}

impl vt100::Callbacks for Tally {
    fn unhandled_csi(&mut self, _: &mut Screen, mark: Option<u8>, _: Option<u8>, params: &[&[u16]], command: char) {
        /// Synchronized output.
        const FRAME: u16 = 2026;
        /// Modes that are on in a terminal nobody has touched: wrapping lines, blinking cursor.
        const ON_BY_DEFAULT: [u16; 2] = [7, 12];
        if mark != Some(b'?') {
            return;
        }
        for mode in params.iter().flat_map(|param| param.iter().copied()) {
            match command {
                'h' if !ON_BY_DEFAULT.contains(&mode) => drop(self.modes.insert(mode)),
                'l' => {
                    self.modes.remove(&mode);
                    self.frames += u64::from(mode == FRAME);
                }
                _ => {}
            }
        }
    }
}

/// The line discipline's modes, as far as programs change them.
#[derive(Debug, PartialEq)]
struct Modes(Option<(InputModes, OutputModes, LocalModes)>);

impl Modes {
    fn of(device: &Path) -> Self {
        let termios = open(device).and_then(|tty| tcgetattr(tty).ok());
        Self(termios.map(|termios| (termios.input_modes, termios.output_modes, termios.local_modes)))
    }
}

/// Opens the program's side of the terminal for a moment, without making it the test's own and without waiting for room.
fn open(device: &Path) -> Option<File> {
    let flags = OFlags::NOCTTY | OFlags::NONBLOCK;
    OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags(flags.bits() as i32)
        .open(device)
        .ok()
}

fn size(cols: u16, rows: u16) -> PtySize {
    PtySize {
        rows,
        cols,
        pixel_width: 0,
        pixel_height: 0,
    }
}

fn nonzero(length: u16) -> NonZeroU16 {
    NonZeroU16::new(length).expect("a terminal has a size")
}

/// A word as a shell takes it literally.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}
