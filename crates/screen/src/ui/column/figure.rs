//! What a column shows of a target: read once, and from there the cell, the order of rows and the value in a filter.

use std::sync::Arc;
use std::time::Duration;

use probetop_core::expression::Value;
use probetop_core::sample::{Level, Micros, Outcome};
use probetop_core::snapshot::TargetSnapshot;

use crate::ui::format;
use crate::ui::standing::Standing;
use crate::ui::theme::{Glyphs, Role};
use crate::ui::widget::text;

/// How a figure is read; `None`: it cannot be known.
#[derive(Clone, Copy)]
pub(super) enum Figure {
    Level,
    Text(fn(&TargetSnapshot) -> Option<&str>),
    PerSecond(fn(&TargetSnapshot) -> Option<f64>),
    Count(fn(&TargetSnapshot) -> u64),
    /// A count of what should not be.
    Losses(fn(&TargetSnapshot) -> u64),
    ErrorRatio(fn(&TargetSnapshot) -> Option<f64>),
    SuccessRatio(fn(&TargetSnapshot) -> Option<f64>),
    Score(fn(&TargetSnapshot) -> Option<f64>),
    Latency(fn(&TargetSnapshot) -> Option<Micros>),
    /// Known from so many successful probes on.
    Quantile(fn(&TargetSnapshot) -> Option<Micros>, u64),
    Interval,
    /// Of the newest probe.
    Last,
    /// What the whole snapshot tells: how the target compares with the baseline.
    Compared,
    /// The sparkline, and its scale, which may be that of all.
    Drawn,
}

/// What rows are ordered by: figures of one column are of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key<'a> {
    Number(u64),
    Text(&'a str),
}

impl Figure {
    /// Ratios and rates count in millionths.
    pub(super) fn key<'a>(&self, target: &'a TargetSnapshot) -> Option<Key<'a>> {
        let millionths = |value: f64| (value * 1e6) as u64;
        let number = match self {
            Self::Text(read) => return read(target).map(Key::Text),
            Self::Level => Standing::of(target).rank(),
            Self::Count(read) | Self::Losses(read) => read(target),
            Self::PerSecond(read) | Self::ErrorRatio(read) | Self::SuccessRatio(read) | Self::Score(read) => {
                millionths(read(target)?)
            }
            Self::Latency(read) | Self::Quantile(read, _) => read(target)?.0.into(),
            Self::Interval => micros(target.info.interval),
            // A probe that failed is worse than any that took its time.
            Self::Last => newest(target)?.map_or(u64::MAX, |latency| latency.0.into()),
            Self::Compared | Self::Drawn => 0,
        };
        Some(Key::Number(number))
    }

    pub(super) fn cell(&self, target: &TargetSnapshot, width: usize, glyphs: &Glyphs) -> (String, Role) {
        let loss = match target.errors_level {
            Level::Warning | Level::Critical => target.errors_level.into(),
            Level::Ok | Level::Unknown if target.stats.failed > 0 => Role::Text,
            Level::Ok | Level::Unknown => Role::Dim,
        };
        match self {
            Self::Level => {
                let standing = Standing::of(target);
                let words = match width < WORD {
                    true => standing.sign(glyphs).into(),
                    false => standing.words(glyphs),
                };
                (words, standing.role())
            }
            Self::Text(read) => (text::cut_middle(read(target).unwrap_or_default(), width), Role::Text),
            Self::PerSecond(read) => (format::rate(read(target)), Role::Dim),
            Self::Count(read) => (format::number_of(read(target)), Role::Dim),
            Self::Losses(read) => {
                let count = read(target);
                let role = if count > 0 { Role::Failure } else { Role::Dim };
                (format::number_of(count), role)
            }
            Self::ErrorRatio(read) => (format::share(read(target)), loss),
            Self::SuccessRatio(read) => (format::attained(read(target)), loss),
            Self::Score(read) => {
                let score = read(target);
                let words = score.map_or_else(|| format::ABSENT.into(), |score| format!("{score:.2}"));
                (words, known(score.is_some()))
            }
            Self::Latency(read) => {
                let latency = read(target);
                (format::latency(latency), known(latency.is_some()))
            }
            Self::Quantile(read, needed) => match read(target) {
                Some(latency) => (format::latency(Some(latency)), Role::Text),
                None => (format::so_far(target.stats.latency.count, *needed, width), Role::Dim),
            },
            Self::Interval => (format::interval(target.info.interval), Role::Dim),
            Self::Last => last(target),
            Self::Compared | Self::Drawn => (String::new(), Role::Bar),
        }
    }

    pub(super) fn value(&self, target: &TargetSnapshot) -> Option<Value> {
        let value = match self {
            Self::Level => Value::Text(target.level.name().into()),
            Self::Text(read) => Value::Text(Arc::from(read(target)?)),
            Self::Count(read) | Self::Losses(read) => Value::Int(i64::try_from(read(target)).unwrap_or(i64::MAX)),
            Self::PerSecond(read) | Self::ErrorRatio(read) | Self::SuccessRatio(read) | Self::Score(read) => {
                Value::Float(read(target)?)
            }
            Self::Latency(read) | Self::Quantile(read, _) => duration(read(target)?),
            Self::Interval => Value::Duration(target.info.interval),
            Self::Last => duration(newest(target)??),
            Self::Compared | Self::Drawn => return None,
        };
        Some(value)
    }

    pub(super) fn plausible(&self) -> Option<Value> {
        match self {
            Self::Level | Self::Text(_) => Some(Value::Text("x".into())),
            Self::Count(_) | Self::Losses(_) => Some(Value::Int(1)),
            Self::PerSecond(_) | Self::ErrorRatio(_) | Self::SuccessRatio(_) | Self::Score(_) => {
                Some(Value::Float(1.0))
            }
            Self::Latency(_) | Self::Quantile(..) | Self::Interval | Self::Last => {
                Some(Value::Duration(Duration::from_secs(1)))
            }
            Self::Compared | Self::Drawn => None,
        }
    }
}

/// Below this width a level is a glyph.
const WORD: usize = 5;

fn known(is_known: bool) -> Role {
    if is_known { Role::Text } else { Role::Dim }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

fn duration(latency: Micros) -> Value {
    Value::Duration(Duration::from_micros(latency.0.into()))
}

/// The latency of the newest probe, `Some(None)` when it failed.
fn newest(target: &TargetSnapshot) -> Option<Option<Micros>> {
    let last = target.last.as_deref()?;
    match &last.outcome {
        Outcome::Ok => Some(Some(last.latency)),
        Outcome::Failed(_) => Some(None),
    }
}

fn last(target: &TargetSnapshot) -> (String, Role) {
    let Some(last) = target.last.as_deref() else {
        return (format::ABSENT.into(), Role::Dim);
    };
    match last.outcome.failure() {
        Some(failure) => (failure.kind.name().into(), Role::Failure),
        None => (format::latency(Some(last.latency)), Role::Text),
    }
}
