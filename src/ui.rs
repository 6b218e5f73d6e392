//! The screen: events in, at most one frame out for all that are waiting.
//!
//! [`run`] blocks until something happens, never polls and never draws by the clock. A key becomes an
//! [`Action`](action::Action) by the table of [`keys`], the action changes the [`View`], the view and the newest
//! snapshot are drawn. What the screen needs from outside it asks for with a [`Request`].

pub mod action;
pub mod keys;
pub mod column;
pub mod page;
pub mod view;
pub mod layout;
pub mod theme;
pub mod format;
pub mod widget;
pub mod pane;
pub mod picture;
pub mod meter;
pub mod budget;
mod line;
pub mod preset;
mod settings;
pub mod terminal;

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender};
use std::time::SystemTime;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::clock::{Clock, Timestamp};
use crate::sample::{Act, Attention, Severity, Text};
use crate::snapshot::{Feed, Query, Snapshot, Span};

pub use settings::{Look, ScreenSettings, Settings};
pub use theme::{ColorChoice, Themes};
pub use widget::timeline::Motion;

use self::keys::Chord;
use self::line::Line;
use self::meter::Flush;
use self::terminal::input::{self, Batch};
use self::terminal::{Drawn, Terminal};
use self::view::{Effect, Form, Pane, Pointer, View};

/// What happens to the screen.
#[derive(Debug)]
pub enum Event {
    Terminal(Batch),
    Snapshot(Arc<Snapshot>),
    /// A short message for the footer: where an export went, what a reload did.
    Notice {
        severity: Severity,
        text: Text,
    },
    /// Somebody shall look up.
    Attention(Attention),
    /// The configuration was loaded again, and with it what the screen is to look like.
    Look(Box<Look>),
    Signal(Signal),
    /// The writer has written what it was given.
    Written(Flush),
    /// The terminal is gone.
    Lost,
}

/// What comes from the terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    Key(Chord),
    Pointer(Pointer),
    Paste(String),
}

/// What the process was asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGTSTP.
    Suspend,
    /// SIGCONT.
    Resume,
    /// SIGWINCH.
    Resize,
    /// SIGINT, SIGTERM, SIGHUP.
    Stop,
}

/// What the screen asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Answer with a snapshot now, and follow this from now on.
    Query(Query),
    /// Write a file and tell its path.
    Export(Document),
    Reload,
    /// Somebody did something about an alert.
    Act(Act),
    /// Set a mark with a label.
    Mark(Timestamp, Text),
    /// Something the log shall have as well.
    Notice(Severity, Text),
    /// Whether the process table is on the screen; it is dear to read.
    Processes(Shown),
}

/// What is written to a file. What the screen shows it has drawn itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Document {
    Snapshot,
    Series,
    /// What is compared, figure by figure.
    Comparison,
    /// What was measured in a span, to be compared with in another run; `None`: nothing was yet.
    Baseline(Option<Span>),
    Text(String),
    /// An SVG document.
    Picture(String),
}

/// Whether something is on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    Yes,
    No,
}

/// Why the screen ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Quit,
    QuitKeepingFrame,
    /// The terminal went away.
    Lost,
}

/// Shows the screen until the user quits, a signal stops it or the terminal goes away. `sender` feeds `events`. What
/// `has_ended` says is asked before each event, so that [`Signal::Stop`] waits behind nothing that came before it. `mask`
/// takes secrets out of a text.
///
/// # Errors
/// When standard input or output is no terminal, or it cannot be entered or read.
pub fn run(
    look: Look,
    clock: Clock,
    events: Receiver<Event>,
    sender: Sender<Event>,
    has_ended: impl Fn() -> bool,
    mask: impl Fn(&str) -> String + Send + Sync + 'static,
    ask: impl Fn(Request),
) -> io::Result<Exit> {
    let terminal = Terminal::enter(look.dialect, look.mouse, sender.clone(), clock.clone(), mask)?;
    input::spawn(sender)?;
    let size = terminal.size();
    let mut view = View::new(look.title.clone(), look.keys.clone(), look.motion, look.window, size);
    view.begin(&look);
    let snapshot = Arc::new(Snapshot::empty(SystemTime::UNIX_EPOCH));
    let mut screen = Screen {
        terminal,
        view,
        snapshot,
        line: Line::new(&look, clock),
        look,
        asked: None,
        processes: Shown::No,
        job: Job::Foreground,
        ask,
    };
    // The answer is the first snapshot; until it is there, a moment later, nothing could be said.
    screen.ask_for_what_is_shown();
    // Skipped because the terminal did not read: to be drawn when it has.
    let mut owed = None;
    while let Ok(event) = events.recv() {
        let mut cause: Option<Cause> = owed;
        for event in std::iter::once(event).chain(events.try_iter()) {
            if has_ended() {
                return Ok(screen.end(Exit::Quit));
            }
            match screen.handle(event)? {
                Next::Nothing => {}
                Next::Draw(reason) => cause = cause.max(Some(reason)),
                Next::End(exit) => return Ok(screen.end(exit)),
            }
        }
        screen.ask_for_what_is_shown();
        owed = cause.filter(|cause| screen.draw(*cause) == Drawn::Skipped);
    }
    Ok(screen.end(Exit::Quit))
}

