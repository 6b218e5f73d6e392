//! How a gauge went over the time axis, as bars.

use std::time::Duration;

use probetop_core::snapshot::Snapshot;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget as _;

use super::lap;
use crate::ui::theme::{Role, Theme};
use crate::ui::view::View;
use crate::ui::widget::scale;
use crate::ui::widget::sparkline::{Mark, Sparkline};

/// Draws `history`, which ends with the axis. `top` is what a full bar stands for; `None`: the greatest value shown,
/// rounded up to a 1-2-5 step.
pub(super) fn render(
    area: Rect,
    buf: &mut Buffer,
    history: &[Option<f32>],
    top: Option<f64>,
    snapshot: &Snapshot,
    view: &View,
    theme: &Theme,
) {
    let top = top.or_else(|| scale_of(history)).unwrap_or(1.0);
    let timeline = view.charts.timeline(usize::from(area.width), 1, snapshot);
    let marks = (0..timeline.columns()).map(|column| {
        let worst = timeline
            .points(history, column)
            .iter()
            .flatten()
            .copied()
            .max_by(f32::total_cmp);
        worst.map_or(Mark::Gap, |value| Mark::Bar(f64::from(value) / top))
    });
    let sparkline = Sparkline {
        marks,
        style: theme.style(Role::Bar),
        theme,
    };
    sparkline.render(area, buf);
    lap::over(area, buf, timeline);
}

/// With each value held until the next is due: what is read every few steps is no row of gaps.
pub(crate) fn held<T: Copy>(history: &[Option<T>], steps: usize) -> Vec<Option<T>> {
    let mut last: Option<(usize, T)> = None;
    let hold = |(index, value): (usize, &Option<T>)| {
        last = value.map(|value| (index, value)).or(last);
        last.filter(|(since, _)| index - since < steps.max(1))
            .map(|(_, value)| value)
    };
    history.iter().enumerate().map(hold).collect()
}

/// Steps of the axis from one reading to the next, of what is read at this interval.
pub(crate) fn steps_between(interval: Duration, snapshot: &Snapshot) -> usize {
    let step = snapshot.axis.step().as_secs_f64();
    (interval.as_secs_f64() / step).ceil() as usize
}

/// The greatest value, rounded up; `None` where nothing was read.
pub(super) fn scale_of(history: &[Option<f32>]) -> Option<f64> {
    let values = history.iter().flatten().map(|value| f64::from(*value));
    values.max_by(f64::total_cmp).map(scale::round_up)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_held_until_the_next_is_due_and_no_longer() {
        let history = [None, Some(1), None, None, None, Some(2), None];
        assert_eq!(
            held(&history, 3),
            [None, Some(1), Some(1), Some(1), None, Some(2), Some(2)]
        );
        assert_eq!(held(&history, 1), history);
        assert_eq!(held(&history, 0), history);
    }
}
