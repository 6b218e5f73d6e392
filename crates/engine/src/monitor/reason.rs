//! Why a rule's alert fires, as people write it: `p95(10s) 478ms > 250ms`, not the condition in CEL and its values behind.

use probetop_core::expression::{Operand, Value, Values};
use probetop_core::sample::{Unit, Window};

use crate::alert::reading::as_figure;
use crate::judge::verdict;

/// The signs of a comparison, the longer before those they begin with.
const SIGNS: [&str; 6] = [">=", "<=", "==", "!=", ">", "<"];

/// The comparisons that a condition consists of, each with its figure; `None`: it is more than `NAME OP literal`, or several
/// of them with `&&` between.
/// A figure over a window names it.
pub(super) fn comparisons(values: &Values, window: Window) -> Option<String> {
    let each = values
        .source()
        .split("&&")
        .map(|part| comparison(part.trim(), values, window));
    let each: Vec<_> = each.collect::<Option<_>>()?;
    Some(each.join(" and "))
}

fn comparison(source: &str, values: &[Operand], window: Window) -> Option<String> {
    let (sign, (name, literal)) = SIGNS
        .into_iter()
        .find_map(|sign| Some((sign, source.split_once(sign)?)))?;
    let (name, literal) = (name.trim(), literal.trim());
    let operand = values.iter().find(|operand| &*operand.name == name)?;
    let (figure, unit) = as_figure(name, &operand.value)?;
    let (figure, limit) = match (&operand.value, literal.parse::<f64>()) {
        (Value::Duration(_), _) => (unit.show(figure), time(literal)?.to_owned()),
        (_, Ok(limit)) => (show(unit, figure), show(unit, limit)),
        (_, Err(_)) => return None,
    };
    let what = match is_over_window(name) {
        true => verdict::over(called(name), window),
        false => called(name).to_owned(),
    };
    Some(format!("{what} {figure} {sign} {limit}"))
}

/// The figure that a condition asks for first, and its limit in the figure's own unit; `None`: it is more than
/// `NAME OP literal` with `&&` behind.
pub(super) fn asked(source: &str) -> Option<(&str, f64)> {
    let first = source.split("&&").next()?.trim();
    let (name, literal) = SIGNS.into_iter().find_map(|sign| first.split_once(sign))?;
    let (name, literal) = (name.trim(), literal.trim());
    let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.');
    let limit = literal.parse().ok().or_else(|| micros(time(literal)?))?;
    is_name.then_some((name, limit))
}

/// A time with one unit, in microseconds.
fn micros(time: &str) -> Option<f64> {
    const UNITS: [(&str, f64); 5] = [("us", 1.0), ("ms", 1e3), ("s", 1e6), ("m", 60e6), ("h", 3600e6)];
    let number = |(unit, us): (&str, f64)| Some(time.strip_suffix(unit)?.parse::<f64>().ok()? * us);
    UNITS.into_iter().find_map(number)
}

/// What stands in `duration('250ms')`.
fn time(literal: &str) -> Option<&str> {
    let quoted = literal.strip_prefix("duration(")?.strip_suffix(')')?.trim();
    let inner = |quote| quoted.strip_prefix(quote)?.strip_suffix(quote);
    inner('\'')
        .or_else(|| inner('"'))
        .filter(|time| time.chars().all(|c| c.is_ascii_alphanumeric() || c == '.'))
}

/// A number without a unit has as many decimals as it needs.
fn show(unit: Unit, figure: f64) -> String {
    match unit {
        Unit::Ratio => verdict::percent(figure),
        Unit::Number => Value::Float(figure).to_string(),
        Unit::Microseconds | Unit::Bytes => unit.show(figure),
    }
}

/// Whether a figure is of the window that the rule names, and not of the newest probe, or of the machine.
fn is_over_window(name: &str) -> bool {
    let is_quantile = || {
        name.strip_prefix('p')
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    let others = [
        "error_ratio",
        "success_ratio",
        "rate",
        "attempts",
        "failed",
        "max",
        "min",
        "mean",
    ];
    others.contains(&name) || is_quantile()
}

/// As the screen calls the figure.
fn called(name: &str) -> &str {
    match name {
        "error_ratio" => "errors",
        "success_ratio" => "success",
        "p99_9" => "p99.9",
        name => name.strip_prefix("gauge.").unwrap_or(name),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use probetop_core::expression::{Evaluation, Expression};

    use super::*;

    fn check(condition: &str, expected: Option<&str>) {
        let value = |name: &str| match name {
            "p95" | "p99_9" => Some(Value::Duration(Duration::from_millis(478))),
            "error_ratio" => Some(Value::Float(0.24)),
            "load" => Some(Value::Float(9.784)),
            "failed" => Some(Value::Int(12)),
            "gauge" => Some(Value::Json(serde_json::json!({"queue": 7, "heap_bytes": 2048}).into())),
            _ => None,
        };
        let Evaluation::Holds { values } = Expression::compile(condition, None).unwrap().evaluate(&value) else {
            panic!("{condition} does not hold");
        };
        let found = comparisons(&values, Window::TenSeconds);
        assert_eq!(found.as_deref(), expected, "{condition}");
    }

    #[test]
    fn a_simple_comparison_reads_figure_sign_limit() {
        check("p95 > duration('250ms')", Some("p95(10s) 478ms > 250ms"));
        check("p99_9>=duration(\"0.3s\")", Some("p99.9(10s) 478ms >= 0.3s"));
        check("error_ratio > 0.1", Some("errors(10s) 24% > 10%"));
        check("load > 2.0", Some("load 9.784 > 2"));
        check("failed >= 3", Some("failed(10s) 12 >= 3"));
        check("gauge.queue != 5", Some("queue 7 != 5"));
        check("gauge.heap_bytes > 1024", Some("heap_bytes 2.0 KiB > 1.0 KiB"));
        check(
            "p95 > duration('250ms') && error_ratio > 0.1",
            Some("p95(10s) 478ms > 250ms and errors(10s) 24% > 10%"),
        );
    }

    #[test]
    fn the_first_figure_of_a_condition_has_its_limit() {
        assert_eq!(asked("p95 > duration('250ms') && rate > 1.0"), Some(("p95", 250e3)));
        assert_eq!(asked("p99_9>=duration(\"0.3s\")"), Some(("p99_9", 300e3)));
        assert_eq!(asked("gauge.queue != 5"), Some(("gauge.queue", 5.0)));
        assert_eq!(asked("error_ratio * 2.0 > 0.1"), None);
        assert_eq!(asked("p95 > duration('1m30s')"), None);
    }

    #[test]
    fn what_is_more_than_that_stays_as_it_is_written() {
        check("error_ratio > 0.1 || failed > 100", None);
        check("error_ratio * 2.0 > 0.1", None);
        check("0.1 < error_ratio", None);
        check("!(error_ratio < 0.1)", None);
        check("p95 > duration('1' + '00ms')", None);
        check("error_ratio > 0.1 && (failed > 100 || load > 1.0)", None);
    }
}
