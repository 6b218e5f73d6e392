//! What a chart of latencies draws: percentiles step by step, or, where a step holds a single probe, the probes themselves with
//! percentiles that roll over the last of them.

use probetop_core::sample::Micros;
use probetop_core::snapshot::{Point, TargetSnapshot, rolling};

use super::LINES;
use crate::ui::theme::{Pen, Role, Theme};
use crate::ui::widget::chart::{self, Line};
use crate::ui::widget::plot::Plot;
use crate::ui::widget::scale::LogAxis;

/// Probes that a rolling percentile is of: as many as p95 takes.
const ROLLING: usize = 20;

/// Of so many steps one may hold more than a probe where each is taken for a probe.
const ODD_ONE_IN: usize = 10;

/// One line or one kind of dots, step by step.
pub(crate) struct Series {
    /// For the legend.
    pub name: String,
    /// For the end of the line; `None` for dots.
    pub short: Option<&'static str>,
    pub role: Role,
    letter: &'static str,
    values: Vec<Option<Micros>>,
    fold: Fold,
}

/// What is drawn of the steps that share a column.
#[derive(Clone, Copy)]
enum Fold {
    Least,
    Middle,
    Greatest,
}

impl Fold {
    fn of(self, values: &[Option<Micros>]) -> Option<Micros> {
        let known = values.iter().flatten().copied();
        match self {
            Self::Least => known.min(),
            Self::Greatest => known.max(),
            Self::Middle => {
                let mut known: Vec<_> = known.collect();
                known.sort_unstable();
                known.get(known.len().checked_sub(1)? / 2).copied()
            }
        }
    }
}

/// Everything there is to draw of the points, what is drawn over the others last. A percentile that is nowhere another than the
/// one below it is left out. `is_coarse`: steps share columns, or are longer than a second.
pub(super) fn of(points: &[Point], is_coarse: bool, theme: &Theme) -> Vec<Series> {
    let mut all = Vec::new();
    if is_sparse(points) {
        if is_coarse {
            all.push(dots("max", Fold::Greatest, points, |point| point.max, theme));
            all.push(dots("min", Fold::Least, points, |point| point.max, theme));
        } else {
            all.push(dots("each probe", Fold::Greatest, points, |point| point.max, theme));
        }
        for (short, role, letter, quantile) in [("p95", Role::Series2, "5", 0.95), ("p50", Role::Series1, "o", 0.5)] {
            all.push(Series {
                name: format!("{short} of {ROLLING}"),
                short: Some(short),
                role,
                letter,
                values: rolling(points, ROLLING, quantile),
                fold: if quantile > 0.5 { Fold::Greatest } else { Fold::Middle },
            });
        }
    } else {
        if is_coarse {
            all.push(dots("max", Fold::Greatest, points, |point| point.max, theme));
            all.push(dots("min", Fold::Least, points, |point| point.min, theme));
        }
        all.extend(percentiles(points));
    }
    all.retain(|series| series.values.iter().any(Option::is_some));
    all
}

/// The line of one target among several: what is held against its limits, or where a step holds one probe, that.
pub(super) fn of_target(number: &'static str, role: Role, target: &TargetSnapshot) -> Series {
    let figure = |point: &Point| match is_sparse(&target.series) {
        true => point.max,
        false => target.limits.figure(point),
    };
    Series {
        name: String::new(),
        short: Some(number),
        role,
        letter: number,
        values: target.series.iter().map(figure).collect(),
        fold: Fold::Greatest,
    }
}

/// Whether a step holds one probe at most.
pub(super) fn is_sparse(points: &[Point]) -> bool {
    let measured = points.iter().filter(|point| point.attempts > 0).count();
    let more = points.iter().filter(|point| point.attempts > 1).count();
    measured > 0 && more * ODD_ONE_IN <= measured
}

fn dots(name: &str, fold: Fold, points: &[Point], value: super::Quantile, theme: &Theme) -> Series {
    Series {
        name: name.into(),
        short: None,
        role: Role::Text,
        letter: theme.glyphs.probe,
        values: points.iter().map(value).collect(),
        fold,
    }
}

fn percentiles(points: &[Point]) -> impl Iterator<Item = Series> {
    let differs = move |number: usize| {
        let (_, _, _, value) = LINES[number];
        let below = LINES.get(number + 1).map(|(_, _, _, below)| *below);
        below.is_none_or(|below| points.iter().any(|point| value(point) != below(point)))
    };
    (0..LINES.len())
        .filter(move |number| differs(*number))
        .map(move |number| {
            let (short, role, letter, value) = LINES[number];
            Series {
                name: short.into(),
                short: Some(short),
                role,
                letter,
                values: points.iter().map(value).collect(),
                fold: if short == "p50" { Fold::Middle } else { Fold::Greatest },
            }
        })
}