/// What follows from an event.
enum Next {
    Nothing,
    Draw(Cause),
    End(Exit),
}

/// Why a frame is drawn.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Cause {
    /// A second has passed.
    Tick,
    /// Anything else: it is drawn at once, and not on the budget.
    Asked,
}

/// Everything the loop holds.
struct Screen<A> {
    terminal: Terminal,
    view: View,
    snapshot: Arc<Snapshot>,
    look: Look,
    line: Line,
    asked: Option<Query>,
    processes: Shown,
    job: Job,
    ask: A,
}

/// Where a shell has the program. In the background it measures on and leaves the terminal alone: to touch it would stop
/// the process, even one that is continued only to be terminated.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Job {
    Foreground,
    Background,
}

impl<A: Fn(Request)> Screen<A> {
    fn handle(&mut self, event: Event) -> io::Result<Next> {
        match event {
            Event::Terminal(batch) => return self.batch(&batch),
            Event::Signal(Signal::Resize) => {
                self.terminal.resize();
                self.view.resize(self.terminal.size(), &self.snapshot);
            }
            Event::Snapshot(snapshot) => return self.observe(snapshot),
            Event::Notice { severity, text } => self.view.tell(severity, text),
            Event::Look(look) => self.adopt(*look),
            Event::Attention(attention) => self.terminal.attend(&attention),
            Event::Signal(Signal::Suspend) => return self.effect(Some(Effect::Suspend)),
            Event::Signal(Signal::Resume) => return Ok(self.resume()),
            Event::Signal(Signal::Stop) => return Ok(Next::End(Exit::Quit)),
            Event::Written(flush) => {
                self.line.written(flush, &mut self.view);
                return Ok(Next::Nothing);
            }
            Event::Lost => return Ok(Next::End(Exit::Lost)),
        }
        Ok(Next::Draw(Cause::Asked))
    }

    fn batch(&mut self, batch: &Batch) -> io::Result<Next> {
        let mut next = Next::Nothing;
        for input in &batch.inputs {
            match self.input(input)? {
                Next::Nothing => {}
                draw @ Next::Draw(_) => next = draw,
                end @ Next::End(_) => return Ok(end),
            }
        }
        Ok(next)
    }

    fn input(&mut self, input: &Input) -> io::Result<Next> {
        match input {
            Input::Key(chord) => self.key(*chord),
            Input::Pointer(pointer) => {
                let effect = self.view.point(*pointer, &self.snapshot);
                self.effect(effect)
            }
            Input::Paste(text) => {
                self.view.paste(text, &self.snapshot);
                Ok(Next::Draw(Cause::Asked))
            }
        }
    }

    fn observe(&mut self, snapshot: Arc<Snapshot>) -> io::Result<Next> {
        let has_ticked = snapshot.now > self.snapshot.now;
        self.snapshot = snapshot;
        self.view.observe(&self.snapshot);
        // Not every shell sends SIGCONT to a running job that it brings forward.
        if self.job == Job::Background
            && let Next::End(exit) = self.resume()
        {
            return Ok(Next::End(exit));
        }
        if !has_ticked {
            return Ok(Next::Draw(Cause::Asked));
        }
        let busy_since = self.terminal.busy_since();
        if let Some(notice) = self.line.complaint(busy_since) {
            (self.ask)(Request::Notice(Severity::Warning, notice));
        }
        let due = self.line.tick(busy_since, &mut self.view);
        Ok(due.map_or(Next::Nothing, Next::Draw))
    }

    fn key(&mut self, chord: Chord) -> io::Result<Next> {
        if self.view.is_typing() {
            let effect = self.view.edit(chord.edit(), &self.snapshot);
            return self.effect(effect);
        }
        match self.view.action(chord) {
            Some(action) => {
                let effect = self.view.update(action, &self.snapshot);
                self.effect(effect)
            }
            None => Ok(Next::Nothing),
        }
    }

