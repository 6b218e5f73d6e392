//! What a program has written and how it ended, shared between the threads that learn it and the test that waits for it.

use std::collections::BTreeSet;
use std::io::Read;
use std::num::NonZeroU16;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use portable_pty::{Child, ExitStatus};
use vt100::{Parser, Screen};

/// How long a condition may take to come true: far beyond what it needs on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the threads and the test share.
pub(super) struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

pub(super) struct State {
    pub parser: Parser<Tally>,
    /// Everything the program has written.
    pub output: Vec<u8>,
    pub reading: Reading,
    /// The reader has noticed that the line is stalled: nothing is taken from it any more.
    pub is_parked: bool,
    pub output_ended: bool,
    pub exit: Option<ExitStatus>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    Live,
    Stalled,
    Stopped,
}

impl State {
    pub(super) fn frames(&self) -> u64 {
        self.parser.callbacks().frames
    }
}

impl Shared {
    pub(super) fn new(cols: NonZeroU16, rows: NonZeroU16) -> Self {
        let parser = Parser::new_with_callbacks(rows, cols, 0, Tally::default());
        let state = State {
            parser,
            output: Vec::new(),
            is_parked: false,
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
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set_reading(&self, reading: Reading) {
        self.lock().reading = reading;
        self.changed.notify_all();
    }

    /// The reader's: waits until the line is not stalled.
    fn park_while_stalled(&self) -> MutexGuard<'_, State> {
        let mut state = self.lock();
        state.is_parked = state.reading == Reading::Stalled;
        self.changed.notify_all();
        let stalled = |state: &mut State| state.reading == Reading::Stalled;
        let waited = self.changed.wait_while(state, stalled);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        state.is_parked = false;
        state
    }

    #[track_caller]
    pub(super) fn wait(&self, what: &str, condition: impl Fn(&State) -> bool) {
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
pub(super) fn read_all(mut output: Box<dyn Read + Send>, shared: &Shared) {
    let mut buffer = [0; 16 * 1024];
    loop {
        drop(shared.park_while_stalled());
        let count = output.read(&mut buffer).unwrap_or(0);
        // What came in the moment the line stalled arrives when it is resumed.
        let mut state = shared.park_while_stalled();
        let ended = count == 0 || state.reading == Reading::Stopped;
        if !ended {
            state.output.extend_from_slice(&buffer[..count]);
            state.parser.process(&buffer[..count]);
        }
        state.output_ended = ended;
        shared.changed.notify_all();
        if ended {
            return;
        }
    }
}

pub(super) fn wait_in_background(mut child: Box<dyn Child + Send + Sync>, shared: Arc<Shared>) -> JoinHandle<()> {
    thread::spawn(move || {
        let exit = child.wait().expect("the program can be waited for");
        shared.lock().exit = Some(exit);
        shared.changed.notify_all();
    })
}

/// Counts what the emulator itself does not know: frames, and modes that are on.
#[derive(Default)]
pub(super) struct Tally {
    pub frames: u64,
    pub modes: BTreeSet<u16>,
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