impl Series {
    /// The newest value up to a step.
    pub(crate) fn at(&self, plot: Plot, step: u64) -> Option<Micros> {
        let until = plot.timeline.within(&self.values, 0..step.saturating_add(1));
        until.iter().rev().find_map(|value| *value)
    }

    pub(crate) fn letter(&self) -> &'static str {
        self.letter
    }

    /// Placed on the axes.
    pub(crate) fn line(&self, axis: LogAxis, plot: Plot, theme: &Theme) -> Line {
        Line {
            heights: self.heights(axis, plot, theme),
            style: theme.style(self.role),
            letter: self.letter,
            joined: self.short.is_some(),
        }
    }

    /// A height for each column of dots, or where letters are drawn for each cell. A step that is stretched over some columns is
    /// where it ends, and the line leads there from the step before; a probe is one dot.
    fn heights(&self, axis: LogAxis, plot: Plot, theme: &Theme) -> Vec<Option<f64>> {
        let columns = plot.width() * chart::dots(theme.pen).0;
        let steps = |column: usize| match theme.pen {
            Pen::Dots => plot.timeline.steps(column),
            Pen::Letters => plot.steps(column),
        };
        let mut heights = vec![None; columns];
        let mut before: Option<(u64, f64)> = None;
        let mut column = 0;
        while column < columns {
            let shown = steps(column);
            let end = (column + 1..columns)
                .find(|other| steps(*other) != shown)
                .unwrap_or(columns);
            let value = shown
                .clone()
                .and_then(|shown| self.fold.of(plot.timeline.within(&self.values, shown)));
            let here = value.map(|value| axis.position(f64::from(value.0)));
            let is_on_axis = value.is_some_and(|value| axis.holds(f64::from(value.0)));
            let is_next = |(ended, _): &(u64, f64)| shown.as_ref().is_some_and(|shown| shown.start <= *ended);
            let from = before.filter(is_next).map(|(_, height)| height).or(here);
            for (number, height) in heights[column..end].iter_mut().enumerate() {
                let (Some(from), Some(here)) = (from, here) else { break };
                let share = (number + 1) as f64 / (end - column) as f64;
                *height = match (self.short, theme.pen) {
                    (Some(_), Pen::Dots) => Some(from + (here - from) * share),
                    (Some(_), Pen::Letters) => Some(here),
                    // A dot beyond the axis would stand for another value at its edge.
                    (None, _) => Some(here).filter(|_| number == (end - column) / 2 && is_on_axis),
                };
            }
            before = shown.zip(here).map(|(shown, here)| (shown.end, here));
            column = end;
        }
        heights
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::theme::{Depth, Glyphs};

    fn check(points: &[Point], is_coarse: bool, expected: &[&str]) {
        let theme = Theme::try_new("dark", Depth::None, Glyphs::UNICODE).unwrap();
        let names: Vec<_> = of(points, is_coarse, &theme)
            .into_iter()
            .map(|series| series.name)
            .collect();
        assert_eq!(names, expected);
    }

    fn point(attempts: u32, p50: u32, p95: u32, p99: u32) -> Point {
        Point {
            attempts,
            failed: 0,
            p50: Some(Micros(p50)),
            p95: Some(Micros(p95)),
            p99: Some(Micros(p99)),
            min: Some(Micros(p50)),
            max: Some(Micros(p99)),
        }
    }

    #[test]
    fn what_is_not_drawn_is_not_named() {
        check(&[point(10, 1, 3, 3); 40], false, &["p95", "p50"]);
        check(&[point(10, 1, 3, 4); 40], false, &["p99", "p95", "p50"]);
        check(&[point(10, 3, 3, 3); 40], false, &["p50"]);
        check(&[Point::default(); 40], true, &[]);
    }

    #[test]
    fn probes_are_dots_where_a_step_holds_one_and_a_percentile_rolls_over_them() {
        check(
            &[point(1, 3, 3, 3); 40],
            false,
            &["each probe", "p95 of 20", "p50 of 20"],
        );
        check(&[point(1, 3, 3, 3); 19], false, &["each probe", "p50 of 20"]);
        check(
            &[point(1, 3, 3, 3); 40],
            true,
            &["max", "min", "p95 of 20", "p50 of 20"],
        );
    }

    #[test]
    fn one_slow_second_is_seen_in_long_steps() {
        check(&[point(100, 1, 3, 4); 40], true, &["max", "min", "p99", "p95", "p50"]);
    }
}
