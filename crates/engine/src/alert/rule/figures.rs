//! `above` and `below`: the condition of a rule as a table of figures and their limits, for those who write no CEL.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use probetop_core::expression::{Evaluation, Expression, Value};
use probetop_core::setting::{Finding, Period};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de};

/// Figures by name, each with its limit.
pub type Figures = BTreeMap<String, FigureLimit>;

/// A limit as it is written.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum FigureLimit {
    Number(f64),
    /// A time such as `300ms`.
    Time(String),
    /// Limits of what the target tells of itself: `gauge = { queue = 10 }`.
    Gauges(BTreeMap<String, f64>),
}

impl<'de> Deserialize<'de> for FigureLimit {
    /// By hand, because an untagged enum tells nothing of what is wrong.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> de::Visitor<'de> for Visitor {
            type Value = FigureLimit;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, or a time in quotes such as \"300ms\"")
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<FigureLimit, E> {
                Ok(FigureLimit::Number(number as f64))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<FigureLimit, E> {
                Ok(FigureLimit::Number(number as f64))
            }

            fn visit_f64<E: de::Error>(self, number: f64) -> Result<FigureLimit, E> {
                Ok(FigureLimit::Number(number))
            }

            fn visit_str<E: de::Error>(self, time: &str) -> Result<FigureLimit, E> {
                Ok(FigureLimit::Time(time.to_owned()))
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<FigureLimit, A::Error> {
                BTreeMap::deserialize(de::value::MapAccessDeserializer::new(map)).map(FigureLimit::Gauges)
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}

/// A condition as a table of figures.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    above: Figures,
    below: Figures,
    /// One for each figure, in CEL; any of them is enough.
    comparisons: Vec<Expression>,
}

impl Table {
    /// Compiles each figure and its limit. `plausible` gives a value of the type that a variable has.
    ///
    /// # Errors
    /// Names each figure that there is not, or whose limit is of the wrong kind.
    pub fn compile(
        above: &Figures,
        below: &Figures,
        known: &[&str],
        plausible: impl Fn(&str) -> Option<Value>,
    ) -> Result<Self, Vec<Finding>> {
        let mut compiled = Vec::new();
        let mut findings = Vec::new();
        for (key, sign, figures) in [("above", '>', above), ("below", '<', below)] {
            for (name, limit) in figures {
                let finding = |message| Finding::new(name, message).under(key);
                let compile = |text: String| Expression::compile(&text, Some(known)).map_err(|error| error.message);
                let written = comparisons(name, sign, limit, known, &plausible);
                match written.and_then(|written| written.into_iter().map(compile).collect::<Result<Vec<_>, _>>()) {
                    Ok(comparisons) => compiled.extend(comparisons),
                    Err(message) => findings.push(finding(message)),
                }
            }
        }
        if !findings.is_empty() {
            return Err(findings);
        }
        Ok(Self {
            above: above.clone(),
            below: below.clone(),
            comparisons: compiled,
        })
    }

    /// Of what was compiled before.
    pub(crate) fn of(above: Figures, below: Figures, comparisons: Vec<Expression>) -> Self {
        Self {
            above,
            below,
            comparisons,
        }
    }

    pub(crate) fn comparisons(&self) -> &[Expression] {
        &self.comparisons
    }

    /// The whole as one condition in CEL.
    pub fn condition(&self) -> String {
        let comparisons: Vec<_> = self.comparisons.iter().map(Expression::source).collect();
        comparisons.join(" || ")
    }

    /// As it was written: what is too high, and what is too low.
    pub fn figures(&self) -> (&Figures, &Figures) {
        (&self.above, &self.below)
    }

    /// The first comparison that holds, and what it found: that figure is to be talked of, not its neighbours.
    pub fn guilty(&self, resolve: &dyn Fn(&str) -> Option<Value>) -> Option<(&Expression, Evaluation)> {
        let evaluated = self
            .comparisons
            .iter()
            .map(|comparison| (comparison, comparison.evaluate(resolve)));
        evaluated.into_iter().find(|(_, evaluation)| evaluation.holds())
    }
}

fn comparisons(
    name: &str,
    sign: char,
    limit: &FigureLimit,
    known: &[&str],
    plausible: impl Fn(&str) -> Option<Value>,
) -> Result<Vec<String>, String> {
    if !is_name(name) {
        return Err(format!("{name:?} is not a figure; known are {}", known.join(", ")));
    }
    // Only the compiler knows which name is close to one that does not exist.
    Expression::compile_value(name, Some(known)).map_err(|error| error.message)?;
    match (limit, plausible(name)) {
        (FigureLimit::Gauges(limits), None) => limits
            .iter()
            .map(|(gauge, limit)| match is_name(gauge) {
                true => Ok(format!("{name}.{gauge} {sign} {}", number(gauge, *limit)?)),
                false => Err(format!("no gauge is called {gauge:?}")),
            })
            .collect(),
        (FigureLimit::Number(_) | FigureLimit::Time(_), None) => {
            Err(format!("{name} is a table; write {name} = {{ queue = 10 }}"))
        }
        (FigureLimit::Time(time), Some(Value::Duration(_))) => {
            let time = Period::parse(time)?.duration();
            Ok(vec![format!("{name} {sign} duration('{}')", in_cel(time))])
        }
        (_, Some(Value::Duration(_))) => Err(format!("{name} is a time; write {name} = \"300ms\"")),
        (FigureLimit::Number(limit), Some(_)) => Ok(vec![format!("{name} {sign} {}", number(name, *limit)?)]),
        (FigureLimit::Time(_) | FigureLimit::Gauges(_), Some(_)) => {
            Err(format!("{name} is a number; write {name} = 0.5"))
        }
    }
}

fn is_name(name: &str) -> bool {
    let starts_well = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    starts_well && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn number(name: &str, limit: f64) -> Result<String, String> {
    if limit.is_finite() {
        Ok(format!("{limit:?}"))
    } else {
        Err(format!("{name} has a limit that is not a number"))
    }
}

/// CEL takes no blanks in a time, and no days.
fn in_cel(time: Duration) -> String {
    let nanos = time.as_nanos();
    let units = [(1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "us")];
    let fits = units.into_iter().find(|(unit, _)| nanos.is_multiple_of(*unit));
    fits.map_or_else(
        || format!("{nanos}ns"),
        |(unit, name)| format!("{}{name}", nanos / unit),
    )
}
