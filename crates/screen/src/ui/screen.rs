//! The screen while it is shown: what follows from each event, what has to be asked for, and when it is drawn.

use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use probetop_core::clock::{Clock, Timestamp};
use probetop_core::sample::{MarkOrigin, Severity};
use probetop_core::snapshot::{Document, Feed, Query, Reader, Request, Shown, Snapshot};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::event::{Event, Exit, Input, Signal};
use super::keys::Chord;
use super::line::Line;
use super::stage::Stage;
use super::terminal::input::Batch;
use super::terminal::{self, Drawn, Terminal};
use super::theme::Brightness;
use super::view::{Effect, Form, Pane};
use super::{Look, ThemeFrom, picture};

/// What follows from an event.
pub(super) enum Next {
    Nothing,
    Draw(Cause),
    End(Exit),
}

/// Why a frame is drawn.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cause {
    /// A second has passed.
    Tick,
    /// Anything else: it is drawn at once, and not on the budget.
    Asked,
}

/// Everything the loop holds.
pub(super) struct Screen<'a, R> {
    terminal: Terminal,
    stage: Stage,
    snapshot: Arc<Snapshot>,
    look: Look,
    line: Line,
    asked: Option<Query>,
    processes: Shown,
    job: Job,
    ground: Ground,
    clock: Clock,
    reader: &'a R,
}

/// What the terminal says of its ground.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ground {
    NotAsked,
    AskedAt(Timestamp),
    Known(Brightness),
}

/// An answer that takes longer comes when the screen has long been read: its colours stay as they are.
const ANSWER_LIMIT: Duration = Duration::from_secs(2);

/// Where a shell has the program. In the background it measures on and leaves the terminal alone: to touch it would stop
/// the process, even one that is continued only to be terminated.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Job {
    Foreground,
    Background,
}

impl<'a, R: Reader> Screen<'a, R> {
    pub(super) fn new(terminal: Terminal, look: Look, clock: Clock, reader: &'a R) -> Self {
        let size = terminal.size();
        let mut stage = Stage::new(look.title.clone(), look.keys.clone(), look.motion, look.window, size);
        stage.begin(&look);
        let snapshot = Arc::new(Snapshot::empty(SystemTime::UNIX_EPOCH));
        stage.settle(&snapshot);
        let mut screen = Self {
            terminal,
            stage,
            snapshot,
            line: Line::new(&look, clock.clone()),
            look,
            asked: None,
            processes: Shown::No,
            job: Job::Foreground,
            ground: Ground::NotAsked,
            clock,
            reader,
        };
        screen.ask_for_ground();
        screen
    }

    pub(super) fn handle(&mut self, event: Event) -> io::Result<Next> {
        match event {
            Event::Terminal(batch) => return self.batch(&batch),
            Event::Signal(Signal::Resize) => {
                self.terminal.resize();
                self.stage.resize(self.terminal.size(), &self.snapshot);
            }
            Event::Snapshot => return self.observe(),
            Event::Notice { severity, text } => self.stage.tell(severity, text),
            Event::Look(look) => self.adopt(*look),
            Event::Discovered(found) => self.stage.discovered(found, &self.snapshot),
            Event::Attention(attention) => self.terminal.attend(&attention),
            Event::Signal(Signal::Suspend) => return self.effect(Some(Effect::Suspend)),
            Event::Signal(Signal::Resume) => return Ok(self.resume()),
            Event::Signal(Signal::Stop) => return Ok(Next::End(Exit::Quit)),
            Event::Written(flush) => {
                self.line.written(flush, &mut self.stage);
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
                let effect = self.stage.point(*pointer, &self.snapshot);
                self.effect(effect)
            }
            Input::Paste(text) => {
                self.stage.paste(text, &self.snapshot);
                Ok(Next::Draw(Cause::Asked))
            }
            Input::Ground(colour) => Ok(self.stand_on(Brightness::of(*colour))),
        }
    }

    /// Asks the terminal for its ground, once, where the theme depends on it.
    fn ask_for_ground(&mut self) {
        if self.look.theme_from == ThemeFrom::Ground
            && self.ground == Ground::NotAsked
            && self.terminal.ask_for_ground()
        {
            self.ground = Ground::AskedAt(self.clock.now());
        }
    }

    /// Takes the theme that goes with the ground, unless nobody waits for it any more or another one was chosen by hand.
    fn stand_on(&mut self, ground: Brightness) -> Next {
        let Ground::AskedAt(asked) = self.ground else {
            return Next::Nothing;
        };
        self.ground = Ground::Known(ground);
        let is_late = self.clock.now().since(asked) > ANSWER_LIMIT;
        if is_late || self.stage.theme() != self.look.theme {
            self.ground = Ground::Known(Brightness::Dark);
            return Next::Nothing;
        }
        self.look.theme = self.look.themes.on(ground);
        self.stage.adopt(&self.look);
        Next::Draw(Cause::Asked)
    }

