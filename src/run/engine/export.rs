//! What somebody at the screen wants written to a file.

use std::path::Path;

use super::{Running, everything};
use crate::export::{self, json};
use crate::run::{file, words};
use crate::sample::Severity;
use crate::ui::Document;

impl Running<'_> {
    /// Writes the document as of the second that is looked at, and says where or why not.
    pub(super) fn export(&mut self, document: Document) {
        let shown = self.query.clone();
        let (what, extension, snapshot, bytes) = match document {
            Document::Snapshot => {
                let snapshot = self.answer(&everything(&shown, shown.feed));
                let bytes = json::pretty(&snapshot);
                ("snapshot", "json", snapshot, bytes)
            }
            Document::Series => {
                let snapshot = self.answer(&shown);
                let bytes = export::csv::series(&snapshot);
                ("series", "csv", snapshot, bytes)
            }
            Document::Text(text) => ("screen", "txt", self.answer(&shown), text.into_bytes()),
            Document::Picture(svg) => ("picture", "svg", self.answer(&shown), svg.into_bytes()),
        };
        match file::write_anew(Path::new(""), &words::export_stem(&snapshot), extension, &bytes) {
            Ok(path) => self.notify(Severity::Info, format!("{what} written to {}", path.display())),
            Err((path, error)) => {
                let path = path.display();
                let remedy = "start probetop in a folder you may write to";
                self.notify(
                    Severity::Warning,
                    format!("no {what} written to {path}: {error}; {remedy}"),
                );
            }
        }
    }
}
