//! What somebody at the screen wants written to a file.

use std::path::Path;

use super::Running;
use super::answer::everything;
use crate::export::{self, json};
use crate::file;
use crate::run::words;
use crate::sample::Severity;
use crate::snapshot::{Rows, Snapshot, Span};
use crate::ui::Document;

/// A file that is to be written.
struct Written {
    /// What it is of, in a word.
    what: &'static str,
    stem: String,
    extension: &'static str,
    bytes: Vec<u8>,
}

impl Running<'_> {
    /// Writes the document as of the second that is looked at, and says where or why not.
    pub(super) fn export(&mut self, document: Document) {
        let Some(written) = self.document(document) else {
            let words = "no baseline written: nothing is kept of that span; choose another one";
            return self.notify(Severity::Warning, words.to_owned());
        };
        let what = written.what;
        match file::create_numbered(Path::new(""), &written.stem, written.extension, &written.bytes) {
            Ok(path) => self.notify(Severity::Info, format!("{what} written to {}", path.display())),
            Err((path, error)) => {
                let path = path.display();
                // Why comes before where, so that a narrow footer cuts the path and not the reason.
                let remedy = "start probetop in a folder you may write to";
                self.notify(
                    Severity::Warning,
                    format!("no {what} written: {error}; {remedy}: {path}"),
                );
            }
        }
    }

    /// `None`: there is nothing to be written.
    fn document(&mut self, document: Document) -> Option<Written> {
        let query = match document {
            Document::Snapshot => everything(&self.query, self.query.feed),
            Document::Series
            | Document::Comparison
            | Document::Baseline(_)
            | Document::Text(_)
            | Document::Picture(_) => self.query.clone(),
        };
        let snapshot = self.answer(&query);
        let written = |what, extension, bytes| Written {
            what,
            stem: words::export_stem(&snapshot),
            extension,
            bytes,
        };
        Some(match document {
            Document::Snapshot => written("snapshot", "json", json::pretty(&snapshot)),
            Document::Series => written("series", "csv", export::csv::series(&snapshot)),
            Document::Comparison => written("comparison", "csv", export::csv::comparison(&snapshot)),
            Document::Baseline(span) => self.baseline(span?, &snapshot)?,
            Document::Text(text) => written("screen", "txt", text.into_bytes()),
            Document::Picture(svg) => written("picture", "svg", svg.into_bytes()),
        })
    }

    fn baseline(&mut self, span: Span, snapshot: &Snapshot) -> Option<Written> {
        let bytes = match self.contrast.known(span) {
            Some(stretch) => export::baseline::write(&stretch),
            None => export::baseline::write(&self.measured(span, &Rows::All)?),
        };
        Some(Written {
            what: "baseline",
            stem: words::baseline_stem(snapshot.wall(span.to)),
            extension: "json",
            bytes,
        })
    }
}