    fn effect(&mut self, effect: Option<Effect>) -> io::Result<Next> {
        match effect {
            None => {}
            Some(Effect::Quit) => return Ok(Next::End(Exit::Quit)),
            Some(Effect::QuitKeepingFrame) => return Ok(Next::End(Exit::QuitKeepingFrame)),
            Some(Effect::Suspend) => self.suspend()?,
            Some(Effect::Repaint) => self.terminal.repaint(),
            Some(Effect::Export(form)) => (self.ask)(Request::Export(self.document(form))),
            Some(Effect::Reload) => (self.ask)(Request::Reload),
            Some(Effect::Act(act)) => (self.ask)(Request::Act(act)),
            Some(Effect::Copy(text)) => self.terminal.copy(&text),
            Some(Effect::Mark(at, label)) => (self.ask)(Request::Mark(at, label)),
        }
        Ok(Next::Draw(Cause::Asked))
    }

    fn document(&self, form: Form) -> Document {
        match form {
            Form::Snapshot => Document::Snapshot,
            Form::Series if self.view.pane == Pane::Compare => Document::Comparison,
            Form::Series => Document::Series,
            Form::Baseline => Document::Baseline(self.view.baseline_to_write(&self.snapshot)),
            Form::Text => Document::Text(picture::text(&self.frame())),
            Form::Picture => Document::Picture(picture::svg(&self.frame())),
        }
    }

    /// Takes over what was configured anew. What the user has changed by key stays, where the configuration says what it said.
    fn adopt(&mut self, look: Look) {
        self.view.adopt(&look);
        if look.motion != self.look.motion {
            self.view.motion = look.motion;
        }
        self.terminal.listen_to_mouse(look.mouse);
        self.look = look;
    }

    /// What is to be seen at this moment.
    fn frame(&self) -> Buffer {
        let (width, height) = self.view.size;
        let area = Rect::new(0, 0, width, height);
        let mut frame = Buffer::empty(area);
        pane::render(
            area,
            &mut frame,
            &self.snapshot,
            &self.view,
            &self.line.theme(&self.look, &self.view),
        );
        frame
    }

    /// Gives the terminal back and stops the process. [`Signal::Resume`] says that it goes on.
    fn suspend(&mut self) -> io::Result<()> {
        if !terminal::session::has_shell() {
            self.view
                .tell(Severity::Info, "not stopped: there is no shell to return to".into());
            return Ok(());
        }
        self.terminal.restore();
        // The whole group stops, as for Ctrl-Z in a shell; SIGSTOP, because SIGTSTP has a handler that leads here.
        rustix::process::kill_current_process_group(rustix::process::Signal::STOP)?;
        Ok(())
    }

    /// After a stop: enters the terminal again, if it is ours. A hang-up also continues the job, and then it is gone.
    fn resume(&mut self) -> Next {
        if terminal::session::is_foreground() {
            self.job = Job::Foreground;
            if self.terminal.resume().is_err() {
                return Next::End(Exit::Lost);
            }
            self.view.resize(self.terminal.size(), &self.snapshot);
        } else {
            self.job = Job::Background;
            self.terminal.abandon();
        }
        Next::Draw(Cause::Asked)
    }

    fn ask_for_what_is_shown(&mut self) {
        if self.awaits_the_past() {
            return;
        }
        if let Some(query) = self.view.query(self.asked.as_ref(), &self.snapshot) {
            (self.ask)(Request::Query(query.clone()));
            self.asked = Some(query);
        }
        let processes = if self.view.shows_processes(&self.snapshot) {
            Shown::Yes
        } else {
            Shown::No
        };
        if processes != self.processes {
            (self.ask)(Request::Processes(processes));
            self.processes = processes;
        }
    }

    /// Bringing a second back takes longer than a held key repeats: the next one is asked for when the last one is there.
    fn awaits_the_past(&self) -> bool {
        let asked = self.asked.as_ref().map(|query| query.feed);
        asked.is_some_and(|feed| feed != Feed::Live && feed != self.snapshot.feed)
    }

    fn draw(&mut self, cause: Cause) -> Drawn {
        let theme = self.line.theme(&self.look, &self.view);
        let Self {
            terminal,
            view,
            snapshot,
            line,
            ..
        } = self;
        let drawn = terminal.draw(|area, buf| pane::render(area, buf, snapshot, view, &theme));
        line.drawn(drawn, cause);
        drawn
    }

    fn end(mut self, exit: Exit) -> Exit {
        match exit {
            Exit::Quit | Exit::Lost => self.terminal.restore(),
            Exit::QuitKeepingFrame => self.terminal.restore_keeping_frame(),
        }
        exit
    }
}
