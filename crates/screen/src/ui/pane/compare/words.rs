//! A change in words: by how much, what it means, and what it would take to say more.

use std::time::Duration;

use probetop_core::sample::{Micros, Unit};
use probetop_core::snapshot::{ComparisonRow, FigureChange, Lack, Significance};

use crate::ui::format;
use crate::ui::pane::figure::SIDES;

/// By how much, in seven columns at most: `+3.1%`, `+12%`, `×13`, of a share its points `+1.2pt`. `None`: it is not known, or
/// there was nothing before.
pub(crate) fn change(figure: &FigureChange) -> Option<String> {
    let ratio = figure.relative()?;
    Some(match figure.unit {
        Unit::Ratio if ratio.abs() < 0.0995 => format!("{:+.1}pt", ratio * 100.0),
        Unit::Ratio => format!("{:+.0}pt", ratio * 100.0),
        Unit::Microseconds | Unit::Bytes | Unit::Number if ratio >= 9.995 => {
            format!("×{:.0}", (ratio + 1.0).min(99_999.0))
        }
        Unit::Microseconds | Unit::Bytes | Unit::Number if ratio.abs() < 0.0995 => format!("{:+.1}%", ratio * 100.0),
        Unit::Microseconds | Unit::Bytes | Unit::Number => format!("{:+.0}%", ratio * 100.0),
    })
}

/// As the other panes show such a figure.
pub(crate) fn show(figure: &FigureChange, value: f64) -> String {
    match figure.unit {
        Unit::Microseconds => format::latency(Some(Micros(value as u32))),
        Unit::Ratio => format::share(Some(value)),
        Unit::Bytes => format::bytes(value),
        Unit::Number if figure.name == "rate" => format::rate(Some(value)),
        Unit::Number => format::number(Some(value)),
    }
}

/// What stands where a side has no figure: how many of the probes it takes there are, `16/100`, where that is why.
pub(crate) fn absent(figure: &FigureChange, side: usize) -> String {
    match figure.change.lack {
        Some(Lack::Probes {
            side: of,
            there,
            needed,
        }) if of == side && there > 0 => format!("{there}/{needed}"),
        Some(Lack::Probes { .. } | Lack::Time { .. } | Lack::Times(_) | Lack::Alike) | None => format::ABSENT.into(),
    }
}

/// Whether it is more than chance.
pub(crate) const fn is_told(significance: Significance) -> bool {
    match significance {
        Significance::Worse | Significance::Better | Significance::Different => true,
        Significance::Same | Significance::TooLittle => false,
    }
}

/// What a row comes to: `worse, also p50 +32%`, or with two others `worse, also p50 +32% +1`; of what cannot be told what that takes.
pub(crate) fn verdict(row: &ComparisonRow) -> String {
    if row.is_new() {
        return "new: not in A".into();
    }
    let significance = row.significance();
    let leading = row.leading();
    if significance == Significance::TooLittle {
        let lack = leading.and_then(lack);
        return lack.unwrap_or_else(|| significance.name().into());
    }
    let is_other = |figure: &&FigureChange| {
        is_told(figure.change.significance) && leading.is_none_or(|leading| leading.name != figure.name)
    };
    let others = row.figures.iter().filter(is_other);
    let others: Vec<_> = others
        .filter_map(|figure| Some(format!("{} {}", figure.name, change(figure)?)))
        .collect();
    // The details tell all of them; here is room for one.
    match others.as_slice() {
        [] => significance.name().into(),
        [other] => format!("{}, also {other}", significance.name()),
        [other, rest @ ..] => format!("{}, also {other} +{}", significance.name(), rest.len()),
    }
}

