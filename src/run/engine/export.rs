//! What a reader wants written to a file.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use probetop_core::sample::Severity;
use probetop_core::snapshot::{Document, Query, Rows, Snapshot, Span};
use probetop_probe::file;

use super::Running;
use super::answer::everything;
use super::contrast::Contrast;
use super::subscriber::Sight;
use crate::export::{self, json};
use crate::run::background_task::{BackgroundTask, Progress};
use crate::run::words;

/// Files that are being written at once: more wait for a file system that does not answer.
const EXPORTS_LIMIT: usize = 4;

/// How long the end waits for each of them.
const END_PATIENCE: Duration = Duration::from_millis(250);

/// A file that is being written, by a thread of its own: nobody waits for a file system that does not answer.
pub(super) struct Export {
    what: &'static str,
    background_task: BackgroundTask<Outcome>,
}

/// The absolute path, and what went wrong with it.
type Outcome = Result<PathBuf, (PathBuf, io::Error)>;

/// A file that is to be written.
struct Written {
    /// What it is of, in a word.
    what: &'static str,
    stem: String,
    extension: &'static str,
    content: Content,
}

enum Content {
    Bytes(Vec<u8>),
    /// Becomes a document while it is written, so that the engine goes on meanwhile.
    Snapshot(Box<Snapshot>),
}

impl Content {
    fn write(&self, file: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Bytes(bytes) => file.write_all(bytes),
            Self::Snapshot(snapshot) => json::write_pretty(snapshot, file),
        }
    }
}

impl Running<'_> {
    /// Has the document written as of the second that its reader looks at; [`Running::hear_of_exports`] says where or why not.
    pub(super) fn export(&mut self, sight: &mut Sight, query: &Query, document: Document) {
        let Some(written) = self.document(sight, query, document) else {
            let words = "no baseline written: nothing is kept of that span; choose another one";
            return self.notify(Severity::Warning, words.to_owned());
        };
        let what = written.what;
        if self.exports.len() == EXPORTS_LIMIT {
            let words =
                format!("no {what} written: {EXPORTS_LIMIT} files before it still are, the file system is slow");
            return self.notify(Severity::Warning, words);
        }
        let write = move || {
            let Written {
                stem,
                extension,
                content,
                ..
            } = &written;
            file::create_numbered(Path::new(""), stem, extension, &|file| content.write(file))
        };
        match BackgroundTask::start("export", write) {
            Ok(background_task) => self.exports.push(Export { what, background_task }),
            Err(error) => self.notify(Severity::Warning, format!("no {what} written: {error}")),
        }
    }

    /// Says of the files that were being written where they are, or why they are not.
    pub(super) fn hear_of_exports(&mut self) {
        for Export { what, background_task } in std::mem::take(&mut self.exports) {
            match background_task.progress() {
                Progress::UnderWay => self.exports.push(Export { what, background_task }),
                ended => self.exported(what, ended),
            }
        }
    }

    /// The same at the end, with the little patience there is.
    pub(super) fn finish_exports(&mut self) {
        for Export { what, background_task } in std::mem::take(&mut self.exports) {
            let ended = background_task.wait(END_PATIENCE);
            self.exported(what, ended);
        }
    }

    fn exported(&mut self, what: &str, ended: Progress<Outcome>) {
        let (severity, words) = match ended {
            Progress::Done(Ok(path)) => (Severity::Info, format!("{what} written to {}", path.display())),
            Progress::Done(Err((path, error))) => {
                let path = path.display();
                // Why comes before where, so that a narrow footer cuts the path and not the reason.
                let remedy = "start probetop in a folder you may write to";
                (
                    Severity::Warning,
                    format!("no {what} written: {error}; {remedy}: {path}"),
                )
            }
            Progress::UnderWay => (
                Severity::Warning,
                format!("no {what} written: the file system does not answer"),
            ),
            Progress::Lost => (
                Severity::Warning,
                format!("no {what} written: internal error in file work"),
            ),
        };
        self.notify(severity, words);
    }

    /// `None`: there is nothing to be written.
    fn document(&mut self, sight: &mut Sight, query: &Query, document: Document) -> Option<Written> {
        let query = match document {
            Document::Snapshot => everything(query, query.feed),
            Document::Series
            | Document::Comparison
            | Document::Baseline(_)
            | Document::Text(_)
            | Document::Picture(_)
            | Document::Image(_) => query.clone(),
        };
        let snapshot = self.answer(sight, &query);
        let stem = words::export_stem(&snapshot);
        let (what, extension, content) = match document {
            Document::Snapshot => ("snapshot", "json", Content::Snapshot(Box::new(snapshot))),
            Document::Series => ("series", "csv", Content::Bytes(export::csv::series(&snapshot))),
            Document::Comparison => ("comparison", "csv", Content::Bytes(export::csv::comparison(&snapshot))),
            Document::Baseline(span) => return self.baseline(&sight.contrast, span?, &snapshot),
            Document::Text(text) => ("screen", "txt", Content::Bytes(text.into_bytes())),
            Document::Picture(svg) => ("picture", "svg", Content::Bytes(svg.into_bytes())),
            Document::Image(png) => ("image", "png", Content::Bytes(png)),
        };
        Some(Written {
            what,
            stem,
            extension,
            content,
        })
    }

    fn baseline(&mut self, contrast: &Contrast, span: Span, snapshot: &Snapshot) -> Option<Written> {
        let bytes = match contrast.known(span) {
            Some(stretch) => export::baseline::write(&stretch),
            None => export::baseline::write(&self.measured(span, &Rows::All)?),
        };
        Some(Written {
            what: "baseline",
            stem: words::baseline_stem(snapshot.wall(span.to)),
            extension: "json",
            content: Content::Bytes(bytes),
        })
    }
}
