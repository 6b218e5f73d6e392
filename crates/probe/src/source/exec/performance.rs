//! Performance data as Nagios plugins print it: `'label'=value[UOM];warn;crit;min;max`, separated by spaces.
//!
//! After the monitoring plugins' development guidelines, read leniently: what is not a figure is passed over. The plugin
//! judges its own thresholds, so they are not read here.

use std::borrow::Cow;

use probetop_core::sample::GaugeName;

/// Names of gauges are cut at this length; what is before a unit is cut early enough to leave the unit whole.
const NAME_LIMIT: usize = 64;

/// One figure of a plugin, in the units that gauges have.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    pub label: String,
    /// What the name ends in.
    pub suffix: Cow<'static, str>,
    pub course: Course,
    pub value: f64,
}

/// What a figure is from one answer to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    Gauge,
    /// Counts on; the name is that of its rate.
    Counter,
}

impl Figure {
    /// What the `number`th of those is called whose labels read the same.
    pub fn name(&self, number: usize) -> GaugeName {
        let number = if number > 1 {
            format!("_{number}")
        } else {
            String::new()
        };
        named(&word(&self.label), &number, &self.suffix)
    }
}

/// The figures in `text`, in order. Those whose value is unknown (`U`) or no number are left out.
pub fn figures(text: &str) -> impl Iterator<Item = Figure> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            rest = rest.trim_start();
            if rest.is_empty() {
                return None;
            }
            let (label, after) = label(rest);
            let end = after.find(char::is_whitespace).unwrap_or(after.len());
            let (value, after) = after.split_at(end);
            rest = after;
            let figure = label.and_then(|label| figure(&label, value));
            if figure.is_some() {
                return figure;
            }
        }
    })
}

/// The label at the start of `text`, and what follows its `=`. `None` where there is none: the word is to be skipped.
fn label(text: &str) -> (Option<Cow<'_, str>>, &str) {
    if let Some(quoted) = text.strip_prefix('\'') {
        return quoted_label(quoted);
    }
    let end = text.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(text.len());
    let (label, after) = text.split_at(end);
    match after.strip_prefix('=') {
        Some(after) => (Some(label.into()), after),
        None => (None, after),
    }
}

/// A label after its opening quote; `''` within it is a quote.
fn quoted_label(text: &str) -> (Option<Cow<'_, str>>, &str) {
    let mut from = 0;
    while let Some(found) = text[from..].find('\'') {
        let quote = from + found;
        let (label, after) = (&text[..quote], &text[quote + 1..]);
        if let Some(after) = after.strip_prefix('=') {
            return (Some(label.replace("''", "'").into()), after);
        }
        if !after.starts_with('\'') {
            return (None, after);
        }
        from = quote + 2;
    }
    (None, "")
}

fn figure(label: &str, value: &str) -> Option<Figure> {
    let value = value.split(';').next().unwrap_or_default();
    let (number, unit) = split_number(value)?;
    let ((suffix, factor), course) = match unit {
        "c" => (("per_s".into(), 1.0), Course::Counter),
        unit => (measure(unit), Course::Gauge),
    };
    let value = number * factor;
    value.is_finite().then(|| Figure {
        label: label.to_owned(),
        suffix,
        course,
        value,
    })
}

/// The number at the start of `text` and the unit behind it. A decimal comma, as some locales print it, is a point.
fn split_number(text: &str) -> Option<(f64, &str)> {
    let mut previous = ' ';
    let bare = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '+');
    let end = text.char_indices().position(|(at, c)| {
        let signs_exponent =
            || text[at + c.len_utf8()..].starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '+');
        let is_exponent = matches!(c, 'e' | 'E') && previous.is_ascii_digit() && signs_exponent();
        previous = c;
        !bare(c) && !is_exponent
    });
    // Everything before `end` is ASCII, so that it is a count of bytes as well.
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    let number: f64 = number.replacen(',', ".", 1).parse().ok()?;
    number.is_finite().then_some((number, unit))
}

/// The end of a gauge's name for a unit of measurement, and what its values are multiplied by. Multiples of bytes count
/// by 1024, as the monitoring plugins do.
fn measure(unit: &str) -> (Cow<'static, str>, f64) {
    match unit {
        "" => ("".into(), 1.0),
        "%" => ("ratio".into(), 0.01),
        "s" => ("us".into(), 1e6),
        "ms" => ("us".into(), 1e3),
        "us" | "µs" => ("us".into(), 1.0),
        "ns" => ("us".into(), 1e-3),
        "B" => ("bytes".into(), 1.0),
        other => match byte_multiple(other) {
            Some(factor) => ("bytes".into(), factor),
            None => (words(other, 16).into(), 1.0),
        },
    }
}

