//! Pages of metrics, line by line: Prometheus' text format 0.0.4 and the quoted names of 1.0.0 (Prometheus 3), and what
//! of OpenMetrics 1.0 a page of counters, gauges, histograms and summaries uses.
//!
//! A line is read in two steps, so that one whose name nobody asked for costs no more than its name.

use std::borrow::Cow;
use std::fmt;

/// Labels of one sample; nobody has more by good intent.
const LABEL_LIMIT: usize = 64;

/// What kind of metric a `# TYPE` line declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    Counter,
    Gauge,
    Histogram,
    Summary,
    /// Untyped, or of a kind that is read as it is.
    Other,
}

/// A line, of a sample no more than its name.
#[derive(Clone, Debug, PartialEq)]
pub enum Line<'a> {
    /// Empty, a comment, or the end that OpenMetrics marks.
    Nothing,
    Type {
        name: Cow<'a, str>,
        family: Family,
    },
    Sample(Unread<'a>),
}

/// A sample whose labels and value are still to be read.
#[derive(Clone, Debug, PartialEq)]
pub struct Unread<'a> {
    pub name: Cow<'a, str>,
    rest: Rest<'a>,
}

/// What follows the name of a sample.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Rest<'a> {
    /// Labels in braces, or the value: `a{b="c"} 1`.
    Behind(&'a str),
    /// Labels within the braces that a quoted name stands in: `{"a.b",c="d"} 1`.
    Within(&'a str),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Sample<'a> {
    pub name: Cow<'a, str>,
    pub labels: Labels<'a>,
    pub value: f64,
}

type Labels<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

/// Why a line is none of the format; holds nothing of the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed(&'static str);

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl<'a> Line<'a> {
    /// # Errors
    /// The line begins with something that is not a name.
    pub fn read(line: &'a str) -> Result<Self, Malformed> {
        let line = line.trim_matches([' ', '\t', '\r']);
        if line.is_empty() {
            return Ok(Self::Nothing);
        }
        if let Some(comment) = line.strip_prefix('#') {
            return Ok(Self::of_comment(comment));
        }
        if let Some(inside) = line.strip_prefix('{') {
            return Self::of_quoted_name(inside.trim_start());
        }
        let (name, rest) = plain_name(line).ok_or(NO_NAME)?;
        if !rest.starts_with(['{', ' ', '\t']) {
            return Err(Malformed("no value behind a name"));
        }
        Ok(Self::Sample(Unread {
            name: name.into(),
            rest: Rest::Behind(rest),
        }))
    }

    /// A sample whose name is the first thing in its braces.
    fn of_quoted_name(inside: &'a str) -> Result<Self, Malformed> {
        let quoted = inside.strip_prefix('"').ok_or(NO_NAME)?;
        let (name, rest) = quoted_value(quoted).ok_or(OPEN)?;
        let rest = rest.trim_start();
        let labels = match rest.strip_prefix(',') {
            Some(labels) => labels,
            None if rest.starts_with('}') => rest,
            None => return Err(NO_NAME),
        };
        Ok(Self::Sample(Unread {
            name,
            rest: Rest::Within(labels),
        }))
    }

    fn of_comment(comment: &'a str) -> Self {
        Self::of_type(comment).unwrap_or(Self::Nothing)
    }

    fn of_type(comment: &'a str) -> Option<Self> {
        let declared = comment.trim_start().strip_prefix("TYPE")?;
        let name = declared.trim_start();
        if name.len() == declared.len() {
            return None;
        }
        let (name, rest) = match name.strip_prefix('"') {
            Some(quoted) => quoted_value(quoted)?,
            None => name.split_once([' ', '\t']).map(|(name, rest)| (name.into(), rest))?,
        };
        let family = match rest.split_ascii_whitespace().next()? {
            "counter" => Family::Counter,
            "gauge" => Family::Gauge,
            "histogram" => Family::Histogram,
            "summary" => Family::Summary,
            _ => Family::Other,
        };
        Some(Self::Type { name, family })
    }
}

impl<'a> Unread<'a> {
    /// Reads labels and value. A time stamp and an exemplar may follow, and are passed over.
    ///
    /// # Errors
    /// The labels are not closed, or there is no number.
    pub fn sample(self) -> Result<Sample<'a>, Malformed> {
        let (labels, rest) = match self.rest {
            Rest::Within(inside) => labels(inside)?,
            Rest::Behind(rest) => match rest.trim_start().strip_prefix('{') {
                Some(inside) => labels(inside)?,
                None => (Vec::new(), rest),
            },
        };
        let value = rest.split_ascii_whitespace().next().ok_or(Malformed("no value"))?;
        Ok(Sample {
            name: self.name,
            labels,
            value: number(value).ok_or(Malformed("a value that is not a number"))?,
        })
    }
}

impl Sample<'_> {
    pub fn label(&self, name: &str) -> Option<&str> {
        let found = self.labels.iter().find(|(label, _)| label == name);
        found.map(|(_, value)| value.as_ref())
    }
}