    fn observe(&mut self) -> io::Result<Next> {
        let Some(snapshot) = self.reader.next() else {
            return Ok(Next::Nothing);
        };
        let has_ticked = snapshot.now > self.snapshot.now;
        self.snapshot = snapshot;
        self.stage.observe(&self.snapshot);
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
            self.reader.ask(Request::Notice(Severity::Warning, notice));
        }
        let due = self.line.tick(busy_since, &mut self.stage);
        Ok(due.map_or(Next::Nothing, Next::Draw))
    }

    fn key(&mut self, chord: Chord) -> io::Result<Next> {
        if let Some(alone) = self.stage.after_escape(chord) {
            self.key(Chord::ESCAPE)?;
            return self.key(alone);
        }
        if self.stage.is_typing() {
            let effect = self.stage.edit(chord.edit(), &self.snapshot);
            return self.effect(effect);
        }
        match self.stage.action(chord) {
            Some(action) => {
                let effect = self.stage.update(action, &self.snapshot);
                self.effect(effect)
            }
            None => {
                self.stage.say_unbound(chord, &self.snapshot);
                Ok(Next::Draw(Cause::Asked))
            }
        }
    }

    fn effect(&mut self, effect: Option<Effect>) -> io::Result<Next> {
        match effect {
            None => {}
            Some(Effect::Quit) => return Ok(Next::End(Exit::Quit)),
            Some(Effect::QuitKeepingFrame) => return Ok(Next::End(Exit::QuitKeepingFrame)),
            Some(Effect::Suspend) => self.suspend()?,
            Some(Effect::Repaint) => self.terminal.repaint(),
            Some(Effect::Export(form)) => self.reader.ask(Request::Export(self.document(form))),
            Some(Effect::Reload) => self.reader.ask(Request::Reload),
            Some(Effect::Act(act)) => self.reader.ask(Request::Act(act)),
            Some(Effect::Errand(errand)) => self.reader.ask(Request::Errand(errand)),
            Some(Effect::Copy(text)) => self.terminal.copy(&text),
            Some(Effect::Mark(at, label)) => self.reader.ask(Request::Mark {
                at: Some(at),
                label,
                origin: MarkOrigin::Keyboard,
            }),
        }
        Ok(Next::Draw(Cause::Asked))
    }

    fn document(&self, form: Form) -> Document {
        match form {
            Form::Snapshot => Document::Snapshot,
            Form::Series if self.stage.pages.shown == Pane::Compare => Document::Comparison,
            Form::Series => Document::Series,
            Form::Baseline => Document::Baseline(self.stage.baseline_to_write(&self.snapshot)),
            Form::Text => Document::Text(picture::text(&self.frame())),
            Form::Picture => Document::Picture(picture::svg(&self.frame())),
            Form::Image => Document::Image(picture::png(&self.frame())),
        }
    }

    /// Takes over what was configured anew. What the user has changed by key stays, where the configuration says what it said.
    fn adopt(&mut self, mut look: Look) {
        if let (ThemeFrom::Ground, Ground::Known(ground)) = (look.theme_from, self.ground) {
            look.theme = look.themes.on(ground);
        }
        self.stage.adopt(&look);
        if look.motion != self.look.motion {
            self.stage.charts.motion = look.motion;
        }
        self.stage.settle(&self.snapshot);
        self.terminal.listen_to_mouse(look.mouse);
        self.look = look;
        self.ask_for_ground();
    }

    /// What is to be seen at this moment, for a file that others may see: without the messages of the bottom line, which say
    /// where something was written.
    fn frame(&self) -> Buffer {
        let mut stage = self.stage.clone();
        stage.said.message = None;
        let mut snapshot = (*self.snapshot).clone();
        snapshot.monitor.notice = None;
        let (width, height) = stage.size;
        let area = Rect::new(0, 0, width, height);
        let mut frame = Buffer::empty(area);
        let theme = self.line.theme(&self.look, &stage);
        stage.render(area, &mut frame, &snapshot, &theme);
        frame
    }

    /// Gives the terminal back and stops the process. [`Signal::Resume`] says that it goes on.
    fn suspend(&mut self) -> io::Result<()> {
        if !terminal::session::has_shell() {
            self.stage
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
            self.stage.resize(self.terminal.size(), &self.snapshot);
        } else {
            self.job = Job::Background;
            self.terminal.abandon();
        }
        Next::Draw(Cause::Asked)
    }

    pub(super) fn ask_for_what_is_shown(&mut self) {
        if self.awaits_the_past() {
            return;
        }
        if let Some(query) = self.stage.query(self.asked.as_ref(), &self.snapshot) {
            self.reader.ask(Request::Query(query.clone()));
            self.asked = Some(query);
        }
        let processes = if self.stage.shows_processes() {
            Shown::Yes
        } else {
            Shown::No
        };
        if processes != self.processes {
            self.reader.ask(Request::Processes(processes));
            self.processes = processes;
        }
    }

    /// Bringing a second back takes longer than a held key repeats: the next one is asked for when the last one is there.
    fn awaits_the_past(&self) -> bool {
        let asked = self.asked.as_ref().map(|query| query.feed);
        asked.is_some_and(|feed| feed != Feed::Live && feed != self.snapshot.feed)
    }

    pub(super) fn draw(&mut self, cause: Cause) -> Drawn {
        let theme = self.line.theme(&self.look, &self.stage);
        let Self {
            terminal,
            stage,
            snapshot,
            line,
            ..
        } = self;
        let drawn = terminal.draw(stage.scene(snapshot, &theme));
        line.drawn(drawn, cause);
        drawn
    }

    pub(super) fn end(mut self, exit: Exit) -> Exit {
        match exit {
            Exit::Quit | Exit::Lost => self.terminal.restore(),
            Exit::QuitKeepingFrame => self.terminal.restore_keeping_frame(),
        }
        exit
    }
}