fn byte_multiple(unit: &str) -> Option<f64> {
    let prefix = unit.strip_suffix("iB").or_else(|| unit.strip_suffix('B'))?;
    let power = ["K", "M", "G", "T", "P", "E"]
        .iter()
        .position(|known| prefix.eq_ignore_ascii_case(known))?;
    Some(1024_f64.powi(power as i32 + 1))
}

/// A label as part of a name: `/` is `root`, `/var/log` is `var_log`.
fn word(label: &str) -> String {
    match label.trim() {
        "/" => "root".to_owned(),
        label => words(label, NAME_LIMIT),
    }
}

fn words(text: &str, limit: usize) -> String {
    let plain = text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' });
    let plain: String = plain.take(limit).collect();
    match plain.trim_matches('_') {
        "" => "value".to_owned(),
        trimmed => trimmed.to_owned(),
    }
}

fn named(word: &str, number: &str, suffix: &str) -> GaugeName {
    let has_it = word.strip_suffix(suffix).is_some_and(|before| before.ends_with('_'));
    let suffix = if suffix.is_empty() || has_it {
        String::new()
    } else {
        format!("_{suffix}")
    };
    let room = NAME_LIMIT.saturating_sub(number.len() + suffix.len());
    let word = word.get(..room).unwrap_or(word);
    GaugeName::clean(&format!("{word}{number}{suffix}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expected: &[(&str, f64)]) {
        let read: Vec<_> = figures(text)
            .map(|figure| match figure.course {
                Course::Gauge => (figure.name(1).to_string(), figure.value),
                Course::Counter => (format!("{} counter", figure.name(1)), figure.value),
            })
            .collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|(name, value)| (name.to_string(), *value))
            .collect();
        assert_eq!(read, expected, "of {text:?}");
    }

    #[test]
    fn units_become_those_of_gauges() {
        check("time=0.25s;;;0;10", &[("time_us", 250_000.0)]);
        check("rta=1.5ms;200;500;0", &[("rta_us", 1500.0)]);
        check("pl=50%;20;60;;", &[("pl_ratio", 0.5)]);
        check("/=2643MB;5948;5958;0;5968", &[("root_bytes", 2643.0 * 1024.0 * 1024.0)]);
        check("/var/log=3B", &[("var_log_bytes", 3.0)]);
        check("size=2KiB", &[("size_bytes", 2048.0)]);
        check("in=1234c", &[("in_per_s counter", 1234.0)]);
        check("load1=0.010;15.000;30.000;0;", &[("load1", 0.01)]);
        check("fan=1200rpm", &[("fan_rpm", 1200.0)]);
        check("temp=21.5°C", &[("temp_C", 21.5)]);
        check("size_bytes=7B", &[("size_bytes", 7.0)]);
    }

    #[test]
    fn labels_may_be_quoted() {
        check("'free space'=1B 'it''s'=2", &[("free_space_bytes", 1.0), ("it_s", 2.0)]);
        check("'a=b'=1", &[("a_b", 1.0)]);
        check("''=1", &[("value", 1.0)]);
        check("'C:\\ %'=12%", &[("C_ratio", 0.12)]);
    }

    #[test]
    fn numbers_come_in_many_forms() {
        check(
            "a=-1 b=+2 c=.5 d=1e3 e=1,5",
            &[("a", -1.0), ("b", 2.0), ("c", 0.5), ("d", 1000.0), ("e", 1.5)],
        );
        check("a=1eggs", &[("a_eggs", 1.0)]);
        check("a=2E-1s", &[("a_us", 200_000.0)]);
    }

    #[test]
    fn what_is_no_figure_is_passed_over() {
        check("a=U b=1", &[("b", 1.0)]);
        check("words without meaning b=1", &[("b", 1.0)]);
        check("a= b=1", &[("b", 1.0)]);
        check("'open", &[]);
        check("'open=1 b=2", &[]);
        check("'a'x=1 b=1", &[("b", 1.0)]);
        check("a=1e999 b=1", &[("b", 1.0)]);
        check("=5", &[("value", 5.0)]);
        check("", &[]);
    }

    #[test]
    fn a_long_label_leaves_its_unit_whole() {
        let text = format!("{}=1B", "x".repeat(200));
        let figure = figures(&text).next().unwrap();
        for (number, end) in [(1, "x_bytes"), (12, "x_12_bytes")] {
            let name = figure.name(number);
            assert_eq!(name.as_str().len(), NAME_LIMIT);
            assert!(name.as_str().ends_with(end), "{name}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC*") {
            prop_assert!(figures(&text).count() <= text.len());
        }

        #[test]
        fn no_text_like_performance_data_makes_it_panic(text in "['=;a1.eE+,µ% U|-]*") {
            prop_assert!(figures(&text).count() <= text.len());
        }
    }
}
