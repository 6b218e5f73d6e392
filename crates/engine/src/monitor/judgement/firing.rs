//! What an alert that fires says about its subject: how it stands, and which way is worse.

use probetop_core::expression::{Evaluation, Expression};
use probetop_core::sample::{Level, Severity, Worse};

use crate::alert::entry::{Entry, Finding};
use crate::alert::reading::as_figure;
use crate::judge::verdict::Verdict;

/// A threshold's verdict as its alert stands: it has the level that fires, from when it has held for long enough until it
/// has been clear for long enough.
pub(super) fn held(verdict: Verdict, firing: Option<&Entry>, is_set_aside: impl FnOnce(&Entry) -> bool) -> Verdict {
    match firing.and_then(|entry| Some((entry, level_of(&entry.finding)?))) {
        Some((entry, level)) => Verdict {
            level,
            reason: Some(entry.reason()),
            clears: entry.clears(),
            set_aside: is_set_aside(entry),
            ..verdict
        },
        None if verdict.level == Level::Unknown => verdict,
        None => Verdict {
            level: Level::Ok,
            reason: None,
            ..verdict
        },
    }
}

/// `None`: it only informs.
fn level_of(finding: &Finding) -> Option<Level> {
    match finding.severity {
        Severity::Info => None,
        Severity::Warning => Some(Level::Warning),
        Severity::Critical => Some(Level::Critical),
    }
}

/// What an alert of a rule that fires says about its subject.
pub(super) fn standing(entry: &Entry, set_aside: bool) -> Option<Verdict> {
    let finding = &entry.finding;
    let level = level_of(finding)?;
    let reason = format!("{}: {}", finding.name, entry.reason());
    Some(Verdict {
        level,
        value: finding.value,
        unit: finding.unit,
        reason: Some(reason.into()),
        clears: entry.clears(),
        set_aside,
    })
}

/// A condition that asks for `figure < limit` gets worse downwards.
pub(super) fn worse(when: &Expression, evaluation: &Evaluation) -> Worse {
    let mut figures = evaluation
        .values()
        .iter()
        .filter(|operand| as_figure(&operand.name, &operand.value).is_some());
    let first = figures.next();
    let asks_for_less = first.is_some_and(|operand| {
        let rest = when.source().split_once(&*operand.name).map_or("", |(_, rest)| rest);
        rest.trim_start().starts_with('<')
    });
    if asks_for_less { Worse::Lower } else { Worse::Higher }
}
