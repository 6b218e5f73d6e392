//! What a run writes to standard output, and how a reader that stalls or leaves is borne.

use std::io::{self, BufWriter, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Sender};
use std::time::Duration;

use probetop_core::snapshot::Snapshot;
use probetop_probe::worker;
use tokio::sync::mpsc::error::TryRecvError;
use tokio::sync::mpsc::{Receiver, channel};

use crate::cli::Output as Format;
use crate::export::{json, table};
use crate::run::{Listener, Signal, Signals};

/// Documents that may wait for a slow reader; more are left out.
const WAITING_LIMIT: usize = 16;

/// A document comes in pieces of some bytes; so many of them are written at once.
const AT_ONCE_BYTES: usize = 64 * 1024;

/// How long the end of a run by a signal waits for its reader.
const CLOSE_LIMIT: Duration = Duration::from_secs(5);

/// A table has a line for each target this often.
const TABLE_INTERVAL_S: u64 = 10;

/// What is written to standard output at once.
pub(super) enum Piece {
    Bytes(Vec<u8>),
    /// Becomes a document while it is written: of ten thousand targets it is larger than what was measured.
    Document(Arc<Snapshot>, Form),
}

/// How a document is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Line,
    Pretty,
}

impl Piece {
    fn write(self, output: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Bytes(bytes) => return output.write_all(&bytes),
            Self::Document(snapshot, Form::Line) => json::write_line(&snapshot, output)?,
            Self::Document(snapshot, Form::Pretty) => json::write_pretty(&snapshot, output)?,
        }
        output.write_all(b"\n")
    }
}

/// Decides what is written when.
pub(super) struct Report {
    format: Format,
    lines_written: bool,
}

impl Report {
    pub(super) const fn new(format: Format) -> Self {
        Self {
            format,
            lines_written: false,
        }
    }

    /// After each second of the run.
    pub(super) fn second(&mut self, snapshot: &Snapshot) -> Option<Vec<u8>> {
        let second = snapshot.taken.second();
        match self.format {
            Format::Ndjson if second > 0 => Some(with_end(json::line(snapshot))),
            Format::Table if second > 0 && second.is_multiple_of(TABLE_INTERVAL_S) => {
                Some(self.lines(snapshot).into_bytes())
            }
            Format::Ndjson | Format::Table | Format::Json | Format::None => None,
        }
    }

    /// After the run.
    pub(super) fn last(&self, snapshot: &Arc<Snapshot>) -> Option<Piece> {
        match self.format {
            Format::Table => {
                let gap = if self.lines_written { "\n" } else { "" };
                Some(Piece::Bytes(format!("{gap}{}", table::whole(snapshot)).into_bytes()))
            }
            Format::Ndjson => Some(Piece::Document(Arc::clone(snapshot), Form::Line)),
            Format::Json => Some(Piece::Document(Arc::clone(snapshot), Form::Pretty)),
            Format::None => None,
        }
    }

    /// A line per target, with the time, and once the names of the columns.
    fn lines(&mut self, snapshot: &Snapshot) -> String {
        let layout = table::Layout::of(snapshot.targets.iter().map(|target| &*target.info));
        let time = humantime::format_rfc3339_seconds(snapshot.wall(snapshot.taken)).to_string();
        let time = time.get(11..19).unwrap_or(&time);
        let mut text = String::new();
        if !std::mem::replace(&mut self.lines_written, true) {
            text.push_str(&format!("UTC       {}\n", layout.head()));
        }
        for target in &snapshot.targets {
            text.push_str(&format!("{time}  {}\n", layout.row(target)));
        }
        text
    }
}

fn with_end(mut line: Vec<u8>) -> Vec<u8> {
    line.push(b'\n');
    line
}

/// Standard output, written by a thread of its own: a reader that stalls holds up neither the run nor its end.
pub(super) struct Output {
    pieces: Option<Sender<Piece>>,
    /// Documents that wait.
    waiting: Arc<AtomicUsize>,
    /// Hears why nothing more can be written, or nothing, and then that the thread is gone.
    finished: Receiver<io::Error>,
}

/// Whether what is written still reaches somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reader {
    Listens,
    /// Has closed the pipe, and wants nothing more.
    Gone,
}

/// How long the end waits for the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Patience {
    Short,
    Endless,
}

impl Output {
    /// # Errors
    /// The system has no thread to give.
    pub(super) fn stdout() -> io::Result<Self> {
        let (pieces, receiver) = mpsc::channel::<Piece>();
        let (done, finished) = channel(1);
        let waiting = Arc::<AtomicUsize>::default();
        let taken = Arc::clone(&waiting);
        worker::spawn("output", move || {
            for piece in receiver {
                let mut stdout = BufWriter::with_capacity(AT_ONCE_BYTES, io::stdout().lock());
                if let Err(error) = piece.write(&mut stdout).and_then(|()| stdout.flush()) {
                    // Nobody asks any more when the end of the run has waited long enough.
                    let _ = done.try_send(error);
                    return;
                }
                taken.fetch_sub(1, Ordering::Relaxed);
            }
        })?;
        Ok(Self {
            pieces: Some(pieces),
            waiting,
            finished,
        })
    }

    /// # Errors
    /// Standard output cannot be written, and not because its reader has gone.
    pub(super) fn reader(&mut self) -> io::Result<Reader> {
        match self.finished.try_recv() {
            Ok(error) => reader_after(error),
            Err(TryRecvError::Empty) => Ok(Reader::Listens),
            Err(TryRecvError::Disconnected) => Ok(Reader::Gone),
        }
    }

    /// Writes, unless too much waits already: a reader that is too slow misses seconds, and the next document has the
    /// whole state again.
    pub(super) fn offer(&self, document: Vec<u8>) {
        if self.waiting.load(Ordering::Relaxed) < WAITING_LIMIT {
            self.insist(Piece::Bytes(document));
        }
    }

    /// Writes, however much waits.
    pub(super) fn insist(&self, piece: Piece) {
        if let Some(pieces) = &self.pieces {
            self.waiting.fetch_add(1, Ordering::Relaxed);
            // A reader that has gone is told by `reader`.
            let _ = pieces.send(piece);
        }
    }

    /// Waits until everything is written or a signal comes, which is then given. A pager takes its time to read a
    /// document; whoever has sent a signal already wants the end.
    ///
    /// # Errors
    /// As [`Output::reader`], or the system has no descriptors to give.
    pub(super) fn close(mut self, patience: Patience) -> io::Result<Option<Signal>> {
        drop(self.pieces.take());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let mut signals = Listener::try_new(Signals::Headless)?;
            let limit = async {
                match patience {
                    Patience::Short => tokio::time::sleep(CLOSE_LIMIT).await,
                    Patience::Endless => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                error = self.finished.recv() => error.map_or(Ok(Reader::Listens), reader_after).map(|_| None),
                signal = signals.next_end() => Ok(Some(signal)),
                () = limit => Ok(None),
            }
        })
    }
}

fn reader_after(error: io::Error) -> io::Result<Reader> {
    match error.kind() {
        io::ErrorKind::BrokenPipe => Ok(Reader::Gone),
        kind => Err(io::Error::new(
            kind,
            format!("standard output cannot be written: {error}"),
        )),
    }
}
