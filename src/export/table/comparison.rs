//! What changed against the baseline, in a line for each subject that did.

use std::fmt::Write as _;

use probetop_core::sample::Unit;
use probetop_core::snapshot::{Comparison, ComparisonRow, FigureChange, Side, Significance};

/// One line that says what is compared, one for each subject that changed, and one that counts the others.
pub(super) fn lines(comparison: &Comparison) -> String {
    let rows = &comparison.rows;
    let counts = Significance::ORDER
        .into_iter()
        .zip(comparison.counts())
        .filter(|(_, count)| *count > 0)
        .map(|(meant, count)| format!("{count} {}", meant.name()));
    let counts: Vec<_> = counts.collect();
    let mut text = format!("against {}: {}\n", side(&comparison.before), counts.join(", "));
    let by_effect = comparison.by_effect.iter().filter_map(|place| rows.get(*place));
    for row in by_effect.filter(|row| is_change(row.significance())) {
        let _ = writeln!(
            text,
            "  {} {}: {}",
            row.significance().name(),
            row.subject,
            changes(row)
        );
    }
    let unjudged = |is_new: bool| {
        let rows = rows.iter().filter(|row| row.significance() == Significance::TooLittle);
        let names = rows
            .filter(|row| row.is_new() == is_new)
            .map(|row| row.subject.as_str());
        names.collect::<Vec<_>>().join(", ")
    };
    for (what, names) in [
        ("too little data of", unjudged(false)),
        ("not in the baseline:", unjudged(true)),
    ] {
        if !names.is_empty() {
            let _ = writeln!(text, "  {what} {names}");
        }
    }
    text
}

/// The figures of a row that changed by more than chance: `p95 41.2ms to 78.1ms, +90%`.
pub fn changes(row: &ComparisonRow) -> String {
    let told = row
        .figures
        .iter()
        .filter(|figure| is_change(figure.change.significance));
    told.map(change).collect::<Vec<_>>().join("; ")
}

fn change(figure: &FigureChange) -> String {
    let [before, after] = [figure.change.before, figure.change.after]
        .map(|value| value.map_or("-".to_owned(), |it| figure.unit.show(it)));
    let relative = figure.relative().map(|share| match figure.unit {
        Unit::Ratio => format!(", {:+.1} points", share * 100.0),
        Unit::Microseconds | Unit::Bytes | Unit::Number => format!(", {:+.0}%", share * 100.0),
    });
    format!("{} {before} to {after}{}", figure.name, relative.unwrap_or_default())
}

fn side(side: &Side) -> String {
    let length = humantime::format_duration(side.length);
    match &side.file {
        Some(file) => format!("{file} ({length})"),
        None => format!("the baseline ({length})"),
    }
}

const fn is_change(meant: Significance) -> bool {
    match meant {
        Significance::Worse | Significance::Better | Significance::Different => true,
        Significance::Same | Significance::TooLittle => false,
    }
}