/// A number as Go and Rust both write it: `1`, `1e-3`, `NaN`, `+Inf`.
pub(super) fn number(text: &str) -> Option<f64> {
    text.parse().ok()
}

const NO_NAME: Malformed = Malformed("no name of a metric");
const OPEN: Malformed = Malformed("labels that are not closed");

/// A name that needs no quotes, at the start of `text`, and what follows it.
fn plain_name(text: &str) -> Option<(&str, &str)> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    let (name, rest) = text.split_at(text.find(|c| !is_part(c)).unwrap_or(text.len()));
    let begins_well = name.starts_with(|c: char| !c.is_ascii_digit());
    begins_well.then_some((name, rest))
}

/// The labels up to the closing brace, and what follows it.
fn labels(text: &str) -> Result<(Labels<'_>, &str), Malformed> {
    let mut labels = Vec::new();
    let mut rest = text.trim_start();
    while !rest.starts_with('}') {
        if labels.len() == LABEL_LIMIT {
            return Err(Malformed("more than 64 labels"));
        }
        if rest.is_empty() {
            return Err(OPEN);
        }
        let (name, after) = label_name(rest)?;
        let quoted = after
            .trim_start()
            .strip_prefix('"')
            .ok_or(Malformed("a label without quotes"))?;
        let (value, after) = quoted_value(quoted).ok_or(OPEN)?;
        labels.push((name, value));
        let after = after.trim_start();
        rest = match after.strip_prefix(',') {
            Some(after) => after.trim_start(),
            None if after.starts_with('}') => after,
            None => return Err(OPEN),
        };
    }
    Ok((labels, rest.strip_prefix('}').unwrap_or(rest)))
}

/// The name of a label, quoted or not, and what follows its `=`.
fn label_name(text: &str) -> Result<(Cow<'_, str>, &str), Malformed> {
    const NO_NAME: Malformed = Malformed("no name of a label");
    let (name, rest) = match text.strip_prefix('"') {
        Some(quoted) => quoted_value(quoted).ok_or(OPEN)?,
        None => plain_name(text)
            .map(|(name, rest)| (name.into(), rest))
            .ok_or(NO_NAME)?,
    };
    let value = rest.trim_start().strip_prefix('=').ok_or(OPEN)?;
    Ok((name, value))
}

/// A value after its opening quote, without escapes (`\\`, `\"`, `\n`), and what follows the closing one.
fn quoted_value(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let mut value = String::new();
    let mut rest = text;
    loop {
        let (plain, after) = rest.split_at(rest.find(['"', '\\'])?);
        if let Some(after) = after.strip_prefix('"') {
            return Some(if value.is_empty() {
                (plain.into(), after)
            } else {
                ((value + plain).into(), after)
            });
        }
        value.push_str(plain);
        let mut escaped = after.strip_prefix('\\')?.chars();
        match escaped.next()? {
            'n' => value.push('\n'),
            known @ ('"' | '\\') => value.push(known),
            // Written as it stands, as Prometheus itself reads it.
            other => value.extend(['\\', other]),
        }
        rest = escaped.as_str();
    }
}

#[cfg(test)]
mod tests;
