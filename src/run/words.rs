//! What the engine says about itself, in words. Pure.

use std::path::Path;
use std::time::SystemTime;

use probetop_core::snapshot::Snapshot;

use super::roster::Difference;
use crate::config::problem::Problem;
use crate::config::{Config, Problems};

/// `probetop-2026-11-20T235959Z`, before what tells the form: sorts by time and needs no quoting.
pub(super) fn export_stem(snapshot: &Snapshot) -> String {
    format!("probetop-{}", stamp(snapshot.wall(snapshot.taken)))
}

/// `probetop-baseline-2026-11-20T235959Z`, by when it ended.
pub(super) fn baseline_stem(ended: SystemTime) -> String {
    format!("probetop-baseline-{}", stamp(ended))
}

fn stamp(at: SystemTime) -> String {
    humantime::format_rfc3339_seconds(at).to_string().replace(':', "")
}

/// What a reload did, and what of it is probably not meant.
pub(super) fn reloaded(difference: Difference, config: &Config) -> String {
    let targets = words(difference);
    match problems(&config.warnings) {
        warnings if warnings.is_empty() => format!("configuration reloaded: {targets}"),
        warnings => format!("configuration reloaded: {targets}; {warnings}"),
    }
}

fn words(difference: Difference) -> String {
    let Difference {
        added,
        changed,
        removed,
    } = difference;
    let parts = [(added, "added"), (changed, "changed"), (removed, "removed")];
    let parts: Vec<_> = parts
        .iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, what)| format!("{n} {what}"))
        .collect();
    if parts.is_empty() {
        "targets as before".to_owned()
    } else {
        format!("targets {}", parts.join(", "))
    }
}

/// Why a reload was refused.
pub(super) fn refused(found: &Problems) -> String {
    problems(found.iter())
}

pub(super) fn blank(path: &Path) -> String {
    format!(
        "{} is empty; fill it again, or start anew to watch nothing",
        path.display()
    )
}

pub(super) fn read_once(path: &Path) -> String {
    format!(
        "{} is a pipe, which gives what it has once; start anew to read another",
        path.display()
    )
}

pub(super) fn gone(path: &Path) -> String {
    format!("{}: is not there any more; put it back, or start anew", path.display())
}

/// The first problem, and how many more there are: a notice is one line.
fn problems<'a>(found: impl IntoIterator<Item = &'a Problem>) -> String {
    let mut found = found.into_iter();
    let first = found.next().map(ToString::to_string).unwrap_or_default();
    match found.count() {
        0 => first,
        more => format!("{first} (and {more} more; see probetop config check)"),
    }
}