/// What it takes to say more of a figure; `None` where nothing is missing.
pub(crate) fn lack(figure: &FigureChange) -> Option<String> {
    let of = |side: usize| SIDES.get(side).map_or("", |(name, _)| *name);
    let length = |length: Duration| format::age(length);
    Some(match figure.change.lack? {
        Lack::Time { side, there, needed } => {
            format!("takes {} of {}, has {}", length(needed), of(side), length(there))
        }
        Lack::Probes { side, there: 0, .. } => format!("no {} in {}", figure.name, of(side)),
        Lack::Probes { side, there, needed } => {
            format!("{}: {} has {there}/{needed} probes", figure.name, of(side))
        }
        Lack::Times(times) => format!("takes spans {times}x as long"),
        Lack::Alike => "neighbours too alike".into(),
    })
}

#[cfg(test)]
mod tests {
    use probetop_core::snapshot::Change;

    use super::*;

    fn figure(name: &'static str, unit: Unit, sides: [f64; 2], significance: Significance) -> FigureChange {
        let [before, after] = sides;
        FigureChange {
            name,
            unit,
            change: Change {
                before: Some(before),
                after: Some(after),
                shift: Some(after - before),
                p_value: Some(0.001),
                significance,
                lack: None,
            },
        }
    }

    #[test]
    fn a_change_fits_its_column_whatever_it_is() {
        let check = |unit, before: f64, shift: f64, expected: Option<&str>| {
            let figure = figure("p95", unit, [before, before + shift], Significance::Worse);
            assert_eq!(change(&figure).as_deref(), expected);
        };
        check(Unit::Microseconds, 1000.0, 31.0, Some("+3.1%"));
        check(Unit::Microseconds, 1000.0, 120.0, Some("+12%"));
        check(Unit::Microseconds, 1000.0, -1000.0, Some("-100%"));
        check(Unit::Microseconds, 1000.0, 9_900.0, Some("+990%"));
        check(Unit::Microseconds, 1000.0, 12_000.0, Some("×13"));
        check(Unit::Microseconds, 1.0, 1e12, Some("×99999"));
        check(Unit::Microseconds, 0.0, 5.0, None);
        check(Unit::Ratio, 0.0, 0.012, Some("+1.2pt"));
        check(Unit::Ratio, 1.0, -1.0, Some("-100pt"));
    }

    #[test]
    fn a_row_says_what_else_changed_or_what_it_takes_to_tell() {
        let row = |figures| ComparisonRow {
            subject: "api".into(),
            target: None,
            attempts: Some([120, 16]),
            figures,
            spread: Vec::new(),
        };
        let check = |figures: Vec<FigureChange>, expected: &str| assert_eq!(verdict(&row(figures)), expected);
        let p95 = figure("p95", Unit::Microseconds, [100.0, 208.0], Significance::Worse);
        let p50 = figure("p50", Unit::Microseconds, [100.0, 132.0], Significance::Worse);
        let errors = figure("errors", Unit::Ratio, [0.0, 0.0], Significance::Same);
        check(vec![errors], "same");
        check(vec![errors, p50, p95], "worse, also p50 +32%");
        let p99 = figure("p99", Unit::Microseconds, [100.0, 207.0], Significance::Worse);
        check(vec![p50, p95, p99], "worse, also p50 +32% +1");
        let lacking = |lack| {
            let mut figure = figure(
                "p50",
                Unit::Microseconds,
                [11_600.0, 1_690_000.0],
                Significance::TooLittle,
            );
            figure.change.lack = Some(lack);
            vec![figure]
        };
        let seconds = |side, there, needed| Lack::Time {
            side,
            there: Duration::from_secs(there),
            needed: Duration::from_secs(needed),
        };
        check(lacking(seconds(1, 4, 10)), "takes 10s of B, has 4s");
        check(lacking(Lack::Times(3)), "takes spans 3x as long");
        let probes = |there| Lack::Probes {
            side: 1,
            there,
            needed: 100,
        };
        check(lacking(probes(16)), "p50: B has 16/100 probes");
        check(lacking(probes(0)), "no p50 in B");
        assert_eq!(absent(&lacking(probes(16))[0], 1), "16/100");
        assert_eq!(absent(&lacking(probes(16))[0], 0), "-");
    }
}
